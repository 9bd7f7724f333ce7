"""Retention: what is kept of entries that are shown no more."""

from __future__ import annotations

from sqlalchemy import delete, update

from pelican_linkbacks.receiver.course import DAY, KEPT_OUT
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.entry import Status, Texts
from pelican_linkbacks.receiver.rows import FREE, Columns, showing
from pelican_linkbacks.receiver.tables import ENTRIES

_NOTHING: Columns = {
    **dict.fromkeys(("protocol", "source", "host", "target", "path"), ""),
    **showing("", Texts()),
    **dict.fromkeys(("proposal", "judged", "offered", "former", "due", "asked")),
    **dict.fromkeys(("decided_by", "how", "flag", "words"), ""),
    **FREE,
    "edited": False,
    "erased": True,
}


def sweep(database: Database, days: float, now: float) -> int:
    """Erase what is no longer needed.

    Of entries dismissed or called spam only a digest stays, which keeps them out; those removed go
    altogether. What could be undone can be no more.

    Args:
        database: where they are.
        days: how long they are kept whole after their last change.
        now: seconds since 1970-01-01 UTC.

    Returns:
        How many entries were erased.

    Raises:
        DatabaseError: the database can't be used.
    """
    is_old = ENTRIES.c.updated < now - days * DAY
    kept_out = ENTRIES.c.status.in_(KEPT_OUT) & ENTRIES.c.erased.is_(False)
    with database.writing() as connection:
        erased = connection.execute(update(ENTRIES).where(is_old, kept_out).values(_NOTHING))
        gone = is_old & (ENTRIES.c.status == Status.REMOVED)
        removed = connection.execute(delete(ENTRIES).where(gone))
        undoable = is_old & ENTRIES.c.former.is_not(None)
        connection.execute(update(ENTRIES).where(undoable).values(former=None))
    return erased.rowcount + removed.rowcount
