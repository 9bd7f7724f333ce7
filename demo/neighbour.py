"""Somebody else's blog, on loopback: it offers all three linkbacks, and checks its sources."""

import threading
import urllib.request
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import escape
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlsplit

import defusedxml.ElementTree as ElementTree
from defusedxml import DefusedXmlException
from posts import POSTS, Protocol, post_page
from source_page import SourcePage

SOURCE_LIMIT = 150 * 1024
NOTICE_LIMIT = 64 * 1024

XML_TYPE = "text/xml; charset=UTF-8"
HTML_TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Notice:
    """What the neighbour has accepted: who links to which post, and in which words."""

    protocol: Protocol
    source: str
    slug: str
    title: str
    excerpt: str


class RefusedError(Exception):
    """A notice that is not accepted, with the fault code that pingback has for the reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A source must answer at the address it was told with."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Neighbour:
    """The blog itself: it judges each notice and remembers those it has accepted."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[Notice] = []
        self._lock = threading.Lock()
        # Proxies named in the environment can't reach this machine's loopback.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirects)

    @contextmanager
    def online(self) -> Iterator[None]:
        """Serve the blog on a free port of loopback."""
        with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, self)) as server:
            self.url = f"http://127.0.0.1:{server.server_port}"
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield
            finally:
                server.shutdown()

    def mention(self, protocol: Protocol, source: str, target: str) -> None:
        """Accept a webmention or pingback after reading the source, or raise a RefusedError."""
        slug = self._slug_of(target)
        self._refuse_repeat(protocol, source, slug)
        page = SourcePage(target)
        page.feed(self._read(source))
        page.close()
        excerpt = page.excerpt()
        title = " ".join(page.title.split())
        if not title or excerpt is None:
            raise RefusedError(17, "The source page has no title, or no link to the target.")
        self._accept(Notice(protocol, source, slug, title, excerpt))

    def trackback(self, slug: str, fields: dict[str, str]) -> None:
        """Accept a trackback unread, as that protocol has it, or raise a RefusedError."""
        if slug not in POSTS:
            raise RefusedError(32, "There is no such post.")
        source, title = fields.get("url", ""), fields.get("title", "")
        if not source or not title:
            raise RefusedError(0, "A trackback needs a url and a title.")
        self._accept(Notice("trackback", source, slug, title, fields.get("excerpt", "")))

    def _slug_of(self, target: str) -> str:
        slug = urldefrag(target).url.removeprefix(f"{self.url}/posts/")
        if slug not in POSTS:
            raise RefusedError(32, "The target is not a post of this blog.")
        return slug

    def _read(self, source: str) -> str:
        if urlsplit(source).scheme not in ("http", "https"):
            raise RefusedError(16, "The source is not a web page.")
        try:
            with self._opener.open(source, timeout=10) as answer:
                content: bytes = answer.read(SOURCE_LIMIT)
        except (OSError, HTTPException) as error:
            raise RefusedError(16, "The source page does not answer.") from error
        return content.decode("utf-8", "replace")

    def _accept(self, notice: Notice) -> None:
        with self._lock:
            self._refuse_repeat(notice.protocol, notice.source, notice.slug)
            self.received.append(notice)

    def _refuse_repeat(self, protocol: str, source: str, slug: str) -> None:
        if (protocol, source, slug) in {(n.protocol, n.source, n.slug) for n in self.received}:
            raise RefusedError(48, "There is already a notice from that URL for this post.")


class Handler(BaseHTTPRequestHandler):
    """One request to the neighbour's blog."""

    def __init__(self, blog: Neighbour, *args: Any) -> None:
        self.blog = blog
        super().__init__(*args)

    def do_GET(self) -> None:
        """Show a post."""
        post = POSTS.get(urlsplit(self.path).path.removeprefix("/posts/"))
        if post is None:
            self.send_error(404)
            return
        self._answer(post_page(self.blog.url, self.path, post), HTML_TYPE)

    def do_POST(self) -> None:
        """Take a notice."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, NOTICE_LIMIT))
        path = urlsplit(self.path).path
        if path == "/xmlrpc":
            self._answer(answer_pingback(self.blog, body), XML_TYPE)
        elif path == "/webmention":
            self._answer(*answer_webmention(self.blog, body))
        elif path.startswith("/trackback/"):
            slug = path.removeprefix("/trackback/")
            self._answer(answer_trackback(self.blog, slug, body), XML_TYPE)
        else:
            self.send_error(404)

    def _answer(self, text: str, content_type: str, status: int = 200) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the demo tells the story."""


def answer_webmention(blog: Neighbour, body: bytes) -> tuple[str, str, int]:
    """The answer to a webmention's form fields: text, its type and the status."""
    fields = form(body)
    try:
        blog.mention("webmention", fields.get("source", ""), fields.get("target", ""))
    except RefusedError as refusal:
        return refusal.reason, "text/plain; charset=utf-8", 400
    return "Thank you.", "text/plain; charset=utf-8", 202


def form(body: bytes) -> dict[str, str]:
    """The fields of a form."""
    return {name: values[0] for name, values in parse_qs(body.decode("ascii", "replace")).items()}


def answer_pingback(blog: Neighbour, body: bytes) -> str:
    """The XML-RPC answer to a pingback.ping call."""
    try:
        source, target = pingback_call(body)
        blog.mention("pingback", source, target)
    except RefusedError as refusal:
        return xmlrpc.client.dumps(
            xmlrpc.client.Fault(refusal.code, refusal.reason), methodresponse=True
        )
    return xmlrpc.client.dumps((f"Pingback from {source} registered.",), methodresponse=True)


def pingback_call(body: bytes) -> tuple[str, str]:
    """The source and the target that a pingback.ping call names."""
    try:
        call = ElementTree.fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise RefusedError(-32700, "That is not XML.") from error
    if (call.findtext("methodName") or "").strip() != "pingback.ping":
        raise RefusedError(-32601, "Only pingback.ping is known here.")
    values = ["".join(value.itertext()).strip() for value in call.iterfind("params/param/value")]
    if len(values) != 2:
        raise RefusedError(-32602, "pingback.ping takes a source and a target.")
    return values[0], values[1]


def answer_trackback(blog: Neighbour, slug: str, body: bytes) -> str:
    """The XML answer to a trackback's form fields."""
    try:
        blog.trackback(slug, form(body))
    except RefusedError as refusal:
        result = f"<error>1</error>\n<message>{escape(refusal.reason)}</message>"
    else:
        result = "<error>0</error>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<response>\n{result}\n</response>\n'
