"""Modules run as commands, in processes of their own that find all they import there already."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from multiprocessing import popen_forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

PATIENCE = 120
"""Seconds after which a test gives up; nothing takes that long."""

# Else a fixture would take it for a test's own, and forget it together with its server.
assert popen_forkserver

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["pytest", "tests.children", "pelican_linkbacks.advertising", "pelican_linkbacks.live"]
    + [f"markdown.extensions.{name}" for name in ("codehilite", "extra", "meta")]
)

PLAIN = {
    "COLUMNS": "300",
    "NO_COLOR": "1",
    "PYTHONUTF8": "1",
    # Settings that change twice in a second would be read from the bytecode of the first.
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""No colours, no line broken in two, nothing left of us."""


def environment() -> dict[str, str]:
    """For processes of their own."""
    return os.environ | PLAIN


def begin(target: Callable[..., None], *args: object) -> BaseProcess:
    """Begin a function in a process of its own; it and what it is given must be picklable."""
    process = CONTEXT.Process(target=target, args=args, daemon=True)
    with pytest.MonkeyPatch.context() as patch:
        # The first one starts the server of all, whose imports heed them.
        for name, value in PLAIN.items():
            patch.setenv(name, value)
        process.start()
    return process


def run(
    folder: Path, module: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Do what ``python -m`` does, which would spend most of its time on imports.

    Args:
        folder: where it runs.
        module: what is run.
        arguments: of that.
        variables: of its environment, besides those that all have.
    """
    with tempfile.TemporaryDirectory() as kept:
        out, err = Path(kept, "out"), Path(kept, "err")
        known = environment() | variables
        process = begin(_work, folder, known, module, arguments, out, err)
        process.join(PATIENCE)
        assert process.exitcode is not None, f"{module} has not ended"
        said, complaints = (file.read_text(encoding="utf-8") for file in (out, err))
    return subprocess.CompletedProcess((module, *arguments), process.exitcode, said, complaints)


def _work(
    folder: Path,
    variables: Mapping[str, str],
    module: str,
    arguments: tuple[str, ...],
    out: Path,
    err: Path,
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    # Settings that change twice in a second would be read from the bytecode of the first.
    sys.dont_write_bytecode = True
    for number, file in ((1, out), (2, err)):
        with file.open("wb") as opened:
            os.dup2(opened.fileno(), number)
    sys.argv[1:] = arguments
    sys.path.insert(0, str(folder))
    tempfile.tempdir = None
    runpy.run_module(module, run_name="__main__", alter_sys=True)
