"""Tables: what the receiver's database holds.

The newest migration must say the same; a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    insert,
)
from sqlalchemy.exc import IntegrityError


def storable(text: str) -> str:
    """A text with a replacement character for whatever a database can't keep."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


class AnyText(TypeDecorator[str]):
    """A text column that takes whatever Python calls a text.

    PostgreSQL refuses NUL, and neither database takes half a surrogate pair: a page from outside
    may hold both. A member of an enumeration is stored as its value.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What is stored."""
        return None if value is None else storable(value)


METADATA = MetaData()

VERSION_TABLE, REVISION = "linkbacks_version", "first"
"""Where Alembic keeps the name of the last migration that was run, and that of the newest."""

ENTRIES = Table(
    "linkbacks_entries",
    METADATA,
    Column("id", Integer, primary_key=True),
    # Digests: of source and page, and of the source alone. They outlive the texts.
    Column("place", Text, nullable=False),
    Column("alike", Text, nullable=False),
    Column("protocol", AnyText, nullable=False),
    Column("source", AnyText, nullable=False),
    Column("host", AnyText, nullable=False),
    Column("target", AnyText, nullable=False),
    Column("path", AnyText, nullable=False),
    Column("status", AnyText, nullable=False),
    Column("title", AnyText, nullable=False, default=""),
    Column("author", AnyText, nullable=False, default=""),
    Column("excerpt", AnyText, nullable=False, default=""),
    Column("published", AnyText, nullable=False, default=""),
    Column("kind", AnyText, nullable=False, default="mention"),
    Column("url", AnyText, nullable=False, default=""),
    # What can be searched for, case-folded: LIKE knows the case of ASCII at most.
    Column("words", AnyText, nullable=False),
    # Whether the author has written some of the texts.
    Column("edited", Boolean, nullable=False, default=False),
    # Texts as JSON: what the source says now, what it said when the author judged it last, and
    # what a trackback said.
    Column("proposal", AnyText),
    Column("judged", AnyText),
    Column("offered", AnyText),
    # What the last decision can be taken back to, as JSON.
    Column("former", AnyText),
    Column("decided_by", AnyText, nullable=False, default=""),
    Column("how", AnyText, nullable=False, default=""),
    Column("flag", AnyText, nullable=False, default=""),
    Column("token", Text, nullable=False),
    Column("received", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("approved", Double),
    Column("verified", Double),
    Column("looked", Double),
    Column("asked", Double),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due", Double),
    # The claim of the worker that looks at it, and until when it holds.
    Column("holder", Text, nullable=False, default=""),
    Column("lease", Double, nullable=False, default=0.0),
    Column("erased", Boolean, nullable=False, default=False),
    Index("linkbacks_entries_place", "place", unique=True),
    Index("linkbacks_entries_token", "token", unique=True),
    Index("linkbacks_entries_alike", "alike"),
    Index("linkbacks_entries_due", "due"),
    Index("linkbacks_entries_status_due", "status", "due"),
    Index("linkbacks_entries_status_received", "status", "received"),
    Index("linkbacks_entries_received", "received"),
    # A number must never mean another entry than the one that somebody saw.
    sqlite_autoincrement=True,
)

FORGOTTEN = Table(
    "linkbacks_forgotten",
    METADATA,
    Column("digest", Text, primary_key=True),
)

RULES = Table(
    "linkbacks_rules",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("action", AnyText, nullable=False),
    Column("host", AnyText, nullable=False),
    Column("prefix", AnyText, nullable=False),
    Column("added", Double, nullable=False),
    sqlite_autoincrement=True,
)

SECRETS = Table(
    "linkbacks_secrets",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

COUNTERS = Table(
    "linkbacks_counters",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

CHORES = Table(
    "linkbacks_chores",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("wanted", Double),
    # How often it was wanted, and how often when it was claimed.
    Column("wishes", BigInteger, nullable=False),
    Column("taken", BigInteger, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due", Double, nullable=False, default=0.0),
    Column("done", Double),
    Column("holder", Text, nullable=False, default=""),
    Column("lease", Double, nullable=False, default=0.0),
)


def add(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Add a row, in a transaction that writes; whether none stood in its place."""
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(row))
    except IntegrityError:
        return False
    return True
