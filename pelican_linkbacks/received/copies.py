"""Copies: what each origin gave last, in a file beside the state.

A build without network shows the same pages, and a broken origin takes nothing away.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from pelican_linkbacks import files
from pelican_linkbacks.received import own_receiver, text

VERSION = 1

_HEAD = b'{"version": %d, "origins": {' % VERSION
_EMPTY = {"version": own_receiver.VERSION, "mentions": []}


@dataclass(frozen=True, slots=True)
class Copy:
    """What an origin gave last.

    Attributes:
        etag: by which it knows that again, or "".
        lines: all that it had; see ``own_receiver``.
    """

    etag: str = ""
    lines: list[bytes] = field(default_factory=list)


def beside(state_file: Path) -> Path:
    """The file in which they stand.

    Args:
        state_file: where the state stands.
    """
    return state_file.with_name(f"{state_file.stem}.received.json")


def load(file: Path) -> dict[str, Copy]:
    """The copies that a file holds, by the name of the origin; none if it is not as it was
    written."""
    copies: dict[str, Copy] = {}
    lines: list[bytes] | None = None
    try:
        head, *inner, end, rest = file.read_bytes().split(b"\n")
        if (head, end, rest) != (_HEAD, b"}}", b""):
            return {}
        for line in inner:
            if line.startswith(b"{") and line.endswith((b"}", b"},")) and lines is not None:
                lines.append(line.removesuffix(b","))
            elif line in {b"]}},", b"]}}"}:
                lines = None
            elif line:
                lines = _begin(copies, line)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return copies


def save(file: Path, copies: dict[str, Copy]) -> None:
    """Write the copies, unless the file says the same already.

    Raises:
        OSError: it can't be written; what stood there still stands.
    """
    items = [
        b'%b: {"etag": %b, "list": %b}'
        % (_json(name), _json(copy.etag), own_receiver.document(copy.lines))
        for name, copy in sorted(copies.items())
    ]
    content = b"%b\n%b\n}}\n" % (_HEAD, b",\n".join(items))
    if not (file.is_file() and file.read_bytes() == content):
        files.replace(file, content, lasting=False)


def _begin(copies: dict[str, Copy], line: bytes) -> list[bytes]:
    """Enter the origin that a line names; its mentions stand in those that follow."""
    ((name, item),) = json.loads(b"{%b]}}}" % line).items()
    if item["list"] != _EMPTY:
        raise ValueError
    copies[name] = Copy(text(item["etag"]))
    return copies[name].lines


def _json(value: str) -> bytes:
    return json.dumps(value).encode("ascii")
