"""The web that senders write from: one server for the hosts of all of them, honest or not."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from enum import StrEnum

from tests.receiver.reception import RYE

PRIVATE = "127.200."
"""Addresses begin so that the receiver must not speak to; see ``ALLOWED``."""

ALLOWED = "127.0.0.0/9"
"""The network that it may speak to."""

VICTIM = "127.3.0.1"
"""A host whose pages strangers have the receiver ask for."""

PERIOD = 55.0
"""A little less than the minute in which the receiver asks a host six times at most: some requests
are longer on their way than others."""

HUGE = 50 * 1024 * 1024
"""Bytes of a huge page."""

_PIECE = b"<p>Rye and water, and time.</p>\n" * 2048


class Kind(StrEnum):
    """What a host, or the sender who names it, is like."""

    HONEST = "honest"
    THRICE = "one page told by three protocols at once"
    DRIPPING = "pages that drip for ever"
    HANGING = "pages that never answer"
    HUGE = "pages of 50 MB"
    LYING = "pages without a link"
    PRIVATE = "private addresses"
    LEADING = "redirects to private addresses"
    AIMING = "pages of a victim"
    SLOW = "requests that drip for ever"
    LARGE = "requests over 64 kB"


HOSTILE = tuple(kind for kind in Kind if kind is not Kind.HONEST)
TRUE = frozenset({Kind.HONEST, Kind.THRICE})
"""Those whose pages link."""


def host(kind: Kind, number: int) -> str:
    """The address of a sender's pages."""
    if kind is Kind.AIMING:
        return VICTIM
    start = PRIVATE if kind is Kind.PRIVATE else "127.2."
    return f"{start}{number // 250}.{number % 250 + 1}"


class Web:
    """Answers at all addresses of this machine; who is asked decides how.

    Attributes:
        kinds: of hosts, by their addresses.
        port: of all of them.
        asked: when each page was asked for (monotonic seconds), by its URL.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {VICTIM: Kind.AIMING}
        self.port = 0
        self.asked: defaultdict[str, list[float]] = defaultdict(list)
        self._ways: dict[Kind, Callable[[asyncio.StreamWriter, str], Awaitable[None]]] = {
            Kind.DRIPPING: _drip,
            Kind.HANGING: _hang,
            Kind.HUGE: _pour,
            Kind.LEADING: self._lead,
            Kind.LYING: _lie,
            Kind.AIMING: _lie,
        }

    async def start(self) -> asyncio.Server:
        """Begin to answer."""
        server = await asyncio.start_server(self._answer, "0.0.0.0", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def url(self, kind: Kind, sender: int, page: int) -> str:
        """One page of the host that a sender names."""
        address = host(kind, sender)
        self.kinds[address] = kind
        # Of a victim everybody names other pages.
        path = f"{sender}-{page}" if kind is Kind.AIMING else page
        return f"http://{address}:{self.port}/{path}"

    @property
    def breaches(self) -> int:
        """How often a private address was spoken to."""
        return sum(len(times) for url, times in self.asked.items() if f"//{PRIVATE}" in url)

    def most(self, address: str) -> int:
        """How often a host was asked at most in any period."""
        start = f"http://{address}:"
        times = sorted(t for url, ts in self.asked.items() if url.startswith(start) for t in ts)
        return max((sum(t <= u < t + PERIOD for u in times) for t in times), default=0)

    def twice(self, told: Counter[str]) -> list[str]:
        """Pages that were asked for more often than they were told."""
        return [url for url, times in self.asked.items() if len(times) > told[url]]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            address = writer.get_extra_info("sockname")[0]
            self.asked[f"http://{address}:{self.port}{path}"].append(time.monotonic())
            await self._ways.get(self.kinds.get(address, Kind.HONEST), _link)(writer, path)
            writer.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The receiver has heard enough, or the test is over.
            writer.transport.abort()

    async def _lead(self, writer: asyncio.StreamWriter, path: str) -> None:
        where = f"http://{PRIVATE}0.1:{self.port}{path}"
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {where}\r\n\r\n".encode())
        await writer.drain()


async def _link(writer: asyncio.StreamWriter, path: str) -> None:
    words = "<p>Rye and water, and time, and what became of it in an old oven.</p>\n" * 50
    page = f"""<title>Post {path}</title><article class="h-entry"><h1 class="p-name">{path}</h1>
<a class="p-author h-card" href="/">Ann</a> <time class="dt-published">2026-11-22</time>{words}
<p>As <a class="u-in-reply-to" href="{RYE.url}">Ben</a> says of rye.</p>{words}</article>"""
    await _send(writer, page.encode())


async def _lie(writer: asyncio.StreamWriter, path: str) -> None:
    await _send(writer, b"<title>Nothing</title>" + _PIECE)


async def _send(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(_head(len(body)) + body)
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(_head(HUGE))
    while not writer.is_closing():
        writer.write(b"<p>")
        await writer.drain()
        await asyncio.sleep(0.2)


async def _hang(writer: asyncio.StreamWriter, path: str) -> None:
    await asyncio.sleep(3600)


async def _pour(writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(_head(HUGE))
    for _ in range(HUGE // len(_PIECE)):
        writer.write(_PIECE)
        await writer.drain()


def _head(length: int) -> bytes:
    start = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    return f"{start}Content-Length: {length}\r\n\r\n".encode()
