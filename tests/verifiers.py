"""Many blogs on loopback that look at the source before they accept a notice, and keep a record."""

from __future__ import annotations

import re
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from html import unescape
from typing import Self
from urllib.parse import parse_qs
from xmlrpc.client import Fault, dumps, loads

from pelican_linkbacks.protocols import pingback, trackback, webmention
from tests.servers import Answer, Received, Site

MENTION = tuple[str, str]
"""Source and target."""

NAMES = (webmention.NAME, pingback.NAME, trackback.NAME)

XML = [("Content-Type", "text/xml")]
RDF = """<!-- <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:trackback="http://madskills.com/public/xml/rss/module/trackback/">
<rdf:Description rdf:about="{0}" dc:identifier="{0}" dc:title="Bread"
    trackback:ping="{0}/trackback" /></rdf:RDF> -->"""


class Verifier(Site):
    """A blog with a loopback address to itself that speaks one protocol.

    Args:
        host: its address.
        protocol: the name of what it speaks.
        latency: seconds before each of its answers.

    Attributes:
        accepted: what it was told and found to be true, in order; also what it knew already.
        on_notice: called with each notice before it is looked into.
    """

    def __init__(self, host: str, protocol: str, latency: float = 0.0) -> None:
        super().__init__(host=host)
        self.accepted: list[MENTION] = []
        self.on_notice: Callable[[], None] = lambda: None
        self._protocol = protocol
        self._latency = latency
        self._known: set[MENTION] = set()
        self._busy = 0
        self._changed = threading.Condition()
        # A proxy named in the environment can't reach loopback.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def post(self, number: int) -> str:
        """The URL of one of its posts."""
        return f"{self.url}/posts/{number}"

    def answer(self, received: Received) -> Answer:
        """A post, or what becomes of a notice."""
        with self._at_work():
            threading.Event().wait(self._latency)
            if received.method == "POST":
                self.on_notice()
                return self._take(received)
            return self._post(f"{self.url}{received.path}")

    def wait_until_idle(self) -> None:
        """Wait until nothing is under way, so that the record is complete."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._busy, 30)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._changed:
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _post(self, url: str) -> Answer:
        if self._protocol == webmention.NAME:
            link = ("Link", f'<{self.url}/webmention>; rel="webmention"')
            return Answer("<title>Bread</title>", headers=[link])
        if self._protocol == pingback.NAME:
            return Answer("<title>Bread</title>", headers=[("X-Pingback", f"{self.url}/xmlrpc")])
        return Answer(f"<title>Bread</title>{RDF.format(url)}")

    def _take(self, received: Received) -> Answer:
        if self._protocol == pingback.NAME:
            source, target = map(str, loads(received.body)[0])
            is_known = (source, target) in self._known
            if not self._accept(source, target):
                said = dumps(Fault(17, "no such link"), methodresponse=True)
            elif is_known:
                said = dumps(Fault(48, "already registered"), methodresponse=True)
            else:
                said = dumps(("Registered.",), methodresponse=True)
            return Answer(said, headers=XML)
        fields = {name: values[0] for name, values in parse_qs(received.body.decode()).items()}
        if self._protocol == trackback.NAME:
            target = f"{self.url}{received.path.removesuffix('/trackback')}"
            error = int(not self._accept(fields["url"], target))
            return Answer(f"<response><error>{error}</error></response>", headers=XML)
        return Answer(status=200 if self._accept(fields["source"], fields["target"]) else 400)

    def _accept(self, source: str, target: str) -> bool:
        try:
            with self._opener.open(source, timeout=10) as answer:
                page = answer.read().decode()
        except urllib.error.URLError:
            return False
        links = map(unescape, re.findall(r'href="(.*?)"', page))
        if not target.startswith(f"{self.url}/") or "<title>" not in page or target not in links:
            return False
        self.accepted.append((source, target))
        self._known.add((source, target))
        return True


class Verifiers:
    """Blogs of all protocols, in turn, from 127.1.1.1 on; to be used as a context.

    Args:
        count: how many.
        latency: seconds before each answer.
    """

    def __init__(self, count: int, latency: float = 0.0) -> None:
        self.blogs: Sequence[Verifier] = [
            Verifier(f"127.1.1.{1 + n}", NAMES[n % len(NAMES)], latency) for n in range(count)
        ]
        self._open = ExitStack()

    def links(self, number: int) -> str:
        """A link to one post of each blog, in Markdown."""
        return " ".join(f"[a post]({blog.post(number)})" for blog in self.blogs)

    def accepted(self) -> Counter[MENTION]:
        """How often each mention was accepted, when all that is under way has ended."""
        for blog in self.blogs:
            blog.wait_until_idle()
        return Counter(mention for blog in self.blogs for mention in blog.accepted)

    def __enter__(self) -> Self:
        for blog in self.blogs:
            self._open.enter_context(blog)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
