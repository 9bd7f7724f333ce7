"""Predecessor: what the linkbacks plugin told, or could not tell, read from the cache it has left.

That cache is never written to. It only adds to what is known: of links it does not have, it says
nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from xmlrpc.client import Fault, dumps

from pelican_linkbacks.mention import Article, Mention, Outcome, Reply
from pelican_linkbacks.news import Change, News
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import PROTOCOLS, pingback
from pelican_linkbacks.reading import one_line, resolved
from pelican_linkbacks.urls import host_of, key, other_scheme

PLUGIN_NAMES = frozenset({"linkbacks", "pelican.plugins.linkbacks"})
"""What PLUGINS calls it. It tells links too, so the two can't be used together."""

FOUND_BY = "the linkbacks plugin"

_FAULT = re.compile(r"\[NotifierError\] .*?: code=(-?\d{1,9}) - (.*)", re.DOTALL)
_KIND = re.compile(r"^\[\w+\] ")


class _Fate(NamedTuple):
    """What came of one link; without an answer, it found no endpoint."""

    is_told: bool = False
    answer: str = ""
    protocol: str | None = None
    endpoint: str | None = None


_NOTHING = _Fate()


class Predecessor:
    """What the linkbacks plugin knew of each link in the articles of a slug.

    Args:
        files: its caches; they need not exist.
        say: called with one line for each that does.
    """

    def __init__(self, files: Iterable[Path], say: Callable[[str], None] = lambda _: None) -> None:
        self._fates: dict[tuple[str, str], _Fate] = {}
        for file in files:
            try:
                slugs = json.loads(file.read_bytes())
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, ValueError, RecursionError):
                slugs = None
            if not isinstance(slugs, dict):
                say(f"Linkbacks: {file} is no cache of the linkbacks plugin that can be read")
                continue
            say(f"Linkbacks: what the linkbacks plugin told is read from {file}")
            for slug, links in slugs.items():
                self._learn(slug, links)

    def past(self, article: Article, mention: Mention) -> Change | None:
        """A mention as the linkbacks plugin has left it.

        A slug stands for the article in every language, for of several sites in one cache it
        told one only.

        Args:
            article: where the mention comes from.
            mention: as it is without this knowledge.

        Returns:
            None if the plugin never looked at that link. What it could not tell is old, with what
            it was told as its answer. So is what it found no endpoint for, without an answer: it
            knew two protocols only.
        """
        if not self._fates:
            return None
        place = key(mention.target)
        fate = self._fates.get((article.slug, place))
        fate = fate or self._fates.get((article.slug, other_scheme(place)))
        # It never looked at Pelican's pages, which may have the slug of an article.
        if fate is None or article.is_page:
            return None
        mention = replace(mention, answer=fate.answer or None, excerpt=None)
        if not fate.is_told:
            old = replace(mention, outcome=Outcome.OLD)
            return Change(old, fate.answer or f"{FOUND_BY} has looked at it")
        told = replace(
            mention,
            outcome=Outcome.SENT,
            protocol=fate.protocol,
            endpoint=fate.endpoint,
            found_by=FOUND_BY,
        )
        return Change(told, fate.answer)

    def _learn(self, slug: str, links: Any) -> None:
        if isinstance(links, list):
            # Its first version wrote down which links it had looked at, and nothing else.
            links = {url: {} for url in links if isinstance(url, str)}
        for url, notices in links.items() if isinstance(links, dict) else ():
            if host_of(url):
                place = slug, key(url)
                fate = _fate(url, notices if isinstance(notices, dict) else {})
                self._fates[place] = max(self._fates.get(place, fate), fate, key=_rank)


def summary(news: News) -> str | None:
    """One line on what a first diff has taken from the linkbacks plugin; None if that is nothing.

    Args:
        news: what that diff has found.
    """
    told = len(news.came_to[Outcome.SENT])
    # Of all that is old, nothing else has an answer.
    missed = sum(change.mention.answer is not None for change in news.came_to[Outcome.OLD])
    if not told and not missed:
        return None
    line = f"  {told} of these links had been told by {FOUND_BY}"
    if not missed:
        return f"{line}."
    return (
        f"{line}; {missed} could not be told by it. To see why, run: pelican-linkbacks status; to "
        "tell all that is old: pelican-linkbacks backfill"
    )


def _rank(fate: _Fate) -> tuple[bool, bool]:
    return fate.is_told, fate.answer != ""


def _fate(url: str, notices: Mapping[str, Any]) -> _Fate:
    """What came of a link that was told by each protocol for which it had an endpoint."""
    # Where both were told, it is the first, which we prefer: a webmention can be taken back.
    told = ((name, notices.get(name)) for name in PROTOCOLS)
    fates = (_by(name, url, notice) for name, notice in told if isinstance(notice, dict))
    return max(fates, key=_rank, default=_NOTHING)


def _by(name: str, url: str, notice: Mapping[str, Any]) -> _Fate:
    endpoint = one_line(str(notice.get("server_uri") or ""))
    error = notice.get("error")
    if error is None and "response" in notice:
        reply = _read(notice["response"]) if name == pingback.NAME else None
    elif fault := _FAULT.match(str(error)):
        reply = _read(Fault(int(fault[1]), fault[2]))
    elif not endpoint and (error is None or error == f"No {name} URI found"):
        return _NOTHING
    else:
        what = "could not tell it" if endpoint else "could not read the page"
        return _Fate(answer=f"{FOUND_BY} {what}: {one_line(_KIND.sub('', str(error)))}")
    if reply is None or reply.outcome is Outcome.SENT:
        return _Fate(True, f"told by {FOUND_BY}", name, resolved(url, endpoint))
    return _Fate(answer=f"{FOUND_BY} was refused: {reply.answer}")


def _read(value: Any) -> Reply:
    """What a pingback server's answer means, by our own reading: that plugin took any number for a
    success, and "already registered" for a failure."""
    try:
        body = dumps(value if isinstance(value, Fault) else (value,), methodresponse=True)
    except (TypeError, OverflowError, RecursionError):
        body = ""
    return pingback.reply(Page("", 200, (), body.encode("utf-8", "replace")))
