"""Live site: whether it answers where SITEURL says, with the pages that the state knows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from pelican_linkbacks.addresses import is_private_name
from pelican_linkbacks.background import in_thread, quiet
from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.doctor.case import Case
from pelican_linkbacks.doctor.finding import Finding, Level
from pelican_linkbacks.doctor.source_page import UNREADABLE, Complaint, as_asked, complaints
from pelican_linkbacks.errors import Forbidden, TimedOut, Unreachable
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.pace import OutOfTime, Pace
from pelican_linkbacks.page import Page
from pelican_linkbacks.report import count
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import host_of

MOST_PAGES = 20
TIME_LIMIT = 60.0
"""Seconds for all requests together."""

AT_ONCE = 2
"""Requests at once: it is our own host that is asked."""

LOOKED_AT = frozenset({Outcome.SENT, Outcome.WAITING, Outcome.FAILED, Outcome.GAVE_UP})
"""Outcomes of mentions whose source should be online, or may be the reason why they failed."""

WORDPRESS_PORTS = frozenset({None, 80, 443, 8080})

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def examine(case: Case) -> Iterator[Finding]:
    """Look at the home page and at the newest pages that blogs were told of, or are to be."""
    if not case.siteurl:
        return
    home = f"{case.siteurl}/"
    sources = _sources(case.state) if case.state else {}
    newest = list(sources)[:MOST_PAGES]
    with quiet():
        # Who runs the server may know us by the site that we name.
        config = replace(case.config, siteurl=case.siteurl)
        seen = asyncio.run(_look_all(config, [home, *newest]))
    for level, text, advice in _of_home(case, home, seen.get(home)):
        yield Finding("site", level, text, advice)
    if not sources:
        return
    looked_at = [source for source in newest if source in seen]
    of_all = f"{len(looked_at)} of {count(len(sources), 'page')}"
    text = f"Looked at {of_all} with links that were told or are to be."
    yield Finding("pages", Level.WELL, text)
    if late := len(newest) - len(looked_at):
        text = f"There was no time for {count(late, 'page')} of them: your server is slow."
        yield Finding("pages", Level.NOTE, text)
    sites = case.state.sites if case.state else ()
    found: dict[Complaint, list[str]] = {}
    silent: dict[str, str] = {}
    for source in looked_at:
        page = seen[source]
        if isinstance(page, str):
            silent[source] = page
            continue
        for complaint in complaints(page, sources[source], sites):
            found.setdefault(complaint, []).append(source)
    if silent:
        text = f"No answer: {_first(list(silent))} ({next(iter(silent.values()))})."
        yield Finding("pages", Level.WRONG, text, UNREADABLE)
    for complaint, urls in found.items():
        text = f"{complaint.text}: {_first(urls)}."
        yield Finding("pages", complaint.level, text, complaint.advice)


def _first(urls: Sequence[str]) -> str:
    more = len(urls) - 1
    return f"{urls[0]} and {count(more, 'more page')}" if more else urls[0]


def _sources(state: State) -> dict[str, list[Mention]]:
    """The pages that should be online, the newest first, with the mentions they are told for."""
    homes = {host_of(site) for site in state.sites}
    mentions = [
        mention
        for mention in state.mentions()
        if mention.outcome in LOOKED_AT and not mention.removal and host_of(mention.source) in homes
    ]
    found: dict[str, list[Mention]] = {}
    for mention in sorted(mentions, key=lambda m: m.first_seen or _EARLIEST, reverse=True):
        found.setdefault(mention.source, []).append(mention)
    return found


async def _look_all(config: Config, urls: Sequence[str]) -> dict[str, Page | str]:
    """What some of our pages answered, or why they did not; those are missing for which time was
    too short."""
    timeout = min(config.request_timeout, TIME_LIMIT / 2)
    config = replace(config, request_timeout=timeout, per_host=min(config.per_host, AT_ONCE))
    pace = Pace(config, time.monotonic() + TIME_LIMIT - timeout, lambda _: None)
    client = Client(config)
    seen: dict[str, Page | str] = {}

    async def look(url: str) -> None:
        in_time = True
        try:
            async with pace.turn(url):
                seen[url] = await in_thread(partial(client.get, url, own=True, fresh=True))
        except OutOfTime as late:
            if late.why:
                seen[url] = late.why
            return
        except (Unreachable, Forbidden) as error:
            seen[url] = str(error)
            in_time = not isinstance(error, TimedOut)
        pace.answered(url, in_time=in_time)

    await asyncio.gather(*map(look, urls))
    return seen


def _of_home(case: Case, home: str, seen: Page | str | None) -> Iterator[tuple[Level, str, str]]:
    parts = urlsplit(home)
    if parts.port not in WORDPRESS_PORTS and not is_private_name(parts.hostname or ""):
        yield (
            Level.WRONG,
            f"SITEURL has port {parts.port}, and WordPress looks at no source on such a port.",
            "Serve the site on 443, 80 or 8080.",
        )
    if not isinstance(seen, Page):
        yield (
            Level.WRONG,
            f"{home} can't be read: {seen or 'there was no time for it'}.",
            UNREADABLE,
        )
    elif seen.status != 200:
        yield (
            Level.WRONG,
            f"{home} answers HTTP {seen.status}.",
            "See whether SITEURL is right, and lets other blogs' software in.",
        )
    elif (there := _root(seen.url)) != _root(as_asked(home)):
        is_elsewhere = bool(case.state and case.state.exists) and host_of(home) != host_of(there)
        yield (
            Level.WRONG,
            f"{home} redirects to {seen.url}, and WordPress refuses a source that redirects.",
            f"Set SITEURL to {there}{parts.path.rstrip('/')}"
            f"{', build, and run: pelican-linkbacks moved' if is_elsewhere else '.'}",
        )
    else:
        yield Level.WELL, f"{home} answers HTTP 200.", ""


def _root(url: str) -> str:
    """The scheme and host of a URL."""
    return f"{urlsplit(url).scheme}://{host_of(url)}"
