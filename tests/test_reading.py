"""Reading: pages, XML and headers, however bent. What they mean is tested with each protocol."""

from __future__ import annotations

import pytest

from pelican_linkbacks import reading
from pelican_linkbacks.background import quiet
from pelican_linkbacks.client import Page
from tests.samples import page


def hrefs(body: str, content_type: str = "text/html") -> list[str]:
    with quiet():
        answered = Page("https://b.example/", 200, (("Content-Type", content_type),), body.encode())
        return list(reading.link_hrefs(answered, "pingback"))


def test_every_href_of_a_relation_is_found_in_order_and_as_written() -> None:
    body = '<link rel=pingback href="/1"><link rel=other href="/2"><link rel="x PINGBACK" href="">'

    assert hrefs(body) == ["/1", ""]


@pytest.mark.parametrize(
    "content_type", ["application/xml", "application/rss+xml", "image/svg+xml"]
)
def test_links_of_documents_that_are_not_html_are_not_looked_for(content_type: str) -> None:
    assert hrefs('<link rel="pingback" href="/1"/>', content_type) == []
    assert hrefs('<link rel="pingback" href="/1"/>') == ["/1"]


def test_a_page_that_is_only_an_address_is_a_page_without_links() -> None:
    assert hrefs("https://b.example/pingback") == []


ENDPOINTS = {
    "": None,
    " \n": None,
    "javascript:alert(1)": None,
    "ftp://b.example/": None,
    "https://name@b.example/": None,
    "https://name:word@b.example/": None,
    "//name@b.example/": None,
    "http://[b.example/": None,
    "http://b.example:port/": None,
    "ping": "https://blog.example/2026/post/ping",
    "/@name/ping?to=me@b.example": "https://blog.example/@name/ping?to=me@b.example",
    "//b.example/ping": "https://b.example/ping",
    " http://b.example:8080/ping\n": "http://b.example:8080/ping",
}


@pytest.mark.parametrize(("value", "url"), ENDPOINTS.items())
def test_an_endpoint_is_an_http_url_without_credentials_resolved_against_the_page(
    value: str, url: str | None
) -> None:
    assert reading.endpoint_url(page(), value) == url


def test_no_endpoint_is_relative_to_a_page_with_credentials() -> None:
    assert reading.endpoint_url(page(url="https://name@b.example/"), "ping") is None


ROOTS: dict[str, tuple[bytes, str | None]] = {
    "as it should be": (b"<answer>yes</answer>", "yes"),
    "with attributes": (b"x<answer a='1'>yes</answer >y", "yes"),
    "in the middle of a line": (b"Notice: & <answer>yes</answer> & bye", "yes"),
    "one within another": (b"& <answer>yes<answer>, no</answer></answer>", "yes, no"),
    "two after another": (b"& <answer>yes</answer><answer>no</answer>", None),
    "only the start": (b"& <answer>yes", None),
    "only the end": (b"yes</answer>", None),
    "end in the middle": (b"& <answer>yes</answer", None),
    "another element that begins so": (b"& <answers>yes</answers>", None),
    "another root": (b"<question><answer>yes</answer></question>", None),
    "closed at once": (b"<answer/>", ""),
    "nothing": (b"", None),
}


@pytest.mark.parametrize(("body", "text"), ROOTS.values(), ids=ROOTS)
def test_what_stands_around_an_xml_answer_is_passed_over(body: bytes, text: str | None) -> None:
    root = reading.xml_root(body, b"answer")

    assert (None if root is None else reading.text(root)) == text


def test_nothing_of_an_answer_can_steer_a_terminal() -> None:
    assert reading.one_line(" a\r\n\tb \x1b[31mc\x07 \x9bd\u202ee\u200bf ") == "a b [31mc def"
    assert reading.text(None) == ""
