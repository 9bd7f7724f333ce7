"""Records: mentions as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from pelican_linkbacks.mention import Excerpt, Mention, Outcome, Receipt

_NAMES = tuple(f.name for f in fields(Mention))
_values = attrgetter(*_NAMES)
_TIMES = ("next_attempt", "first_seen", "asked_at", "told_at", "receipt_at")

CONFLICT = b"<<<<<<< "
"""What git could not merge begins with this."""


def parse(lines: Sequence[bytes]) -> Iterator[Any]:
    """The records of lines, as JSON has them; None for a line that is no JSON."""
    try:
        # One call is much faster than one for each line.
        records = json.loads(b"[%b]" % b",".join(lines))
    except ValueError:
        records = []
    if len(records) == len(lines):
        yield from records
        return
    for text in lines:
        try:
            yield json.loads(text)
        except ValueError:
            yield None


_encode = json.JSONEncoder(ensure_ascii=False).encode


def objection(path: Path, number: int, text: bytes) -> str:
    """Why a file is refused whose line ``number`` is no record, and what to do about it."""
    if text.startswith(CONFLICT):
        return (
            f"{path} has git's conflict markers, the first in line {number}. Nothing is sent and "
            "the file is left alone. Keep the lines of both sides and delete only the markers, the "
            "lines that begin with <<<<<<<, |||||||, ======= or >>>>>>>. With the line "
            f'"{path.name} merge=union" in .gitattributes git does that by itself.'
        )
    return (
        f"{path} is not a state file of pelican_linkbacks that can be read: line {number} is none "
        "of its lines. Nothing is sent and the file is left alone. Mend that line, restore the "
        "file from a backup, or name another file in LINKBACKS_CACHEPATH."
    )


def line(record: Mapping[str, Any]) -> bytes:
    """A record as a line."""
    return _encode(record).encode() + b"\n"


def lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Records as lines, none of which has a list of objects in it."""
    # In one call, for a first scan writes thousands. In a text the quote would be escaped.
    return _encode(list(records))[1:-1].replace('}, {"', '}\n{"').encode() + b"\n"


def from_mention(mention: Mention) -> dict[str, Any]:
    """The record of a mention: what is not None, 0 or False, with times in UTC."""
    # In one call: a first scan writes thousands.
    record = {name: value for name, value in zip(_NAMES, _values(mention), strict=True) if value}
    if not mention.article:
        # The home page itself is an article.
        record["article"] = ""
    for name in _TIMES:
        if name in record:
            record[name] = written(record[name])
    if mention.excerpt:
        record["excerpt"] = {f.name: getattr(mention.excerpt, f.name) for f in fields(Excerpt)}
    return record


@lru_cache(maxsize=64)
def written(time: datetime) -> str:
    """A time as programs read it: in UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_mention(record: Mapping[str, Any]) -> Mention:
    """The mention of a record; names that are not known are passed over.

    Raises:
        ValueError, TypeError, KeyError: the record is not of a mention.
    """
    values = {name: record[name] for name in _NAMES if name in record}
    values["outcome"] = Outcome(values["outcome"])
    if "receipt" in values:
        values["receipt"] = Receipt(values["receipt"])
    for name in _TIMES:
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    if "excerpt" in values:
        values["excerpt"] = Excerpt(**values["excerpt"])
    return Mention(**values)
