"""Twins: a link and a ``Trackbacks:`` URL of one article that lead to the same entry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from pelican_linkbacks.mention import NAMED, Endpoint, Mention, Outcome, Reply
from pelican_linkbacks.sender import Found
from pelican_linkbacks.urls import host_of, spelt_alike

_LEFT_OUT = frozenset({Outcome.WITHDRAWN, Outcome.SKIPPED})


def named(found: Found, others: Iterable[Mention]) -> Mention | None:
    """The ``Trackbacks:`` URL that a link's page offers: the author's own word goes before what
    is discovered.

    Args:
        found: what the page offers.
        others: the mentions of the same article.
    """
    for other in others:
        is_named = other.found_by == NAMED and other.outcome not in _LEFT_OUT
        if is_named and _offers(found, other.target):
            return other
    return None


async def told(
    mention: Mention, others: Iterable[Mention], discover: Callable[[str], Awaitable[Found]]
) -> Mention | None:
    """The link that has told the entry of a ``Trackbacks:`` URL before.

    Args:
        mention: the trackback URL that is named.
        others: the mentions of the same article.
        discover: finds what a target offers.
    """
    for other in others:
        if other.found_by == NAMED or other.outcome is not Outcome.SENT:
            continue
        found: Found = [Endpoint(other.endpoint or "", "", "")]
        if other.protocol != "trackback" and host_of(other.target) == host_of(mention.target):
            # What else that page offers was not kept.
            found = await discover(other.target)
        if _offers(found, mention.target):
            return other
    return None


def _offers(found: Found, url: str) -> bool:
    offered = [] if isinstance(found, Reply) else [spelt_alike(e.url) for e in found]
    return spelt_alike(url) in offered
