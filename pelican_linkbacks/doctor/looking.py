"""Looking: what our own site answers to the doctor, asked gently and for so long only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from pelican_linkbacks.background import in_thread
from pelican_linkbacks.client import Client
from pelican_linkbacks.doctor.case import Case
from pelican_linkbacks.errors import Forbidden, TimedOut, Unreachable
from pelican_linkbacks.pace import OutOfTime, Pace
from pelican_linkbacks.page import Page

TIME_LIMIT = 60.0
"""Seconds for all requests of one examination together."""

AT_ONCE = 2
"""Requests at once: it is our own host that is asked."""


class Looking:
    """The requests of one examination, which all share one limit of time and one event loop.

    Args:
        case: for the settings, and for the site to name to whoever is asked.

    Attributes:
        seen: what URLs have answered, or why they did not; those are missing for which time was
            too short.
    """

    def __init__(self, case: Case) -> None:
        timeout = min(case.config.request_timeout, TIME_LIMIT / 2)
        config = replace(
            case.config,
            # Who runs the server may know us by the site that we name.
            siteurl=case.siteurl,
            request_timeout=timeout,
            per_host=min(case.config.per_host, AT_ONCE),
        )
        self._pace = Pace(config, time.monotonic() + TIME_LIMIT - timeout, lambda _: None)
        self._client = Client(config)
        self.seen: dict[str, Page | str] = {}

    async def at(self, urls: Iterable[str]) -> None:
        """Fetch some URLs of hosts that the author has named, each once."""
        await asyncio.gather(*map(self._fetch, dict.fromkeys(urls)))

    async def _fetch(self, url: str) -> None:
        in_time = True
        try:
            async with self._pace.turn(url):
                ask = partial(self._client.get, url, own=True, fresh=True)
                self.seen[url] = await in_thread(ask)
        except OutOfTime as late:
            if late.why:
                self.seen[url] = late.why
            return
        except (Unreachable, Forbidden) as error:
            self.seen[url] = str(error)
            in_time = not isinstance(error, TimedOut)
        self._pace.answered(url, in_time=in_time)
