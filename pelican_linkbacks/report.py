"""Report: what a run says at its end, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pelican_linkbacks.addresses import printable
from pelican_linkbacks.config import PROTOCOL_NAMES, Config
from pelican_linkbacks.mention import UNTOLD, Mention, Outcome
from pelican_linkbacks.moves import site_has_moved
from pelican_linkbacks.news import News
from pelican_linkbacks.state import State

NOW = "pelican-linkbacks send"
MOST_HOSTS = 3
"""As many are named in one line."""

LATER = f"{NOW} --wait 600"


def summary(new: int | None, settled: Sequence[Mention], state: State) -> str:
    """One line: what was new, sent (by protocol), waiting, without endpoint, failed.

    Args:
        new: how many mentions this run queued; None for a run that looks for none.
        settled: what was decided in this run.
        state: for what still waits.
    """
    told = [mention for mention in settled if not mention.removal and not mention.paused_by]
    outcomes = Counter(mention.outcome for mention in told)
    protocols = Counter(m.protocol for m in settled if m.outcome is Outcome.SENT)
    sent = ", ".join(f"{protocols[name]} {name}" for name in PROTOCOL_NAMES if protocols[name])
    waiting = sum(waits(mention) for mention in state.mentions())
    failed = sum(outcomes[o] for o in (Outcome.FAILED, Outcome.GAVE_UP, Outcome.REFUSED))
    found = "" if new is None else f"{new} new, "
    removed = f"{outcomes[Outcome.WITHDRAWN]} removed, " if outcomes[Outcome.WITHDRAWN] else ""
    return (
        f"Linkbacks: {found}{outcomes[Outcome.SENT]} sent{f' ({sent})' if sent else ''}, {removed}"
        f"{waiting} waiting, {outcomes[Outcome.NONE]} without endpoint, {failed} failed."
    )


def waits(mention: Mention) -> bool:
    """Whether a new link waits for our own page, or for the end of a pause."""
    is_paused = mention.outcome is Outcome.FAILED and mention.paused_by is not None
    return not mention.removal and (mention.outcome is Outcome.WAITING or is_paused)


def hints(
    news: News,
    settled: Sequence[Mention],
    state: State,
    config: Config,
    *,
    is_first: bool = False,
) -> Iterator[str]:
    """What else an author should know after a build, and do; one line each.

    Args:
        news: what the diff has found.
        settled: what was decided in this run.
        state: as it stands now.
        config: settings of this build.
        is_first: whether there was no state before.
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
    if waiting := [m for m in settled if m.outcome is Outcome.WAITING and not m.removal]:
        yield f"  {waiting[0].answer}. After the upload, run: {LATER}"
    if paused := [m for m in state.mentions() if m.outcome is Outcome.FAILED and m.paused_by]:
        hosts = sorted({str(mention.paused_by) for mention in paused})
        yield (
            f"  {_count(len(paused), 'link')} {_wait(len(paused))} for {_listed(hosts)}: told by "
            f"the next build, or by: {NOW}"
        )
    if old := len(news.came_to[Outcome.OLD]):
        yield f"  {_count(old, 'link')} that may be old {_are(old)} recorded and not told."
    if undecided := len(news.came_to[Outcome.UNDECIDED]):
        yield (
            f"  The live site could not be asked about {_count(undecided, 'link')}; the next build "
            "decides by the age of the articles."
        )
    if held := [change.mention for change in news.came_to[Outcome.HELD]]:
        removed = sum(mention.removal for mention in held)
        for number, what in (
            (len(held) - removed, "new at once in old articles"),
            (removed, "gone at once"),
        ):
            if number:
                yield (
                    f"  {_count(number, 'link')} {what} {_are(number)} held. To tell them after "
                    "all, run: pelican-linkbacks release"
                )
    left = sum(mention.outcome is Outcome.QUEUED for mention in state.mentions())
    if left and config.send and config.time_budget <= config.request_timeout:
        yield (
            "  No build sends anything while LINKBACKS_TIME_BUDGET is not longer than "
            "LINKBACKS_REQUEST_TIMEOUT."
        )
    if left and not moved:
        yield f"  {_count(left, 'link')} {_are(left)} left to the next run, or to: {NOW}"
    if is_first and any(mention.outcome in UNTOLD for mention in state.mentions()):
        yield (
            f"  There was no state before: keep {state.path.name} for the next build. Without it, "
            "what is not told yet is told by a send on these same files, or never."
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_HOSTS])
    return shown if len(names) <= MOST_HOSTS else f"{shown} and {len(names) - MOST_HOSTS} more"


def line(mention: Mention) -> str:
    """One mention in one line: what came of it, for which target, and why."""
    why = reason(mention)
    return printable(f"{label(mention)}: {mention.target}{f' ({why})' if why else ''}")


def label(mention: Mention) -> str:
    """What came of a mention, in a word or three."""
    text = f"removal {mention.outcome}" if mention.removal else str(mention.outcome)
    return f"{text} by {mention.protocol}" if mention.outcome is Outcome.SENT else text


def reason(mention: Mention) -> str:
    """Why a mention is where it is, and what comes next; "" if its outcome says all."""
    parts = [mention.answer] if mention.answer else []
    if mention.asked_at:
        parts.append(
            f"a run broke off while this was told, at {_time(mention.asked_at)}; told again"
        )
    if mention.next_attempt:
        parts.append(f"again at {_time(mention.next_attempt)}")
    return "; ".join(parts)


def _time(moment: datetime) -> str:
    """A moment in the author's own time; without the date if that is today's."""
    local = moment.astimezone()
    is_today = local.date() == datetime.now().astimezone().date()
    return f"{local:%H:%M}" if is_today else f"{local:%Y-%m-%d %H:%M}"


def by_article(mentions: Iterable[Mention]) -> dict[str, list[Mention]]:
    """Mentions grouped by the PATH of their article, in order."""
    groups: dict[str, list[Mention]] = {}
    for mention in sorted(mentions, key=lambda m: (m.article, m.target)):
        groups.setdefault(mention.article, []).append(mention)
    return groups
