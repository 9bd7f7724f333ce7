"""Removals: a link that was told by webmention and is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pelican_linkbacks import removals
from pelican_linkbacks.mention import Excerpt, Mention, Outcome
from tests.samples import NOW, mention

TOLD = mention(
    outcome=Outcome.SENT,
    protocol="webmention",
    endpoint="https://blog.example/webmention",
    found_by="the Link header",
    attempts=2,
    answer="accepted (HTTP 202)",
    first_seen=NOW,
    status_url="https://blog.example/status/7",
)


def pending(**known: Any) -> Mention:
    removal = removals.of(TOLD)
    assert removal
    return replace(removal, **known)


@pytest.mark.parametrize("protocol", ["pingback", "trackback", None])
def test_the_other_protocols_have_no_word_for_it(protocol: str | None) -> None:
    assert removals.of(replace(TOLD, protocol=protocol)) is None


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome != "sent"])
def test_who_was_never_told_of_a_link_is_not_told_that_it_is_gone(outcome: Outcome) -> None:
    assert removals.of(replace(TOLD, outcome=outcome)) is None


def test_a_removal_has_no_removal() -> None:
    assert removals.of(pending()) is None


def test_what_was_told_is_told_again_with_the_source_it_was_told_with() -> None:
    assert pending() == replace(TOLD, outcome=Outcome.QUEUED, removal=True, attempts=0, answer=None)


def test_a_notice_whose_answer_a_crash_swallowed_may_be_known_there() -> None:
    asked = replace(
        TOLD, outcome=Outcome.FAILED, asked_at=NOW, excerpt=Excerpt("", "", ""), next_attempt=NOW
    )
    assert removals.of(asked) == pending()


@pytest.mark.parametrize("outcome", ["queued", "waiting", "held", "failed"])
def test_a_link_that_is_back_before_its_going_was_told_stays_told(outcome: str) -> None:
    removal = pending(outcome=Outcome(outcome), attempts=3, next_attempt=NOW, paused_by="x.example")
    assert removals.taken_back(removal) == replace(TOLD, attempts=0, answer=None)


@pytest.mark.parametrize(
    "removal",
    [
        pending(outcome=Outcome.REFUSED),
        pending(outcome=Outcome.GAVE_UP),
        pending(outcome=Outcome.NONE),
        pending(asked_at=NOW),
    ],
)
def test_a_link_that_is_back_after_its_going_was_said_is_told_anew(removal: Mention) -> None:
    back = removals.taken_back(removal)
    assert (back.outcome, back.removal, back.attempts) == (Outcome.QUEUED, False, 0)
