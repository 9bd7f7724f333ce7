"""Reading: pages, XML and headers, however bent. What they mean is tested with each protocol."""

from __future__ import annotations

import pytest

from pelican_linkbacks import reading
from pelican_linkbacks.background import quiet
from pelican_linkbacks.page import Page
from pelican_linkbacks.reading import Related
from tests.samples import page


def found(body: str, content_type: str = "text/html", *tags: str) -> list[Related]:
    with quiet():
        answered = Page("https://b.example/", 200, (("Content-Type", content_type),), body.encode())
        return list(reading.related(answered, "pingback", tags or ("link",)))


def hrefs(body: str, content_type: str = "text/html") -> list[str]:
    return [element.href for element in found(body, content_type)]


def test_every_href_of_a_relation_is_found_in_order() -> None:
    body = '<link rel=pingback href="/1"><link rel=other href="/2"><link rel="x PINGBACK" href=" ">'

    assert found(body) == [
        Related("link", "/1", "https://b.example/1"),
        Related("link", "", "https://b.example/"),
    ]


def test_only_the_elements_that_were_asked_for_are_found() -> None:
    body = '<a rel=pingback href="/1">x</a><area rel=pingback href="/2"><link rel=pingback href=3>'

    assert [e.href for e in found(body, "text/html", "a", "link")] == ["/1", "3"]
    assert [e.href for e in found(body)] == ["3"]


BASES = {
    "absolute": ('<base href="https://c.example/d/e">', "https://c.example/d/ping"),
    "relative": ('<base href="/d/">', "https://b.example/d/ping"),
    "first of two": ('<base href="/d/"><base href="/e/">', "https://b.example/d/ping"),
    "without href first": ('<base target="_top"><base href="/d/">', "https://b.example/d/ping"),
    "empty": ('<base href="">', "https://b.example/ping"),
    "unusable": ('<base href="javascript:x">', "https://b.example/ping"),
    "endless": (f'<base href="/{"d" * 2000}/">', "https://b.example/ping"),
    "broken": ('<base href="http://[c/">', "https://b.example/ping"),
    "in a comment": ('<!-- <base href="/d/"> -->', "https://b.example/ping"),
    "in a template": ('<template><base href="/d/"></template>', "https://b.example/ping"),
    "in a script": ("<script>'<base href=\"/d/\">'</script>", "https://b.example/ping"),
}


@pytest.mark.parametrize(("base", "url"), BASES.values(), ids=BASES)
def test_the_base_of_a_page_counts_wherever_it_stands(base: str, url: str) -> None:
    link = '<link rel="pingback" href="ping">'

    assert [element.url for element in found(base + link)] == [url]
    assert [element.url for element in found(link + base)] == [url]


@pytest.mark.parametrize(
    "content_type", ["application/xml", "application/rss+xml", "image/svg+xml"]
)
def test_links_of_documents_that_are_not_html_are_not_looked_for(content_type: str) -> None:
    assert hrefs('<link rel="pingback" href="/1"/>', content_type) == []
    assert hrefs('<link rel="pingback" href="/1"/>') == ["/1"]


def test_a_page_that_is_only_an_address_is_a_page_without_links() -> None:
    assert hrefs("https://b.example/pingback") == []


ENDPOINTS = {
    "": "https://blog.example/2026/post/",
    " \n": "https://blog.example/2026/post/",
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
    assert reading.resolved(page().url, value) == url


def test_no_endpoint_is_relative_to_a_page_with_credentials() -> None:
    assert reading.resolved("https://name@b.example/", "ping") is None


TEXTS: dict[str, tuple[str | bytes, str]] = {
    "text": ("Source  does not\n link", "Source does not link"),
    "HTML": ("<h1>Sorry</h1><p>Salt &amp; rye</p>", "Sorry Salt & rye"),
    "scripts and styles": ("<style>p{}</style><script>x()</script><p>No</p>", "No"),
    "comment": ("<!-- 1 --><p>No</p>", "No"),
    "JSON": ('{"error": "no_link"}', '{"error": "no_link"}'),
    "name of a file": ("index.html", "index.html"),
    "address": ("https://b.example/", "https://b.example/"),
    "controls": ("\x1b[31mNo\x07\u202e", "[31mNo"),
    "long": ("x" * 9999, "x" * 200),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("body", "text"), TEXTS.values(), ids=TEXTS)
def test_what_an_answer_says_is_one_line_of_plain_text(body: str | bytes, text: str) -> None:
    with quiet():
        assert reading.plain_text(page(body)) == text


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
