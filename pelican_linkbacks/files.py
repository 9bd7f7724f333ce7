"""Files: new content in the place of the old, whole or not at all."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path


def beside(path: Path) -> Path:
    """Where the new content of a file is written before it takes the place of the old."""
    return path.with_name(f"{path.name}.new")


def replace(path: Path, *content: bytes, lasting: bool = True) -> None:
    """Give a file new content: for whoever reads it meanwhile it holds the old or the new. A link
    is replaced by a file; its folders are made.

    Args:
        path: the file.
        content: what it is to hold, in as many parts as come to hand.
        lasting: whether it holds the one or the other after a power cut too, which takes some
            milliseconds; what the next build writes anew need not.

    Raises:
        OSError: it can't be written; the old content is there still.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = beside(path)
    try:
        with new.open("wb") as file:
            file.writelines(content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            shutil.copymode(path, new)
        new.replace(path)
    except OSError:
        # On a full disk what was begun would stand in the way of everybody.
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    if lasting:
        _keep_name(path.parent)


def cache(path: Path, content: bytes, *, more: bool = False) -> None:
    """Write what may be lost, and is done without if it can't be written; its folders are made.

    Args:
        path: the file.
        content: what it is to hold.
        more: whether that comes after what it holds.
    """
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab" if more else "wb") as file:
            file.write(content)


def _keep_name(folder: Path) -> None:
    """After a power cut, a replaced file may otherwise bear its old name, or none."""
    # Not every system and file system knows this of folders.
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
