"""Rows: entries as the database holds them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, select, update

from pelican_linkbacks.receiver.entry import Entry, Kind, Status, Texts
from pelican_linkbacks.receiver.tables import ENTRIES, storable
from pelican_linkbacks.receiver.vault import MAIL, REBUILD, count, want
from pelican_linkbacks.urls import spelt_alike

Row = Mapping[str, Any]
"""All columns of an entry, by their names."""

Columns = dict[str, Any]
"""New values of some of them."""

TEXTS = tuple(field.name for field in fields(Texts))

NO_ID = 2**31
"""The first number that is too large for an id; drivers differ in what they make of it."""

FREE: Columns = {"holder": "", "lease": 0.0}
"""Columns of an entry that no worker looks at."""

_SHOWN = ("protocol", "source", "target", *TEXTS)

_STANDING = ("status", "proposal", "judged", "edited", "flag", "decided_by", "approved")
"""What a decision can be taken back to, besides the texts."""


def alike(source: str) -> str:
    """The digest of a source, the same for all spellings of its URL."""
    return _digest(spelt_alike(source))


def place(source: str, path: str) -> str:
    """The digest of a source and the page that it links to: there is one entry of each."""
    return _digest(f"{spelt_alike(source)}\n{path}")


def read(connection: Connection, query: Select[Any]) -> list[Row]:
    """The rows that a query finds."""
    return [dict(row) for row in connection.execute(query).mappings()]


def find(
    connection: Connection, which: ColumnElement[bool], *, to_change: bool = False
) -> Row | None:
    """One row; if it is to be changed, nobody else does so until the transaction ends."""
    query = select(ENTRIES).where(which)
    return next(iter(read(connection, query.with_for_update() if to_change else query)), None)


def numbered(numbers: Iterable[int]) -> ColumnElement[bool]:
    """The condition that a row has one of these ids; what can't be an id is left out."""
    return ENTRIES.c.id.in_({number for number in numbers if 0 < number < NO_ID})


def entry(row: Row) -> Entry:
    """The entry that a row holds."""
    as_they_are = (
        *("id", "protocol", "source", "target", "path", "decided_by", "how", "flag", "token"),
        *("received", "updated", "verified", "attempts", "due"),
    )
    return Entry(
        status=Status(row["status"]),
        texts=texts(row),
        proposal=unpacked(row["proposal"]),
        **{name: row[name] for name in as_they_are},
    )


def texts(row: Row) -> Texts:
    """The texts that a row shows."""
    return Texts(**{name: row[name] for name in TEXTS} | {"kind": Kind(row["kind"])})


def kept(words: Texts) -> Texts:
    """Texts as they come back from a row."""
    return texts({name: storable(value) for name, value in asdict(words).items()})


def packed(words: Texts | None) -> str | None:
    """Texts in one column."""
    return None if words is None else json.dumps(asdict(words))


def unpacked(column: str | None) -> Texts | None:
    """The texts of one column."""
    return None if column is None else texts(json.loads(column))


def showing(source: str, words: Texts) -> Columns:
    """The columns of a row that shows texts, and those by which they are found."""
    found = "\n".join((source, words.title, words.author, words.excerpt)).casefold()
    return {**asdict(words), "kind": words.kind.value, "words": found}


def former(row: Row) -> str:
    """What a decision about a row can be taken back to, in one column."""
    return json.dumps({name: row[name] for name in (*TEXTS, *_STANDING)})


def restored(row: Row) -> Columns:
    """The columns of a row whose last decision is taken back."""
    columns: Columns = json.loads(row["former"])
    return columns | showing(row["source"], texts(columns)) | {"former": None}


def change(connection: Connection, row: Row, columns: Columns, now: float) -> None:
    """Write columns of a row, and have done what follows from that.

    Args:
        connection: with a transaction that writes, in which the row was read for update.
        row: as it was.
        columns: what is new.
        now: seconds since 1970-01-01 UTC.
    """
    connection.execute(update(ENTRIES).where(ENTRIES.c.id == row["id"]).values(columns))
    new = {**row, **columns}
    if _shown(row) != _shown(new):
        _tell(connection, now)
    if row["status"] == Status.QUEUED and new["status"] == Status.PENDING:
        want(connection, MAIL, now)


def remove(connection: Connection, row: Row, now: float) -> None:
    """Delete a row, as ``change`` writes one."""
    connection.execute(delete(ENTRIES).where(ENTRIES.c.id == row["id"]))
    if _shown(row):
        _tell(connection, now)


def _shown(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in _SHOWN) if row["status"] == Status.APPROVED else ()


def _tell(connection: Connection, now: float) -> None:
    count(connection, "shown")
    want(connection, REBUILD, now)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
