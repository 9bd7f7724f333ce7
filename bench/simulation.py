"""The process behind a Blogosphere: many small web servers in one event loop."""

from __future__ import annotations

import asyncio
import html
import re
from collections import Counter
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from urllib.parse import parse_qs, urlsplit
from xmlrpc.client import Fault, dumps, loads

from bench.blogosphere import ANCHOR, HEADER, LINK, OURS, PINGBACK, RDF, Blog, Notice, Plan, Report

VERIFIER = "WordPress/6.1; verifying"
"""User-Agent of the blogs; what they fetch is not counted in a report."""

FLOOD = 50_000_000
"""More bytes than it needs, in each page of a blog that floods."""

_PARAGRAPH = (
    '<p class="has-text">Rye wants <a href="https://example.org/water/{0}" rel="noopener">more '
    'water</a> than wheat, and <em>less</em> hurry; <img src="/pic/{0}.jpg" alt="a loaf"> the '
    "second day it is better than on the first.</p>\n"
)
_RDF = """<!--
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:trackback="http://madskills.com/public/xml/rss/module/trackback/">
<rdf:Description rdf:about="{entry}" dc:identifier="{entry}" dc:title="Bread"
    trackback:ping="{ping}" />
</rdf:RDF>
-->"""


def simulate(plan: Plan, pipe: Connection) -> None:
    """Run a plan: send the port through the pipe, then a report for each message that comes.

    Ends when the pipe is closed.
    """
    asyncio.run(_Simulation(plan, pipe).run())


@dataclass(frozen=True)
class _Asked:
    method: str
    path: str
    agent: str
    body: bytes


@dataclass(frozen=True)
class _Answer:
    body: tuple[bytes, ...] = ()
    status: str = "200 OK"
    headers: tuple[str, ...] = ("Content-Type: text/html; charset=utf-8",)


class _Simulation:
    def __init__(self, plan: Plan, pipe: Connection) -> None:
        self._plan = plan
        self._pipe = pipe
        self._blogs = {blog.address: blog for blog in (*plan.blogs, *plan.strays)}
        self._known: set[tuple[str, str]] = set()
        self._at_once: Counter[str] = Counter()
        self._report = Report()
        self._ended = asyncio.Event()
        paragraphs = "".join(_PARAGRAPH.format(n) for n in range(max(plan.sizes) // 200)).encode()
        self._fillers = [paragraphs[: paragraphs.rfind(b"<p", 0, size)] for size in plan.sizes]

    async def run(self) -> None:
        ours = await asyncio.start_server(self._serve, OURS, 0, backlog=512)
        self._plan = replace(self._plan, port=ours.sockets[0].getsockname()[1])
        self._sources: dict[str, list[str]] = {}
        for source, target in self._plan.links():
            self._sources.setdefault(urlsplit(source).path, []).append(target)
        there = [blog.address for blog in self._blogs.values() if blog.fault != "refuses"]
        theirs = await asyncio.start_server(self._serve, there, self._plan.port, backlog=512)
        self._servers = [ours, theirs]
        asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._talk)
        self._pipe.send(self._plan.port)
        await self._ended.wait()
        for server in self._servers:
            server.close()

    def _talk(self) -> None:
        try:
            message = self._pipe.recv()
        except EOFError:
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._ended.set()
            return
        if message == "heal":
            self._healing = asyncio.create_task(self._heal())
        else:
            self._pipe.send(self._report)
            self._report, self._known = Report(), set()

    async def _heal(self) -> None:
        """End all faults, and say so when that is done."""
        absent = [blog.address for blog in self._blogs.values() if blog.fault == "refuses"]
        self._blogs = {name: replace(blog, fault="") for name, blog in self._blogs.items()}
        if absent:
            server = await asyncio.start_server(self._serve, absent, self._plan.port, backlog=512)
            self._servers.append(server)
        self._pipe.send("healed")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0]
        try:
            asked = await _read(reader)
            if asked.agent == VERIFIER:
                writer.write(_bytes(self._our_page(asked.path)))
            else:
                await self._serve_counted(address, asked, reader, writer)
            await writer.drain()
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # The client went away, as it should where a host misbehaves; or this is the end.
        finally:
            writer.close()

    async def _serve_counted(
        self,
        address: str,
        asked: _Asked,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        report = self._report
        report.requests.setdefault(address, Counter())[f"{asked.method} {asked.path}"] += 1
        self._at_once[address] += 1
        report.at_once[address] = max(report.at_once[address], self._at_once[address])
        try:
            blog = self._blogs.get(address)
            fault = blog.fault if blog else ""
            floods = fault == "floods" and asked.method == "GET"
            if fault and fault != "floods":
                await _misbehave(fault, asked, reader, writer)
                return
            start = asyncio.get_running_loop().time()
            answer = await self._answer(blog, asked)
            # The verification takes its part of that time, it does not add to it.
            spent = asyncio.get_running_loop().time() - start
            await asyncio.sleep(self._plan.latency - spent)
        finally:
            # Before the last byte leaves: the client may ask anew as soon as it has that.
            self._at_once[address] -= 1
        if floods:
            await _flood(answer, writer)
        else:
            writer.write(_bytes(answer))

    async def _answer(self, blog: Blog | None, asked: _Asked) -> _Answer:
        if blog is None:
            return self._our_page(asked.path)
        if asked.method == "GET":
            return self._entry(blog, asked.path)
        notice = _read_notice(self._plan, blog, asked)
        if notice is None:
            return _Answer((b"not found",), "404 Not Found")
        why = await self._objection(notice)
        if why:
            self._report.rejected.append((notice, why))
        else:
            self._report.accepted.append(notice)
        return _reply(notice.protocol, why)

    async def _objection(self, notice: Notice) -> str:
        """Why a notice is not accepted, or ""."""
        parts = urlsplit(notice.target)
        blog = self._blogs.get(parts.hostname or "")
        if blog is None or self._entry(blog, parts.path).status != _Answer.status:
            return "no such target"
        if (notice.source, notice.target) in self._known:
            return "already registered"
        parts = urlsplit(notice.source)
        if parts.hostname != OURS or not parts.port:
            return "no such source"
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(f"GET {parts.path} HTTP/1.1\r\nUser-Agent: {VERIFIER}\r\n\r\n".encode())
        page = (await reader.read()).decode()
        writer.close()
        link = rf"""<a\s[^>]*href=["']{re.escape(html.escape(notice.target))}["']"""
        if " 200 " not in page.partition("\r\n")[0] or "<title>" not in page:
            return "no such source"
        if not re.search(link, page):
            return "the source does not link to the target"
        self._known.add((notice.source, notice.target))
        return ""

    def _our_page(self, path: str) -> _Answer:
        if path not in self._sources:
            return _Answer((b"not found",), "404 Not Found")
        links = "".join(f'<p>See <a href="{url}">there</a>.</p>' for url in self._sources[path])
        return _Answer((b"<!doctype html><title>Rye</title>", links.encode()))

    def _entry(self, blog: Blog, path: str) -> _Answer:
        number = path.rpartition("/")[2]
        if not path.startswith("/entry/") or not number.isdecimal():
            return _Answer((b"not found",), "404 Not Found")
        headers, head, tail = list(_Answer.headers), "", ""
        url = self._plan.url(blog.address)
        if HEADER in blog.offers:
            headers.append('Link: </webmention>; rel="webmention"')
        if PINGBACK in blog.offers:
            headers.append(f"X-Pingback: {url}/xmlrpc.php")
        if LINK in blog.offers:
            head = f'<link rel="pingback" href="{url}/xmlrpc.php">'
        if ANCHOR in blog.offers:
            tail = '<p>Tell me by <a rel="webmention" href="/webmention">webmention</a>.</p>'
        if RDF in blog.offers:
            entry = self._plan.entry(blog.address, int(number))
            tail += _RDF.format(entry=entry, ping=f"{url}/trackback/{number}")
        start = f"<!doctype html><html><head><title>Bread</title>{head}</head><body>\n"
        filler = self._fillers[
            (int(number) + int(blog.address.rpartition(".")[2])) % len(self._fillers)
        ]
        end = f"{tail}</body></html>"
        return _Answer((start.encode(), filler, end.encode()), headers=tuple(headers))


async def _read(reader: asyncio.StreamReader) -> _Asked:
    head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, path, _ = head.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (s.partition(":") for s in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return _Asked(method, path, headers.get("user-agent", ""), body)


def _bytes(answer: _Answer, more: int = 0) -> bytes:
    length = sum(map(len, answer.body)) + more
    head = (f"HTTP/1.1 {answer.status}", *answer.headers, f"Content-Length: {length}")
    return b"".join(["\r\n".join(head).encode(), b"\r\nConnection: close\r\n\r\n", *answer.body])


def _read_notice(plan: Plan, blog: Blog, asked: _Asked) -> Notice | None:
    """What a POST tells, if it goes to an endpoint that this blog has."""
    spoken = {offer.split()[0] for offer in blog.offers}
    body = asked.body.decode()
    if asked.path == "/xmlrpc.php" and "pingback" in spoken:
        (source, target), method = loads(body)
        return Notice("pingback", str(source), str(target)) if method == "pingback.ping" else None
    fields = {name: values[0] for name, values in parse_qs(body).items()}
    if asked.path == "/webmention" and "webmention" in spoken:
        return Notice("webmention", fields.get("source", ""), fields.get("target", ""))
    if asked.path.startswith("/trackback/") and "trackback" in spoken:
        target = plan.entry(blog.address, int(asked.path.rpartition("/")[2]))
        return Notice("trackback", fields.get("url", ""), target)
    return None


def _reply(protocol: str, why: str) -> _Answer:
    """What a blog says, in the words of the protocol."""
    if protocol == "webmention":
        return _Answer((why.encode(),), "400 Bad Request" if why else "202 Accepted")
    xml = ("Content-Type: text/xml; charset=utf-8",)
    if protocol == "pingback":
        said = dumps(Fault(17, why)) if why else dumps(("Registered.",), methodresponse=True)
        return _Answer((said.encode(),), headers=xml)
    said = f"<error>1</error><message>{why}</message>" if why else "<error>0</error>"
    start = '<?xml version="1.0" encoding="utf-8"?>'
    return _Answer((f"{start}<response>{said}</response>".encode(),), headers=xml)


async def _flood(page: _Answer, writer: asyncio.StreamWriter) -> None:
    """Write a page that goes on and on after all it has to say."""
    writer.write(_bytes(page, more=FLOOD))
    bread = b"<p>bread</p>" * 5_000
    for _ in range(0, FLOOD, len(bread)):
        writer.write(bread)
        await writer.drain()


async def _misbehave(
    fault: str, asked: _Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Do what is wrong with a blog, until the client has had enough."""
    if fault == "hangs":
        await reader.read()
    elif fault == "babbles":
        writer.write(b"\x00\xffbread\r\n" * 100)
    elif fault == "redirects":
        path, _, number = asked.path.partition("?")
        onwards = f"Location: {path}?{int(number or 0) + 1}"
        writer.write(_bytes(_Answer(status="302 Found", headers=(onwards,))))
    elif fault == "drips":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        await _repeat(b"<", writer, pause=1)
    else:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await _repeat(b"X-Bread: rye\r\n", writer)


async def _repeat(data: bytes, writer: asyncio.StreamWriter, pause: float = 0) -> None:
    while True:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(pause)
