"""The words beside mentions, in the language of the article."""

from __future__ import annotations

import pytest

from pelican_linkbacks.received import KINDS
from pelican_linkbacks.received.words import _WORDS, words

LANGUAGES = sorted(_WORDS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_a_word_for_everything(lang: str) -> None:
    found = words(lang)
    assert set(found) == {"heading"} | KINDS - {"mention"}
    assert all(word.strip() == word != "" for word in found.values())
    assert len(set(found.values())) == len(found)
    assert not any(set(word) & set('<>&"') for word in found.values())


@pytest.mark.parametrize("lang", ["de", "DE", "de-AT", "de_CH", "de-1996"])
def test_a_language_goes_by_its_first_part(lang: str) -> None:
    assert words(lang)["reply"] == "Antwort"


@pytest.mark.parametrize("lang", ["", "tlh", "x", "-", "deutsch"])
def test_an_unknown_language_is_english(lang: str) -> None:
    assert words(lang) == words("en")
