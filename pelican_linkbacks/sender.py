"""Telling one mention: fetch the target, find its endpoint, send, read the answer."""

from __future__ import annotations

from collections.abc import Sequence

from pelican_linkbacks import reading
from pelican_linkbacks.client import Client
from pelican_linkbacks.errors import Forbidden, TimedOut, Unreachable
from pelican_linkbacks.mention import Endpoint, Mention, Outcome, Reply
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import PROTOCOLS

Found = list[Endpoint] | Reply
"""The endpoints of a target, the preferred first; a Reply where there is nothing to send to."""


class Sender:
    """Speaks to other blogs. Its methods block, and may be called from many threads.

    Args:
        client: what speaks HTTP.
        protocols: names of the protocols that may be used, the preferred first.
    """

    def __init__(self, client: Client, protocols: Sequence[str]) -> None:
        self._client = client
        self._protocols = [PROTOCOLS[name] for name in protocols if name in PROTOCOLS]

    def discover(self, target: str) -> Found:
        """Fetch a target and find where it takes notices."""
        try:
            page = self._client.get(target, enough=self._is_known)
        except (Unreachable, Forbidden) as error:
            return _unasked(error)
        if not 200 <= page.status < 300:
            return _missing(page)
        endpoints = [found for protocol in self._protocols if (found := protocol.discover(page))]
        return endpoints or Reply(Outcome.NONE, _looked_at(page))

    def _is_known(self, page: Page) -> bool:
        """Whether the headers of an answer say all that there is to be found."""
        return page.content_type not in reading.HTML_TYPES or all(
            protocol.discover(page) for protocol in self._protocols
        )

    def send(self, endpoint: Endpoint, mention: Mention) -> Reply:
        """Send one notice and say what the answer means."""
        protocol = PROTOCOLS[endpoint.protocol]
        try:
            page = self._client.post(endpoint.url, protocol.request(mention))
        except (Unreachable, Forbidden) as error:
            return _unasked(error)
        return protocol.reply(page)


def _unasked(error: Unreachable | Forbidden) -> Reply:
    never = isinstance(error, Forbidden)
    outcome = Outcome.SKIPPED if never else Outcome.FAILED
    return Reply(outcome, str(error), timed_out=isinstance(error, TimedOut))


def _missing(page: Page) -> Reply:
    said = f"the linked page answered HTTP {page.status}"
    if page.status in {404, 410}:
        return Reply(Outcome.REFUSED, said)
    return Reply(Outcome.FAILED, said, pause=reading.pause_asked(page))


def _looked_at(page: Page) -> str:
    return f"no endpoint: looked in the headers and {len(page.body) / 1000:.1f} kB of page"
