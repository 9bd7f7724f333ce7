"""Forms: the fields that a sender POSTs, in the shapes that senders use."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
import requests

from pelican_linkbacks.protocols import forms

FORM = "application/x-www-form-urlencoded"
GARBAGE = {
    "nothing": b"",
    "signs": b"&&=&%&%%=%&=&;=",
    "JSON": b'{"source": "https://a.example/"}',
    "XML": b"<methodCall/>",
    "bytes": bytes(range(256)),
}
TYPES = ["", FORM, "text/xml", "multipart/form-data", "multipart/form-data; boundary=x", ";;==\0"]


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
def test_garbage_has_no_field_that_anybody_asks_for(body: bytes, content_type: str) -> None:
    assert not forms.fields(body, content_type).get("source")


def test_only_the_first_64_kb_and_100_fields_are_read() -> None:
    many = b"&".join(b"f%d=1" % number for number in range(500))
    parts = b"".join(
        b'\r\n--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1' % number
        for number in range(500)
    )

    assert len(forms.fields(many, FORM)) == 100
    assert len(forms.fields(parts, "multipart/form-data; boundary=x")) <= 100
    assert forms.fields(b"a=" + b"x" * 70_000 + b"&b=1", FORM) == {"a": "x" * (64 * 1024 - 2)}


@pytest.mark.parametrize(
    "content_type",
    [
        FORM,
        f"{FORM}; charset=utf-8",
        "Application/X-WWW-Form-URLencoded;charset=UTF-8",
        # Nobody knows a better way to read what comes without a content type, or a wrong one.
        "",
        "text/plain",
    ],
)
def test_a_form_is_read_whatever_its_sender_calls_it(content_type: str) -> None:
    body = b"title=Rye+%26+seeds&url=https%3A%2F%2Fa.example%2F%3Fa%3D1&excerpt=Gr%C3%BC%C3%9Fe"

    assert forms.fields(body, content_type) == {
        "title": "Rye & seeds",
        "url": "https://a.example/?a=1",
        "excerpt": "Grüße",
    }


def test_of_several_values_the_first_counts() -> None:
    assert forms.fields(b"source=a&source=b&source", FORM) == {"source": "a"}


def test_bytes_that_nobody_encoded_are_read_too() -> None:
    assert forms.fields("title=Grüße".encode(), FORM) == {"title": "Grüße"}
    assert forms.fields("title=Grüße".encode("latin-1"), FORM) == {"title": "Grüße"}


CHARSETS = [
    # What the bytes are in, the field, the parameter.
    ("utf-8", "", ""),
    ("utf-8", "utf-8", ""),
    ("utf-8", "", "utf-8"),
    ("latin-1", "", ""),
    ("latin-1", "ISO-8859-1", ""),
    ("latin-1", "", "iso-8859-1"),
    ("latin-1", "iso-8859-1", "utf-8"),
    ("utf-8", "utf-8", "iso-8859-1"),
    ("utf-8", "klingon", ""),
    ("latin-1", "klingon", "iso-8859-1"),
    ("utf-8", "", "klingon"),
    ("utf-8", "utf-16", ""),
    ("utf-8", "utf-7", "utf-7"),
    ("latin-1", "utf-8", "utf-8"),
    ("cp850", "cp850", "utf-8"),
]


@pytest.mark.parametrize(("charset", "field", "parameter"), CHARSETS)
def test_the_charset_is_the_field_s_else_the_header_s_else_whatever_fits(
    charset: str, field: str, parameter: str
) -> None:
    body = f"title={quote_plus('Größe + Süße'.encode(charset))}"
    body += f"&charset={field}" if field else ""
    header = FORM + (f'; charset="{parameter}"' if parameter else "")

    assert forms.fields(body.encode(), header)["title"] == "Größe + Süße"


def test_a_multipart_form_is_read_as_a_browser_sends_it() -> None:
    told = {"title": "Grüße\r\n\r\nund --Küsse", "url": "https://a.example/?a=1&b=2", "excerpt": ""}
    request = requests.Request(
        "POST", "https://us.example/", files={name: (None, text) for name, text in told.items()}
    ).prepare()
    assert isinstance(request.body, bytes)

    assert forms.fields(request.body, request.headers["Content-Type"]) == told


def test_a_multipart_form_may_be_in_latin_1_and_have_a_preamble_and_other_headers() -> None:
    body = (
        b"A preamble\r\n--=_b(1)\r\nContent-Type: text/plain\r\n"
        b"content-disposition: form-data; name=title; filename=x\r\n\r\nGr\xfc\xdfe\r\n"
        b'--=_b(1)\r\nContent-Disposition: form-data; filename="; name=no"; name="url"\r\n\r\nx'
        b"\r\n--=_b(1)--\r\nContent-Disposition: form-data; name=late\r\n\r\nlate"
    )

    found = forms.fields(body, 'Multipart/Form-Data; charset=iso-8859-1; boundary="=_b(1)"')

    assert found == {"title": "Grüße", "url": "x"}
