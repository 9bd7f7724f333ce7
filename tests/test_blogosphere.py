"""Delivery to a whole blogosphere: told once, by the preferred protocol, and accepted."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.blogosphere import OURS, Blogosphere, Notice, Plan, Report, blogs
from pelican_linkbacks.delivery import Delivery
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.state import State
from tests import samples

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="127.0.0.1 is the only loopback address there"
)

HOSTS, ENTRIES = 100, 10
PER_HOST = 2


@dataclass(frozen=True)
class Told:
    """One delivery, as both sides saw it."""

    plan: Plan
    settled: list[Mention]
    written: list[Mention]
    report: Report


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    # Some latency, so that requests do stand beside each other.
    plan = Plan(blogs(HOSTS), ENTRIES, latency=0.01, sizes=(3_000, 20_000))
    with Blogosphere(plan) as sphere:
        yield deliver(sphere, tmp_path_factory.mktemp("state") / "linkbacks.jsonl")


def deliver(sphere: Blogosphere, file: Path) -> Told:
    site = sphere.plan.url(OURS)
    state = State(file, siteurl=site, sites=(site,))
    for source, target in sphere.plan.links():
        name = source.rpartition("/")[2]
        state.put(Mention(name, name, source, target))
    state.save()
    config = replace(samples.config(site), per_host=PER_HOST)
    settled = Delivery(config, state, print).run(state.mentions())
    return Told(sphere.plan, settled, State.load(file).mentions(), sphere.report())


def test_each_mention_that_can_be_told_is_told_once_by_the_preferred_protocol(told: Told) -> None:
    preferred = {
        told.plan.entry(blog.address, number): blog.preferred
        for blog in told.plan.blogs
        for number in range(ENTRIES)
    }
    due = [
        Notice(protocol, source, target)
        for source, target in told.plan.links()
        if (protocol := preferred[target])
    ]
    assert len(due) == HOSTS * ENTRIES * 9 / 10
    assert sorted(told.report.accepted) == sorted(due)
    assert told.report.rejected == []


def test_what_was_told_is_what_is_remembered(told: Told) -> None:
    sent = [mention for mention in told.written if mention.outcome is Outcome.SENT]
    remembered = [Notice(m.protocol or "", m.source, m.target) for m in sent]
    assert sorted(remembered) == sorted(told.report.accepted)
    assert sorted(told.settled, key=place) == sorted(told.written, key=place)


def test_who_offers_nothing_is_not_told(told: Told) -> None:
    silent = {blog.address for blog in told.plan.blogs if not blog.offers}
    assert silent
    rest = [mention for mention in told.written if mention.outcome is not Outcome.SENT]
    assert {mention.outcome for mention in rest} == {Outcome.NONE}
    assert len(rest) == len(silent) * ENTRIES
    for address in silent:
        assert set(told.report.requests[address]) == gets()


def test_a_notice_takes_two_requests_and_no_page_is_asked_twice(told: Told) -> None:
    for address, requests in told.report.requests.items():
        posts = sum(n for asked, n in requests.items() if asked.startswith("POST "))
        asked = {asked: n for asked, n in requests.items() if asked.startswith("GET ")}
        assert set(asked.values()) == {1}
        if address != OURS:
            assert set(asked) == gets()
            assert posts in {0, ENTRIES}
    assert len(told.report.requests[OURS]) == told.plan.sources
    assert told.report.to_others() <= 2 * HOSTS * ENTRIES


def test_no_host_is_asked_by_more_at_once_than_the_setting_allows(told: Told) -> None:
    assert len(told.report.at_once) == HOSTS + 1
    assert Counter(told.report.at_once.values()).keys() <= {*range(1, PER_HOST + 1)}
    assert max(told.report.at_once.values()) == PER_HOST, "it does use what it is allowed"


def gets() -> set[str]:
    return {f"GET /entry/{number}" for number in range(ENTRIES)}


def place(mention: Mention) -> tuple[str, str]:
    return mention.source, mention.target
