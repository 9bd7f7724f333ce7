"""Rules: which sources the author need not be asked about."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, delete, insert, select

from pelican_linkbacks.errors import LinkbackError
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.entry import Status
from pelican_linkbacks.receiver.rows import Columns, change, read
from pelican_linkbacks.receiver.tables import ENTRIES, RULES
from pelican_linkbacks.urls import host_of


class Action(StrEnum):
    """What a rule does; APPROVE_KNOWN approves hosts of which the author has approved an entry."""

    APPROVE = "approve"
    BLOCK = "block"
    APPROVE_KNOWN = "approve-known"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        id: number, never used twice.
        action: what it does.
        host: whose sources it is for, subdomains included; "" for APPROVE_KNOWN.
        prefix: the path it is for, by whole segments, with a leading slash; "" for all.
        added: seconds since 1970-01-01 UTC.
    """

    id: int
    action: Action
    host: str
    prefix: str
    added: float

    @property
    def words(self) -> str:
        """The rule in words for people, as in "block example.org/blog"."""
        if self.action is Action.APPROVE_KNOWN:
            return "approve known hosts"
        return f"{self.action} {self.host}{self.prefix}"

    def fits(self, url: str) -> bool:
        """Whether it is for a URL; of APPROVE_KNOWN, which looks at no URL, always False."""
        hosts = [_spelt(host_of(url))]
        if self.action is Action.BLOCK:
            # Whoever is kept out does not come back at another port.
            hosts.append(hosts[0].partition(":")[0])
        if not self.host or not any(f".{host}".endswith(f".{self.host}") for host in hosts):
            return False
        return f"{_path(urlsplit(url).path)}/".startswith(f"{self.prefix}/")


class Rules:
    """The rules of one database.

    All of its methods raise ``DatabaseError`` if the database can't be used.

    Args:
        database: where they are.
        clock: gives the time in seconds since 1970-01-01 UTC.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def add(self, action: str, host: str = "", prefix: str = "") -> Rule:
        """Add a rule; the one that is there already, if it says the same.

        Args:
            action: a value of ``Action``.
            host: a host, with its port unless that is the default one.
            prefix: a path.

        Raises:
            LinkbackError: if there is no such action, or no host where one is needed.
        """
        said = _checked(action, host, prefix)
        with self._database.writing() as connection:
            for rule in _all(connection):
                if said == (rule.action, rule.host, rule.prefix):
                    return rule
            row = dict(zip(("action", "host", "prefix"), said, strict=True))
            added = self._clock()
            done = connection.execute(insert(RULES).values(row | {"added": added}))
            key = done.inserted_primary_key
            assert key is not None
            return Rule(key[0], *said, added)

    def remove(self, number: int, *, revert: bool = False) -> bool:
        """Remove a rule; whether it was there.

        Args:
            number: its id.
            revert: whether what was approved or dismissed by its words is pending again.
        """
        now = self._clock()
        again: Columns = dict.fromkeys(("former", "approved", "due"))
        again |= {"status": Status.PENDING, "decided_by": "", "updated": now}
        with self._database.writing() as connection:
            rule = next((rule for rule in _all(connection) if rule.id == number), None)
            if rule is None:
                return False
            connection.execute(delete(RULES).where(RULES.c.id == number))
            if revert:
                its_own = (ENTRIES.c.decided_by == rule.words) & ENTRIES.c.erased.is_(False)
                for row in read(connection, select(ENTRIES).where(its_own).with_for_update()):
                    change(connection, row, again, now)
        return True

    def all(self) -> list[Rule]:
        """All rules, the oldest first."""
        with self._database.reading() as connection:
            return _all(connection)

    def decide(self, source: str, url: str) -> Rule | None:
        """The rule that decides on an entry whose link was seen; None if the author has to.

        Args:
            source: URL as it was told.
            url: URL that answered, after redirects. A rule that approves has to fit both, for one
                that blocks either will do; blocking comes first.
        """
        url = url or source
        with self._database.reading() as connection:
            rules = _all(connection)
            for rule in rules:
                if rule.action is Action.BLOCK and (rule.fits(source) or rule.fits(url)):
                    return rule
            for rule in rules:
                if rule.action is Action.APPROVE and rule.fits(source) and rule.fits(url):
                    return rule
                is_for_known = rule.action is Action.APPROVE_KNOWN
                if is_for_known and host_of(source) == host_of(url) and _knows(connection, source):
                    return rule
        return None

    def blocks(self, source: str) -> bool:
        """Whether a rule keeps a source out, so that it need not even be fetched."""
        return any(rule.action is Action.BLOCK and rule.fits(source) for rule in self.all())


def _all(connection: Connection) -> list[Rule]:
    rows = connection.execute(select(RULES).order_by(RULES.c.id)).all()
    return [Rule(row.id, Action(row.action), row.host, row.prefix, row.added) for row in rows]


def _knows(connection: Connection, source: str) -> bool:
    query = select(ENTRIES.c.id).where(
        ENTRIES.c.host == host_of(source),
        ENTRIES.c.status == Status.APPROVED,
        ENTRIES.c.decided_by == "author",
    )
    return connection.execute(query.limit(1)).first() is not None


def _checked(action: str, host: str, prefix: str) -> tuple[Action, str, str]:
    try:
        known = Action(action)
    except ValueError:
        names = ", ".join(Action)
        raise LinkbackError(f"There is no rule {action!r}: write one of {names}.") from None
    if known is Action.APPROVE_KNOWN:
        return known, "", ""
    spelt = _spelt(host.strip())
    # As a part of a URL it must be its host and nothing else.
    if not spelt or host_of(f"http://{spelt}/") != spelt:
        raise LinkbackError(f"A rule needs a host, as in example.org; {host!r} is none.")
    return known, spelt, _path(prefix)


def _spelt(host: str) -> str:
    """A host as it is compared: in lower case, in the letters of the DNS, without a final dot."""
    name, colon, port = host.lower().partition(":")
    try:
        name = name.rstrip(".").encode("idna").decode()
    except UnicodeError:
        return host.lower()
    return f"{name}{colon}{port}"


def _path(path: str) -> str:
    """A path as it is compared: decoded, without ``.`` and ``..``, without a final slash."""
    decoded = unquote(path).replace("\\", "/").strip("/")
    return posixpath.normpath(f"/{decoded}").rstrip("/")
