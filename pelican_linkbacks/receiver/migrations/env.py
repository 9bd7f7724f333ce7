"""Env: what Alembic runs to come to a connection; here it gets the one that is open."""

from __future__ import annotations

from alembic import context

from pelican_linkbacks.receiver.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
