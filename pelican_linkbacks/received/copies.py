"""Copies: what each origin gave last, in a file beside the state.

A build without network shows the same pages, and a broken origin takes nothing away.
"""

from __future__ import annotations

import json
from pathlib import Path

from pelican_linkbacks import files
from pelican_linkbacks.received import own_receiver, text
from pelican_linkbacks.received.batch import Batch

VERSION = 1

_HEAD = b'{"version": %d, "origins": {' % VERSION
_END = b"]}}"
_EMPTY = {"version": own_receiver.VERSION, "mentions": []}


def beside(state_file: Path) -> Path:
    """The file in which they stand.

    Args:
        state_file: where the state stands.
    """
    return state_file.with_name(f"{state_file.stem}.received.json")


def load(file: Path) -> dict[str, Batch]:
    """The copies that a file holds, by the name of the origin; none if it is not as it was
    written."""
    copies: dict[str, Batch] = {}
    try:
        rows = file.read_bytes().split(b"\n")
        if rows[0] != _HEAD or rows[-2:] != [b"}}", b""]:
            return {}
        start, ends = 1, (n for n, row in enumerate(rows) if row[: len(_END)] == _END)
        for end in ends:
            name, batch = _copy(rows[start], rows[start + 1 : end])
            copies[name] = batch
            start = end + 1
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}
    return copies if start == len(rows) - 2 else {}


def save(file: Path, copies: dict[str, Batch]) -> None:
    """Write the copies.

    Raises:
        OSError: it can't be written; what stood there still stands.
    """
    parts = [_HEAD]
    for name, batch in sorted(copies.items()):
        begin = b'%b\n%b: {"etag": %b, "list": '
        between = b"," if len(parts) > 1 else b""
        parts.append(begin % (between, _json(name), _json(batch.etag)))
        parts += [own_receiver.document(batch.lines), b"}"]
    files.replace(file, *parts, b"\n}}\n", lasting=False)


def _copy(head: bytes, rows: list[bytes]) -> tuple[str, Batch]:
    """The name of an origin, which stands in the row before those of its mentions, and its copy."""
    ((name, item),) = json.loads(b"{%b]}}}" % head).items()
    lines = [] if rows == [b""] else own_receiver.between(rows)
    if item["list"] != _EMPTY or lines is None:
        raise ValueError
    return name, Batch(lines, text(item["etag"]))


def _json(value: str) -> bytes:
    return json.dumps(value).encode("ascii")
