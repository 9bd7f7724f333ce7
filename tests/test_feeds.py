"""Feeds: where a site has them, and what their entries carry."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks.feeds import Entry, entries, feed_urls
from tests.servers import Site

US = "https://us.example"
RYE = f"{US}/rye.html"
CONTENT = '<p>Rye, by <a href="https://blog.example/">a friend</a>.</p>'
ESCAPED = CONTENT.replace("<", "&lt;").replace(">", "&gt;")


def atom(*parts: str) -> str:
    inner = "".join(f'<entry><link href="{RYE}"/>{part}</entry>' for part in parts)
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{inner}</feed>'


def rss(*parts: str) -> str:
    inner = "".join(f"<item><link>{RYE}</link>{part}</item>" for part in parts)
    return (
        '<?xml version="1.0"?><rss version="2.0" '
        f'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{inner}</channel></rss>'
    )


ENTRIES = {
    "Atom, full": (
        atom(f'<content type="html">{ESCAPED}</content><summary type="html">Rye</summary>'),
        [Entry(RYE, CONTENT, full=True, summary="Rye")],
    ),
    "Atom, summary only": (
        atom(f'<summary type="html">{ESCAPED}</summary>'),
        [Entry(RYE, CONTENT, full=False)],
    ),
    "Atom, empty content": (
        atom('<content type="html"></content><summary type="html">Rye</summary>'),
        [Entry(RYE, "Rye", full=False)],
    ),
    "RSS, full": (
        rss(f"<description>Rye</description><content:encoded>{ESCAPED}</content:encoded>"),
        [Entry(RYE, CONTENT, full=True, summary="Rye")],
    ),
    "RSS, which does not say whether its description is all": (
        rss(f"<description>{ESCAPED}</description>"),
        [Entry(RYE, CONTENT, full=False)],
    ),
    "several": (
        atom('<content type="html">a</content>', '<summary type="html">b</summary>'),
        [Entry(RYE, "a", full=True), Entry(RYE, "b", full=False)],
    ),
    "nothing but an address": (rss(""), [Entry(RYE, "", full=False)]),
    "no address": (
        '<rss version="2.0"><channel><item><title>Rye</title></item></channel></rss>',
        [Entry("", "", full=False, title="Rye")],
    ),
    "no entries": (atom(), []),
    "cut in the middle of the content": (
        atom(f'<content type="html">{ESCAPED}</content>').partition("a friend")[0],
        [Entry(RYE, "", full=False)],
    ),
    "cut after the content": (
        atom(f'<content type="html">{ESCAPED}</content>')[:-12],
        [Entry(RYE, CONTENT, full=True)],
    ),
}


@pytest.mark.parametrize(("body", "carried"), ENTRIES.values(), ids=ENTRIES)
def test_entries_carry_their_address_and_their_content(body: str, carried: list[Entry]) -> None:
    assert entries(body.encode()) == carried


WHEN = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
THREADS = 'xmlns:thr="http://purl.org/syndication/thread/1.0"'
ACTIVITIES = 'xmlns:activity="http://activitystrea.ms/spec/1.0/"'

KNOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "title": ('<title type="html">A &lt;b&gt;</title>', {"title": "A <b>"}),
    "author": (
        "<author><name>Anna</name><uri>https://a.example/</uri><email>a@a.example</email></author>",
        {"author": "Anna", "author_url": "https://a.example/"},
    ),
    "author without a URL": ("<author><name>Anna</name></author>", {"author": "Anna"}),
    "published": ("<published>2026-11-22T09:30:00+01:00</published>", {"published": WHEN}),
    "updated": ("<updated>2026-11-22T08:30:00Z</updated>", {"published": WHEN}),
    "both": (
        "<updated>2027-01-01T00:00:00Z</updated><published>2026-11-22T08:30:00Z</published>",
        {"published": WHEN},
    ),
    "published, but when": ("<published>yesterday</published>", {}),
    "published, but when, and updated": (
        "<published>yesterday</published><updated>2026-11-22T08:30:00Z</updated>",
        {"published": WHEN},
    ),
    "links": (
        '<link rel="related" href="https://a.example/1"/>'
        '<link rel="alternate" type="text/plain" href="https://a.example/2"/>',
        {"links": ("https://a.example/1",)},
    ),
    "answer": (
        f'<thr:in-reply-to {THREADS} ref="tag:a" href="https://a.example/"/>',
        {"answers": "https://a.example/"},
    ),
    "answer to an identifier": (
        f'<thr:in-reply-to {THREADS} ref="tag:a"/>',
        {"answers": "tag:a"},
    ),
    "answer to nothing": (f"<thr:in-reply-to {THREADS}/>", {}),
    "activity": (
        f"<activity:verb {ACTIVITIES}>http://activitystrea.ms/schema/1.0/like</activity:verb>"
        f"<activity:object {ACTIVITIES}>https://a.example/</activity:object>",
        {"verb": "like", "links": ("https://a.example/",)},
    ),
}


@pytest.mark.parametrize(("part", "known"), KNOWN.values(), ids=KNOWN)
def test_entries_carry_who_said_it_when_and_of_what(part: str, known: dict[str, Any]) -> None:
    assert entries(atom(part).encode()) == [Entry(RYE, "", full=False, **known)]


def test_markup_in_a_feed_is_left_as_the_author_wrote_it() -> None:
    """Relative links, data attributes and frames included: it is compared, never shown."""
    html = '<a href="x.html" data-linkback="no">x</a><iframe src="y"></iframe>'
    escaped = html.replace("<", "&lt;")

    assert entries(atom(f'<content type="html">{escaped}</content>').encode()) == [
        Entry(RYE, html, full=True)
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Not Found",
        b"\x00\xff\x80",
        b"<!DOCTYPE html><html><head><title>Us</title></head><body><p>x</p></body></html>",
        atom('<content type="html">&#xD83C;</content>').encode(),
        b'{"version": "https://jsonfeed',
    ],
    ids=["empty", "text", "garbage", "HTML", "half a character", "JSON"],
)
def test_what_is_no_feed_or_a_broken_one_is_told_from_an_empty_one(body: bytes) -> None:
    assert entries(body) is None


def test_a_body_that_is_an_address_is_not_fetched() -> None:
    with Site({"/feed": atom('<content type="html">x</content>')}) as site:
        assert entries(f"{site.url}/feed".encode()) is None
        assert site.requests == []


def test_a_body_that_is_a_path_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "feed.atom"
    file.write_text(atom('<content type="html">x</content>'), encoding="utf-8")

    assert entries(str(file).encode()) is None


def test_entities_of_a_feed_are_not_expanded(tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.write_text("a secret", encoding="utf-8")
    laughs = "".join(f"<!ENTITY l{n + 1} '{f'&l{n};' * 10}'>" for n in range(9))
    doctype = f"<!DOCTYPE feed [<!ENTITY l0 'ha'>{laughs}<!ENTITY f SYSTEM '{file.as_uri()}'>]>"
    body = atom('<content type="html">&l9; &f;</content>').replace("?>", f"?>{doctype}", 1)

    [entry] = entries(body.encode()) or []

    assert len(entry.html) < 1000
    assert "secret" not in entry.html


URLS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "Pelican's own": ({"SITEURL": US, "FEED_ALL_ATOM": "a.xml"}, (f"{US}/a.xml",)),
    "all, the likeliest to be whole first": (
        {
            "SITEURL": US,
            "FEED_RSS": "4",
            "FEED_ALL_RSS": "3",
            "FEED_ATOM": "2",
            "FEED_ALL_ATOM": "1",
        },
        (f"{US}/1", f"{US}/2", f"{US}/3", f"{US}/4"),
    ),
    "the address wins over the file": (
        {"SITEURL": US, "FEED_ALL_ATOM": "feed/index.xml", "FEED_ALL_ATOM_URL": "feed/"},
        (f"{US}/feed/",),
    ),
    "switched off": ({"SITEURL": US, "FEED_ALL_ATOM": None, "FEED_RSS": ""}, ()),
    "under a path": (
        {"SITEURL": f"{US}/blog/", "FEED_RSS": "rss.xml"},
        (f"{US}/blog/rss.xml",),
    ),
    "the site's own before FEED_DOMAIN": (
        {"SITEURL": f"{US}/de", "FEED_DOMAIN": US, "FEED_RSS": "rss.xml"},
        (f"{US}/de/rss.xml", f"{US}/rss.xml"),
    ),
    "FEED_DOMAIN as Pelican fills it in": (
        {"SITEURL": US, "FEED_DOMAIN": US, "FEED_RSS": "rss.xml"},
        (f"{US}/rss.xml",),
    ),
    "elsewhere altogether": (
        {"SITEURL": US, "FEED_RSS": "rss.xml", "FEED_RSS_URL": "https://feeds.example/us"},
        ("https://feeds.example/us",),
    ),
    "no site": ({"SITEURL": "", "FEED_DOMAIN": None, "FEED_RSS": "rss.xml"}, ()),
}


@pytest.mark.parametrize(("settings", "urls"), URLS.values(), ids=URLS)
def test_the_feeds_of_a_site_are_those_of_its_settings(
    settings: dict[str, Any], urls: tuple[str, ...]
) -> None:
    assert feed_urls(settings) == urls
