"""Portraits: what is shown of a source, from what its page says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from itertools import islice

from lxml import etree

from pelican_linkbacks.page import Page
from pelican_linkbacks.prose import shortened, tidy
from pelican_linkbacks.protocols.trackback import BLOG_NAME_LENGTH, EXCERPT_LENGTH, TITLE_LENGTH
from pelican_linkbacks.reading import LONGEST_URL, resolved
from pelican_linkbacks.receiver import excerpt, microformats
from pelican_linkbacks.receiver.entry import Kind, Texts
from pelican_linkbacks.receiver.evidence import Evidence, Matches
from pelican_linkbacks.receiver.microformats import Said
from pelican_linkbacks.urls import host_of

_MOST_METAS = 200
_DAY = len("2026-11-22")


def portrait(page: Page, evidence: Evidence, matches: Matches) -> Texts:
    """What is shown of a page that links to a target.

    The h-entry that holds the link speaks first (microformats2), then the page's head. Without
    either, the words around the link and the URL remain.

    Args:
        page: the page.
        evidence: where it links.
        matches: tells the target from others.
    """
    if not evidence.links:
        around = excerpt.fitted(*evidence.around)
        return Texts(title=_cut(_place(page.url), TITLE_LENGTH), excerpt=around, url=page.url)
    said = microformats.said(evidence.links, evidence.base, matches) or Said(evidence.links[0])
    root = said.link.getroottree().getroot()
    head = _head(root)
    named = "" if _is_its_own_text(said) else said.title
    titles = (_cut(title, TITLE_LENGTH) for title in (named, head["title"], _place(page.url)))
    author = "" if host_of(said.author) else _cut(said.author, BLOG_NAME_LENGTH)
    return Texts(
        title=next(filter(None, titles), ""),
        author=author or _cut(_byline(said.link) or head["author"], BLOG_NAME_LENGTH),
        excerpt=_excerpt(said),
        published=_when(said.published) or _when(head["published"]) or _when(_time(said.link)),
        kind=said.kind,
        url=_url(page, said, evidence.base),
    )


def retouched(texts: Texts, offered: Texts | None) -> Texts:
    """What is shown of a source that has told its own title, excerpt or author, as by trackback.

    Args:
        texts: what its page says.
        offered: what it told; None if it told nothing.
    """
    if offered is None:
        return texts
    return replace(
        texts,
        title=_cut(offered.title, TITLE_LENGTH) or texts.title,
        author=_cut(offered.author, BLOG_NAME_LENGTH) or texts.author,
        excerpt=_cut(offered.excerpt, EXCERPT_LENGTH) or texts.excerpt,
    )


def _cut(words: str, length: int) -> str:
    return shortened(tidy(words[: 4 * length]), length)


def _place(url: str) -> str:
    """A URL as a title: its host and path."""
    return url.partition("://")[2].rstrip("/")


def _head(root: etree._Element) -> dict[str, str]:
    """What a page's head says: ``title``, ``author`` and ``published``, or "" for each."""
    metas: dict[str, str] = {}
    for meta in islice(root.iter("meta"), _MOST_METAS):
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        metas.setdefault(name, meta.get("content", "").strip())
    titles = (
        title for title in root.iter("title") if next(title.iterancestors("svg"), None) is None
    )
    title = next(titles, None)
    author = metas.get("author", "")
    return {
        "title": metas.get("og:title") or ((title.text or "") if title is not None else ""),
        "author": author if author and not host_of(author) else metas.get("og:site_name", ""),
        "published": metas.get("article:published_time", ""),
    }


def _is_its_own_text(said: Said) -> bool:
    """Whether the name of an entry is its text, as that of a note without a title is."""
    name = _cut(said.title, EXCERPT_LENGTH)
    return any(name == excerpt.beginning(content) for content in said.contents) if name else False


def _excerpt(said: Said) -> str:
    holders = set(said.link.iterancestors()) | {said.link}
    if any(content in holders for content in said.contents):
        return excerpt.around(said.link)
    if said.contents:
        return excerpt.beginning(said.contents[0])
    # What stands around the link of a like is at most the word "likes".
    return excerpt.around(said.link) if said.kind is Kind.MENTION else ""


def _url(page: Page, said: Said, base: str) -> str:
    """Where an entry says that it stands, if that is at the page's own host."""
    for named in said.urls:
        url = resolved(base, named) if len(named) <= LONGEST_URL else None
        if url and host_of(url) == host_of(page.url):
            return url
    return page.url


def _scope(link: etree._Element) -> etree._Element:
    """The article around a link; of a page without one, all of it."""
    return next(link.iterancestors("article", "main"), link.getroottree().getroot())


def _byline(link: etree._Element) -> str:
    """The words of the first ``<a rel="author">`` of the article around a link."""
    for anchor in _scope(link).iter("a"):
        if "author" in anchor.get("rel", "").lower().split():
            return excerpt.beginning(anchor)
    return ""


def _time(link: etree._Element) -> str:
    """The first ``<time datetime>`` of the article around a link, but for that of an update."""
    for time in _scope(link).iter("time"):
        classes = time.get("class", "").split()
        if time.get("datetime") and ("updated" not in classes or "published" in classes):
            return str(time.get("datetime"))
    return ""


def _when(said: str) -> str:
    """A date or a time in ISO 8601; "" for what is none."""
    said = said.strip()
    try:
        if len(said) <= _DAY:
            return date.fromisoformat(said).isoformat()
        return datetime.fromisoformat(said).isoformat()
    except ValueError:
        return ""
