"""Answers: what all protocols say alike."""

from __future__ import annotations

import pytest

from pelican_linkbacks.notice import Verdict
from pelican_linkbacks.protocols import answers

PAUSES = {Verdict.TOO_OFTEN: 429, Verdict.BUSY: 503}
OTHERS = [verdict for verdict in Verdict if verdict not in PAUSES]


@pytest.mark.parametrize("verdict", OTHERS)
def test_only_a_verdict_that_asks_for_a_pause_has_a_status_and_a_header_for_it(
    verdict: Verdict,
) -> None:
    assert answers.status(verdict, 418) == 418
    assert answers.pause(verdict, 20) == ()


@pytest.mark.parametrize(("verdict", "status"), PAUSES.items())
def test_a_pause_is_asked_for_in_whole_seconds(verdict: Verdict, status: int) -> None:
    assert answers.status(verdict, 418) == status
    assert answers.pause(verdict, 19.2) == (("Retry-After", "20"),)


@pytest.mark.parametrize(
    ("seconds", "asked"), [(None, "60"), (0, "1"), (-5, "1"), (1e12, str(7 * 24 * 3600))]
)
def test_a_pause_is_never_nothing_and_never_for_ever(seconds: float | None, asked: str) -> None:
    assert answers.pause(Verdict.BUSY, seconds) == (("Retry-After", asked),)


def test_every_verdict_has_words_of_its_own() -> None:
    words = [answers.words(verdict, "") for verdict in Verdict]

    assert all(words)
    assert len(set(words)) == len(Verdict)


def test_other_words_are_said_on_one_line_without_control_characters_and_cut() -> None:
    assert answers.words(Verdict.DENIED, " a\n\x1b[31mb\0\u202e ") == "a [31mb"
    assert answers.words(Verdict.DENIED, "x" * 9999) == "x" * 500
    assert answers.words(Verdict.DENIED, "\x07\n") == answers.words(Verdict.DENIED, "")
