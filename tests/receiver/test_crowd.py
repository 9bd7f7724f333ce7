"""Several processes and many threads at one database: nothing is lost, and nothing done twice."""

from __future__ import annotations

from collections import Counter

from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.entry import Status
from tests.receiver.crowd import begin, output, source, working
from tests.receiver.storage import Desk

ENTRIES = 500
NOTICES = 300


def test_two_processes_of_eight_threads_look_at_each_entry_exactly_once(
    where: str, desk: Desk
) -> None:
    numbers = [desk.tell(source(number)).entry.id for number in range(ENTRIES)]
    with working(where, "claim") as one, working(where, "claim") as other:
        begin(one)
        begin(other)
        said = [process.communicate(timeout=120) for process in (one, other)]
    assert [errors for _, errors in said] == ["", ""]
    shares = [output.split() for output, _ in said]
    assert Counter(int(number) for share in shares for number in share) == Counter(numbers)
    assert all(shares), "one of them has done it all"
    assert desk.moderation.count(Status.PENDING) == ENTRIES


def test_two_processes_that_are_told_the_same_store_it_once(where: str, desk: Desk) -> None:
    count = 100
    with working(where, "take", count) as one, working(where, "take", count) as other:
        begin(one)
        begin(other)
        said = [process.communicate(timeout=120) for process in (one, other)]
    assert [errors for _, errors in said] == ["", ""]
    assert [len(output.split()) for output, _ in said] == [count, count]
    found = [entry.source for entry in desk.moderation.find(limit=2 * count)]
    assert sorted(found) == sorted(source(number) for number in range(count))


def test_what_was_taken_before_a_kill_is_there_after_it(where: str, database: Database) -> None:
    with working(where, "take", NOTICES) as process:
        begin(process)
        taken = {int(output(process).readline()) for _ in range(NOTICES // 2)}
        process.kill()
        # More may have been printed before the kill struck.
        taken |= {int(line) for line in output(process) if line.endswith("\n")}
        assert process.wait(60) == -9
    assert NOTICES // 2 <= len(taken) < NOTICES
    opened = Database.open(where)
    with opened.reading() as connection:
        rows = connection.exec_driver_sql("SELECT source FROM linkbacks_entries").scalars()
        found = set(rows)
    opened.close()
    assert {source(number) for number in taken} <= found
