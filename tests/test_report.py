"""The report: what a run says at its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.news import Change, News
from pelican_linkbacks.report import by_article, hints, line, summary
from pelican_linkbacks.state import State
from tests.samples import NOW, config, mention

US = "https://us.example"
THEN = NOW.replace(year=2024)
LATER = NOW.replace(year=9000)
LOCAL = THEN.astimezone()


def many(number: int, outcome: Outcome, **known: Any) -> list[Mention]:
    return [
        mention(
            f"https://blog.example/{outcome}/{known.get('protocol')}/{n}", outcome=outcome, **known
        )
        for n in range(number)
    ]


def state(*mentions: Mention) -> State:
    state = State(Path("nowhere"), exists=True, siteurl=US, sites=(US,))
    for known in mentions:
        state.put(known)
    return state


def news(*mentions: Mention) -> News:
    found = News()
    for known in mentions:
        found.came_to[known.outcome].append(Change(known, "so it is"))
    return found


# The summary.


def test_a_run_that_found_nothing_says_so() -> None:
    assert summary(0, [], state()) == (
        "Linkbacks: 0 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed."
    )


def test_a_run_that_looked_for_nothing_new_does_not_speak_of_it() -> None:
    assert summary(None, [], state()) == (
        "Linkbacks: 0 sent, 0 waiting, 0 without endpoint, 0 failed."
    )


def test_the_summary_counts_what_came_of_all_and_by_which_protocol() -> None:
    settled = [
        *many(1, Outcome.SENT, protocol="trackback"),
        *many(3, Outcome.SENT, protocol="pingback"),
        *many(2, Outcome.WAITING),
        *many(4, Outcome.NONE),
        *many(1, Outcome.FAILED, protocol="pingback"),
        *many(1, Outcome.GAVE_UP),
        *many(1, Outcome.REFUSED),
        *many(1, Outcome.SKIPPED),
    ]

    assert summary(13, settled, state(*settled)) == (
        "Linkbacks: 13 new, 4 sent (3 pingback, 1 trackback), 2 waiting, 4 without endpoint, "
        "3 failed."
    )


def test_what_waits_since_an_earlier_run_is_counted_and_what_was_sent_then_is_not() -> None:
    known = [*many(2, Outcome.WAITING), *many(3, Outcome.SENT), *many(1, Outcome.FAILED)]

    assert summary(0, [], state(*known)) == (
        "Linkbacks: 0 new, 0 sent, 2 waiting, 0 without endpoint, 0 failed."
    )


# What else to know and to do.


def test_when_all_is_well_there_is_no_hint() -> None:
    settled = many(2, Outcome.SENT)

    assert list(hints(news(*many(2, Outcome.QUEUED)), settled, state(*settled), config(US))) == []


HINTS: dict[str, tuple[Outcome, int, str]] = {
    "one old": (
        Outcome.OLD,
        1,
        "  1 link that may be old is recorded and not told.",
    ),
    "several old": (
        Outcome.OLD,
        2,
        "  2 links that may be old are recorded and not told.",
    ),
    "undecided": (
        Outcome.UNDECIDED,
        1,
        "  The live site could not be asked about 1 link; the next build decides by the age of "
        "the articles.",
    ),
    "one held": (
        Outcome.HELD,
        1,
        "  1 link new at once in old articles is held. To tell them after all, run: "
        "pelican-linkbacks release",
    ),
    "several held": (
        Outcome.HELD,
        21,
        "  21 links new at once in old articles are held. To tell them after all, run: "
        "pelican-linkbacks release",
    ),
}


@pytest.mark.parametrize(("outcome", "number", "hint"), HINTS.values(), ids=HINTS)
def test_what_was_not_told_is_said_with_what_to_do(
    outcome: Outcome, number: int, hint: str
) -> None:
    known = many(number, outcome)

    assert list(hints(news(*known), [], state(*known), config(US))) == [hint]
    # It is said once: the next run, to which this is no news, does not repeat it.
    assert list(hints(news(), [], state(*known), config(US))) == []


@pytest.mark.parametrize(("number", "left"), [(1, "1 link is"), (3, "3 links are")])
def test_what_is_left_over_is_said_with_how_to_send_it(number: int, left: str) -> None:
    known = many(number, Outcome.QUEUED)

    assert list(hints(news(), [], state(*known), config(US))) == [
        f"  {left} left to the next run, or to: pelican-linkbacks send"
    ]


def test_what_waits_is_said_once_with_how_to_send_it_after_the_upload() -> None:
    settled = many(2, Outcome.WAITING, answer="https://us.example/rye.html is not online yet")

    assert list(hints(news(), settled, state(*settled), config(US))) == [
        "  https://us.example/rye.html is not online yet. After the upload, run: "
        "pelican-linkbacks send --wait 600"
    ]


@pytest.mark.parametrize(("budget", "too_small"), [(0, True), (10, True), (11, False)])
def test_a_time_budget_in_which_no_request_fits_is_said_where_links_are_left(
    budget: float, *, too_small: bool
) -> None:
    tight = config(US, time_budget=budget, request_timeout=10)
    hint = (
        "  No build sends anything while LINKBACKS_TIME_BUDGET is not longer than "
        "LINKBACKS_REQUEST_TIMEOUT."
    )

    assert (hint in hints(news(), [], state(*many(1, Outcome.QUEUED)), tight)) is too_small
    # Nothing is left to be sent, or none is to be sent by a build.
    assert hint not in hints(news(), [], state(), tight)
    unsent = replace(tight, send=False)
    assert hint not in hints(news(), [], state(*many(1, Outcome.QUEUED)), unsent)


def test_a_move_is_said_and_why_nothing_is_sent() -> None:
    known = many(2, Outcome.QUEUED)

    assert list(hints(news(*known), [], state(*known), config("https://new.example"))) == [
        "  SITEURL is https://new.example, but the state is of https://us.example: nothing is "
        "sent. If the site has moved for good, run: pelican-linkbacks moved"
    ]


def test_a_new_siteurl_at_the_same_host_is_said_once_and_tells_nothing() -> None:
    found = replace(news(), siteurl="http://us.example")

    assert list(hints(found, [], state(), config(US))) == [
        "  SITEURL was http://us.example and is https://us.example now; nothing is told again for "
        "that."
    ]


@pytest.mark.parametrize(("number", "articles"), [(1, "1 article is"), (2, "2 articles are")])
def test_articles_at_another_url_are_said_and_tell_nothing(number: int, articles: str) -> None:
    assert list(hints(replace(news(), moved=number), [], state(), config(US))) == [
        f"  {articles} at another URL than before; nothing is told again for that."
    ]


# One line a mention.

THERE = "https://blog.example/post"
LINES = {
    "new": (mention(), f"queued: {THERE} (told by the next run that sends)"),
    "undecided": (
        mention(outcome=Outcome.UNDECIDED),
        f"undecided: {THERE} (the live site could not be asked about it; the next build decides)",
    ),
    "held": (
        mention(outcome=Outcome.HELD),
        f"held: {THERE} (one of many at once; to tell them: pelican-linkbacks release)",
    ),
    "old": (mention(outcome=Outcome.OLD), f"old: {THERE}"),
    "sent": (
        mention(outcome=Outcome.SENT, protocol="pingback", answer="Thanks"),
        f"sent by pingback: {THERE} (Thanks)",
    ),
    "failed": (
        mention(outcome=Outcome.FAILED, protocol="pingback", answer="no", next_attempt=THEN),
        f"failed: {THERE} (no; due since {LOCAL:%Y-%m-%d %H:%M})",
    ),
    "failed just now": (
        mention(outcome=Outcome.FAILED, answer="no", next_attempt=LATER),
        f"failed: {THERE} (no; again at {LATER.astimezone():%Y-%m-%d %H:%M})",
    ),
    "given up": (
        mention(outcome=Outcome.GAVE_UP, answer="no", attempts=6),
        f"gave-up: {THERE} (no; given up after 6 attempts)",
    ),
    "gone": (
        mention(outcome=Outcome.FAILED, removal=True, protocol="webmention", answer="no"),
        f"removal failed: {THERE} (the link is gone; no)",
    ),
    "gone and nobody to be told": (
        mention(outcome=Outcome.NONE, removal=True, answer="the link is gone, but nobody listens"),
        f"removal none: {THERE} (the link is gone, but nobody listens)",
    ),
    "broken off": (
        mention(asked_at=THEN),
        f"queued: {THERE} (told by the next run that sends; a run broke off while this was told, "
        f"at {LOCAL:%Y-%m-%d %H:%M})",
    ),
    "without a reason": (mention(outcome=Outcome.GAVE_UP), f"gave-up: {THERE}"),
    "hostile": (
        mention(
            "https://blog.example/\x1b[2J",
            outcome=Outcome.SENT,
            protocol="pingback",
            answer="\u202ea",
        ),
        r"sent by pingback: https://blog.example/\x1b[2J (\u202ea)",
    ),
}


@pytest.mark.parametrize(("known", "text"), LINES.values(), ids=LINES)
def test_a_line_says_what_came_of_a_mention_and_why(known: Mention, text: str) -> None:
    assert line(known) == text


def test_mentions_are_listed_by_their_article_and_sorted_by_target() -> None:
    a1, a2 = mention("https://a.example/1"), mention("https://a.example/2")
    b1 = replace(a1, article="salt.html")

    groups = by_article([b1, a2, a1])

    assert groups == {"rye.html": [a1, a2], "salt.html": [b1]}
    assert list(groups) == ["rye.html", "salt.html"]
    assert by_article([]) == {}
