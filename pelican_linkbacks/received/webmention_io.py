"""webmention.io: what that service has received (its API, ``/api/mentions.jf2``)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from pelican_linkbacks.protocols import pingback, webmention
from pelican_linkbacks.received import Received, moment, text

HOME = "https://webmention.io"
TOKEN = "WEBMENTION_IO_TOKEN"
"""The environment variable that holds the author's token."""

PAGE = 1000
"""Mentions that are asked for at once."""

_KINDS = {
    "in-reply-to": "reply",
    "like-of": "like",
    "repost-of": "repost",
    "bookmark-of": "bookmark",
    "mention-of": "mention",
}


def address(home: str, domain: str, token: str, number: int) -> str:
    """The URL of one page of the list.

    Args:
        home: of the service.
        domain: the host of our site.
        token: the author's.
        number: of the page, from 0.
    """
    asked = {"domain": domain, "token": token, "per-page": PAGE, "page": number}
    return f"{home}/api/mentions.jf2?{urlencode(asked)}"


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
    found = [_mention(item) for item in children if isinstance(item, dict) and _is_public(item)]
    return found, len(children) >= PAGE


def _is_public(item: dict[str, Any]) -> bool:
    return item.get("wm-private") is not True


def _mention(item: dict[str, Any]) -> Received:
    author, content = (_object(item.get(name)) for name in ("author", "content"))
    source = text(item.get("wm-source"))
    name = text(item.get("wm-protocol"))
    return Received(
        source=source,
        target=text(item.get("wm-target")),
        protocol=name if name in {webmention.NAME, pingback.NAME} else webmention.NAME,
        kind=_KINDS.get(text(item.get("wm-property")), "mention"),
        url=text(item.get("url")) or source,
        title=text(item.get("name")),
        author=text(author.get("name")),
        excerpt=text(content.get("text")) or text(_object(item.get("summary")).get("value")),
        published=moment(item.get("published")) or moment(item.get("wm-received")),
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
