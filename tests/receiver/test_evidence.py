"""Evidence: what counts as a link (W3C Webmention, section 3.2.2), over real connections."""

from __future__ import annotations

import json

import pytest

from tests.receiver.looking import LINK, TARGET, links, look, typed
from tests.servers import Answer

NONE = {
    "no link": "<p>rye</p>",
    "another page of ours": '<a href="https://us.example/wheat.html">x</a>',
    "a page below": '<a href="https://us.example/rye.html/more">x</a>',
    "the same path elsewhere": '<a href="https://blog.example/rye.html">x</a>',
    "with a query": '<a href="https://us.example/rye.html?page=2">x</a>',
    "in a query": '<a href="https://b.example/?to=https://us.example/rye.html">x</a>',
    "plain text": "<p>See https://us.example/rye.html there.</p>",
    "escaped": "<p>&lt;a href=&quot;https://us.example/rye.html&quot;&gt;</p>",
    "another attribute": '<div data-href="https://us.example/rye.html" title="x">x</div>',
    "title of a link": '<a href="/" title="https://us.example/rye.html">x</a>',
    "form": '<form action="https://us.example/rye.html"></form>',
    "link element": '<link rel="related" href="https://us.example/rye.html">',
    "meta element": '<meta property="og:url" content="https://us.example/rye.html">',
    "comment": f"<!-- {LINK} -->",
    "conditional comment": f"<!--[if IE]>{LINK}<![endif]-->",
    "script": f"<script>document.write('{LINK}')</script>",
    "JSON in a script": f'<script type="application/json">{{"a": "{TARGET.url}"}}</script>',
    "style": f"<style>{LINK}</style>",
    "template": f"<template><div>{LINK}</div></template>",
    "noscript": f"<noscript>{LINK}</noscript>",
    "textarea": f"<textarea>{LINK}</textarea>",
    "title": f"<title>{LINK}</title>",
    "without href": '<a name="https://us.example/rye.html">x</a>',
    "credentials": '<a href="https://me:secret@us.example/rye.html">x</a>',
    "other scheme": '<a href="ftp://us.example/rye.html">x</a>',
    "broken": '<a href="https://[us.example/rye.html">x</a>',
    "relative": '<a href="rye.html">x</a>',
    "base in a template": '<template><base href="https://us.example/"></template>'
    '<a href="rye.html">x</a>',
}


@pytest.mark.parametrize("html", NONE.values(), ids=NONE)
def test_what_leads_nowhere_is_no_link(html: str) -> None:
    assert not links(html)


ONE = {
    "link": LINK,
    "in capitals": '<A HREF="HTTPS://US.EXAMPLE/rye.html">x</A>',
    "single quotes": "<a class=x href='https://us.example/rye.html'>x</a>",
    "no quotes": "<a href=https://us.example/rye.html>x</a>",
    "nofollow": '<a rel="nofollow" href="https://us.example/rye.html">x</a>',
    "without text": '<a href="https://us.example/rye.html"></a>',
    "blanks and lines": '<a href=" https://us.example/\nrye.html ">x</a>',
    "fragment": '<a href="https://us.example/rye.html#salt">x</a>',
    "http": '<a href="http://us.example/rye.html">x</a>',
    "final slash": '<a href="https://us.example/rye.html/">x</a>',
    "default port": '<a href="https://us.example:443/rye.html">x</a>',
    "percent-encoded": '<a href="https://us.example/%72ye%2Ehtml">x</a>',
    "entities": '<a href="https:&#x2F;&#x2F;us.example/rye&period;html">x</a>',
    "without scheme": '<a href="//us.example/rye.html">x</a>',
    "base": '<base href="https://us.example/bread/"><a href="../rye.html">x</a>',
    "base after the link": '<a href="rye.html">x</a><base href="https://us.example/">',
    "in code": f"<pre><code>{LINK}</code></pre>",
    "after a comment": f"<!-- > -->{LINK}",
    "not closed": '<p><a href="https://us.example/rye.html">',
    "second link": f'<a href="/">x</a><a href="https://b.example/">y</a>{LINK}',
    "shown after a hidden one": f"<template>{LINK}</template>{LINK}",
    "area": '<map><area href="https://us.example/rye.html"></map>',
    "image": '<img src="https://us.example/rye.html">',
    "video": '<video src="https://us.example/rye.html"></video>',
    "audio": '<audio src="https://us.example/rye.html"></audio>',
    "source": '<video><source src="https://us.example/rye.html"></video>',
    "frame": '<iframe src="https://us.example/rye.html"></iframe>',
    "embedded": '<embed src="https://us.example/rye.html">',
    "object": '<object data="https://us.example/rye.html"></object>',
    "data-linkback": f'<div data-linkback="no">{LINK}</div>',
}


@pytest.mark.parametrize("html", ONE.values(), ids=ONE)
def test_what_leads_readers_to_the_page_is_a_link(html: str) -> None:
    assert links(html)


def test_the_author_is_told_what_was_found() -> None:
    rel = '<a rel="external NoFollow" href="https://us.example/rye.html">x</a>'

    assert look(LINK).how == "Found as <a href>."
    assert look(rel).how == "Found as <a href>, marked nofollow."
    assert look('<img src="https://us.example/rye.html">').how == "Found as <img src>."


@pytest.mark.parametrize("type_", ["text/html", "TEXT/HTML;charset=utf-8", "application/xhtml+xml"])
def test_html_is_known_by_its_type(type_: str) -> None:
    assert links(typed(type_, LINK))


def test_a_page_without_a_type_is_html() -> None:
    assert links(typed("", LINK))


@pytest.mark.parametrize("charset", ["utf-16", "klingon", "punycode", "", '"'])
def test_a_charset_that_is_none_hides_no_link(charset: str) -> None:
    assert links(typed(f"text/html; charset={charset}", LINK))


# JSON.


@pytest.mark.parametrize(
    "type_", ["application/json", "text/json", "application/mf2+json; charset=utf-8"]
)
def test_a_value_of_a_json_document_is_a_link(type_: str) -> None:
    document = {
        "items": [{"properties": {"in-reply-to": [1, None, "https://us.example/rye.html"]}}]
    }

    assert links(typed(type_, json.dumps(document)))
    assert look(typed(type_, json.dumps(document))).how == "Found as a value in its JSON."


NO_JSON_LINK = {
    "part of a value": json.dumps({"a": "See https://us.example/rye.html"}),
    "link in a value": json.dumps({"a": LINK}),
    "name": json.dumps({"https://us.example/rye.html": "x"}),
    "not JSON": LINK,
    "cut": '{"a": "https://us.example/rye.html"',
    "empty": "",
    "number without end": "1" * 5000,
    "too deep": "[" * 100_000,
}


@pytest.mark.parametrize("document", NO_JSON_LINK.values(), ids=NO_JSON_LINK)
def test_only_a_whole_value_counts_in_json(document: str) -> None:
    assert not links(typed("application/json", document))


# Plain text.

TEXT_LINKS = {
    "alone": "https://us.example/rye.html",
    "in a sentence": "Read https://us.example/rye.html, please.",
    "at its end": "Read https://us.example/rye.html.",
    "in brackets": "Rye (https://us.example/rye.html), and salt.",
    "in angle brackets": "Rye <https://us.example/rye.html>",
    "Markdown": "[Rye](https://us.example/rye.html) and [salt](https://us.example/salt)",
    "quoted": 'href="https://us.example/rye.html"',
    "after another": "https://b.example/ https://us.example/rye.html",
    "fragment": "https://us.example/rye.html#salt",
}


@pytest.mark.parametrize("type_", ["text/plain", "text/markdown; charset=utf-8"])
@pytest.mark.parametrize("text", TEXT_LINKS.values(), ids=TEXT_LINKS)
def test_a_url_in_a_plain_text_is_a_link(text: str, type_: str) -> None:
    assert links(typed(type_, text))


NO_TEXT_LINKS = {
    "beginning of another": "https://us.example/rye.html2",
    "end of another": "https://b.example/?https://us.example/rye.html",
    "end of a word": "xhttps://us.example/rye.html",
    "without a scheme": "us.example/rye.html",
}


@pytest.mark.parametrize("text", NO_TEXT_LINKS.values(), ids=NO_TEXT_LINKS)
def test_a_url_within_another_word_is_none(text: str) -> None:
    assert not links(typed("text/plain", text))


@pytest.mark.parametrize(
    "type_", ["image/png", "application/pdf", "text/css", "application/rss+xml", "text/javascript"]
)
def test_other_types_are_not_searched(type_: str) -> None:
    assert not links(typed(type_, LINK))


# How far a page is read.


def test_a_link_after_500_kb_is_found() -> None:
    assert links("<p>" + "x" * 500_000 + LINK)


@pytest.mark.parametrize("type_", ["text/html", "text/plain", "application/json"])
def test_a_link_after_600_kb_is_not_found(type_: str) -> None:
    text = json.dumps(["x" * 600_000, TARGET.url]) if "json" in type_ else "x" * 600_000 + LINK
    found = look(typed(type_, text))

    assert found.how == (
        "Its first 512 kB hold no link to https://us.example/rye.html; no more is read."
    )


def test_a_link_whose_url_is_cut_at_512_kb_is_none() -> None:
    assert not links(Answer("x" * (512 * 1024 - 20) + LINK))
