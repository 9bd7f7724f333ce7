"""Feed: mentions as the entries of an Atom or RSS feed, as services and blogs publish them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urldefrag

from pelican_linkbacks import feeds, links, prose
from pelican_linkbacks.received import Received
from pelican_linkbacks.urls import host_of, is_under, key

_LONGEST = 2000
"""Characters of an entry's text that are kept; what is shown of it is shorter by far."""

_LONGEST_HTML = 64 * 1024
"""Characters of an entry's HTML that this text is taken from."""

_SENTENCE = re.compile(
    r"(https?://\S+) (mentioned|linked to|liked|reposted|replied to|bookmarked|RSVPed \S+ to)"
    r" (https?://\S+)"
)
"""What webmention.io says of each mention in its feed; who linked to what stands nowhere else."""

_SERVICE = re.compile(r"https?://[^/]+/api/mention/\d+")
"""An entry of webmention.io without a link of its own is known by this identifier."""

_KINDS = {
    "liked": "like",
    "like": "like",
    "favorite": "like",
    "reposted": "repost",
    "share": "repost",
    "replied to": "reply",
    "bookmarked": "bookmark",
}

_QUOTED = re.compile(r"\[(?:…|\.\.\.)\] .* \[(?:…|\.\.\.)\]")
"""How WordPress writes the text of a pingback; other comments are answers."""


def mentions(body: bytes, sites: Sequence[str]) -> list[Received]:
    """The entries of a feed that link to pages of ours.

    What an entry is about is told by ``thr:in-reply-to`` (RFC 4685), by one of its other links, or
    by a link in its text. An entry that is itself on our site is a comment there (WordPress): what
    it tells of another page is the URL of its author, which a pingback's is; without one it is no
    mention.

    Args:
        body: the document.
        sites: SITEURLs that are ours.

    Raises:
        ValueError: it is no feed.
    """
    entries = feeds.entries(body)
    if entries is None:
        raise ValueError("it is no Atom or RSS feed")
    return [mention for entry in entries for mention in _mentions(entry, sites)]


def _mentions(entry: feeds.Entry, sites: Sequence[str]) -> Iterable[Received]:
    said = _SENTENCE.fullmatch((entry.summary or entry.html).strip())
    if said:
        return _told(entry, said, sites)
    if is_under(entry.url, sites):
        return _comment(entry, sites)
    return _linking(entry, sites) if host_of(entry.url) else ()


def _linking(entry: feeds.Entry, sites: Sequence[str]) -> Iterator[Received]:
    """An entry of somebody else, one mention for each page of ours that it links to."""
    for place, target in {key(url): url for url in _linked(entry) if is_under(url, sites)}.items():
        answers = host_of(entry.answers) and key(entry.answers) == place
        yield Received(
            source=entry.url,
            target=target,
            kind=_KINDS.get(entry.verb, "reply" if answers else "mention"),
            url=entry.url,
            title=prose.plain_title(entry.title),
            author=entry.author,
            excerpt=_excerpt(entry),
            published=entry.published,
        )


def _told(entry: feeds.Entry, said: re.Match[str], sites: Sequence[str]) -> Iterator[Received]:
    """A mention as webmention.io writes it."""
    source, verb, target = said.groups()
    if is_under(target, sites) and not is_under(source, sites):
        kind = "reply" if verb.startswith("RSVPed") else _KINDS.get(verb, "mention")
        excerpt = _excerpt(entry)
        yield Received(
            source=source,
            target=target,
            kind=kind,
            url=source if _SERVICE.fullmatch(entry.url) else entry.url or source,
            author=entry.author,
            excerpt="" if _SENTENCE.fullmatch(excerpt) else excerpt,
            published=entry.published,
        )


def _comment(entry: feeds.Entry, sites: Sequence[str]) -> Iterator[Received]:
    """A comment on our own site, by somebody with another one. The title says no more than who has
    written on what."""
    if host_of(entry.author_url) and not is_under(entry.author_url, sites):
        excerpt = _excerpt(entry)
        # Where comments fill several pages, the entry is on one of those.
        target = entry.answers if is_under(entry.answers, sites) else entry.url
        yield Received(
            source=entry.author_url,
            target=urldefrag(target).url,
            kind="mention" if _QUOTED.fullmatch(excerpt) else "reply",
            url=entry.author_url,
            author=entry.author,
            excerpt=excerpt,
            published=entry.published,
        )


def _linked(entry: feeds.Entry) -> Iterator[str]:
    yield entry.answers
    yield from entry.links
    for link in links.parse(entry.html.encode("utf-8", "replace"), "utf-8"):
        yield link.url


def _excerpt(entry: feeds.Entry) -> str:
    return prose.plain(entry.html[:_LONGEST_HTML])[:_LONGEST]
