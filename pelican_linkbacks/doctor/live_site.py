"""Live site: whether it answers where SITEURL says, with the pages that the state knows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pelican_linkbacks.addresses import is_private_name
from pelican_linkbacks.background import quiet
from pelican_linkbacks.doctor.case import Case
from pelican_linkbacks.doctor.complaint import Complaint, findings, silence
from pelican_linkbacks.doctor.finding import Finding, Level
from pelican_linkbacks.doctor.looking import Looking
from pelican_linkbacks.doctor.source_page import UNREADABLE, as_asked, complaints
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.page import Page
from pelican_linkbacks.report import count
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import host_of

MOST_PAGES = 20

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
    looking = Looking(case)
    with quiet():
        asyncio.run(looking.at([home, *newest]))
    seen = looking.seen
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
    yield from silence("pages", silent, UNREADABLE)
    yield from findings("pages", found)


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
