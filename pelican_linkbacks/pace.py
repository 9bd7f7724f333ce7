"""Pace: whose turn it is to be asked, so that no host is asked too much or too soon."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pelican_linkbacks.config import Config
from pelican_linkbacks.urls import host_of

PAUSE = 15.0
"""Seconds to leave a host alone that asks for a pause and names none: WordPress refuses a ping less
than 15 after another, and we count from its answer. Doubled each time it asks again."""

PATIENCE = 300.0
"""Seconds of the longest pause that is sat out where no time budget says otherwise."""


TIMEOUTS = 2
"""After so many requests in a row that took all their time in vain, a host is asked no more in this
run: each further page of a dead host would cost as much again."""

LEFT_ALONE = 600.0
"""Seconds until such a host is asked again."""


class OutOfTime(Exception):
    """The turn would come too late for this run.

    Attributes:
        why: what is the matter with the host; "" if it is only that the run is at its end.
        host: its name.
        seconds: when its next turn may come.
    """

    def __init__(self, why: str = "", host: str = "", seconds: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.host = host
        self.seconds = seconds


@dataclass(slots=True)
class _Host:
    name: str
    slots: asyncio.Semaphore
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    busy: int = 0
    why: str = ""
    timeouts: int = 0
    free_at: float = 0.0
    gap: float = 0.0
    refusals: int = 0
    refused_at: float = 0.0
    served_at: float = 0.0
    announced: float = 0.0


class Pace:
    """Gives out turns within LINKBACKS_WORKERS and LINKBACKS_PER_HOST, pauses observed.

    A mention that waits for its host takes no worker from the others.

    Args:
        config: for the two limits.
        last_start: monotonic time after which no turn starts; None for no such limit.
        say: called with one sentence before a pause is sat out.
    """

    def __init__(
        self, config: Config, last_start: float | None, say: Callable[[str], None]
    ) -> None:
        self._last_start = last_start
        self._say = say
        self._workers = asyncio.Semaphore(config.workers)
        self._per_host = config.per_host
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, url: str, *, notice: bool = False) -> AsyncIterator[float]:
        """Wait for the turn to ask a URL, and hold it for the length of the block.

        Args:
            url: what is to be asked.
            notice: whether a notice is sent; notices to a host that asked for pauses are kept
                that far apart.

        Yields:
            The monotonic time at which the turn began.

        Raises:
            OutOfTime: if the turn would begin too late.
        """
        host = self._host(url)
        async with host.slots:
            await self._sit_out(host)
            if notice and host.gap:
                # Claimed before the request, so that the next in line does not go beside it.
                host.free_at = time.monotonic() + host.gap
            async with self._alone_if_slow(host), self._workers:
                began = time.monotonic()
                if self._last_start is not None and began > self._last_start:
                    raise OutOfTime
                yield began

    def served(self, url: str) -> None:
        """A host has taken a notice: the next one may follow when its gap is over."""
        host = self._host(url)
        host.served_at = time.monotonic()
        host.refusals = 0
        if host.gap:
            host.free_at = host.served_at + host.gap

    def pause(self, url: str, seconds: float, began: float) -> float:
        """A host asked for a pause.

        Args:
            url: what was asked.
            seconds: how long it wants; 0 if it did not say.
            began: when the turn began in which it asked.

        Returns:
            Seconds for which it will not be asked.
        """
        host = self._host(url)
        host.why = f"{host.name} asked for a pause"
        now = time.monotonic()
        if began >= host.refused_at:
            # Of two requests at once that are both refused, the second says nothing new.
            host.refusals += 1
        host.refused_at = now
        host.gap = max(host.gap, seconds or PAUSE)
        # A throttle counts from the last notice that it let through, if we know that one.
        start = host.served_at if host.served_at and host.refusals == 1 and not seconds else now
        host.free_at = max(now, start + (seconds or PAUSE * 2 ** (host.refusals - 1)))
        return host.free_at - now

    def leave_alone(self, name: str, seconds: float, why: str) -> None:
        """Keep a pause that a host asked for in an earlier run.

        Args:
            name: the host, as ``urls.host_of`` gives it.
            seconds: what is left of the pause.
            why: what was said of it.
        """
        host = self._named(name)
        host.why = why
        host.gap = PAUSE
        host.free_at = max(host.free_at, time.monotonic() + seconds)

    def answered(self, url: str, *, in_time: bool) -> None:
        """A request has ended, by an answer of whatever kind, or because its time was over."""
        host = self._host(url)
        host.timeouts = 0 if in_time else host.timeouts + 1

    def stop(self) -> None:
        """Let no further turn begin."""
        self._last_start = -math.inf

    def _host(self, url: str) -> _Host:
        return self._named(host_of(url))

    def _named(self, name: str) -> _Host:
        if name not in self._hosts:
            self._hosts[name] = _Host(name, asyncio.Semaphore(self._per_host))
        return self._hosts[name]

    async def _sit_out(self, host: _Host) -> None:
        self._check(host)
        while (left := host.free_at - time.monotonic()) > 0:
            if host.gap and host.busy:
                # Only what comes of the notice under way says when the next one may follow.
                await host.idle.wait()
                self._check(host)
                continue
            end = self._last_start
            if host.free_at > end if end is not None else left > PATIENCE:
                raise OutOfTime(host.why, host.name, left)
            if host.announced != host.free_at:
                host.announced = host.free_at
                self._say(f"{host.name} wants a pause between notices: waiting {left:.0f} s")
            await asyncio.sleep(left)
            self._check(host)

    @asynccontextmanager
    async def _alone_if_slow(self, host: _Host) -> AsyncIterator[None]:
        """After a request that took all its time, the next one waits to see what comes of those
        under way: a dead host would keep them all."""
        while host.timeouts and host.busy:
            await host.idle.wait()
        self._check(host)
        host.busy += 1
        host.idle.clear()
        try:
            yield
        finally:
            host.busy -= 1
            if not host.busy:
                host.idle.set()

    def _check(self, host: _Host) -> None:
        if host.timeouts >= TIMEOUTS:
            why = f"{host.name} did not answer in time, and is left alone in this run"
            raise OutOfTime(why, host.name, LEFT_ALONE)
