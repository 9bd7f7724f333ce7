"""Connections that go only where they may, and end when their time is over."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPSConnectionPool,
    PoolManager,
    Retry,
    proxy_from_url,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ProxyError
from urllib3.util.ssl_ import create_urllib3_context

from pelican_linkbacks.addresses import (
    Lookup,
    Visit,
    address_of,
    is_allowed,
    printable,
    resolve,
)
from pelican_linkbacks.config import Network
from pelican_linkbacks.deadline import Deadline, Watchdog
from pelican_linkbacks.errors import Forbidden, TooOften, Unreachable

# What requests and urllib3 raise, or let through from http.client, ssl, socket and the codecs,
# when the other side sends rubbish.
_FAILURES = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError)


@dataclass
class Route:
    """How one hop's connection is made.

    Attributes:
        deadline: when it has to be over.
        watchdog: who sees to that.
        lookup: who knows the addresses of names.
        allowed: networks allowed besides the global ones; None if any address is fine.
        proxy: URL of the proxy to go through.
        tls: gives what to demand of the other side's certificate; called only for https.
        visit: told of each address before it is spoken to; None if nobody counts.
    """

    deadline: Deadline
    watchdog: Watchdog
    lookup: Lookup
    allowed: Sequence[Network] | None
    proxy: str | None
    tls: Callable[[], ssl.SSLContext]
    visit: Visit | None = None
    _watched: list[socket.socket] = field(default_factory=list)

    def connect(self, host: str, port: int) -> socket.socket:
        """Resolve a host, check what it leads to, and connect to just that.

        Raises:
            Forbidden: all its addresses are private.
            TooOften: those that answer at all have been visited often enough for now.
            Unreachable: it has none, or none of them answers.
        """
        who = f"the proxy {host}" if self.proxy else host
        infos = [
            info
            for info in resolve(host, port, self.deadline.left(who), self.lookup)
            if self.allowed is None or is_allowed(address_of(info), self.allowed)
        ]
        if not infos:
            raise Forbidden(f"{printable(who)} leads to a private address")
        waits = []
        for untried, info in zip(range(len(infos), 0, -1), infos, strict=True):
            share = self.deadline.left(who) / untried
            if self.visit and (wait := self.visit(address_of(info))) > 0:
                waits.append(wait)
                continue
            try:
                # An address in figures: create_connection looks nothing up again.
                sock = socket.create_connection((str(info[4][0]), port), timeout=share)
            except OSError as error:
                failure = error
                continue
            self._watched.append(self.watchdog.watch(sock, self.deadline))
            sock.settimeout(self.deadline.seconds)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        if waits:
            raise TooOften(f"{printable(who)} has been asked often enough for now", min(waits))
        if isinstance(failure, TimeoutError):
            raise self.deadline.missed(who)
        raise Unreachable(f"{printable(who)} does not accept connections")

    def close(self) -> None:
        """Let the watchdog forget the connection."""
        while self._watched:
            self.watchdog.release(self._watched.pop())


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, route: Route, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._route = route

    def _new_conn(self) -> socket.socket:
        # Only here are the checked address and the one connected to surely the same; the host
        # stays the name, for SNI and the certificate.
        return self._route.connect(self._dns_host, self.port)


class _TLSConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection

    def _put_conn(self, conn: Any) -> None:
        # Nothing is used twice: what one hop may speak to, the next may not.
        if conn is not None:
            conn.close()


class _TLSPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _TLSConnection

    def _validate_conn(self, conn: Any) -> None:
        # urllib3 would warn at each request of what the author chose once (LINKBACKS_CERT_VERIFY).
        if conn.is_closed:
            conn.connect()


class _Adapter(HTTPAdapter):
    def __init__(self, route: Route) -> None:
        super().__init__(max_retries=Retry(total=False))
        self._route = route

    # The names of the unused parameters are requests', which passes them by keyword.
    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> HTTPConnectionPool:
        url, proxy = urlsplit(str(request.url)), self._route.proxy
        secure = "https" in {url.scheme, urlsplit(proxy or "").scheme}
        tls = self._route.tls() if secure else None
        manager = PoolManager(ssl_context=tls)
        if proxy:
            manager = proxy_from_url(
                proxy,
                proxy_headers=self.proxy_headers(proxy),
                proxy_ssl_context=tls,
                ssl_context=tls,
            )
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        pool = manager.connection_from_host(url.hostname, url.port, url.scheme)
        pool.conn_kw["route"] = self._route
        return pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        # The route's context knows already; requests would load the CA bundle each time.
        pass

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        # Without the cookies that requests would look for in the answer.
        response = requests.Response()
        response.raw = resp
        return response


def tls_context(verify: bool | str) -> ssl.SSLContext:
    """What to demand of certificates.

    Args:
        verify: True for certifi's authorities, False for nothing, or the path of a CA bundle.

    Raises:
        Unreachable: the bundle can't be read.
    """
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if verify else ssl.CERT_NONE)
    if verify:
        bundle = DEFAULT_CA_BUNDLE_PATH if verify is True else verify
        try:
            context.load_verify_locations(bundle)
        except OSError:
            raise Unreachable(f"the certificates in {bundle} can't be read") from None
    return context


@contextlib.contextmanager
def ask(request: requests.PreparedRequest, route: Route) -> Iterator[BaseHTTPResponse]:
    """Send a request; its answer can be read, or left unread, inside the ``with`` block.

    Redirects are not followed, and nothing is decoded.

    Raises:
        Unreachable: also at the end of the block, if what was read there is not to be trusted.
        Forbidden: as ``Route.connect``.
    """
    host = urlsplit(str(request.url)).hostname or ""
    proxies = {"http": route.proxy, "https": route.proxy} if route.proxy else None
    try:
        timeout = route.deadline.left(host)
        answer = _Adapter(route).send(request, stream=True, timeout=timeout, proxies=proxies)
        with contextlib.closing(answer.raw):
            yield answer.raw
    except _FAILURES as error:
        route.deadline.left(host)
        raise Unreachable(_reason(error, printable(host))) from error
    finally:
        route.close()
    # What a connection that was cut has left may look like a whole answer.
    route.deadline.left(host)


def _reason(error: BaseException, host: str) -> str:
    """Why no answer came, for people."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"{host} has no valid certificate ({printable(cause.verify_message)})"
    if any(isinstance(cause, ProxyError) for cause in causes):
        return f"the proxy does not lead to {host}"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"{host} makes no secure connection with us"
    return f"{host} broke off, or does not speak HTTP"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
