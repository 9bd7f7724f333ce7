"""Origins: where received mentions come from, as LINKBACKS_RECEIVED names them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pelican_linkbacks import places
from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import Forbidden, LinkbackError, Unreachable
from pelican_linkbacks.page import Page
from pelican_linkbacks.received import Received, feed, own_receiver, webmention_io
from pelican_linkbacks.urls import host_of, silence

MOST = 64 * 1024 * 1024
"""Bytes of a list that are read; the author himself has named who writes it."""

MOST_PAGES = 100
"""Of webmention.io; as many hold 100,000 mentions."""

_OF_A_SITE = frozenset({"feed", "webmention.io"})
"""Asked for what concerns a site; the others give all that they have."""


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
    if kind in _OF_A_SITE and silence(config):
        # What belongs to another site than the real one would take the place of the copy.
        return lambda etag: Batch(None, etag)
    if kind == "feed":
        return lambda etag: _feed(client, rest, etag, sites)
    if kind == "webmention.io":
        return lambda _: _service(client, rest or webmention_io.HOME, config)
    url = rest if kind == "receiver" else name
    if host_of(url):
        url = url if urlsplit(url).path.endswith(".json") else f"{url.rstrip('/')}/received.json"
        return lambda etag: _read(client, url, etag, own_receiver.mentions)
    return lambda _: _file(places.beside(config.content) / name)


def _read(client: Client, url: str, etag: str, read: Callable[[bytes], list[Received]]) -> Batch:
    page = _page(client, url, etag)
    if page.status == HTTPStatus.NOT_MODIFIED:
        return Batch(None, etag)
    return Batch(_sound(read, page.body), "".join(page.header("ETag")[:1]))


def _feed(client: Client, url: str, etag: str, sites: Sequence[str]) -> Batch:
    # What a feed holds for us hangs on which sites are ours.
    own = f"{' '.join(sites)} "
    known = etag.removeprefix(own) if etag.startswith(own) else ""
    batch = _read(client, url, known, lambda body: feed.mentions(body, sites))
    return replace(batch, etag=own + batch.etag if batch.etag else "")


def _service(client: Client, home: str, config: Config) -> Batch:
    token = os.environ.get(webmention_io.TOKEN, "").strip()
    if not token:
        raise Broken(f"the environment variable {webmention_io.TOKEN} is not set")
    domain = urlsplit(config.siteurl).hostname or ""
    found: list[Received] = []
    last: list[Received] = []
    for number in range(MOST_PAGES):
        try:
            page = _page(client, webmention_io.address(home, domain, token, number), "")
        except Broken as error:
            raise _discreet(error, token) from None
        mentions, is_more = _sound(webmention_io.mentions, page.body)
        # One that knows no pages gives the first again.
        if mentions and mentions == last:
            break
        found += mentions
        last = mentions
        if not is_more:
            break
    return Batch(found)


def _discreet(error: Broken, token: str) -> Broken:
    """The same without the token: it stands in the URL, and in those that it redirects to."""
    cause = error.__cause__
    words = str(error)
    if isinstance(cause, Forbidden) or token[:6].lower() in words.lower():
        return Broken("its URL, or one that it redirects to, can't be asked")
    if words == _answered(HTTPStatus.UNAUTHORIZED):
        return Broken(f"it does not know the token in {webmention_io.TOKEN}")
    return error


def _file(path: Path) -> Batch:
    try:
        return Batch(_sound(own_receiver.mentions, path.read_bytes()))
    except OSError as error:
        raise Broken(f"it can't be read ({error.strerror or error})") from error


def _page(client: Client, url: str, etag: str) -> Page:
    try:
        seen = Page(url, HTTPStatus.OK, (("ETag", etag),)) if etag else None
        page = client.get(url, own=True, seen=seen, most=MOST)
    except (Unreachable, Forbidden) as error:
        raise Broken(str(error)) from error
    if page.status != HTTPStatus.OK and not (page.status == HTTPStatus.NOT_MODIFIED and etag):
        raise Broken(_answered(page.status))
    if len(page.body) >= MOST:
        raise Broken(f"it is longer than {MOST // 1024**2} MiB")
    return page


def _answered(status: int) -> str:
    return f"it answers HTTP {int(status)}"


T = TypeVar("T")


def _sound(read: Callable[[bytes], T], body: bytes) -> T:
    try:
        return read(body)
    except ValueError as error:
        raise Broken(str(error)) from error
