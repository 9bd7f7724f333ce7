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
        answers: URL of what it answers (RFC 4685), or "".
        verb: what it does to another page (Activity Streams 1.0: "like", "share"), or "".
        summary: as it stands there, if there is content besides.
    """

    url: str
    html: str
    full: bool
    title: str = ""
    author: str = ""
    author_url: str = ""
    published: datetime | None = None
    links: tuple[str, ...] = ()
    answers: str = ""
    verb: str = ""
    summary: str = ""


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
        return [_entry(item) for item in feed.entries] if feed.get("version") else None
    except Exception:  # noqa: BLE001 - what is bent trips feedparser in many ways
        return None


def _entry(item: Any) -> Entry:
    contents = [str(content.get("value", "")) for content in item.get("content", [])]
    summary = str(item.get("summary", ""))
    html = " ".join(contents) or summary
    answered = _attributes(item.get("thr_in-reply-to"))
    links = [link.get("href") for link in item.get("links", []) if link.get("rel") != "alternate"]
    # Asked for "updated", feedparser would warn where there is only "published".
    moments = [item[name] for name in ("published_parsed", "updated_parsed") if name in item]
    return Entry(
        str(item.get("link", "")),
        html,
        full=any(contents),
        title=str(item.get("title", "")),
        author=str(_attributes(item.get("author_detail")).get("name") or item.get("author", "")),
        published=next(filter(None, map(_moment, moments)), None),
        links=tuple(str(link) for link in (*links, item.get("activity_object")) if link),
        answers=str(answered.get("href") or answered.get("ref") or ""),
        author_url=str(_attributes(item.get("author_detail")).get("href") or ""),
        verb=str(item.get("activity_verb", "")).rpartition("/")[2],
        summary=summary if html != summary else "",
    )


def _attributes(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _moment(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None
