"""Rules as the author makes and removes them; over real HTTP."""

from __future__ import annotations

import pytest

from pelican_linkbacks.receiver.entry import Status
from pelican_linkbacks.receiver.rules import Action
from tests.receiver.author import Author, author, receiver, tell
from tests.receiver.reception import Receiver

__all__ = ["author", "receiver"]


def known(receiver: Receiver) -> list[tuple[Action, str, str]]:
    return [(rule.action, rule.host, rule.prefix) for rule in receiver.rules.all()]


# What must be left alone.


@pytest.mark.parametrize(
    "place",
    ["", " ", "/jane", "https://", "a b.example", "jane@blog.example", "<script>", "blog:x/y", "."],
)
def test_what_is_no_host_makes_no_rule(receiver: Receiver, author: Author, place: str) -> None:
    response = author.submit("/rules", action="block", place=place)
    assert response.status_code == 400
    assert 'role="alert"' in response.text
    assert "<script" not in response.text
    assert known(receiver) == []


@pytest.mark.parametrize("action", ["", "explode", "approve "])
def test_what_is_no_action_makes_no_rule(receiver: Receiver, author: Author, action: str) -> None:
    response = author.submit("/rules", action=action, place="blog.example")
    assert response.status_code == 400
    assert "Say whether to approve or to block." in response.text
    assert known(receiver) == []


def test_a_rule_that_was_there_before_is_not_undone(receiver: Receiver, author: Author) -> None:
    rule = receiver.rules.add("block", "blog.example")
    author.submit("/rules", action="block", place="blog.example")
    page = author.page("/rules")
    assert "There is such a rule already." in page
    assert 'value="undo"' not in page
    assert receiver.rules.all() == [rule]


def test_a_rule_leaves_other_sites_and_decided_entries_alone(
    receiver: Receiver, author: Author
) -> None:
    others = [tell(receiver, f"https://{host}/") for host in ("blog.example.org", "log.example")]
    decided = tell(receiver, "https://blog.example/")
    receiver.moderation.spam([decided.id])
    author.submit("/rules", action="approve", place="blog.example")
    assert {entry.id for entry in receiver.entries(Status.PENDING)} == {e.id for e in others}
    assert [entry.id for entry in receiver.entries(Status.SPAM)] == [decided.id]


# What must happen.


@pytest.mark.parametrize(
    ("place", "host", "prefix"),
    [
        ("blog.example", "blog.example", ""),
        ("  BLOG.example/ ", "blog.example", ""),
        ("https://blog.example/jane/?a=b#c", "blog.example", "/jane"),
        ("blog.example/jane?to=https://else.example/", "blog.example", "/jane"),
        ("blog.example:8080/jane", "blog.example:8080", "/jane"),
    ],
)
def test_a_rule_is_made_of_whatever_names_a_site(
    receiver: Receiver, author: Author, place: str, host: str, prefix: str
) -> None:
    author.submit("/rules", action="block", place=place)
    assert known(receiver) == [(Action.BLOCK, host, prefix)]
    page = author.page("/rules")
    assert f"{host}{prefix} is blocked from now on." in page
    assert f"<b><bdi>{host}{prefix}</bdi></b>" in page


@pytest.mark.parametrize(
    ("button", "action", "status", "verb"),
    [
        ("allow", Action.APPROVE, Status.APPROVED, "approved"),
        ("block", Action.BLOCK, Status.DISMISSED, "dismissed"),
    ],
)
def test_one_press_decides_on_a_host_and_all_of_it_that_waits_and_one_press_undoes_it(
    receiver: Receiver, author: Author, button: str, action: Action, status: Status, verb: str
) -> None:
    entries = [tell(receiver, f"https://{host}/") for host in ("blog.example", "a.blog.example")]
    other = tell(receiver, "https://else.example/")
    author.press(f"{button}:{entries[0].id}")
    assert known(receiver) == [(action, "blog.example", "")]
    assert {entry.id for entry in receiver.entries(status)} == {entry.id for entry in entries}
    (rule,) = receiver.rules.all()
    page = author.page("/mentions")
    assert f"2 waiting mentions {verb}." in page
    assert f'name="rule" value="{rule.id}"' in page
    tell(receiver, "https://blog.example/later")
    assert len(receiver.entries(status)) == 3
    author.press("undo", pick=[entry.id for entry in entries], rule=rule.id)
    assert "Undone; the rule is gone." in author.page("/mentions")
    assert known(receiver) == []
    assert len(receiver.entries(Status.PENDING)) == 4
    assert other.id in {entry.id for entry in receiver.entries(Status.PENDING)}


@pytest.mark.parametrize(("revert", "status"), [("", Status.DISMISSED), ("yes", Status.PENDING)])
def test_a_removed_rule_gives_back_what_it_decided_if_asked_to(
    receiver: Receiver, author: Author, revert: str, status: Status
) -> None:
    rule = receiver.rules.add("block", "blog.example")
    tell(receiver, "https://blog.example/")
    assert receiver.entry.status is Status.DISMISSED
    assert "Decided by your rule “block blog.example”." in author.page("/mentions?status=dismissed")
    author.submit(f"/rules/{rule.id}/remove", revert=revert)
    assert known(receiver) == []
    assert receiver.entry.status is status
    assert "The rule is removed" in author.page("/rules")


@pytest.mark.parametrize(
    ("action", "status"), [("block", Status.DISMISSED), ("approve", Status.APPROVED)]
)
def test_a_removed_rule_gives_back_what_waited_when_it_was_added(
    receiver: Receiver, author: Author, action: str, status: Status
) -> None:
    tell(receiver, "https://blog.example/")
    author.submit("/rules", action=action, place="blog.example")
    assert (receiver.entry.status, receiver.entry.decided_by) == (status, f"{action} blog.example")
    (rule,) = receiver.rules.all()
    author.submit(f"/rules/{rule.id}/remove", revert="yes")
    assert (receiver.entry.status, receiver.entry.decided_by) == (Status.PENDING, "")


def test_a_rule_removed_twice_says_so(receiver: Receiver, author: Author) -> None:
    rule = receiver.rules.add("block", "blog.example")
    author.submit(f"/rules/{rule.id}/remove")
    author.submit(f"/rules/{rule.id}/remove")
    assert "That rule was gone already." in author.page("/rules")


def test_sites_that_are_known_can_be_approved_without_asking(
    receiver: Receiver, author: Author
) -> None:
    first = tell(receiver, "https://blog.example/1")
    receiver.moderation.approve([first.id])
    waiting = tell(receiver, "https://blog.example/2")
    author.submit("/rules", action="approve-known")
    assert known(receiver) == [(Action.APPROVE_KNOWN, "", "")]
    page = author.page("/rules")
    assert "1 waiting mention approved." in page
    assert "Ask me again" in page
    assert waiting.id in {entry.id for entry in receiver.entries(Status.APPROVED)}
