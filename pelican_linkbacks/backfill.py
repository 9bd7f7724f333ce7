"""Backfill: old links, which no build tells by itself, queued because their author asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pelican_linkbacks.diff import Diff
from pelican_linkbacks.mention import Article, Mention, Outcome
from pelican_linkbacks.retries import anew
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import key


def old(
    state: State, articles: Iterable[Article], diff: Diff, since: date | None = None
) -> list[Mention]:
    """The old links that a state knows in published articles, as they are queued to be told.

    Links that a setting or the article itself leaves out are not among them, nor those that the
    state does not know: the next build decides about them.

    Args:
        state: is not changed.
        articles: the published sources, as they are now.
        diff: the rules by which they are read.
        since: only articles of this day or later, in the site's own time; those without a date
            are left out then. None for all.
    """
    known = _old_ones(state)
    return [
        diff.as_written(anew(mention), article, link)
        for article in articles
        # Reading an article for links takes long.
        if article.path in known and _is_since(article, since)
        for link in diff.wanted(article)
        if (mention := known[article.path].get(key(link.url))) and not link.ignored
    ]


def queue(
    state: State, articles: Iterable[Article], diff: Diff, since: date | None = None
) -> list[Mention]:
    """Queue old links; see ``old``. The state is changed, but not saved.

    Returns:
        The mentions that are queued now.
    """
    queued = old(state, articles, diff, since)
    for mention in queued:
        state.put(mention)
    return queued


def _old_ones(state: State) -> dict[str, dict[str, Mention]]:
    """The old mentions by the PATH of their article, then by the key of their target."""
    found: dict[str, dict[str, Mention]] = {}
    for mention in state.mentions():
        if mention.outcome is Outcome.OLD:
            found.setdefault(mention.article, {})[key(mention.target)] = mention
    return found


def _is_since(article: Article, since: date | None) -> bool:
    return since is None or (article.date is not None and article.date.date() >= since)
