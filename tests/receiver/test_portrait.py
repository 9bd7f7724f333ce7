"""Portraits: what is shown of a page by its head, over real connections."""

from __future__ import annotations

import pytest

from pelican_linkbacks.receiver.entry import Texts
from tests.receiver.looking import LINK, look_at, texts, typed
from tests.servers import Answer, Site

TITLES = {
    "title": ("<title>Rye</title>", "Rye"),
    "entities and lines": ("<title>\n Rye\n &amp; salt &lt;b&gt;\n</title>", "Rye & salt <b>"),
    "Open Graph": (
        '<title>Rye | Blog</title><meta property="og:title" content=" Rye ">',
        "Rye",
    ),
    "empty Open Graph": ('<title>Rye</title><meta property="og:title" content="">', "Rye"),
    "Open Graph by name": ('<meta name="OG:Title" content="Rye">', "Rye"),
    "first of two": ("<title>Rye</title><title>Salt</title>", "Rye"),
    "of a picture": ("<body><svg><title>Logo</title></svg>", ""),
    "empty": ("<title> </title>", ""),
    "unseen": ("<title>\u200b\u202e\u200d</title>", ""),
    "control characters": ("<title>R\x07y\x1be\u202e!</title>", "Rye!"),
    "joined emoji": ("<title>👨\u200d👩\u200d👧 bake</title>", "👨\u200d👩\u200d👧 bake"),
}


@pytest.mark.parametrize(("head", "title"), TITLES.values(), ids=TITLES)
def test_a_page_has_a_title(head: str, title: str) -> None:
    with Site({"/post/": head + LINK}) as site:
        found = look_at(site.url + "/post/").texts

    assert found is not None
    # Without one, its address must do.
    assert found.title == (title or f"127.0.0.1:{site.port}/post")


def test_a_title_of_10_000_characters_is_cut_at_a_word() -> None:
    found = texts(f"<title>{'rye bread ' * 1000}</title>{LINK}").title

    assert found.endswith("rye bread…")
    assert 240 < len(found) <= 250
    assert len(texts(f"<title>{'x' * 10_000}</title>{LINK}").title) == 250


AUTHORS = {
    "nobody": ("", ""),
    "meta": ('<meta name="author" content="Jane Doe">', "Jane Doe"),
    "blog": ('<meta property="og:site_name" content="Bread">', "Bread"),
    "both": (
        '<meta property="og:site_name" content="Bread"><meta name="Author" content="Jane">',
        "Jane",
    ),
    "a URL": ('<meta name="author" content="https://jane.example/">', ""),
    "a line in the text": ('<p>By <a rel="author" href="/jane">Jane</a></p>', "Jane"),
    "markup": ('<meta name="author" content="&lt;script&gt;">', "<script>"),
    "long": (f'<meta name="author" content="{"x" * 5000}">', "x" * 99 + "…"),
}


@pytest.mark.parametrize(("head", "author"), AUTHORS.values(), ids=AUTHORS)
def test_a_page_may_name_its_author(head: str, author: str) -> None:
    assert texts(head + LINK).author == author


def test_the_author_of_another_article_is_not_taken() -> None:
    other = (
        '<article><a rel="author" href="/joe">Joe</a><time datetime="2020-01-01">x</time></article>'
    )

    found = texts(f"{other}<article>{LINK}</article>")

    assert (found.author, found.published) == ("", "")


def published(date: str) -> str:
    return f'<meta property="article:published_time" content="{date}">'


DATES = {
    "none": ("", ""),
    "time": (published("2026-11-20T10:00:00+01:00"), "2026-11-20T10:00:00+01:00"),
    "Zulu": (published("2026-11-20T10:00:00Z"), "2026-11-20T10:00:00+00:00"),
    "day": (published("2026-11-20"), "2026-11-20"),
    "element": ('<time datetime="2026-11-20">x</time>', "2026-11-20"),
    "update first": (
        '<time class="updated" datetime="2026-11-22">x</time><time datetime="2026-11-20">y</time>',
        "2026-11-20",
    ),
    "no datetime": ("<time>2026-11-20</time>", ""),
    "head first": (published("2026-11-20") + '<time datetime="2026-11-22">x</time>', "2026-11-20"),
    "words": (published("last week"), ""),
    "nonsense before sense": (published("x") + '<time datetime="2026-11-20"></time>', "2026-11-20"),
    "no such day": (published("2026-02-30"), ""),
    "endless": (published("2026-11-20T10:00:00." + "0" * 100_000), "2026-11-20T10:00:00"),
    "other digits": (published("٢٠٢٦-11-20"), ""),
}


@pytest.mark.parametrize(("head", "date"), DATES.values(), ids=DATES)
def test_a_page_may_say_when_it_was_published(head: str, date: str) -> None:
    assert texts(head + LINK).published == date


def test_what_is_no_html_is_shown_by_its_address() -> None:
    with Site({"/a.json": typed("application/json", '["https://us.example/rye.html"]')}) as site:
        found = look_at(site.url + "/a.json")

    assert found.texts == Texts(title=found.url.partition("://")[2], url=found.url)


WORDS = "Süße Brötchen…"
CHARSETS = {
    "said rightly": ("utf-8", "utf-8"),
    "said wrongly": ("utf-8", "iso-8859-1"),
    "said wrongly the other way": ("cp1252", "utf-8"),
    "not said": ("utf-8", None),
    "not known": ("utf-8", "klingon"),
}


@pytest.mark.parametrize(("real", "said"), CHARSETS.values(), ids=CHARSETS)
def test_words_are_read_in_the_charset_they_were_written_in(real: str, said: str | None) -> None:
    page = f"<title>{WORDS}</title><p>{WORDS} {LINK}</p>".encode(real)
    type_ = f"text/html; charset={said}" if said else "text/html"

    found = texts(Answer(page, headers=[("Content-Type", type_)]))

    if real == said or real == "utf-8":
        assert (found.title, found.excerpt) == (WORDS, f"{WORDS} rye")
    else:
        # No browser could tell, either.
        assert found.title == "S\ufffd\ufffde Br\ufffdtchen\ufffd"
