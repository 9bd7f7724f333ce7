"""Own receiver: the list of approved mentions that it publishes, also as a file.

What all origins give is kept as the lines of such a list, one for each mention: most of them need
not be read, since nothing has changed in the pages that show them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pelican_linkbacks.config import PROTOCOL_NAMES
from pelican_linkbacks.received import KINDS, Received, moment, text

VERSION = 1

_TEXTS = ("source", "target", "protocol", "kind", "url", "title", "author", "excerpt")
# What is looked for in a line stands in front.
_KEPT = ("target", *(name for name in _TEXTS if name != "target"), "published", "received")
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_HEAD, _END = b'{"version": %d, "mentions": [' % VERSION, b"]}"
_TARGET = re.compile(rb'"target": ("(?:[^"\\]|\\.)*+")')


def listed(body: bytes) -> list[bytes]:
    """The lines of a ``received.json``.

    Args:
        body: the document.

    Raises:
        ValueError: it is no such list; its text says what it is instead.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    items = document.get("mentions") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise ValueError("it holds no list of mentions")
    if document.get("version") != VERSION:
        raise ValueError(f"its version is not {VERSION}: a newer pelican-linkbacks may read it")
    lines = _standing(body)
    if lines and len(lines) == len(items):
        return lines
    return _encoded(item for item in items if isinstance(item, dict))


def published(body: bytes) -> list[bytes]:
    """The same of what a receiver has published, which is not read if it looks as they write it: no
    hand has touched it.

    Args:
        body: the document.

    Raises:
        ValueError: it is no such list; its text says what it is instead.
    """
    return _standing(body) or listed(body)


def lines(mentions: Iterable[Received]) -> list[bytes]:
    """Mentions as lines."""
    return _encoded(
        {
            **mention._asdict(),
            "published": mention.published.isoformat() if mention.published else "",
        }
        for mention in mentions
    )


def _encoded(items: Iterable[dict[str, Any]]) -> list[bytes]:
    """What is known of items that name a page, one line for each, so that two files can be
    compared."""
    kept = [
        {name: value for name in _KEPT if isinstance(value := item.get(name), str)}
        for item in items
        if isinstance(item.get("target"), str)
    ]
    # In one call, for there may be thousands. In a text the quote would be escaped.
    lines = _ENCODER.encode(kept)[1:-1].replace('}, {"', '}\n{"')
    return lines.encode("utf-8", "replace").splitlines()


def document(lines: Iterable[bytes]) -> bytes:
    """Lines as a ``received.json``."""
    return b"%b\n%b\n%b" % (_HEAD, b",\n".join(lines), _END)


def _standing(body: bytes) -> list[bytes] | None:
    """The lines of a list as ``document`` writes it; None for any other."""
    head, *lines = body.split(b"\n")
    begin, ends = b'{"target": "', (b'"}', b'"},')
    if head != _HEAD or not lines or lines.pop() != _END:
        return None
    if not all(line.startswith(begin) and line.endswith(ends) for line in lines):
        return None
    return [line.removesuffix(b",") for line in lines]


def read(lines: Sequence[bytes]) -> list[Received]:
    """The mentions of lines; one that holds none is passed over."""
    items = _decoded(b"[%b]" % b",".join(lines))
    if items is None:
        # At most some of them are none: one call for all is the faster.
        items = [_decoded(line) for line in lines]
    return [_mention(item) for item in items if isinstance(item, dict)]


def _decoded(line: bytes) -> Any:
    """What JSON stands for; None if it is none."""
    try:
        return json.loads(line.decode())
    except (ValueError, RecursionError):
        return None


def by_target(lines: Iterable[bytes]) -> dict[str, list[bytes]]:
    """Lines by the URL of our page, found without reading them, which takes much longer."""
    spelt: dict[bytes, list[bytes]] = {}
    for line in lines:
        if named := _TARGET.search(line):
            spelt.setdefault(named[1], []).append(line)
    found: dict[str, list[bytes]] = {}
    for spelling, those in spelt.items():
        if target := text(_decoded(spelling)):
            found.setdefault(target, []).extend(those)
    return found


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
