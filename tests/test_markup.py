"""Markup: what goes into a page, where, and what is left alone."""

from __future__ import annotations

import re

import pytest
from defusedxml.ElementTree import fromstring
from rdflib import Graph, URIRef
from rdflib.namespace import DC

from pelican_linkbacks.markup import head_end, insert, offered, pieces, without
from pelican_linkbacks.protocols import rdf

URL = "https://us.example/rye.html"
ALL = {
    "webmention": "https://us.example/say/webmention",
    "pingback": "https://us.example/say/pingback",
    "trackback": "https://us.example/say/trackback/rye.html",
}
PING = URIRef(rdf.NAMESPACES["trackback"] + "ping")

# The insertion point is marked by "|".
HEADS = {
    "an end tag": "<!DOCTYPE html><html><head><title>Rye</title>\n|</head><body></body></html>",
    "capitals": "<HTML><HEAD><TITLE>Rye</TITLE>|</HEAD><BODY>",
    "an end tag with a space": "<head><title>Rye</title>|</head >",
    "a byte order mark": "\ufeff<!doctype html><title>Rye</title>|</head>",
    "no end tag": "<html><head><title>Rye</title>\n|<body><p>Text",
    "no tag but the title": "<title>Rye</title>\n|<p>Text",
    "text at once": "<!doctype html><title>Rye</title>|Text",
    "no title": "<!doctype html><meta charset=utf-8>|<p>Text",
    "nothing after it": "<!doctype html><title>Rye</title>|",
    "one in a comment": "<head><!-- </head> --><title>Rye</title>|</head>",
    "one in a conditional comment": "<head><!--[if IE]></head><![endif]-->|</head>",
    "one in a script": "<head><script>'</head><body>'</script><title>a</title>|</head>",
    "one in a style": "<head><style>/* </head> */</style>|</head>",
    "one in a template": "<head><template></head></template>|</head>",
    "one in the title": "<head><title>What </head> means</title>|</head>",
    "one in an attribute": "<head><meta content=\"</head>\"><meta content='</head>'>|</head>",
    "one in the text": "<title>Rye</title>|<p>About </head> and <body>",
    "an apostrophe in a bare value": "<head><meta content=it's><title>'</title>|</head>",
    "a stray end tag": "<head><link href=a></link>|</head>",
    "a stray end tag after the title": "<head><title>Rye</title></meta>|</head>",
}


@pytest.mark.parametrize(
    "page",
    ["", "Text", "</head>", '{"a": "<head></head>"}', "<feed><title>a</title></feed>", "\ufeff"],
)
def test_what_is_no_html_has_no_head(page: str) -> None:
    assert head_end(page.encode()) is None


def test_html_in_two_bytes_a_character_is_left_alone() -> None:
    assert head_end("<html><head></head>".encode("utf-16")) is None


@pytest.mark.parametrize("page", HEADS.values(), ids=HEADS)
def test_a_head_ends_where_html_says_it_ends(page: str) -> None:
    before = page.partition("|")[0]
    assert head_end(page.replace("|", "").encode()) == len(before.encode())


@pytest.mark.parametrize("piece", ["<!-", "<meta a='", "<script>", "<!--", "<", '="', "<title>"])
def test_a_page_that_is_never_closed_takes_no_time(piece: str) -> None:
    assert head_end(b"<html>" + piece.encode() * 50_000) is not None


OWN = {
    '<link rel="webmention" href="/w">': {"webmention"},
    "<a href=/w rel='nofollow webmention'>tell me</a>": {"webmention"},
    '<link rel="pingback" href="https://other.example/p">': {"pingback"},
    '<LINK HREF="/p" REL="Pingback">': {"pingback"},
    '<link rel="trackback" href="/t">': {"trackback"},
    rdf.comment(URL, "Rye", "https://us.example/t"): {"trackback"},
    rdf.comment("https://us.example/other", "Other", "https://us.example/t"): {"trackback"},
    '<!-- <link rel="webmention" href="/w"> -->': set(),
    "<p>On webmention, pingback and trackback.</p>": set(),
    '<pre>&lt;link rel="webmention" href="/w"&gt;</pre>': set(),
    '<a rel="pingback" href="/p">no link element</a>': set(),
}


@pytest.mark.parametrize(("own", "names"), OWN.items())
def test_a_page_s_own_markup_is_seen(own: str, names: set[str]) -> None:
    page = f"<title>Rye</title>{own}".encode()
    assert offered(page, URL, head_end(page) or 0) == names


def marked(page: bytes, title: str = "Rye", endpoints: dict[str, str] = ALL) -> bytes:
    place = head_end(page)
    assert place is not None
    return insert(page, place, pieces(endpoints, URL, title).values())


PAGE = b"<html>\n<head><title>Rye</title>\n</head>\n<body>Text</body></html>"


def test_what_is_inserted_is_seen_as_the_page_s_own() -> None:
    assert offered(marked(PAGE), URL, 0) == ALL.keys()


def test_the_strictest_readers_find_each_endpoint_once() -> None:
    page = marked(PAGE).decode()
    # Pingback 1.0, section 2.2; and WordPress: the first href after the first rel="pingback".
    assert re.findall(r'<link rel="pingback" href="([^"]+)" ?/?>', page) == [ALL["pingback"]]
    after = page.split('rel="pingback"')[1]
    assert after.partition('href="')[2].partition('"')[0] == ALL["pingback"]
    assert re.findall(r'<link rel="webmention" href="([^"]+)">', page) == [ALL["webmention"]]
    assert re.findall(r'<link rel="trackback" href="([^"]+)">', page) == [ALL["trackback"]]
    # TrackBack 1.2, "Auto-Discovery": a pattern for the block, one for each of its attributes.
    (block,) = re.findall(r"<rdf:RDF.*?</rdf:RDF>", page, re.DOTALL)
    assert re.findall(r'dc:identifier="([^"]+)"', block) == [URL]
    assert re.findall(r'rdf:about="([^"]+)"', block) == [URL]
    assert re.findall(r'trackback:ping="([^"]+)"', block) == [ALL["trackback"]]


def test_an_ampersand_stands_as_it_is_only_for_pingback() -> None:
    query = "https://us.example/say?a=1&b=2"
    page = marked(PAGE, endpoints=dict.fromkeys(ALL, query)).decode()
    assert f'<link rel="pingback" href="{query}">' in page
    assert page.count("?a=1&amp;b=2") == 3


@pytest.mark.parametrize(
    "title",
    ["Brot & Käse", "a -- b --- c ----", "-->", "\"<b>'", "]]>", "\x00\x0b\ufffe", "😀", "&amp;"],
)
@pytest.mark.parametrize("slug", ["rye", "rye--bread---", "a&b'c"])
def test_rdf_is_valid_whatever_stands_in_titles_and_urls(title: str, slug: str) -> None:
    url, ping = f"https://us.example/{slug}", f"https://us.example/t/{slug}"
    comment = rdf.comment(url, title, ping)
    assert comment.isascii()
    inner = comment.removeprefix("<!--").removesuffix("-->")
    assert "--" not in inner
    graph = Graph().parse(data=inner.strip(), format="xml")
    expected = re.sub("[\x00\x0b\ufffe]", "\ufffd", title)
    assert {(str(s), str(o)) for s, o in graph.subject_objects(PING)} == {(url, ping)}
    assert [str(o) for o in graph.objects(URIRef(url), DC.identifier)] == [url]
    assert [str(o) for o in graph.objects(URIRef(url), DC.title)] == [expected]
    assert list(rdf.descriptions(comment.encode())) == [rdf.Description(url, ping)]


def test_lines_end_as_they_do_in_the_page() -> None:
    page = marked(PAGE.replace(b"\n", b"\r\n"))
    assert page.replace(b"\r\n", b"") == marked(PAGE).replace(b"\n", b"")


def test_a_page_that_is_xml_stays_well_formed() -> None:
    page = (
        b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">'
        b"<head><title>Rye</title></head><body/></html>"
    )
    root = fromstring(marked(page, "a -- b"))
    assert len(root.findall(".//{http://www.w3.org/1999/xhtml}link")) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'rel="pingback" href="https://us.example/say/pingback"', b"href=https://a rel=pingback"),
        (b'">', b'"/>'),
        (b"", b""),
    ],
)
def test_markup_in_another_spelling_can_be_taken_out_again(old: bytes, new: bytes) -> None:
    page = marked(PAGE)
    assert without(page.replace(old, new) if old else page, ALL) == PAGE
