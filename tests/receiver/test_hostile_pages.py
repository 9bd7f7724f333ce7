"""Pages that were made to keep a receiver busy, or to bring it down."""

from __future__ import annotations

import json
import string
import time
from functools import cache
from itertools import product

import pytest

from pelican_linkbacks.background import quiet
from pelican_linkbacks.links import READ_LIMIT
from pelican_linkbacks.page import Page
from pelican_linkbacks.receiver.entry import Texts
from pelican_linkbacks.receiver.evidence import find
from pelican_linkbacks.receiver.portrait import portrait
from tests.receiver.looking import LINK, is_target

SECONDS = 2.0
"""Of one processor for one page, on a slow machine."""

ENTRY = '<div class="h-entry">'
NAMES = ["".join(letters) for letters in product(string.ascii_lowercase, repeat=3)]


@cache
def judged(page: str, content_type: str = "text/html") -> tuple[bool, Texts | None]:
    """Whether a page is seen to link, and what is shown of it; it must be told soon."""
    # The tail is what closes an attack on whoever keeps no count.
    body = page.encode("utf-8", "replace")[: READ_LIMIT + 1]
    answered = Page("https://b.example/post/", 200, (("Content-Type", content_type),), body)
    start = time.thread_time()
    with quiet():
        found = find(answered, is_target)
        texts = portrait(answered, found, is_target) if found else None
    assert time.thread_time() - start < SECONDS
    return found is not None, texts


def nested(tag: str, times: int, inside: str) -> str:
    return f"<{tag}>" * times + inside + f"</{tag.split()[0]}>" * times


HTML = {
    "tags that never end": LINK + "<a " * 170_000,
    "brackets": LINK + "<" * 500_000,
    "ampersands": LINK + "&" * 500_000,
    "quotation marks that never end": LINK + "<a b='" * 80_000,
    "comments that never end": LINK + "<!--" * 120_000,
    "sections that never end": LINK + "<![CDATA[" * 50_000,
    "elements in elements": LINK + "<div>" * 100_000,
    "elements in elements before the link": "<div>" * 100_000 + LINK,
    "links in links": '<a href="/">' * 40_000 + LINK,
    "tables in tables": LINK + "<table><tr><td>" * 30_000,
    "formatting that goes on": "<b><i><u>" * 70 + LINK + "</p><p>" * 60_000,
    "attributes": f"{LINK}<a {' '.join(NAMES)} {' '.join('x' + n for n in NAMES)}>x</a>",
    "attributes of many elements": LINK + f"<a {' '.join(NAMES[:200])}>" * 600,
    "classes": f'<div class="h-entry {" ".join(NAMES * 6)}">{LINK}',
    "different links": "".join(f"<a href={n}>" for n in range(40_000)) + LINK,
    "links to the page": LINK * 12_000,
    "hidden links": f"<template>{nested('div', 100, LINK * 9000)}</template>{LINK}",
    "a long base": f'<base href="https://b.example/{"y" * 250_000}">'
    + "<a href=q>" * 20_000
    + LINK,
    "a base and many links": f'<base href="https://b.example/{"y" * 450}/">{LINK}'
    + "".join(f"<a href=q{n}>" for n in range(30_000)),
    "long links": f"<a href='{'/..' * 600}'>" * 250 + LINK,
    "a long title": f"<title>{'t ' * 250_000}</title>{LINK}",
    "titles": "<svg><title>x</title>" * 200 + LINK,
    "meta elements": '<meta name="author" content="x">' * 14_000 + LINK,
    "a charset that never ends": "<meta " * 80_000 + LINK,
    "times": LINK + '<time class="updated" datetime="x">' * 14_000,
    "blanks": f"<p>{' ' * 250_000}{LINK}{' ' * 250_000}",
    "control characters": f"<p>{chr(0x202E) * 80_000}{LINK}{chr(7) * 200_000}",
    "null characters": LINK + "\0" * 500_000,
    "combining characters": f"<p>a{chr(0x300) * 120_000}{LINK}{chr(0x200D) * 80_000}",
    "words in elements": f"<p>{'<em>x</em> ' * 20_000}{LINK}{'<em>x</em> ' * 20_000}",
    "comments in a paragraph": f"<p>{'<!-- -->' * 30_000}{LINK}{'<!-- -->' * 30_000}",
    "pictures in the link": '<p><a href="https://us.example/rye.html">' + "<img>" * 90_000,
    "entries in entries": '<div class="h-entry">' * 200 + LINK + "x" * 400_000,
    "entries": f"{ENTRY}{LINK}</div>" * 7000,
    "names in names": ENTRY + '<div class="p-name">' * 200 + LINK + "x" * 400_000,
    "names": ENTRY + LINK + '<b class="p-name">x</b>' * 20_000,
    "cards": ENTRY + LINK + '<div class="p-author h-card">x</div>' * 12_000,
    "cards in cards": ENTRY + LINK + '<b class="p-author p-name h-card">' * 200,
    "answers in answers": f"{ENTRY}{nested('p class=u-in-reply-to', 240, LINK)}",
    "citations in citations": ENTRY + nested("div class='u-like-of h-cite'", 240, LINK),
    "feeds in feeds": '<div class="h-feed">' * 100
    + f"{ENTRY}{LINK}</div>"
    + "<i class=p-author>x</i>" * 15_000,
    "an entry of many lines": f"{ENTRY}{LINK}<b class=p-name>{'<br>' * 1900}</b>"
    + f"<b class=p-author>{'<p>' * 2500}</b>",
    "values of a date": f"{ENTRY}{LINK}<time class=dt-published>{'<b class=value>1</b>' * 350}",
    "digits of a date": f"{ENTRY}{LINK}<b class=dt-published>{'1' * 7900}</b>",
    "blanks of a name": f"{ENTRY}{LINK}<b class=p-name>{' ' * 7900}x</b>",
    "an address of an entry": f"{ENTRY}{LINK}<a class=u-url href='{'/..' * 2600}'>x</a>",
    "the whole page is its name": ENTRY + '<p class="p-name">' + LINK + "".join(NAMES) * 9,
}


@pytest.mark.parametrize("page", HTML.values(), ids=HTML)
def test_a_hostile_page_is_judged_soon(page: str) -> None:
    judged(page)


TEXTS = {
    "schemes": "http://" * 70_000,
    "one long url": "http://b.example/" + "x" * 500_000,
    "urls": ("http://b.example/" + "x" * 20 + " ") * 13_000,
    "brackets": ("http://b.example/" + ")" * 1900 + " ") * 270,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_hostile_text_is_judged_soon(text: str) -> None:
    judged(text, "text/plain")


DOCUMENTS = {
    "lists in lists": "[" * 500_000,
    "closed lists in lists": "[" * 250_000 + "]" * 250_000,
    "objects in objects": '{"a":' * 100_000,
    "values": json.dumps([f"https://b.example/{n}" for n in range(18_000)]),
    "numbers": "[" + "1," * 250_000 + "1]",
    "a long number": "1" * 500_000,
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_hostile_document_is_judged_soon(document: str) -> None:
    judged(document, "application/json")


CHARSETS = ["punycode", "idna", "utf-7", "unicode_escape", "rot13", "zlib", "undefined", "utf-32"]


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_hostile_charset_changes_nothing(charset: str) -> None:
    page = LINK + "\\u0041-" * 80_000

    for type_ in ("text/html", "text/plain"):
        assert judged(page, f"{type_}; charset={charset}")[0]


def test_a_page_that_no_person_has_written_is_no_proof() -> None:
    """Its tree would take minutes to build."""
    assert judged(LINK + f"<a {' '.join(NAMES)}>")[0] is False


def test_what_is_shown_of_a_hostile_page_is_short() -> None:
    shown = [found[1] for found in map(judged, HTML.values()) if found[1]]

    assert len(shown) > 20
    for texts in shown:
        assert len(texts.title) <= 250
        assert len(texts.author) <= 100
        assert len(texts.excerpt) <= 252
        assert len(texts.published) <= 40
        assert len(texts.url) <= 2000
