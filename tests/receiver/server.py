"""A receiver in a process of its own, as an author runs it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from pelican_linkbacks import manifest
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.entry import Entry
from pelican_linkbacks.receiver.moderation import Moderation
from tests.apart import environment
from tests.receiver.reception import BREAD, FORM, RYE, SITEURL

SETTINGS = f"""
SITEURL = {SITEURL!r}
PATH = "content"
LINKBACKS_ALLOW_NETWORKS = ["127.0.0.0/8"]
LINKBACKS_TARGETS = "{manifest.NAME}"
"""


class Serving:
    """``pelican-linkbacks serve`` in a folder that has all it needs.

    Args:
        folder: where it is started.
        arguments: what stands behind the command.
        before: what stands before it.

    Attributes:
        lines: what it has said before it took connections, its URL in the last of them.
    """

    def __init__(self, folder: Path, *arguments: str, before: Sequence[str] = ()) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.port = 0
        self._process = start(folder, *before, "serve", "--bind", "127.0.0.1:0", *arguments)

    def __enter__(self) -> Self:
        assert self._process.stdout
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            if found := re.match(r"Receiving at http://127\.0\.0\.1:(\d+)\b", line):
                self.port = int(found[1])
                return self
        self.end(signal.SIGKILL)
        raise AssertionError(f"it did not start: {self.lines}")

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.end(signal.SIGKILL)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it by a signal.

        Returns:
            Its exit status, and what it has said as errors.
        """
        self.signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """Wait for its end, and return the same."""
        _, complaints = self._process.communicate(timeout=30)
        return self._process.returncode, complaints

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, str]:
        """Send a request, and give status and text of the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()


def lay_out(folder: Path, settings: str = "") -> None:
    """Make what a receiver needs in a folder: a settings file and a list of pages."""
    (folder / "content").mkdir(exist_ok=True)
    (folder / "pelicanconf.py").write_text(SETTINGS + settings, encoding="utf-8")
    if not (folder / manifest.NAME).exists():
        manifest.write(folder, [RYE, BREAD])


class Server(Serving):
    """The same in a folder that it lays out."""

    def __init__(self, folder: Path, *arguments: str, settings: str = "") -> None:
        lay_out(folder, settings)
        super().__init__(folder, *arguments)

    def webmention(self, source: str, target: str = RYE.url, **headers: str) -> int:
        """Send a webmention, and give the status of the answer."""
        body = urlencode({"source": source, "target": target}).encode()
        return self.ask("POST", "/webmention", body, Content_Type=FORM, **headers)[0]

    def entries(self) -> Sequence[Entry]:
        """What its author sees."""
        database = Database.open(self.folder / "linkbacks.sqlite3")
        try:
            return Moderation(database).find(limit=1_000_000)
        finally:
            database.close()


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Run the command in a process of its own, in a folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "pelican_linkbacks", *arguments],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
