"""The command, run as its users run it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from dataclasses import dataclass

import pytest

from pelican_linkbacks.cli import main
from tests.apart import environment
from tests.blog import Blog

PATIENCE = 30
"""Seconds after which a test gives up; nothing takes that long."""

INTERRUPTIBLE = (
    # A shell that starts us in the background would have us ignore it.
    "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
)

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""What steers a terminal, of all that rich writes."""


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    status: int
    out: list[str]
    err: list[str]


class Command:
    """The command, run in this process and in the blog's folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Done:
        self._capsys.readouterr()
        status = main(arguments)
        printed = self._capsys.readouterr()
        return Done(status, printed.out.splitlines(), printed.err.splitlines())

    def misused(self, *arguments: str) -> Done:
        """Run what the command does not take."""
        with pytest.raises(SystemExit) as exit:
            self(*arguments)
        assert isinstance(exit.value.code, int)
        printed = self._capsys.readouterr()
        return Done(exit.value.code, printed.out.splitlines(), printed.err.splitlines())


def start(blog: Blog, module: str, *arguments: str) -> subprocess.Popen[str]:
    """Run a module's ``main`` in a process of its own, which can be interrupted."""
    code = f"{INTERRUPTIBLE}from {module} import main\nsys.exit(main())\n"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=blog.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def on_terminal(blog: Blog, *arguments: str, width: int = 80) -> str:
    """Run the command on a terminal of its own; what it has written there, colours and all."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    known = {name: text for name, text in environment().items() if name != "COLUMNS"}
    with subprocess.Popen(
        [sys.executable, "-m", "pelican_linkbacks", *arguments],
        cwd=blog.folder,
        env=known | {"TERM": "xterm-256color"},
        stdin=inner,
        stdout=inner,
        stderr=subprocess.STDOUT,
    ):
        os.close(inner)
        written = b""
        # Linux tells the end of a terminal by an error.
        with suppress(OSError):
            while data := os.read(outer, 65536):
                written += data
    os.close(outer)
    return written.decode()


def plain(written: str) -> list[str]:
    """The lines of what was written on a terminal, without what steers it."""
    return CONTROL.sub("", written).replace("\r\n", "\n").splitlines()
