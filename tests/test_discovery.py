"""Discovery, explained: what ``pelican-linkbacks discover`` shows of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pelican_linkbacks.background import quiet
from pelican_linkbacks.cli import main
from pelican_linkbacks.config import PROTOCOL_NAMES
from pelican_linkbacks.discovery import explain
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import PROTOCOLS
from tests.protocols import pages
from tests.samples import page
from tests.servers import Answer, Site, redirect

POST = "https://blog.example/2026/post/"
ALL = (
    '<a rel="trackback" href="/tb/1">Trackback</a><link rel="pingback" href="/xmlrpc">'
    '<link rel="webmention" href="/webmention">'
)


@pytest.fixture(autouse=True)
def without_warnings_of_pages() -> Iterator[None]:
    with quiet():
        yield


def explained(answered: Page, *protocols: str) -> list[str]:
    return list(explain(answered, protocols or PROTOCOL_NAMES))


def test_a_page_that_offers_nothing_is_told_as_such_with_what_was_read() -> None:
    assert explained(page("x" * 1200)) == [
        f"{POST} answers HTTP 200, text/html, 1.2 kB",
        "webmention: -",
        "pingback: -",
        "trackback: -",
        "Nothing would be sent: looked in the headers and in the page.",
    ]


def test_of_what_is_no_html_only_the_headers_are_read() -> None:
    image = replace(page(ALL), headers=(("Content-Type", "image/png"),))
    assert explained(image)[-1] == "Nothing would be sent: looked in the headers."


def test_a_page_that_is_not_there_is_not_searched() -> None:
    assert explained(page(ALL, status=404)) == [
        f"{POST} answers HTTP 404, text/html, 0.1 kB",
        "Nothing would be sent: only a page that is there is searched.",
    ]


def test_every_offer_is_shown_with_the_rule_that_found_it_and_the_preferred_one_is_named() -> None:
    assert explained(page(ALL)) == [
        f"{POST} answers HTTP 200, text/html, 0.1 kB",
        'webmention: https://blog.example/webmention, found by <link rel="webmention">',
        'pingback: https://blog.example/xmlrpc, found by <link rel="pingback">',
        'trackback: https://blog.example/tb/1, found by <a rel="trackback">',
        "A link to this page would be told by webmention.",
    ]


def test_the_preference_is_the_settings() -> None:
    assert explained(page(ALL), "trackback", "pingback")[-1] == (
        "A link to this page would be told by trackback."
    )
    assert explained(page('<link rel="pingback" href="/x">'), "webmention")[-1] == (
        "Nothing would be sent: LINKBACKS_PROTOCOLS has none of these."
    )


CASES = [(name, file) for name in PROTOCOLS for file in pages.of(name)]


@pytest.mark.parametrize(("protocol", "file"), CASES, ids=lambda case: getattr(case, "stem", case))
def test_every_case_of_discovery_is_explained(protocol: str, file: Path) -> None:
    expected, answered = pages.read(file)
    [said] = [line for line in explained(answered) if line.startswith(f"{protocol}: ")]
    url, rule = expected.get("endpoint"), expected.get("by", "")
    assert said.startswith(f"{protocol}: {url}, found by {rule}" if url else f"{protocol}: -")


def test_the_command_shows_a_page_from_anywhere_and_where_it_led(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with Site({"/": redirect("/post"), "/post": Answer(ALL)}) as site:
        Path("pelicanconf.py").write_text("LINKBACKS_ALLOW_NETWORKS = ['127.0.0.0/8']\n")
        (tmp_path / "content").mkdir()
        assert main(["discover", f"{site.url}/"]) == 0
        shown = capsys.readouterr().out.splitlines()
        assert shown[0] == f"{site.url}/ leads to {site.url}/post"
        assert shown[-1] == "A link to this page would be told by webmention."
        Path("pelicanconf.py").unlink()
        assert main(["discover", f"{site.url}/"]) == 1
        assert capsys.readouterr().err == (f"pelican-linkbacks: {site.url}/ is a private address\n")
