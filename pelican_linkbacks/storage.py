"""Storage: a file that outlives a crash at any moment, and one run at a time that writes it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pelican_linkbacks import files
from pelican_linkbacks.errors import StateBusy, StateError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file against other runs; never waits. The hold ends with the process, however that
    ends.

    Raises:
        StateBusy: if another run holds it.
        StateError: if the folder can't be written to.
    """
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{path}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise StateBusy(
                f"Another run is sending with {path}; new links are left to the next run."
            ) from error
    try:
        yield
    finally:
        lock.release()


def overwrite(path: Path, content: bytes) -> None:
    """Give a file new content by an atomic replace: after a crash it holds the old or the new.

    Raises:
        StateError: if it can't be written; the old content is there still.
    """
    with _writing(path):
        files.replace(path.resolve(), content)


class Appender:
    """The end of a file that is open. ``appending`` makes it.

    Args:
        path: the file.
        number: its descriptor.
    """

    def __init__(self, path: Path, number: int) -> None:
        self._path = path
        self._number = number
        self._length = os.fstat(number).st_size

    def write(self, line: bytes) -> None:
        """Add a line, whole or not at all. It outlives this process at once, the machine after
        ``sync``.

        Raises:
            StateError: if it can't be written.
        """
        with _writing(self._path):
            try:
                rest = line
                while rest:
                    rest = rest[os.write(self._number, rest) :]
            except OSError:
                # The next line must not be glued to the half of this one.
                os.ftruncate(self._number, self._length)
                raise
        self._length += len(line)

    def sync(self) -> None:
        """Wait until all that was written is on the disk.

        Raises:
            StateError: if it does not get there.
        """
        with _writing(self._path):
            os.fsync(self._number)


@contextmanager
def appending(path: Path) -> Iterator[Appender]:
    """Open the end of a file for the length of the block.

    Raises:
        StateError: if it can't be written.
    """
    new = files.beside(path.resolve())
    with _writing(path):
        # In a folder that takes no new file the lines could never be put in order.
        new.touch()
        new.unlink()
        number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        yield Appender(path, number)
    finally:
        os.close(number)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StateError(
            f"The state file {path} can't be written ({error.strerror or error}); nothing is sent "
            "without it, since it would be sent again."
        ) from error
