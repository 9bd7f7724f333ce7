"""Repository: whether git keeps a file; git need not be there."""

from __future__ import annotations

import os
import shutil
import subprocess
from enum import Enum, auto
from pathlib import Path

PATIENCE = 10.0
"""Seconds that git may take."""


class Keeping(Enum):
    """What git does with a file."""

    TRACKED = auto()
    UNTRACKED = auto()
    IGNORED = auto()


def keeping(file: Path) -> Keeping | None:
    """What git does with a file; None outside a repository, or if git can't tell."""
    program, file = shutil.which("git"), file.resolve()
    if program is None or _ask(program, file.parent, "rev-parse", "--is-inside-work-tree") != 0:
        return None
    if _ask(program, file.parent, "ls-files", "--error-unmatch", "--", file.name) == 0:
        return Keeping.TRACKED
    ignored = _ask(program, file.parent, "check-ignore", "--quiet", "--", file.name)
    return {0: Keeping.IGNORED, 1: Keeping.UNTRACKED}.get(ignored)


def _ask(program: str, folder: Path, *arguments: str) -> int:
    """The exit status of git; -1 if it could not be run."""
    try:
        return subprocess.run(
            [program, *arguments],
            cwd=folder,
            # It refreshes its index in passing otherwise.
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return -1
