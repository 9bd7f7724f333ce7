"""Mentions as entries of a feed: of other blogs, of services, and of WordPress's comments."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

import pytest

from pelican_linkbacks.received import Received
from pelican_linkbacks.received.feed import mentions

US = "https://us.example"
SITES = [US]
HERE = f"{US}/rye.html"
THERE = "https://blog.example/loaf"
WHEN = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
DATED = "<published>2026-11-22T08:30:00Z</published>"

NAMESPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" '
    'xmlns:activity="http://activitystrea.ms/spec/1.0/"'
)


def atom(*entries: str) -> bytes:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<?xml version="1.0"?><feed {NAMESPACES}><title>x</title>{inner}</feed>'.encode()


def rss(*items: str) -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{inner}</channel></rss>'
    ).encode()


def content(html: str) -> str:
    return f'<content type="html">{escape(html)}</content>'


def read(body: bytes, sites: Sequence[str] = SITES) -> list[Received]:
    return mentions(body, sites)


LINKED = f'<p>See <a href="{HERE}">rye</a>.</p>'
LOAF = f'<title>A loaf</title><link href="{THERE}"/><author><name>Anna</name></author>{DATED}'
FULL = Received(THERE, HERE, "", "mention", THERE, "A loaf", "Anna", "See rye.", WHEN)


def test_what_does_not_link_to_us_is_no_mention() -> None:
    assert read(atom(LOAF + content('<a href="https://usx.example/rye.html">rye</a>'))) == []
    assert read(atom(LOAF + content(LINKED)), [f"{US}/blog"]) == []
    assert read(atom()) == []


def test_our_own_entries_are_no_mentions() -> None:
    own = LOAF.replace(THERE, f"{US}/oat.html")
    assert read(atom(own + content(LINKED))) == []


@pytest.mark.parametrize("link", ["", '<link href="/a"/>', '<link href="javascript:x"/>'])
def test_what_has_no_address_is_no_mention(link: str) -> None:
    assert read(atom("<title>x</title>" + link + content(LINKED))) == []


def test_a_post_that_links_to_us_is_a_mention() -> None:
    assert read(atom(LOAF + content(LINKED))) == [FULL]


def test_so_it_is_in_rss() -> None:
    item = (
        f"<title>A loaf</title><link>{THERE}</link><dc:creator>Anna</dc:creator>"
        f"<pubDate>Sun, 22 Nov 2026 08:30:00 +0000</pubDate><description>A</description>"
        f"<content:encoded>{escape(LINKED)}</content:encoded>"
    )
    assert read(rss(item)) == [FULL]


def test_it_is_one_of_each_page_that_it_links_to() -> None:
    html = LINKED + LINKED.replace("https", "http") + f'<a href="{US}/oat.html#c">oat</a>' + LINKED
    targets = [mention.target for mention in read(atom(LOAF + content(html)))]
    assert targets == [HERE, HERE.replace("https", "http"), f"{US}/oat.html#c"]


def test_an_answer_needs_no_link_in_its_text() -> None:
    answer = LOAF + content("<p>Good.</p>") + f'<thr:in-reply-to ref="tag:1" href="{HERE}"/>'
    assert read(atom(answer)) == [FULL._replace(kind="reply", excerpt="Good.")]


def test_what_is_answered_may_be_told_by_its_identifier() -> None:
    (only,) = read(atom(LOAF + f'<thr:in-reply-to ref="{HERE}"/>'))
    assert (only.kind, only.target) == ("reply", HERE)


def test_an_answer_to_another_that_links_to_us_is_a_mention() -> None:
    other = f'<thr:in-reply-to href="{THERE}0"/>'
    assert read(atom(LOAF + content(LINKED) + other)) == [FULL]


@pytest.mark.parametrize(
    ("verb", "kind"),
    [("like", "like"), ("favorite", "like"), ("share", "repost"), ("post", "mention")],
)
def test_a_feed_of_activities_says_what_was_done(verb: str, kind: str) -> None:
    """As granary and Bridgy write it."""
    done = (
        f"<activity:verb>http://activitystrea.ms/schema/1.0/{verb}</activity:verb>"
        f"<activity:object>{HERE}</activity:object>"
    )
    assert read(atom(LOAF + content("<p>Good.</p>") + done)) == [
        FULL._replace(kind=kind, excerpt="Good.")
    ]


def test_a_related_link_counts_as_one_in_the_text() -> None:
    for rel in ("related", "mentioned", "via"):
        assert read(atom(LOAF + f'<link rel="{rel}" href="{HERE}"/>')) == [
            FULL._replace(excerpt="")
        ]


def test_titles_and_texts_are_plain() -> None:
    entry = LOAF.replace(
        "<title>A loaf", '<title type="html">A &lt;b&gt;loaf&lt;/b&gt; &amp;amp; x'
    )
    html = f"<style>x</style><p>{'bread ' * 1000}</p>{LINKED}"
    (only,) = read(atom(entry + content(html)))
    assert only.title == "A loaf & x"
    assert only.excerpt == ("bread " * 1000)[:2000]


# webmention.io

SAID = {
    "mentioned": "mention",
    "linked to": "mention",
    "liked": "like",
    "reposted": "repost",
    "replied to": "reply",
    "bookmarked": "bookmark",
    "RSVPed “maybe” to": "reply",
}


@pytest.mark.parametrize(("verb", "kind"), SAID.items())
def test_the_feed_of_webmention_io_says_who_did_what_to_which_page(verb: str, kind: str) -> None:
    entry = (
        f"<title>blog.example {verb} /rye.html</title>"
        "<id>https://webmention.io/api/mention/900</id>"
        "<updated>2026-11-23T00:00:00+00:00</updated>"
        f"{DATED}<author><name>Anna</name><uri>https://blog.example/</uri></author>"
        '<link rel="alternate" href="https://social.example/@anna/7"/>'
        f"<summary>{THERE} {verb} {HERE}</summary>" + content("<p>So <b>good</b>.</p>")
    )
    assert read(atom(entry)) == [
        Received(
            THERE,
            HERE,
            kind=kind,
            url="https://social.example/@anna/7",
            author="Anna",
            excerpt="So good.",
            published=WHEN,
        )
    ]


def test_so_it_does_in_its_old_form() -> None:
    div = '<div xmlns="http://www.w3.org/1999/xhtml">'
    entry = (
        "<title>blog.example linked to /rye.html</title>"
        "<id>https://webmention.io/api/mention/900</id>"
        "<updated>2026-11-22T08:30:00Z</updated>"
        f"<summary>{THERE} linked to {HERE}</summary>"
        f'<content type="xhtml">{div}<p><a href="{THERE}">{THERE}</a> linked to '
        f'<a href="{HERE}">{HERE}</a></p></div></content>'
    )
    assert read(atom(entry)) == [Received(THERE, HERE, url=THERE, published=WHEN)]


@pytest.mark.parametrize(
    "said",
    [f"{THERE} liked https://other.example/", f"{US}/oat.html mentioned {HERE}"],
    ids=["of another site", "by ourselves"],
)
def test_what_it_says_of_others_is_no_mention(said: str) -> None:
    entry = "<id>https://webmention.io/api/mention/900</id>"
    assert read(atom(f"{entry}<summary>{said}</summary>")) == []


# WordPress's comments


def comment(author: str, text: str, answers: str = HERE) -> str:
    return (
        "<title>By: A loaf</title>"
        f'<link rel="alternate" href="{US}/rye.html/comment-page-2#comment-7" type="text/html"/>'
        f"<author><name>A loaf</name>{author}</author><id>{US}/rye.html#comment-7</id>"
        f"<updated>2026-11-22T08:30:00Z</updated>{DATED}{content(text)}"
        f'<thr:in-reply-to ref="{US}/?p=1" href="{answers}" type="text/html"/>'
    )


def test_a_pingback_among_the_comments_is_a_mention_by_the_url_of_its_author() -> None:
    entry = comment(f"<uri>{THERE}</uri>", "<p>[&#8230;] See rye. [&#8230;]</p>")
    assert read(atom(entry)) == [
        Received(
            THERE, HERE, url=THERE, author="A loaf", excerpt="[…] See rye. […]", published=WHEN
        )
    ]


def test_any_other_comment_by_somebody_with_a_page_is_an_answer() -> None:
    (only,) = read(atom(comment(f"<uri>{THERE}</uri>", "<p>So good.</p>")))
    assert (only.source, only.kind, only.title, only.author) == (THERE, "reply", "", "A loaf")


def test_an_answer_to_a_comment_is_on_the_same_page() -> None:
    entry = comment(f"<uri>{THERE}</uri>", "<p>x</p>", f"{HERE}#comment-6")
    assert [mention.target for mention in read(atom(entry))] == [HERE]


@pytest.mark.parametrize("author", ["", f"<uri>{US}/</uri>", "<uri>http://</uri>", "<uri>x</uri>"])
def test_a_comment_by_somebody_without_a_page_of_his_own_is_no_mention(author: str) -> None:
    assert read(atom(comment(author, LINKED))) == []


def test_the_comments_in_rss_name_no_page_and_are_no_mentions() -> None:
    item = (
        f"<title>By: A loaf</title><link>{HERE}#comment-7</link>"
        f"<dc:creator><![CDATA[A loaf]]></dc:creator><description>{escape(LINKED)}</description>"
    )
    assert read(rss(item)) == []


@pytest.mark.parametrize("body", [b"", b"Not Found", b"<html><p>x</p></html>", b"{}"])
def test_what_is_no_feed_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^it is no Atom or RSS feed$"):
        read(body)


def test_whatever_comes_is_a_list_or_a_sentence() -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    choice = random.Random(seed)
    whole = atom(LOAF + content(LINKED), comment(f"<uri>{THERE}</uri>", "x"))
    pieces = [b"<", b">", b"&", b'"', b"http://[::1", b"\x00", b"&#xD800;", b"9999", b"</entry>"]
    for _ in range(150):
        body = bytearray(whole)
        for _ in range(choice.randrange(1, 6)):
            start = choice.randrange(len(body))
            body[start : start + choice.randrange(20)] = choice.choice(pieces)
        said = None
        try:
            read(bytes(body))
        except ValueError as error:
            said = str(error)
        assert said in {None, "it is no Atom or RSS feed"}
