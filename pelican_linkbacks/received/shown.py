"""Shown: a received mention as themes print it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import MAXYEAR, MINYEAR, datetime
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from pelican_linkbacks.received import Received, safe
from pelican_linkbacks.received.breaks import breakable
from pelican_linkbacks.urls import host_of

LONGEST_TITLE, LONGEST_AUTHOR, LONGEST_EXCERPT = 250, 100, 500


class Shown(NamedTuple):
    """A mention; whatever is printed of it is escaped already, once, and ``|e`` leaves it so.

    Attributes:
        protocol: "webmention", "pingback", "trackback" or "".
        kind: "mention", "reply", "like", "repost" or "bookmark".
        url: http(s) URL of the source.
        title: of the source; its author or host where it has none.
        author: name, or "".
        excerpt: what it says, or "".
        published: when (UTC), a moment that every time zone can tell; or None.
        host: of the source.
        rel: for a link to it.
    """

    protocol: str
    kind: str
    url: Markup
    title: Markup
    author: Markup
    excerpt: Markup
    published: datetime | None
    host: Markup
    rel: Markup


def shown(mention: Received, rel: Markup, follow: Collection[str]) -> Shown | None:
    """A mention as it may be printed; None if its URL is none that one should link to.

    Args:
        mention: as its origin tells it.
        rel: LINKBACKS_REL, escaped.
        follow: LINKBACKS_FOLLOW: hosts, in small letters, that are spared it, with all below them.
    """
    url = safe.url(mention.url or mention.source) or safe.url(mention.source)
    if url is None:
        return None
    name = host_of(url)
    host = _host(name)
    author = _author(mention.author)
    return Shown(
        mention.protocol,
        mention.kind,
        url,
        safe.text(mention.title, LONGEST_TITLE) or author or host,
        author,
        safe.text(mention.excerpt, LONGEST_EXCERPT),
        _told_in_any_zone(mention.published),
        host,
        Markup() if follow and _is_spared(name, follow) else rel,
    )


# Few people write most of what is said of a site.
@lru_cache(maxsize=1024)
def _host(name: str) -> Markup:
    return escape(breakable(name))


@lru_cache(maxsize=1024)
def _author(name: str) -> Markup:
    return safe.text(name, LONGEST_AUTHOR)


def _told_in_any_zone(when: datetime | None) -> datetime | None:
    """The same; None on the first and the last days that Python knows, which are others' jokes."""
    return when if when and MINYEAR < when.year < MAXYEAR else None


def _is_spared(host: str, follow: Collection[str]) -> bool:
    name = host.partition(":")[0]
    return any(name == spared or name.endswith(f".{spared}") for spared in follow)
