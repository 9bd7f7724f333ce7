"""Placing: which received mentions belong to which article."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from pelican_linkbacks.config import PROTOCOL_NAMES
from pelican_linkbacks.received import Received
from pelican_linkbacks.urls import is_under, spelt_alike

_NEVER = datetime.max.replace(tzinfo=UTC)


def by_place(mentions: Iterable[Received], siteurl: str) -> dict[str, list[Received]]:
    """The mentions of each page of ours, each source once, the oldest first.

    A target is known by its path: so what was received under a former address of the site, or
    under http, still belongs to its page.

    Args:
        mentions: as their origins tell them.
        siteurl: SITEURL of the outermost site.

    Returns:
        By what ``place`` makes of a page's URL.
    """
    found: dict[str, dict[str, Received]] = {}
    # Of many mentions the targets are few.
    places: dict[str, str] = {}
    for mention in mentions:
        where = places.get(mention.target)
        if where is None:
            where = places[mention.target] = place(mention.target, siteurl)
        sources = found.setdefault(where, {})
        key = spelt_alike(mention.source)
        known = sources.get(key)
        sources[key] = max(known, mention, key=_worth) if known else mention
    return {where: sorted(sources.values(), key=_age) for where, sources in found.items()}


def place(url: str, siteurl: str) -> str:
    """What is compared of the URLs of our pages: the path below the site, not how it is spelt."""
    parts = urlsplit(url)
    base = urlsplit(siteurl).path.rstrip("/")
    path = parts.path[len(base) :] if is_under(url, [siteurl]) else parts.path
    query = f"?{parts.query}" if parts.query else ""
    return unquote(path).strip("/").removesuffix("index.html").rstrip("/") + query


def _worth(mention: Received) -> tuple[bool, bool, int]:
    order = (*PROTOCOL_NAMES, mention.protocol).index(mention.protocol)
    return bool(mention.author), bool(mention.excerpt), -order


def _age(mention: Received) -> tuple[datetime, str]:
    return mention.published or _NEVER, mention.source
