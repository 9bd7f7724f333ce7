"""Decoding: what a page is as text, whatever its server says of its charset."""

from __future__ import annotations

import codecs
import re

from pelican_linkbacks.links import READ_LIMIT
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols.charsets import MARKS, known

_META = re.compile(
    rb"""<meta\b[^<>]{0,300}?\bcharset\s*=\s*["']?\s*([a-z][\w.:-]{0,40})""", re.IGNORECASE
)
_META_IN = 4096
"""Bytes in which a page says its charset, if it does."""


def text(page: Page) -> str:
    """The first 512 kB of a page as text.

    A byte order mark tells the charset, else what can be nothing but UTF-8, else the header, else
    the page's own ``<meta>``; without any of these it is windows-1252. What is broken in it is
    replaced.
    """
    body = page.body[:READ_LIMIT]
    for mark, codec in MARKS.items():
        if body.startswith(mark):
            return _decoded(body[len(mark) :], codec)
    if not body.isascii() and _is_utf8(body):
        return _decoded(body, "utf-8")
    return _decoded(body, known(page.charset or "") or _said(body) or "cp1252")


def _decoded(body: bytes, codec: str) -> str:
    # Parsers differ in what they make of a null character; no reader sees one.
    return body.decode(codec, "replace").replace("\0", "")


def _is_utf8(body: bytes) -> bool:
    """Whether some bytes are UTF-8, but for a last character that is cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return False
    return True


def _said(body: bytes) -> str | None:
    said = _META.search(body[:_META_IN])
    return known(said[1].decode("ascii")) if said else None
