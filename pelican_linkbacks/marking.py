"""Marking: the pages of one build that say where they can be told, on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pelican_linkbacks import markup

_AT_ONCE = 64 * 1024
"""Bytes that are read of a file before it is asked for its size: nearly all are shorter."""


@dataclass(slots=True)
class _Marked:
    pieces: Mapping[str, bytes]
    signature: tuple[int, int]


@dataclass
class Marking:
    """What was inserted into which file of a build.

    Attributes:
        alone: whether nobody else changes these files, so that there is nothing to restore.
        homeless: files that are no HTML, so that nothing could be inserted.
        hidden: files in which there was no place for what stands beside an article.
        failed: files that could not be read or written, and why.
    """

    alone: bool = False
    homeless: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _marked: dict[str, _Marked] = field(default_factory=dict)

    def mark(
        self,
        path: str,
        url: str,
        pieces: Mapping[str, bytes],
        beside: Callable[[bytes, int], bytes | None] | None,
    ) -> None:
        """Insert markup into the file of an article, where it has none of its own.

        Args:
            path: the file.
            url: the URL at which it is published.
            pieces: the markup, by the protocol's name.
            beside: puts into a page, whose head ends at a place, what stands beside its article;
                gives None if there is no place for it.
        """

        own: Mapping[str, bytes] = {}

        def marked(page: bytes) -> bytes:
            nonlocal own
            place = markup.head_end(page)
            if place is None:
                self.homeless.append(path)
                return page
            if pieces and (offered := markup.offered(page, url, place)):
                own = {name: piece for name, piece in pieces.items() if name not in offered}
            else:
                own = pieces
            changed = markup.insert(page, place, own.values()) if own else page
            if beside:
                complete = beside(changed, place + len(changed) - len(page))
                if complete is None:
                    self.hidden.append(path)
                changed = complete or changed
            return changed

        if self._change(path, marked) and own and not self.alone:
            with suppress(OSError):
                self._marked[path] = _Marked(own, _signature(path))

    @property
    def remarks(self) -> list[str]:
        """A sentence for each kind of file in which something could not be inserted."""
        homeless = "no HTML, so that they can't say where they take linkbacks"
        hidden = (
            "articles whose theme leaves no place for what stands beside them; it can print "
            "article.trackback_url and article.linkbacks itself"
        )
        return [
            f"{len(paths)} files are {what} ({paths[0]})."
            for paths, what in ((self.homeless, homeless), (self.hidden, hidden))
            if paths
        ]

    @property
    def complaint(self) -> str:
        """What is said to every author of files that could not be changed; "" if all could."""
        if not self.failed:
            return ""
        return (
            f"{len(self.failed)} pages could not be changed to say where they take linkbacks, the "
            f"first of them {self.failed[0]}."
        )

    def forget(self, path: str) -> None:
        """Leave a file alone from now on, for it is another page's."""
        self._marked.pop(path, None)

    def restore(self) -> None:
        """Mend the markup in files that another plugin has changed since.

        What makes pages smaller drops comments and quotes, sorts attributes, and so leaves markup
        that WordPress does not read.
        """
        for path, known in self._marked.items():
            with suppress(OSError):
                if _signature(path) != known.signature:
                    self._change(path, partial(_mended, known.pieces))
                    known.signature = _signature(path)

    def _change(self, path: str, change: Callable[[bytes], bytes]) -> bool:
        try:
            _rewrite(path, change)
        except OSError as error:
            self.failed.append(f"{Path(path).name} ({error.strerror or error})")
            return False
        return True


def _mended(pieces: Mapping[str, bytes], page: bytes) -> bytes:
    if all(line in page for piece in pieces.values() for line in piece.splitlines()):
        return page
    bare = markup.without(page, pieces)
    place = markup.head_end(bare)
    return page if place is None else markup.insert(bare, place, pieces.values())


def _signature(path: str) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns


def _rewrite(path: str, change: Callable[[bytes], bytes]) -> None:
    """Change a file in place, by one call of the system.

    Nothing interrupts that but a kill in its few microseconds; the build is broken then, whose
    files Pelican itself had been writing bit by bit, and the next one writes them all anew. A new
    file in its stead would take twenty times as long. If there is no room for what is longer, the
    file is put back as it was.
    """
    file = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        page = os.read(file, _AT_ONCE)
        if len(page) == _AT_ONCE:
            page += os.read(file, os.fstat(file).st_size)
        changed = change(page)
        if changed != page:
            try:
                _write(file, changed)
            except OSError:
                _write(file, page)
                os.ftruncate(file, len(page))
                raise
            if len(changed) < len(page):
                os.ftruncate(file, len(changed))
    finally:
        os.close(file)


def _write(file: int, page: bytes) -> None:
    os.lseek(file, 0, os.SEEK_SET)
    if os.write(file, page) < len(page):
        raise OSError("no room for it")
