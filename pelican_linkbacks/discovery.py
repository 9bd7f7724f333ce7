"""Discovery, explained: what a page advertises, by which rule it was found, what would be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import PROTOCOLS
from pelican_linkbacks.reading import HTML_TYPES


def explain(page: Page, protocols: Sequence[str]) -> Iterator[str]:
    """One line for what was read, one for each protocol, one for what follows.

    Args:
        page: a fetched page; its ``asked`` tells of redirects.
        protocols: names of those that may be used, the preferred first.
    """
    if page.asked and page.asked != page.url:
        yield f"{page.asked} leads to {page.url}"
    kind = page.content_type or "no content type"
    yield f"{page.url} answers HTTP {page.status}, {kind}, {len(page.body) / 1000:.1f} kB"
    if not 200 <= page.status < 300:
        yield "Nothing would be sent: only a page that is there is searched."
        return
    found = {name: protocol.discover(page) for name, protocol in PROTOCOLS.items()}
    for name, endpoint in found.items():
        yield f"{name}: {endpoint.url}, found by {endpoint.found_by}" if endpoint else f"{name}: -"
    offered = [name for name in protocols if found.get(name)]
    if offered:
        yield f"A link to this page would be told by {offered[0]}."
    elif any(found.values()):
        yield "Nothing would be sent: LINKBACKS_PROTOCOLS has none of these."
    else:
        html = page.content_type in HTML_TYPES
        yield f"Nothing would be sent: looked in the headers{' and in the page' if html else ''}."
