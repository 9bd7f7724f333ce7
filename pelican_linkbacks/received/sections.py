"""Sections: the HTML that shows the mentions of articles, remembered from one build to the next.

A mere cache, which is asked by all that decides what a section looks like: one that is lost costs
time and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from pelican_linkbacks import files

FILE_NAME = "linkbacks-sections"

_END = b"\0"
"""Of each key and each section; no HTML holds it. A file that was torn ends with something else."""


class Sections:
    """The sections of the build before, and of this one.

    Args:
        folder: CACHE_PATH.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME
        self._now: dict[bytes, bytes] = {}

    def get(self, look: bytes, lines: Sequence[bytes], make: Callable[[], bytes]) -> bytes:
        """A section.

        Args:
            look: all that decides how mentions are shown, as a text that changes with it.
            lines: the mentions, as they were received.
            make: makes the section if it is not known.
        """
        asked = b"\n".join((look, *lines))
        key = blake2b(asked, digest_size=16).hexdigest().encode("ascii")
        known = self._before.get(key)
        section = make() if known is None else known
        if _END not in section:
            self._now[key] = section
        return section

    def save(self) -> None:
        """Write those of this build, if they are others than before; a cache that can't be written
        is done without."""
        if self._now != self._before:
            parts = (part for pair in self._now.items() for part in pair)
            files.cache(self._file, b"".join(part + _END for part in parts))

    @cached_property
    def _before(self) -> dict[bytes, bytes]:
        try:
            *parts, rest = self._file.read_bytes().split(_END)
        except OSError:
            return {}
        return {} if rest or len(parts) % 2 else dict(zip(parts[::2], parts[1::2], strict=True))
