"""Moderation: what the author finds, decides and takes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pelican_linkbacks.receiver.entry import Finding, Status, Texts
from pelican_linkbacks.receiver.vault import MAIL, REBUILD
from tests.receiver.storage import DAY, RYE, SEEN, SOURCE, SPELT, START, Desk

Decision = Callable[[Desk, list[int]], list[int]]

DECISIONS: dict[Status, Decision] = {
    Status.APPROVED: lambda desk, numbers: desk.moderation.approve(numbers),
    Status.DISMISSED: lambda desk, numbers: desk.moderation.dismiss(numbers),
    Status.SPAM: lambda desk, numbers: desk.moderation.spam(numbers),
    Status.PENDING: lambda desk, numbers: desk.moderation.set_status(numbers, Status.PENDING),
}


def test_what_is_not_there_is_not_changed(desk: Desk) -> None:
    for decide in DECISIONS.values():
        assert decide(desk, []) == []
        assert decide(desk, [1, 2]) == []
    assert desk.moderation.undo([1]) == []
    assert desk.moderation.unflag([1]) == []
    assert desk.moderation.edit(1, "a", "b") == []
    assert desk.moderation.take_proposal(1) == []
    assert desk.moderation.drop_proposal(1) == []
    assert desk.moderation.entry(1) is None


@pytest.mark.parametrize("number", [-1, 0, 2**31, 2**63, 10**30])
def test_a_number_that_can_be_no_id_is_as_any_that_is_not_there(desk: Desk, number: int) -> None:
    assert desk.moderation.approve([desk.pending(), number]) == [1]
    assert desk.moderation.entry(number) is None
    assert desk.inbox.entry(number) is None
    assert desk.inbox.claim("test", only=number) is None
    assert desk.moderation.find(offset=abs(number) + 1) == []
    assert not desk.rules.remove(number)


@pytest.mark.parametrize("status", DECISIONS)
def test_what_is_decided_already_is_left_as_it_is(desk: Desk, status: Status) -> None:
    number = desk.pending()
    DECISIONS[status](desk, [number])
    before = desk.entry(number)
    desk.clock.turn(1)
    assert DECISIONS[status](desk, [number]) == []
    assert desk.entry(number) == before


@pytest.mark.parametrize("status", [Status.APPROVED, Status.PENDING])
def test_what_was_never_verified_can_not_be_approved(desk: Desk, status: Status) -> None:
    number = desk.tell().entry.id
    assert DECISIONS[status](desk, [number]) == []
    assert desk.moderation.edit(number, "a", "b") == []
    assert desk.entry(number).status is Status.QUEUED


@pytest.mark.parametrize("status", [Status.QUEUED, Status.REMOVED])
def test_nobody_decides_what_only_a_look_can_find(desk: Desk, status: Status) -> None:
    with pytest.raises(ValueError, match=status.value):
        desk.moderation.set_status([desk.pending()], status)


@pytest.mark.parametrize("status", [Status.APPROVED, Status.DISMISSED, Status.SPAM])
def test_a_decision_is_written_down_and_can_be_taken_back(desk: Desk, status: Status) -> None:
    numbers = [desk.pending(f"{SOURCE}/{number}") for number in range(3)]
    before = [desk.entry(number) for number in numbers]
    desk.clock.turn(1)
    assert DECISIONS[status](desk, [numbers[2], numbers[0], 99]) == [numbers[0], numbers[2]]
    entry = desk.entry(numbers[0])
    assert (entry.status, entry.decided_by, entry.updated) == (status, "author", START + 1)
    assert desk.entry(numbers[1]) == before[1]
    assert desk.moderation.undo(numbers) == [numbers[0], numbers[2]]
    after = [replace(desk.entry(number), updated=START) for number in numbers]
    assert after == before
    assert desk.moderation.undo(numbers) == [], "there is one step back, and no more"


def test_every_status_can_be_changed_into_every_other_and_back(desk: Desk) -> None:
    number = desk.pending()
    for first in DECISIONS:
        for second in DECISIONS:
            DECISIONS[first](desk, [number])
            if first is not second:
                assert DECISIONS[second](desk, [number]) == [number]
                assert desk.moderation.undo([number]) == [number]
            assert desk.entry(number).status is first


def test_a_queued_entry_that_was_dismissed_by_mistake_is_due_again(desk: Desk) -> None:
    number = desk.tell().entry.id
    assert desk.moderation.dismiss([number]) == [number]
    assert desk.inbox.next_due() is None
    desk.moderation.undo([number])
    assert desk.look(number)


def test_what_is_approved_is_visited_only_while_it_is(desk: Desk) -> None:
    number = desk.approved()
    assert desk.entry(number).due == START + DAY
    desk.moderation.spam([number])
    assert desk.entry(number).due is None
    desk.clock.turn(2 * DAY)
    desk.moderation.undo([number])
    assert desk.entry(number).due == START + 7 * DAY


def test_an_edit_is_cut_to_one_line_and_its_length_and_can_be_taken_back(desk: Desk) -> None:
    number = desk.approved()
    assert desk.moderation.edit(number, SEEN.title, SEEN.excerpt) == []
    assert desk.moderation.edit(number, " On\nrye ", "word " * 100) == [number]
    texts = desk.entry(number).texts
    assert texts.title == "On rye"
    assert len(texts.excerpt) <= 252
    assert "\n" not in texts.excerpt
    assert texts.author == SEEN.author
    desk.moderation.edit(number, "t" * 300, "")
    assert len(desk.entry(number).texts.title) <= 250
    assert desk.moderation.undo([number]) == [number]
    assert desk.entry(number).texts == texts


def test_a_proposal_is_taken_or_dropped_and_the_same_is_not_proposed_again(desk: Desk) -> None:
    words = Texts(title="Other words")
    for decide, shown in (
        (desk.moderation.drop_proposal, SEEN),
        (desk.moderation.take_proposal, words),
    ):
        number = desk.approved(f"{SOURCE}/{shown.title}")
        assert decide(number) == [], "there is none yet"
        desk.tell(f"{SOURCE}/{shown.title}")
        desk.look(number, texts=words)
        assert desk.entry(number).proposal == words
        assert decide(number) == [number]
        assert (desk.entry(number).texts, desk.entry(number).proposal) == (shown, None)
        desk.tell(f"{SOURCE}/{shown.title}")
        desk.look(number, texts=words)
        assert (desk.entry(number).texts, desk.entry(number).proposal) == (shown, None)
        assert desk.moderation.undo([number]) == [number]
        assert (desk.entry(number).texts, desk.entry(number).proposal) == (SEEN, words)


def test_a_flag_goes_when_the_author_knows(desk: Desk) -> None:
    number = desk.approved()
    assert desk.moderation.unflag([number]) == []
    desk.clock.turn(DAY)
    desk.look(number, Finding.GONE)
    assert desk.moderation.unflag([number]) == [number]
    assert desk.entry(number).flag == ""


# Finding


def test_entries_are_found_by_status_the_one_told_last_first(desk: Desk) -> None:
    numbers = []
    for number in range(5):
        numbers.append(desk.pending(f"{SOURCE}/{number}"))
        desk.clock.turn(1)
    desk.moderation.approve(numbers[1:3])
    queued = desk.tell(f"{SOURCE}/queued").entry.id

    def found(status: Status | None = None, offset: int = 0, limit: int = 50) -> list[int]:
        return [entry.id for entry in desk.moderation.find(status, offset=offset, limit=limit)]

    assert found(Status.APPROVED) == [numbers[2], numbers[1]]
    assert found(Status.SPAM) == []
    assert found() == [queued, *reversed(numbers)]
    assert found(limit=2) == [queued, numbers[4]]
    assert found(limit=2, offset=2) == [numbers[3], numbers[2]]
    assert desk.moderation.count(Status.APPROVED) == 2
    assert desk.moderation.count() == 6


@pytest.mark.parametrize(
    "words",
    ["100%", "their_example", "Ä", "\\", "%", "_", "100_", "dismissed", "https://us.example"],
)
def test_words_that_are_not_there_are_not_found(desk: Desk, words: str) -> None:
    desk.pending(texts=Texts(title="100 loaves", excerpt="a plain excerpt"))
    assert desk.moderation.find(words=words) == []
    assert desk.moderation.count(words=words) == 0


@pytest.mark.parametrize(
    "words",
    [
        "THEIR.example",
        "100%",
        " 100% ",
        "snake_case",
        "a\\b",
        "ärger",
        "ÄRGER",
        "STRASSE",
        "Ann B",
        "EXCERPT",
        "",
    ],
)
def test_words_are_found_in_any_case_wherever_they_stand(desk: Desk, words: str) -> None:
    desk.pending("https://other.example/", Texts(title="nothing"))
    number = desk.pending(
        texts=Texts("100% Ärger in der Straße", "Ann B", "an excerpt of snake_case and a\\b")
    )
    found = [entry.id for entry in desk.moderation.find(words=words) if entry.id == number]
    assert found == [number]
    assert desk.moderation.count(words=words) == (1 if words else 2)


def test_words_that_the_author_has_written_are_found_and_the_former_are_not(desk: Desk) -> None:
    number = desk.pending()
    desk.moderation.edit(number, "Mine", "")
    assert desk.moderation.count(words="mine") == 1
    assert desk.moderation.count(words=SEEN.title) == 0
    desk.moderation.undo([number])
    assert desk.moderation.count(words=SEEN.title) == 1


def test_flags_and_proposals_are_counted_and_found(desk: Desk) -> None:
    empty = desk.moderation.counts()
    assert empty.statuses == dict.fromkeys(Status, 0)
    assert (empty.flagged, empty.proposals) == (0, 0)
    flagged, proposed = desk.approved(), desk.approved(target=SPELT)
    desk.pending(f"{SOURCE}/2")
    desk.clock.turn(DAY)
    desk.look(flagged, Finding.GONE)
    desk.look(proposed, texts=Texts(title="Other words"))
    assert [entry.id for entry in desk.moderation.find(flagged=True)] == [flagged]
    assert [entry.id for entry in desk.moderation.find(proposed=True)] == [proposed]
    assert desk.moderation.count(Status.PENDING, flagged=True) == 0
    counts = desk.moderation.counts()
    assert counts.statuses[Status.APPROVED] == 2
    assert counts.statuses[Status.PENDING] == 1
    assert (counts.flagged, counts.proposals) == (1, 1)


# Forgetting


def test_a_forgotten_source_leaves_nothing_and_stays_out(desk: Desk) -> None:
    numbers = [desk.approved(), desk.pending(target=SPELT), desk.tell(f"{SOURCE}/2").entry.id]
    assert not desk.inbox.is_kept_out(SOURCE)
    assert desk.moderation.forget(SOURCE.replace("https", "http") + "/") == 2
    assert [entry.id for entry in desk.moderation.find()] == [numbers[2]]
    assert desk.inbox.is_kept_out(SOURCE)
    assert desk.inbox.is_kept_out(SOURCE + "#more")
    assert not desk.inbox.is_kept_out(f"{SOURCE}/2")
    assert desk.moderation.forget(SOURCE) == 0


def test_a_source_never_told_can_be_kept_out_too(desk: Desk) -> None:
    assert desk.moderation.forget("https://new.example/") == 0
    assert desk.inbox.is_kept_out("https://new.example/")


def test_nothing_of_a_forgotten_source_can_be_read_or_guessed(desk: Desk) -> None:
    desk.approved()
    desk.moderation.forget(SOURCE)
    with desk.database.reading() as connection:
        dump = [
            str(row)
            for table in ("entries", "forgotten", "rules", "secrets")
            for row in connection.exec_driver_sql(f"SELECT * FROM linkbacks_{table}")
        ]
    assert not [row for row in dump if "their.example" in row]
    with desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE linkbacks_secrets SET value = '00'")
    assert not Desk(desk.database, desk.clock).inbox.is_kept_out(SOURCE)


# What follows


def test_a_rebuild_is_wanted_when_what_is_shown_changes_and_only_then(desk: Desk) -> None:
    def is_wanted() -> bool:
        chore = desk.vault.claim_chore(REBUILD, "test", 60)
        if chore is not None:
            desk.vault.done(REBUILD, "test")
        return chore is not None

    number = desk.pending()
    other = desk.pending(f"{SOURCE}/2")
    desk.moderation.dismiss([other])
    desk.moderation.edit(number, "Mine", "")
    assert not is_wanted()
    desk.moderation.approve([number])
    assert is_wanted()
    desk.tell()
    desk.look(number)
    assert not is_wanted()
    desk.tell()
    desk.look(number, Finding.GONE)
    assert is_wanted()


def test_mail_is_wanted_when_something_new_is_pending(desk: Desk) -> None:
    desk.tell(target=RYE)
    assert desk.vault.chore(MAIL).wanted is None
    desk.look()
    assert desk.vault.chore(MAIL).wanted == START
    desk.vault.claim_chore(MAIL, "test", 60)
    desk.vault.done(MAIL, "test")
    desk.moderation.approve([1])
    desk.moderation.undo([1])
    assert desk.vault.chore(MAIL).wanted is None
