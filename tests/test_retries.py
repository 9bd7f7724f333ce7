"""Retries: which mentions are due, and when one that failed is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks.mention import Excerpt, Mention, Outcome, Reply
from pelican_linkbacks.retries import after, due
from pelican_linkbacks.state import State
from tests.samples import NOW, mention

SECOND = timedelta(seconds=1)
EXCERPT = Excerpt("Rye", "Text", "Us")


def state(*mentions: Mention, sites: tuple[str, ...] = ("https://us.example/blog",)) -> State:
    state = State(Path("nowhere"), siteurl=sites[0], sites=sites)
    for known in mentions:
        state.put(known)
    return state


# Which are due.


@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_is_on_its_way_is_due(outcome: Outcome) -> None:
    is_due = outcome in {Outcome.QUEUED, Outcome.WAITING, Outcome.FAILED}

    assert due(state(mention(outcome=outcome)), NOW) == ([mention(outcome=outcome)] * is_due)


@pytest.mark.parametrize(("late", "is_due"), [(-SECOND, False), (0 * SECOND, True), (SECOND, True)])
def test_a_pause_is_observed(late: timedelta, *, is_due: bool) -> None:
    paused = mention(outcome=Outcome.FAILED, next_attempt=NOW)

    assert due(state(paused), NOW + late) == [paused] * is_due


@pytest.mark.parametrize(
    ("site", "is_due"),
    {
        "https://us.example/blog": True,
        # http and https are one home; so is another path.
        "http://us.example": True,
        "https://us.example:443/other": True,
        "https://other.example": False,
        "https://us.example:8443": False,
    }.items(),
)
def test_a_mention_is_due_at_the_host_of_its_source(site: str, *, is_due: bool) -> None:
    assert due(state(mention(), sites=(site,)), NOW) == [mention()] * is_due


def test_a_subsite_at_another_host_is_a_home_too() -> None:
    sites = ("https://other.example", "https://us.example")

    assert due(state(mention(), sites=sites), NOW) == [mention()]


# What comes after a reply.


def failed(attempts: int, most: int = 1000) -> Mention:
    """A mention that has failed so often, the last time just now."""
    known = mention(attempts=attempts - 1, excerpt=EXCERPT)
    return after(known, Reply(Outcome.FAILED, "no"), most, NOW)


PAUSES = {
    1: timedelta(minutes=10),
    2: timedelta(hours=1),
    3: timedelta(hours=6),
    4: timedelta(hours=36),
    5: timedelta(days=7),
    6: timedelta(days=7),
    20: timedelta(days=7),
    999: timedelta(days=7),
}


@pytest.mark.parametrize(("attempts", "pause"), PAUSES.items())
def test_each_failure_makes_the_pause_longer_up_to_a_week(attempts: int, pause: timedelta) -> None:
    known = failed(attempts)

    assert known.outcome is Outcome.FAILED
    assert known.attempts == attempts
    assert known.next_attempt
    assert pause <= known.next_attempt - NOW <= min(pause * 1.25, timedelta(days=7))


@pytest.mark.parametrize(("attempts", "gives_up"), [(5, False), (6, True), (7, True)])
def test_the_last_attempt_that_fails_is_given_up(attempts: int, *, gives_up: bool) -> None:
    known = failed(attempts, most=6)

    assert (known.outcome is Outcome.GAVE_UP) is gives_up
    assert (known.next_attempt is None) is gives_up
    assert known.attempts == attempts


@pytest.mark.parametrize("pause", [0, 20, 604800])
def test_a_pause_that_was_asked_for_is_observed_and_is_no_attempt(pause: float) -> None:
    known = mention(attempts=5)

    known = after(known, Reply(Outcome.FAILED, "slow down", pause=pause), 6, NOW)

    assert known.outcome is Outcome.FAILED
    assert known.attempts == 5
    assert known.next_attempt == NOW + timedelta(seconds=pause)


@pytest.mark.parametrize("outcome", [Outcome.SENT, Outcome.REFUSED, Outcome.NONE])
def test_what_is_settled_is_settled(outcome: Outcome) -> None:
    known = mention(outcome=Outcome.FAILED, attempts=2, next_attempt=NOW, excerpt=EXCERPT)

    assert after(known, Reply(outcome, "so be it"), 6, NOW) == replace(
        known,
        outcome=outcome,
        answer="so be it",
        next_attempt=None,
        excerpt=None,
        told_at=NOW if outcome is Outcome.SENT else None,
    )


def test_what_was_skipped_at_sending_time_has_an_attempt() -> None:
    """By which the next build tells it from what a setting has left out."""
    known = after(mention(), Reply(Outcome.SKIPPED, "a private address"), 6, NOW)

    assert (known.outcome, known.attempts, known.next_attempt) == (Outcome.SKIPPED, 1, None)
    assert known.answer == "a private address"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(Outcome.WAITING, "not online"),
        Reply(Outcome.FAILED, "no"),
        Reply(Outcome.FAILED, "slow down", pause=1),
        Reply(Outcome.SKIPPED, "private"),
    ],
    ids=lambda reply: f"{reply.outcome} {reply.pause}",
)
def test_what_is_to_be_told_is_kept_as_long_as_it_may_be_told(reply: Reply) -> None:
    assert after(mention(excerpt=EXCERPT), reply, 6, NOW).excerpt == EXCERPT


def test_waiting_for_our_own_page_is_no_attempt() -> None:
    known = mention(outcome=Outcome.FAILED, attempts=3, next_attempt=NOW)

    known = after(known, Reply(Outcome.WAITING, "not online yet"), 6, NOW)

    assert (known.outcome, known.attempts, known.next_attempt) == (Outcome.WAITING, 3, None)
    assert known.answer == "not online yet"


# Pauses that were asked for, and pages of ours.


def paused(seconds: float, **known: Any) -> Mention:
    return mention(
        outcome=Outcome.FAILED,
        next_attempt=NOW + timedelta(seconds=seconds),
        **{"paused_by": "blog.example"} | known,
    )


@pytest.mark.parametrize(
    ("known", "is_due"),
    [
        (paused(60), True),
        (paused(61), False),
        (paused(1, paused_by=None), False),
        (paused(-1, paused_by=None), True),
    ],
)
def test_a_pause_that_was_asked_for_is_sat_out_by_who_has_the_patience(
    known: Mention, *, is_due: bool
) -> None:
    assert due(state(known), NOW, timedelta(seconds=60)) == [known] * is_due


def test_after_an_upload_every_page_that_is_waited_for_is_looked_at_again() -> None:
    removal = mention(outcome=Outcome.WAITING, removal=True, next_attempt=NOW + SECOND)
    failed = mention("https://b.example/", outcome=Outcome.FAILED, next_attempt=NOW + SECOND)

    assert due(state(removal, failed), NOW) == []
    assert due(state(removal, failed), NOW, uploaded=True) == [removal]


def test_what_has_failed_least_comes_first() -> None:
    tried = [mention(f"https://blog.example/{n}", attempts=n) for n in (2, 0, 1)]

    assert [known.attempts for known in due(state(*tried), NOW)] == [0, 1, 2]


def test_who_asked_for_a_pause_is_known_until_it_is_over() -> None:
    reply = Reply(Outcome.FAILED, "slow down", pause=20, paused_by="blog.example")

    known = after(mention(asked_at=NOW), reply, 6, NOW)

    assert (known.paused_by, known.asked_at) == ("blog.example", None)
    assert after(known, Reply(Outcome.FAILED, "no"), 6, NOW).paused_by is None


def test_what_failed_together_does_not_come_back_together() -> None:
    assert len({failed(1).next_attempt for _ in range(20)}) > 1


# Links that are gone.


def test_a_link_whose_going_was_told_is_withdrawn() -> None:
    removal = mention(removal=True, protocol="webmention", attempts=2)

    known = after(removal, Reply(Outcome.SENT, "accepted (HTTP 200)"), 6, NOW)

    assert (known.outcome, known.removal) == (Outcome.WITHDRAWN, False)
    assert known.answer == "the link is gone, and its blog was told so"


def test_a_page_that_keeps_its_link_is_not_asked_for_ever() -> None:
    known = mention(removal=True, outcome=Outcome.QUEUED)
    pauses = []
    while known.outcome is not Outcome.GAVE_UP:
        known = after(known, Reply(Outcome.WAITING, "still with this link"), 6, NOW)
        pauses += [known.next_attempt - NOW] if known.next_attempt else []

    assert len(pauses) == 5
    assert sum(pauses, timedelta()) > timedelta(days=8)


def test_a_refused_trackback_keeps_its_excerpt_since_its_author_may_try_again() -> None:
    known = mention(excerpt=EXCERPT, protocol="trackback")

    assert after(known, Reply(Outcome.REFUSED, "no"), 6, NOW).excerpt == EXCERPT
    assert after(known, Reply(Outcome.SENT, "yes"), 6, NOW).excerpt is None
