"""What stands beside an article, and where in its page."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from pelican_linkbacks.display import NOTHING, Beside, Conversation
from pelican_linkbacks.received.shown import Shown

ARTICLE = b"<p>Rye, water, salt.</p>"
PING = "https://us.example/t?a&b"
LINE = b'<p class="trackback-url">Trackback URL: <code>https://us.example/t?a&amp;b</code></p>'
SECTION = b'<section class="linkbacks">...</section>'
URL = "https://blog.example/loaf"


def conversation() -> Conversation:
    """One mention that nobody has looked at."""
    blank = Markup()
    one = Shown(
        "", "mention", Markup(URL), blank, blank, blank, None, Markup("blog.example"), blank
    )
    return Conversation([b"{}"], lambda _: [one])


def put(
    page: bytes, ping: str | None = None, told: Conversation = NOTHING, content: bytes = ARTICLE
) -> bytes | None:
    """A page with all that stands beside its article."""
    return Beside(content, ping, told, lambda: SECTION).put(page, 0)


def used() -> Conversation:
    """The same after a theme has looked at it."""
    told = conversation()
    assert [str(mention.url) for mention in told] == [URL]
    return told


# What must be left alone.


def test_with_nothing_to_show_the_page_stays_as_it_is() -> None:
    assert put(ARTICLE) == ARTICLE


def test_a_trackback_url_that_the_theme_shows_is_not_shown_twice() -> None:
    page = ARTICLE + b"<p>https://us.example/t?a&amp;b"
    assert put(page, PING) == page


@pytest.mark.parametrize("quote", [b'"', b"'"])
def test_mentions_that_the_theme_prints_are_not_shown_twice(quote: bytes) -> None:
    page = ARTICLE + b"<ul><li><a href=" + quote + URL.encode() + quote + b">x</a></ul>"
    assert put(page, told=used()) == page


@pytest.mark.parametrize("page", [b"", b"<title>a</title><p>Other"])
def test_without_a_place_there_is_none(page: bytes) -> None:
    assert put(page, PING) is None
    assert put(page, told=conversation()) is None


def test_mentions_of_which_none_can_be_shown_leave_the_page_as_it_is() -> None:
    bare = Conversation([b"{}"], lambda _: [])
    assert Beside(ARTICLE, None, bare, lambda: b"").put(ARTICLE, 0) == ARTICLE
    assert not bare


# What must happen.


def test_it_stands_right_after_the_article() -> None:
    page = b"<main><div>" + ARTICLE + b"</div><p>Next</p></main>"
    shown = b"<main><div>" + ARTICLE + b"\n%b\n\n%b\n</div><p>Next</p></main>" % (LINE, SECTION)
    assert put(page, PING, conversation()) == shown


def test_an_article_is_told_from_what_only_begins_like_it() -> None:
    article = b"<p>%b</p>" % (b"Rye. " * 40)
    head = article[:100] + b"</p>"
    assert put(head + article + b"<p>", told=conversation(), content=article) == (
        head + article + b"\n" + SECTION + b"\n<p>"
    )


def test_lines_end_as_in_the_page() -> None:
    head = b"<title>a</title>\r\n"
    page = head + ARTICLE
    shown = Beside(ARTICLE, PING, NOTHING, lambda: b"").put(page, len(head))
    assert shown == page + b"\r\n" + LINE + b"\r\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<main><article></article><article><p>Text", b"</article></main></body>"),
        (b"<body><main><main></main><p>Text", b"</main></body>"),
        (b"<body><p>Text", b"</body></html>"),
    ],
)
@pytest.mark.parametrize("content", [ARTICLE, b"", b" \n"])
def test_where_the_article_is_not_found_it_stands_at_the_last_end_of_what_can_hold_one(
    before: bytes, after: bytes, content: bytes
) -> None:
    shown = put(before + after, told=conversation(), content=content)
    assert shown == before + b"\n" + SECTION + b"\n" + after


def test_a_link_to_the_same_page_elsewhere_is_no_print_of_the_mention() -> None:
    page = ARTICLE + f'<ul class="blogroll"><a href="{URL}">x</a></ul>'.encode()
    assert SECTION in (put(page, told=conversation()) or b"")


def test_a_link_in_the_article_itself_is_no_print_of_the_mention() -> None:
    article = f'<p>As <a href="{URL}">she</a> says.</p>'.encode()
    assert SECTION in (put(article, told=used(), content=article) or b"")


def test_a_theme_that_only_looks_at_them_in_its_index_does_not_print_them() -> None:
    assert SECTION in (put(ARTICLE, told=used()) or b"")


@pytest.mark.parametrize("look", [list, lambda told: told[0], lambda told: told[:5]])
def test_who_looks_at_a_mention_uses_them(look: object) -> None:
    told = conversation()
    assert (len(told), told.is_used) == (1, False)
    assert callable(look)
    look(told)
    assert told.is_used
