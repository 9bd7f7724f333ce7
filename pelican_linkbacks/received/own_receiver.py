"""Own receiver: the list of approved mentions that it publishes, also as a file.

What all origins give is kept as the lines of such a list, one for each mention: most of them need
not be read, since nothing has changed in the pages that show them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pelican_linkbacks.config import PROTOCOL_NAMES
from pelican_linkbacks.received import KINDS, Received, moment, text

VERSION = 1

HEAD = b'{"version": %d, "mentions": [' % VERSION
"""The first row of a list, which has one line for each mention."""

_END = b"]}"

_TEXTS = ("source", "target", "protocol", "kind", "url", "title", "author", "excerpt")
# What is looked for in a line stands in front.
_KEPT = ("target", *(name for name in _TEXTS if name != "target"), "published", "received")
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_BEGIN, _STOP = b'{"target": "', b'"}'
# As nearly all lines begin: tried first, for to search takes three times as long.
_PLAIN = re.compile(rb'\{"target": ("[^"\\]*+")')
_TARGET = re.compile(rb'"target": ("(?:[^"\\]|\\.)*+")')


def listed(body: bytes, known: Iterable[bytes] = ()) -> list[bytes]:
    """The lines of a ``received.json``.

    Args:
        body: the document.
        known: lines of such a list that was read before; they are not read again.

    Raises:
        ValueError: it is no such list; its text says what it is instead.
    """
    if (lines := _standing(body)) and _are_sound(set(lines).difference(known)):
        return lines
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    items = document.get("mentions") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise ValueError("it holds no list of mentions")
    if document.get("version") != VERSION:
        raise ValueError(f"its version is not {VERSION}: a newer pelican-linkbacks may read it")
    return _encoded(item for item in items if isinstance(item, dict))


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
    return b"\n".join((HEAD, b",\n".join(lines), _END))


def _standing(body: bytes) -> list[bytes] | None:
    """The lines of a list as ``document`` writes it; None for any other."""
    rows = body.split(b"\n")
    return between(rows[1:-1]) if rows[0] == HEAD and rows[-1] == _END else None


def between(rows: list[bytes]) -> list[bytes] | None:
    """The lines that stand in the rows between the first and the last of such a list; None if one
    of these holds none."""
    lines = [row[:-1] for row in rows[:-1]] + rows[-1:]
    commas = {row[-1:] for row in rows[:-1]} <= {b","}
    # A method of each line would take longer than all the rest of what is done with it here.
    begins, ends = {line[: len(_BEGIN)] for line in lines}, {line[-len(_STOP) :] for line in lines}
    return lines if commas and begins == {_BEGIN} and ends == {_STOP} else None


def read(lines: Sequence[bytes]) -> list[Received]:
    """The mentions of lines; one that holds none is passed over."""
    items = _together(lines)
    if items is None:
        items = [_decoded(line) for line in lines]
    return [_mention(item) for item in items if isinstance(item, dict)]


def _are_sound(lines: Collection[bytes]) -> bool:
    items = _together(lines)
    return isinstance(items, list) and len(items) == len(lines)


def _together(lines: Iterable[bytes]) -> Any:
    """What lines hold, decoded in one call, which is the faster; None if one of them is no JSON."""
    return _decoded(b"[%b]" % b",".join(lines))


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
        if named := _PLAIN.match(line) or _TARGET.search(line):
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
