"""A whole receiver on the loopback interface, and what other blogs say to it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode
from xml.etree import ElementTree
from xmlrpc.client import dumps

from waitress.server import create_server
from waitress.wasyncore import close_all, loop

from pelican_linkbacks import manifest
from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Network
from pelican_linkbacks.manifest import Target
from pelican_linkbacks.receiver import app
from pelican_linkbacks.receiver.entry import Entry, Status
from pelican_linkbacks.receiver.inbox import Inbox
from pelican_linkbacks.receiver.moderation import Moderation
from pelican_linkbacks.receiver.rates import Rates
from pelican_linkbacks.receiver.rules import Rules
from pelican_linkbacks.receiver.targets import Targets
from pelican_linkbacks.receiver.vault import Vault
from pelican_linkbacks.receiver.verifiers import Verifiers
from tests.compiled import Compiled
from tests.receiver.storage import opened
from tests.samples import config
from tests.servers import Site

SITEURL = "https://us.example"
RYE = Target(f"{SITEURL}/rye.html", "rye.html", "Rye", "en", True)
BREAD = Target(f"{SITEURL}/2026/bread/", "2026/bread/", "Bread", "en", True)
SHUT = Target(f"{SITEURL}/shut.html", "shut.html", "Shut", "en", False)
FORM = "application/x-www-form-urlencoded"
PLENTY = 1_000_000
TEMPLATES = Compiled()


def linking(url: str = RYE.url, title: str = "A reply", words: str = "I have read") -> str:
    """A page that links."""
    return f"<title>{title}</title><p>{words} <a href='{url}'>this</a>.</p>"


def generous(**less: Any) -> Rates:
    """Rates that hold nobody up, but for those named."""
    names = ("client", "host", "total", "login", "logins", "fetches", "visits")
    return Rates(**dict.fromkeys(names, PLENTY) | less)


def until(is_true: Callable[[], object], seconds: float = 10) -> None:
    """Wait for something to become true; fail if it does not."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it did not become true in time"
        threading.Event().wait(0.01)


@dataclass(frozen=True)
class Reply:
    """What the receiver answered."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def fault(self) -> int | None:
        """The code of a pingback fault; None for a success."""
        root = ElementTree.fromstring(self.body)
        code = root.findtext("fault/value/struct/member[name='faultCode']/value/int")
        return None if code is None else int(code)

    @property
    def error(self) -> int:
        """The error number of a trackback response."""
        return int(ElementTree.fromstring(self.body).findtext("error") or "-1")


class Receiver:
    """The real application under waitress, with a database in a folder and verifiers at work.

    Its articles are RYE, BREAD and SHUT, which takes no linkbacks. What an author does, a test
    does by its parts.

        with Receiver(tmp_path) as receiver:
            receiver.webmention("http://…", RYE.url)
    """

    def __init__(
        self,
        folder: Path,
        *,
        siteurl: str = SITEURL,
        rates: Rates | None = None,
        capacity: int = PLENTY,
        trusted: Iterable[Network] = (),
        clock: Callable[[], float] = time.time,
        workers: int = 8,
        **settings: Any,
    ) -> None:
        self.folder = folder
        manifest.write(folder, [RYE, BREAD, SHUT])
        self.config = config(siteurl, **settings)
        rates = rates or generous()
        self.database = opened(folder / "linkbacks.sqlite3")
        self.inbox = Inbox(self.database, clock)
        self.moderation = Moderation(self.database, clock)
        self.rules = Rules(self.database, clock)
        self.vault = Vault(self.database, clock)
        client = Client(self.config, visit=rates.visit)
        self.targets = Targets(str(folder / manifest.NAME), client, self.config.siteurl, clock)
        self.verifiers = Verifiers(
            self.inbox, self.rules, self.targets, client, rates, workers, clock=clock
        )
        self.app = app.create(
            self.config,
            self.inbox,
            self.moderation,
            self.rules,
            self.vault,
            self.targets,
            self.verifiers,
            rates,
            tuple(trusted),
            capacity=capacity,
        )
        self.app.jinja_env.bytecode_cache = TEMPLATES
        # As ``serve`` does: it tells of whoever waits for a thread.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._server = create_server(
            self.app, host="127.0.0.1", port=0, threads=16, clear_untrusted_proxy_headers=False
        )
        self.port: int = self._server.effective_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self.verifiers.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.pull_trigger()
        self._thread.join(10)
        self._server.task_dispatcher.shutdown()
        # Not before everybody has gone who could still write to a socket.
        close_all(self._server._map)
        self.verifiers.stop(5)
        self.database.close()

    def break_inbox(self) -> None:
        """Make each question to the inbox a mistake of ours; the verifiers ask it no more."""
        self.verifiers.stop(5)
        del self.inbox._database

    def _serve(self) -> None:
        while not self._closing.is_set():
            loop(timeout=1, use_poll=True, map=self._server._map, count=1)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send any request."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        """Fetch a page; an underscore in a header's name is a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("GET", path, headers=named)

    def post(self, path: str, body: bytes, content_type: str = FORM, **headers: str) -> Reply:
        """Post a body; headers as for ``get``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, body, {"Content-Type": content_type} | named)

    def webmention(self, source: str, target: str = RYE.url, **headers: str) -> Reply:
        """Send a webmention."""
        body = urlencode({"source": source, "target": target}).encode()
        return self.post("/webmention", body, **headers)

    def pingback(self, source: str, target: str = RYE.url) -> Reply:
        """Send a pingback."""
        return self.call("pingback.ping", source, target)

    def call(self, method: str, *params: str) -> Reply:
        """Call a method by XML-RPC."""
        return self.post("/pingback", dumps(params, method).encode(), "text/xml")

    def trackback(self, source: str, path: str = RYE.path, **fields: str) -> Reply:
        """Send a trackback."""
        return self.post(f"/trackback/{path}", urlencode({"url": source} | fields).encode())

    @staticmethod
    def now() -> float:
        """Seconds on a clock that never jumps."""
        return time.monotonic()

    def entries(self, status: Status | None = None) -> list[Entry]:
        """What the author sees."""
        return self.moderation.find(status)

    @property
    def entry(self) -> Entry:
        """The only entry."""
        (entry,) = self.entries()
        return entry

    def approve_all(self) -> None:
        """The author likes everything."""
        self.moderation.approve([entry.id for entry in self.entries()])


class OtherBlog(Site):
    """Somebody else's blog, with one page that links to RYE."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__({"/post": linking()}, host=host)

    @property
    def post(self) -> str:
        """URL of that page."""
        return f"{self.url}/post"
