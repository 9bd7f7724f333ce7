"""Prose: what is left of a text from outside. Excerpts and titles are tested with trackback."""

from __future__ import annotations

import pytest

from pelican_linkbacks import prose

KEPT = {
    "plain": "Rye, for beginners!",
    "accents": "Süß & crème brûlée",
    "an accent by itself": "cre\u0300me",
    "Arabic": "خبز الجاودار",
    "a Persian word with a joiner": "می\u200cپزم",
    "a family": "👨\u200d👩\u200d👧",
    "a heart in colour": "❤\ufe0f",
    "markup": "vector<int> & <b>co</b>",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_readers_see_is_left_alone(text: str) -> None:
    assert prose.tidy(text) == text


TIDIED = {
    "lines": ("  one\n two\t\r\n three ", "one two three"),
    "blanks of all kinds": ("one\u00a0\u2003two\u3000three", "one two three"),
    "line separators": ("one\u2028two\u2029three", "one two three"),
    "control characters": ("o\x00n\x07e\x1b[31m \x9btwo", "one[31m two"),
    "a line turned around": ("a\u202egpj.exe\u202c b", "agpj.exe b"),
    "isolates": ("a\u2066b\u2067c\u2069", "abc"),
    "marks of direction": ("a\u200eb\u200fc\u061cd", "abcd"),
    "blanks of no width": ("a\u200bb\u2060c\ufeffd", "abcd"),
    "a soft hyphen": ("bread\u00adcrumbs", "breadcrumbs"),
    "half a character": ("rye\ud83c", "rye"),
    "private characters": ("rye\ue000", "rye"),
    "blanks around what goes": ("one \u200b two", "one two"),
    "joiners alone": ("\u200d \u200c\u200d", ""),
    "nothing": (" \u200b ", ""),
}


@pytest.mark.parametrize(("text", "tidy"), TIDIED.values(), ids=TIDIED)
def test_what_can_t_be_seen_goes(text: str, tidy: str) -> None:
    assert prose.tidy(text) == tidy
