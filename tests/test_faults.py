"""One host in ten misbehaves, in every way: the others do not notice, and nothing is lost."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.blogosphere import (
    FAULTS,
    OURS,
    TALKATIVE,
    Blogosphere,
    Notice,
    Plan,
    Report,
    blogs,
)
from pelican_linkbacks.config import Config
from pelican_linkbacks.delivery import Delivery
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.retries import FIRST_PAUSE, JITTER, due
from pelican_linkbacks.state import State
from tests import samples

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="127.0.0.1 is the only loopback address there"
)

HOSTS, ENTRIES = 100, 5
SOUND = blogs(HOSTS * 9 // 10, TALKATIVE)
FAULTY = blogs(HOSTS // 10, TALKATIVE, FAULTS, first=len(SOUND))

TIMEOUT, BUDGET = 3, 30
"""Seconds for one request, and for one run."""

SILENT = {
    f"HOST did not answer within {TIMEOUT} s",
    "HOST did not answer in time, and is left alone in this run",
}
RUBBISH = {"HOST broke off, or does not speak HTTP"}
REASONS = {
    "hangs": SILENT,
    "drips": SILENT,
    "refuses": {"HOST does not accept connections"},
    "redirects": {"HOST redirects more than 10 times"},
    "boasts": RUBBISH,
    "babbles": RUBBISH,
}
"""What is said of each fault. A page of 50 MB is none: what it has to say stands in the part of
it that is read."""


@dataclass(frozen=True)
class Story:
    """A run among misbehaving hosts, and those after they had mended their ways.

    Attributes:
        plan: who is there.
        began, ended: when the first run did.
        seconds: how long it took.
        first: what it has written down, by target.
        later: what stands there after the last of the other runs.
        runs: how many others it took.
        report: what the hosts have seen in all that time.
    """

    plan: Plan
    began: datetime
    ended: datetime
    seconds: float
    first: dict[str, Mention]
    later: dict[str, Mention]
    runs: int
    report: Report

    def of(self, fault: str) -> list[Mention]:
        """What the first run has written down of the hosts with a fault."""
        hosts = {blog.address for blog in self.plan.blogs if blog.fault == fault}
        return [mention for mention in self.first.values() if host(mention) in hosts]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    # Some latency, so that requests do stand beside each other.
    plan = Plan(SOUND + FAULTY, ENTRIES, latency=0.01, sizes=(3_000, 20_000))
    file = tmp_path_factory.mktemp("state") / "linkbacks.jsonl"
    with Blogosphere(plan) as sphere:
        queue(sphere.plan, file)
        site = sphere.plan.url(OURS)
        config = samples.config(site, request_timeout=TIMEOUT, time_budget=BUDGET)
        began, start = datetime.now(UTC), time.monotonic()
        run(config, file)
        seconds, ended = time.monotonic() - start, datetime.now(UTC)
        first = written(file)
        sphere.heal()
        runs = 0
        while runs < 5 and set_clock_forward(file):
            run(config, file)
            runs += 1
        later = written(file)
        return Story(sphere.plan, began, ended, seconds, first, later, runs, sphere.report())


def queue(plan: Plan, file: Path) -> None:
    """Write the state that a build leaves to be told."""
    site = plan.url(OURS)
    state = State(file, siteurl=site, sites=(site,))
    for source, target in plan.links():
        name = source.rpartition("/")[2]
        state.put(Mention(name, name, source, target))
    state.save()


def run(config: Config, file: Path) -> None:
    """Tell what is due, as a build does."""
    state = State.load(file)
    Delivery(config, state, print).run(due(state, datetime.now(UTC)), BUDGET)
    state.save()


def written(file: Path) -> dict[str, Mention]:
    return {mention.target: mention for mention in State.load(file).mentions()}


def set_clock_forward(file: Path) -> int:
    """Make everything due that has a time in the state file; how much that is."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
    records = [json.loads(line) for line in file.read_text().splitlines()]
    late = [record for record in records if "next_attempt" in record]
    for record in late:
        record["next_attempt"] = yesterday
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return len(late)


def host(mention: Mention) -> str:
    return urlsplit(mention.target).hostname or ""


def said(mention: Mention) -> str:
    """The reason a mention has, for a host of any name and port."""
    parts = urlsplit(mention.target)
    return (mention.answer or "").replace(parts.netloc, "HOST").replace(host(mention), "HOST")


def outcomes(mentions: dict[str, Mention], which: Callable[[Mention], bool]) -> Counter[Outcome]:
    return Counter(mention.outcome for mention in mentions.values() if which(mention))


def test_every_mention_of_a_sound_host_is_delivered_within_the_budget(story: Story) -> None:
    sound = {blog.address for blog in SOUND}
    assert outcomes(story.first, lambda m: host(m) in sound) == {Outcome.SENT: len(SOUND) * ENTRIES}
    assert story.seconds < BUDGET


def test_a_page_that_never_ends_is_told_of_by_what_it_says_at_its_start(story: Story) -> None:
    assert {mention.outcome for mention in story.of("floods")} == {Outcome.SENT}


@pytest.mark.parametrize("fault", REASONS)
def test_every_mention_of_a_faulty_host_is_queued_with_its_reason_and_next_time(
    story: Story, fault: str
) -> None:
    queued = story.of(fault)
    assert len(queued) in {ENTRIES, 2 * ENTRIES}
    assert {mention.outcome for mention in queued} == {Outcome.FAILED}
    assert {said(mention) for mention in queued} == REASONS[fault]
    soonest = story.began + FIRST_PAUSE - timedelta(seconds=1)
    latest = story.ended + FIRST_PAUSE * (1 + JITTER)
    for mention in queued:
        assert mention.next_attempt
        assert soonest <= mention.next_attempt <= latest


def test_when_the_faults_end_the_next_runs_deliver_all(story: Story) -> None:
    assert outcomes(story.later, lambda _: True) == {Outcome.SENT: HOSTS * ENTRIES}
    assert all(mention.next_attempt is None for mention in story.later.values())
    assert story.runs == 1


def test_every_notice_is_accepted_exactly_once(story: Story) -> None:
    preferred = {blog.address: blog.preferred or "" for blog in story.plan.blogs}
    due = [
        Notice(preferred[urlsplit(target).hostname or ""], source, target)
        for source, target in story.plan.links()
    ]
    assert sorted(story.report.accepted) == sorted(due)
    assert story.report.rejected == []


def test_a_host_that_does_not_answer_costs_no_more_than_two_requests(story: Story) -> None:
    for fault in ("hangs", "drips"):
        hosts = {host(mention) for mention in story.of(fault)}
        tried = Counter(host(mention) for mention in story.of(fault) if mention.attempts)
        assert tried == dict.fromkeys(hosts, 2)
