"""Links: which targets a piece of HTML links to, and which of them count."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lxml import etree

from pelican_linkbacks.config import Config
from pelican_linkbacks.urls import host_of, is_under, key

RULES = 1
"""Version of the rules below. A change that makes more links count must raise it: links that only
new rules see are old, not new."""

READ_LIMIT = 512 * 1024
"""Bytes of a page from outside that are parsed; receivers read no further either."""

SAMPLES = frozenset({"pre", "code", "kbd", "samp", "script", "style", "template", "textarea"})

_HARMLESS = 16 * 1024
_MOST_ATTRIBUTES = 256

_DIRECTION = b"data-linkback"
_SAMPLE = re.compile(f"<(?:{'|'.join(sorted(SAMPLES))})".encode())
"""One of these stands somewhere in some HTML, in small letters, if any of its links is not to be
told. What begins with one certain character is found the fastest."""


@dataclass(frozen=True, slots=True)
class Target:
    """One URL that an article links to.

    Attributes:
        url: as the author wrote it.
        ignored: name of the setting that keeps it from being told, or None.
        named: whether it is a trackback URL that the author named, not a link.
    """

    url: str
    ignored: str | None = None
    named: bool = False


class Link(NamedTuple):
    """One ``<a href>``: its URL, whether it is rel nofollow, whether it may be told at all."""

    url: str
    nofollow: bool
    told: bool


def deciding(config: Config) -> str:
    """All but the sites by which it is decided which links of an article count, as a text that
    changes with it."""
    patterns = [(pattern.pattern, pattern.flags) for pattern in config.ignored_urls_pattern]
    return repr((RULES, patterns, config.skip_nofollow))


def targets(html: str, config: Config, sites: Iterable[str]) -> tuple[Target, ...]:
    """The foreign URLs that an article's own HTML links to, each once, in document order.

    Left out altogether: links in code samples, links the author marked with
    ``data-linkback="no"``, and links to our own sites.

    Args:
        html: the article's final HTML.
        config: for the settings that ignore targets.
        sites: SITEURLs that are ours.
    """
    found: dict[str, Target] = {}
    sites = tuple(sites)
    hosts = {host_of(site) for site in sites}
    for link in parse(html.encode("utf-8", "surrogatepass"), "utf-8"):
        if not link.told or (host_of(link.url) in hosts and is_under(link.url, sites)):
            continue
        place = key(link.url)
        seen = found.get(place)
        if seen is None or seen.ignored:
            found[place] = Target(link.url, _ignored_by(link, config))
    return tuple(found.values())


def keys_on_page(body: bytes, charset: str | None) -> frozenset[str]:
    """The keys of all links of a published page, as a receiver would find them."""
    return frozenset(key(link.url) for link in _links(body[:READ_LIMIT], charset, foreign_tree))


def parse(html: bytes, charset: str | None) -> Iterator[Link]:
    """The absolute http(s) links of some HTML, in document order.

    Args:
        html: a page or a part of one.
        charset: as its server names it; None or an unknown one leaves it to the page.
    """
    return _links(html, charset, tree)


def _links(
    html: bytes,
    charset: str | None,
    build: Callable[[bytes, str | None], etree._Element | None],
) -> Iterator[Link]:
    lower = html.lower()
    root = build(html, charset) if b"http" in lower else None
    may_be_mute = _DIRECTION in lower or _SAMPLE.search(lower)
    for anchor in root.iter("a") if root is not None else ():
        if url := address(anchor):
            rel = anchor.get("rel")
            nofollow = rel is not None and "nofollow" in rel.lower().split()
            yield Link(url, nofollow, told=not (may_be_mute and _is_mute(anchor)))


def address(anchor: etree._Element) -> str:
    """The absolute http(s) URL that an ``<a>`` leads to; "" if it leads to none."""
    url = "".join(anchor.get("href", "").strip().splitlines())
    return url if host_of(url) else ""


def foreign_tree(html: bytes, charset: str | None) -> etree._Element | None:
    """As ``tree``, of a page that others have made; None as well for one that nobody has written.

    An element with 40,000 attributes would take minutes: building compares each with all before.
    Counting them first takes milliseconds, and is left out for what is too short to do harm.
    """
    if len(html) > _HARMLESS:
        # Its stubs want methods that only cost time.
        counter: Any = _Attributes()
        counting = etree.HTMLParser(target=counter, encoding=_encoding(html, charset))
        try:
            etree.fromstring(html, counting)
        except _TooManyAttributes:
            return None
        except etree.XMLSyntaxError:
            # Nothing in it, which the other parser says as well.
            pass
    return tree(html, charset)


def tree(html: bytes, charset: str | None) -> etree._Element | None:
    """The root of some HTML; None for what holds neither an element nor text."""
    try:
        return etree.fromstring(html, _parser(html, charset))
    except etree.XMLSyntaxError:
        return None


def _is_mute(anchor: etree._Element) -> bool:
    return any(
        element.tag in SAMPLES or element.get("data-linkback", "").strip().lower() == "no"
        for element in (anchor, *anchor.iterancestors())
    )


def _ignored_by(link: Link, config: Config) -> str | None:
    for pattern in config.ignored_urls_pattern:
        if pattern.search(link.url):
            return "LINKBACKS_IGNORED_URLS_PATTERN"
    return "LINKBACKS_SKIP_NOFOLLOW" if link.nofollow and config.skip_nofollow else None


def _parser(html: bytes, charset: str | None) -> etree.HTMLParser:
    return etree.HTMLParser(encoding=_encoding(html, charset))


def _encoding(html: bytes, charset: str | None) -> str | None:
    """What a parser is told of the charset of some HTML; None if the page has to tell."""
    if charset is None:
        try:
            html.decode("utf-8")
        except UnicodeDecodeError:
            return None
        return "utf-8"
    try:
        etree.HTMLParser(encoding=charset)
    except LookupError:
        return None
    return charset


class _TooManyAttributes(Exception):
    """No person has written this page."""


class _Attributes:
    """Counts the attributes of each element, and builds nothing."""

    def start(self, tag: str | bytes, attrib: Mapping[Any, Any]) -> None:
        if len(attrib) > _MOST_ATTRIBUTES:
            raise _TooManyAttributes

    def close(self) -> None: ...
