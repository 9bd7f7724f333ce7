"""Proxies: what a web server in front says of a request, if it may be believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pelican_linkbacks.addresses import Address
from pelican_linkbacks.config import Network

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class TrustedProxies:
    """A WSGI application behind proxies.

    From a trusted proxy, the client is the last address in X-Forwarded-For that is no trusted
    proxy itself, and the scheme is the last one in X-Forwarded-Proto. From anybody else both
    headers mean nothing.

    Args:
        app: the application.
        networks: the proxies that are trusted.
        prefix: percent-encoded path under which the application is known to the world, without a
            final slash. A proxy may leave it in the path, or strip it.
    """

    def __init__(
        self, app: WSGIApplication, networks: Sequence[Network] = (), prefix: str = ""
    ) -> None:
        self._app = app
        self._networks = networks
        # As WSGI has it: bytes, each one character.
        self._prefix = unquote(prefix).encode().decode("latin-1")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request (PEP 3333)."""
        peer = _address(environ.get("REMOTE_ADDR", ""))
        if peer and self._trusts(peer):
            client = self._client(peer, environ.get("HTTP_X_FORWARDED_FOR", ""))
            environ["REMOTE_ADDR"] = str(client)
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").split(",")[-1].strip().lower()
            if scheme in {"http", "https"}:
                environ["wsgi.url_scheme"] = scheme
        if self._prefix:
            path = environ.get("PATH_INFO", "")
            environ["SCRIPT_NAME"] = self._prefix
            if f"{path}/".startswith(f"{self._prefix}/"):
                environ["PATH_INFO"] = path[len(self._prefix) :] or "/"
        return self._app(environ, start_response)

    def _client(self, peer: Address, forwarded: str) -> Address:
        """The nearest address on a request's way that is no trusted proxy."""
        for told in reversed(forwarded.split(",")):
            address = _address(told)
            if address is None:
                break
            peer = address
            if not self._trusts(peer):
                break
        return peer

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _address(text: str) -> Address | None:
    """An address as proxies write it: maybe in brackets, maybe with a port."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
