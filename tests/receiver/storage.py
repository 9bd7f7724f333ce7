"""An inbox with a clock that the test turns, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from pelican_linkbacks.manifest import Target
from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.entry import Entry, Finding, Look, Texts
from pelican_linkbacks.receiver.inbox import Inbox, Taken
from pelican_linkbacks.receiver.moderation import Moderation
from pelican_linkbacks.receiver.rules import Rules
from pelican_linkbacks.receiver.vault import Vault

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
START = 1_790_000_000.0
RYE = Target("https://us.example/rye.html", "rye.html", "Rye", "en", True)
SPELT = Target("https://us.example/spelt.html", "spelt.html", "Spelt", "en", True)
SOURCE = "https://their.example/post"
SEEN = Texts(title="On rye", author="Ann", excerpt="… as Ben says of rye …")


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Desk:
    """All that works on one database.

    Args:
        database: which.
        clock: that of all of them.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.inbox = Inbox(database, clock)
        self.moderation = Moderation(database, clock)
        self.rules = Rules(database, clock)
        self.vault = Vault(database, clock)

    def tell(
        self,
        source: str = SOURCE,
        protocol: str = "webmention",
        target: Target = RYE,
        **words: str,
    ) -> Taken:
        """Take a notice."""
        return self.inbox.take(Notice(protocol, source, target.url, **words), target)

    def look(
        self,
        number: int | None = None,
        finding: Finding = Finding.LINKS,
        texts: Texts = SEEN,
        **found: Any,
    ) -> Entry | None:
        """Claim an entry that is due, and settle it."""
        claim = self.inbox.claim("test", only=number)
        assert claim is not None, "nothing is due"
        seen = texts if finding is Finding.LINKS else None
        return self.inbox.settle(claim, Look(finding, "As seen.", texts=seen, **found), self.rules)

    def pending(self, source: str = SOURCE, texts: Texts = SEEN, target: Target = RYE) -> int:
        """The id of a new entry that was verified."""
        number = self.tell(source, target=target).entry.id
        assert self.look(number, texts=texts)
        return number

    def approved(self, source: str = SOURCE, texts: Texts = SEEN, target: Target = RYE) -> int:
        """The id of a new entry that is shown."""
        number = self.pending(source, texts, target)
        assert self.moderation.approve([number]) == [number]
        return number

    def entry(self, number: int) -> Entry:
        """An entry that is there."""
        entry = self.inbox.entry(number)
        assert entry is not None
        return entry


def opened(where: str | Path) -> Database:
    """A database; a file that is not there yet gets its tables at once, not one by one."""
    if "://" not in str(where) and not Path(where).exists():
        Path(where).write_bytes(_without_entries())
    return Database.open(where)


@cache
def _without_entries() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "linkbacks.sqlite3"
        Database.open(file).close()
        return file.read_bytes()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def where(tmp_path: Path) -> str:
    """Where the database of this test is: the path of an SQLite file that is not there yet."""
    return str(tmp_path / "linkbacks.sqlite3")


@pytest.fixture
def database(where: str) -> Iterator[Database]:
    """An empty database."""
    database = opened(where)
    yield database
    database.close()


@pytest.fixture
def desk(database: Database, clock: Clock) -> Desk:
    """All that works on an empty database."""
    return Desk(database, clock)
