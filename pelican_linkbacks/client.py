"""The only place that speaks HTTP."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
from urllib3 import BaseHTTPResponse

from pelican_linkbacks.addresses import Lookup, Visit, is_private_name, look_up, printable
from pelican_linkbacks.config import Config
from pelican_linkbacks.connection import Route, ask, tls_context
from pelican_linkbacks.deadline import Deadline, Watchdog
from pelican_linkbacks.errors import Forbidden, Unreachable
from pelican_linkbacks.mention import Request
from pelican_linkbacks.page import Page
from pelican_linkbacks.urls import key

MAX_BODY = 1024 * 1024
"""Decoded bytes of a body that are kept."""

MAX_REDIRECTS = 10

# More at once of what may be longer: after each piece a build beside it takes its turn.
_CHUNK = 64 * 1024
_ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"
_DECODED = frozenset({"gzip", "x-gzip", "deflate"})
_UNASKED = frozenset({"br", "zstd", "compress", "x-compress"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST_NAME = 253
_SHOWN = 120


Judge = Callable[[Page], bool]


@dataclass(frozen=True, slots=True)
class _Errand:
    """What is asked on every hop alike."""

    method: str
    headers: dict[str, str]
    body: bytes | None = None
    enough: Judge = lambda _: False
    most: int = MAX_BODY


class Client:
    """Fetches pages and posts notices; many threads may share one.

    Args:
        config: time-out, User-Agent, allowed networks, proxy and certificates.
        lookup: who knows the addresses of names.
        visit: told of each address before it is spoken to, on every hop, but not of those of the
            author's own hosts nor of a proxy; None if nobody counts.
    """

    def __init__(
        self, config: Config, lookup: Lookup = look_up, visit: Visit | None = None
    ) -> None:
        self._config = config
        self._visit = visit
        self._lookup = lookup
        self._watchdog = Watchdog()
        self._loading = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._headers: dict[str, str | bytes] = {
            # Bytes, for http.client would take Latin-1 only.
            "User-Agent": printable(config.user_agent).strip().encode(),
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
        }

    def get(
        self,
        url: str,
        *,
        own: bool = False,
        fresh: bool = False,
        enough: Judge = lambda _: False,
        seen: Page | None = None,
        most: int = MAX_BODY,
    ) -> Page:
        """Fetch a page, following redirects.

        Args:
            url: absolute http(s) URL.
            own: the author named this host, so it may have any address (where it redirects to
                may not).
            fresh: ask caches on the way for a new copy.
            enough: is shown the final answer without its body; True leaves that unread.
            seen: an earlier answer; if it still holds, the new one may be a 304 without a body.
            most: decoded bytes of the body that are kept.

        Returns:
            The final answer, whatever its status.

        Raises:
            Unreachable: no usable answer came in time.
            TooOften: an address on the way has been visited often enough for now.
            Forbidden: the URL, or one it redirects to, must not be asked.
        """
        headers = {"Cache-Control": "no-cache"} if fresh else {}
        headers |= _conditions(seen) if seen else {}
        page = self._follow(_Errand("GET", headers, enough=enough, most=most), url, own=own)
        return replace(page, asked=url)

    def post(self, url: str, request: Request, *, own: bool = False) -> Page:
        """Post a notice.

        Where a redirect leads it is posted again only if that is the same place but for the
        scheme, a leading ``www.`` and a final slash.

        Args:
            url: absolute http(s) URL of the endpoint.
            request: the notice.
            own: as ``get``.

        Returns:
            The answer, whatever its status; a redirect to another place is one, without a body.

        Raises:
            Unreachable, TooOften, Forbidden: as ``get``.
        """
        headers = {"Content-Type": request.content_type}
        return self._follow(_Errand("POST", headers, request.body), url, own=own)

    def _follow(self, errand: _Errand, url: str, *, own: bool) -> Page:
        deadline = Deadline(self._config.request_timeout)
        for _ in range(MAX_REDIRECTS + 1):
            prepared = self._prepare(errand, url, own=own)
            page = self._ask(prepared, deadline, errand, own=own)
            location = _location(page)
            is_get = errand.method == "GET"
            if location is None or not (is_get or _is_repeatable(page, location)):
                return page
            url, own = location, False
        raise Unreachable(f"{_host(page.url)} redirects more than {MAX_REDIRECTS} times")

    def _prepare(self, errand: _Errand, url: str, *, own: bool) -> requests.PreparedRequest:
        shown = printable(url if len(url) <= _SHOWN else url[: _SHOWN - 1] + "…")
        try:
            bare, headers = urldefrag(url).url, self._headers | errand.headers
            prepared = requests.Request(errand.method, bare, headers, data=errand.body).prepare()
            # What is judged is what will be sent: the URL as requests has written it anew.
            parts = urlsplit(str(prepared.url))
            host = parts.hostname or ""
        except (requests.RequestException, ValueError):
            raise Forbidden(f"{shown} is not a usable URL") from None
        if parts.scheme not in {"http", "https"}:
            raise Forbidden(f"{shown} is not an http or https URL")
        if "@" in parts.netloc:
            raise Forbidden(f"the URL of {_host(parts.geturl())} holds a user name or password")
        # Older releases of urllib3 escape what no host may hold; only a zone may have a "%".
        escaped = "%" in host and ":" not in host
        if escaped or not 0 < len(host) <= _LONGEST_NAME or printable(host) != host:
            raise Forbidden(f"{shown} is not a usable URL")
        if not own and is_private_name(host, self._config.allow_networks):
            raise Forbidden(f"{shown} is a private address")
        return prepared

    def _ask(
        self, prepared: requests.PreparedRequest, deadline: Deadline, errand: _Errand, *, own: bool
    ) -> Page:
        """Make one hop; the body of a redirect is left unread."""
        url, proxy = str(prepared.url), self._config.proxy
        host = _host(url)
        allowed = None if own or proxy else self._config.allow_networks
        visit = None if allowed is None else self._visit
        route = Route(deadline, self._watchdog, self._lookup, allowed, proxy, self._tls, visit)
        with ask(prepared, route) as raw:
            headers = tuple((name, _text(value)) for name, value in raw.headers.iteritems())
            page = Page(url, raw.status, headers)
            if _location(page) is None and not errand.enough(page):
                page = Page(url, raw.status, headers, _body(raw, host, errand.most))
        if page.status < HTTPStatus.OK:
            raise Unreachable(f"{host} did not finish its answer")
        return page

    def _tls(self) -> ssl.SSLContext:
        # One for all threads: loading the certificates takes longer than many a request.
        with self._loading:
            if self._context is None:
                self._context = tls_context(self._config.cert_verify)
            return self._context


def _host(url: str) -> str:
    return printable(urlsplit(url).hostname or "")


def _text(value: str) -> str:
    """A header's value as it was meant; http.client reads every byte as Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _conditions(seen: Page) -> dict[str, str]:
    told = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    found = {name: value for name, of in told.items() for value in seen.header(of)[:1]}
    # Others are not sent: no header can hold them (RFC 9110, 8.8.3).
    return {name: value.strip() for name, value in found.items() if _is_plain(value)}


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable() and bool(value.strip())


def _location(page: Page) -> str | None:
    """Where a redirect leads; None for any other answer."""
    locations = page.header("Location")
    if page.status not in _REDIRECTS or not locations or not locations[0]:
        return None
    try:
        return urljoin(page.url, locations[0])
    except ValueError:
        return locations[0]


def _is_repeatable(page: Page, location: str) -> bool:
    try:
        return page.status != HTTPStatus.SEE_OTHER and _place(page.url) == _place(location)
    except ValueError:
        return False


def _place(url: str) -> tuple[str, str]:
    path, _, query = key(url).partition("?")
    return path.partition("://")[2].removeprefix("www.").removesuffix("/"), query


def _body(raw: BaseHTTPResponse, host: str, most: int) -> bytes:
    coding = raw.headers.get("Content-Encoding", "").strip().lower()
    if coding in _UNASKED or "," in coding:
        raise Unreachable(f"{host} answers in an encoding that was not asked for")
    body = bytearray()
    for chunk in raw.stream(max(_CHUNK, most // 64), decode_content=coding in _DECODED):
        body += chunk
        if len(body) >= most:
            del body[most:]
            break
    return bytes(body)
