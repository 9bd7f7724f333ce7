"""Feeds: what a feed's entries carry."""

from __future__ import annotations

import calendar
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

SETTINGS = ("FEED_ALL_ATOM", "FEED_ATOM", "FEED_ALL_RSS", "FEED_RSS")
"""Pelican's settings that name a site's main feeds, the likeliest to be whole first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    Attributes:
        url: address of the page it stands for.
        html: its content, or else its summary.
        full: whether that is known to be the whole content.
        title: as it stands there, HTML or text.
        author: name of its author, or "".
        author_url: his address, or "".
        published: when (UTC), or None.
        links: the other URLs that it names as related to it.
    """

    url: str
    html: str
    full: bool
    title: str = ""
    author: str = ""
    author_url: str = ""
    published: datetime | None = None
    links: tuple[str, ...] = ()


def feed_urls(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The absolute URLs of a site's own main feeds, from Pelican's settings."""
    paths = [settings.get(f"{name}_URL") or settings.get(name) for name in SETTINGS]
    # A subsite inherits FEED_DOMAIN from the outermost site, while its feeds are under its own.
    bases = dict.fromkeys([settings.get("SITEURL"), settings.get("FEED_DOMAIN")])
    return tuple(
        urljoin(str(base).rstrip("/") + "/", str(path))
        for path in paths
        for base in bases
        if path and base
    )


def entries(body: bytes) -> list[Entry] | None:
    """The entries of an Atom or RSS feed; None if it is not a feed.

    Args:
        body: the document. Never an address: feedparser would fetch or open it.
    """
    import feedparser  # see ``run``: most builds never need it

    try:
        feed: Any = feedparser.parse(
            io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False
        )
    except Exception:  # noqa: BLE001 - what is bent trips feedparser in many ways
        return None
    if not feed.get("version"):
        return None
    return [_entry(item) for item in feed.entries]


def _entry(item: Any) -> Entry:
    contents = [str(content.get("value", "")) for content in item.get("content", [])]
    html = " ".join(contents) or str(item.get("summary", ""))
    answered = item.get("thr_in-reply-to") or {}
    links = [answered.get("href") if isinstance(answered, dict) else None]
    links += [link.get("href") for link in item.get("links", []) if link.get("rel") != "alternate"]
    return Entry(
        str(item.get("link", "")),
        html,
        full=any(contents),
        title=str(item.get("title", "")),
        author=str(item.get("author", "")),
        author_url=str((item.get("author_detail") or {}).get("href", "")),
        published=_moment(item.get("published_parsed") or item.get("updated_parsed")),
        links=tuple(str(link) for link in links if link),
    )


def _moment(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None
