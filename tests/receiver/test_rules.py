"""Rules: whom they fit, and what becomes of what they have decided."""

from __future__ import annotations

import pytest

from pelican_linkbacks.errors import LinkbackError
from pelican_linkbacks.receiver.entry import Status
from pelican_linkbacks.receiver.rules import Action, Rule
from tests.receiver.storage import SEEN, SOURCE, START, Desk

OTHER = "https://other.example/"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/blog/post",
        "https://notexample.org/blog/post",
        "https://example.org.evil.example/blog/",
        "https://example.org/",
        "https://example.org/blogger",
        "https://example.org/Blog/post",
        "https://example.org/x/blog/post",
        "https://example.org/blog/../post",
        "https://example.org/blog/%2e%2e/post",
        "https://example.org/blog%2f..%2fpost",
        "https://example.org/blog/..\\post",
        "mailto:me@example.org",
        "",
    ],
)
@pytest.mark.parametrize("action", [Action.APPROVE, Action.BLOCK])
def test_other_hosts_and_paths_are_left_to_the_author(desk: Desk, url: str, action: Action) -> None:
    rule = desk.rules.add(action, "example.org", "/blog")
    assert not rule.fits(url)
    assert desk.rules.decide(url, url) is None
    assert not desk.rules.blocks(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/blog",
        "http://example.org/blog/",
        "https://EXAMPLE.org:443/blog/post?page=2#more",
        "https://example.org./blog/post",
        "https://www.example.org/blog/2026/post",
        "https://example.org/%62log/post",
        "https://example.org//blog/post",
        "https://example.org/./x/../blog/post",
    ],
)
@pytest.mark.parametrize("action", [Action.APPROVE, Action.BLOCK])
def test_a_host_its_subdomains_and_whole_parts_of_a_path_fit(
    desk: Desk, url: str, action: Action
) -> None:
    rule = desk.rules.add(action, "Example.ORG", "blog/")
    assert rule.fits(url)
    assert desk.rules.decide(url, url) == rule


def test_a_rule_without_a_path_fits_the_whole_host(desk: Desk) -> None:
    rule = desk.rules.add("approve", "example.org")
    assert rule.fits("https://example.org")
    assert rule.fits("https://example.org/any/thing")


def test_a_host_may_be_written_in_its_own_letters(desk: Desk) -> None:
    rule = desk.rules.add("block", "Bücher.example")
    assert rule.fits("https://bücher.example/")
    assert rule.fits("https://xn--bcher-kva.example/")


def test_another_port_is_another_host_unless_it_is_blocked(desk: Desk) -> None:
    assert not desk.rules.add("approve", "example.org").fits("https://example.org:8080/")
    assert desk.rules.add("approve", "example.org:8080").fits("https://example.org:8080/")
    assert not desk.rules.add("block", "example.net:8080").fits("https://example.net/")
    assert desk.rules.add("block", "example.net").fits("https://example.net:8080/")


def test_only_a_source_that_answers_at_a_host_that_fits_is_approved(desk: Desk) -> None:
    rule = desk.rules.add("approve", "their.example")
    assert desk.rules.decide(SOURCE, OTHER) is None
    assert desk.rules.decide(OTHER, SOURCE) is None
    assert desk.rules.decide(SOURCE, "https://www.their.example/post") == rule
    assert desk.rules.decide(SOURCE, "") == rule


def test_a_source_is_blocked_wherever_it_leads_and_whatever_approves_it(desk: Desk) -> None:
    desk.rules.add("approve", "their.example")
    rule = desk.rules.add("block", "other.example")
    assert desk.rules.decide(SOURCE, OTHER) == rule
    assert desk.rules.decide(OTHER, SOURCE) == rule
    assert desk.rules.blocks(OTHER)
    assert not desk.rules.blocks(SOURCE)


def test_a_host_is_known_when_the_author_has_approved_it_himself(desk: Desk) -> None:
    rule = desk.rules.add("approve-known")
    again = f"{SOURCE}/2"
    assert desk.rules.decide(again, again) is None
    number = desk.pending()
    assert desk.rules.decide(again, again) is None
    desk.moderation.set_status([number], Status.APPROVED, rule.words)
    assert desk.rules.decide(again, again) is None
    desk.moderation.dismiss([number])
    assert desk.rules.decide(again, again) is None
    desk.moderation.approve([number])
    assert desk.rules.decide(again, again) == rule
    assert desk.rules.decide(again, OTHER) is None
    assert desk.rules.decide(OTHER, OTHER) is None
    assert not desk.rules.blocks(again)


@pytest.mark.parametrize(
    ("action", "host"),
    [
        ("allow", "example.org"),
        ("approve", ""),
        ("block", " "),
        ("block", "https://example.org"),
        ("block", "example.org/blog"),
        ("block", "me@example.org"),
        ("block", "example.org:port"),
    ],
)
def test_what_is_no_rule_is_refused_in_a_sentence(desk: Desk, action: str, host: str) -> None:
    with pytest.raises(LinkbackError, match=r"^(There is no rule|A rule needs a host)"):
        desk.rules.add(action, host)
    assert desk.rules.all() == []


def test_a_rule_is_there_once_and_can_be_removed(desk: Desk) -> None:
    rule = desk.rules.add("block", "example.org", "/blog")
    assert rule == Rule(rule.id, Action.BLOCK, "example.org", "/blog", START)
    assert rule.words == "block example.org/blog"
    desk.clock.turn(1)
    assert desk.rules.add("block", "EXAMPLE.org.", "blog/") == rule
    known = desk.rules.add("approve-known", "ignored.example")
    assert known.words == "approve known hosts"
    assert desk.rules.all() == [rule, known]
    assert desk.rules.remove(rule.id)
    assert not desk.rules.remove(rule.id)
    assert desk.rules.all() == [known]
    assert desk.rules.add("block", "example.org").id > known.id


@pytest.mark.parametrize(
    ("action", "status"), [("approve", Status.APPROVED), ("block", Status.DISMISSED)]
)
def test_what_a_rule_decides_is_pending_again_when_it_goes_and_is_to_put_it_back(
    desk: Desk, action: str, status: Status
) -> None:
    mine = desk.approved(f"{SOURCE}/mine")
    rule = desk.rules.add(action, "their.example")
    number = desk.tell().entry.id
    entry = desk.look(number)
    assert entry is not None
    assert (entry.status, entry.decided_by, entry.texts) == (status, rule.words, SEEN)
    version = desk.inbox.version()
    assert desk.rules.remove(rule.id, revert=True)
    entry = desk.entry(number)
    assert (entry.status, entry.decided_by, entry.due) == (Status.PENDING, "", None)
    assert desk.entry(mine).status is Status.APPROVED
    assert (desk.inbox.version() != version) == (status is Status.APPROVED)


def test_what_a_rule_has_decided_stays_when_the_rule_just_goes(desk: Desk) -> None:
    rule = desk.rules.add("approve", "their.example")
    number = desk.tell().entry.id
    desk.look(number)
    before = desk.entry(number)
    assert desk.rules.remove(rule.id)
    assert desk.entry(number) == before
    assert before.due is not None


def test_one_decision_of_a_rule_can_be_taken_back(desk: Desk) -> None:
    desk.rules.add("block", "their.example")
    number = desk.tell().entry.id
    desk.look(number)
    assert desk.moderation.undo([number]) == [number]
    entry = desk.entry(number)
    assert (entry.status, entry.texts, entry.decided_by) == (Status.PENDING, SEEN, "")
