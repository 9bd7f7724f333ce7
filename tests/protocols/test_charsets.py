"""Charsets: which names count, and what becomes of bytes without one."""

from __future__ import annotations

import encodings

import pytest

from pelican_linkbacks.protocols import charsets

UNUSABLE = ["", "klingon", "utf-7", "utf-16", "hex", "rot13", "punycode", "idna", "unicode_escape"]
UNUSABLE += ["cp037", "mbcs", "tactis", "../../etc", "a\0b", "grün", "x" * 60_000]


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_is_no_charset_or_does_not_extend_ascii_is_none(name: str) -> None:
    assert charsets.known(name) is None


def test_python_is_not_made_to_remember_names_that_senders_think_up() -> None:
    for number in range(100):
        charsets.known(f"made-up-{number}")
        charsets.xml(f'<?xml version="1.0" encoding="made-up-{number}"?><a/>'.encode())

    remembered: dict[str, object] = vars(encodings)["_cache"]
    assert not [name for name in remembered if "made" in name]


@pytest.mark.parametrize("name", ["utf-8", "UTF8", " ISO-8859-15 ", "Shift_JIS", "windows-1251"])
def test_a_charset_is_known_by_any_of_its_names(name: str) -> None:
    assert "Rye".encode(charsets.known(name) or "none") == b"Rye"


def test_latin_1_means_the_quotation_marks_of_windows_too() -> None:
    assert charsets.text(b"\x93Gr\xfc\xdfe\x94", charsets.known("ISO-8859-1")) == "“Grüße”"


def test_a_charset_that_is_named_counts() -> None:
    assert charsets.text("Brot".encode("cp1251"), "cp1251") == "Brot"
    assert charsets.text("Хлеб".encode("cp1251"), "cp1251") == "Хлеб"


@pytest.mark.parametrize("charset", [None, "utf-8", "ascii"])
def test_bytes_that_are_not_in_their_charset_are_utf_8_else_windows_1252(
    charset: str | None,
) -> None:
    assert charsets.text("Grüße".encode(), charset) == "Grüße"
    assert charsets.text("Grüße".encode("latin-1"), charset) == "Grüße"
    assert charsets.text(b"\x81\x93", charset) == "\ufffd“"


UTF_8 = b'<?xml version="1.0" encoding="utf-8"?>'
WORDS = "<a>Grüße</a>"
DECLARED = '<?xml version="1.0" encoding="{}"?>\n' + WORDS
XML: dict[str, bytes] = {
    "UTF-8": WORDS.encode(),
    "UTF-8, declared": DECLARED.format("utf-8").encode(),
    "UTF-8, in single quotes": DECLARED.format("utf-8").replace('"', "'").encode(),
    "UTF-8 with a byte order mark": DECLARED.format("utf-8").encode("utf-8-sig"),
    "UTF-8, declared as something unknown": DECLARED.format("klingon").encode(),
    "UTF-8, declared as UTF-16": DECLARED.format("utf-16").encode(),
    "Latin-1, declared": DECLARED.format("iso-8859-1").encode("latin-1"),
    "Latin-1 behind blank lines": b"\n\n" + DECLARED.format("iso-8859-1").encode("latin-1"),
    "Latin-1, not declared": WORDS.encode("latin-1"),
    "UTF-16 with a byte order mark": b"\xff\xfe" + WORDS.encode("utf-16-le"),
    "UTF-16 with the other one": b"\xfe\xff" + DECLARED.format("utf-16").encode("utf-16-be"),
    "UTF-16 without": DECLARED.format("utf-16").encode("utf-16-le"),
    "UTF-16 without, the other": DECLARED.format("utf-16").encode("utf-16-be"),
}


@pytest.mark.parametrize("body", XML.values(), ids=XML)
def test_xml_becomes_utf_8_and_says_so(body: bytes) -> None:
    declaration, end, rest = charsets.xml(body).partition(b"?>")

    assert declaration + end == UTF_8
    assert rest.strip() == WORDS.encode()


def test_a_declaration_that_stands_in_the_text_stays_there() -> None:
    body = b"<a><![CDATA[<?xml version='1.0'?>]]></a>"

    assert charsets.xml(body) == UTF_8 + body


def test_only_the_first_declaration_of_a_sender_goes() -> None:
    second = b'<?xml version="1.0" encoding="unicode_escape"?><a/>'

    assert charsets.xml(UTF_8 + second) == UTF_8 + second
