"""Own receiver: the list of approved mentions that it publishes, also as a file."""

from __future__ import annotations

import json
from typing import Any

from pelican_linkbacks.config import PROTOCOL_NAMES
from pelican_linkbacks.received import KINDS, Received, moment, text

VERSION = 1

_TEXTS = ("source", "target", "protocol", "kind", "url", "title", "author", "excerpt")
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def mentions(body: bytes) -> list[Received]:
    """Read a ``received.json``.

    Args:
        body: the document.

    Raises:
        ValueError: it is no such list; its text says what it is instead.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    return listed(document)


def listed(document: Any) -> list[Received]:
    """The mentions of such a list once it is read as JSON.

    Raises:
        ValueError: it is none.
    """
    items = document.get("mentions") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise ValueError("it holds no list of mentions")
    if document.get("version") != VERSION:
        raise ValueError(f"its version is not {VERSION}: a newer pelican-linkbacks may read it")
    return [_mention(item) for item in items if isinstance(item, dict)]


def document(mentions: list[Received]) -> bytes:
    """The same list as a ``received.json``, one line for each mention, so that two can be
    compared."""
    lines = ",\n".join(_ENCODER.encode(_as_json(mention)) for mention in mentions)
    content = f'{{"version": {VERSION}, "mentions": [\n{lines}\n]}}\n'
    return content.encode("utf-8", "replace")


def _mention(item: dict[str, Any]) -> Received:
    texts = map(text, map(item.get, _TEXTS))
    source, target, protocol, kind, url, title, author, excerpt = texts
    return Received(
        source,
        target,
        protocol if protocol in PROTOCOL_NAMES else "",
        kind if kind in KINDS else "mention",
        url or source,
        title,
        author,
        excerpt,
        moment(item.get("published")) or moment(item.get("received")),
    )


def _as_json(mention: Received) -> dict[str, str]:
    return {
        "protocol": mention.protocol,
        "kind": mention.kind,
        "source": mention.source,
        "url": mention.url,
        "target": mention.target,
        "title": mention.title,
        "author": mention.author,
        "excerpt": mention.excerpt,
        "published": mention.published.isoformat() if mention.published else "",
    }
