"""Plan: what a build would do with each link, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from pelican_linkbacks import report
from pelican_linkbacks.config import Config
from pelican_linkbacks.mention import UNTOLD, Mention, Outcome
from pelican_linkbacks.moves import site_has_moved
from pelican_linkbacks.news import News
from pelican_linkbacks.retries import due, patience
from pelican_linkbacks.state import State

MOST_OLD = 20
"""If more links than this would be recorded as old, they are counted and not listed."""


class Step(Enum):
    """What a build would do with a link: in the words before its URL, and in those of the sum,
    with the number of links in place of ``{}``."""

    TELL = "would be told", "tell of {}"
    AGAIN = "would be tried again", "try {} again"
    GONE = "the blog would be told that the link is gone", "tell that {} went"
    QUEUE = "would be queued", "queue {}"
    HOLD = "would be held", "hold {}"
    UNDECIDED = "would be left undecided", "leave {} undecided"
    OLD = "would be recorded as old", "record {} as old"
    SKIP = "would be left out", "leave out {}"
    WITHDRAW = "would be withdrawn", "withdraw {}"
    KEEP = "would be recorded as told", "record {} as told"
    WAIT = "would wait", "let {} wait"

    @property
    def said(self) -> str:
        """The words before a link."""
        return self.value[0]

    def counted(self, number: int) -> str:
        """The words of the sum."""
        return self.value[1].format(report.count(number, "link"))


_CHANGES = {
    Outcome.QUEUED: Step.QUEUE,
    Outcome.HELD: Step.HOLD,
    Outcome.UNDECIDED: Step.UNDECIDED,
    Outcome.OLD: Step.OLD,
    Outcome.SKIPPED: Step.SKIP,
    Outcome.WITHDRAWN: Step.WITHDRAW,
    Outcome.SENT: Step.KEEP,
}
"""What a diff does, where nothing is told at once."""


class Entry(NamedTuple):
    """A mention, what would be done with it, and why."""

    mention: Mention
    step: Step
    why: str


def lines(news: News, state: State, config: Config, now: datetime) -> Iterator[str]:
    """What a build would do, by article, and in one line at the end.

    Whether our pages are online is not looked at.

    Args:
        news: what the diff of this build has found.
        state: with all of that in it, and not saved.
        config: settings of this build.
        now: when it would begin (aware).
    """
    sends = config.send and not site_has_moved(state, config.siteurl)
    sends = sends and config.time_budget > config.request_timeout
    entries = _entries(news, state, _due(state, config, now) if sends else set())
    steps = Counter(entry.step for entry in entries)
    for article, listed in _by_article(entries):
        yield article
        told = steps[Step.OLD] <= MOST_OLD
        yield from (f"  {_line(e)}" for e in listed if told or e.step is not Step.OLD)
        if not told:
            olds = Counter(entry.why for entry in listed if entry.step is Step.OLD)
            for why, number in olds.items():
                yield f"  {Step.OLD.said}: {report.count(number, 'link')} ({why})"
    would = ", ".join(step.counted(steps[step]) for step in Step if steps[step])
    yield f"A build would {would or 'change nothing'}; nothing was sent or written."
    if config.check_online and (steps[Step.TELL] or steps[Step.AGAIN]):
        yield "  A link is told only when its page is online; until then it waits."
    yield from report.addresses(news, state, config.siteurl)
    if not config.send:
        yield f"  LINKBACKS_SEND is False: a build only queues. To tell, run: {report.NOW}"
    elif not sends and not site_has_moved(state, config.siteurl):
        yield report.NO_TIME


def _due(state: State, config: Config, now: datetime) -> set[Mention]:
    """What a build would try to tell, with nothing spent of its time."""
    return set(due(state, now, patience(config, config.time_budget)))


def _entries(news: News, state: State, told: set[Mention]) -> list[Entry]:
    changes = [change for changes in news.came_to.values() for change in changes]
    whys = {(change.mention.article, change.mention.target): change.why for change in changes}
    found = []
    for mention in state.mentions():
        why = whys.get((mention.article, mention.target))
        if step := _step(mention, is_news=why is not None, is_told=mention in told):
            why = report.reason(mention) if why is None else why
            if step is Step.GONE:
                why = why.removeprefix(report.GONE).removeprefix("; ")
            found.append(Entry(mention, step, why))
    return found


def _step(mention: Mention, *, is_news: bool, is_told: bool) -> Step | None:
    """None where nothing would be done, and nothing waits to be done."""
    if is_told and mention.removal:
        return Step.GONE
    if is_told:
        return Step.TELL if mention.outcome is Outcome.QUEUED else Step.AGAIN
    if is_news:
        return _CHANGES.get(mention.outcome)
    return Step.WAIT if mention.outcome in UNTOLD else None


def _by_article(entries: Iterable[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.mention.article, []).append(entry)
    yield from sorted(groups.items())


def _line(entry: Entry) -> str:
    why = f" ({entry.why})" if entry.why else ""
    return f"{entry.step.said}: {entry.mention.target}{why}"
