"""Course: how an entry goes on when it is told again, looked at, or decided on.

Each function says which columns of its row change; none of them touches the database.
"""

from __future__ import annotations

import secrets
from typing import Any

from pelican_linkbacks.manifest import Target
from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver.entry import Finding, Look, Status, Texts
from pelican_linkbacks.receiver.rows import (
    FREE,
    Columns,
    Row,
    alike,
    former,
    kept,
    packed,
    place,
    restored,
    showing,
    texts,
    unpacked,
)
from pelican_linkbacks.receiver.rules import Action, Rule
from pelican_linkbacks.urls import host_of

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

PAUSES = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 12 * HOUR, DAY)
"""Seconds after the first, second, … look in a row that came to nothing."""

VISITS = (DAY, 7 * DAY, 30 * DAY, 180 * DAY)
"""Seconds after its approval when an entry is looked at again, unasked."""

ELSEWHERE = "It now leads to another site."
FLAGS = {
    Finding.NO_LINK: "It no longer links here.",
    Finding.GONE: "Its page is gone.",
    Finding.NOT_FOUND: "Its page is not found any more.",
    Finding.FORBIDDEN: "It now leads to an address that must not be asked.",
}
"""What the author is told of an approved entry, by what a revisit found."""

KEPT_OUT = frozenset({Status.DISMISSED, Status.SPAM})
DECIDED = KEPT_OUT | {Status.REMOVED}
"""What is not looked at any more, unless somebody tells of it or decides otherwise."""


def begun(notice: Notice, target: Target, now: float) -> Columns:
    """The columns of a new entry."""
    return {
        "place": place(notice.source, target.path),
        "alike": alike(notice.source),
        "protocol": notice.protocol,
        "source": notice.source,
        "host": host_of(notice.source),
        "target": target.url,
        "path": target.path,
        "status": Status.QUEUED,
        **showing(notice.source, Texts()),
        "offered": _offered(notice),
        "token": secrets.token_urlsafe(16),
        "received": now,
        "updated": now,
        "asked": now,
        "due": now,
    }


def told_again(row: Row, notice: Notice, target: Target, now: float) -> tuple[Columns, bool]:
    """What a notice changes of a known entry, and whether that entry waits for a look now."""
    status = Status(row["status"])
    if status in KEPT_OUT:
        return {}, False
    if status is Status.QUEUED and not row["attempts"]:
        return {}, True
    told = {
        "protocol": notice.protocol,
        "target": target.url,
        "offered": _offered(notice),
        "due": now,
    }
    anew = told | {"asked": now, "attempts": 0}
    if status is Status.REMOVED:
        return anew | {"status": Status.QUEUED, "updated": now, "former": None}, True
    if status is Status.QUEUED or notice.protocol == "webmention":
        return anew, True
    # The others have no word for an update: they are answered at once, and looked at in peace.
    return (told if now - (row["looked"] or 0) > HOUR else {}), False


def looked_at(row: Row, look: Look, asked: bool, rule: Rule | None, now: float) -> Columns | None:
    """What a look changes of an entry.

    Args:
        row: as it is.
        look: what was found.
        asked: whether the sender asked for this look.
        rule: decides, if the entry is new.
        now: seconds since 1970-01-01 UTC.

    Returns:
        The columns that change; None if the entry is to be deleted.
    """
    status = Status(row["status"])
    if status in DECIDED:
        return {"due": None, "asked": None}
    seen = {"looked": now, "how": look.how}
    rest = {"attempts": 0, "asked": None, "due": next_visit(row["approved"], now)}
    if look.finding is Finding.LINKS:
        return seen | {"verified": now} | rest | _linked(row, look, rule, now)
    if look.finding is Finding.UNREACHABLE:
        if later := _later(row, look, now):
            return seen | later
        return None if status is Status.QUEUED else seen | rest
    if status is Status.APPROVED:
        return _lost(row, look, asked, now) | seen if asked else seen | rest | _flag(look)
    # A page that is not found may be on its way; what was verified once gets more time.
    may_pass = look.finding in (Finding.NOT_FOUND, Finding.FORBIDDEN)
    later = _later(row, look, now) if status is Status.PENDING and may_pass else None
    return seen | later if later else None


def decided(row: Row, status: Status, by: str, now: float) -> Columns:
    """What the author's decision changes of an entry; nothing if it can't be or is so already."""
    is_unknown = row["verified"] is None and status not in KEPT_OUT
    if row["erased"] or is_unknown or row["status"] == status:
        return {}
    approved = now if status is Status.APPROVED else None
    return {
        "status": status,
        "decided_by": by,
        "flag": "",
        "former": former(row),
        "updated": now,
        "attempts": 0,
        "asked": None,
        "approved": approved,
        "due": next_visit(approved, now),
        **FREE,
    }


def edited(row: Row, words: Texts, now: float, **columns: Any) -> Columns:
    """What other texts of the author's choice change of an entry."""
    if row["erased"] or row["verified"] is None:
        return {}
    shown = showing(row["source"], kept(words))
    return shown | {"former": former(row), "updated": now} | columns


def taken_back(row: Row, now: float) -> Columns:
    """What changes of an entry whose last decision is taken back; nothing if there is none."""
    if row["former"] is None:
        return {}
    columns = restored(row)
    is_queued = columns["status"] == Status.QUEUED
    due = now if is_queued else next_visit(columns["approved"], now)
    return columns | {"due": due, "updated": now, "attempts": 0, "asked": None}


def next_visit(approved: float | None, now: float) -> float | None:
    """When an entry is looked at next, unasked; None for never.

    Args:
        approved: when it was approved (seconds since 1970-01-01 UTC); None if it is not.
        now: the same.
    """
    if approved is None:
        return None
    return next((approved + pause for pause in VISITS if approved + pause > now), None)


def _offered(notice: Notice) -> str | None:
    if notice.protocol != "trackback":
        return None
    return packed(Texts(title=notice.title, author=notice.blog_name, excerpt=notice.excerpt))


def _linked(row: Row, look: Look, rule: Rule | None, now: float) -> Columns:
    said = kept(look.texts or Texts())
    status = Status(row["status"])
    if status is Status.QUEUED or (status is Status.PENDING and not row["edited"]):
        new = showing(row["source"], said) | {"judged": packed(said), "proposal": None}
        if status is Status.PENDING:
            return new if said == texts(row) else new | {"updated": now}
        new |= {"status": Status.PENDING, "edited": False, "flag": "", "updated": now}
        return new if rule is None else new | _ruled({**row, **new}, rule, now)
    is_known = said in (texts(row), unpacked(row["judged"]))
    proposal = None if is_known else packed(said)
    moved = look.url and _home(look.url) != _home(row["source"])
    flag = ELSEWHERE if moved and status is Status.APPROVED else ""
    return {"proposal": proposal, "flag": flag}


def _ruled(row: Row, rule: Rule, now: float) -> Columns:
    status = Status.DISMISSED if rule.action is Action.BLOCK else Status.APPROVED
    approved = now if status is Status.APPROVED else None
    return {
        "status": status,
        "decided_by": rule.words,
        "former": former({**row, "decided_by": ""}),
        "approved": approved,
        "due": next_visit(approved, now),
    }


def _lost(row: Row, look: Look, asked: bool, now: float) -> Columns:
    """Of an approved entry whose own sender says that it has changed, and whose link is gone."""
    if look.finding is Finding.FORBIDDEN:
        due = next_visit(row["approved"], now)
        return _flag(look) | {"attempts": 0, "asked": None, "due": due}
    if look.finding is Finding.NOT_FOUND and (later := _later(row, look, now)):
        return later
    return {
        "status": Status.REMOVED,
        "former": former(row),
        "approved": None,
        "updated": now,
        "attempts": 0,
        "asked": None,
        "due": None,
    }


def _later(row: Row, look: Look, now: float) -> Columns | None:
    attempts = row["attempts"] + 1
    if attempts > len(PAUSES):
        return None
    pause = max(PAUSES[attempts - 1], look.pause or 0)
    return {"attempts": attempts, "due": now + pause}


def _flag(look: Look) -> Columns:
    return {"flag": FLAGS[look.finding]}


def _home(url: str) -> str:
    return host_of(url).removeprefix("www.")
