"""What a proxy says of a client, and who is believed."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from pelican_linkbacks.receiver.proxies import TrustedProxies

PROXIES = [ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48")]


def seen(prefix: str = "", path: str = "/pingback", **headers: str) -> dict[str, Any]:
    """The environment in which an application behind trusted proxies runs."""
    environ: dict[str, Any] = {}

    def app(given: dict[str, Any], _: object) -> Iterable[bytes]:
        environ.update(given)
        return []

    given: dict[str, Any] = {"PATH_INFO": path, "SCRIPT_NAME": "", **headers}
    setup_testing_defaults(given)
    TrustedProxies(app, PROXIES, prefix)(given, lambda *_: lambda _: None)
    return environ


@pytest.mark.parametrize("peer", ["198.51.100.1", "2001:db8:2::1", "", "localhost"])
def test_nobody_else_is_believed(peer: str) -> None:
    environ = seen(
        REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="198.51.100.7", HTTP_X_FORWARDED_PROTO="https"
    )
    assert environ["REMOTE_ADDR"] == peer
    assert environ["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:4711", "198.51.100.7"),
        ("[2001:db8:2::7]:4711", "2001:db8:2::7"),
        ("2001:db8:2::7", "2001:db8:2::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("192.0.2.66, 198.51.100.7", "198.51.100.7"),
        ("192.0.2.66, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        ("192.0.2.66,198.51.100.7,10.0.0.1 , 2001:db8:1::1", "198.51.100.7"),
        ("10.0.0.2, 10.0.0.1", "10.0.0.2"),
        ("198.51.100.7, unknown, 10.0.0.1", "10.0.0.1"),
        ("198.51.100.7, ", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_of_a_trusted_proxy_the_nearest_address_that_is_none_is_the_client(
    forwarded: str, client: str
) -> None:
    environ = seen(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert environ["REMOTE_ADDR"] == client


@pytest.mark.parametrize(
    ("told", "scheme"),
    [("https", "https"), ("http, HTTPS", "https"), ("https,http", "http"), ("gopher", "http")],
)
def test_a_trusted_proxy_tells_the_scheme(told: str, scheme: str) -> None:
    environ = seen(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_PROTO=told)
    assert environ["wsgi.url_scheme"] == scheme


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ("/blog/linkbacks/pingback", "/pingback"),
        ("/pingback", "/pingback"),
        ("/blog/linkbacks", "/"),
        ("/blog/linkbacks/", "/"),
        ("/blog/linkbackspingback", "/blog/linkbackspingback"),
        ("/", "/"),
    ],
)
def test_the_prefix_may_be_stripped_before_or_not(path: str, rest: str) -> None:
    environ = seen(prefix="/blog/linkbacks", path=path)
    assert environ["SCRIPT_NAME"] == "/blog/linkbacks"
    assert environ["PATH_INFO"] == rest


def test_a_prefix_may_hold_any_character() -> None:
    environ = seen(prefix="/caf%C3%A9", path="/café/pingback".encode().decode("latin-1"))
    assert environ["PATH_INFO"] == "/pingback"


def test_without_a_prefix_the_path_stays_as_it_is() -> None:
    environ = seen(path="/linkbacks/pingback", SCRIPT_NAME="/outer")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/outer", "/linkbacks/pingback")
