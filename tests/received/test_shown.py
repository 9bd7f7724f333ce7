"""A received mention as themes have it, and as our own template prints it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import html5lib
import pytest
from jinja2 import Environment
from markupsafe import Markup

import pelican_linkbacks
from pelican_linkbacks.received import Received
from pelican_linkbacks.received.shown import Shown, shown
from pelican_linkbacks.received.words import words

REL = Markup("nofollow ugc")
HERE = "https://us.example/rye.html"
THERE = "https://blog.example/loaf"
TEMPLATE = Path(pelican_linkbacks.__file__).parent / "templates" / "linkbacks.html"


def mention(**known: Any) -> Received:
    return Received(**{"source": THERE, "target": HERE} | known)


def made(**known: Any) -> Shown:
    it = shown(mention(**known), REL, ())
    assert it is not None
    return it


def printed(*mentions: Received, follow: tuple[str, ...] = (), lang: str = "en") -> str:
    template = Environment().from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        mentions=[shown(m, REL, follow) for m in mentions],
        words=words(lang),
        day=lambda when: f"{when:%d.%m.%Y}",
    )


def test_a_bare_mention_is_its_host() -> None:
    assert made() == Shown(
        protocol="",
        kind="mention",
        url=Markup(THERE),
        title=Markup("blog.example"),
        author=Markup(),
        excerpt=Markup(),
        published=None,
        host=Markup("blog.example"),
        rel=REL,
    )


def test_without_a_title_the_author_stands_in_its_place() -> None:
    assert made(author="Anna").title == "Anna"
    assert made(author="Anna", title="A loaf").title == "A loaf"
    assert made(author="Anna", title="\u200b \u200d").title == "Anna"


def test_its_readers_are_led_to_its_url() -> None:
    it = made(source="https://brid.gy/comment/7", url="https://social.example/@anna/7")
    assert (it.url, it.host) == ("https://social.example/@anna/7", "social.example")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "https://a@b.example/", "x"])
def test_one_whose_url_is_unusable_leads_to_its_source(url: str) -> None:
    assert made(url=url).url == THERE


@pytest.mark.parametrize("when", [datetime.min, datetime.max])
def test_a_moment_that_no_time_zone_can_tell_is_none(when: datetime) -> None:
    assert made(published=when.replace(tzinfo=UTC)).published is None


def test_a_long_host_may_be_broken() -> None:
    it = shown(mention(source=f"https://{'a' * 60}.example/"), REL, (f"{'a' * 60}.example",))
    assert it is not None
    assert (it.host.count("\u00ad"), it.rel) == (2, "")


def test_one_that_leads_nowhere_is_not_shown() -> None:
    assert shown(mention(source="javascript:x", url="data:x"), REL, ()) is None
    assert shown(mention(source=""), REL, ()) is None


@pytest.mark.parametrize(
    ("source", "spared"),
    [
        ("https://friend.example/", True),
        ("https://Blog.Friend.example:8443/", True),
        ("https://notfriend.example/", False),
        ("https://friend.example.evil.example/", False),
        ("https://evil.example/friend.example", False),
    ],
)
def test_friends_and_all_below_them_are_spared_the_rel(source: str, spared: bool) -> None:
    it = shown(mention(source=source), REL, ("other.example", "friend.example"))
    assert it is not None
    assert it.rel == ("" if spared else REL)


EVIL = """"'><script>alert(1)</script><a href='javascript:x' onclick="x">{{ 7*7 }}{% x %}"""


def test_nothing_that_others_write_becomes_markup() -> None:
    page = printed(mention(title=EVIL, author=EVIL, excerpt=EVIL, url=f"https://a.example/{EVIL}"))

    tree = html5lib.parse(page, namespaceHTMLElements=False)
    assert not list(tree.iter("script"))
    (link,) = tree.iter("a")
    assert set(link.attrib) == {"class", "href", "rel", "dir"}
    assert str(link.attrib["href"]).startswith("https://a.example/%22")
    assert "49" not in page
    assert "".join(link.itertext()).replace("\u200b", "") == EVIL


def test_the_template_prints_all_that_is_known() -> None:
    when = datetime(2026, 11, 22, tzinfo=UTC)
    full = mention(title="A & B", author="Anna", excerpt="So good.", published=when, kind="reply")
    page = printed(full, mention(), mention(kind="like", author="Ben"), lang="de")

    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    section = next(parser.parseFragment(page).iter("section"))
    assert section.attrib["data-linkback"] == "no"
    first, second, third = ["".join(item.itertext()).split() for item in section.iter("li")]
    assert " ".join(first) == "Antwort: A & B, Anna, blog.example, 22.11.2026 So good."
    assert " ".join(second) == "blog.example"
    assert " ".join(third) == "Gefällt mir: Ben, blog.example"
    assert [link.attrib["rel"] for link in section.iter("a")] == ["nofollow ugc"] * 3
    classes = [item.attrib["class"] for item in section.iter("li")]
    assert classes == ["h-cite u-comment", "h-cite u-comment", "h-cite u-like"]


def test_a_friend_has_no_rel_at_all() -> None:
    assert "rel=" not in printed(mention(), follow=("blog.example",))


def test_an_author_in_the_place_of_a_title_is_still_an_author() -> None:
    tree = html5lib.parse(printed(mention(author="Bo")), namespaceHTMLElements=False)
    (link,) = tree.iter("a")
    assert (link.attrib["class"], link.text) == ("u-url", None)
    assert [(span.attrib["class"], span.text) for span in tree.iter("span")] == [
        ("p-author h-card", "Bo")
    ]
