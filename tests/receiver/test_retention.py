"""Retention: what goes in time, and what stays because it is needed."""

from __future__ import annotations

import pytest

from pelican_linkbacks.receiver.entry import Finding, Status, Texts
from pelican_linkbacks.receiver.retention import sweep
from tests.receiver.storage import DAY, SOURCE, SPELT, Desk


def swept(desk: Desk, days: float = 31) -> int:
    desk.clock.turn(days * DAY)
    return sweep(desk.database, 30, desk.clock.now)


def dump(desk: Desk) -> str:
    with desk.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM linkbacks_entries").all()
    return "\n".join(str(row) for row in rows)


def test_what_waits_or_is_shown_stays_however_old_it_is(desk: Desk) -> None:
    desk.pending()
    desk.approved(target=SPELT)
    desk.tell(f"{SOURCE}/2")
    before = desk.moderation.find()
    assert swept(desk, 1000) == 0
    assert desk.moderation.find() == before


def test_what_was_dismissed_lately_stays_and_can_be_taken_back(desk: Desk) -> None:
    number = desk.pending()
    desk.moderation.dismiss([number])
    assert swept(desk, 30) == 0
    assert desk.moderation.undo([number]) == [number]


@pytest.mark.parametrize("status", [Status.DISMISSED, Status.SPAM])
def test_what_was_kept_out_long_ago_is_erased_and_still_kept_out(
    desk: Desk, status: Status
) -> None:
    number = desk.pending()
    token = desk.entry(number).token
    desk.moderation.edit(number, "Their.example", "their.example")
    desk.moderation.set_status([number], status)
    assert swept(desk) == 1
    assert "their.example" not in dump(desk).casefold()
    assert desk.moderation.find() == []
    assert desk.moderation.count(status) == 0
    assert desk.moderation.counts().statuses[status] == 0
    assert desk.moderation.entry(number) is None
    kept = desk.inbox.by_token(token)
    assert kept is not None
    assert (kept.status, kept.texts) == (status, Texts())
    for protocol in ("webmention", "pingback"):
        taken = desk.tell(protocol=protocol)
        assert (taken.entry, taken.fresh) == (kept, False)
    assert desk.moderation.approve([number]) == []
    assert desk.moderation.undo([number]) == []
    assert desk.inbox.next_due() is None
    assert swept(desk) == 0


def test_what_was_removed_by_its_sender_goes_altogether(desk: Desk) -> None:
    number = desk.approved()
    desk.tell()
    desk.look(number, Finding.GONE)
    assert swept(desk) == 1
    assert desk.inbox.entry(number) is None
    assert desk.tell().fresh


def test_what_was_dismissed_by_a_rule_that_goes_later_stays_erased(desk: Desk) -> None:
    rule = desk.rules.add("block", "their.example")
    number = desk.tell().entry.id
    desk.look(number)
    swept(desk)
    desk.rules.remove(rule.id, revert=True)
    assert desk.entry(number).status is Status.DISMISSED


def test_an_erased_entry_goes_too_when_its_source_is_forgotten(desk: Desk) -> None:
    number = desk.pending()
    desk.moderation.spam([number])
    swept(desk)
    assert desk.moderation.forget(SOURCE) == 1
    assert desk.inbox.entry(number) is None


def test_what_the_author_has_replaced_long_ago_is_not_kept(desk: Desk) -> None:
    number = desk.approved()
    desk.moderation.edit(number, "Mine", "")
    swept(desk)
    assert desk.moderation.undo([number]) == []
    assert desk.entry(number).texts.title == "Mine"
