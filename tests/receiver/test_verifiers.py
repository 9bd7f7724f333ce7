"""Verifiers: who is looked at when, and that nothing and nobody holds all of them up."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks import manifest
from pelican_linkbacks.client import Client
from pelican_linkbacks.manifest import Target
from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver import verifiers
from pelican_linkbacks.receiver.entry import Entry, Finding, Look, Status
from pelican_linkbacks.receiver.inbox import Inbox
from pelican_linkbacks.receiver.rates import Rates
from pelican_linkbacks.receiver.rules import Rules
from pelican_linkbacks.receiver.targets import Targets
from pelican_linkbacks.receiver.verifiers import Verifiers
from pelican_linkbacks.receiver.waiting import MOST_WAITING
from tests.children import Gate
from tests.receiver.reception import BREAD, RYE, SITEURL, OtherBlog, generous, linking, until
from tests.receiver.storage import opened
from tests.samples import config
from tests.servers import Answer, Received, Site


class Bench:
    """An inbox and its verifiers, which do nothing before they are started."""

    def __init__(
        self,
        folder: Path,
        *,
        rates: Rates | None = None,
        targets: type[Targets] = Targets,
        workers: int = 8,
        chores: Sequence[Callable[[], object]] = (),
        timeout: float = 10,
    ) -> None:
        manifest.write(folder, [RYE, BREAD])
        self.file = folder / "linkbacks.sqlite3"
        self.database = opened(self.file)
        self.inbox = Inbox(self.database)
        rates = rates or generous()
        client = Client(config(SITEURL, request_timeout=timeout), visit=rates.visit)
        self.verifiers = Verifiers(
            self.inbox,
            Rules(self.database),
            targets(str(folder / manifest.NAME), client, SITEURL),
            client,
            rates,
            workers,
            chores,
        )

    def take(self, source: str, target: Target = RYE) -> int:
        """Store a notice, and give the id of its entry."""
        return self.inbox.take(Notice("webmention", source, target.url), target).entry.id

    def entry(self, number: int) -> Entry:
        """An entry that is there."""
        entry = self.inbox.entry(number)
        assert entry is not None
        return entry

    def status(self, number: int) -> Status:
        """Where an entry stands."""
        return self.entry(number).status


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Makes a bench, and clears it away."""
    with ExitStack() as stack:

        def make(**known: Any) -> Bench:
            bench = Bench(tmp_path, **known)
            stack.callback(bench.database.close)
            stack.callback(bench.verifiers.stop, 5)
            return bench

        yield make


@pytest.fixture
def blog() -> Iterator[Site]:
    """Somebody else's blog; all of its pages from /1 to /20 link to RYE."""
    with Site({f"/{number}": linking() for number in range(1, 21)}) as blog:
        yield blog


@contextmanager
def holding(gate: Gate, *, hosts: int = 1) -> Iterator[list[Site]]:
    """Blogs whose pages come only when a gate is opened."""

    def come(_: Received) -> Answer:
        gate()
        return Answer(linking())

    with ExitStack() as stack:
        pages: Any = {f"/{number}": come for number in range(1, 21)}
        yield [stack.enter_context(Site(dict(pages))) for _ in range(hosts)]


def test_nobody_is_asked_before_the_start(stage: Callable[..., Bench], blog: Site) -> None:
    bench = stage()
    number = bench.take(f"{blog.url}/1")
    assert bench.verifiers.hurry(number, 30) is None
    assert blog.requests == []


def test_what_is_not_due_is_left_alone(stage: Callable[..., Bench], blog: Site) -> None:
    bench = stage()
    number = bench.take(f"{blog.url}/1")
    bench.verifiers.start()
    until(lambda: bench.status(number) is Status.PENDING)
    assert bench.verifiers.hurry(number, 30) is None
    assert bench.verifiers.run_due(10) == 0
    assert len(blog.requests) == 1


def test_what_is_due_is_looked_at_though_nobody_waits(
    stage: Callable[..., Bench], blog: Site
) -> None:
    bench = stage()
    bench.verifiers.start()
    bench.verifiers.start()
    numbers = [bench.take(f"{blog.url}/{page}") for page in range(1, 21)]
    # Two at a time; were the next ones begun by the clock, it would take longer.
    until(lambda: {bench.status(number) for number in numbers} == {Status.PENDING}, 6)
    assert len(blog.requests) == 20


def test_whoever_waits_is_told_what_is_written_down_by_then(
    stage: Callable[..., Bench], blog: Site
) -> None:
    bench = stage()
    bench.verifiers.start()
    number = bench.take(f"{blog.url}/1")
    look = bench.verifiers.hurry(number, 30)
    assert look is not None
    assert look.finding is Finding.LINKS
    assert bench.status(number) is Status.PENDING


def test_a_page_that_does_not_link_is_told_as_that_and_dropped(
    stage: Callable[..., Bench], blog: Site
) -> None:
    bench = stage()
    bench.verifiers.start()
    number = bench.take(f"{blog.url}/1", BREAD)
    look = bench.verifiers.hurry(number, 30)
    assert look is not None
    assert look.finding is Finding.NO_LINK
    assert bench.inbox.entry(number) is None


def test_whoever_waits_does_not_wait_longer_than_he_likes(stage: Callable[..., Bench]) -> None:
    gate = Gate()
    bench = stage()
    bench.verifiers.start()
    with holding(gate) as (slow,):
        number = bench.take(f"{slow.url}/1")
        begun = time.monotonic()
        assert bench.verifiers.hurry(number, 0.2) is None
        assert time.monotonic() - begun < 5
        gate.open()
        until(lambda: bench.status(number) is Status.PENDING)


def test_only_so_many_wait_at_once(stage: Callable[..., Bench], blog: Site) -> None:
    gate = Gate()
    bench = stage(workers=MOST_WAITING + 1)
    bench.verifiers.start()
    found: list[Look | None] = []
    with holding(gate, hosts=MOST_WAITING) as slow:
        numbers = [bench.take(f"{site.url}/1") for site in slow]
        threads = [
            threading.Thread(target=lambda n=number: found.append(bench.verifiers.hurry(n, 30)))
            for number in numbers
        ]
        for thread in threads:
            thread.start()
        until(lambda: all(site.requests for site in slow))
        one_more = bench.take(f"{blog.url}/1")
        begun = time.monotonic()
        assert bench.verifiers.hurry(one_more, 30) is None
        assert time.monotonic() - begun < 5
        until(lambda: bench.status(one_more) is Status.PENDING)
        gate.open()
        for thread in threads:
            thread.join(30)
    assert [look.finding for look in found if look] == [Finding.LINKS] * MOST_WAITING


def test_a_slow_host_does_not_get_all_threads(stage: Callable[..., Bench], blog: Site) -> None:
    gate = Gate()
    bench = stage(workers=3)
    bench.verifiers.start()
    with holding(gate) as (slow,):
        held = [bench.take(f"{slow.url}/{page}") for page in range(1, 6)]
        until(lambda: len(slow.requests) == 2)
        number = bench.take(f"{blog.url}/1")
        until(lambda: bench.status(number) is Status.PENDING)
        assert len(slow.requests) == 2
        gate.open()
        until(lambda: {bench.status(number) for number in held} == {Status.PENDING})


def test_a_host_that_has_kept_a_worker_for_long_is_left_alone_for_longer(
    stage: Callable[..., Bench], blog: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifiers, "SLOW", 0.2)
    monkeypatch.setattr(verifiers, "SLOW_RESTS", 100)
    bench, gate = stage(timeout=0.5), Gate()
    with holding(gate) as (slow,):
        numbers = [bench.take(f"{slow.url}/{page}") for page in range(1, 6)]
        last = bench.take(f"{blog.url}/1")
        assert bench.verifiers.run_due(100) == 2
        gate.open()
        assert len(slow.requests) == 1
    assert bench.status(last) is Status.PENDING
    assert [bench.entry(number).attempts for number in numbers] == [1, 0, 0, 0, 0]


def test_a_host_asked_often_enough_is_left_alone_and_others_are_not(
    stage: Callable[..., Bench], blog: Site
) -> None:
    bench = stage(rates=generous(fetches=2))
    numbers = [bench.take(f"{blog.url}/{page}") for page in range(1, 6)]
    with OtherBlog("127.0.0.2") as other:
        last = bench.take(other.post)
        assert bench.verifiers.run_due(100) == 3
        assert bench.status(last) is Status.PENDING
    assert len(blog.requests) == 2
    left = [bench.entry(number) for number in numbers[2:]]
    assert {(entry.status, entry.attempts) for entry in left} == {(Status.QUEUED, 0)}


def test_an_address_asked_often_enough_is_left_alone_and_it_counts_as_nothing(
    stage: Callable[..., Bench], blog: Site
) -> None:
    bench = stage(rates=generous(visits=2))
    with OtherBlog() as other:
        numbers = [bench.take(f"{blog.url}/1"), bench.take(f"{blog.url}/2"), bench.take(other.post)]
        assert bench.verifiers.run_due(100) == 2
        assert other.requests == []
    left = bench.entry(numbers[2])
    assert (left.status, left.attempts) == (Status.QUEUED, 0)
    assert left.due is not None
    assert left.due > time.time()


def test_whoever_waits_for_a_host_asked_often_enough_is_told_at_once(
    stage: Callable[..., Bench], blog: Site
) -> None:
    bench = stage(rates=generous(fetches=1))
    bench.verifiers.start()
    assert bench.verifiers.hurry(bench.take(f"{blog.url}/1"), 30)
    for page in (2, 3):
        begun = time.monotonic()
        assert bench.verifiers.hurry(bench.take(f"{blog.url}/{page}"), 30) is None
        assert time.monotonic() - begun < 5


def test_a_host_that_asks_for_a_pause_gets_it(stage: Callable[..., Bench], blog: Site) -> None:
    bench = stage()
    blog.pages["/1"] = Answer("later", 429, [("Retry-After", "3600")])
    first, second = (bench.take(f"{blog.url}/{page}") for page in (1, 2))
    assert bench.verifiers.run_due(100) == 1
    assert [request.path for request in blog.requests] == ["/1"]
    assert bench.entry(first).attempts == 1
    assert bench.entry(second).attempts == 0


def test_what_is_due_can_be_looked_at_here_and_now_a_few_at_a_time(
    stage: Callable[..., Bench], blog: Site
) -> None:
    bench = stage()
    for page in range(1, 6):
        bench.take(f"{blog.url}/{page}")
    assert [bench.verifiers.run_due(limit) for limit in (0, 2, 100, 100)] == [0, 2, 3, 0]
    assert len(blog.requests) == 5


def test_an_entry_of_a_page_that_is_no_more_in_the_manifest_is_looked_at_all_the_same(
    stage: Callable[..., Bench], blog: Site
) -> None:
    bench = stage()
    gone = Target(f"{SITEURL}/gone.html", "gone.html", "Gone", "en", True)
    blog.pages["/1"] = linking(gone.url)
    number = bench.take(f"{blog.url}/1", gone)
    assert bench.verifiers.run_due(1) == 1
    assert bench.status(number) is Status.PENDING


class Mistaken(Targets):
    """Targets with a mistake that nobody has thought of."""

    def is_same(self, target: Target, url: str) -> bool:
        raise ZeroDivisionError(url)


def test_a_mistake_of_ours_counts_as_a_failed_look_and_tells_the_log_nothing_of_the_source(
    stage: Callable[..., Bench], blog: Site, caplog: pytest.LogCaptureFixture
) -> None:
    bench = stage(targets=Mistaken)
    numbers = [bench.take(f"{blog.url}/{page}") for page in (1, 2)]
    bench.verifiers.start()
    until(lambda: all(bench.entry(number).attempts == 1 for number in numbers))
    assert {bench.status(number) for number in numbers} == {Status.QUEUED}
    (said,) = [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
    assert "ZeroDivisionError at test_verifiers.py" in said
    assert blog.url not in said
    assert SITEURL not in said


def test_a_chore_that_fails_is_logged_once_and_ends_nothing(
    stage: Callable[..., Bench], blog: Site, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[int] = []

    def fail() -> None:
        done.append(0)
        raise KeyError("secret")

    bench = stage(chores=[fail, lambda: done.append(1)])
    bench.verifiers.start()
    until(lambda: done.count(0) > 1 and done.count(1) > 1)
    number = bench.take(f"{blog.url}/1")
    until(lambda: bench.status(number) is Status.PENDING)
    (said,) = [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
    assert "KeyError at test_verifiers.py" in said
    assert "secret" not in said


def test_a_database_that_fails_for_a_while_is_logged_once_and_ends_nothing(
    stage: Callable[..., Bench], blog: Site, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[float] = []
    bench = stage(chores=[lambda: tries.append(0)])
    number = bench.take(f"{blog.url}/1")
    with sqlite3.connect(bench.file) as connection:
        connection.execute("ALTER TABLE linkbacks_entries RENAME TO away")
    bench.verifiers.start()
    until(lambda: len(tries) > 2)
    connection.execute("ALTER TABLE away RENAME TO linkbacks_entries")
    connection.commit()
    connection.close()
    until(lambda: bench.status(number) is Status.PENDING)
    said = {record.getMessage() for record in caplog.records if record.levelno > logging.INFO}
    assert len(said) == len([r for r in caplog.records if r.levelno > logging.INFO]) == 1


def test_what_is_under_way_at_the_end_is_finished(stage: Callable[..., Bench]) -> None:
    gate = Gate()
    bench = stage()
    bench.verifiers.start()
    with holding(gate) as (slow,):
        number = bench.take(f"{slow.url}/1")
        gate.wait()
        ending = threading.Thread(target=bench.verifiers.stop)
        ending.start()
        gate.open()
        ending.join(30)
    assert bench.status(number) is Status.PENDING


def test_what_takes_too_long_at_the_end_is_given_back(stage: Callable[..., Bench]) -> None:
    gate = Gate()
    bench = stage()
    bench.verifiers.start()
    with holding(gate) as (slow,):
        number = bench.take(f"{slow.url}/1")
        gate.wait()
        bench.verifiers.stop(0.1)
        claim = bench.inbox.claim("another")
        assert claim is not None
        assert claim.entry.id == number
        gate.open()
