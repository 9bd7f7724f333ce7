"""Claims: which URLs of a sender are acted on."""

from __future__ import annotations

import pytest

from pelican_linkbacks.notice import Malformed
from pelican_linkbacks.protocols import claims

BAD = {
    "": "source is missing",
    " \n": "source is missing",
    "nonsense": "source must be an absolute http or https URL",
    "/post": "source must be an absolute",
    "//blog.example/post": "source must be an absolute",
    "http:///post": "source must be an absolute",
    "http:blog.example": "source must be an absolute",
    "https://": "source must be an absolute",
    "ftp://blog.example/": "source must be an absolute",
    "javascript:alert(1)//http://a.example": "source must be an absolute",
    "https://[::1": "source must be an absolute",
    "https://blog.example:port/": "source must be an absolute",
    "https://blog.example/a b": "source must be an absolute",
    "https://blog.example/a\nb": "source must be an absolute",
    "https://blog.example/a\x00b": "source must be an absolute",
    "https://blog\u200b.example/": "source must be an absolute",
    "https://blog.example/\u202egpj": "source must be an absolute",
    "https://me@blog.example/": "source must not contain a user name",
    "https://me:word@blog.example/": "source must not contain a user name",
    "https://blog.example/" + "x" * 1980: "source is too long: at most 2,000 characters",
}


@pytest.mark.parametrize(("value", "reason"), BAD.items(), ids=[repr(url)[:40] for url in BAD])
def test_what_is_no_url_of_a_page_is_malformed_and_the_field_is_named(
    value: str, reason: str
) -> None:
    with pytest.raises(Malformed) as raised:
        claims.url("source", value)

    assert str(raised.value).startswith(reason)
    assert "\n" not in str(raised.value)


GOOD = [
    "https://blog.example",
    "HTTP://Blog.Example:8080/Post?a=1&b=2#c",
    "http://127.0.0.1/",
    "http://[::1]:8000/",
    "https://blog.example/@me",
    "https://bücher.example/grüße",
    "https://blog.example/" + "x" * 1979,
]


@pytest.mark.parametrize("value", GOOD)
def test_any_other_url_is_taken_as_written_but_for_the_blanks_around_it(value: str) -> None:
    assert claims.url("source", f"\n {value}\t") == value
