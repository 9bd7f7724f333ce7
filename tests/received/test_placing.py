"""Which mentions belong to which page, each once, and in which order."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from pelican_linkbacks.received import Received, placing
from pelican_linkbacks.received.own_receiver import lines
from pelican_linkbacks.received.placing import in_order, of, place

US = "https://us.example"
HERE = f"{US}/rye.html"
THERE = "https://blog.example/loaf"


def mention(source: str = THERE, target: str = HERE, **known: Any) -> Received:
    return Received(source, target, **({"url": source} | known))


def by_place(mentions: list[Received]) -> dict[str, list[Received]]:
    """The mentions of each page that has some, in order."""
    found = placing.by_place(lines(mentions), US)
    return {where: told for where, those in found.items() if (told := in_order(those))}


@pytest.mark.parametrize(
    ("url", "siteurl"),
    [
        (f"{US}/2026/rye.html", US),
        ("http://us.example/2026/rye.html", US),
        ("https://US.example:443/2026/rye.html#c", US),
        ("https://old.example/2026/rye.html", US),
        (f"{US}//2026/rye.html", f"{US}/"),
        (f"{US}/2026/%72ye%2Ehtml", US),
        (f"{US}/blog/2026/rye.html", f"{US}/blog"),
        (f"{US}/blog/2026/rye.html", f"{US}/blog/"),
        ("https://old.example/blog/2026/rye.html", f"{US}/blog"),
        ("https://old.example/2026/rye.html", f"{US}/blog"),
        (f" {US}/2026/rye.html\n", US),
        (f"{US}/2026/rye.html", ""),
    ],
)
def test_a_page_is_known_by_its_path(url: str, siteurl: str) -> None:
    assert place(url, siteurl) == "2026/rye.html"


@pytest.mark.parametrize("path", ["/rye/", "/rye", "/rye/index.html", "//rye//"])
def test_a_folder_is_its_index(path: str) -> None:
    assert place(US + path, US) == "rye"


@pytest.mark.parametrize("path", ["", "/", "/index.html", "#top"])
def test_the_root_is_its_index_too(path: str) -> None:
    assert place(US + path, US) == ""


def test_other_pages_are_told_apart() -> None:
    paths = ["/a.html", "/A.html", "/a", "/a.html?p=1", "/a.html?p=2", "/b/a.html", "/myindex.html"]
    assert len({place(US + path, US) for path in paths}) == len(paths)
    assert place(f"{US}/blogger/a.html", f"{US}/blog") == "blogger/a.html"


def test_letters_are_the_same_encoded_or_not() -> None:
    assert place(f"{US}/br%C3%B6t%20chen.html", US) == place(f"{US}/bröt chen.html", US)


def test_a_mention_is_with_the_page_it_is_of() -> None:
    one, other = mention(), mention(target=f"{US}/oat.html")
    assert by_place([one, other]) == {"rye.html": [one], "oat.html": [other]}


@pytest.mark.parametrize("bad", ["", "rye.html", "javascript:x", "http://[::1", "https://a:x/"])
def test_what_has_no_usable_url_belongs_nowhere(bad: str) -> None:
    assert by_place([mention(source=bad), mention(target=bad)]) == {}
    assert by_place([mention(), mention(source=bad)]) == {"rye.html": [mention()]}


SPELLINGS = [
    "http://blog.example/loaf",
    "https://blog.example/loaf/",
    "https://BLOG.example:443/loaf",
    "https://blog.example/lo%61f",
    "https://blog.example/loaf#comment-7",
]


@pytest.mark.parametrize("source", SPELLINGS)
@pytest.mark.parametrize("target", [HERE, "http://us.example/rye.html#c", f"{US}/%72ye.html"])
def test_a_source_stands_once_with_a_page(source: str, target: str) -> None:
    twice = [mention(), mention(source, target)]
    assert by_place(twice) == {"rye.html": [twice[0]]}


def test_the_same_source_stands_with_each_of_its_pages() -> None:
    assert len(by_place([mention(), mention(target=f"{US}/oat.html")])) == 2


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"author": "Anna"}, {"excerpt": "So good.", "protocol": "webmention"}),
        ({"author": "Anna", "excerpt": "So good."}, {"author": "Anna"}),
        ({"excerpt": "So good.", "protocol": "trackback"}, {"protocol": "webmention"}),
        ({"protocol": "webmention"}, {"protocol": "pingback"}),
        ({"protocol": "pingback"}, {"protocol": "trackback"}),
        ({"protocol": "trackback"}, {"protocol": ""}),
    ],
)
def test_of_two_the_one_that_says_more_stays(better: dict[str, str], worse: dict[str, str]) -> None:
    both = [mention(**better), mention("http://blog.example/loaf/", **worse)]
    assert by_place(both) == by_place(both[::-1]) == {"rye.html": both[:1]}


def test_of_two_that_say_as_much_the_first_stays() -> None:
    both = [mention(author="Anna"), mention(author="Ben")]
    assert by_place(both) == {"rye.html": both[:1]}


def test_the_oldest_come_first_and_the_undated_last_whatever_comes_first() -> None:
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 2)]
    sources = [f"https://{name}.example/" for name in "dabce"]
    right = [mention(s, published=p) for s, p in zip(sources, [*days, None, None], strict=True)]
    for _ in range(20):
        mixed = random.sample(right, len(right))
        assert by_place(mixed) == {"rye.html": right}


def test_what_was_told_of_a_url_without_its_ending_belongs_to_the_page_too() -> None:
    first, second = mention(target=f"{US}/rye"), mention(f"{THERE}/2")
    found = placing.by_place(lines([first, second, mention(target=f"{US}/spelt")]), US)

    assert in_order(of(found, HERE, US)) == [first, second]
    assert of(found, f"{US}/rye.htm", US) == []
    assert in_order(of(found, f"{US}/rye", US)) == [first]


def test_a_source_that_has_told_of_both_stands_there_once() -> None:
    found = placing.by_place(lines([mention(target=f"{US}/rye"), mention()]), US)

    assert in_order(of(found, HERE, US)) == [mention()]
