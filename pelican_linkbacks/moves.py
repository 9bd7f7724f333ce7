"""Moves: articles, files and sites that are found at another address than before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pelican_linkbacks.mention import Article
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import host_of


def site_has_moved(state: State, siteurl: str) -> bool:
    """Whether a SITEURL is at another host than the one the state was made with.

    A change from http to https or of the path is no move: the same server answers there.
    """
    return state.exists and host_of(siteurl) != host_of(state.siteurl)


def move_site(state: State, siteurl: str) -> None:
    """Take a SITEURL at another host as the site's new address; the former one stays ours."""
    state.former = tuple(dict.fromkeys([*state.former, *state.sites]))
    state.siteurl = siteurl
    state.sites = (siteurl,)


def one_a_file(state: State, articles: Iterable[Article]) -> list[Article]:
    """One article for each source file: the one the state knows, else the outermost site's.

    A source file that is published at two URLs (in two languages' sites, say) is one article: its
    links must not be told twice.
    """
    chosen: dict[str, Article] = {}
    for article in sorted(
        articles, key=lambda a: (a.path not in state.articles, a.path.count("/"), a.path)
    ):
        chosen.setdefault(article.file, article)
    return list(chosen.values())


def follow(state: State, articles: Sequence[Article]) -> int:
    """Let what the state knows of an article go with it to its new URL or source file.

    Returns:
        How many articles have a new URL.
    """
    paths = {file: path for path, file in state.articles.items()}
    here = {article.file for article in articles}
    places = {}
    for article in articles:
        known = state.articles.get(article.path)
        if known == article.file:
            continue
        if article.file in paths:
            places[paths[article.file]] = (article.path, article.file)
        elif known is not None and known not in here:
            places[article.path] = (article.path, article.file)
    if places:
        state.regroup(places)
    return sum(old != new for old, (new, _) in places.items())
