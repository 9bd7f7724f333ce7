"""A process of its own that takes or claims entries, for tests of several of them.

It prints one line for each thing that is done, as soon as that is done.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.entry import Finding, Look, Texts
from pelican_linkbacks.receiver.inbox import Inbox
from pelican_linkbacks.receiver.rules import Rules
from tests.receiver.storage import RYE

THREADS = 8


def source(number: int) -> str:
    """One of many sources."""
    return f"https://their.example/{number}"


def take(database: Database, count: int) -> None:
    """Take so many notices, by several threads."""
    numbers = iter(range(count))

    def work() -> None:
        for number in numbers:
            Inbox(database).take(Notice("webmention", source(number), RYE.url), RYE)
            _say(str(number))

    _by_threads(work)


def claim(database: Database, _: int) -> None:
    """Claim and settle all that is due, by several threads."""
    rules = Rules(database)

    def work() -> None:
        inbox = Inbox(database)
        while claim := inbox.claim(f"{os.getpid()} {threading.get_ident()}"):
            inbox.settle(claim, Look(Finding.LINKS, "Seen.", texts=Texts()), rules)
            _say(str(claim.entry.id))

    _by_threads(work)


WORKS = {"take": take, "claim": claim}


@contextmanager
def working(where: str, work: str, count: int = 0) -> Iterator[subprocess.Popen[str]]:
    """A process that works; it begins when it is told a line, and is killed in the end."""
    command = [sys.executable, "-W", "error", "-m", __name__, where, work, str(count)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert output(process).readline() == "ready\n", process.communicate()[1]
            yield process
        finally:
            process.kill()


def begin(process: subprocess.Popen[str]) -> None:
    """Let a process begin."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def output(process: subprocess.Popen[str]) -> IO[str]:
    """What a process prints."""
    assert process.stdout is not None
    return process.stdout


def _say(line: str) -> None:
    # In one system call, so that no line of another thread stands in it.
    os.write(1, f"{line}\n".encode())


def _by_threads(work: object) -> None:
    assert callable(work)
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _main(where: str, work: str, count: str) -> None:
    database = Database.open(where)
    _say("ready")
    sys.stdin.readline()
    WORKS[work](database, int(count))
    database.close()


if __name__ == "__main__":
    _main(*sys.argv[1:])
