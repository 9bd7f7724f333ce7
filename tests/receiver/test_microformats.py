"""Microformats: what is taken from an h-entry, over real connections."""

from __future__ import annotations

import pytest

from pelican_linkbacks.receiver.entry import Kind, Texts
from tests.receiver.looking import LINK, texts

TARGET = "https://us.example/rye.html"


def entry(*parts: str, around: str = "{}") -> str:
    return around.format(f'<article class="h-entry">{"".join(parts)}</article>')


# What it does with the target.

KINDS = {
    "reply": Kind.REPLY,
    "like": Kind.LIKE,
    "repost": Kind.REPOST,
    "bookmark": Kind.BOOKMARK,
}
CLASSES = {
    Kind.REPLY: "u-in-reply-to",
    Kind.LIKE: "u-like-of",
    Kind.REPOST: "u-repost-of",
    Kind.BOOKMARK: "u-bookmark-of",
}
SHAPES = {
    "link": '<a class="{}" href="https://us.example/rye.html">rye</a>',
    "other classes too": '<a class="x {} y" href="https://us.example/rye.html">rye</a>',
    "empty link": '<a class="{}" href="https://us.example/rye.html"></a>',
    "another spelling": '<a class="{}" href="http://US.example/%72ye.html#salt">rye</a>',
    "citation": '<div class="{} h-cite">On <a class="u-url p-name" href="'
    'https://us.example/rye.html">Rye</a> by <span class="p-author h-card">Us</span></div>',
    "link that is a citation": '<a class="{} h-cite" href="https://us.example/rye.html">Rye</a>',
    "citation that is an entry": '<div class="{} h-entry"><a class="u-url" href="'
    'https://us.example/rye.html">Rye</a></div>',
    "within another element": "<p><b>"
    '<a class="{}" href="https://us.example/rye.html">rye</a></b></p>',
    "image": '<img class="{}" src="https://us.example/rye.html" alt="rye">',
    "base": '<base href="https://us.example/"><a class="{}" href="rye.html">rye</a>',
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_an_entry_says_what_it_does_with_the_page(shape: str, kind: Kind) -> None:
    assert texts(entry(shape.format(CLASSES[kind]))).kind is kind


MENTIONS = {
    "a link in the text": entry(f'<p class="e-content">On {LINK}</p>'),
    "an answer to another page": entry(
        '<a class="u-in-reply-to" href="https://b.example/">x</a>', LINK
    ),
    "a citation of another page that links": entry(
        '<div class="u-in-reply-to h-cite"><a class="u-url" href="https://b.example/">x</a>',
        f'<p class="p-content">{LINK}</p></div>',
    ),
    "another entry's answer": entry('<div class="e-content">', LINK, "</div>")
    + entry('<a class="u-like-of" href="https://b.example/">x</a>'),
    "a class outside of an entry": '<a class="u-like-of" href="https://us.example/rye.html">x</a>'
    + entry("<p>x</p>"),
    "a class of a card": entry(
        '<p class="p-author h-card"><a class="u-like-of" href="https://us.example/rye.html">x</a>'
    ),
    "another class": entry('<a class="u-liked" href="https://us.example/rye.html">x</a>'),
}


@pytest.mark.parametrize("html", MENTIONS.values(), ids=MENTIONS)
def test_all_else_is_a_mention(html: str) -> None:
    assert texts(html).kind is Kind.MENTION


def test_an_answer_comes_before_a_mention_of_the_same_page() -> None:
    page = entry(LINK, f'<a class="u-like-of" href="{TARGET}">x</a>')

    assert texts(page).kind is Kind.LIKE
    assert texts(entry(LINK) + page).kind is Kind.LIKE


# Who and what.

REPLY = """
<html><head><title>Notes | Jane</title><meta name="author" content="Jane of the head"></head><body>
<article class="h-entry">
  <h1 class="p-name">My  two &amp; more
   cents</h1>
  <a class="u-url" href="/notes/7"><time class="dt-published" datetime="2026-11-20T10:00:00+0100">
  yesterday</time></a>
  <p class="p-author h-card"><img class="u-photo" src="/me.jpg" alt="a portrait">
    <a class="u-url p-name" href="/">Jane Doe</a></p>
  <p class="u-in-reply-to h-cite">In reply to <a class="u-url p-name" href="
  https://us.example/rye.html">Rye for beginners</a> by <span class="p-author h-card">Us</span></p>
  <div class="e-content"><p>I agree.</p><p>Salt matters, too.</p></div>
  <div class="u-comment h-cite"><b class="p-author h-card">Joe</b>
    <time class="dt-published" datetime="2020-01-01"></time><p class="p-content">No!</p></div>
</article></body></html>
"""


def test_a_reply_is_shown_with_its_own_words() -> None:
    found = texts(REPLY)

    assert found.url.endswith("/notes/7")
    assert found == Texts(
        title="My two & more cents",
        author="Jane Doe",
        excerpt="I agree. Salt matters, too.",
        published="2026-11-20T10:00:00+01:00",
        kind=Kind.REPLY,
        url=found.url,
    )


def test_a_like_without_words_has_no_excerpt() -> None:
    page = entry('Jane likes <a class="u-like-of" href="https://us.example/rye.html">Rye</a>.')

    assert texts(page).excerpt == ""


def test_the_words_around_a_link_in_the_text_are_shown() -> None:
    page = entry(
        f'<a class="u-like-of" href="{TARGET}">x</a>',
        f'<div class="e-content"><p>Begin.</p><p>On {LINK}.</p></div>',
    )

    assert texts(page).excerpt == "On rye."


def test_of_many_entries_on_a_page_the_one_counts_that_links() -> None:
    other = '<h2 class="p-name">Other</h2><b class="p-author">Joe</b><p class="e-content">No.</p>'
    mine = (
        '<h2 class="p-name">Mine</h2><b class="p-author">Jane</b><a class="u-url" href="/2">#</a>'
    )
    page = "<title>All of it</title>" + entry(other) + entry(mine, LINK) + entry(other)

    found = texts(page)

    assert (found.title, found.author, found.url[-2:]) == ("Mine", "Jane", "/2")


def test_a_link_outside_of_all_entries_is_none_of_theirs() -> None:
    page = f"<title>Blog</title><p>Friends: {LINK}</p>{entry('<b class=p-name>Post</b>')}"

    assert texts(page).title == "Blog"


AUTHORS = {
    "card": '<p class="p-author h-card"><a href="/" class="u-url p-name">Jane Doe</a></p>',
    "card that is a link": '<a class="p-author h-card" href="/">Jane Doe</a>',
    "card that is a picture": '<a class="p-author h-card" href="/"><img alt="Jane Doe"></a>',
    "text": '<span class="p-author"> Jane  Doe </span>',
    "two": '<b class="p-author">Jane Doe</b><b class="p-author">Joe</b>',
}


@pytest.mark.parametrize("author", AUTHORS.values(), ids=AUTHORS)
def test_the_author_is_named_in_the_entry(author: str) -> None:
    assert texts(entry(author, LINK)).author == "Jane Doe"


@pytest.mark.parametrize("author", AUTHORS.values(), ids=AUTHORS)
def test_or_in_the_feed_around_it(author: str) -> None:
    other = entry('<b class="p-author">Joe</b>')
    feed = f'<div class="h-feed"><h1 class="p-name">Feed</h1>{other}{author}{{}}</div>'

    found = texts(entry("<h2 class=p-name>Post</h2>", LINK, around=feed))

    assert (found.title, found.author) == ("Post", "Jane Doe")


def test_an_author_that_is_only_a_url_is_not_shown() -> None:
    assert (
        texts(entry('<a class="p-author" href="/x">https://jane.example/</a>', LINK)).author == ""
    )


def test_a_note_whose_name_is_its_text_has_no_title() -> None:
    note = entry(f'<p class="p-name e-content">I like {LINK}.</p>')

    assert texts(f"<title>Jane</title>{note}").title == "Jane"


def test_a_note_may_be_its_own_text() -> None:
    page = f'<title>Jane</title><p class="h-entry e-content">I like {LINK}.</p>'

    found = texts(page)

    assert (found.title, found.excerpt) == ("Jane", "I like rye.")


def test_nothing_is_guessed_from_an_entry_without_properties() -> None:
    page = f'<title>Jane</title><p class="h-entry">I like {LINK}. <a href="/other">x</a></p>'

    found = texts(page)

    assert found.title == "Jane"
    assert found.url.endswith("/post/")


@pytest.mark.parametrize("url", ["https://b.example/1", "javascript:alert(1)", "/" + "x" * 3000])
def test_an_entry_elsewhere_is_not_linked_to(url: str) -> None:
    page = entry(f'<a class="u-url" href="{url}">x</a>', LINK)

    assert texts(page).url.endswith("/post/")


# What WordPress writes.

WORDPRESS = """
<!DOCTYPE html><html lang="en-US"><head><meta charset="UTF-8" />
<title>On Rye &#038; Salt &#8211; A blog</title></head>
<body class="post-template-default single"><main id="main" class="site-main">
<article id="post-8" class="post-8 post type-post status-publish hentry entry">
<header class="entry-header"><h1 class="entry-title">On Rye &#038; Salt</h1></header>
<div class="entry-content">
<p>I have baked bread for years.</p>
<p>Then I read a <em>good</em> piece: <a href="https://us.example/rye.html">Rye for beginners</a>,
which says that one should wait.</p>
</div>
<footer class="entry-footer"><span class="posted-on">Published <time
class="entry-date published updated" datetime="2026-11-23T05:53:52+00:00">November 23</time></span>
<span class="byline">By <a href="https://b.example/?author=1" rel="author">Jane</a></span></footer>
</article></main></body></html>
"""


def test_a_post_of_a_wordpress_blog_is_shown_as_its_author_named_it() -> None:
    found = texts(WORDPRESS)

    assert found == Texts(
        title="On Rye & Salt",
        author="Jane",
        excerpt="Then I read a good piece: Rye for beginners, which says that one should wait.",
        published="2026-11-23T05:53:52+00:00",
        kind=Kind.MENTION,
        url=found.url,
    )


def test_the_classes_that_came_before_microformats2_are_read() -> None:
    page = f"""
    <div class="hentry"><h2 class="entry-title"><a href="/7" rel="bookmark">Rye</a></h2>
    <span class="author vcard"><a class="url fn n" href="/jane">Jane Doe</a></span>
    <abbr class="published" title="2026-11-20T10:00:00Z">x</abbr>
    <div class="entry-content">I like {LINK}.</div></div>
    """
    found = texts(page)

    assert (found.title, found.author, found.excerpt) == ("Rye", "Jane Doe", "I like rye.")
    assert (found.published, found.url[-2:]) == ("2026-11-20T10:00:00+00:00", "/7")
