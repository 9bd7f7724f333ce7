"""Fixtures of tests/receiver with PostgreSQL in the place of SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.postgresql.server import Server, programs, server
from tests.receiver.storage import clock, database, desk  # noqa: F401 - fixtures

NUMBERS = count()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One server for all tests here."""
    folder = programs()
    if folder is None:
        pytest.skip(
            "A real PostgreSQL needs the Debian package postgresql; "
            ".ci/run installs it (with tests/postgresql/install)."
        )
    with server(folder) as found:
        yield found


@pytest.fixture
def where(postgresql: Server) -> Iterator[str]:
    """The URL of an empty database."""
    with postgresql.database(f"blog{next(NUMBERS)}") as url:
        yield url
