"""Feed: mentions as the entries of an Atom or RSS feed, as services and blogs publish them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pelican_linkbacks import feeds, links
from pelican_linkbacks.protocols import trackback
from pelican_linkbacks.received import Received
from pelican_linkbacks.urls import is_under, key

_LONGEST = 2000
"""Characters of an entry's text that are kept; what is shown of it is shorter by far."""


def mentions(body: bytes, sites: Sequence[str]) -> list[Received]:
    """The entries of a feed that link to pages of ours.

    What an entry is about is told by ``thr:in-reply-to`` (RFC 4685), by one of its other links, or
    by a link in its text.

    Args:
        body: the document.
        sites: SITEURLs that are ours.

    Raises:
        ValueError: it is no feed.
    """
    entries = feeds.entries(body)
    if entries is None:
        raise ValueError("it is no Atom or RSS feed")
    return [
        Received(
            source=entry.url,
            target=target,
            url=entry.url,
            title=trackback.plain_title(entry.title),
            author=entry.author,
            excerpt=trackback.plain(entry.html)[:_LONGEST],
            published=entry.published,
        )
        for entry in entries
        if not is_under(entry.url, sites)
        for target in _targets(entry, sites)
    ]


def _targets(entry: feeds.Entry, sites: Sequence[str]) -> Iterable[str]:
    return {key(url): url for url in _linked(entry) if is_under(url, sites)}.values()


def _linked(entry: feeds.Entry) -> Iterator[str]:
    yield from entry.links
    for link in links.parse(entry.html.encode("utf-8", "replace"), "utf-8"):
        yield link.url
