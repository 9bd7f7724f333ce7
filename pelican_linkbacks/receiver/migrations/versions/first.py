"""First: all tables, and the rows that are always there."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "first"
down_revision = None


def upgrade() -> None:
    """Make them in an empty database."""
    op.create_table(
        "linkbacks_entries",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("alike", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("published", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("proposal", sa.Text()),
        sa.Column("judged", sa.Text()),
        sa.Column("offered", sa.Text()),
        sa.Column("former", sa.Text()),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("received", sa.Double(), nullable=False),
        sa.Column("updated", sa.Double(), nullable=False),
        sa.Column("approved", sa.Double()),
        sa.Column("verified", sa.Double()),
        sa.Column("looked", sa.Double()),
        sa.Column("asked", sa.Double()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.Double()),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("lease", sa.Double(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sqlite_autoincrement=True,
    )
    for columns, unique in (
        (["place"], True),
        (["token"], True),
        (["alike"], False),
        (["due"], False),
        (["status", "due"], False),
        (["status", "received"], False),
        (["received"], False),
    ):
        name = "_".join(["linkbacks_entries", *columns])
        op.create_index(name, "linkbacks_entries", columns, unique=unique)
    op.create_table("linkbacks_forgotten", sa.Column("digest", sa.Text(), primary_key=True))
    op.create_table(
        "linkbacks_rules",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("added", sa.Double(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "linkbacks_secrets",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    counters = op.create_table(
        "linkbacks_counters",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
    )
    chores = op.create_table(
        "linkbacks_chores",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("wanted", sa.Double()),
        sa.Column("wishes", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.Column("done", sa.Double()),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("lease", sa.Double(), nullable=False),
    )
    # What somebody keeps of an older database must not pass for what this one shows.
    start = time.time_ns() // 1_000_000
    op.bulk_insert(counters, [{"name": "shown", "value": start}, {"name": "session", "value": 1}])
    idle = {"wishes": 0, "taken": 0, "attempts": 0, "due": 0.0, "holder": "", "lease": 0.0}
    op.bulk_insert(chores, [{"name": name, **idle} for name in ("rebuild", "mail")])
