"""Whom a receiver lets in, how long it makes them wait, and how little it can be made to ask."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path

import pytest

from pelican_linkbacks import manifest
from pelican_linkbacks.receiver.entry import Status
from pelican_linkbacks.receiver.rates import Rates
from tests.receiver.reception import (
    BREAD,
    RYE,
    OtherBlog,
    Receiver,
    Reply,
    generous,
    linking,
    until,
)
from tests.servers import Answer, RawServer, Site, dripping, redirect

WAYS: list[Callable[[Receiver, str], Reply]] = [
    Receiver.webmention,
    Receiver.pingback,
    Receiver.trackback,
]

every_protocol = pytest.mark.parametrize("tell", WAYS)


def whole(reply: Reply) -> bool:
    """Whether an answer is in the form of its protocol."""
    if reply.headers.get_content_type() == "text/plain":
        return bool(reply.text.strip())
    return (reply.fault is not None) or reply.error == 1


# Who is let in.


@every_protocol
def test_without_a_manifest_senders_are_asked_to_come_again(
    receiver: Receiver, other: OtherBlog, tell: Callable[[Receiver, str], Reply]
) -> None:
    (receiver.folder / manifest.NAME).unlink()
    reply = tell(receiver, other.post)
    assert reply.status == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert whole(reply)
    assert other.requests == []
    manifest.write(receiver.folder, [RYE])
    assert tell(receiver, other.post).status in {200, 201}
    assert receiver.entry.status is Status.PENDING


def test_a_new_article_can_be_told_as_soon_as_it_is_in_the_manifest(
    receiver: Receiver, other: OtherBlog
) -> None:
    new = RYE._replace(url="https://us.example/new.html", path="new.html")
    other.pages["/post"] = linking(new.url)
    assert receiver.webmention(other.post, new.url).status == 400
    manifest.write(receiver.folder, [RYE, new])
    assert receiver.webmention(other.post, new.url).status == 201
    manifest.write(receiver.folder, [RYE, new._replace(open=False)])
    assert receiver.webmention(other.post, new.url).status == 400


def test_a_manifest_that_breaks_changes_nothing(receiver: Receiver, other: OtherBlog) -> None:
    assert receiver.webmention(other.post).status == 201
    (receiver.folder / manifest.NAME).write_text('{"version": 1, "tar')
    assert receiver.webmention(other.post).status == 201


@every_protocol
def test_a_blocked_host_is_refused_and_nobody_is_asked(
    receiver: Receiver, other: OtherBlog, tell: Callable[[Receiver, str], Reply]
) -> None:
    receiver.rules.add("block", host="127.0.0.1")
    assert whole(tell(receiver, other.post))
    assert other.requests == []
    assert receiver.entries() == []


@every_protocol
def test_a_forgotten_source_is_refused_and_nobody_is_asked(
    receiver: Receiver, other: OtherBlog, tell: Callable[[Receiver, str], Reply]
) -> None:
    tell(receiver, other.post)
    receiver.moderation.forget(other.post)
    asked = len(other.requests)
    assert whole(tell(receiver, other.post))
    assert len(other.requests) == asked
    assert receiver.entries() == []


def test_a_trusted_host_is_shown_at_once(receiver: Receiver, other: OtherBlog) -> None:
    receiver.rules.add("approve", host=f"127.0.0.1:{other.port}")
    receiver.webmention(other.post)
    assert receiver.entry.status is Status.APPROVED


@every_protocol
def test_a_database_that_is_broken_asks_senders_to_come_again(
    receiver: Receiver,
    other: OtherBlog,
    tell: Callable[[Receiver, str], Reply],
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver.verifiers.stop(5)
    database = sqlite3.connect(receiver.folder / "linkbacks.sqlite3")
    database.execute("DROP TABLE linkbacks_entries")
    database.close()
    for _ in range(2):
        reply = tell(receiver, other.post)
        assert reply.status == 503
        assert int(reply.headers["Retry-After"]) > 0
        assert whole(reply)
    assert other.requests == []
    health = receiver.get("/health")
    assert health.status == 503
    assert json.loads(health.body) == {"status": "the database can't be used"}
    assert receiver.get("/received.json").status == 503
    assert "Traceback" not in receiver.get("/status/x").text
    logged = [record.getMessage() for record in caplog.records]
    assert len(logged) == 1
    assert other.post not in logged[0]


# How long anybody waits.


def test_at_most_eight_wait_at_once_and_the_others_are_answered_at_once(receiver: Receiver) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(12) as pool:
        hosts = [f"127.0.0.{number}" for number in range(2, 14)]
        servers = [stack.enter_context(RawServer(dripping(b"", b""), host=host)) for host in hosts]

        def tell(server: RawServer) -> float:
            started = time.monotonic()
            assert receiver.webmention(f"{server.url}/post").status == 201
            return time.monotonic() - started

        waits = sorted(pool.map(tell, servers))
        assert waits[-1] < 4
        assert sum(wait > 1.5 for wait in waits) == 8
        assert waits[3] < 1.5
    assert len(receiver.entries(Status.QUEUED)) == 12


def test_while_sources_hang_others_are_verified(receiver: Receiver, other: OtherBlog) -> None:
    with RawServer(dripping(b"", b""), host="127.0.0.2") as server, ThreadPoolExecutor(2) as pool:
        hanging = pool.submit(receiver.webmention, f"{server.url}/post")
        until(lambda: server.connections)
        started = time.monotonic()
        assert receiver.pingback(other.post).fault is None
        assert receiver.get("/health").status == 200
        assert time.monotonic() - started < 1.5
        hanging.result()


def test_what_was_not_verified_in_time_is_verified_afterwards(receiver: Receiver) -> None:
    with Site() as site:
        late = time.monotonic() + 3

        def slow(_: object) -> str:
            until(lambda: time.monotonic() > late)
            return linking()

        site.pages["/post"] = slow
        assert "looked at soon" in receiver.webmention(f"{site.url}/post").text
        until(lambda: receiver.entry.status is Status.PENDING)
    assert receiver.entry.texts.title == "A reply"


def test_the_same_told_many_times_at_once_is_one_entry_and_one_look(
    receiver: Receiver, other: OtherBlog
) -> None:
    with ThreadPoolExecutor(8) as pool:
        faults = list(pool.map(lambda _: receiver.pingback(other.post).fault, range(8)))
    assert None in faults
    assert set(faults) <= {None, 48}
    assert len(receiver.entries()) == 1
    assert len(other.requests) == 1


@every_protocol
def test_a_full_queue_asks_senders_to_come_again_and_nobody_is_asked(
    tmp_path: Path, other: OtherBlog, tell: Callable[[Receiver, str], Reply]
) -> None:
    other.pages["/ill"] = Answer("later", 500)
    with Receiver(tmp_path, capacity=1) as receiver:
        tell(receiver, f"{other.url}/ill")
        reply = tell(receiver, other.post)
        assert reply.status == 503
        assert int(reply.headers["Retry-After"]) > 0
        assert whole(reply)
        assert [request.path for request in other.requests] == ["/ill"]


# How often anybody may ask, and be asked.


@every_protocol
@pytest.mark.parametrize("rate", ["client", "total", "host"])
def test_too_many_are_asked_to_wait(
    tmp_path: Path, other: OtherBlog, rate: str, tell: Callable[[Receiver, str], Reply]
) -> None:
    other.pages["/second"] = linking()
    with Receiver(tmp_path, rates=generous(**{rate: 1})) as receiver:
        assert tell(receiver, other.post).status in {200, 201}
        reply = tell(receiver, f"{other.url}/second")
        assert reply.status == 429
        assert 0 < int(reply.headers["Retry-After"]) <= 60
        assert whole(reply)
    assert [request.path for request in other.requests] == ["/post"]


def test_a_victim_named_by_many_notices_is_asked_six_times_a_minute(tmp_path: Path) -> None:
    with OtherBlog() as victim, Receiver(tmp_path, rates=Rates()) as receiver:
        with ThreadPoolExecutor(8) as pool:
            told = pool.map(receiver.webmention, [f"{victim.post}?{n}" for n in range(50)])
            statuses = [reply.status for reply in told]
        assert set(statuses) == {201}
        assert len(receiver.entries()) == 50
        receiver.verifiers.stop()
        assert len(victim.requests) == 6


def test_a_victim_to_which_many_hosts_redirect_is_asked_twenty_times_a_minute(
    tmp_path: Path,
) -> None:
    with ExitStack() as stack:
        victim = stack.enter_context(OtherBlog())
        helpers = [stack.enter_context(Site(host=f"127.0.0.{n}")) for n in range(2, 8)]
        for helper in helpers:
            helper.pages["/post"] = redirect(victim.post)
        receiver = stack.enter_context(Receiver(tmp_path, rates=Rates()))
        for number in range(6):
            for helper in helpers:
                receiver.webmention(f"{helper.url}/post?{number}")
        receiver.verifiers.stop()
        assert len(victim.requests) == 20
        waiting = receiver.entries(Status.QUEUED)
        assert len(waiting) == 16
        # Nobody is to blame for it.
        assert {entry.attempts for entry in waiting} == {0}


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_client_is_told_by_its_proxy_if_that_is_trusted(
    tmp_path: Path, other: OtherBlog, is_trusted: bool
) -> None:
    networks = [ip_network("127.0.0.0/8")] if is_trusted else []
    with Receiver(tmp_path, rates=generous(client=1), trusted=networks) as receiver:
        assert receiver.webmention(other.post, X_Forwarded_For="198.51.100.1").status == 201
        reply = receiver.webmention(other.post, X_Forwarded_For="198.51.100.2")
        assert reply.status == (201 if is_trusted else 429)
        assert receiver.webmention(other.post, X_Forwarded_For="198.51.100.2").status == 429


def test_nothing_of_a_notice_is_logged(
    receiver: Receiver, other: OtherBlog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "pelican_linkbacks")
    for tell in WAYS:
        tell(receiver, other.post)
        tell(receiver, f"{other.url}/missing")
    logged = json.dumps([record.getMessage() for record in caplog.records])
    assert other.url not in logged
    assert BREAD.url not in logged
