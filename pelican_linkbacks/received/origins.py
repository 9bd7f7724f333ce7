"""Origins: where received mentions come from, as LINKBACKS_RECEIVED names them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import Forbidden, LinkbackError, Unreachable
from pelican_linkbacks.page import Page
from pelican_linkbacks.received import Received, feed, own_receiver, webmention_io
from pelican_linkbacks.urls import host_of

MOST = 64 * 1024 * 1024
"""Bytes of a list that are read; the author himself has named who writes it."""

MOST_PAGES = 100
"""Of webmention.io; as many hold 100,000 mentions."""


class Broken(LinkbackError):
    """An origin gave nothing that can be read: what it gave last counts."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What an origin gave.

    Attributes:
        mentions: all that it has; None if nothing has changed since the last time.
        etag: by which it knows again what it has given, or "".
    """

    mentions: list[Received] | None
    etag: str = ""


Ask = Callable[[str], Batch]
"""Asks an origin; its argument is the ETag of the last time, or "". Raises Broken."""


def named(name: str, config: Config, sites: Sequence[str]) -> Ask:
    """The origin that LINKBACKS_RECEIVED names.

    Args:
        name: "receiver:URL", a URL, "feed:URL", "webmention.io" or the path of a file.
        config: for the client, and the folder that the path is relative to.
        sites: SITEURLs that are ours.
    """
    client = Client(config)
    kind, _, rest = name.partition(":")
    if kind == "feed":
        return lambda etag: _read(client, rest, etag, lambda body: feed.mentions(body, sites))
    if kind == "webmention.io":
        return lambda _: _service(client, rest or webmention_io.HOME, config)
    url = rest if kind == "receiver" else name
    if host_of(url):
        url = url if urlsplit(url).path.endswith(".json") else f"{url.rstrip('/')}/received.json"
        return lambda etag: _read(client, url, etag, own_receiver.mentions)
    return lambda _: _file(config.content.parent / name)


def _read(client: Client, url: str, etag: str, read: Callable[[bytes], list[Received]]) -> Batch:
    page = _page(client, url, etag)
    if page.status == 304 and etag:
        return Batch(None, etag)
    return Batch(_sound(read, page.body), "".join(page.header("ETag")[:1]))


def _service(client: Client, home: str, config: Config) -> Batch:
    token = os.environ.get(webmention_io.TOKEN, "")
    if not token:
        raise Broken(f"the environment variable {webmention_io.TOKEN} is not set")
    domain = urlsplit(config.siteurl).hostname or ""
    found: list[Received] = []
    for number in range(MOST_PAGES):
        page = _page(client, webmention_io.address(home, domain, token, number), "")
        mentions, is_more = _sound(webmention_io.mentions, page.body)
        found += mentions
        if not is_more:
            break
    return Batch(found)


def _file(path: Path) -> Batch:
    try:
        return Batch(_sound(own_receiver.mentions, path.read_bytes()))
    except OSError as error:
        raise Broken(f"it can't be read ({error.strerror})") from error


def _page(client: Client, url: str, etag: str) -> Page:
    try:
        page = client.get(url, own=True, etag=etag, most=MOST)
    except (Unreachable, Forbidden) as error:
        raise Broken(str(error)) from error
    if page.status != 200 and not (page.status == 304 and etag):
        raise Broken(f"it answers HTTP {page.status}")
    if len(page.body) >= MOST:
        raise Broken(f"it is longer than {MOST // 1024**2} MiB")
    return page


T = TypeVar("T")


def _sound(read: Callable[[bytes], T], body: bytes) -> T:
    try:
        return read(body)
    except ValueError as error:
        raise Broken(str(error)) from error
