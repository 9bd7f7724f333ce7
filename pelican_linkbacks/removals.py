"""Removals: a link that its blog may know of and that is gone, so that this is to be told as well.

Webmention has a word for it: the same notice again, upon which the receiver finds no link any more
and drops its entry (section 3.2.2). Pingback and trackback have none.
"""

from __future__ import annotations

from dataclasses import replace

from pelican_linkbacks.mention import UNTOLD, Mention, Outcome
from pelican_linkbacks.protocols import webmention
from pelican_linkbacks.retries import anew


def of(mention: Mention) -> Mention | None:
    """The removal of a mention whose link is gone; None if there is nothing to tell."""
    is_known_there = mention.outcome is Outcome.SENT or mention.asked_at
    if mention.removal or mention.protocol != webmention.NAME or not is_known_there:
        return None
    return replace(anew(mention), removal=True, asked_at=None, excerpt=None)


def taken_back(mention: Mention) -> Mention:
    """A mention whose link is there again after its removal was queued: as it was, if nobody has
    heard of that; else it is to be told anew."""
    is_unheard = mention.outcome in UNTOLD and not mention.asked_at
    queued = replace(anew(mention), removal=False)
    return replace(queued, outcome=Outcome.SENT) if is_unheard else queued
