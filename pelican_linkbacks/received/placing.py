"""Placing: which received mentions belong to which article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from pelican_linkbacks.config import PROTOCOL_NAMES
from pelican_linkbacks.received import Received, own_receiver, safe
from pelican_linkbacks.urls import HTML, host_of, spelt_alike

_NEVER = datetime.max.replace(tzinfo=UTC)
_ODD = re.compile(r"[%?#\s]")
"""What a URL has to be taken apart for."""

_ORDER = {name: -number for number, name in enumerate((*PROTOCOL_NAMES, ""))}


def by_place(lines: Iterable[bytes], siteurl: str) -> dict[str, list[bytes]]:
    """The lines of each page of ours. One without an absolute http(s) URL of it belongs nowhere.

    A target is known by its path: so what was received under a former address of the site, or
    under http, still belongs to its page.

    Args:
        lines: mentions as ``own_receiver`` writes them.
        siteurl: SITEURL of the outermost site.

    Returns:
        By what ``place`` makes of a page's URL.
    """
    found: dict[str, list[bytes]] = {}
    for target, those in own_receiver.by_target(lines).items():
        if host_of(target):
            found.setdefault(place(target, siteurl), []).extend(those)
    return found


def of(found: Mapping[str, list[bytes]], url: str, siteurl: str) -> list[bytes]:
    """The lines of one page; also those that were told of its URL without the ``.html``, to which
    some hosts redirect.

    Args:
        found: all of them, as ``by_place`` gives them.
        url: absolute URL of the page.
        siteurl: SITEURL of the outermost site.
    """
    where = place(url, siteurl)
    known = found.get(where, [])
    return known + found.get(where.removesuffix(HTML), []) if where.endswith(HTML) else known


def in_order(lines: Sequence[bytes]) -> list[Received]:
    """The mentions of one page, each source once, the oldest first.

    One without an absolute http(s) URL of its source is left out, and so is one whose source is
    none to link to.

    Args:
        lines: those of the page.
    """
    sources: dict[str, Received] = {}
    for mention in own_receiver.read(lines):
        key = spelt_alike(mention.source)
        known = sources.get(key)
        if known:
            sources[key] = max(known, mention, key=_worth)
        elif safe.url(mention.source):
            sources[key] = mention
    return sorted(sources.values(), key=_age)


def place(url: str, siteurl: str) -> str:
    """What is compared of the URLs of our pages: the path below the site, not how it is spelt.

    Args:
        url: absolute http(s) URL.
        siteurl: SITEURL of the outermost site.
    """
    if siteurl and url.startswith(f"{siteurl}/") and not _ODD.search(url):
        return _page(url[len(siteurl) :].strip("/"))
    parts = urlsplit(url.strip())
    path = f"{unquote(parts.path).rstrip('/')}/"
    base = f"{unquote(urlsplit(siteurl).path).rstrip('/')}/"
    query = f"?{parts.query}" if parts.query else ""
    return _page(path.removeprefix(base).strip("/")) + query


def _page(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return folder if name == "index.html" else path


def _worth(mention: Received) -> tuple[bool, bool, int]:
    return bool(mention.author), bool(mention.excerpt), _ORDER.get(mention.protocol, -len(_ORDER))


def _age(mention: Received) -> tuple[datetime, str]:
    return mention.published or _NEVER, mention.source
