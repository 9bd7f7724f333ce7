"""A Pelican site of our own, built and served on loopback as its author would do it."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

NAME = "Salz & Sauerteig"

SETTINGS = """\
SITENAME = {name!r}
SITEURL = {url!r}
PATH = "content"
OUTPUT_PATH = "output"
THEME = "simple"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
FEED_ALL_ATOM = "feeds/all.atom.xml"
PLUGINS = ["pelican_linkbacks"]
LINKBACKS_ALLOW_NETWORKS = ["127.0.0.0/8"]
"""


class _Handler(SimpleHTTPRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep the request instead of printing it."""
        assert isinstance(self.server, WebServer)
        self.server.requests.append(f"{self.command} {self.path}")


class WebServer(ThreadingHTTPServer):
    """Serves a folder at a port of its own; requests are kept as "METHOD PATH"."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.requests: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve while the block runs."""
        thread = threading.Thread(target=self.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            thread.join()
            self.server_close()


class Server(Protocol):
    """What shows a site to its visitors."""

    url: str

    @property
    def requests(self) -> list[str]:
        """The requests so far, as "METHOD PATH"."""


class Site:
    """The site's project folder: content, settings, output and state.

    Visitors see the folder `live`: the output itself, or another folder that
    upload() copies the output to.
    """

    def __init__(self, folder: Path, live: Path, server: Server) -> None:
        self.url = server.url
        self.state = folder / "linkbacks.jsonl"
        self._server = server
        self._folder = folder
        self._live = live
        (folder / "content").mkdir()
        settings = SETTINGS.format(name=NAME, url=self.url)
        (folder / "publishconf.py").write_text(settings, encoding="utf-8")

    @property
    def visits(self) -> list[str]:
        """The requests so far, as "METHOD PATH"."""
        return self._server.requests

    def set(self, **settings: object) -> None:
        """Add to the settings."""
        lines = (f"{name} = {value!r}\n" for name, value in settings.items())
        with (self._folder / "publishconf.py").open("a", encoding="utf-8") as file:
            file.writelines(lines)

    def write(self, slug: str, text: str, **metadata: str) -> str:
        """Write an article of today, or write it anew, and return its URL."""
        head = {"title": slug.title(), "slug": slug, "date": str(datetime.now(UTC)), **metadata}
        lines = [f"{name}: {value}" for name, value in head.items()]
        article = "\n".join([*lines, "", text, ""])
        file = self._folder / "content" / f"{slug}.md"
        file.write_text(article, encoding="utf-8")
        return f"{self.url}/{head.get('url', f'{slug}.html')}"

    def build(self) -> None:
        """Let Pelican generate the site."""
        with self._started("pelican") as pelican:
            print(pelican.communicate(timeout=180)[0])
        assert pelican.returncode == 0

    def command(self, *arguments: str) -> int:
        """Run pelican-linkbacks and return its exit status."""
        with self.command_started(*arguments) as command:
            print(command.communicate(timeout=180)[0])
        return command.returncode

    @contextmanager
    def command_started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A pelican-linkbacks that runs while the block does."""
        with self._started("pelican_linkbacks", *arguments) as command:
            yield command

    def read(self, path: str) -> str:
        """A page that Pelican has generated."""
        return (self._folder / "output" / path).read_text(encoding="utf-8")

    def upload(self) -> None:
        """Bring the output to where visitors see it."""
        shutil.copytree(self._folder / "output", self._live, dirs_exist_ok=True)

    def lose_state(self) -> None:
        """Forget everything that past runs have left beside the site."""
        self.state.unlink()
        shutil.rmtree(self._folder / "cache", ignore_errors=True)

    def records(self) -> dict[str, dict[str, Any]]:
        """What the state says of each target."""
        _, *lines = self.state.read_text(encoding="utf-8").splitlines()
        records = [record for record in map(json.loads, lines) if "target" in record]
        return {record["target"]: record for record in records}

    def outcomes(self) -> dict[str, str]:
        """What came of each target."""
        found = self.records().items()
        return {target: record["outcome"] for target, record in found}

    @contextmanager
    def _started(self, module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-m", module, "-s", "publishconf.py", *arguments]
        process = subprocess.Popen(
            command,
            cwd=self._folder,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        with process:
            try:
                yield process
            finally:
                process.kill()
