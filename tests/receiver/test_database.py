"""Database: opening, upgrading and closing it, and what is said when it can't be used."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from pelican_linkbacks.errors import DatabaseError
from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver import migrations
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.inbox import Inbox
from pelican_linkbacks.receiver.tables import METADATA, REVISION, VERSION_TABLE
from tests.receiver.storage import RYE, SOURCE, Clock, Desk


def problem(where: str | Path, **options: bool) -> str:
    """What is said of a database that can't be opened."""
    with pytest.raises(DatabaseError) as caught:
        Database.open(where, **options)
    return str(caught.value)


def test_a_database_that_is_not_to_be_made_is_not(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "linkbacks.sqlite3"
    assert f"There is no database at {file} yet" in problem(file, create=False)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"some notes, and more of them" * 100)
    assert problem(file) == f"The database {file} can't be used: file is not a database"
    assert file.read_bytes() == b"some notes, and more of them" * 100
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["file", "typo", "typo/in a/path"])
def test_a_folder_that_is_not_there_is_named_and_not_made(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    said = f"There is no folder {tmp_path / name} for the database: make it, or name another place."
    assert problem(tmp_path / name / "linkbacks.sqlite3") == said
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert "unable to open database file" in problem(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:secret@db.example/blog",
        "postgresql+psycopg2://me:secret@db.example/blog",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://me:secret@db.example:port/blog",
        "://secret",
    ],
)
def test_a_url_of_another_kind_is_refused_without_its_password(url: str) -> None:
    said = problem(url)
    assert "postgresql://" in said
    assert "secret" not in said


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    said = problem("postgresql://me:secret@127.0.0.1:1/blog?password=secret")
    assert said.startswith(
        "The database postgresql+psycopg://me:***@127.0.0.1:1/blog can't be used"
    )
    assert "secret" not in said


def test_a_database_of_a_newer_version_is_left_alone(where: str, database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE linkbacks_version SET version_num = 'later'"))
    assert "newer version of pelican_linkbacks" in problem(where)
    with database.reading() as connection:
        version = connection.execute(text("SELECT version_num FROM linkbacks_version")).scalar()
    assert version == "later"


def test_a_closed_database_says_so(database: Database) -> None:
    database.close()
    database.close()
    with pytest.raises(DatabaseError, match="closed"), database.reading():
        pass
    with pytest.raises(DatabaseError, match="closed"), database.writing():
        pass


def test_an_error_shows_nothing_of_what_was_to_be_stored(desk: Desk) -> None:
    row = {"number": desk.tell().entry.id, "title": "A private title"}
    statement = text("UPDATE linkbacks_entries SET id = :number, place = NULL, title = :title")
    with pytest.raises(DatabaseError) as caught, desk.database.writing() as connection:
        connection.execute(statement, row)
    assert "private" not in str(caught.value)
    with pytest.raises(DatabaseError) as caught, desk.database.writing() as connection:
        connection.execute(text("UPDATE linkbacks_nothing SET title = :title"), row)
    assert "linkbacks_nothing" in str(caught.value)
    assert "private" not in str(caught.value)


def test_what_fails_halfway_is_undone(desk: Desk) -> None:
    def fail() -> None:
        with desk.database.writing() as connection:
            connection.execute(text("DELETE FROM linkbacks_entries"))
            raise KeyError

    number = desk.tell().entry.id
    with pytest.raises(KeyError):
        fail()
    assert desk.inbox.entry(number)


def test_the_migrations_lead_to_the_tables_as_they_are(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": VERSION_TABLE, "compare_type": True},
        )
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_heads() == (REVISION,)


def test_the_migrations_are_one_chain_that_begins_with_nothing() -> None:
    folder = Path(migrations.__file__).parent
    directory = ScriptDirectory(str(folder))
    scripts = list(directory.walk_revisions())
    assert directory.get_heads() == [REVISION]
    assert scripts[-1].down_revision is None
    assert len(scripts) == len(list((folder / "versions").glob("[!_]*.py")))


def test_a_second_opening_changes_nothing(where: str, database: Database) -> None:
    entry = Inbox(database).take(Notice("webmention", SOURCE, RYE.url), RYE).entry
    before = fixed(database)
    again = Database.open(where, create=False)
    try:
        assert Inbox(again).entry(entry.id) == entry
        assert fixed(again) == before
    finally:
        again.close()


def fixed(database: Database) -> list[str]:
    """What a migration has written into a new database."""
    tables = ("version", "counters", "chores")
    with database.reading() as connection:
        found = [connection.execute(text(f"SELECT * FROM linkbacks_{name}")) for name in tables]
        return [str(rows.all()) for rows in found]


def test_signs_of_other_meaning_in_a_path_mean_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a %(here)s" / "100%?mode=ro#x" / "linkbacks.sqlite3"
    file.parent.mkdir(parents=True)
    Database.open(file).close()
    assert file.exists()
    Database.open(f"sqlite:///{tmp_path}/plain.sqlite3").close()
    assert (tmp_path / "plain.sqlite3").exists()


def test_processes_that_open_a_new_database_at_once_all_can(where: str) -> None:
    script = (
        "import sys, sqlalchemy.dialects.sqlite, sqlalchemy.dialects.postgresql.psycopg; "
        "from pelican_linkbacks.receiver.database import Database; "
        "print(flush=True); sys.stdin.readline(); Database.open(sys.argv[1]).close()"
    )
    command = [sys.executable, "-W", "error", "-c", script, where]
    pipe = subprocess.PIPE
    with ExitStack() as stack:
        children = [
            stack.enter_context(
                subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
            )
            for _ in range(6)
        ]
        # None begins before all have imported what they need.
        for child in children:
            assert child.stdout
            assert child.stdout.readline() == "\n"
        for child in children:
            assert child.stdin
            child.stdin.write("\n")
            child.stdin.flush()
        said = [child.communicate(timeout=60)[1] for child in children]
    assert said == [""] * 6


def test_threads_that_write_at_once_all_can(desk: Desk) -> None:
    def tell(number: int) -> None:
        for page in range(10):
            desk.tell(f"https://their.example/{number}/{page}")

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert desk.moderation.count() == 160


class TestFile:
    """What holds of SQLite alone."""

    def test_readers_and_a_writer_do_not_wait_for_each_other(self, tmp_path: Path) -> None:
        database = Database.open(tmp_path / "linkbacks.sqlite3")
        query = text("SELECT count(*) FROM linkbacks_rules")
        row = "INSERT INTO linkbacks_rules (action, host, prefix, added) VALUES ('', '', '', 0)"
        with database.writing() as writer, database.reading() as reader:
            writer.execute(text(row))
            assert reader.execute(query).scalar() == 0
        with database.reading() as reader:
            assert reader.execute(query).scalar() == 1
        database.close()

    def test_a_committed_row_is_on_the_disk(self, tmp_path: Path) -> None:
        database = Database.open(tmp_path / "linkbacks.sqlite3")
        with database.reading() as connection:
            settings = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
        database.close()
        assert settings == ["wal", 2, 1, 30_000]

    def test_on_a_full_disk_nothing_is_taken_and_nothing_is_lost(self, tmp_path: Path) -> None:
        desk = Desk(Database.open(tmp_path / "linkbacks.sqlite3"), Clock())

        def fill() -> None:
            for page in range(100):
                desk.tell(f"{SOURCE}/{page}", "trackback", excerpt="long " * 50)

        number = desk.tell().entry.id
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        length = max(file.stat().st_size for file in tmp_path.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (length, hard))
        try:
            with pytest.raises(DatabaseError, match=r"linkbacks\.sqlite3 can't be used"):
                fill()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert desk.entry(number)
        assert desk.tell(f"{SOURCE}/more").fresh
        desk.database.close()
