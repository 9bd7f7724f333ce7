"""Receipts: what became of the mentions that were told, as far as one can see from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from pelican_linkbacks import feeds, reading
from pelican_linkbacks.background import in_thread, quiet
from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import Forbidden, TimedOut, Unreachable
from pelican_linkbacks.links import keys_on_page
from pelican_linkbacks.mention import Mention, Outcome, Receipt
from pelican_linkbacks.pace import OutOfTime, Pace
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import inquiry, pingback
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import spelt_alike

EVERY = timedelta(hours=23)
"""A mention is asked about once a day at most; with a whole day, a daily job would miss every
second one by its own seconds."""

UNTIL = timedelta(days=30)
"""What has not been shown by then will hardly be."""

_WORDS = {"shown": Receipt.SHOWN, "held": Receipt.HELD, "queued": Receipt.HELD}
"""What our own receiver says at a status URL."""


def due(state: State, now: datetime) -> list[Mention]:
    """The mentions that it is time to ask about: told within 30 days, and not asked about within
    one.

    Args:
        state: what was told.
        now: UTC.
    """
    return [
        mention
        for mention in state.mentions()
        if mention.outcome is Outcome.SENT
        and not mention.removal
        and (told := mention.told_at or mention.first_seen)
        and now - told < UNTIL
        and (mention.receipt_at is None or now - mention.receipt_at >= EVERY)
    ]


class Receipts:
    """Asks what became of mentions, gently: each page once, a host as ``Pace`` allows.

    Args:
        config: limits and settings.
        say: called with one sentence before something is waited for.
    """

    def __init__(self, config: Config, say: Callable[[str], None]) -> None:
        self._config = config
        self._client = Client(config)
        self._say = say
        self._asked: dict[str, asyncio.Task[Page | None]] = {}

    def run(self, mentions: Iterable[Mention], now: datetime) -> list[Mention]:
        """Ask about some mentions.

        Args:
            mentions: those that were told.
            now: UTC.

        Returns:
            The same, as they stand now; a receipt stays as it was where nobody answered.
        """
        with quiet():
            return asyncio.run(self._all(list(mentions), now))

    async def _all(self, mentions: list[Mention], now: datetime) -> list[Mention]:
        self._asked = {}
        self._pace = Pace(self._config, None, self._say)
        receipts = await asyncio.gather(*(self._receipt(mention) for mention in mentions))
        return [
            replace(mention, receipt=receipt or mention.receipt, receipt_at=now)
            for mention, receipt in zip(mentions, receipts, strict=True)
        ]

    async def _receipt(self, mention: Mention) -> Receipt | None:
        """What is seen of a mention; None if nobody answered."""
        said = await self._said(mention)
        if said is Receipt.SHOWN:
            return said
        page = await self._once(mention.target)
        if page is None or page.status != 200:
            return said
        if _is_linked(page, mention.source) or await self._is_in_feed(page, mention.source):
            return Receipt.SHOWN
        return said or (Receipt.HELD if await self._is_listed(mention) else Receipt.HIDDEN)

    async def _said(self, mention: Mention) -> Receipt | None:
        """What the endpoint itself says of it."""
        if not mention.status_url:
            return None
        page = await self._once(mention.status_url)
        if page is None or page.status != 200:
            return None
        return _WORDS.get(reading.plain_text(page).partition(" ")[0].strip(".,:").lower())

    async def _is_in_feed(self, page: Page, source: str) -> bool:
        """Whether the feed of comments that a page names as its own carries the source."""
        for feed in reading.related(page, "alternate", ("link",)):
            # WordPress's is below the page; others on it are of the whole site.
            if spelt_alike(feed.url).startswith(f"{spelt_alike(page.url)}/"):
                answer = await self._once(feed.url)
                entries = feeds.entries(answer.body) if answer and answer.status == 200 else None
                if any(_is_of(entry, source) for entry in entries or ()):
                    return True
        return False

    async def _is_listed(self, mention: Mention) -> bool:
        """Whether a pingback server knows it; WordPress lists those too that wait for approval."""
        if mention.protocol != pingback.NAME or not mention.endpoint:
            return False
        ask = partial(self._client.post, mention.endpoint, inquiry.request(mention.target))
        page = await self._patiently(mention.endpoint, ask)
        listed = inquiry.sources(page) if page else ()
        return spelt_alike(mention.source) in map(spelt_alike, listed)

    async def _once(self, url: str) -> Page | None:
        """The answer of a URL, which is asked once whoever wants to know; None for no answer."""
        if url not in self._asked:
            ask = self._patiently(url, partial(self._client.get, url))
            self._asked[url] = asyncio.create_task(ask)
        return await self._asked[url]

    async def _patiently(self, url: str, ask: Callable[[], Page]) -> Page | None:
        try:
            async with self._pace.turn(url):
                page = await in_thread(ask)
        except OutOfTime:
            return None
        except (Unreachable, Forbidden) as error:
            self._pace.answered(url, in_time=not isinstance(error, TimedOut))
            return None
        self._pace.answered(url, in_time=True)
        return page


def _is_linked(page: Page, source: str) -> bool:
    return spelt_alike(source) in map(spelt_alike, keys_on_page(page.body, page.charset))


def _is_of(entry: feeds.Entry, source: str) -> bool:
    linked = keys_on_page(entry.html.encode("utf-8", "replace"), "utf-8")
    urls = (entry.url, entry.author_url, *entry.links, *linked)
    return spelt_alike(source) in map(spelt_alike, urls)
