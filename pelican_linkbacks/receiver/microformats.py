"""Microformats: what an h-entry says of itself and of the page it links to (microformats.org)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import mf2py
from lxml import etree

from pelican_linkbacks.reading import resolved
from pelican_linkbacks.receiver.entry import Kind
from pelican_linkbacks.receiver.evidence import Matches

_RESPONSES = {
    "in-reply-to": Kind.REPLY,
    "like-of": Kind.LIKE,
    "repost-of": Kind.REPOST,
    "bookmark-of": Kind.BOOKMARK,
}
_RESPONSE_CLASSES = frozenset(f"u-{name}" for name in _RESPONSES)
_CONTENT_CLASSES = frozenset({"e-content", "p-summary", "entry-content", "entry-summary"})
_AUTHOR_CLASSES = frozenset({"p-author", "author"})
_OTHER_CLASSES = frozenset(
    {"p-name", "dt-published", "u-url", "entry-title", "published", "bookmark"}
)
_ENTRIES = frozenset({"h-entry", "hentry"})
_ROOT = re.compile(r"h-(?:entry|cite|card|feed|event|item|review|product|recipe|app|resume)")
_OLD_ROOTS = frozenset({"hentry", "vcard", "hfeed"})

_READ = (
    frozenset({"h-card", "h-cite", "h-entry", "vcard", "fn", "n", "url", "value", "value-title"})
    | _RESPONSE_CLASSES
    | _AUTHOR_CLASSES
    | _OTHER_CLASSES
)
"""Classes that are handed on: the parser reads an element anew for each property that it is."""

_MOST_OF_A_KIND = 3
_LONGEST_PROPERTY = 8_000
_LONGEST = 32_000
"""Characters of markup that are handed on: what reads them is thorough, not quick."""

_MOST_ENTRIES = 3


@dataclass(slots=True)
class Said:
    """What an h-entry says; nothing of it is tidy.

    Attributes:
        link: its link to the target.
        kind: what it does with the target.
        title, author, published: its own words, or "".
        urls: where it says that it stands.
        contents: the elements that hold its text.
    """

    link: etree._Element
    kind: Kind = Kind.MENTION
    title: str = ""
    author: str = ""
    published: str = ""
    urls: list[str] = field(default_factory=list)
    contents: list[etree._Element] = field(default_factory=list)


def said(links: Sequence[etree._Element], base: str, matches: Matches) -> Said | None:
    """What the h-entry says that holds one of some links; None if there is none.

    Of several the first counts that does more than mention the target.

    Args:
        links: elements of a page that lead to the target.
        base: what relative URLs are resolved against.
        matches: tells the target from others.
    """
    holders: dict[etree._Element, list[etree._Element]] = {}
    for link in links:
        entry = _entry(link)
        if entry is not None and (entry in holders or len(holders) < _MOST_ENTRIES):
            holders.setdefault(entry, []).append(link)
    found = [_read(entry, inside, base, matches) for entry, inside in holders.items()]
    responses = (entry for entry in found if entry.kind is not Kind.MENTION)
    return next(responses, found[0] if found else None)


def _classes(element: etree._Element) -> frozenset[str]:
    return frozenset(element.get("class", "").split())


def _is_root(classes: frozenset[str]) -> bool:
    return bool(classes & _OLD_ROOTS) or any(_ROOT.fullmatch(name) for name in classes)


def _entry(link: etree._Element) -> etree._Element | None:
    """The entry around a link, but for one that is itself what another entry answers to."""
    for element in (link, *link.iterancestors()):
        classes = _classes(element)
        if classes & _ENTRIES and not classes & _RESPONSE_CLASSES:
            return element
    return None


def _read(
    entry: etree._Element, links: Sequence[etree._Element], base: str, matches: Matches
) -> Said:
    holders = {holder for link in links for holder in (link, *link.iterancestors())}
    found = Said(links[0])
    parts: list[etree._Element] = []
    for element, classes in _properties(entry):
        if classes & _CONTENT_CLASSES:
            found.contents.append(element)
        is_ours = classes & _RESPONSE_CLASSES and element in holders
        if is_ours or classes & (_AUTHOR_CLASSES | _OTHER_CLASSES):
            parts.append(element)
    root = "h-entry" if "h-entry" in _classes(entry) else "hentry"
    told = _parsed(root, parts, base)
    found.title = _first(told.get("name"))
    found.author = _first(told.get("author")) or _feed_author(entry, base)
    found.published = _first(told.get("published"))
    found.urls = [url for value in told.get("url", ()) for url in _urls(value)]
    for name, kind in _RESPONSES.items():
        urls = [url for value in told.get(name, ()) for url in _urls(value)]
        if any(matches(url) for named in urls if (url := resolved(base, named))):
            found.kind = kind
            break
    # A link in the text says more than one in the line above it.
    inside = [link for link in links if any(c in found.contents for c in link.iterancestors())]
    found.link = (inside or list(links))[0]
    return found


def _properties(root: etree._Element) -> Iterator[tuple[etree._Element, frozenset[str]]]:
    """The elements within a microformat that hold its properties, not those of one inside it."""
    counts: dict[str, int] = {}
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        classes = _classes(element)
        if not classes and element.get("rel") is None:
            continue
        if "bookmark" in element.get("rel", "").lower().split():
            classes |= {"bookmark"}
        if element is root:
            # A note may be its own text: <p class="h-entry e-content">.
            classes &= _CONTENT_CLASSES
        elif _is_root(classes):
            walk.skip_subtree()
        known = classes & (_CONTENT_CLASSES | _AUTHOR_CLASSES | _OTHER_CLASSES | _RESPONSE_CLASSES)
        for name in known:
            counts[name] = counts.get(name, 0) + 1
        if any(counts[name] <= _MOST_OF_A_KIND for name in known):
            yield element, known


def _feed_author(entry: etree._Element, base: str) -> str:
    """The author of the h-feed around an entry (indieweb.org/authorship)."""
    for feed in entry.iterancestors():
        if "h-feed" in _classes(feed):
            parts = [element for element, known in _properties(feed) if "p-author" in known]
            return _first(_parsed("h-entry", parts, base).get("author"))
    return ""


def _parsed(root: str, parts: Sequence[etree._Element], base: str) -> dict[str, list[Any]]:
    """The properties that some elements hold; empty if they can't be read."""
    # Of an entry without a name or a URL the parser would guess them from what it sees.
    markup = '<data class="p-category u-uid" value=""></data>'
    for part in parts:
        piece = _markup(part)
        if len(piece) <= _LONGEST_PROPERTY and len(markup) + len(piece) <= _LONGEST:
            markup += _markup(_thinned(part))
    try:
        told = mf2py.parse(
            f'<body><div class="{root}">{markup}</div>', base, "lxml", filter_roots=True
        )
        properties: dict[str, list[Any]] = told["items"][0]["properties"]
    except Exception:  # noqa: BLE001 - what a page may do to this parser is nobody's to know
        return {}
    return properties


def _markup(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", method="html", with_tail=False)


def _thinned(part: etree._Element) -> etree._Element:
    """A copy without classes that are not read, and without those of microformats inside it."""
    copy = deepcopy(part)
    for inner in [element for element in copy.iterdescendants("*") if _is_root(_classes(element))]:
        for element in inner.iter("*"):
            element.attrib.pop("class", "")
    for element in copy.iter("*"):
        if element.get("class"):
            element.set("class", " ".join(sorted(_classes(element) & _READ)))
    return copy


def _first(values: list[Any] | None) -> str:
    """The first value in words; of a microformat within, its name."""
    for value in values or ():
        if isinstance(value, dict):
            value = _first(value.get("properties", {}).get("name")) or value.get("value")
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _urls(value: Any) -> Iterator[str]:
    """The URLs that a value names: its own, and of a microformat within its ``u-url``."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in (value.get("value"), *value.get("properties", {}).get("url", ())):
            if isinstance(inner, str):
                yield inner
