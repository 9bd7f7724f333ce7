"""Engines: how SQLite and PostgreSQL are spoken to."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from pelican_linkbacks.errors import DatabaseError

PATIENCE = 30.0
"""Seconds to wait for another thread or process that writes."""

CONNECTIONS = 16
"""How many one process has open at most; each is held for milliseconds."""

CACHE = 256
"""kB of a file that a connection keeps in memory."""

WRITES = "linkbacks_writes"
"""Execution option of a connection whose next transaction writes."""


def read_url(where: str | Path) -> URL:
    """The URL of a database with a driver that is known here.

    Args:
        where: the path of an SQLite file, or an SQLAlchemy URL (anything with ``://``).

    Raises:
        DatabaseError: if it is neither, or of a database that can't be used.
    """
    if "://" not in str(where):
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(str(where))
    except (ArgumentError, ValueError) as error:
        raise DatabaseError(
            "The database's URL can't be read: write sqlite:///FILE or "
            "postgresql://USER:PASSWORD@HOST/NAME."
        ) from error
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "postgresql+psycopg":
        return url
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return URL.create("sqlite", database=url.database)
    raise DatabaseError(
        f"A database of the kind {url.drivername} can't be used: name an SQLite file or a "
        "postgresql:// URL."
    )


def server_engine(url: URL) -> Engine:
    """Speaks to a server; an ImportError says that its driver is not installed."""
    half = CONNECTIONS // 2
    arguments = {"connect_timeout": int(PATIENCE)}
    return create_engine(
        url,
        pool_size=half,
        max_overflow=half,
        pool_timeout=PATIENCE,
        # The server may have been started anew.
        pool_pre_ping=True,
        connect_args=arguments,
    )


def file_engine(url: URL) -> Engine:
    """Speaks to a file; a transaction that writes begins as a writer."""
    half = CONNECTIONS // 2
    engine = create_engine(
        url,
        pool_size=half,
        max_overflow=half,
        pool_timeout=PATIENCE,
        connect_args={"timeout": PATIENCE},
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: sqlite3.Connection, _: Any) -> None:
    # Else sqlite3 begins transactions itself, as readers that can't always become writers.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Of each connection; the system keeps what they all read.
    connection.execute(f"PRAGMA cache_size = -{CACHE}")


def _begin(connection: Connection) -> None:
    is_writer = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def write_ahead(engine: Engine) -> None:
    """Let readers and the writer of a file not stand in each other's way; the file remembers it.

    Raises:
        sqlite3.Error: if it can't be opened.
        SQLAlchemyError: as well.
    """
    end = time.monotonic() + PATIENCE
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        while True:
            try:
                cursor.execute("PRAGMA journal_mode")
                if cursor.fetchone() != ("wal",):
                    cursor.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                # Two that do so at once refuse each other without waiting.
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.05)
    finally:
        connection.close()
