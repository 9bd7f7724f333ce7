"""A blog made with Pelican: its author's folder, its web server and its receiver, on loopback."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from demo.telling import StoryError

PASSWORD = "caraway and anise"
"""Of the pages on which both authors decide what is shown."""

PATIENCE = 60.0
"""Seconds for what takes two on a machine that has nothing else to do."""

SETTINGS = """
# What this hour's addresses are, and that our neighbours are on this very machine.
SITEURL = {url!r}
LINKBACKS_ENDPOINT = {endpoint!r}
LINKBACKS_ALLOW_NETWORKS = ["127.0.0.0/8"]
"""


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing: the demo tells the story."""


@dataclass(frozen=True)
class Response:
    """What a page shows of somebody else: the URL, the title and the words."""

    url: str
    title: str
    excerpt: str


@dataclass(frozen=True)
class Blog:
    """One blog.

    Attributes:
        name: its SITENAME.
        site: the author's folder.
        live: the folder that the web server shows.
        url: SITEURL.
        endpoint: where its receiver is.
    """

    name: str
    site: Path
    live: Path
    url: str
    endpoint: str

    def settle(self, original: Path, names: Mapping[str, str]) -> None:
        """Copy a site into the author's folder, with this hour's addresses in it.

        Args:
            original: folder of the site.
            names: what stands for those addresses there.
        """
        ignored = shutil.ignore_patterns("output", "cache", "__pycache__", "linkbacks.*")
        shutil.copytree(original, self.site, ignore=ignored)
        for article in (self.site / "content").rglob("*.*"):
            article.write_text(addressed(article, names), encoding="utf-8")
        with (self.site / "publishconf.py").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS.format(url=self.url, endpoint=self.endpoint))

    def build(self) -> str:
        """Build the site, and return what the build says besides that it is done."""
        said = self._run(
            *("pelican", "content", "-s", "publishconf.py", "-o", "output"), "--fatal", "warnings"
        )
        return "\n".join(line for line in said.splitlines() if not line.startswith("Done:"))

    def upload(self) -> None:
        """Put the built files online."""
        shutil.copytree(self.site / "output", self.live, dirs_exist_ok=True)

    def command(self, *arguments: str, given: str = "") -> str:
        """Run ``pelican-linkbacks`` in the author's folder, and return what it says."""
        return self._run("pelican_linkbacks", *arguments, given=given)

    def received(self, status: str) -> list[dict[str, Any]]:
        """What others have told and this author has come to."""
        said = self.command("received", "list", "--json", "--status", status)
        listed: list[dict[str, Any]] = json.loads(said)
        return listed

    def wait_for(self, number: int) -> list[dict[str, Any]]:
        """Wait until so many mentions are verified and wait for the author, the oldest first."""
        end = time.monotonic() + PATIENCE
        while len(pending := self.received("pending")) < number:
            if time.monotonic() > end:
                raise StoryError(f"{self.name} should have {number} mentions, and has {pending}.")
        return sorted(pending, key=lambda mention: int(mention["id"]))

    def told(self) -> list[dict[str, Any]]:
        """The links that this blog has told, as ``status`` knows them."""
        known = json.loads(self.command("status", "--json"))
        return [mention for mention in known if mention["outcome"] == "sent"]

    def responses(self, page: str) -> list[Response]:
        """What stands beneath an article on the live site."""
        html = (self.live / page).read_text(encoding="utf-8")
        return [
            Response(
                str(link["href"]),
                link.get_text(),
                quoted.get_text() if (quoted := mention.find("blockquote")) else "",
            )
            for mention in BeautifulSoup(html, "lxml").select("section.linkbacks li")
            if (link := mention.find("a"))
        ]

    @contextmanager
    def online(self) -> Iterator[None]:
        """Serve the live site, and receive what others tell, for the length of a block."""
        self.live.mkdir(parents=True, exist_ok=True)
        handler = partial(_QuietHandler, directory=str(self.live))
        address = ("127.0.0.1", int(self.url.rpartition(":")[2]))
        self.command("password", "--stdin", given=PASSWORD)
        with ThreadingHTTPServer(address, handler) as server, self._receiving():
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield
            finally:
                server.shutdown()

    @contextmanager
    def _receiving(self) -> Iterator[None]:
        log = self.site / "receiver.log"
        with log.open("w") as errors:
            receiver = subprocess.Popen(
                _python("pelican_linkbacks", "serve", "--bind", self.endpoint.partition("//")[2]),
                cwd=self.site,
                env=_environment(),
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
            )
        try:
            assert receiver.stdout
            if not any(line.startswith("Receiving at ") for line in receiver.stdout):
                raise StoryError(f"{self.name} does not receive: {log.read_text()}")
            yield
        finally:
            receiver.terminate()
            receiver.communicate(timeout=PATIENCE)

    def _run(self, *command: str, given: str = "") -> str:
        done = subprocess.run(
            _python(*command),
            cwd=self.site,
            env=_environment(),
            input=given,
            capture_output=True,
            encoding="utf-8",
            timeout=2 * PATIENCE,
            check=False,
        )
        if done.returncode:
            # Pelican logs to its standard output, and the cause comes before what follows from it.
            why = [*_lines(done.stderr)[-1:], *_lines(done.stdout)[:1], "it does not say why."][0]
            raise StoryError(f"The command {' '.join(command)} failed: {why}")
        return done.stdout


def free_addresses(count: int) -> list[str]:
    """URLs of this machine at which nobody listens."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [f"http://127.0.0.1:{probe.getsockname()[1]}" for probe in probes]


def addressed(article: Path, names: Mapping[str, str]) -> str:
    """An article with addresses that are there now.

    Args:
        article: its file.
        names: what stands for them in it.
    """
    text = article.read_text(encoding="utf-8")
    for name, address in names.items():
        text = text.replace(name, address)
    return text


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _environment() -> dict[str, str]:
    # Wide enough that no sentence is broken, plain enough to be quoted.
    return os.environ | {"COLUMNS": "300", "NO_COLOR": "1", "PYTHONUTF8": "1"}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
