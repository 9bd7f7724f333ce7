"""Pace: whose turn it is to be asked, so that no host is asked too much or too soon."""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pelican_linkbacks.config import Config
from pelican_linkbacks.urls import host_of

PAUSE = 16.0
"""Seconds to leave a host alone that asks for a pause and names none: WordPress wants more than
15 between two pings. Doubled each time it asks again."""

PATIENCE = 300.0
"""Seconds of the longest pause that is sat out where no time budget says otherwise."""


class OutOfTime(Exception):
    """The turn would come too late for this run."""


@dataclass(slots=True)
class _Host:
    slots: asyncio.Semaphore
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
        self._hosts: dict[str, _Host] = defaultdict(
            lambda: _Host(asyncio.Semaphore(config.per_host))
        )

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
        host = self._hosts[host_of(url)]
        async with host.slots:
            await self._sit_out(host_of(url), host)
            if notice and host.gap:
                # Claimed before the request, so that the next in line does not go beside it.
                host.free_at = time.monotonic() + host.gap
            async with self._workers:
                began = time.monotonic()
                if self._last_start is not None and began > self._last_start:
                    raise OutOfTime
                yield began

    def served(self, url: str) -> None:
        """A host has taken a notice: the next one may follow when its gap is over."""
        host = self._hosts[host_of(url)]
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
        host = self._hosts[host_of(url)]
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

    def stop(self) -> None:
        """Let no further turn begin."""
        self._last_start = -math.inf

    async def _sit_out(self, name: str, host: _Host) -> None:
        while (left := host.free_at - time.monotonic()) > 0:
            end = self._last_start
            if host.free_at > end if end is not None else left > PATIENCE:
                raise OutOfTime
            if host.announced != host.free_at:
                host.announced = host.free_at
                self._say(f"{name} wants a pause between notices: waiting {left:.0f} s")
            await asyncio.sleep(left)
