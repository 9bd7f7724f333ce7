"""Serving: the real process, from its first line to its end, whichever way it ends."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from waitress.wasyncore import close_all, loop

from pelican_linkbacks import manifest
from pelican_linkbacks.receiver.entry import Status
from pelican_linkbacks.receiver.serving import THREADS, listening
from tests.children import Gate
from tests.receiver.reception import OtherBlog, linking, until
from tests.receiver.server import Server, lay_out, start
from tests.servers import Answer, Received, Site


def failed(folder: Path, *arguments: str) -> str:
    """The one line of a command that can't start."""
    process = start(folder, "serve", "--bind", "127.0.0.1:0", *arguments)
    said, complaints = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Receiving" not in said
    (line,) = complaints.splitlines()
    return line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_takes_notices_and_ends_when_it_is_told_to(
    tmp_path: Path, other: OtherBlog, number: int
) -> None:
    with Server(tmp_path) as server:
        assert server.lines == [
            "Nobody can log in without a password; set one with: pelican-linkbacks password",
            f"Receiving at http://127.0.0.1:{server.port} until Ctrl-C.",
        ]
        assert server.ask("GET", "/health")[0] == 200
        assert server.webmention(other.post) in {201, 202}
        assert server.end(number) == (0, "")
        (entry,) = server.entries()
    assert (entry.source, entry.status) == (other.post, Status.PENDING)


def test_it_names_the_address_that_the_world_knows(tmp_path: Path) -> None:
    settings = 'LINKBACKS_ENDPOINT = "https://us.example/linkbacks"\n'
    with Server(tmp_path, settings=settings) as server:
        assert server.lines[-2] == "Decide what is shown at https://us.example/linkbacks/"
        assert server.lines[-1].endswith(" for https://us.example/linkbacks until Ctrl-C.")
        assert server.ask("GET", "/linkbacks/health")[0] == 200


def test_it_says_how_to_set_the_password_of_the_same_receiver(tmp_path: Path) -> None:
    with Server(tmp_path, "--database", "my own.sqlite3") as server:
        said = "pelican-linkbacks password --database 'my own.sqlite3'"
        assert server.lines[0] == f"Nobody can log in without a password; set one with: {said}"


def test_it_needs_no_settings_with_a_database_and_a_list_of_pages(tmp_path: Path) -> None:
    lay_out(tmp_path)
    (tmp_path / "pelicanconf.py").unlink()
    places = ["--database", "other.sqlite3", "--targets", manifest.NAME]
    process = start(tmp_path, "serve", "--bind", "127.0.0.1:0", *places)
    assert process.stdout
    lines = [process.stdout.readline(), process.stdout.readline()]
    process.terminate()
    assert process.communicate(timeout=30)[1] == ""
    assert lines[1].startswith("Receiving at ")
    assert (tmp_path / "other.sqlite3").is_file()


def test_without_a_list_of_pages_it_says_so_and_waits_for_one(
    tmp_path: Path, other: OtherBlog
) -> None:
    with Server(tmp_path, "--targets", "later.json") as server:
        assert server.webmention(other.post) == 503
        (tmp_path / manifest.NAME).rename(tmp_path / "later.json")
        until(lambda: server.webmention(other.post) in {201, 202})
        status, complaints = server.end()
    (line,) = complaints.splitlines()
    assert status == 0
    assert line.startswith("pelican-linkbacks: The list of pages later.json")


def test_an_address_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        line = failed(tmp_path, "--bind", f"127.0.0.1:{server.port}")
    assert line == (
        f"pelican-linkbacks: Nothing can listen at 127.0.0.1:{server.port}: Address already in "
        "use; choose with --bind."
    )


def test_a_database_that_is_none_is_one_line(tmp_path: Path) -> None:
    lay_out(tmp_path)
    (tmp_path / "bad.sqlite3").write_text("no database at all, but some text\n" * 40)
    line = failed(tmp_path, "--database", "bad.sqlite3")
    assert line.startswith("pelican-linkbacks: The database bad.sqlite3 can't be used: ")


def test_a_request_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    gate = Gate()

    def come(_: Received) -> Answer:
        gate()
        return Answer(linking())

    with Site({"/": come}) as slow, Server(tmp_path) as server:
        answers: list[int] = []
        asking = threading.Thread(target=lambda: answers.append(server.webmention(f"{slow.url}/")))
        asking.start()
        gate.wait()
        server.signal(signal.SIGTERM)
        gate.open()
        asking.join(30)
        assert server.ended() == (0, "")
        (entry,) = server.entries()
    assert answers[0] in {201, 202}
    assert entry.status is Status.PENDING


def test_what_was_queued_when_it_was_killed_is_verified_after_the_next_start(
    tmp_path: Path,
) -> None:
    gate = Gate()

    def come(_: Received) -> Answer:
        gate()
        return Answer(linking())

    pages = {f"/{number}": come for number in range(6)}
    with Site({**pages}) as slow:
        with Server(tmp_path) as server:
            # Two at one host are under way at once; the others wait for them.
            for number in range(6):
                assert server.webmention(f"{slow.url}/{number}") in {201, 202}
            until(lambda: len(slow.requests) == 2)
            assert server.end(signal.SIGKILL)[0] == -signal.SIGKILL
            assert {entry.status for entry in server.entries()} == {Status.QUEUED}
        gate.open()
        with Server(tmp_path) as server:
            until(lambda: [e.status for e in server.entries()].count(Status.PENDING) == 4, 30)
            server.end()
    assert len(server.entries()) == 6


def test_only_a_trusted_proxy_says_who_asks(tmp_path: Path) -> None:
    # A client may ask sixty times a minute.
    def refused(server: Server, *, everybody: bool) -> int:
        statuses = [
            server.webmention(
                "mailto:x", X_Forwarded_For=f"198.51.100.{number if everybody else 1}"
            )
            for number in range(70)
        ]
        return statuses.count(429)

    with Server(tmp_path) as server:
        assert refused(server, everybody=True) == 10
    with Server(tmp_path, "--trusted-proxy", "127.0.0.0/8") as server:
        assert refused(server, everybody=True) == 0
        assert refused(server, everybody=False) > 0


def test_it_logs_nothing_of_those_who_write(tmp_path: Path, other: OtherBlog) -> None:
    with Server(tmp_path) as server:
        server.webmention(other.post)
        server.webmention("http://127.0.0.1:1/secret")
        server.webmention("http://10.0.0.1/secret")
        server.ask("POST", "/pingback", b"<x", Content_Type="text/xml")
        server.ask("GET", "/trackback/secret")
        assert server.end() == (0, "")


def test_a_request_that_drips_for_ever_is_cut_off_and_one_that_is_merely_slow_is_not() -> None:
    app = Flask("slow")
    app.add_url_rule("/", "page", lambda: request.get_data().decode(), methods=["POST"])
    head = b"POST / HTTP/1.1\r\nHost: us.example\r\nContent-Length: 1000\r\n\r\n"
    with running(listening(app, "127.0.0.1", 0, quiet=2)) as port:
        with socket.create_connection(("127.0.0.1", port), 30) as slow:
            slow.sendall(head)
            threading.Event().wait(0.5)
            slow.sendall(b"x" * 1000)
            assert slow.recv(100).startswith(b"HTTP/1.1 200 OK")
        with socket.create_connection(("127.0.0.1", port), 30) as dripping:
            dripping.sendall(head)
            dripping.settimeout(0.1)

            def is_cut() -> bool:
                try:
                    dripping.sendall(b"x")
                    return dripping.recv(1) == b""
                except TimeoutError:
                    return False
                except ConnectionError:
                    return True

            until(is_cut)


def test_readers_do_not_wait_behind_notices() -> None:
    gate, served = Gate(), []
    app = Flask("busy")

    def serve() -> str:
        if request.method == "POST":
            gate()
        served.append(request.method)
        return ""

    app.add_url_rule("/", "page", serve, methods=["GET", "POST"])
    with running(listening(app, "127.0.0.1", 0)) as port, ExitStack() as stack:

        def ask(method: str) -> None:
            request = f"{method} / HTTP/1.1\r\nHost: us.example\r\nContent-Length: 0\r\n\r\n"
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            sock.sendall(request.encode())

        # All threads are busy with some, and the others wait for them.
        for _ in range(3 * THREADS):
            ask("POST")
        gate.wait()
        ask("GET")
        # Until waitress has read what came before it.
        threading.Event().wait(0.5)
        gate.open()
        until(lambda: len(served) == 3 * THREADS + 1)
    assert served.index("GET") <= 2 * THREADS


@contextmanager
def running(server: Any) -> Iterator[int]:
    """A server of waitress at work, in a thread; its port."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            loop(timeout=0.1, use_poll=True, map=server._map, count=1)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield server.effective_port
    over.set()
    thread.join(10)
    server.task_dispatcher.shutdown()
    # Not before everybody has gone who could still write to a socket.
    close_all(server._map)
