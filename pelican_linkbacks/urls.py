"""URLs: what is compared of them, and which of them are ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit

from pelican_linkbacks.addresses import is_private_name
from pelican_linkbacks.config import Config

HTML = ".html"
"""What some hosts of static sites leave out at the end of a URL, redirecting to the rest of it."""

DEFAULT_PORTS = {"http": 80, "https": 443}

_PLAIN = re.compile(r"https?://([a-z0-9.-]+)(/[^?#\s]*(?:\?[^#\s]+)?)?")
"""A URL with nothing to normalise, as nearly all are: seen before it is taken apart."""

_PLAIN_PATH = re.compile(r"[\w~-]+(?:[./][\w~-]+)*/?", re.ASCII)
"""A relative URL that needs no encoding and climbs nowhere."""

_REMEMBERED = 1024
"""URLs of which is remembered what was found out: each is asked about several times in a row."""


@lru_cache(maxsize=_REMEMBERED)
def host_of(url: str) -> str:
    """The host of an http(s) URL in lower case, with its port unless that is the default one.

    Empty for anything that is not an absolute http(s) URL.
    """
    if plain := _PLAIN.fullmatch(url):
        return plain[1]
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return ""
    is_default = port in {None, DEFAULT_PORTS[parts.scheme]}
    return parts.hostname if is_default else f"{parts.hostname}:{port}"


@lru_cache(maxsize=_REMEMBERED)
def key(url: str) -> str:
    """What is compared of a URL: all but fragment, default port and the case of scheme and host."""
    if plain := _PLAIN.fullmatch(url):
        return url if plain[2] else url + "/"
    parts = urlsplit(url.strip())
    return parts._replace(netloc=host_of(url), path=parts.path or "/", fragment="").geturl()


def other_scheme(place: str) -> str:
    """The key of the same URL with https instead of http, or the other way round."""
    scheme, rest = place.split(":", 1)
    return f"{'http' if scheme == 'https' else 'https'}:{rest}"


def spelt_alike(url: str) -> str:
    """What is compared of a URL that two programs spell: of its key, neither the scheme, a final
    slash nor which characters are percent-encoded."""
    if _PLAIN.fullmatch(url):
        return unquote(url.partition(":")[2]).rstrip("/")
    return unquote(key(url).partition(":")[2]).rstrip("/") if host_of(url) else url


def is_under(url: str, sites: Iterable[str]) -> bool:
    """Whether a URL is one of the sites or below one, whatever its scheme."""
    host = host_of(url)
    near = [site for site in sites if host and host == host_of(site)]
    return any(_folder(url).startswith(_folder(site)) for site in near)


def _folder(url: str) -> str:
    return urlsplit(url).path.rstrip("/") + "/"


def absolute(siteurl: str, url: str) -> str:
    """The absolute, percent-encoded form of a URL that Pelican gives relative to its SITEURL."""
    if _PLAIN_PATH.fullmatch(url) and "/." not in siteurl:
        return f"{siteurl}/{url}"
    return urljoin(siteurl + "/", quote(url, safe="%/:=&?~#+!$,;'@()*[]"))


def path_under(siteurl: str, url: str) -> str:
    """A source's URL path under the outermost SITEURL; the whole URL if it is not under it."""
    if url.startswith(f"{siteurl}/") and "?" not in url and "#" not in url:
        return url[len(siteurl) :].lstrip("/")
    if not is_under(url, [siteurl]):
        return url
    return urlsplit(url).path[len(urlsplit(siteurl).path.rstrip("/")) :].lstrip("/")


def silence(config: Config) -> str | None:
    """Why a site can't be a source at all, so that its links are left alone; None if it can.

    Judged by the text of SITEURL alone: a build works without a network.
    """
    host = urlsplit(config.siteurl).hostname if host_of(config.siteurl) else None
    if not config.siteurl:
        return "SITEURL is empty, as in development"
    if host is None:
        return f"SITEURL ({config.siteurl}) is no absolute http(s) URL"
    if is_private_name(host, config.allow_networks):
        return f"SITEURL ({config.siteurl}) is a private address"
    return None
