"""Links: what must be left alone, then what must be found."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pelican_linkbacks.links import Link, Target, keys_on_page, parse, targets
from tests.samples import from_settings

SITES = ("https://us.example/blog", "https://us.example/blog/de")
THERE = "https://blog.example/post"
LIMIT = 512 * 1024
LINK = f'<a href="{THERE}">a post</a>'


def found(html: str, **settings: Any) -> list[str]:
    """The URLs that would be told."""
    return [t.url for t in targets(html, from_settings(**settings), SITES) if not t.ignored]


# What must be left alone.

ALONE = {
    "nothing": "",
    "blanks": " \n ",
    "text": f"<p>See {THERE}, http too.</p>",
    "comment": f"<!-- {LINK} -->",
    "only a comment": "<!-- http -->",
    "other elements": f'<link href="{THERE}"><img src="{THERE}"><area href="{THERE}">'
    f'<iframe src="{THERE}"></iframe><form action="{THERE}"></form>',
    "no href": f'<a name="{THERE}">a post</a>',
    "empty href": '<a href="">http</a>',
    "relative": '<a href="post.html">http</a><a href="/http">x</a><a href="../http/">y</a>',
    "without a scheme": '<a href="//blog.example/http">x</a>',
    "fragment": '<a href="#http">x</a>',
    "mail": '<a href="mailto:http@blog.example">x</a>',
    "script": "<a href=\"javascript:open('http://blog.example')\">x</a>",
    "ftp": '<a href="ftp://blog.example/http">x</a>',
    "data": '<a href="data:text/html,http://blog.example">x</a>',
    "broken host": '<a href="http://[blog.example/">x</a>',
    "broken port": '<a href="http://blog.example:port/">x</a>',
    "no host": '<a href="http://">x</a><a href="http:///post">y</a><a href="https:post">z</a>',
    "escaped": LINK.replace("<", "&lt;"),
    "pre": f"<pre>{LINK}</pre>",
    "code": f"<p>Write <code>{LINK}</code></p>",
    "highlighted code": f'<div class="highlight"><pre><span></span><code>{LINK}</code></pre></div>',
    "kbd": f"<kbd>{LINK}</kbd>",
    "samp": f"<samp><b>{LINK}</b></samp>",
    "string in a script": f"<script>write('{LINK}')</script>",
    "style": f"<style>/* {LINK} */</style>",
    "template": f"<template><div>{LINK}</div></template>",
    "textarea": f"<textarea>{LINK}</textarea>",
    "code in a link": f'<code><a href="{THERE}"><b>x</b></a></code>',
    "marked": f'<a href="{THERE}" data-linkback="no">x</a>',
    "marked in other case": f'<a href="{THERE}" DATA-LINKBACK=" No ">x</a>',
    "marked paragraph": f'<p data-linkback="no">See <b>{LINK}</b></p>',
    "marked far around": f'<div data-linkback="no"><ul><li><p>{LINK}</p></li></ul></div>',
    "ours": '<a href="https://us.example/blog/post.html">x</a>',
    "ours, the site itself": '<a href="https://us.example/blog">x</a>',
    "ours, by another scheme": '<a href="http://us.example/blog/post.html">x</a>',
    "ours, in another case": '<a href="HTTPS://US.EXAMPLE/blog/post.html">x</a>',
    "ours, with its port": '<a href="https://us.example:443/blog/post.html#x">x</a>',
    "ours, a subsite's": '<a href="https://us.example/blog/de/post.html">x</a>',
}


@pytest.mark.parametrize("html", ALONE.values(), ids=ALONE)
def test_what_is_no_link_to_somebody_else_is_left_alone(html: str) -> None:
    assert targets(html, from_settings(), SITES) == ()


PATTERNS: dict[str, Any] = {
    "text": "example/po.t$",
    "list": ["nowhere", "//blog[.]"],
    "tuple": ("nowhere", "//blog[.]"),
    "compiled": re.compile("HTTPS://BLOG", re.IGNORECASE),
    "list of both": ["nowhere", re.compile("^https:")],
}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_an_ignored_target_is_seen_but_not_told(pattern: Any) -> None:
    config = from_settings(LINKBACKS_IGNORED_URLS_PATTERN=pattern)

    assert targets(LINK, config, SITES) == (Target(THERE, "LINKBACKS_IGNORED_URLS_PATTERN"),)


@pytest.mark.parametrize("rel", ["nofollow", "NoFollow", "external nofollow ugc", " nofollow\n"])
def test_a_nofollow_link_is_not_told_where_the_author_says_so(rel: str) -> None:
    html = f'<a href="{THERE}" rel="{rel}">x</a>'

    assert targets(html, from_settings(LINKBACKS_SKIP_NOFOLLOW=True), SITES) == (
        Target(THERE, "LINKBACKS_SKIP_NOFOLLOW"),
    )
    assert targets(html, from_settings(), SITES) == (Target(THERE),)


# What must be found.

FOUND = {
    "plain": (LINK, THERE),
    "in capitals": (f'<A HREF="{THERE}">x</A>', THERE),
    "single quotes": (f"<a href='{THERE}'>x</a>", THERE),
    "no quotes": (f"<a href={THERE}>x</a>", THERE),
    "around an image": (f'<a href="{THERE}"><img src="x.png" alt=""></a>', THERE),
    "empty": (f'<a href="{THERE}"></a>', THERE),
    "not closed": (f'<p><a href="{THERE}">x', THERE),
    "in bent markup": (f"</div><b><i></b>{LINK}</p></table>", THERE),
    "entities": (
        '<a href="http://b.example/?a=1&amp;b=2&#38;c">x</a>',
        "http://b.example/?a=1&b=2&c",
    ),
    "blanks around": (f'<a href=" {THERE}\n">x</a>', THERE),
    "line break within": ('<a href="https://blog.example/\npost">x</a>', THERE),
    "in another case, as written": (
        '<a href="HTTP://Blog.Example/Post">x</a>',
        "HTTP://Blog.Example/Post",
    ),
    "fragment, as written": (f'<a href="{THERE}#part">x</a>', f"{THERE}#part"),
    "default port, as written": ('<a href="http://b.example:80/">x</a>', "http://b.example:80/"),
    "no path": ('<a href="http://b.example">x</a>', "http://b.example"),
    "umlauts": ('<a href="https://b.example/grüße">x</a>', "https://b.example/grüße"),
    "percent signs": ('<a href="https://b.example/%C3%BC">x</a>', "https://b.example/%C3%BC"),
    "on our host, beside our site": (
        '<a href="https://us.example/blogger">x</a>',
        "https://us.example/blogger",
    ),
    "on our host, above our site": ('<a href="https://us.example/">x</a>', "https://us.example/"),
    "on our name, another port": (
        '<a href="https://us.example:8080/blog/">x</a>',
        "https://us.example:8080/blog/",
    ),
    "marked with another word": (f'<p data-linkback="yes">{LINK}</p>', THERE),
    "marked, but only its neighbour": (f'<p data-linkback="no">x</p><p>{LINK}</p>', THERE),
    "after code": (f"<pre><code>x</code></pre>{LINK}", THERE),
    "around code": (f'<a href="{THERE}"><code>main()</code></a>', THERE),
    "with surrogates": (f"<p>\ud83c</p>{LINK}", THERE),
}


@pytest.mark.parametrize(("html", "url"), FOUND.values(), ids=FOUND)
def test_a_link_to_somebody_else_is_found_as_it_was_written(html: str, url: str) -> None:
    assert targets(html, from_settings(), SITES) == (Target(url, ignored=None, named=False),)


def test_links_are_found_in_their_order_and_each_once() -> None:
    html = "".join(
        f'<a href="{url}">x</a>'
        for url in (
            "https://b.example/2",
            "https://b.example/1#a",
            "https://b.example/2#again",
            "https://B.example:443/1",
            "https://b.example/3",
        )
    )

    assert found(html) == ["https://b.example/2", "https://b.example/1#a", "https://b.example/3"]


@pytest.mark.parametrize("marked", ["<pre>{}</pre>", '<p data-linkback="no">{}</p>'])
def test_a_link_that_stands_muted_and_openly_is_found(marked: str) -> None:
    muted = marked.format(LINK)

    assert found(muted + LINK) == [THERE]
    assert found(LINK + muted) == [THERE]


def test_of_a_nofollow_link_and_an_open_one_the_open_one_counts() -> None:
    nofollow = f'<a href="{THERE}#a" rel="nofollow">x</a>'

    assert found(nofollow + LINK, LINKBACKS_SKIP_NOFOLLOW=True) == [THERE]
    assert found(LINK + nofollow, LINKBACKS_SKIP_NOFOLLOW=True) == [THERE]


# Published pages.


def test_a_published_page_is_read_as_a_receiver_reads_it() -> None:
    """All its links, ours and muted ones too; another blog knows nothing of our rules."""
    html = f'<pre>{LINK}</pre><a href="https://US.example/blog/#x" data-linkback="no">y</a>'

    assert keys_on_page(html.encode(), None) == {THERE, "https://us.example/blog/"}


@pytest.mark.parametrize("size", [LIMIT - 1000, LIMIT])
def test_a_published_page_is_read_for_512_kb(size: int) -> None:
    body = f"<p>{'x' * size}</p>{LINK}".encode()

    assert keys_on_page(body, None) == ({THERE} if size < LIMIT else set())


CHARSETS = {
    "UTF-8 by its server": ("utf-8", "", "utf-8"),
    "UTF-8, unsaid": ("utf-8", "", None),
    "UTF-8, and its server does not know": ("utf-8", '<meta charset="utf-8">', "klingon"),
    "Latin-1 by its server": ("latin-1", "", "iso-8859-1"),
    "Latin-1 by itself": ("latin-1", '<meta charset="iso-8859-1">', None),
}


@pytest.mark.parametrize(("encoding", "meta", "charset"), CHARSETS.values(), ids=CHARSETS)
def test_a_page_is_read_in_its_charset(encoding: str, meta: str, charset: str | None) -> None:
    html = f'<head>{meta}</head><a href="https://b.example/grüße">x</a>'.encode(encoding)

    assert list(parse(html, charset)) == [
        Link("https://b.example/grüße", nofollow=False, told=True)
    ]


@pytest.mark.parametrize("body", [b"\xff\xfehttp", b"http\x00", b"<http", b"<!DOCTYPE http>"])
def test_what_is_no_page_holds_no_links(body: bytes) -> None:
    assert keys_on_page(body, None) == frozenset()


def test_a_page_with_more_attributes_on_an_element_than_anybody_writes_is_not_read() -> None:
    attributes = " ".join(f"a{number}" for number in range(5000))
    page = f'<p {attributes}><a href="https://blog.example/">a</a>'.encode()
    assert len(page) > 16 * 1024
    assert keys_on_page(page, "utf-8") == frozenset()
