"""Many senders at once, each with an address and a host of its own."""

from __future__ import annotations

import asyncio
import io
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import parse_headers
from itertools import cycle
from urllib.parse import urlencode
from xmlrpc.client import dumps

from tests.receiver.reception import FORM, RYE
from tests.receiver.sources import HOSTILE, TRUE, Kind, Web

PATIENCE = 30.0
"""Seconds that a sender waits for an answer."""

AGAIN = 0.2
"""Seconds from a connection that failed to the next one."""

AIMED = 50
"""Requests that name the victim."""

PROTOCOLS = ("webmention", "pingback", "trackback")


@dataclass(frozen=True)
class Mention:
    """What a sender has to tell."""

    source: str
    protocol: str


@dataclass
class Sender:
    """One of them; ``told`` stands in turns, and all of one turn is told at once."""

    number: int
    kind: Kind
    turns: list[list[Mention]]

    @property
    def address(self) -> str:
        """Where it writes from."""
        return f"127.1.{self.number // 250}.{self.number % 250 + 1}"


@dataclass
class Diary:
    """What all senders have lived through.

    Attributes:
        told: how often each source was told, but for those times when it was to come later.
        accepted: how often that was accepted.
        answers: how often each status, or error, came.
        slowest: seconds to the slowest answer to an honest sender.
    """

    told: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0


def crowd(web: Web, senders: int, mentions: int) -> list[Sender]:
    """As many senders as that, every third of them hostile, who share what is to be told."""
    each = max(mentions // senders, 1)
    kinds = cycle(HOSTILE)
    drawn = [next(kinds) if number % 3 == 2 else Kind.HONEST for number in range(senders)]
    aiming = drawn.count(Kind.AIMING)
    return [
        Sender(number, kind, list(_turns(web, number, kind, each, aiming)))
        for number, kind in enumerate(drawn)
    ]


def _turns(web: Web, number: int, kind: Kind, each: int, aiming: int) -> Iterator[list[Mention]]:
    if kind is Kind.THRICE:
        for page in range(-(-each // 3)):
            source = web.url(kind, number, page)
            yield [Mention(source, protocol) for protocol in PROTOCOLS]
        return
    for page in range(-(-AIMED // aiming) if kind is Kind.AIMING else each):
        yield [Mention(web.url(kind, number, page), PROTOCOLS[(number + page) % 3])]


class Telling:
    """Senders at work. ``port`` may change when the receiver is started anew."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.diary = Diary()

    async def tell_all(self, sender: Sender) -> None:
        """Tell all that one sender has to tell."""
        for turn in sender.turns:
            await asyncio.gather(*(self._tell(sender, mention) for mention in turn))

    async def _tell(self, sender: Sender, mention: Mention) -> None:
        diary = self.diary
        while True:
            request, start = _request(mention, sender.kind), time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE):
                    said = await self._ask(sender, request)
            except OSError as error:
                # It may have been heard: the connection broke, or there was no answer in time.
                diary.told[mention.source] += not isinstance(error, ConnectionRefusedError)
                diary.answers[type(error).__name__] += 1
                if sender.kind not in TRUE:
                    return
                await asyncio.sleep(AGAIN)
                continue
            if sender.kind is Kind.HONEST:
                diary.slowest = max(diary.slowest, time.monotonic() - start)
            status, pause, body = said
            diary.answers[str(status)] += 1
            if status in (429, 503) and sender.kind in TRUE:
                await asyncio.sleep(pause)
                continue
            diary.told[mention.source] += 1
            diary.accepted[mention.source] += _is_accepted(status, body)
            return

    async def _ask(self, sender: Sender, request: bytes) -> tuple[int, float, str]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(sender.address, 0)
        )
        try:
            if sender.kind is Kind.SLOW:
                for byte in request:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(AGAIN)
            writer.write(request)
            await writer.drain()
            answer = await reader.read()
        finally:
            writer.transport.abort()
        if not answer:
            raise ConnectionResetError
        stream = io.BytesIO(answer)
        status = int(stream.readline().split()[1])
        headers = parse_headers(stream)
        return status, float(headers.get("Retry-After", 1)), stream.read().decode()


def _is_accepted(status: int, body: str) -> bool:
    refused = "<fault>" in body and "<int>48</int>" not in body
    refused |= "<error>1</error>" in body and "already" not in body
    return status < 300 and not refused


def _request(mention: Mention, kind: Kind) -> bytes:
    path, content_type = f"/{mention.protocol}", FORM
    if mention.protocol == "webmention":
        body = urlencode({"source": mention.source, "target": RYE.url}).encode()
    elif mention.protocol == "pingback":
        content_type = "text/xml"
        body = dumps((mention.source, RYE.url), "pingback.ping").encode()
    else:
        path = f"/trackback/{RYE.path}"
        body = urlencode({"url": mention.source, "title": "On rye"}).encode()
    if kind is Kind.LARGE:
        body += b"&more=" + b"x" * 65536
    head = f"POST {path} HTTP/1.1\r\nHost: us.example\r\nConnection: close\r\n"
    head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
