"""Evidence: where a page links to a target (W3C Webmention, section 3.2.2)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml import etree

from pelican_linkbacks.links import READ_LIMIT, tree
from pelican_linkbacks.page import Page
from pelican_linkbacks.reading import HTML_TYPES, LONGEST_URL, base_url, is_inert, resolved
from pelican_linkbacks.receiver import decoding

Matches = Callable[[str], bool]
"""Whether a URL is that of the target."""

LINKING = {
    "a": "href",
    "area": "href",
    "img": "src",
    "video": "src",
    "audio": "src",
    "source": "src",
    "iframe": "src",
    "embed": "src",
    "object": "data",
}
"""Elements that link, and the attribute by which they do."""

MOST_LINKS = 20
"""Links to a target that are looked at; one page needs no more."""

_MOST_URLS = 5000
"""Different URLs of a page that are compared; its first 512 kB hold no more with words between."""

_MOST_ATTRIBUTES = 256
_TEXT_TYPES = frozenset({"text/plain", "text/markdown", "text/x-markdown"})
_JSON_TYPES = frozenset({"application/json", "text/json"})
_URL = re.compile(r"(?<!\w)https?://[^\s<>\"]+", re.IGNORECASE)
_AFTER_A_URL = (".,;:!?'*_", ".,;:!?'*_)]}|`")
"""What stands behind a URL in a text; brackets may also be its own."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a page links to a target.

    Attributes:
        how: a sentence for the author.
        links: of an HTML page, the elements that do, in document order.
        base: what its relative URLs are resolved against.
        around: of a plain text, what stands before the URL, the URL and what stands after it.
    """

    how: str
    links: tuple[etree._Element, ...] = ()
    base: str = ""
    around: tuple[str, str, str] = ("", "", "")


def is_readable(content_type: str) -> bool:
    """Whether links are looked for in a page of this media type."""
    return content_type in HTML_TYPES | _TEXT_TYPES or _is_json(content_type)


def find(page: Page, matches: Matches) -> Evidence | None:
    """Where a page links to a target, or None if it does not.

    In HTML that is an element which leads there or shows it, in JSON a value that is its URL, in
    plain text its URL as a whole word. Of each, the first 512 kB are read.

    Args:
        page: the page.
        matches: tells the target from others.
    """
    if page.content_type in HTML_TYPES:
        return _in_html(page, matches)
    if _is_json(page.content_type):
        return _in_json(page, matches)
    return _in_text(page, matches) if page.content_type in _TEXT_TYPES else None


def _is_json(content_type: str) -> bool:
    return content_type in _JSON_TYPES or content_type.endswith("+json")


def _in_html(page: Page, matches: Matches) -> Evidence | None:
    html = decoding.text(page).encode("utf-8", "replace")
    root = tree(html, "utf-8") if _is_parsable(html) else None
    if root is None:
        return None
    base = base_url(root, page.url)
    links = tuple(islice(_links(root, base, matches), MOST_LINKS))
    if not links:
        return None
    link = links[0]
    nofollow = ", marked nofollow" if "nofollow" in link.get("rel", "").lower().split() else ""
    how = f"Found as <{link.tag} {LINKING[str(link.tag)]}>{nofollow}."
    return Evidence(how, links, base)


def _links(root: etree._Element, base: str, matches: Matches) -> Iterator[etree._Element]:
    known: dict[str, bool] = {}
    for element in root.iter(*LINKING):
        href = element.get(LINKING[str(element.tag)], "")
        if len(href) > LONGEST_URL:
            continue
        if href not in known:
            if len(known) == _MOST_URLS:
                return
            url = resolved(base, href)
            known[href] = url is not None and matches(url)
        if known[href] and not is_inert(element):
            yield element


class _TooManyAttributes(Exception):
    """No person has written this page."""


class _Attributes:
    """Counts the attributes of each element, and builds nothing."""

    def start(self, tag: str | bytes, attrib: Mapping[Any, Any]) -> None:
        if len(attrib) > _MOST_ATTRIBUTES:
            raise _TooManyAttributes

    def end(self, tag: str | bytes) -> None: ...

    def data(self, data: str | bytes) -> None: ...

    def comment(self, text: str | bytes) -> None: ...

    def close(self) -> None: ...


def _is_parsable(html: bytes) -> bool:
    """Whether a tree of some HTML is built in a time that grows with its length.

    Building takes minutes for 100,000 attributes of one element; reading it without building
    takes milliseconds.
    """
    try:
        etree.fromstring(html, etree.HTMLParser(target=_Attributes(), encoding="utf-8"))
    except _TooManyAttributes:
        return False
    except etree.XMLSyntaxError:
        # Nothing in it, which the other parser says as well.
        pass
    return True


def _in_json(page: Page, matches: Matches) -> Evidence | None:
    try:
        left = [json.loads(page.body[:READ_LIMIT])]
    except (ValueError, RecursionError):
        return None
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
        elif isinstance(value, str) and len(value) <= LONGEST_URL and matches(value):
            return Evidence("Found as a value in its JSON.")
    return None


def _in_text(page: Page, matches: Matches) -> Evidence | None:
    words = decoding.text(page)
    for found in _URL.finditer(words):
        if len(found[0]) > LONGEST_URL:
            continue
        for url in (found[0], *(found[0].rstrip(after) for after in _AFTER_A_URL)):
            if matches(url):
                start, end = found.start(), found.start() + len(url)
                around = words[:start], url, words[end:]
                return Evidence("Found as its URL in a plain text.", around=around)
    return None
