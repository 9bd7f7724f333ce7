"""Batch: what an origin gives at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pelican_linkbacks.errors import LinkbackError

T = TypeVar("T")


class Broken(LinkbackError):
    """An origin gave nothing that can be read: what it gave last counts."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What an origin gave.

    Attributes:
        lines: all that it has (see ``own_receiver``); None if nothing has changed since the last
            time.
        etag: by which it knows again what it has given, or "".
    """

    lines: list[bytes] | None
    etag: str = ""


Ask = Callable[[str], Batch]
"""Asks an origin; its argument is the ETag of the last time, or "". Raises Broken."""


def sound(read: Callable[[bytes], T], body: bytes) -> T:
    """What a body is read as.

    Raises:
        Broken: it can't be read so.
    """
    try:
        return read(body)
    except ValueError as error:
        raise Broken(str(error)) from error
