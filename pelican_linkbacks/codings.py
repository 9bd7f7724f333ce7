"""Codings: the names of charsets that Python may be asked for."""

from __future__ import annotations

from encodings.aliases import aliases

_SHIPPED = frozenset({*aliases, *aliases.values()})


def shipped(name: str) -> str | None:
    """The codec that Python ships under a name, for whatever somebody calls a charset; else None.

    Python never forgets an unknown name that it was asked for, nor a new spelling of a known one:
    what others think up it must not be asked for.
    """
    codec = name.strip().lower().replace("-", "_")
    return codec if codec in _SHIPPED else None
