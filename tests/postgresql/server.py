"""A PostgreSQL server of Debian's package, in a temporary folder, at a socket and no port."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.wordpress.programs import give_away, run_as_user, running, wait_for_server

VERSIONS = Path("/usr/lib/postgresql")
USER = "blog"

HASTE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""Nothing in here has to outlive a power cut."""


def programs() -> Path | None:
    """The folder of the newest server's programs; None if none is installed."""
    found = sorted(VERSIONS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@dataclass(frozen=True)
class Server:
    """A server that is running.

    Attributes:
        folder: where its socket is.
    """

    folder: Path

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def ask(self, statement: str) -> None:
        """Run a statement that needs no transaction."""
        target = f"host={self.folder} user={USER} dbname=postgres"
        with psycopg.connect(target, autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """The URL of a new database, which goes in the end."""
        self.ask(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        yield f"postgresql://{USER}@/{name}?host={self.folder}"
        # A process that was killed may not be gone for the server yet.
        self.ask(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def server(folder_of_programs: Path) -> Iterator[Server]:
    """A new server, up while the block runs."""
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="postgresql-")
        folder = Path(stack.enter_context(made))
        give_away(folder)
        data, log = folder / "data", folder / "postgres.log"
        run_as_user(
            folder_of_programs / "initdb",
            f"--pgdata={data}",
            f"--username={USER}",
            "--auth=trust",
            "--locale=C",
            "--no-sync",
        )
        options = [f"-c{option}" for option in (*HASTE, "listen_addresses=")]
        command = (str(folder_of_programs / "postgres"), "-D", str(data), "-k", str(folder))
        process = stack.enter_context(running(log, *command, *options))
        found = Server(folder)
        wait_for_server(process, found.answers, log)
        yield found
