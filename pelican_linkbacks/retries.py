"""Retries: which mentions are due, and when one that failed is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from pelican_linkbacks.mention import DUE, Mention, Outcome, Reply
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import host_of

FIRST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(days=7)


def due(state: State, now: datetime) -> list[Mention]:
    """The mentions that may be told now, by the site that the state knows."""
    homes = {host_of(site) for site in state.sites}
    return [
        mention
        for mention in state.mentions()
        if mention.outcome in DUE
        and (mention.next_attempt is None or mention.next_attempt <= now)
        and host_of(mention.source) in homes
    ]


def after(mention: Mention, reply: Reply, max_attempts: int, now: datetime) -> Mention:
    """A mention as it stands after a reply: its outcome, and when it is tried again."""
    mention = replace(mention, answer=reply.answer, outcome=reply.outcome, next_attempt=None)
    if reply.outcome is Outcome.FAILED:
        if reply.pause is not None:
            return replace(mention, next_attempt=now + timedelta(seconds=reply.pause))
        attempts = mention.attempts + 1
        if attempts >= max_attempts:
            return replace(mention, attempts=attempts, outcome=Outcome.GAVE_UP)
        # Beyond a few steps it is the longest anyway, and then too long for a timedelta.
        pause = min(FIRST_PAUSE * 6 ** min(attempts - 1, 9), LONGEST_PAUSE)
        return replace(mention, attempts=attempts, next_attempt=now + pause)
    if reply.outcome is Outcome.SKIPPED:
        return replace(mention, attempts=mention.attempts + 1)
    if reply.outcome is Outcome.WAITING:
        return mention
    return replace(mention, excerpt=None, status_url=reply.status_url)
