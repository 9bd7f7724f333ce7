"""Retries: which mentions are due, and when one that failed is tried again."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from pelican_linkbacks.config import Config
from pelican_linkbacks.mention import DUE, Mention, Outcome, Reply
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import host_of

FIRST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(days=7)

JITTER = 0.25
"""Up to this share is added to each pause, so that what failed together does not come together."""


REMOVED = "the link is gone, and its blog was told so"


def due(
    state: State, now: datetime, patience: timedelta = timedelta(), *, uploaded: bool = False
) -> list[Mention]:
    """The mentions that may be told now, by the site that the state knows.

    Those come first that were tried least, so that what fails never stands before what may not.

    Args:
        state: the state.
        now: the time (aware).
        patience: a pause that was asked for and ends within it is sat out.
        uploaded: whether our pages may have changed just now, so that what waits for them is due.
    """
    homes = {host_of(site) for site in state.sites}
    found = []
    for mention in state.mentions():
        start = now + patience if mention.paused_by else now
        is_time = mention.next_attempt is None or mention.next_attempt <= start
        is_time = is_time or (uploaded and mention.outcome is Outcome.WAITING)
        if mention.outcome in DUE and is_time and host_of(mention.source) in homes:
            found.append(mention)
    return sorted(found, key=lambda mention: mention.attempts)


def after(mention: Mention, reply: Reply, max_attempts: int, now: datetime) -> Mention:
    """A mention as it stands after a reply: its outcome, and when it is tried again."""
    mention = replace(
        mention,
        answer=reply.answer,
        outcome=reply.outcome,
        next_attempt=None,
        paused_by=reply.paused_by,
        asked_at=None,
    )
    # A link may be gone from an article and stay on its page for ever, by the theme's doing or
    # since nobody deletes the page.
    if reply.outcome is Outcome.FAILED or (mention.removal and reply.outcome is Outcome.WAITING):
        if reply.pause is not None:
            return replace(mention, next_attempt=now + timedelta(seconds=reply.pause))
        attempts = mention.attempts + 1
        if attempts >= max_attempts:
            return replace(mention, attempts=attempts, outcome=Outcome.GAVE_UP)
        return replace(mention, attempts=attempts, next_attempt=now + _pause(attempts))
    if reply.outcome is Outcome.SKIPPED:
        return replace(mention, attempts=mention.attempts + 1)
    if reply.outcome is Outcome.WAITING:
        return mention
    if reply.outcome is Outcome.SENT and mention.removal:
        return replace(mention, outcome=Outcome.WITHDRAWN, removal=False, answer=REMOVED)
    # A refusal is final, but the author may have it tried again.
    is_kept = reply.outcome is Outcome.REFUSED and mention.protocol == "trackback"
    excerpt = mention.excerpt if is_kept else None
    # To the second, as the state file has it.
    sent_at = now.replace(microsecond=0)
    told_at = sent_at if reply.outcome is Outcome.SENT else mention.told_at
    return replace(mention, excerpt=excerpt, status_url=reply.status_url, told_at=told_at)


def anew(mention: Mention) -> Mention:
    """A mention that is queued as if it was never tried."""
    return replace(
        mention,
        outcome=Outcome.QUEUED,
        attempts=0,
        next_attempt=None,
        paused_by=None,
        answer=None,
        told_at=None,
        receipt=None,
        receipt_at=None,
    )


def is_paused(mention: Mention) -> bool:
    """Whether a mention waits for the end of a pause that its host asked for."""
    return mention.outcome is Outcome.FAILED and mention.paused_by is not None


def patience(config: Config, budget: float) -> timedelta:
    """How long a pause may last that is sat out within a time budget (seconds)."""
    return timedelta(seconds=max(budget - config.request_timeout, 0))


def _pause(attempts: int) -> timedelta:
    # Beyond a few steps it is the longest anyway, and then too long for a timedelta.
    steps = min(attempts - 1, 9)
    pause: timedelta = FIRST_PAUSE * 6**steps
    return min(pause * random.uniform(1, 1 + JITTER), LONGEST_PAUSE)
