"""Which endpoints an article has by the settings."""

from __future__ import annotations

from typing import Any

import pytest

from pelican_linkbacks.endpoints import Endpoints
from tests.samples import from_settings


def endpoints(path: str = "2026/rye.html", slug: str = "rye", **settings: Any) -> dict[str, str]:
    named = Endpoints.named(from_settings(**settings))
    assert named
    return named.of(path, slug)


def test_without_settings_there_are_none() -> None:
    assert Endpoints.named(from_settings()) is None


@pytest.mark.parametrize("base", ["https://me.example/say", "https://me.example/say/"])
def test_one_setting_gives_all_three(base: str) -> None:
    assert endpoints(LINKBACKS_ENDPOINT=base) == {
        "webmention": "https://me.example/say/webmention",
        "pingback": "https://me.example/say/pingback",
        "trackback": "https://me.example/say/trackback/2026/rye.html",
    }


def test_each_can_be_named_alone_and_stands_as_it_is() -> None:
    given = "https://other.example/us.example/?a=1&b=%20"
    assert endpoints(LINKBACKS_WEBMENTION_ENDPOINT=given) == {"webmention": given}
    assert endpoints(LINKBACKS_PINGBACK_ENDPOINT=given) == {"pingback": given}


def test_what_is_named_by_itself_wins() -> None:
    found = endpoints(
        LINKBACKS_ENDPOINT="https://me.example", LINKBACKS_PINGBACK_ENDPOINT="https://p.example/"
    )
    assert found["pingback"] == "https://p.example/"
    assert found["webmention"] == "https://me.example/webmention"


@pytest.mark.parametrize(
    ("template", "url"),
    {
        "https://me.example/t/{path}": "https://me.example/t/2026/rye.html",
        "https://me.example/t?id={slug}&x": "https://me.example/t?id=br%C3%B6d%20%7Bpath%7D&x",
    }.items(),
)
def test_a_trackback_url_has_the_article_in_it(template: str, url: str) -> None:
    found = endpoints(slug="bröd {path}", LINKBACKS_TRACKBACK_ENDPOINT=template)
    assert found == {"trackback": url}


def test_an_article_at_another_host_is_named_by_its_whole_url() -> None:
    found = endpoints("https://de.example/a.html", LINKBACKS_ENDPOINT="https://me.example")
    assert found["trackback"] == "https://me.example/trackback/https%3A%2F%2Fde.example%2Fa.html"


def test_nothing_in_an_endpoint_can_end_an_attribute() -> None:
    found = endpoints(LINKBACKS_WEBMENTION_ENDPOINT="https://bröd.example/\"<>'grüße a")
    assert found["webmention"] == "https://xn--brd-tna.example/%22%3C%3E%27gr%C3%BC%C3%9Fe%20a"
