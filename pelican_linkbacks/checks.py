"""Checks: the texts, paths, URLs and names that settings take."""

from __future__ import annotations

import html
import re
from pathlib import PurePath
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LONGEST_NAME = 240
"""Bytes of a file's name: most file systems take 255, and what is put beside it has some more."""

_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*")


def text(value: Any) -> str:
    """A line of text that is not blank.

    Raises:
        ValueError: it is none; so do all the others.
    """
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError
    return value


def path(value: Any) -> str:
    """A path with the name of a file at its end."""
    if not 0 < len(PurePath(text(value)).name.encode()) <= LONGEST_NAME:
        raise ValueError
    return str(value)


def url(value: Any) -> str:
    """An absolute http(s) URL."""
    if urlsplit(text(value)).scheme not in {"http", "https"} or not urlsplit(value).hostname:
        raise ValueError
    return str(value)


def verbatim_url(value: Any) -> str:
    """A URL that reads the same whether entities of HTML are decoded in it or not.

    Readers of pingback markup do either; WordPress decodes none.
    """
    if html.unescape(url(value)) != value:
        raise ValueError
    return str(value)


def base_url(value: Any) -> str:
    """A URL under which others stand, the endpoint of pingbacks among them."""
    if "?" in verbatim_url(value) or "#" in value:
        raise ValueError
    return str(value)


def trackback_url(value: Any) -> str:
    """A URL with the place of an article in it."""
    named = url(value).replace("{path}", "").replace("{slug}", "")
    if named == value or "{" in named or "}" in named:
        raise ValueError
    return str(value)


def origin(value: Any) -> str:
    """Where received mentions come from."""
    name = path(str(value)) if isinstance(value, PurePath) else text(value)
    kind, colon, rest = name.partition(":")
    if kind == "feed":
        url(rest)
    elif kind == "webmention.io":
        base_url(rest if colon else "https://webmention.io")
    elif kind == "receiver" or "://" in name:
        address = rest if kind == "receiver" else name
        # Else the name of the list is put behind it.
        if not urlsplit(url(address)).path.endswith(".json"):
            base_url(address)
    else:
        path(name)
    return name


def host(value: Any) -> str:
    """The name of a host, in small letters."""
    if not _HOST.fullmatch(text(value)):
        raise ValueError
    return str(value).lower()


def mail_url(value: Any) -> str:
    """``smtp[s]://[user:password@]host[:port]/?to=A[&from=B]``: by which server, and to whom."""
    parts = urlsplit(text(value))
    # Reading the port checks it.
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.port == 0:
        raise ValueError
    if parts.path not in {"", "/"} or parts.fragment or not value.isascii() or " " in value:
        raise ValueError
    if bool(parts.username) != bool(parts.password):
        raise ValueError
    people = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "to" not in people or not people.keys() <= {"to", "from"}:
        raise ValueError
    for person in people.values():
        name, at, host = person.rpartition("@")
        if not (name and at and host) or set(person) & set(" ,;<>\r\n") or not person.isprintable():
            raise ValueError
    return str(value)
