"""Reading what other blogs' software sends: pages, XML and headers, however bent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from lxml import etree

from pelican_linkbacks.links import READ_LIMIT, tree
from pelican_linkbacks.mention import Outcome, Reply
from pelican_linkbacks.page import Page
from pelican_linkbacks.urls import host_of

HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})
INERT = ["template", "noscript"]
"""Elements whose content a browser with scripts does not show."""

LONGEST_URL = 2000
"""Characters; a longer one leads nowhere that people have made."""

LONGEST_BASE = 500
"""Characters of a ``<base>``: each relative URL of its page would become as long."""

LONGEST_PAUSE = 7 * 24 * 3600.0
"""Seconds; a longer Retry-After is taken for a slip."""


@dataclass(frozen=True, slots=True)
class Related:
    """An element with a relation: its name, what its href says, and the URL it leads to."""

    tag: str
    href: str
    url: str


def related(page: Page, rel: str, tags: Sequence[str]) -> Iterator[Related]:
    """The elements of an HTML page with a relation and a usable URL, in document order.

    Relative URLs are resolved against the page, or its ``<base>``; an empty one is that itself.

    Args:
        page: the page.
        rel: the relation, in lower case.
        tags: names of the elements that count.
    """
    body = page.body[:READ_LIMIT]
    if page.content_type not in HTML_TYPES or rel.encode() not in body.lower():
        return
    root = tree(body, page.charset)
    if root is None:
        return
    start = base_url(root, page.url)
    for element in root.iter(*tags):
        if "href" not in element.attrib or rel not in element.get("rel", "").lower().split():
            continue
        href = str(element.attrib["href"]).strip()
        url = resolved(start, href)
        if url and not is_inert(element):
            yield Related(str(element.tag), href, url)


def base_url(root: etree._Element, url: str) -> str:
    """The URL that a page's relative ones are resolved against: its own, or that of ``<base>``.

    Args:
        root: of the page.
        url: its own.
    """
    bases = (base for base in root.iter("base") if "href" in base.attrib and not is_inert(base))
    base = next(bases, None)
    href = str(base.attrib["href"]) if base is not None else ""
    return (resolved(url, href) if len(href) <= LONGEST_BASE else None) or url


def is_inert(element: etree._Element) -> bool:
    """Whether an element stands where a browser with scripts shows nothing of it."""
    return next(element.iterancestors(*INERT), None) is not None


def resolved(start: str, value: str) -> str | None:
    """A usable endpoint from what a page says, resolved against a URL; None if it is none."""
    try:
        url = urljoin(start, value.strip())
        usable = host_of(url) and "@" not in urlsplit(url).netloc
    except ValueError:
        return None
    return url if usable else None


def plain_text(page: Page) -> str:
    """The beginning of an answer's text on one line, whatever it is written in."""
    from bs4 import BeautifulSoup  # see ``run``: most builds never need it

    soup = BeautifulSoup(page.body[:4096], "lxml", from_encoding=page.charset)
    return one_line(soup.get_text(" "))[:200]


def xml_root(body: bytes, name: bytes) -> Element | None:
    """The root element of an XML answer, if it is the one that was asked for.

    What stands before and after it (blank lines, a warning that PHP printed) is passed over. A
    document type or an entity is refused before it is expanded.
    """
    root = _parsed(body.lstrip())
    if root is None:
        # One regular expression for both ends would be quadratic in what a server sends.
        start, end = re.search(rb"<%b\b" % name, body), body.rfind(b"</" + name)
        root = _parsed(body[start.start() : body.find(b">", end) + 1]) if start else None
    return root if root is not None and root.tag == name.decode() else None


def _parsed(xml: bytes) -> Element | None:
    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def text(element: Element | None) -> str:
    """All text of an element on one line, without control characters."""
    return one_line("" if element is None else "".join(element.itertext()))


def one_line(words: str) -> str:
    """A text on one line, without control characters."""
    return "".join(character for character in " ".join(words.split()) if character.isprintable())


def retry_after(page: Page) -> float | None:
    """Seconds that a Retry-After header asks for, as seconds or a date (RFC 9110, 10.2.3)."""
    for value in page.header("Retry-After"):
        if value.strip().isdecimal():
            return min(float(value), LONGEST_PAUSE)
        try:
            date = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            continue
        seconds = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
        return min(max(seconds, 0.0), LONGEST_PAUSE)
    return None


def pause_asked(page: Page) -> float | None:
    """Seconds that an answer's status asks us to wait; 0 if it names none; None if it does not."""
    seconds = retry_after(page)
    asked = page.status == 429 or (page.status == 503 and seconds is not None)
    return (seconds or 0.0) if asked else None


def unusable(page: Page) -> Reply:
    """What an answer means that the protocol has no word for: by its HTTP status, never success."""
    status = page.status
    pause = pause_asked(page)
    if pause is not None:
        return Reply(Outcome.FAILED, f"it asked for a pause (HTTP {status})", pause=pause)
    if status in {404, 405, 410, 501}:
        outcome = Outcome.REFUSED if status in {404, 410} else Outcome.FAILED
        return Reply(outcome, f"the endpoint is not there (HTTP {status})", unsupported=True)
    if 200 <= status < 300:
        return Reply(Outcome.FAILED, "an answer that makes no sense")
    return Reply(Outcome.FAILED, f"the endpoint answered HTTP {status}")
