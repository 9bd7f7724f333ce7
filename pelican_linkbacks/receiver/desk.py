"""Desk: what a receiver has in its database, without the parts that serve and verify.

Commands need no more, and those parts take long to import.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from pelican_linkbacks import places
from pelican_linkbacks.config import Config
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.inbox import Inbox
from pelican_linkbacks.receiver.moderation import Moderation
from pelican_linkbacks.receiver.rules import Rules
from pelican_linkbacks.receiver.vault import Vault

Clock = Callable[[], float]


@dataclass(frozen=True)
class Desk:
    """One database, and all that can be asked and done there; many threads may share it."""

    database: Database
    inbox: Inbox
    moderation: Moderation
    rules: Rules
    vault: Vault

    @classmethod
    def open(cls, where: str, clock: Clock = time.time, *, create: bool = True) -> Self:
        """Open a database.

        Args:
            where: a path or an SQLAlchemy URL.
            clock: gives the time in seconds since 1970-01-01 UTC.
            create: whether a file that is not there is made.

        Raises:
            DatabaseError: it can't be used.
        """
        database = Database.open(where, create=create)
        return cls(
            database,
            Inbox(database, clock),
            Moderation(database, clock),
            Rules(database, clock),
            Vault(database, clock),
        )

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def database_place(config: Config, given: str | None = None) -> str:
    """Where the database is: a path, or an SQLAlchemy URL.

    Args:
        config: knows LINKBACKS_DATABASE.
        given: what was named instead, relative to the working directory.
    """
    return given or places.beside_state(config.content, config.database or places.DATABASE)
