"""Inbox: what was told, and what is to be looked at."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, func, select, update

from pelican_linkbacks.manifest import Target
from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver.course import begun, looked_at, told_again
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.entry import Entry, Finding, Look, Status, Texts
from pelican_linkbacks.receiver.rows import (
    FREE,
    Row,
    change,
    entry,
    find,
    numbered,
    place,
    read,
    remove,
    unpacked,
)
from pelican_linkbacks.receiver.rules import Rules
from pelican_linkbacks.receiver.tables import ENTRIES, FORGOTTEN, add
from pelican_linkbacks.receiver.vault import Vault, counted
from pelican_linkbacks.urls import spelt_alike

LEASE = 120.0
"""Seconds for which a claimed entry belongs to its worker."""

CANDIDATES = 8
"""How many entries a worker tries to claim at once, since others want the same ones."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a notice.

    Attributes:
        entry: as it stands now.
        fresh: whether it waits to be looked at because of this notice: it is new, or is told to
            have changed. Else it was known, and is answered at once.
    """

    entry: Entry
    fresh: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry that one worker looks at; no other one gets it before the lease ends.

    Attributes:
        entry: as it was when it was claimed.
        asked: when its sender asked for this look (seconds since 1970-01-01 UTC); None for a
            revisit of our own.
        offered: what a trackback says of its source; else None.
        key: tells this claim from all others.
    """

    entry: Entry
    asked: float | None
    offered: Texts | None
    key: str

    @property
    def asked_by_sender(self) -> bool:
        """Whether the sender asked for this look."""
        return self.asked is not None


class Inbox:
    """The entries of one database, as notices and their verification see them.

    All of its methods raise ``DatabaseError`` if the database can't be used.

    Args:
        database: where they are.
        clock: gives the time in seconds since 1970-01-01 UTC.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._vault = Vault(database, clock)

    def take(self, notice: Notice, target: Target) -> Taken:
        """Store a notice, or find what is known of its source and page.

        What it says is on the disk when this returns. What was dismissed, or is spam, stays so.

        Args:
            notice: what was told.
            target: the page of ours that it means.
        """
        now = self._clock()
        known = ENTRIES.c.place == place(notice.source, target.path)
        with self._database.writing() as connection:
            row = find(connection, known, to_change=True)
            # A worker may delete what stood in the way of a new row.
            while row is None:
                fresh = add(connection, ENTRIES, begun(notice, target, now))
                row = find(connection, known, to_change=True)
                if fresh and row is not None:
                    return Taken(entry(row), fresh=True)
            columns, fresh = told_again(row, notice, target, now)
            if columns:
                change(connection, row, columns, now)
            return Taken(entry(_sure(connection, row["id"])), fresh)

    def is_kept_out(self, source: str) -> bool:
        """Whether the author had a source forgotten."""
        digest = self._vault.digest(spelt_alike(source))
        query = select(FORGOTTEN.c.digest).where(FORGOTTEN.c.digest == digest)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def entry(self, number: int) -> Entry | None:
        """The entry of an id."""
        return self._one(numbered([number]))

    def by_token(self, token: str) -> Entry | None:
        """The entry of a status URL's secret part."""
        return self._one(ENTRIES.c.token == token)

    def queued(self) -> int:
        """How many entries are due and were never verified."""
        is_due = (ENTRIES.c.status == Status.QUEUED) & (ENTRIES.c.due <= self._clock())
        query = select(func.count()).select_from(ENTRIES).where(is_due)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def claim(
        self, worker: str, *, only: int | None = None, but_hosts: Collection[str] = ()
    ) -> Claim | None:
        """Take an entry that is due for one worker, the longest due first; None if there is none.

        Args:
            worker: who claims it; any words.
            only: the id of the one that is wanted.
            but_hosts: hosts of sources (as ``urls.host_of``) that must wait.
        """
        now = self._clock()
        free = (ENTRIES.c.due <= now) & (ENTRIES.c.lease <= now)
        wanted = free if only is None else free & numbered([only])
        if but_hosts:
            wanted &= ENTRIES.c.host.not_in(but_hosts)
        query = select(ENTRIES.c.id).where(wanted).order_by(ENTRIES.c.due, ENTRIES.c.id)
        key = f"{worker} {secrets.token_hex(8)}"
        lease = {"holder": key, "lease": now + LEASE}
        while True:
            # Whoever asks in vain, as often, need not wait for those that write.
            with self._database.reading() as connection:
                numbers = connection.execute(query.limit(CANDIDATES)).scalars().all()
            if not numbers:
                return None
            with self._database.writing() as connection:
                for number in numbers:
                    mine = update(ENTRIES).where((ENTRIES.c.id == number) & wanted)
                    if connection.execute(mine.values(lease)).rowcount:
                        row = _sure(connection, number)
                        return Claim(entry(row), row["asked"], unpacked(row["offered"]), key)

    def settle(self, claim: Claim, look: Look, rules: Rules) -> Entry | None:
        """Write down what a look has found.

        A claim that ran out and was given to another worker settles nothing.

        Returns:
            The entry as it stands now; None if it is no more.
        """
        number = claim.entry.id
        is_new = claim.entry.status is Status.QUEUED and look.finding is Finding.LINKS
        rule = rules.decide(claim.entry.source, look.url) if is_new else None
        now = self._clock()
        with self._database.writing() as connection:
            row = find(connection, ENTRIES.c.id == number, to_change=True)
            if row is None:
                return None
            if row["holder"] != claim.key:
                return entry(row)
            if row["asked"] == claim.asked:
                columns = looked_at(row, look, claim.asked_by_sender, rule, now)
            else:
                # Its sender has told of it again since the page was fetched: it is due still.
                columns = {}
            if columns is None:
                remove(connection, row, now)
                return None
            change(connection, row, columns | FREE, now)
            return entry(_sure(connection, number))

    def postpone(self, claim: Claim, seconds: float) -> None:
        """Give a claim back without a look: it is due again in so many seconds."""
        mine = (ENTRIES.c.id == claim.entry.id) & (ENTRIES.c.holder == claim.key)
        columns = {"due": self._clock() + seconds, **FREE}
        with self._database.writing() as connection:
            connection.execute(update(ENTRIES).where(mine).values(columns))

    def next_due(self) -> float | None:
        """When the next entry can be claimed (maybe in the past); None if none is ever due."""
        is_held = ENTRIES.c.lease > ENTRIES.c.due
        free = case((is_held, ENTRIES.c.lease), else_=ENTRIES.c.due)
        query = select(func.min(free)).where(ENTRIES.c.due.is_not(None))
        with self._database.reading() as connection:
            first: float | None = connection.execute(query).scalar()
        return first

    def approved(self, path: str | None = None) -> list[Entry]:
        """What is shown, the oldest first.

        Args:
            path: the manifest's path of a page; None for all pages.
        """
        query = select(ENTRIES).where(ENTRIES.c.status == Status.APPROVED)
        if path is not None:
            query = query.where(ENTRIES.c.path == path)
        query = query.order_by(ENTRIES.c.received, ENTRIES.c.id)
        with self._database.reading() as connection:
            return [entry(row) for row in read(connection, query)]

    def version(self) -> str:
        """Another text whenever what is shown has changed; cheap to ask for."""
        with self._database.reading() as connection:
            return str(counted(connection, "shown"))

    def _one(self, which: ColumnElement[bool]) -> Entry | None:
        with self._database.reading() as connection:
            row = find(connection, which)
        return None if row is None else entry(row)


def _sure(connection: Connection, number: int) -> Row:
    """A row that this transaction has written."""
    row = find(connection, ENTRIES.c.id == number)
    assert row is not None
    return row
