"""Sections: the HTML that shows the mentions of articles, remembered from one build to the next.

A mere cache, which is asked by all that decides what a section looks like: one that is lost costs
time and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path

from pelican_linkbacks import files

FILE_NAME = "linkbacks-sections"

_RECIPE = ("received/*.py", "showing.py", "urls.py", "templates/linkbacks.html")

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
        """Add to the file what is new. It is written as a whole when more than half of it was not
        asked for; one that can't be written is done without."""
        known = self._before.keys()
        new = {key: section for key, section in self._now.items() if key not in known}
        if len(known - self._now.keys()) > len(self._now) or (new and not known):
            files.cache(self._file, _written(self._now))
        elif new:
            files.cache(self._file, _written(new), more=True)

    @cached_property
    def _before(self) -> dict[bytes, bytes]:
        try:
            *parts, rest = self._file.read_bytes().split(_END)
        except OSError:
            return {}
        return {} if rest or len(parts) % 2 else dict(zip(parts[::2], parts[1::2], strict=True))


@cache
def recipe(package: Path) -> str:
    """A digest of the code and the template that make a section of mentions: a copy of them that
    stands in a repository changes without its version.

    Args:
        package: the folder of pelican_linkbacks.
    """
    digest = blake2b(digest_size=16)
    for pattern in _RECIPE:
        for file in sorted(package.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _written(sections: Mapping[bytes, bytes]) -> bytes:
    return b"".join(part + _END for pair in sections.items() for part in pair)
