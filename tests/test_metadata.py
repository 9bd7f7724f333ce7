"""Metadata: what an author's ``Trackbacks:`` and ``Linkbacks:`` lines mean."""

from __future__ import annotations

from typing import Any

import pytest

from pelican_linkbacks.metadata import directions, trackbacks

A, B = "https://a.example/tb/1", "http://b.example/trackback/?a=1,2"

LINES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "no line": (None, ()),
    "empty": ("", ()),
    "blanks": (" \n ", ()),
    "only commas": (" , ,", ()),
    "one": (A, (A,)),
    "blanks around": (f"  {A}\n", (A,)),
    "spaces between": (f"{A} {B}", (A, B)),
    "line breaks between": (f"{A}\n    {B}\n", (A, B)),
    "commas between": (f"{A}, {B}", (A, B)),
    "commas without spaces": (f"{A},{B}", (A, B)),
    "commas everywhere": (f", {A} ,{B} , ,", (A, B)),
    "a final comma": (f"{B},", (B,)),
    "in another order": (f"{B} {A}", (B, A)),
    "twice": (f"{A} {B} {A}", (A, B)),
    "list": ([A, B], (A, B)),
    "list of lines": ([f"{A} {B}", "", B], (A, B)),
    "tuple": ((A,), (A,)),
}


@pytest.mark.parametrize(("value", "urls"), LINES.values(), ids=LINES)
def test_trackbacks_takes_urls_with_spaces_commas_or_line_breaks_between(
    value: Any, urls: tuple[str, ...]
) -> None:
    assert trackbacks(value) == (urls, [])


def test_a_comma_within_a_url_belongs_to_it() -> None:
    url = "https://a.example/2026,11,22/tb"

    assert trackbacks(url) == ((url,), [])


@pytest.mark.parametrize("word", ["yes", "a.example/tb", "ftp://a.example/", "https://[a/", "5"])
def test_what_is_no_url_is_told_to_the_author_and_the_rest_is_kept(word: str) -> None:
    urls, problems = trackbacks(f"{A} {word}, {B}")

    assert urls == (A, B)
    assert problems == [
        f"Trackbacks: takes http(s) URLs with spaces between them; {word!r} is none."
    ]


@pytest.mark.parametrize(
    ("value", "send", "receive"),
    [
        (None, True, True),
        ("yes", True, True),
        ("  Yes ", True, True),
        ("true", True, True),
        ("on", True, True),
        ("both", True, True),
        (True, True, True),
        ("no", False, False),
        ("NO", False, False),
        ("off", False, False),
        ("false", False, False),
        ("none", False, False),
        (False, False, False),
        ("send", True, False),
        ("Send", True, False),
        ("receive", False, True),
    ],
)
def test_linkbacks_opens_and_closes_both_ways(value: Any, *, send: bool, receive: bool) -> None:
    assert directions(value) == (send, receive, [])


@pytest.mark.parametrize("value", ["", "maybe", "yes please", "sent", "send, receive", 1])
def test_a_word_that_is_not_known_closes_both_ways_and_is_told_to_the_author(value: Any) -> None:
    assert directions(value) == (
        False,
        False,
        [f"Linkbacks: takes yes, no, send or receive; {value!r} is none, so neither is done."],
    )
