"""Vault: secrets and chores, one row each, that all processes of a receiver share."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select, update

from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.tables import CHORES, COUNTERS, SECRETS, add

REBUILD, MAIL = "rebuild", "mail"
"""Chores: what is shown has changed; something new is pending. Wanted by whatever changes that."""

_IDLE = {"holder": "", "lease": 0.0}


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that one process is to do for all. Times in seconds since 1970-01-01 UTC.

    Attributes:
        name: which.
        wanted: since when it is wanted (the first wish since it was done last), or None.
        attempts: how often in a row it was put off by a failure.
        due: not before then, whoever claims it.
        done: when it was done last, or None.
    """

    name: str
    wanted: float | None
    attempts: int
    due: float
    done: float | None


class Vault:
    """Secrets and chores of one database.

    All of its methods raise ``DatabaseError`` if the database can't be used.

    Args:
        database: where they are.
        clock: gives the time in seconds since 1970-01-01 UTC.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._key = b""

    @property
    def password_hash(self) -> str:
        """The hash of the author's password, as it was set; "" if none was."""
        with self._database.reading() as connection:
            return _secret(connection, "password")

    def set_password_hash(self, value: str) -> None:
        """Keep the hash of a new password; all sessions end."""
        with self._database.writing() as connection:
            row = {"name": "password", "value": value}
            if not add(connection, SECRETS, row):
                rows = update(SECRETS).where(SECRETS.c.name == "password")
                connection.execute(rows.values(value=value))
            count(connection, "session")

    def session_key(self) -> bytes:
        """The key that signs sessions: 32 bytes, made at its first use, then always the same."""
        if not self._key:
            with self._database.reading() as connection:
                key = _secret(connection, "session")
            if not key:
                with self._database.writing() as connection:
                    row = {"name": "session", "value": secrets.token_hex(32)}
                    # Another process may be first: then its key is everybody's.
                    add(connection, SECRETS, row)
                    key = _secret(connection, "session")
            self._key = bytes.fromhex(key)
        return self._key

    def digest(self, text: str) -> str:
        """What can be compared of a text, and not guessed without the key."""
        data = text.encode("utf-8", "surrogatepass")
        return hmac.new(self.session_key(), data, "sha256").hexdigest()

    def session_version(self) -> int:
        """A number that a session must carry to be valid."""
        with self._database.reading() as connection:
            return counted(connection, "session")

    def chore(self, name: str) -> Chore:
        """How a chore stands; one never heard of is not wanted."""
        with self._database.reading() as connection:
            return _chore(connection, name)

    def want(self, name: str) -> None:
        """Have a chore done by whoever claims it first."""
        with self._database.writing() as connection:
            want(connection, name, self._clock())

    def claim_chore(
        self, name: str, worker: str, lease: float, wanted_before: float | None = None
    ) -> Chore | None:
        """Take a chore that is wanted and due for one worker; None if there is nothing to do.

        Args:
            name: which.
            worker: who claims it; a name that no other worker has.
            lease: seconds until another may claim it.
            wanted_before: leave it if it was wanted first after this time (seconds since
                1970-01-01 UTC), so that several wishes become one; None for no such wait.
        """
        now = self._clock()
        latest = now if wanted_before is None else wanted_before
        free = (
            (CHORES.c.name == name)
            & (CHORES.c.wanted <= latest)
            & (CHORES.c.due <= now)
            & (CHORES.c.lease <= now)
        )
        # Whoever asks in vain, as nearly always, need not wait for those that write.
        with self._database.reading() as connection:
            if connection.execute(select(CHORES.c.name).where(free)).first() is None:
                return None
        with self._database.writing() as connection:
            row = {"holder": worker, "lease": now + lease, "taken": CHORES.c.wishes}
            claimed = connection.execute(update(CHORES).where(free).values(row)).rowcount
            return _chore(connection, name) if claimed else None

    def done(self, name: str, worker: str) -> None:
        """Say that a claimed chore is done; it stays wanted if it was wanted anew meanwhile."""
        self._end(name, worker, done=self._clock())

    def put_off(self, name: str, worker: str, seconds: float) -> None:
        """Give a claimed chore back after a failure: it is due again in so many seconds."""
        values = {"attempts": CHORES.c.attempts + 1, "due": self._clock() + seconds, **_IDLE}
        with self._database.writing() as connection:
            connection.execute(update(CHORES).where(_held(name, worker)).values(values))

    def drop_chore(self, name: str, worker: str) -> None:
        """Give a claimed chore up: it is no longer wanted, and not done either."""
        self._end(name, worker)

    def _end(self, name: str, worker: str, **values: float) -> None:
        rows = update(CHORES).where(_held(name, worker))
        with self._database.writing() as connection:
            wanted_anew = rows.where(CHORES.c.wishes != CHORES.c.taken)
            wanted_no_more = rows.where(CHORES.c.wishes == CHORES.c.taken)
            end = {"attempts": 0, "due": 0.0, **_IDLE, **values}
            connection.execute(wanted_no_more.values(wanted=None, **end))
            connection.execute(wanted_anew.values(wanted=self._clock(), **end))


def want(connection: Connection, name: str, now: float) -> None:
    """Have a chore done, in a transaction that writes.

    Args:
        connection: with the transaction.
        name: which.
        now: seconds since 1970-01-01 UTC.
    """
    wish = {"wishes": CHORES.c.wishes + 1, "wanted": func.coalesce(CHORES.c.wanted, now)}
    rows = update(CHORES).where(CHORES.c.name == name)
    if connection.execute(rows.values(wish)).rowcount:
        return
    if not add(connection, CHORES, {"name": name, "wishes": 1, "wanted": now}):
        connection.execute(rows.values(wish))


def count(connection: Connection, name: str) -> None:
    """Count one step further, in a transaction that writes: "shown" or "session"."""
    rows = update(COUNTERS).where(COUNTERS.c.name == name)
    connection.execute(rows.values(value=COUNTERS.c.value + 1))


def counted(connection: Connection, name: str) -> int:
    """How far a counter has come."""
    query = select(COUNTERS.c.value).where(COUNTERS.c.name == name)
    return int(connection.execute(query).scalar_one())


def _secret(connection: Connection, name: str) -> str:
    query = select(SECRETS.c.value).where(SECRETS.c.name == name)
    return str(connection.execute(query).scalar() or "")


def _chore(connection: Connection, name: str) -> Chore:
    row = connection.execute(select(CHORES).where(CHORES.c.name == name)).first()
    if row is None:
        return Chore(name, None, 0, 0.0, None)
    return Chore(name, row.wanted, row.attempts, row.due, row.done)


def _held(name: str, worker: str) -> ColumnElement[bool]:
    return (CHORES.c.name == name) & (CHORES.c.holder == worker)
