"""Spelling: which URLs are two sources, and which are two ways to write one."""

from __future__ import annotations

import pytest

from pelican_linkbacks.receiver import spelling

SOURCE = "https://bücher.example/a/b?c=d"


@pytest.mark.parametrize(
    "other",
    [
        "https://bücher.example/a/B?c=d",
        "https://bücher.example/a?c=d",
        "https://bücher.example/a/b",
        "https://bücher.example/a/b?c=d&e",
        "https://www.bücher.example/a/b?c=d",
        "https://bücher.example:8080/a/b?c=d",
        "mailto:me@bücher.example",
        "",
    ],
)
def test_these_are_two_sources(other: str) -> None:
    assert spelling.source(other) != spelling.source(SOURCE)


@pytest.mark.parametrize(
    "other",
    [
        "http://bücher.example/a/b?c=d",
        "HTTPS://BÜCHER.example:443/a/b?c=d#e",
        "https://bücher.example./a/b?c=d",
        "https://xn--bcher-kva.example/a/b?c=d",
        "https://bücher.example/a/b/?c=d",
        "https://bücher.example/a//b?c=d",
        "https://bücher.example/./a/x/../b?c=d",
        "https://bücher.example/%61/x/%2e%2e/b?%63=d",
        " https://bücher.example/a/b?c=d ",
    ],
)
def test_these_are_one_source(other: str) -> None:
    assert spelling.source(other) == spelling.source(SOURCE)


@pytest.mark.parametrize("host", ["192.0.2.1", "192.0.513", "3221225985", "0xc0000201"])
def test_an_address_is_the_same_in_all_its_forms(host: str) -> None:
    assert spelling.host(host) == "192.0.2.1"
    assert spelling.host(f"{host}:8080") == "192.0.2.1:8080"


def test_what_is_no_url_or_no_name_is_left_as_it_is() -> None:
    assert spelling.source("not a URL") == "not a URL"
    assert spelling.host("a..b") == "a..b"
