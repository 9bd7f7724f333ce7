"""Removals: a link that its blog may know of and that is gone, so that this is to be told as well.

Webmention has a word for it: the same notice again, upon which the receiver finds no link any more
and drops its entry (section 3.2.2). Pingback and trackback have none.
"""

from __future__ import annotations

from dataclasses import replace

from pelican_linkbacks.mention import UNTOLD, Mention, Outcome
from pelican_linkbacks.protocols import webmention


def of(mention: Mention) -> Mention | None:
    """The removal of a mention whose link is gone; None if there is nothing to tell."""
    is_known_there = mention.outcome is Outcome.SENT or mention.asked_at
    if mention.removal or mention.protocol != webmention.NAME or not is_known_there:
        return None
    return replace(
        mention,
        outcome=Outcome.QUEUED,
        removal=True,
        attempts=0,
        next_attempt=None,
        paused_by=None,
        asked_at=None,
        answer=None,
        excerpt=None,
    )


def taken_back(mention: Mention) -> Mention:
    """A mention whose link is there again after its removal was queued: as it was, if nobody has
    heard of that; else it is to be told anew."""
    is_unheard = mention.outcome in UNTOLD and not mention.asked_at
    return replace(
        mention,
        outcome=Outcome.SENT if is_unheard else Outcome.QUEUED,
        removal=False,
        attempts=0,
        next_attempt=None,
        paused_by=None,
        answer=None,
    )
