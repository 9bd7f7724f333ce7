"""Builds and commands in child processes that start in no time, and can be killed."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

from pelican import main as pelican_main
from pelican import signals

from pelican_linkbacks.cli import main as linkbacks_main
from tests import apart
from tests.blog import Blog
from tests.servers import Answer, Received

Limit = Callable[[], None]
"""Takes something from a child before it begins; must be importable."""


def unlimited() -> None:
    """Take nothing."""


@dataclass
class Child:
    """A build or a command in a process of its own.

    Args:
        blog: in whose folder it runs; its settings are those that were saved last.
        command: arguments of ``pelican-linkbacks``; None for a build.
        limit: what it must do without.
    """

    blog: Blog
    command: Sequence[str] | None = None
    limit: Limit = unlimited
    _log: Path = field(init=False)
    _phase: Path = field(init=False)
    _process: BaseProcess = field(init=False)

    def __post_init__(self) -> None:
        number = len(list(self.blog.folder.glob("*.log")))
        self._log = self.blog.folder / f"{number}.log"
        self._log.touch()
        self._phase = self._log.with_suffix(".phase")
        arguments = (self.blog.settings_file, self.command, self.limit, self._log, self._phase)
        self._process = apart.begin(_run, *arguments)

    @property
    def phase(self) -> str:
        """How far a build has come: "finishing" begins when all pages are written."""
        return self._phase.read_text() if self._phase.exists() else "starting"

    @property
    def status(self) -> int:
        """The exit status, when it has ended."""
        self._process.join(60)
        assert self._process.exitcode is not None, "it has not ended"
        return self._process.exitcode

    @property
    def said(self) -> list[str]:
        """The lines it has printed, without Pelican's own, when it has ended."""
        assert self.status is not None
        lines = self._log.read_text(encoding="utf-8").splitlines()
        end = next((n for n, line in enumerate(lines) if line.startswith("Done: ")), len(lines))
        return lines[:end]

    def kill_after(self, seconds: float) -> bool:
        """Kill it if it lives so long.

        Returns:
            Whether it was killed.
        """
        self._process.join(seconds)
        self._process.kill()
        return self.status == -9


def build(blog: Blog, limit: Limit = unlimited) -> Child:
    """Begin a build."""
    blog.save_settings()
    return Child(blog, limit=limit)


def send(blog: Blog, limit: Limit = unlimited) -> Child:
    """Begin a ``pelican-linkbacks send``."""
    return Child(blog, ["-s", blog.settings_file.name, "send"], limit)


class Gate:
    """Holds whoever comes to it until it is opened."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._open = threading.Event()

    def __call__(self) -> None:
        self._reached.set()
        assert self._open.wait(60)

    def wait(self) -> None:
        """Wait until somebody has come."""
        assert self._reached.wait(60)

    def open(self) -> None:
        """Let all pass."""
        self._open.set()


def hold(blog: Blog, signal: str, gate: Gate) -> None:
    """Let builds of a blog come to a gate wherever Pelican sends a signal."""

    def come(_: Received) -> Answer:
        gate()
        return Answer()

    blog.web.pages["/gate"] = come
    blog.plugin(
        "hold",
        f"""
        import urllib.request
        from pelican import signals

        def hold(*_, **__):
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
            opener.open("{blog.web.url}/gate").close()

        def register():
            signals.{signal}.connect(hold)
        """,
    )


def _run(
    settings_file: Path, command: Sequence[str] | None, limit: Limit, log: Path, phase: Path
) -> None:
    os.chdir(settings_file.parent)
    # Settings that change twice in a second would be read from the bytecode of the first.
    sys.dont_write_bytecode = True
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    limit()
    if command is not None:
        sys.exit(linkbacks_main(command))

    for signal, name in (
        (signals.initialized, "reading"),
        (signals.all_generators_finalized, "writing"),
        (signals.finalized, "finishing"),
    ):
        signal.connect(partial(_enter, phase, name), weak=False)
    pelican_main(["-s", settings_file.name])


def _enter(phase: Path, name: str, _: object) -> None:
    phase.write_text(name)
