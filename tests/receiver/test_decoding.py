"""Decoding: the charset of a page, whatever its server says of it."""

from __future__ import annotations

import codecs

import pytest

from pelican_linkbacks.links import READ_LIMIT
from pelican_linkbacks.page import Page
from pelican_linkbacks.receiver import decoding

WORDS = "Brötchen… süß"


def decoded(body: bytes, content_type: str = "text/html") -> str:
    return decoding.text(Page("https://b.example/", 200, (("Content-Type", content_type),), body))


def meta(charset: str) -> str:
    return f'<meta charset="{charset}">'


PAGES = {
    "as the header says": (WORDS.encode("utf-8"), "text/html; charset=utf-8"),
    "another, as the header says": (WORDS.encode("cp1252"), "text/html; charset=windows-1252"),
    "Latin-1 with quotation marks of Windows": (
        WORDS.encode("cp1252"),
        "text/html; charset=iso-8859-1",
    ),
    "UTF-8, and nobody says it": (WORDS.encode("utf-8"), "text/html"),
    "UTF-8, and the header says Latin-1": (WORDS.encode("utf-8"), "text/html; charset=iso-8859-1"),
    "windows-1252, and nobody says it": (WORDS.encode("cp1252"), "text/html"),
    "UTF-8 with a byte order mark": (codecs.BOM_UTF8 + WORDS.encode(), "text/html; charset=latin1"),
    "UTF-16 with a byte order mark": (codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le"), "text/html"),
    "a charset that nobody knows": (WORDS.encode("utf-8"), "text/html; charset=klingon"),
    "a charset that is slow to read": (WORDS.encode("utf-8"), "text/html; charset=punycode"),
    "bytes that are no charset": (WORDS.encode("cp1252"), "text/html; charset=hex"),
}


@pytest.mark.parametrize(("body", "content_type"), PAGES.values(), ids=PAGES)
def test_a_page_is_read_as_its_author_wrote_it(body: bytes, content_type: str) -> None:
    assert decoded(body, content_type) == WORDS


@pytest.mark.parametrize("charset", ["koi8-r", "iso-8859-5", "windows-1251"])
def test_a_page_may_name_its_charset_itself(charset: str) -> None:
    page = meta(charset) + "ржаной хлеб"

    assert decoded(page.encode(charset)) == page


def test_a_charset_of_seven_bits_is_not_taken_for_ascii() -> None:
    page = meta("iso-2022-jp") + "ライ麦パン"

    assert decoded(page.encode("iso-2022-jp")) == page


def test_the_header_comes_before_the_page() -> None:
    page = meta("koi8-r") + "ржаной хлеб"

    assert decoded(page.encode("cp1251"), "text/html; charset=windows-1251") == page


def test_one_broken_character_does_not_spoil_the_others() -> None:
    assert decoded(b"\xff " + WORDS.encode(), "text/html; charset=utf-8") == "\ufffd " + WORDS


def test_the_last_character_of_a_long_page_may_be_cut() -> None:
    body = b"x" * (READ_LIMIT - 4) + "öüß".encode()

    assert decoded(body, "text/html; charset=iso-8859-1")[-3:] == "öü"[-3:].rjust(3, "x")


def test_null_characters_are_dropped() -> None:
    assert decoded(b"r\0ye\0") == "rye"
