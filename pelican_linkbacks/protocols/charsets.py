"""Charsets: what a sender's bytes are as text, whatever it says of them."""

from __future__ import annotations

import codecs
import re

from pelican_linkbacks.codings import shipped

_ASCII = bytes(range(0x20, 0x7F)).decode("ascii")
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""What a byte order mark says of the bytes after it."""

_DECLARED = re.compile(rb"""<\?xml\b[^<>]*?\bencoding\s*=\s*["']([A-Za-z][\w.:-]{0,40})["']""")
_DECLARATION = re.compile(r"\s*<\?xml\b[^<>]*>")


def known(name: str) -> str | None:
    """The codec of a charset that a sender names; None if there is none that can be used.

    A charset must extend ASCII: in any other, a form is not what it looks like.
    """
    codec = shipped(name)
    if codec is None:
        return None
    try:
        extends_ascii = _ASCII.encode(codec) == _ASCII.encode("ascii")
    except (LookupError, ValueError):
        return None
    # As browsers do: who says Latin-1 means the quotation marks of Windows too.
    codec = "cp1252" if codecs.lookup(codec).name == "iso8859-1" else codec
    return codec if extends_ascii else None


def text(raw: bytes, charset: str | None) -> str:
    """Some bytes as text: in the charset named, else UTF-8, else windows-1252.

    Args:
        raw: the bytes.
        charset: a codec of ``known``, or None.
    """
    for codec in (charset, "utf-8"):
        try:
            return raw.decode(codec or "utf-8")
        except UnicodeError:
            continue
    return raw.decode("cp1252", "replace")


def xml(body: bytes) -> bytes:
    """Some XML in UTF-8, from the charset that its byte order mark, its first bytes or its
    declaration tell (XML 1.0, appendix F).

    It says so in a declaration of its own, so that a parser obeys no second one of the sender's.
    """
    for mark, codec in MARKS.items():
        if body.startswith(mark):
            words = body[len(mark) :].decode(codec, "replace")
            break
    else:
        if b"\0" in body[:2]:
            words = body.decode("utf-16-be" if body[0] == 0 else "utf-16-le", "replace")
        else:
            declared = _DECLARED.search(body[:1000])
            words = text(body, known(declared[1].decode("ascii")) if declared else None)
    declaration = _DECLARATION.match(words)
    rest = words[declaration.end() if declaration else 0 :]
    return b'<?xml version="1.0" encoding="utf-8"?>' + rest.encode("utf-8", "replace")
