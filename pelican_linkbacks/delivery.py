"""Delivery: does our public page agree, whose turn is it, and what came of telling."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from pelican_linkbacks.background import in_thread, quiet
from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import Forbidden, StateError, Unreachable
from pelican_linkbacks.links import keys_on_page
from pelican_linkbacks.mention import NAMED, Endpoint, Mention, Outcome, Reply
from pelican_linkbacks.pace import OutOfTime, Pace
from pelican_linkbacks.retries import after
from pelican_linkbacks.sender import Found, Sender
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import host_of, is_under, key, spelt_alike

T = TypeVar("T")

_LEFT_OUT = frozenset({Outcome.WITHDRAWN, Outcome.SKIPPED})

Public = tuple[str, frozenset[str]] | str
"""Our own page as the public sees it: its URL and the keys of its links, or why it is not there."""


class Delivery:
    """Tells mentions, many at once.

    Args:
        config: limits and settings.
        state: its ``record`` is called for each outcome, in the calling thread.
        say: called with one sentence before the run waits for something.
    """

    def __init__(self, config: Config, state: State, say: Callable[[str], None]) -> None:
        self._config = config
        self._state = state
        self._say = say
        self._client = Client(config)
        self._sender = Sender(self._client, config.protocols)
        self._asked: dict[tuple[str, str], asyncio.Task[Any]] = {}
        self._settled: list[Mention] = []
        self._known: dict[str, dict[str, Mention]] = {}

    def run(self, mentions: Iterable[Mention], budget: float | None = None) -> list[Mention]:
        """Tell mentions, as far as our pages agree and time allows.

        Args:
            mentions: those that are due.
            budget: seconds that this may take; None for as long as it takes.

        Returns:
            The mentions that were decided in this run, as they stand now.

        Raises:
            StateError: if an outcome can't be written; nothing more is sent then.
        """
        self._asked, self._settled, self._known = {}, [], self._state.by_article()
        with quiet():
            asyncio.run(self._deliver_all(list(mentions), budget))
        return self._settled

    def agrees(self, mention: Mention) -> bool:
        """Whether the source's public page is online and carries the link."""
        with quiet():
            return _disagreement(self._public_page(mention.source), mention) is None

    async def _deliver_all(self, mentions: list[Mention], budget: float | None) -> None:
        # A request that begins no later than this has ended when the budget has.
        last = None if budget is None else time.monotonic() + budget - self._config.request_timeout
        self._pace = Pace(self._config, last, self._say)
        tasks = [asyncio.create_task(self._deliver(mention)) for mention in mentions]
        if tasks:
            done, late = await asyncio.wait(
                tasks, timeout=budget, return_when=asyncio.FIRST_EXCEPTION
            )
            for task in late:
                task.cancel()
            for task in done:
                task.result()

    async def _deliver(self, mention: Mention) -> None:
        told = mention
        try:
            if self._config.check_online:
                public = await self._once("page", mention.source, self._look)
                if waits_for := _disagreement(public, mention):
                    self._settle(mention, Reply(Outcome.WAITING, waits_for))
                    return
                told = replace(mention, source=public[0])
            told, reply = await self._tell(told)
            if reply.outcome is not Outcome.SENT:
                told = replace(told, source=mention.source)
            self._settle(told, reply)
        except OutOfTime:
            return
        except StateError:
            raise
        except Exception as error:  # noqa: BLE001 - a page that trips a parser stops no other
            why = f"unexpected {type(error).__name__}: {error}"
            self._settle(mention, Reply(Outcome.FAILED, why))

    async def _look(self, source: str) -> Public:
        async with self._pace.turn(source):
            return await in_thread(partial(self._public_page, source))

    def _public_page(self, source: str) -> Public:
        try:
            page = self._client.get(source, own=True, fresh=True)
        except (Unreachable, Forbidden) as error:
            return f"{source} is not online yet: {error}"
        if page.status != 200:
            return f"{source} is not online yet (HTTP {page.status})"
        url = page.url if is_under(page.url, self._state.sites) else source
        return url, keys_on_page(page.body, page.charset)

    async def _tell(self, mention: Mention) -> tuple[Mention, Reply]:
        found: Found
        if mention.found_by == NAMED:
            found, twin = [Endpoint(mention.target, "trackback", NAMED)], await self._told(mention)
        else:
            found = await self._once("target", key(mention.target), self._discover)
            twin = self._named(mention, found)
        if isinstance(found, Reply):
            return mention, found
        if twin:
            return mention, Reply(Outcome.SKIPPED, f"left to {twin.target}: it is the same entry")
        for endpoint in found:
            mention = replace(
                mention,
                protocol=endpoint.protocol,
                endpoint=endpoint.url,
                found_by=endpoint.found_by,
            )
            reply = await self._notify(endpoint, mention)
            if not reply.unsupported:
                break
        return mention, reply

    def _named(self, mention: Mention, found: Found) -> Mention | None:
        """The ``Trackbacks:`` URL of the same article that a link's page offers: both lead to one
        entry, and the author's own word goes before what is discovered."""
        for other in self._known.get(mention.article, {}).values():
            named = other.found_by == NAMED and other.outcome not in _LEFT_OUT
            if named and _offers(found, other.target):
                return other
        return None

    async def _told(self, mention: Mention) -> Mention | None:
        """The link of the same article that has told the entry of a ``Trackbacks:`` URL before."""
        for other in self._known.get(mention.article, {}).values():
            if other.found_by == NAMED or other.outcome is not Outcome.SENT:
                continue
            found: Found = [Endpoint(other.endpoint or "", "", "")]
            if other.protocol != "trackback" and host_of(other.target) == host_of(mention.target):
                # What else that page offers was not kept.
                found = await self._once("target", key(other.target), self._discover)
            if _offers(found, mention.target):
                return other
        return None

    async def _discover(self, target: str) -> Found:
        return await self._patiently(target, partial(self._sender.discover, target))

    async def _notify(self, endpoint: Endpoint, mention: Mention) -> Reply:
        send = partial(self._sender.send, endpoint, mention)
        return await self._patiently(endpoint.url, send, notice=True)

    async def _patiently(
        self, url: str, ask: Callable[[], T | Reply], *, notice: bool = False
    ) -> T | Reply:
        """Ask until the host no longer wants a pause, or its pause is too long for this run."""
        asked_for: Reply | None = None
        while True:
            try:
                async with self._pace.turn(url, notice=notice) as began:
                    answer = await in_thread(ask)
            except OutOfTime:
                if asked_for is None:
                    raise
                return asked_for
            if not isinstance(answer, Reply):
                return answer
            if answer.pause is None:
                if answer.outcome is Outcome.SENT:
                    self._pace.served(url)
                return answer
            asked_for = replace(answer, pause=self._pace.pause(url, answer.pause, began))

    async def _once(self, what: str, url: str, ask: Callable[[str], Coroutine[Any, Any, T]]) -> T:
        """Ask a URL no more than once in a run, whoever wants to know."""
        if (what, url) not in self._asked:
            self._asked[what, url] = asyncio.create_task(ask(url))
        answer: T = await asyncio.shield(self._asked[what, url])
        return answer

    def _settle(self, mention: Mention, reply: Reply) -> None:
        settled = after(mention, reply, self._config.max_attempts, datetime.now(UTC))
        self._settled.append(settled)
        try:
            self._state.record(settled)
        except StateError:
            self._pace.stop()
            raise


def _offers(found: Found, url: str) -> bool:
    offered = [] if isinstance(found, Reply) else [spelt_alike(e.url) for e in found]
    return spelt_alike(url) in offered


def _disagreement(public: Public, mention: Mention) -> str | None:
    """Why a mention has to wait for our own page, or None if that page is as it should be."""
    if isinstance(public, str):
        return public
    url, links = public
    if mention.found_by == NAMED or key(mention.target) in links:
        return None
    return f"{url} is online, but without this link yet"
