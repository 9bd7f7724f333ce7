"""Source page: one of our pages, seen as those see it who are told of it.

What WordPress demands was observed of its releases: it follows no redirect, reads so much of a
page, and wants there a bare title and a link with words in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from pelican_linkbacks import report
from pelican_linkbacks.doctor.complaint import Complaint
from pelican_linkbacks.doctor.finding import Level
from pelican_linkbacks.links import address, keys_on_page, tree
from pelican_linkbacks.mention import NAMED, Mention, Outcome
from pelican_linkbacks.online import GONE, Public
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import webmention
from pelican_linkbacks.urls import is_under, key

WORDPRESS_READS = 150 * 1024
"""Bytes of a source that WordPress looks at."""

_TITLE = re.compile(rb"<title>[^<]+</title>", re.IGNORECASE)
_DRESSED_TITLE = re.compile(rb"<title\s[^>]*>", re.IGNORECASE)
_SHUT = frozenset({401, 403})


_UNLESS_REMOVED = (
    "Upload the output, unless you have removed it: pingback and trackback have no word for that."
)

UNREADABLE = "Nothing is told before your pages can be read."

MISSING = Complaint(
    Level.WRONG,
    "Blogs were told of this page, and it is not there",
    "Upload the output; if you have deleted the article, the next build tells them so.",
)
DELETED = Complaint(
    Level.NOTE,
    "Blogs were told of this page, and it is not there any more",
    _UNLESS_REMOVED,
)
WITHOUT_LINK = Complaint(
    Level.WRONG,
    "Blogs were told of a link that is not on this page",
    "Upload the output; if the theme shows no links there, let it show the whole article.",
)
LINK_REMOVED = Complaint(
    Level.NOTE,
    "Blogs were told of a link that is not on this page any more",
    _UNLESS_REMOVED,
)
READY = Complaint(
    Level.WRONG,
    "Online now, with links that wait to be told",
    f"Run: {report.NOW}",
)
NOT_YET = Complaint(
    Level.NOTE,
    "Not online yet, or without the links that wait to be told",
    f"After the upload, run: {report.LATER}",
)
LEADS_AWAY = Complaint(
    Level.WRONG,
    "Redirects to an address that is not under SITEURL, and WordPress refuses a source that "
    "redirects",
    "Spell SITEURL as your server does.",
)
LEADS_ON = Complaint(
    Level.NOTE,
    "Redirects, so that blogs are told the address it leads to",
    "Spell ARTICLE_URL as your server does, and your own links are spared the detour.",
)
UNTITLED = Complaint(
    Level.WRONG,
    "Without a <title>, and WordPress refuses such a source",
    "Let the theme give every page one.",
)
DRESSED_TITLE = Complaint(
    Level.WRONG,
    "With attributes on its <title>, and WordPress refuses such a source",
    "Let the theme write a bare <title>.",
)
TOO_FAR = Complaint(
    Level.WRONG,
    "With links beyond its first 150 kB, where WordPress reads no further",
    "Move what stands before the article (styles, scripts) into files of their own.",
)
WORDLESS = Complaint(
    Level.NOTE,
    "With a link that holds no words, only a picture perhaps, and WordPress refuses that",
    "Put words into the link.",
)


def complaints(page: Page, mentions: Sequence[Mention], sites: Sequence[str]) -> list[Complaint]:
    """All that is to be said of a page, each once.

    Args:
        page: what its public URL answered.
        mentions: those it is the source of, told or not.
        sites: SITEURLs that are ours.
    """
    found = list(dict.fromkeys(_of_mentions(page, mentions)))
    if page.status == 200:
        found += [*_of_address(page, mentions, sites), *_of_head(page)]
    elif page.status in _SHUT:
        advice = "Let other blogs' software in; it reads your page before it takes a notice."
        found.append(Complaint(Level.WRONG, f"Turned away (HTTP {page.status})", advice))
    elif page.status not in GONE:
        found.append(Complaint(Level.WRONG, f"Answers HTTP {page.status}", UNREADABLE))
    return found


def as_asked(url: str) -> str:
    """What is compared of two URLs of ours to see a redirect: a URL is written anew before it is
    asked, its host in ASCII and its path with other characters percent-encoded."""
    parts = urlsplit(key(url))
    try:
        host = parts.netloc.encode("idna").decode()
    except UnicodeError:
        host = parts.netloc
    return unquote(parts._replace(netloc=host).geturl())


def _of_mentions(page: Page, mentions: Sequence[Mention]) -> Iterator[Complaint]:
    is_there, is_gone = page.status == 200, page.status in GONE
    links = keys_on_page(page.body, page.charset) if is_there else frozenset()
    public = Public(page.url, page.status, links)
    near = _with_words(page) if is_there else {}
    for mention in mentions:
        agrees = public.disagreement(mention) is None
        # Of the going of such a link nobody can be told, so that it stays told.
        is_final = mention.protocol != webmention.NAME
        if mention.outcome is Outcome.SENT:
            if is_gone:
                yield DELETED if is_final else MISSING
            elif is_there and not agrees:
                yield LINK_REMOVED if is_final else WITHOUT_LINK
            continue
        if mention.outcome is Outcome.WAITING and (is_there or is_gone):
            yield READY if agrees else NOT_YET
        if agrees and mention.found_by != NAMED:
            has_words = near.get(key(mention.target))
            if has_words is None:
                yield TOO_FAR
            elif not has_words:
                yield WORDLESS


def _with_words(page: Page) -> dict[str, bool]:
    """The keys of the links that WordPress reads of a page, and whether there are words in them."""
    root = tree(page.body[:WORDPRESS_READS], page.charset)
    found: dict[str, bool] = {}
    for anchor in root.iter("a") if root is not None else ():
        if url := address(anchor):
            has_words = bool("".join(map(str, anchor.itertext())).strip())
            found[key(url)] = found.get(key(url), False) or has_words
    return found


def _of_address(
    page: Page, mentions: Sequence[Mention], sites: Sequence[str]
) -> Iterator[Complaint]:
    if as_asked(page.url) == as_asked(page.asked):
        return
    if not is_under(page.url, sites):
        yield LEADS_AWAY
    elif any(mention.outcome is not Outcome.SENT for mention in mentions):
        yield LEADS_ON


def _of_head(page: Page) -> Iterator[Complaint]:
    start = page.body[:WORDPRESS_READS]
    if not _TITLE.search(start):
        yield DRESSED_TITLE if _DRESSED_TITLE.search(start) else UNTITLED
