"""Database: where the receiver keeps what it was told, in SQLite or PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from pelican_linkbacks.errors import DatabaseError
from pelican_linkbacks.receiver.engines import (
    PATIENCE,
    WRITES,
    file_engine,
    read_url,
    server_engine,
    write_ahead,
)
from pelican_linkbacks.receiver.tables import REVISION, VERSION_TABLE

MIGRATING = 5_118_960_327
"""Key of PostgreSQL's lock for whoever changes the tables; any number that others don't use."""


class Database:
    """An open database. ``open`` makes it; many threads may use it at once, and one process.

    Args:
        engine: speaks to it.
        name: what it is called in messages.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._closed = False
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    @classmethod
    def open(cls, where: str | Path, *, create: bool = True) -> Self:
        """Open a database, and bring its tables up to date.

        Args:
            where: the path of an SQLite file, or an SQLAlchemy URL (anything with ``://``).
            create: whether an SQLite file that is not there is made; its folder must be there.

        Raises:
            DatabaseError: it can't be opened, or a newer version of this package has changed it.
        """
        url = read_url(where)
        is_file = url.get_backend_name() == "sqlite"
        # Neither a password nor what else may stand in a URL belongs in a message.
        name = url.database if is_file else url.set(query={}).render_as_string(hide_password=True)
        if is_file:
            _check_room(Path(str(url.database)), create)
        try:
            database = cls(file_engine(url) if is_file else server_engine(url), str(name))
        except ImportError as error:
            raise DatabaseError(
                "A PostgreSQL database needs: pip install 'pelican-linkbacks[postgresql]'"
            ) from error
        try:
            database._prepare()
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Close all connections, once no thread uses them. May be called twice."""
        self._closed = True
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads. Never open one inside another.

        Raises:
            DatabaseError: the database can't be used.
        """
        self._check_open()
        with self._naming_errors(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: committed when the block ends, undone if it raises.

        Raises:
            DatabaseError: the database can't be used.
        """
        self._check_open()
        turn = self._turn
        # Threads queue here in turn; SQLite's own waiting is a lottery.
        if turn is not None and not turn.acquire(timeout=PATIENCE):
            raise DatabaseError(f"The database {self._name} is busy: another thread writes to it.")
        try:
            with self._naming_errors(), self._engine.connect() as connection:
                connection.execution_options(**{WRITES: True})
                with connection.begin():
                    yield connection
        finally:
            if turn is not None:
                turn.release()

    def _check_open(self) -> None:
        if self._closed:
            raise DatabaseError(f"The database {self._name} is closed.")

    def _prepare(self) -> None:
        if self._engine.dialect.name == "sqlite":
            with self._naming_errors():
                write_ahead(self._engine)
        with self.reading() as connection:
            if _is_current(connection):
                return
        # Alembic takes long to import, and a database that is up to date needs nothing of it.
        from pelican_linkbacks.receiver import migrations

        with self.reading() as connection:
            migrations.check(connection)
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
            migrations.upgrade(connection)

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise DatabaseError(
                f"The database {self._name} can't be used: {_reason(error)}"
            ) from error


def _is_current(connection: Connection) -> bool:
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    return found.scalars().all() == [REVISION]


def _check_room(file: Path, create: bool) -> None:
    if not create and not file.exists():
        raise DatabaseError(
            f"There is no database at {file} yet: `pelican-linkbacks serve` makes it."
        )
    if not file.parent.is_dir():
        raise DatabaseError(
            f"There is no folder {file.parent} for the database: make it, or name another place."
        )


def _reason(error: SQLAlchemyError | sqlite3.Error) -> str:
    """What went wrong, without statements and values: those are other people's."""
    if isinstance(error, sqlite3.Error):
        return str(error)
    if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
        return " ".join(str(error.orig).split())
    return type(error).__name__
