"""Remote: origins that are asked over HTTP, each in its own form.

Only ``origins`` imports it, and only for those: see there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import Forbidden, Unreachable
from pelican_linkbacks.page import Page
from pelican_linkbacks.received import Received, feed, own_receiver, webmention_io
from pelican_linkbacks.received.batch import Batch, Broken, sound

MOST = 64 * 1024 * 1024
"""Bytes of a list that are read; the author himself has named who writes it."""

MOST_PAGES = 100
"""Of webmention.io; as many hold 100,000 mentions."""


def receiver(config: Config, url: str, last: Batch) -> Batch:
    """Ask a receiver of ours.

    Args:
        config: for the client.
        url: its base, or that of its list.
        last: what it gave the last time.

    Raises:
        Broken: it gives nothing that can be read.
    """
    url = url if urlsplit(url).path.endswith(".json") else f"{url.rstrip('/')}/received.json"
    return _read(Client(config), url, last, partial(own_receiver.listed, known=last.lines))


def entries(config: Config, url: str, last: Batch, sites: Sequence[str]) -> Batch:
    """Ask for a feed.

    Args:
        config: for the client.
        url: of the feed.
        last: what it gave the last time.
        sites: SITEURLs that are ours: what a feed holds for us hangs on them.

    Raises:
        Broken: it gives nothing that can be read.
    """
    own = f"{' '.join(sites)} "
    known = last.etag.removeprefix(own) if last.etag.startswith(own) else ""

    def read(body: bytes) -> list[bytes]:
        return own_receiver.lines(feed.mentions(body, sites))

    batch = _read(Client(config), url, replace(last, etag=known), read)
    return replace(batch, etag=own + batch.etag if batch.etag else "")


def service(config: Config, home: str) -> Batch:
    """Ask webmention.io, or one of the same kind.

    Args:
        config: for the client, and the site that is asked about.
        home: URL of the service, or "" for webmention.io itself.

    Raises:
        Broken: it gives nothing that can be read.
    """
    token = os.environ.get(webmention_io.TOKEN, "").strip()
    if not token:
        raise Broken(f"the environment variable {webmention_io.TOKEN} is not set")
    client, home = Client(config), home or webmention_io.HOME
    domain = urlsplit(config.siteurl).hostname or ""
    found: list[Received] = []
    last: list[Received] = []
    for number in range(MOST_PAGES):
        try:
            page = _page(client, webmention_io.address(home, domain, token, number), "")
        except Broken as error:
            raise _discreet(error, token) from None
        mentions, is_more = sound(webmention_io.mentions, page.body)
        # One that knows no pages gives the first again.
        if mentions and mentions == last:
            break
        found += mentions
        last = mentions
        if not is_more:
            break
    return Batch(own_receiver.lines(found))


def _discreet(error: Broken, token: str) -> Broken:
    """The same without the token: it stands in the URL, and in those that it redirects to."""
    cause = error.__cause__
    words = str(error)
    if isinstance(cause, Forbidden) or token[:6].lower() in words.lower():
        return Broken("its URL, or one that it redirects to, can't be asked")
    if words == _answered(HTTPStatus.UNAUTHORIZED):
        return Broken(f"it does not know the token in {webmention_io.TOKEN}")
    return error


def _read(client: Client, url: str, last: Batch, read: Callable[[bytes], list[bytes]]) -> Batch:
    page = _page(client, url, last.etag)
    if page.status == HTTPStatus.NOT_MODIFIED:
        return last
    return Batch(sound(read, page.body), "".join(page.header("ETag")[:1]))


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
