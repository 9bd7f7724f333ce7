"""Excerpts: the words around a link, as a reader of the page sees them."""

from __future__ import annotations

import pytest

from tests.receiver.looking import LINK, texts, typed


def excerpt(html: str) -> str:
    return texts(html).excerpt


AROUND = {
    "paragraph": (f"<p>I like {LINK}, and salt.</p>", "I like rye, and salt."),
    "only its own paragraph": (f"<p>Before.</p><p>I like {LINK}.</p><p>After.</p>", "I like rye."),
    "list item": (f"<ul><li>Wheat</li><li>On {LINK}</li></ul>", "On rye"),
    "heading": (f"<h2>On {LINK}</h2><p>Text</p>", "On rye"),
    "table cell": (f"<table><tr><td>1</td><td>On {LINK}</td></tr></table>", "On rye"),
    "within other elements": (
        f"<p>I <em>do <b>like {LINK}</b></em> much.</p>",
        "I do like rye much.",
    ),
    "no blanks around": (f"<p>({LINK})</p>", "(rye)"),
    "parts of a word": (f"<p>H<sub>2</sub>O and {LINK}<b>s</b></p>", "H2O and ryes"),
    "lines": (f"<p>One<br>two {LINK}<br/>three</p>", "One two rye three"),
    "without a block": (f"One {LINK} two", "One rye two"),
    "blocks beside the link": (
        f"<div><p>One</p>two {LINK}<p>three</p>four</div>",
        "One two rye three four",
    ),
    "scripts": (f"<p>One<script>run()</script> {LINK}<style>p{{}}</style> two</p>", "One rye two"),
    "templates and noscript": (
        f"<p>One<template>x</template> {LINK}<noscript>y</noscript> two</p>",
        "One rye two",
    ),
    "code samples": (f"<div>One<pre>x = 1</pre> {LINK} two</div>", "One rye two"),
    "the link in a code sample": (f"<p>One</p><pre>see {LINK} there</pre>", "see rye there"),
    "code in a line": (f"<p>Call <code>main()</code>, {LINK}</p>", "Call main(), rye"),
    "comments": (f"<p>One<!-- x --> two {LINK}<!-- y --> three</p>", "One two rye three"),
    "processing instructions": (f"<p>One<?x y?> two {LINK}<?z?> three</p>", "One two rye three"),
    "entities": (f"<p>Salt &amp; {LINK} &lt;b&gt;</p>", "Salt & rye <b>"),
    "marks of direction": (f"<p>One\u202e two {LINK}\x07\u2069</p>", "One two rye"),
    "an emoji of several characters": (
        f"<p>👨\u200d👩\u200d👧 {LINK}</p>",
        "👨\u200d👩\u200d👧 rye",
    ),
    "an image": (
        '<p>One <a href="https://us.example/rye.html"><img src="/x" alt="a loaf"></a> two</p>',
        "One a loaf two",
    ),
    "an image of ours": (
        '<p>One <img src="https://us.example/rye.html" alt="loaf"></p>',
        "One loaf",
    ),
    "a link without text": ('<p>One<a href="https://us.example/rye.html"></a> two</p>', "One two"),
    "nothing": ('<p><a href="https://us.example/rye.html"></a></p>', ""),
}


@pytest.mark.parametrize(("html", "words"), AROUND.values(), ids=AROUND)
def test_the_words_of_its_block_stand_around_the_link(html: str, words: str) -> None:
    assert excerpt(html) == words


def test_a_long_paragraph_is_cut_between_words_on_both_sides() -> None:
    before, after = "one two three " * 50, " four five six" * 50

    found = excerpt(f"<p>{before}{LINK}{after}</p>")

    assert found[0] == found[-1] == "…"
    assert set(found[1:-1].split()) == {"one", "two", "three", "rye", "four", "five", "six"}
    assert " three rye four " in found
    assert 230 < len(found) <= 252


@pytest.mark.parametrize("length", [*range(95, 130), 240, 255])
def test_no_excerpt_is_longer_than_252_characters(length: int) -> None:
    link = f'<a href="https://us.example/rye.html">{"z" * length}</a>'

    assert len(excerpt(f"<p>{'x y' * length}{link}{' q' * length}")) <= 252


def test_a_long_link_is_cut() -> None:
    found = excerpt(f'<p>One <a href="https://us.example/rye.html">{"rye " * 100}</a> two</p>')

    assert found.startswith("One rye rye ")
    assert found.endswith("rye… two")
    assert len(found) < 120


def test_a_script_without_blanks_is_cut_anywhere() -> None:
    found = excerpt(f"<p>{'黑麦面包' * 100} {LINK} {'黑麦面包' * 100}</p>")

    assert found.startswith("…")
    assert found.endswith("…")
    assert len(found) > 200


def test_many_blanks_push_no_words_away() -> None:
    assert excerpt(f"<p>One {LINK}{' ' * 900} two</p>") == "One rye two"


def test_the_words_around_a_url_in_a_plain_text_are_shown() -> None:
    found = texts(typed("text/plain", "First line.\nSee\thttps://us.example/rye.html, then."))

    assert found.excerpt == "First line. See https://us.example/rye.html, then."
