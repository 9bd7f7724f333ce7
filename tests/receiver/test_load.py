"""A crowd that writes to a receiver at once, every third of them hostile; and one that is killed.

LINKBACKS_TEST_LOAD says how many mentions the crowd tells (200; with 2,000 it is 200 senders, and
each host has more to look at than a receiver does in a minute). LINKBACKS_TEST_SEED repeats kills.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.tables import ENTRIES
from tests.receiver.load import SETTINGS, Load, Report, Watch, set_password
from tests.receiver.reception import until
from tests.receiver.server import Server

MENTIONS = int(os.environ.get("LINKBACKS_TEST_LOAD", "200"))
SENDERS = MENTIONS // (10 if MENTIONS >= 2000 else 5)
SEED = os.environ.get("LINKBACKS_TEST_SEED") or str(time.time_ns())
KILLS, KILLED = max(3, MENTIONS // 100), min(MENTIONS * 3 // 4, 400)

LONGEST = 60.0 + MENTIONS / 2
"""Seconds for all to be verified, on a machine that does other things as well."""

A_MINUTE = 6
"""How often a receiver looks at one host in a minute."""

QUICK = "LINKBACKS_REQUEST_TIMEOUT = 3\n"


def assert_whole(report: Report, kills: int = 0) -> None:
    """Every page that links is stored once, and nobody was asked too often."""
    assert report.missing == []
    assert report.lost == []
    assert report.false == []
    assert report.repeated == []
    assert report.breaches == 0
    assert report.victim <= A_MINUTE * (1 + kills)


def test_a_crowd_is_heard_whole_while_its_hostile_third_is_held_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_password(tmp_path)
    with Server(tmp_path, settings=SETTINGS + QUICK) as server:
        with Watch(server) as watch, Load(server, SENDERS, MENTIONS) as load:
            load.wait(LONGEST)
        assert server.end() == (0, "")
        report = load.report(server)
    course = ", ".join(f"{size:.0f}" for size in watch.course)
    with capsys.disabled():
        print(f"\nThe moderation page: {watch.median:.2f} s, {max(watch.seconds):.2f} s at most.")
        print(f"Memory by quarters: {course} MB. The slowest answer: {report.slowest:.1f} s.")
    assert_whole(report)
    assert report.twice == []
    assert watch.failures == []
    assert max(watch.seconds) < 5
    # What the first pages need stays; what all the others need is given back.
    assert watch.course[-1] < watch.course[1] + 60


def test_kills_in_the_middle_lose_nothing_that_was_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, settings = random.Random(SEED), SETTINGS + QUICK
    Database.open(tmp_path / "linkbacks.sqlite3").close()
    with ExitStack() as stack:
        server = stack.enter_context(Server(tmp_path, settings=settings))
        load = stack.enter_context(Load(server, KILLED // 5, KILLED))
        accepted = load.telling.diary.accepted
        for moment in sorted(chance.random() for _ in range(KILLS)):
            # Of all that can be accepted, and after as long as an answer may take.
            most = 0.95 * moment * len(load.true)
            until(partial(enough, accepted, most), LONGEST)
            threading.Event().wait(0.1 * chance.random())
            assert server.end(signal.SIGKILL)[0] == -signal.SIGKILL
            let_claims_run_out(tmp_path)
            server = stack.enter_context(Server(tmp_path, settings=settings))
            load.telling.port = server.port
        load.wait(LONGEST)
        assert server.end() == (0, "")
        report = load.report(server)
    with capsys.disabled():
        print(f"\nKills: {KILLS}. Answers: {dict(report.answers)}. Seed: {SEED}")
    assert_whole(report, KILLS)


def enough(accepted: Counter[str], most: float) -> bool:
    """Whether so many notices were accepted."""
    return accepted.total() >= most


def let_claims_run_out(folder: Path) -> None:
    """Let two minutes pass for those entries that the killed receiver was about to look at."""
    database = Database.open(folder / "linkbacks.sqlite3")
    with database.writing() as connection:
        connection.execute(ENTRIES.update().values(lease=0.0))
    database.close()
