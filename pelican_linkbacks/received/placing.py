"""Placing: which received mentions belong to which article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from pelican_linkbacks.config import PROTOCOL_NAMES
from pelican_linkbacks.received import Received, safe
from pelican_linkbacks.urls import HTML, host_of, spelt_alike

_NEVER = datetime.max.replace(tzinfo=UTC)
_ORDER = {name: -number for number, name in enumerate((*PROTOCOL_NAMES, ""))}


def by_place(mentions: Iterable[Received], siteurl: str) -> dict[str, list[Received]]:
    """The mentions of each page of ours, each source once, the oldest first.

    One without an absolute http(s) URL of both pages belongs nowhere, nor does one whose source is
    none to link to.

    A target is known by its path: so what was received under a former address of the site, or
    under http, still belongs to its page.

    Args:
        mentions: as their origins tell them.
        siteurl: SITEURL of the outermost site.

    Returns:
        By what ``place`` makes of a page's URL.
    """
    found: dict[str, dict[str, Received]] = {}
    # Of many mentions the targets are few.
    by_target: dict[str, dict[str, Received]] = {}
    for mention in mentions:
        sources = by_target.get(mention.target)
        if sources is None:
            if not host_of(mention.target):
                continue
            sources = found.setdefault(place(mention.target, siteurl), {})
            by_target[mention.target] = sources
        key = spelt_alike(mention.source)
        known = sources.get(key)
        if known:
            sources[key] = max(known, mention, key=_worth)
        elif safe.url(mention.source):
            sources[key] = mention
    return {
        where: sorted(sources.values(), key=_age) for where, sources in found.items() if sources
    }


def of(found: Mapping[str, list[Received]], url: str, siteurl: str) -> list[Received]:
    """The mentions of one page; also those that were told of its URL without the ``.html``, to
    which some hosts redirect.

    Args:
        found: all of them, as ``by_place`` gives them.
        url: absolute URL of the page.
        siteurl: SITEURL of the outermost site.
    """
    where = place(url, siteurl)
    known, more = found.get(where, []), found.get(where.removesuffix(HTML), [])
    if not where.endswith(HTML) or not more:
        return known
    both = {spelt_alike(mention.source): mention for mention in (*more, *known)}
    return sorted(both.values(), key=_age)


def place(url: str, siteurl: str) -> str:
    """What is compared of the URLs of our pages: the path below the site, not how it is spelt.

    Args:
        url: absolute http(s) URL.
        siteurl: SITEURL of the outermost site.
    """
    parts = urlsplit(url.strip())
    path = f"{unquote(parts.path).rstrip('/')}/"
    base = f"{unquote(urlsplit(siteurl).path).rstrip('/')}/"
    path = path.removeprefix(base).strip("/")
    folder, _, name = path.rpartition("/")
    query = f"?{parts.query}" if parts.query else ""
    return (folder if name == "index.html" else path) + query


def _worth(mention: Received) -> tuple[bool, bool, int]:
    return bool(mention.author), bool(mention.excerpt), _ORDER.get(mention.protocol, -len(_ORDER))


def _age(mention: Received) -> tuple[datetime, str]:
    return mention.published or _NEVER, mention.source
