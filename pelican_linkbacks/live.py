"""Live: what the published site carries already, asked when there is no state to tell."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pelican_linkbacks import feeds
from pelican_linkbacks.background import in_thread, quiet
from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import Forbidden, StateError, Unreachable
from pelican_linkbacks.links import keys_on_page
from pelican_linkbacks.mention import Article
from pelican_linkbacks.online import GONE
from pelican_linkbacks.pace import OutOfTime, Pace
from pelican_linkbacks.storage import overwrite
from pelican_linkbacks.urls import host_of, key

FORGOTTEN_AFTER = timedelta(days=1)
"""Later than this the site may have changed in other ways, and is asked again."""


class Live:
    """The links on the pages of the published site.

    Ask it before Pelican empties its output, which may be the published site itself.

    Args:
        config: for the client and its limits.
        left: gives the seconds that may still be spent on the network.
    """

    def __init__(self, config: Config, left: Callable[[], float]) -> None:
        self._config = config
        self._left = left
        self._client = Client(config)
        self._links: dict[str, frozenset[str]] = {}
        self._sure: set[str] = set()

    def ask_feeds(self, urls: Sequence[str]) -> None:
        """Learn from the first of some feeds that can be read which links its entries carry."""
        for url in urls:
            if self._left() < self._config.request_timeout:
                return
            with quiet():
                try:
                    page = self._client.get(url, own=True, fresh=True)
                    entries = feeds.entries(page.body) if page.status == 200 else None
                except (Unreachable, Forbidden):
                    continue
            if entries is not None:
                for entry in entries:
                    self._add(
                        entry.url, keys_on_page(entry.html.encode("utf-8", "replace"), "utf-8")
                    )
                    if entry.full:
                        self._sure.add(_place(entry.url))
                return

    def ask_pages(self, articles: Iterable[Article]) -> None:
        """Learn from the published pages of those articles that no feed carries whole."""
        unknown = [a.url for a in articles if _place(a.url) not in self._sure]
        with quiet():
            asyncio.run(self._ask_all(unknown))

    def keep(self, file: Path, now: datetime) -> bool:
        """Write down what was learned: once our pages are written, the live site may be them.

        Returns:
            Whether that could be done.
        """
        links = {place: sorted(keys) for place, keys in self._links.items()}
        learned = {"asked": now.isoformat(), "sure": sorted(self._sure), "links": links}
        try:
            overwrite(file, json.dumps(learned).encode())
        except StateError:
            return False
        return True

    def recall(self, file: Path, now: datetime) -> bool:
        """Learn what another run wrote down that did not live to make a state of it, or still is
        at work.

        Args:
            file: where it may stand.
            now: when this run began.

        Returns:
            Whether there was such a run, not long ago.
        """
        try:
            learned = json.loads(file.read_bytes())
            age = now - datetime.fromisoformat(learned["asked"])
            if not age or age > FORGOTTEN_AFTER:
                return False
            self._links = {place: frozenset(keys) for place, keys in learned["links"].items()}
            self._sure = set(learned["sure"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return False
        return True

    def carried(self, article: Article) -> frozenset[str] | None:
        """The keys of the links that an article's published page carries.

        Returns:
            None if it could not be asked.
        """
        place = _place(article.url)
        return self._links.get(place, frozenset()) if place in self._sure else None

    def has(self, article: Article) -> bool:
        """Whether the published site has an article, as far as it was asked."""
        return _place(article.url) in self._links

    async def _ask_all(self, urls: Sequence[str]) -> None:
        last = time.monotonic() + self._left() - self._config.request_timeout
        pace = Pace(self._config, last, lambda _: None)
        await asyncio.gather(*(self._ask(pace, url) for url in urls))

    async def _ask(self, pace: Pace, url: str) -> None:
        try:
            async with pace.turn(url):
                page = await in_thread(lambda: self._client.get(url, own=True, fresh=True))
        except (Unreachable, Forbidden, OutOfTime):
            return
        if page.status == 200:
            self._add(url, keys_on_page(page.body, page.charset))
        elif page.status not in GONE:
            return
        self._sure.add(_place(url))

    def _add(self, url: str, links: frozenset[str]) -> None:
        self._links[_place(url)] = self._links.get(_place(url), frozenset()) | links


def _place(url: str) -> str:
    """What is compared of our own pages' addresses: a feed may link with another scheme, or with
    the ``?ref=feed`` that Pelican can append."""
    return host_of(url) + urlsplit(key(url)).path if host_of(url) else url
