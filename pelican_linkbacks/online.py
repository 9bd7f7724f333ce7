"""Online: our own pages as the public sees them, and whether they agree with what is to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pelican_linkbacks.client import Client
from pelican_linkbacks.errors import Forbidden, TimedOut, Unreachable
from pelican_linkbacks.links import keys_on_page
from pelican_linkbacks.mention import NAMED, Mention
from pelican_linkbacks.urls import is_under, key

GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Public:
    """One of our pages as the public sees it.

    Attributes:
        url: where it finally answered, if that is ours; else the URL that was asked.
        status: its HTTP status; 0 if there was no answer.
        links: the keys of its links, if its status is 200.
        error: why there was no answer.
        timed_out: whether no whole answer came in time.
    """

    url: str
    status: int = 0
    links: frozenset[str] = frozenset()
    error: str = ""
    timed_out: bool = False

    def disagreement(self, mention: Mention) -> str | None:
        """Why a mention has to wait for this page, or None if the page is as it should be."""
        if mention.removal and self.status in GONE:
            return None
        if self.status != 200:
            return f"{self.url} is not online yet{self.error or f' (HTTP {self.status})'}"
        if mention.found_by == NAMED or (key(mention.target) in self.links) != mention.removal:
            return None
        if mention.removal:
            return f"{self.url} is online, and still with this link"
        return f"{self.url} is online, but without this link yet"


def look(client: Client, source: str, sites: Sequence[str]) -> Public:
    """Fetch one of our pages from its public URL.

    Args:
        client: what speaks HTTP.
        source: the page.
        sites: SITEURLs that are ours; who is told learns no other URL.
    """
    try:
        page = client.get(source, own=True, fresh=True)
    except (Unreachable, Forbidden) as error:
        return Public(source, error=f": {error}", timed_out=isinstance(error, TimedOut))
    if page.status != 200:
        return Public(source, page.status)
    url = page.url if is_under(page.url, sites) else source
    return Public(url, page.status, keys_on_page(page.body, page.charset))
