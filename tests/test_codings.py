"""Codings: for which names Python is asked, and which are not even looked up."""

from __future__ import annotations

import encodings

import pytest

from pelican_linkbacks.codings import shipped
from pelican_linkbacks.page import Page


def charset(named: str) -> str | None:
    """The charset of a page whose server names one."""
    return Page("https://b.example/", 200, (("Content-Type", f"text/html; {named}"),)).charset


@pytest.mark.parametrize("name", ["", "klingon", "utf--8", "utf-8!", "../../etc", "a\0b", "grün"])
def test_what_python_does_not_ship_under_this_name_is_none(name: str) -> None:
    assert shipped(name) is None
    assert charset(f'charset="{name}"') is None


def test_python_is_not_made_to_remember_names_that_servers_think_up() -> None:
    for number in range(20):
        charset(f"charset=made-up-{number}")
        charset(f"charset=utf{'-' * (number + 2)}8-made")
        charset(f"charset=utf{'-' * (number + 2)}8")

    remembered: dict[str, object] = vars(encodings)["_cache"]
    assert not [name for name in remembered if "made" in name or "--" in name or "__" in name]


@pytest.mark.parametrize("name", ["hex", "rot13", "base64", "undefined"])
def test_what_is_no_charset_but_a_codec_is_none(name: str) -> None:
    assert charset(f"charset={name}") is None


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "ISO-8859-15", "Shift_JIS", "windows-1251"])
def test_a_charset_is_known_by_any_of_its_usual_names(name: str) -> None:
    assert "Rye".encode(shipped(name) or "none") == b"Rye"
    assert charset(f"charset={name}") == name.lower()
