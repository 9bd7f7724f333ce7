"""Somebody else's blog on loopback: it can be told of links, and checks what it is told."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs
from xmlrpc.client import Fault, dumps, loads

from tests.servers import Answer, Received, Site

XML = [("Content-Type", "text/xml")]


@dataclass(frozen=True)
class Notice:
    """What the neighbour has accepted."""

    protocol: str
    source: str
    target: str
    title: str = ""
    excerpt: str = ""


class Neighbour(Site):
    """Somebody else's blog.

    Its posts below ``/header/`` name its pingback endpoint in a header, those below ``/link/`` in
    a link, and those below ``/silent/`` offer nothing; each takes trackbacks at its own URL
    followed by ``/trackback``. A pingback is accepted as by WordPress: once, and after a look at
    the source, which must have a title and the link.

    Attributes:
        notices: those that were accepted, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.notices: list[Notice] = []
        # A proxy named in the environment can't reach loopback.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def post(self, name: str | int = 1, offers: str = "header") -> str:
        """The URL of one of its posts."""
        return f"{self.url}/{offers}/{name}"

    def link(self, name: str | int = 1, offers: str = "header") -> str:
        """A link to one of its posts, in Markdown."""
        return f"[a post]({self.post(name, offers)})"

    def told(self) -> list[tuple[str, str]]:
        """Source and target of each accepted notice, sorted."""
        return sorted((notice.source, notice.target) for notice in self.notices)

    def answer(self, received: Received) -> Answer:
        """A post, or what becomes of a notice."""
        if received.path in self.pages:
            return super().answer(received)
        self.requests.append(received)
        if received.method == "POST" and received.path == "/xmlrpc":
            return Answer(self._pingback(received.body), headers=XML)
        if received.method == "POST" and received.path.endswith("/trackback"):
            return Answer(self._trackback(received), headers=XML)
        if received.path.startswith("/header/"):
            return Answer("<title>A post</title>", headers=[("X-Pingback", f"{self.url}/xmlrpc")])
        if received.path.startswith("/link/"):
            return Answer(f'<link rel="pingback" href="{self.url}/xmlrpc">')
        return Answer("<title>A post</title>")

    def _pingback(self, body: bytes) -> str:
        source, target = map(str, loads(body)[0])
        try:
            self._verify(source, target)
        except Fault as fault:
            return dumps(fault, methodresponse=True)
        self.notices.append(Notice("pingback", source, target))
        return dumps((f"Pingback from {source} registered.",), methodresponse=True)

    def _verify(self, source: str, target: str) -> None:
        if (source, target) in self.told():
            raise Fault(48, "The pingback has already been registered.")
        try:
            with self._opener.open(source, timeout=10) as answer:
                page = answer.read().decode()
        except urllib.error.URLError as error:
            raise Fault(0, "") from error
        if "<title>" not in page or target not in map(unescape, re.findall(r'href="(.*?)"', page)):
            raise Fault(0, "")

    def _trackback(self, received: Received) -> str:
        field = {name: values[0] for name, values in parse_qs(received.body.decode()).items()}
        self.notices.append(
            Notice(
                "trackback",
                field["url"],
                self.url + received.path,
                field["title"],
                field["excerpt"],
            )
        )
        return "<response><error>0</error></response>"
