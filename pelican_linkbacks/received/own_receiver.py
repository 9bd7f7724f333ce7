"""Own receiver: the list of approved mentions that it publishes, also as a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pelican_linkbacks.config import PROTOCOL_NAMES
from pelican_linkbacks.received import KINDS, Received, moment, text

VERSION = 1

_TEXTS = ("source", "target", "protocol", "kind", "url", "title", "author", "excerpt")
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_TARGET = re.compile(rb'"target": ("(?:[^"\\]|\\.)*+")')


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


def lines(mentions: Sequence[Received]) -> list[bytes]:
    """Mentions as a file holds them, one line for each, so that two files can be compared."""
    # In one call, for there may be thousands. In a text the quote would be escaped.
    listed = _ENCODER.encode([_as_json(mention) for mention in mentions])[1:-1]
    return listed.replace('}, {"', '}\n{"').encode("utf-8", "replace").splitlines()


def document(lines: Iterable[bytes]) -> bytes:
    """Such lines as a ``received.json``."""
    return b'{"version": %d, "mentions": [\n%b\n]}' % (VERSION, b",\n".join(lines))


def read(line: bytes) -> Received | None:
    """The mention of such a line; None if it holds none."""
    try:
        item = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return _mention(item) if isinstance(item, dict) else None


def by_target(lines: Iterable[bytes]) -> dict[str, list[bytes]]:
    """Such lines by the URL of our page, found without reading them, which takes much longer."""
    found: dict[bytes, list[bytes]] = {}
    for line in lines:
        if named := _TARGET.search(line):
            found.setdefault(named[1], []).append(line)
    return {json.loads(target.decode()): those for target, those in found.items()}


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
        # In front, where it is found the soonest.
        "target": mention.target,
        "protocol": mention.protocol,
        "kind": mention.kind,
        "source": mention.source,
        "url": mention.url,
        "title": mention.title,
        "author": mention.author,
        "excerpt": mention.excerpt,
        "published": mention.published.isoformat() if mention.published else "",
    }
