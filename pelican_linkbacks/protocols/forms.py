"""Forms: the fields of a POST body, as webmention and trackback send them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from pelican_linkbacks.protocols import charsets

LIMIT = 64 * 1024
"""Bytes of a body that are read."""

_MOST_FIELDS = 100
_LONGEST_HEADER = 1000
_PARAMETER = re.compile(r';\s*([^\s;="]+)\s*=\s*(?:"([^"]*)"|([^\s;"]*))')
_DISPOSITION = re.compile(r"^content-disposition:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def fields(body: bytes, content_type: str) -> dict[str, str]:
    """The fields of a form, whatever its sender calls it; none for garbage.

    Of several values of one name the first counts. The charset is the one that a field ``charset``
    names, else the parameter of the content type, else UTF-8, else windows-1252.

    Args:
        body: the first 64 KiB of it are read.
        content_type: the header's value, "" if there was none. What is not multipart/form-data is
            read as application/x-www-form-urlencoded.
    """
    kind = content_type[:_LONGEST_HEADER]
    if kind.partition(";")[0].strip().lower() == "multipart/form-data":
        pairs = _parts(body[:LIMIT], _parameter(kind, "boundary"))
    else:
        pairs = _pairs(body[:LIMIT])
    found: dict[str, bytes] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    named = found.get("charset", b"").decode("ascii", "replace")
    charset = charsets.known(named) or charsets.known(_parameter(kind, "charset"))
    return {name: charsets.text(value, charset) for name, value in found.items()}


def _pairs(body: bytes) -> Iterator[tuple[str, bytes]]:
    for pair in body.split(b"&", _MOST_FIELDS)[:_MOST_FIELDS]:
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        yield unquote_to_bytes(name).decode("ascii", "replace"), unquote_to_bytes(value)


def _parts(body: bytes, boundary: str) -> Iterator[tuple[str, bytes]]:
    """The parts of a multipart form (RFC 7578).

    Not by the standard library's parser, which takes parts within parts as deep as they go.
    """
    if not boundary:
        return
    delimiter = rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("utf-8", "replace"))
    for part in re.split(delimiter, body, maxsplit=_MOST_FIELDS)[1:]:
        if part.startswith(b"--"):
            return
        head, *value = re.split(rb"\r?\n\r?\n", part, maxsplit=1)
        disposition = _DISPOSITION.search(head[:_LONGEST_HEADER].decode("ascii", "replace"))
        if disposition and value:
            yield _parameter(disposition[1], "name"), value[0]


def _parameter(header: str, name: str) -> str:
    """A parameter of a header's value (RFC 9110, section 5.6.6); "" if it has none."""
    found = (each for each in _PARAMETER.finditer(header) if each[1].lower() == name)
    return next((each[2] or each[3] or "" for each in found), "")
