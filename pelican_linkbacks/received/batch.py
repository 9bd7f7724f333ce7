"""Batch: what an origin gives at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from pelican_linkbacks.errors import LinkbackError

T = TypeVar("T")


class Broken(LinkbackError):
    """An origin gave nothing that can be read: what it gave last counts."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What an origin gave.

    Attributes:
        lines: all that it had; see ``own_receiver``.
        etag: by which it knows that again, or "".
    """

    lines: list[bytes] = field(default_factory=list)
    etag: str = ""


Ask = Callable[[Batch], Batch]
"""Asks an origin; its argument is what that gave the last time, which it gives again if nothing has
changed. Raises Broken."""


def sound(read: Callable[[bytes], T], body: bytes) -> T:
    """What a body is read as.

    Raises:
        Broken: it can't be read so.
    """
    try:
        return read(body)
    except ValueError as error:
        raise Broken(str(error)) from error
