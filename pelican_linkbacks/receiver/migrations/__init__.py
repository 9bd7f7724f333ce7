"""Migrations: how the tables came to be what they are, one step each, run by Alembic."""

from __future__ import annotations

import threading

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from pelican_linkbacks.errors import DatabaseError
from pelican_linkbacks.receiver.tables import VERSION_TABLE

_one_at_a_time = threading.Lock()
"""Alembic keeps the migration that runs in its own module's globals."""


def check(connection: Connection) -> None:
    """See whether a database can be brought up to date.

    Raises:
        DatabaseError: it has run a migration that this version does not know.
    """
    options = {"version_table": VERSION_TABLE}
    found = set(MigrationContext.configure(connection, opts=options).get_current_heads())
    scripts = ScriptDirectory.from_config(_config())
    if found - {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseError(
            "The database was changed by a newer version of pelican_linkbacks: install that "
            "version, or use another database."
        )


def upgrade(connection: Connection) -> None:
    """Run the migrations that a database still lacks, in the transaction that is open.

    What somebody else has run by then is not run again.
    """
    config = _config()
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    # By the package's name, since a path may hold what Alembic takes for a sign of its own.
    config.set_main_option("script_location", "pelican_linkbacks.receiver:migrations")
    return config
