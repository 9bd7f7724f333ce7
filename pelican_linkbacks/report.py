"""Report: what a run says at its end, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pelican_linkbacks.addresses import printable
from pelican_linkbacks.config import PROTOCOL_NAMES, Config
from pelican_linkbacks.diff import News
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.moves import site_has_moved
from pelican_linkbacks.state import State

NOW = "pelican-linkbacks send"
LATER = f"{NOW} --wait 600"


def summary(new: int | None, settled: Sequence[Mention], state: State) -> str:
    """One line: what was new, sent (by protocol), waiting, without endpoint, failed.

    Args:
        new: how many mentions this run queued; None for a run that looks for none.
        settled: what was decided in this run.
        state: for what still waits.
    """
    outcomes = Counter(mention.outcome for mention in settled)
    protocols = Counter(m.protocol for m in settled if m.outcome is Outcome.SENT)
    sent = ", ".join(f"{protocols[name]} {name}" for name in PROTOCOL_NAMES if protocols[name])
    waiting = sum(mention.outcome is Outcome.WAITING for mention in state.mentions())
    failed = sum(outcomes[o] for o in (Outcome.FAILED, Outcome.GAVE_UP, Outcome.REFUSED))
    found = "" if new is None else f"{new} new, "
    return (
        f"Linkbacks: {found}{outcomes[Outcome.SENT]} sent{f' ({sent})' if sent else ''}, "
        f"{waiting} waiting, {outcomes[Outcome.NONE]} without endpoint, {failed} failed."
    )


def hints(news: News, settled: Sequence[Mention], state: State, config: Config) -> Iterator[str]:
    """What else an author should know after a build, and do; one line each.

    Args:
        news: what the diff has found.
        settled: what was decided in this run.
        state: as it stands now.
        config: settings of this build.
    """
    siteurl = config.siteurl
    moved = site_has_moved(state, siteurl)
    if moved:
        yield (
            f"  SITEURL is {siteurl}, but the state is of {state.siteurl}: nothing is sent. If the "
            "site has moved for good, run: pelican-linkbacks moved"
        )
    elif news.siteurl:
        yield f"  SITEURL was {news.siteurl} and is {siteurl} now; nothing is told again for that."
    if news.moved:
        yield (
            f"  {_count(news.moved, 'article')} {_are(news.moved)} at another URL than before; "
            "nothing is told again for that."
        )
    if waiting := [mention for mention in settled if mention.outcome is Outcome.WAITING]:
        yield f"  {waiting[0].answer}. After the upload, run: {LATER}"
    if old := len(news.came_to[Outcome.OLD]):
        yield f"  {_count(old, 'link')} that may be old {_are(old)} recorded and not told."
    if undecided := len(news.came_to[Outcome.UNDECIDED]):
        yield (
            f"  The live site could not be asked about {_count(undecided, 'link')}; the next build "
            "decides by the age of the articles."
        )
    if held := len(news.came_to[Outcome.HELD]):
        yield (
            f"  {_count(held, 'link')} new at once in old articles {_are(held)} held. To tell them "
            "after all, run: pelican-linkbacks release"
        )
    left = sum(mention.outcome is Outcome.QUEUED for mention in state.mentions())
    if left and config.send and config.time_budget <= config.request_timeout:
        yield (
            "  No build sends anything while LINKBACKS_TIME_BUDGET is not longer than "
            "LINKBACKS_REQUEST_TIMEOUT."
        )
    if left and not moved:
        yield f"  {_count(left, 'link')} {_are(left)} left to the next run, or to: {NOW}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def line(mention: Mention) -> str:
    """One mention in one line: what came of it, for which target, and why."""
    text = str(mention.outcome)
    if mention.outcome is Outcome.SENT:
        text += f" by {mention.protocol}"
    text += f": {mention.target}"
    if mention.answer:
        text += f" ({mention.answer})"
    if mention.next_attempt:
        text += f"; again after {mention.next_attempt:%Y-%m-%d %H:%M} UTC"
    return printable(text)


def by_article(mentions: Iterable[Mention]) -> dict[str, list[Mention]]:
    """Mentions grouped by the PATH of their article, in order."""
    groups: dict[str, list[Mention]] = {}
    for mention in sorted(mentions, key=lambda m: (m.article, m.target)):
        groups.setdefault(mention.article, []).append(mention)
    return groups
