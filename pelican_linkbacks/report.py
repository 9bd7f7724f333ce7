"""Report: what a run says at its end, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from pelican_linkbacks import records
from pelican_linkbacks.addresses import printable
from pelican_linkbacks.config import PROTOCOL_NAMES, Config
from pelican_linkbacks.mention import UNTOLD, Mention, Outcome, Receipt
from pelican_linkbacks.moves import site_has_moved
from pelican_linkbacks.news import News
from pelican_linkbacks.retries import is_paused
from pelican_linkbacks.state import State

NOW = "pelican-linkbacks send"
MOST_HOSTS = 3
"""As many are named in one line."""

LATER = f"{NOW} --wait 600"

NO_TIME = (
    "  No build sends anything while LINKBACKS_TIME_BUDGET is not longer than "
    "LINKBACKS_REQUEST_TIMEOUT."
)

GONE = "the link is gone"

MEANINGS = {
    Outcome.QUEUED: "told by the next run that sends",
    Outcome.UNDECIDED: "the live site could not be asked about it; the next build decides",
    Outcome.HELD: "one of many at once; to tell them: pelican-linkbacks release",
}
"""What an outcome means for what comes next, where nobody has said anything."""

RECEIPTS = {
    Receipt.SHOWN: "shown there",
    Receipt.HELD: "held there, perhaps for approval",
    Receipt.HIDDEN: "not to be seen there",
}
"""What is said of a mention that was told."""


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
    waits_for_page = mention.outcome is Outcome.WAITING
    return not mention.removal and (waits_for_page or is_paused(mention))


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
    yield from addresses(news, state, config.siteurl)
    if waiting := [m for m in settled if m.outcome is Outcome.WAITING and not m.removal]:
        yield f"  {waiting[0].answer}. After the upload, run: {LATER}"
    if paused := [m for m in state.mentions() if is_paused(m)]:
        hosts = sorted({str(mention.paused_by) for mention in paused})
        yield (
            f"  {count(len(paused), 'link')} {_wait(len(paused))} for {_listed(hosts)}: told by "
            f"the next build, or by: {NOW}"
        )
    if old := sum(is_hidden(change.mention) for change in news.came_to[Outcome.OLD]):
        yield f"  {count(old, 'link')} that may be old {_are(old)} recorded and not told."
    if undecided := len(news.came_to[Outcome.UNDECIDED]):
        yield (
            f"  The live site could not be asked about {count(undecided, 'link')}; the next build "
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
                    f"  {count(number, 'link')} {what} {_are(number)} held. To tell them after "
                    "all, run: pelican-linkbacks release"
                )
    left = sum(mention.outcome is Outcome.QUEUED for mention in state.mentions())
    if left and config.send and config.time_budget <= config.request_timeout:
        yield NO_TIME
    if left and not site_has_moved(state, config.siteurl):
        yield f"  {count(left, 'link')} {_are(left)} left to the next run, or to: {NOW}"
    if is_first and any(mention.outcome in UNTOLD for mention in state.mentions()):
        yield (
            f"  There was no state before: keep {state.path.name} for the next build. Without it, "
            "what is not told yet is told by a send on these same files, or never."
        )


def addresses(news: News, state: State, siteurl: str) -> Iterator[str]:
    """What is at another address than before, and what that means; one line each.

    Args:
        news: what the diff has found.
        state: with that in it.
        siteurl: SITEURL of this build.
    """
    if site_has_moved(state, siteurl):
        yield (
            f"  SITEURL is {siteurl}, but the state is of {state.siteurl}: nothing is sent. If the "
            "site has moved for good, run: pelican-linkbacks moved"
        )
    elif news.siteurl:
        yield f"  SITEURL was {news.siteurl} and is {siteurl} now; nothing is told again for that."
    if news.moved:
        yield (
            f"  {count(news.moved, 'article')} {_are(news.moved)} at another URL than before; "
            "nothing is told again for that."
        )


def count(number: int, noun: str) -> str:
    """A number and its noun, in the plural where it has to be."""
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


def details(mention: Mention) -> str:
    """The reason of a mention, and the protocol it was told by; "" if its outcome says all."""
    told_by = f"by {mention.protocol}" if mention.outcome is Outcome.SENT else ""
    return ": ".join(part for part in (told_by, reason(mention)) if part)


def reason(mention: Mention) -> str:
    """Why a mention is where it is, and what comes next; "" if its outcome says all."""
    answer = mention.answer or MEANINGS.get(mention.outcome, "")
    parts = [answer] if answer else []
    if mention.removal and not answer.startswith(GONE):
        parts.insert(0, GONE)
    if mention.outcome is Outcome.GAVE_UP and mention.attempts:
        parts.append(f"given up after {count(mention.attempts, 'attempt')}")
    if mention.receipt and mention.receipt_at:
        parts.append(f"{RECEIPTS[mention.receipt]} at {_time(mention.receipt_at)}")
    if mention.asked_at:
        parts.append(f"a run broke off while this was told, at {_time(mention.asked_at)}")
    if mention.next_attempt:
        is_due = mention.next_attempt <= datetime.now(UTC)
        parts.append(f"{'due since' if is_due else 'again at'} {_time(mention.next_attempt)}")
    return "; ".join(parts)


def is_hidden(mention: Mention) -> bool:
    """Whether a mention is left out where none is asked for: old, with nothing to say of it."""
    return mention.outcome is Outcome.OLD and not mention.answer


def as_json(mention: Mention) -> dict[str, Any]:
    """A mention for programs; what they find in it stays as it is from release to release."""
    return {
        "source": mention.source,
        "target": mention.target,
        "outcome": str(mention.outcome),
        "protocol": mention.protocol,
        "endpoint": mention.endpoint,
        "found_by": mention.found_by,
        "attempts": mention.attempts,
        "next_attempt": mention.next_attempt and records.written(mention.next_attempt),
        "answer": mention.answer,
        "first_seen": mention.first_seen and records.written(mention.first_seen),
        "receipt": str(mention.receipt) if mention.receipt else None,
    }


def by_outcome(mentions: Iterable[Mention]) -> str:
    """How many mentions have come to what; "none" if there are none."""
    counts = Counter(mention.outcome for mention in mentions)
    return ", ".join(f"{counts[name]} {name}" for name in Outcome if counts[name]) or "none"


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
