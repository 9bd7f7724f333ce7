"""Endpoints: where an article of ours can be told, by each protocol."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pelican_linkbacks.config import Config
from pelican_linkbacks.protocols import pingback, trackback, webmention

_SAFE = "%/:=&?~#+!$,;@()*[]{}"
"""What stands in a URL as it is. No quotes: so an endpoint stands in any markup, and in any
encoding, as it is."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints that the settings name, as ASCII.

    Attributes:
        shared: those that all articles have in common, by the protocol's name.
        trackback: the trackback URL with ``{path}`` or ``{slug}`` in it, or None.
    """

    shared: dict[str, str]
    trackback: str | None

    @classmethod
    def named(cls, config: Config) -> Endpoints | None:
        """What LINKBACKS_ENDPOINT gives, and what settings of their own name; None if nothing."""
        base = config.endpoint.rstrip("/") if config.endpoint else None
        shared = {
            webmention.NAME: config.webmention_endpoint or (base and f"{base}/webmention"),
            pingback.NAME: config.pingback_endpoint or (base and f"{base}/pingback"),
        }
        ping = config.trackback_endpoint or (base and f"{base}/trackback/{{path}}")
        named = {name: _ascii(url) for name, url in shared.items() if url}
        return cls(named, ping and _ascii(ping)) if named or ping else None

    def of(self, path: str, slug: str) -> dict[str, str]:
        """The endpoints of one article, by the protocol's name.

        Args:
            path: its URL path, as ``Article.path``.
            slug: its slug.
        """
        if not self.trackback:
            return self.shared
        # An article of a subsite at another host has its whole URL for a path.
        place = quote(path, safe="") if "://" in path else path
        ping = self.trackback.replace("{path}", place)
        if "{slug}" in ping:
            ping = ping.replace("{slug}", quote(slug, safe=""))
        return {**self.shared, trackback.NAME: ping}


def _ascii(url: str) -> str:
    host = urlsplit(url).netloc
    if not host.isascii():
        # A name that is no domain name is percent-encoded like the rest.
        with suppress(UnicodeError):
            url = url.replace(host, host.encode("idna").decode("ascii"), 1)
    return quote(url, safe=_SAFE)
