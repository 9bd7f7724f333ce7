"""Delivery: does our public page agree, whose turn is it, and what came of telling."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from pelican_linkbacks import twins
from pelican_linkbacks.background import in_thread, quiet
from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import StateError
from pelican_linkbacks.ledger import Ledger
from pelican_linkbacks.mention import NAMED, Endpoint, Mention, Outcome, Reply
from pelican_linkbacks.online import Public, look
from pelican_linkbacks.pace import OutOfTime, Pace
from pelican_linkbacks.protocols import webmention
from pelican_linkbacks.retries import after, is_paused
from pelican_linkbacks.sender import Found, Sender
from pelican_linkbacks.state import Journal, State
from pelican_linkbacks.urls import host_of, key

T = TypeVar("T")


class Delivery:
    """Tells mentions, many at once.

    Args:
        config: limits and settings.
        state: where intents and outcomes are written.
        say: called with one sentence before the run waits for something.
        decided: called after each mention that was decided.
    """

    def __init__(
        self,
        config: Config,
        state: State,
        say: Callable[[str], None],
        decided: Callable[[], None] = lambda: None,
    ) -> None:
        self._config = config
        self._state = state
        self._say = say
        self._decided = decided
        self._client = Client(config)
        self._sender = Sender(self._client, config.protocols)
        self._asked: dict[tuple[str, str], asyncio.Task[Any]] = {}
        self._settled: list[Mention] = []
        self._known: dict[str, dict[str, Mention]] = {}

    def run(self, mentions: Iterable[Mention], budget: float | None = None) -> list[Mention]:
        """Tell mentions, as far as our pages agree and time allows.

        Args:
            mentions: those that are due, in the order in which hosts are asked.
            budget: seconds that this may take; None for as long as it takes.

        Returns:
            The mentions that were decided in this run, as they stand now.

        Raises:
            StateError: if an intent or an outcome can't be written; nothing more is sent then.
        """
        mentions = list(mentions)
        self._asked, self._settled, self._known = {}, [], self._state.by_article()
        if mentions:
            with quiet(), self._state.journal() as journal:
                asyncio.run(self._deliver_all(mentions, budget, journal))
        return self._settled

    def agrees(self, mention: Mention) -> bool:
        """Whether the source's public page is as it should be for this mention."""
        with quiet():
            return self._public(mention.source).disagreement(mention) is None

    async def _deliver_all(
        self, mentions: list[Mention], budget: float | None, journal: Journal
    ) -> None:
        # A request that begins no later than this has ended when the budget has.
        last = None if budget is None else time.monotonic() + budget - self._config.request_timeout
        self._pace = Pace(self._config, last, self._say)
        self._keep_pauses()
        self._ledger = Ledger(journal)
        tasks = [asyncio.create_task(self._deliver(mention)) for mention in mentions]
        done, late = await asyncio.wait(tasks, timeout=budget, return_when=asyncio.FIRST_EXCEPTION)
        if late and any(task.exception() for task in done):
            # What has left already still gets its answer written down, if that can be.
            self._pace.stop()
            _, late = await asyncio.wait(late, timeout=self._config.request_timeout)
        for task in late:
            task.cancel()
        for task in done:
            task.result()

    def _keep_pauses(self) -> None:
        now = datetime.now(UTC)
        for mention in self._state.mentions():
            if is_paused(mention) and mention.next_attempt and mention.next_attempt > now:
                left = (mention.next_attempt - now).total_seconds()
                self._pace.leave_alone(str(mention.paused_by), left, mention.answer or "")

    async def _deliver(self, mention: Mention) -> None:
        told = mention
        try:
            if self._config.check_online:
                public = await self._once("page", mention.source, self._look)
                if waits_for := public.disagreement(mention):
                    self._settle(mention, Reply(Outcome.WAITING, waits_for))
                    return
                if not mention.removal:
                    told = replace(mention, source=public.url)
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
        try:
            async with self._pace.turn(source):
                public = await in_thread(partial(self._public, source))
        except OutOfTime as late:
            if not late.why:
                raise
            return Public(source, error=f": {late.why}")
        self._pace.answered(source, in_time=not public.timed_out)
        return public

    def _public(self, source: str) -> Public:
        return look(self._client, source, self._state.sites)

    async def _tell(self, mention: Mention) -> tuple[Mention, Reply]:
        others = self._known.get(mention.article, {}).values()
        found: Found
        if mention.found_by == NAMED:
            found = [Endpoint(mention.target, "trackback", NAMED)]
            twin = await twins.told(mention, others, self._offered)
        else:
            found = await self._offered(mention.target)
            twin = None if mention.removal else twins.named(found, others)
        if isinstance(found, Reply):
            return mention, found
        if twin:
            return mention, Reply(Outcome.SKIPPED, f"left to {twin.target}: it is the same entry")
        reply = Reply(Outcome.NONE, "the link is gone, but no webmention endpoint to tell it to")
        for endpoint in found:
            if mention.removal and endpoint.protocol != webmention.NAME:
                continue
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

    async def _offered(self, target: str) -> Found:
        return await self._once("target", key(target), self._discover)

    async def _discover(self, target: str) -> Found:
        return await self._patiently(target, partial(self._sender.discover, target))

    async def _notify(self, endpoint: Endpoint, mention: Mention) -> Reply:
        send = partial(self._sender.send, endpoint, mention)
        return await self._patiently(endpoint.url, send, notice=mention)

    async def _patiently(
        self, url: str, ask: Callable[[], T | Reply], *, notice: Mention | None = None
    ) -> T | Reply:
        """Ask until the host no longer wants a pause, or its pause is too long for this run."""
        asked_for: Reply | None = None
        while True:
            try:
                async with self._pace.turn(url, notice=notice is not None) as began:
                    if notice:
                        await self._ledger.intend(notice)
                    answer = await in_thread(ask)
            except OutOfTime as late:
                if asked_for:
                    return asked_for
                if late.why:
                    return Reply(Outcome.FAILED, late.why, pause=late.seconds, paused_by=late.host)
                raise
            if not isinstance(answer, Reply):
                self._pace.answered(url, in_time=True)
                return answer
            self._pace.answered(url, in_time=not answer.timed_out)
            if answer.pause is None:
                if answer.outcome is Outcome.SENT:
                    self._pace.served(url)
                return answer
            pause = self._pace.pause(url, answer.pause, began)
            asked_for = replace(answer, pause=pause, paused_by=host_of(url))

    async def _once(self, what: str, url: str, ask: Callable[[str], Coroutine[Any, Any, T]]) -> T:
        """Ask a URL no more than once in a run, whoever wants to know."""
        if (what, url) not in self._asked:
            self._asked[what, url] = asyncio.create_task(ask(url))
        answer: T = await asyncio.shield(self._asked[what, url])
        return answer

    def _settle(self, mention: Mention, reply: Reply) -> None:
        settled = after(mention, reply, self._config.max_attempts, datetime.now(UTC))
        self._settled.append(settled)
        self._ledger.settle(settled)
        self._decided()
