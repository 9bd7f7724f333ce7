"""Moderation: what the author sees of all entries, and decides."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, case, func, select

from pelican_linkbacks.prose import shortened
from pelican_linkbacks.protocols.trackback import EXCERPT_LENGTH, TITLE_LENGTH
from pelican_linkbacks.reading import one_line
from pelican_linkbacks.receiver.course import decided, edited, taken_back
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.entry import Entry, Status
from pelican_linkbacks.receiver.rows import (
    NO_ID,
    Columns,
    Row,
    alike,
    change,
    entry,
    find,
    former,
    numbered,
    read,
    remove,
    texts,
    unpacked,
)
from pelican_linkbacks.receiver.tables import ENTRIES, FORGOTTEN, add, storable
from pelican_linkbacks.receiver.vault import Vault
from pelican_linkbacks.urls import spelt_alike


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries there are.

    Attributes:
        statuses: by status; every status is there.
        flagged: those with a flag.
        proposals: those with a proposal.
    """

    statuses: Mapping[Status, int]
    flagged: int
    proposals: int


class Moderation:
    """The entries of one database, as their author sees them.

    All of its methods raise ``DatabaseError`` if the database can't be used. Those that change
    something return the ids of what they changed, in ascending order.

    Args:
        database: where they are.
        clock: gives the time in seconds since 1970-01-01 UTC.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._vault = Vault(database, clock)

    def entry(self, number: int) -> Entry | None:
        """The entry of an id; None if there is none, or nothing left of it."""
        which = numbered([number]) & ENTRIES.c.erased.is_(False)
        with self._database.reading() as connection:
            row = find(connection, which)
        return None if row is None else entry(row)

    def find(
        self,
        status: Status | None = None,
        words: str = "",
        *,
        flagged: bool = False,
        proposed: bool = False,
        offset: int = 0,
        limit: int = 50,
    ) -> list[Entry]:
        """Some entries, the one told last first.

        Args:
            status: of this status only; None for all.
            words: text that their source, title, author or excerpt holds, in any case.
            flagged: only those with a flag.
            proposed: only those with a proposal.
            offset: how many to leave out.
            limit: how many at most.
        """
        query = _chosen(select(ENTRIES), status, words, flagged, proposed)
        query = query.order_by(ENTRIES.c.received.desc(), ENTRIES.c.id.desc())
        query = query.offset(min(offset, NO_ID)).limit(limit)
        with self._database.reading() as connection:
            return [entry(row) for row in read(connection, query)]

    def count(
        self,
        status: Status | None = None,
        words: str = "",
        *,
        flagged: bool = False,
        proposed: bool = False,
    ) -> int:
        """How many ``find`` would find without a limit."""
        query = select(func.count()).select_from(ENTRIES)
        with self._database.reading() as connection:
            chosen = _chosen(query, status, words, flagged, proposed)
            return int(connection.execute(chosen).scalar_one())

    def counts(self) -> Counts:
        """How many entries there are of each status."""
        query = select(
            ENTRIES.c.status,
            func.count(),
            func.sum(case((ENTRIES.c.flag != "", 1), else_=0)),
            func.count(ENTRIES.c.proposal),
        )
        query = query.where(ENTRIES.c.erased.is_(False)).group_by(ENTRIES.c.status)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        statuses = dict.fromkeys(Status, 0) | {Status(row[0]): row[1] for row in rows}
        return Counts(statuses, sum(row[2] for row in rows), sum(row[3] for row in rows))

    def approve(self, numbers: Iterable[int]) -> list[int]:
        """Show entries; those that were never verified are left alone."""
        return self.set_status(numbers, Status.APPROVED)

    def dismiss(self, numbers: Iterable[int]) -> list[int]:
        """Keep entries out of sight, and answer their senders as if nothing was."""
        return self.set_status(numbers, Status.DISMISSED)

    def spam(self, numbers: Iterable[int]) -> list[int]:
        """As ``dismiss``, and call them spam."""
        return self.set_status(numbers, Status.SPAM)

    def set_status(self, numbers: Iterable[int], status: Status, by: str = "author") -> list[int]:
        """Give entries a status: APPROVED, PENDING, DISMISSED or SPAM.

        Args:
            numbers: their ids.
            status: the new one.
            by: who decided: "author", or the words of a rule.

        Raises:
            ValueError: for another status.
        """
        if status in (Status.QUEUED, Status.REMOVED):
            raise ValueError(f"nobody can decide that an entry is {status}")
        return self._change(numbers, lambda row, now: decided(row, status, by, now))

    def undo(self, numbers: Iterable[int]) -> list[int]:
        """Take back the last decision on entries, or their last edit: status, texts and flag."""
        return self._change(numbers, taken_back)

    def edit(self, number: int, title: str, excerpt: str) -> list[int]:
        """Show other words of a source, on one line each and cut to their lengths."""
        title = shortened(one_line(title), TITLE_LENGTH)
        excerpt = shortened(one_line(excerpt), EXCERPT_LENGTH)

        def columns(row: Row, now: float) -> Columns:
            words = replace(texts(row), title=title, excerpt=excerpt)
            return edited(row, words, now, edited=True) if words != texts(row) else {}

        return self._change([number], columns)

    def take_proposal(self, number: int) -> list[int]:
        """Show what the source says now."""

        def columns(row: Row, now: float) -> Columns:
            said, judged = unpacked(row["proposal"]), row["proposal"]
            if said is None:
                return {}
            return edited(row, said, now, edited=False, proposal=None, judged=judged)

        return self._change([number], columns)

    def drop_proposal(self, number: int) -> list[int]:
        """Go on showing what is shown; the same is not proposed again."""

        def columns(row: Row, now: float) -> Columns:
            said = row["proposal"]
            return edited(row, texts(row), now, proposal=None, judged=said) if said else {}

        return self._change([number], columns)

    def unflag(self, numbers: Iterable[int]) -> list[int]:
        """Remove flags: the author knows."""

        def columns(row: Row, _: float) -> Columns:
            return {"flag": "", "former": former(row)} if row["flag"] else {}

        return self._change(numbers, columns)

    def forget(self, source: str) -> int:
        """Erase all entries of a source and keep it out from now on; how many there were.

        Args:
            source: a URL, told before or not.
        """
        digest = self._vault.digest(spelt_alike(source))
        now = self._clock()
        query = select(ENTRIES).where(ENTRIES.c.alike == alike(source))
        with self._database.writing() as connection:
            rows = read(connection, query.with_for_update())
            for row in rows:
                remove(connection, row, now)
            add(connection, FORGOTTEN, {"digest": digest})
        return len(rows)

    def _change(
        self, numbers: Iterable[int], columns: Callable[[Row, float], Columns]
    ) -> list[int]:
        """Change those entries for which there are columns to change."""
        now = self._clock()
        query = select(ENTRIES).where(numbered(numbers)).order_by(ENTRIES.c.id)
        changed = []
        with self._database.writing() as connection:
            for row in read(connection, query.with_for_update()):
                if new := columns(row, now):
                    change(connection, row, new, now)
                    changed.append(row["id"])
        return changed


def _chosen(
    query: Select[Any], status: Status | None, words: str, flagged: bool, proposed: bool
) -> Select[Any]:
    query = query.where(ENTRIES.c.erased.is_(False))
    if status is not None:
        query = query.where(ENTRIES.c.status == status)
    if words.strip():
        sought = storable(words.strip().casefold())
        query = query.where(ENTRIES.c.words.contains(sought, autoescape=True))
    if flagged:
        query = query.where(ENTRIES.c.flag != "")
    if proposed:
        query = query.where(ENTRIES.c.proposal.is_not(None))
    return query
