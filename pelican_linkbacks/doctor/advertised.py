"""Advertised: whether others can tell the live site, and find out where."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from pelican_linkbacks import manifest
from pelican_linkbacks.background import quiet
from pelican_linkbacks.client import MAX_BODY
from pelican_linkbacks.doctor.advertised_page import MISSING, complaints, pings
from pelican_linkbacks.doctor.case import Case
from pelican_linkbacks.doctor.complaint import Complaint, findings, silence
from pelican_linkbacks.doctor.endpoint_answers import examine as examine_answers
from pelican_linkbacks.doctor.endpoint_answers import is_askable
from pelican_linkbacks.doctor.finding import Finding, Level
from pelican_linkbacks.doctor.looking import Looking
from pelican_linkbacks.endpoints import Endpoints
from pelican_linkbacks.online import GONE
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import trackback
from pelican_linkbacks.report import count
from pelican_linkbacks.urls import absolute, host_of

MOST_PAGES = 3
"""All pages are made by one theme; more would say the same."""

UPLOAD = "Build, and upload the output."

_SETTING = re.compile(r"LINKBACKS_(?:\w+_)?ENDPOINT\b")
_SLUG = "linkbacksslug"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the live site has shown.

    Attributes:
        pages: URL of each page that can be told, and its path as ``Article.path``.
        newest: those looked at, and what each is to say, by the protocol's name.
        pings: trackback URLs of pages that are there.
        looking: what all has answered.
    """

    pages: Mapping[str, str]
    newest: Mapping[str, Mapping[str, str]]
    pings: tuple[str, ...]
    looking: Looking


def examine(case: Case) -> Iterator[Finding]:
    """Look at the list of pages, at the newest of them, and at the endpoints that they name."""
    endpoints = Endpoints.named(case.config)
    if endpoints is None:
        # Of one that is wrong was said so already.
        if not any(_SETTING.match(problem) for problem in case.problems):
            yield Finding(
                "endpoints",
                Level.NOTE,
                "No endpoint is set, so that nobody can tell this site.",
                "If you have a receiver, name it in LINKBACKS_ENDPOINT.",
            )
        return
    if not case.siteurl:
        return
    with quiet():
        seen = asyncio.run(_look(case, endpoints))
    yield from examine_answers(case, endpoints, seen.looking.seen, seen.pings)
    listing = _listing(case)
    page = seen.looking.seen.get(listing)
    problem = _objection(listing, page)
    if problem:
        yield problem
    elif not seen.pages:
        text = f"{listing} names no page that takes linkbacks."
        yield Finding("advertised", Level.NOTE, text, "Publish an article without Linkbacks: no.")
    yield from _of_pages(case, seen, is_listed=problem is None)


async def _look(case: Case, endpoints: Endpoints) -> _Seen:
    looking, listing = Looking(case), _listing(case)
    shared = [url for url in endpoints.shared.values() if is_askable(case, url)]
    await looking.at([listing, *shared])
    pages = _pages(case, looking.seen.get(listing))
    chosen = _newest(case, pages)
    await looking.at(chosen)
    newest, asked = {}, []
    for url in chosen:
        page, path = looking.seen.get(url), pages[url]
        slug = _slug(endpoints, path, page) if isinstance(page, Page) else None
        newest[url] = endpoints.of(path, slug or "")
        ping = newest[url].get(trackback.NAME)
        is_there = isinstance(page, Page) and page.status == 200
        if ping and is_there and slug is not None and is_askable(case, ping):
            asked.append(ping)
    await looking.at(asked)
    return _Seen(pages, newest, tuple(asked), looking)


def _listing(case: Case) -> str:
    return f"{case.siteurl}/{manifest.NAME}"


def _objection(listing: str, page: Page | str | None) -> Finding | None:
    """What is wrong with the list of pages."""
    if page is None:
        text = f"There was no time for {listing}: your server is slow."
        return Finding("advertised", Level.NOTE, text)
    if isinstance(page, str):
        why, advice = f"can't be read: {page}.", "A receiver takes nothing before it can read it."
    elif page.status in GONE:
        why = "is not there: the site online was built without endpoints, or not uploaded whole."
        advice = UPLOAD
    elif page.status != 200:
        why, advice = f"answers HTTP {page.status}.", "Let a receiver read it."
    elif _read(page) is None:
        why, advice = "is not the list that a build writes.", UPLOAD
    else:
        return None
    return Finding("advertised", Level.WRONG, f"{listing} {why}", advice)


def _read(page: Page) -> dict[str, str] | None:
    """The pages that a list has, as ``_Seen.pages``; None if it is none."""
    body = page.body
    if len(body) >= MAX_BODY:
        # Of a long one the end was not read; each page has a line of its own.
        body = body[: body.rfind(b"\n")].rstrip(b",") + b"]}"
    try:
        targets = json.loads(body)["targets"]
        return {str(target["url"]): str(target["path"]) for target in targets if target["open"]}
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _pages(case: Case, listing: Page | str | None) -> dict[str, str]:
    if not isinstance(listing, Page):
        # A site that does not answer is not asked again and again.
        return {}
    listed = _read(listing) if listing.status == 200 else None
    if listed is None:
        known = case.state.articles if case.state else {}
        listed = {absolute(case.siteurl, path): path for path in known}
    # Nobody else is asked, whatever a list says.
    homes = {host_of(site) for site in (case.siteurl, *(case.state.sites if case.state else ()))}
    return {url: path for url, path in listed.items() if host_of(url) in homes}


def _newest(case: Case, pages: Mapping[str, str]) -> list[str]:
    """The pages whose links are the newest, then those of the last path: it may hold a date."""
    seen: dict[str, float] = {}
    for mention in case.state.mentions() if case.state else ():
        if mention.first_seen:
            time = mention.first_seen.timestamp()
            seen[mention.article] = max(time, seen.get(mention.article, 0))
    age = {url: (seen.get(path, 0), path) for url, path in pages.items()}
    return sorted(pages, key=age.__getitem__, reverse=True)[:MOST_PAGES]


def _slug(endpoints: Endpoints, path: str, page: Page) -> str | None:
    """The slug that a page has by the trackback URL it names, as only the build knows it; ""
    where that URL has none; None if it does not tell."""
    pattern = endpoints.of(path, _SLUG).get(trackback.NAME, "")
    if _SLUG not in pattern:
        return ""
    known = re.compile(re.escape(pattern).replace(_SLUG, r"([\w.~%-]+)"))
    matches = filter(None, map(known.fullmatch, pings(page)))
    return next((unquote(match[1]) for match in matches), None)


def _of_pages(case: Case, seen: _Seen, *, is_listed: bool) -> Iterator[Finding]:
    if not seen.newest:
        return
    answers = {url: seen.looking.seen.get(url) for url in seen.newest}
    looked_at = {url: answer for url, answer in answers.items() if answer is not None}
    of_all = f"{len(looked_at)} of {count(len(seen.pages), 'page')}"
    text = f"Looked at {of_all} {'open to linkbacks' if is_listed else 'known from the state'}."
    yield Finding("advertised", Level.WELL, text)
    if late := len(answers) - len(looked_at):
        text = f"There was no time for {count(late, 'page')}: your server is slow."
        yield Finding("advertised", Level.NOTE, text)
    silent = {url: answer for url, answer in looked_at.items() if isinstance(answer, str)}
    yield from silence("advertised", silent, "Nobody can tell pages without reading them.")
    found: dict[Complaint, list[str]] = {}
    for url, page in looked_at.items():
        if isinstance(page, Page) and (is_listed or page.status == 200):
            for complaint in complaints(page, seen.newest[url], case.config.header_files):
                found.setdefault(complaint, []).append(url)
    if not is_listed:
        # Without the list nobody knows which pages are to say anything.
        for complaint in MISSING.values():
            found.pop(complaint, None)
    yield from findings("advertised", found)
