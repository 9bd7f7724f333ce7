"""The protocols, one module each: its markup, discovery, request, reply and fault codes.

Each is pure: it reads a page that was fetched and writes a request that somebody else sends.
"""

from typing import Protocol

from pelican_linkbacks.mention import Endpoint, Mention, Reply, Request
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import pingback, trackback, webmention


class Linkback(Protocol):
    """The shape that the modules of all protocols share."""

    NAME: str

    def discover(self, page: Page) -> Endpoint | None:
        """The endpoint that a page advertises for this protocol, if any."""

    def request(self, mention: Mention) -> Request:
        """The notice to POST to the endpoint."""

    def reply(self, page: Page) -> Reply:
        """What the endpoint's answer means."""


PROTOCOLS: dict[str, Linkback] = {
    module.NAME: module for module in (webmention, pingback, trackback)
}
"""By name, in order of preference."""
