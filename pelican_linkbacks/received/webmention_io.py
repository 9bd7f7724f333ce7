"""webmention.io: what that service has received (its API, ``/api/mentions.jf2``)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from pelican_linkbacks import prose
from pelican_linkbacks.protocols import pingback, webmention
from pelican_linkbacks.received import Received, moment, text
from pelican_linkbacks.urls import host_of

HOME = "https://webmention.io"
TOKEN = "WEBMENTION_IO_TOKEN"
"""The environment variable that holds the author's token."""

PAGE = 1000
"""Mentions that are asked for at once: as many as the service gives."""

_KINDS = {
    "in-reply-to": "reply",
    "rsvp": "reply",
    "like-of": "like",
    "repost-of": "repost",
    "bookmark-of": "bookmark",
    "mention-of": "mention",
}

_LONGEST = 20_000
"""Characters of HTML that are read where there is no text."""


def address(home: str, domain: str, token: str, number: int) -> str:
    """The URL of one page of the list.

    Args:
        home: of the service.
        domain: the host of our site.
        token: the author's.
        number: of the page, from 0.
    """
    asked = {"domain": domain, "token": token, "per-page": PAGE, "page": number}
    return f"{home.rstrip('/')}/api/mentions.jf2?{urlencode(asked)}"


def mentions(body: bytes) -> tuple[list[Received], bool]:
    """Read one page of the list.

    Args:
        body: a feed in JF2 (https://www.w3.org/TR/jf2/).

    Returns:
        Its mentions, without those that are private, and whether it may have a next page.

    Raises:
        ValueError: it is no such list; its text says what it is instead.
    """
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    children = feed.get("children") if isinstance(feed, dict) else None
    if not isinstance(children, list):
        raise ValueError("it holds no list of mentions")
    found = [
        _mention(item)
        for item in children
        # With the author's token, the service also tells what was sent to his eyes only.
        if isinstance(item, dict) and not item.get("wm-private")
    ]
    return found, len(children) >= PAGE


def _mention(item: dict[str, Any]) -> Received:
    relation = text(item.get("wm-property"))
    # Early releases, which some run themselves, name source and target by these alone.
    source = text(item.get("wm-source")) or text(item.get("url"))
    targets = (item.get("wm-target"), item.get(relation), item.get("in-reply-to"))
    name = text(item.get("wm-protocol"))
    return Received(
        source=source,
        target=next(filter(host_of, map(text, targets)), ""),
        protocol=name if name in {webmention.NAME, pingback.NAME} else webmention.NAME,
        kind=_KINDS.get(relation, "mention"),
        url=text(item.get("url")) or source,
        title=_words(item.get("name")),
        author=_author(item.get("author")),
        excerpt=_words(item.get("content")) or _words(item.get("summary")),
        published=moment(item.get("published")) or moment(item.get("wm-received")),
    )


def _author(value: object) -> str:
    """The name on a card; a card may also be its name alone, and there may be several."""
    first = value[0] if isinstance(value, list) and value else value
    return text(first.get("name")) if isinstance(first, dict) else text(first)


def _words(value: object) -> str:
    """Plain text: a text, or an object with one, or with HTML (JF2, 3.3.3)."""
    if not isinstance(value, dict):
        return text(value)
    is_html = value.get("content-type") == "text/html"
    words = text(value.get("text")) or ("" if is_html else text(value.get("value")))
    html = text(value.get("html")) or text(value.get("value"))
    if words or not html:
        return words
    # JSON may hold halves of characters, which lxml does not take.
    return prose.plain(html[:_LONGEST].encode("utf-8", "replace").decode())
