"""Turns: how many at once, how far apart, and when it is too late for one."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks.config import Config
from pelican_linkbacks.pace import PAUSE, OutOfTime, Pace

HERE = "https://here.example/a"
THERE = "https://there.example/"


def pace(
    *,
    workers: int = 64,
    per_host: int = 2,
    last_start: float | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Pace:
    nowhere = Path("nowhere")
    config = Config(
        siteurl="https://us.example",
        content=nowhere,
        output=nowhere,
        cache=nowhere,
        workers=workers,
        per_host=per_host,
    )
    return Pace(config, last_start, say)


def running(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), timeout=10))


async def most_at_once(turns: Pace, urls: list[str]) -> int:
    """How many of the turns to ask these URLs are ever held together."""
    held, most = 0, 0

    async def hold(url: str) -> None:
        nonlocal held, most
        async with turns.turn(url):
            held += 1
            most = max(most, held)
            await asyncio.sleep(0)
            held -= 1

    await asyncio.gather(*map(hold, urls))
    return most


def test_one_host_is_asked_by_few_at_once() -> None:
    async def story() -> None:
        assert await most_at_once(pace(per_host=2), [HERE] * 9) == 2

    running(story)


def test_many_hosts_are_asked_by_no_more_than_all_workers() -> None:
    async def story() -> None:
        urls = [f"https://{n}.example/" for n in range(30)]
        assert await most_at_once(pace(workers=7), urls) == 7

    running(story)


def test_a_host_that_wants_a_pause_takes_no_worker_from_the_others() -> None:
    async def story() -> None:
        turns = pace(workers=1)
        turns.pause(HERE, 100, began=time.monotonic())
        waiting = asyncio.create_task(most_at_once(turns, [HERE, HERE]))
        assert await most_at_once(turns, [THERE, THERE]) == 1
        assert not waiting.done()
        waiting.cancel()

    running(story)


def test_no_turn_begins_after_the_last_start() -> None:
    async def story() -> None:
        turns = pace(last_start=time.monotonic() - 1)
        with pytest.raises(OutOfTime):
            async with turns.turn(HERE):
                pytest.fail("a turn began")

    running(story)


def test_a_pause_that_ends_too_late_is_not_sat_out() -> None:
    async def story() -> None:
        turns = pace(last_start=time.monotonic() + 60)
        turns.pause(HERE, 61, began=time.monotonic())
        with pytest.raises(OutOfTime):
            async with turns.turn(HERE):
                pytest.fail("a turn began")

    running(story)


def test_what_comes_too_late_is_told_when_the_notice_under_way_has_had_its_answer() -> None:
    async def story() -> None:
        turns = pace(last_start=time.monotonic() + 1)
        turns.leave_alone("here.example", 0, "here.example asked for a pause")
        under_way, answered = asyncio.Event(), asyncio.Event()

        async def notice() -> None:
            async with turns.turn(HERE, notice=True):
                under_way.set()
                await answered.wait()
            turns.served(HERE)

        first = asyncio.create_task(notice())
        await under_way.wait()
        second = asyncio.create_task(notice())
        for _ in range(9):
            await asyncio.sleep(0)
        assert not second.done(), "nobody knows yet when the host is free again"
        answered.set()
        with pytest.raises(OutOfTime) as late:
            await second
        assert late.value.seconds == pytest.approx(PAUSE, abs=0.1)
        await first

    running(story)


def test_a_run_without_a_budget_has_patience_but_not_for_ever() -> None:
    async def story() -> None:
        turns = pace()
        turns.pause(HERE, 3600, began=time.monotonic())
        with pytest.raises(OutOfTime):
            async with turns.turn(HERE):
                pytest.fail("a turn began")

    running(story)


def test_a_host_that_asks_again_and_again_is_left_alone_for_longer() -> None:
    turns = pace()
    lengths = [turns.pause(HERE, 0, began=time.monotonic()) for _ in range(4)]
    assert lengths == pytest.approx([PAUSE, 2 * PAUSE, 4 * PAUSE, 8 * PAUSE], abs=0.1)


def test_two_refusals_of_requests_that_went_together_are_one_plea() -> None:
    turns = pace()
    began = time.monotonic()
    lengths = [turns.pause(HERE, 0, began=began) for _ in range(2)]
    assert lengths == pytest.approx([PAUSE, PAUSE], abs=0.1)


def test_a_host_that_took_a_notice_begins_anew() -> None:
    turns = pace()
    for _ in range(3):
        turns.pause(HERE, 0, began=time.monotonic())
    turns.served(HERE)
    assert turns.pause(HERE, 0, began=time.monotonic()) == pytest.approx(PAUSE, abs=0.1)


def test_a_pause_of_a_length_that_is_asked_for_has_that_length() -> None:
    turns = pace()
    turns.served(HERE)
    lengths = [turns.pause(HERE, 90, began=time.monotonic()) for _ in range(2)]
    assert lengths == pytest.approx([90, 90], abs=0.1)


def test_notices_to_a_host_that_asked_for_pauses_are_kept_that_far_apart() -> None:
    said: list[str] = []

    async def story() -> None:
        gap = 0.2
        turns = pace(say=said.append)
        turns.pause(HERE, gap, began=time.monotonic())
        began: list[float] = []

        async def notice() -> None:
            async with turns.turn(HERE, notice=True) as start:
                began.append(start)
            turns.served(HERE)

        await asyncio.gather(*(notice() for _ in range(3)))
        assert all(later - sooner >= gap for sooner, later in pairwise(began))

    running(story)
    assert said[0] == "here.example wants a pause between notices: waiting 0 s"
    assert len(said) == 3, "once for each pause, not for each that waits"


def test_the_pause_of_an_earlier_run_is_kept() -> None:
    async def story() -> None:
        turns = pace(last_start=time.monotonic() + 60)
        turns.leave_alone("here.example", 61, "it asked for a pause")
        with pytest.raises(OutOfTime) as late:
            async with turns.turn(HERE):
                pytest.fail("a turn began")
        assert (late.value.why, late.value.host) == ("it asked for a pause", "here.example")
        assert late.value.seconds == pytest.approx(61, abs=1)
        async with turns.turn(THERE):
            pass

    running(story)


def test_a_host_that_answers_in_between_is_not_given_up() -> None:
    async def story() -> None:
        turns = pace()
        for in_time in (False, True, False):
            turns.answered(HERE, in_time=in_time)
        async with turns.turn(HERE):
            pass

    running(story)


def test_a_host_that_takes_all_its_time_twice_is_left_alone() -> None:
    async def story() -> None:
        turns = pace()
        for _ in range(2):
            turns.answered(HERE, in_time=False)
        with pytest.raises(OutOfTime, match=r"here\.example did not answer in time"):
            async with turns.turn(HERE):
                pytest.fail("a turn began")
        async with turns.turn(THERE):
            pass

    running(story)


def test_after_a_request_that_took_all_its_time_the_others_are_waited_for() -> None:
    async def story() -> None:
        turns = pace(per_host=2)
        order: list[str] = []
        has_begun, may_end = asyncio.Event(), asyncio.Event()

        async def first() -> None:
            async with turns.turn(HERE):
                has_begun.set()
                await may_end.wait()
                order.append("the first ends")

        async def second() -> None:
            async with turns.turn(HERE):
                order.append("the second begins")

        async def end() -> None:
            may_end.set()

        one = asyncio.create_task(first())
        await has_begun.wait()
        turns.answered(HERE, in_time=False)
        # Tasks start in the order in which they are made.
        await asyncio.gather(second(), end(), one)
        assert order == ["the first ends", "the second begins"]

    running(story)
