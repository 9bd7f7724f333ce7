"""Ledger: what is on the disk before a notice leaves, and before more is said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pelican_linkbacks.errors import StateError
from pelican_linkbacks.ledger import Ledger
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.state import Journal, State
from pelican_linkbacks.storage import Appender, appending
from tests.samples import mention
from tests.test_storage import no_file_longer_than

MENTIONS = [mention(f"https://blog.example/{number}") for number in range(50)]
RYE, OAT = MENTIONS[:2]


class Watched(Journal):
    """A journal that says when it is brought to the disk.

    Attributes:
        state: what it writes of.
        lengths: how long the file was at the beginning of each fsync.
        began: set when an fsync begins.
        may_end: clear it to make fsyncs wait.
        failures: what goes wrong at the next fsyncs, in order.
    """

    def __init__(self, state: State, file: Appender) -> None:
        super().__init__(state, file)
        self.state = state
        self.lengths: list[int] = []
        self.began = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()
        self.failures: list[StateError] = []

    def sync(self) -> None:
        self.lengths.append(self.state.path.stat().st_size)
        self.began.set()
        assert self.may_end.wait(10)
        if self.failures:
            raise self.failures.pop()
        super().sync()

    def known(self) -> dict[str, Mention]:
        """What another process reads in the file now, by target."""
        return {mention.target: mention for mention in State.load(self.state.path).mentions()}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Watched]:
    state = State(tmp_path / "linkbacks.jsonl", siteurl="https://us.example")
    for each in MENTIONS:
        state.put(each)
    state.save()
    with appending(state.path) as file:
        yield Watched(state, file)


def play(journal: Journal, act: Callable[[Ledger], Awaitable[None]]) -> None:
    async def run() -> None:
        await act(Ledger(journal))

    asyncio.run(run())


async def began(journal: Watched) -> None:
    """Wait until an fsync has begun."""
    assert await asyncio.to_thread(journal.began.wait, 10)
    journal.began.clear()


def test_an_outcome_waits_for_no_fsync_and_is_in_the_file_at_once(journal: Watched) -> None:
    async def act(ledger: Ledger) -> None:
        ledger.settle(replace(RYE, outcome=Outcome.SENT))
        assert journal.known()[RYE.target].outcome is Outcome.SENT

    play(journal, act)
    assert journal.lengths == []


def test_an_intent_is_on_the_disk_before_the_notice_may_leave(journal: Watched) -> None:
    journal.may_end.clear()

    async def act(ledger: Ledger) -> None:
        intent = asyncio.create_task(ledger.intend(RYE))
        await began(journal)
        assert journal.known()[RYE.target].asked_at
        assert not intent.done()
        journal.may_end.set()
        await intent

    play(journal, act)
    assert journal.lengths == [journal.state.path.stat().st_size]


def test_one_fsync_serves_all_who_wait_for_it_to_begin(journal: Watched) -> None:
    async def act(ledger: Ledger) -> None:
        await asyncio.gather(*map(ledger.intend, MENTIONS))

    play(journal, act)
    assert journal.lengths == [journal.state.path.stat().st_size]
    assert all(known.asked_at for known in journal.known().values())


def test_who_comes_while_an_fsync_is_under_way_waits_for_the_next_with_all_the_others(
    journal: Watched,
) -> None:
    journal.may_end.clear()

    async def act(ledger: Ledger) -> None:
        first = asyncio.create_task(ledger.intend(RYE))
        await began(journal)
        others = [asyncio.create_task(ledger.intend(each)) for each in MENTIONS[1:]]
        journal.may_end.set()
        await first
        assert not any(other.done() for other in others)
        await asyncio.gather(*others)

    play(journal, act)
    assert len(journal.lengths) == 2
    assert journal.lengths[1] == journal.state.path.stat().st_size


def test_an_intent_that_can_not_be_written_raises_and_is_not_remembered(journal: Watched) -> None:
    async def act(ledger: Ledger) -> None:
        room = journal.state.path.stat().st_size + 10
        with pytest.raises(StateError, match="can't be written"), no_file_longer_than(room):
            await ledger.intend(RYE)
        await ledger.intend(OAT)

    play(journal, act)
    assert {target for target, known in journal.known().items() if known.asked_at} == {OAT.target}
    assert journal.state.known(RYE) == RYE


def test_an_intent_that_can_not_be_synced_raises_for_all_who_wait_for_it(journal: Watched) -> None:
    journal.failures = [StateError("The disk is broken.")]

    async def act(ledger: Ledger) -> None:
        came = await asyncio.gather(*map(ledger.intend, MENTIONS), return_exceptions=True)
        assert [str(error) for error in came] == ["The disk is broken."] * len(MENTIONS)

    play(journal, act)
    assert not any(known.asked_at for known in journal.state.mentions())


def test_after_a_failed_fsync_none_is_trusted(journal: Watched) -> None:
    """A second one may succeed though the first has dropped what it was called for."""
    journal.may_end.clear()
    journal.failures = [StateError("The disk is broken.")]

    async def act(ledger: Ledger) -> None:
        first = asyncio.create_task(ledger.intend(RYE))
        await began(journal)
        second = asyncio.create_task(ledger.intend(OAT))
        journal.may_end.set()
        came = await asyncio.gather(first, second, return_exceptions=True)
        assert [str(error) for error in came] == ["The disk is broken."] * 2

    play(journal, act)
    assert len(journal.lengths) == 1


def test_an_intent_that_is_called_off_while_it_waits_is_not_remembered(journal: Watched) -> None:
    journal.may_end.clear()

    async def act(ledger: Ledger) -> None:
        intent = asyncio.create_task(ledger.intend(RYE))
        await began(journal)
        intent.cancel()
        with pytest.raises(asyncio.CancelledError):
            await intent
        journal.may_end.set()

    play(journal, act)
    assert journal.state.known(RYE) == RYE


def test_an_outcome_that_can_not_be_written_raises_and_the_next_save_has_it(
    journal: Watched,
) -> None:
    told = replace(RYE, outcome=Outcome.SENT)

    async def act(ledger: Ledger) -> None:
        room = journal.state.path.stat().st_size + 10
        with pytest.raises(StateError, match="can't be written"), no_file_longer_than(room):
            ledger.settle(told)

    play(journal, act)
    assert journal.known()[RYE.target] == RYE
    journal.state.save()
    assert journal.known()[RYE.target] == told
