"""Markup: what a page says of where it can be told, and the place in the page where it says so.

A page is bytes here, never parsed as a whole nor decoded: what is not inserted stays as it is, in
whatever encoding that keeps ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import PROTOCOLS, pingback, rdf, trackback, webmention

_SHARED = (webmention.NAME, pingback.NAME)
"""What is the same on all pages."""

_ATTRIBUTES = rb"""[^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+[^>=]*+)*+>"""

# Each spelt out: a group that is referred to inside of a possessive repetition is a SystemError in
# Python's re for some pages (seen in 3.11).
_RAW = rb"|".join(
    rb"<%b(?=[\s/>])%b(?>.*?</%b(?=[\s/>]))[^>]*+>" % (name, _ATTRIBUTES, name)
    for name in (b"title", b"script", b"style", b"noscript", b"template", b"noframes")
)

# What can stand before and in a head by HTML's own rules (section 13.2.6.4, "in head"): the head
# ends before the first thing that is none of these, whether its end tag is written or omitted.
# Tags are told from tags that only stand in a comment, a script, a title or an attribute. Nothing
# is ever read twice: each alternative is possessive. The most frequent comes first.
_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?+\s*+(?:(?:"
    rb"<(?:html|head|meta|link|base|basefont|bgsound)(?=[\s/>])"
    + _ATTRIBUTES
    + rb"|<!--(?:-?>|(?>.*?--!?>))"
    rb"|" + _RAW + rb"|<[?!](?!--)[^>]*+>"
    rb"|</(?!(?:head|body|html|br)[\s/>])[a-z][^>]*+>)\s*+)*+",
    re.IGNORECASE | re.DOTALL,
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|title|meta)(?=[\s/>])", re.IGNORECASE)
_NAMES = tuple(name.encode() for name in PROTOCOLS)
_LINK = re.compile(rb"(<link [^>]*)>")
_RELATION = re.compile(rb"\srel\s*=[^>]*(?:webmention|pingback|trackback)")
_RDF = re.compile(rb"<!--\s*<rdf:RDF\b.*?-->\s?", re.DOTALL)


def pieces(endpoints: Mapping[str, str], url: str, title: str) -> dict[str, bytes]:
    """The markup of a page, by the protocol's name, in order of preference.

    Args:
        endpoints: where the page can be told, by the protocol's name.
        url: canonical URL of the page.
        title: its title in plain text.
    """
    found = {name: _shared(name, endpoints[name]) for name in _SHARED if name in endpoints}
    if ping := endpoints.get(trackback.NAME):
        found[trackback.NAME] = trackback.markup(ping, url, title).encode("ascii")
    return found


@lru_cache(maxsize=4)
def _shared(name: str, endpoint: str) -> bytes:
    is_webmention = name == webmention.NAME
    tag = webmention.markup(endpoint) if is_webmention else pingback.markup(endpoint)
    return tag.encode("ascii")


def head_end(page: bytes) -> int | None:
    """Where a page's head ends: before ``</head>``, or what else ends it; None if it is no HTML."""
    match = _HEAD.match(page)
    end = match.end() if match else 0
    return end if _HTML.search(page, 0, end) else None


def offered(page: bytes, url: str, place: int) -> frozenset[str]:
    """The protocols for which a page has markup of its own, by the rules of our own discovery.

    Args:
        page: the page.
        url: where it stands.
        place: where its head ends.
    """
    # In capitals nobody writes it outside the head, and looking for it takes the longest of all.
    head = page[:place].lower()
    for name in _NAMES:
        if name in head or page.find(name, place) >= 0:
            break
    else:
        return frozenset()
    lower = page.lower()
    if not _RELATION.search(lower) and b"<rdf:rdf" not in lower:
        return frozenset()
    seen = Page(url, 200, (("Content-Type", "text/html"),), page)
    found = {name for name, protocol in PROTOCOLS.items() if protocol.discover(seen)}
    return frozenset(found | ({trackback.NAME} if any(rdf.descriptions(page)) else set()))


def insert(page: bytes, place: int, pieces: Iterable[bytes]) -> bytes:
    """A page with markup at a place, in the page's own line ends and, if it is XML, as XML."""
    head, added = page[:place], b"\n".join([*pieces, b""])
    if head.startswith(b"<?xml") or b"//www.w3.org/1999/xhtml" in head:
        added = _LINK.sub(rb"\1/>", added)
    # A carriage return alone is found much faster than with a line feed.
    if b"\r" in head and b"\r\n" in head:
        added = added.replace(b"\n", b"\r\n")
    return head + added + page[place:]


def without(page: bytes, names: Iterable[str]) -> bytes:
    """A page without the markup in its head of some protocols, in whatever spelling."""
    end = head_end(page) or 0
    head = page[:end]
    for name in names:
        relation = rb"<link\s(?=[^>]*\brel\s*=\s*[\"']?%b\b)[^>]*>\s?" % name.encode()
        head = re.sub(relation, b"", head)
        if name == trackback.NAME:
            head = _RDF.sub(b"", head)
    return head + page[end:]
