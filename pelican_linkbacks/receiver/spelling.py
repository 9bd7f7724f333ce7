"""Spelling: what is compared of the URLs of others, so that no other way to write one is new."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote, urlsplit

from pelican_linkbacks.addresses import literal
from pelican_linkbacks.urls import host_of


def source(url: str) -> str:
    """A source as it is compared; of what is no http(s) URL, all of it.

    Neither the scheme, a fragment, a default port, a final slash, ``.`` and ``..`` in the path,
    which characters are encoded, nor how the host is written makes a difference.
    """
    named = host_of(url)
    if not named:
        return url
    parts = urlsplit(url.strip())
    query = f"?{unquote(parts.query)}" if parts.query else ""
    return f"//{host(named)}{path(parts.path)}{query}".rstrip("/")


def host(name: str) -> str:
    """A host as it is compared: in lower case, in the letters of the DNS, without a final dot.

    Args:
        name: as ``urls.host_of`` gives it.
    """
    address = literal(name)
    if address:
        return str(address)
    bare, colon, port = name.lower().partition(":")
    if address := literal(bare):
        return f"{address}{colon}{port}"
    try:
        bare = bare.rstrip(".").encode("idna").decode()
    except UnicodeError:
        return name.lower()
    return f"{bare}{colon}{port}"


def path(text: str) -> str:
    """A path as it is compared: decoded, without ``.`` and ``..``, without a final slash."""
    decoded = unquote(text).replace("\\", "/").strip("/")
    return posixpath.normpath(f"/{decoded}").rstrip("/")
