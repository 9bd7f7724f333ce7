"""Copies: what each origin gave last, in a file beside the state.

A build without network shows the same pages, and a broken origin takes nothing away.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pelican_linkbacks import files
from pelican_linkbacks.received import Received, own_receiver, text

VERSION = 1


@dataclass(frozen=True, slots=True)
class Copy:
    """What an origin gave last.

    Attributes:
        etag: by which it knows that again, or "".
        mentions: all that it had.
    """

    etag: str = ""
    mentions: list[Received] = field(default_factory=list)


def beside(state_file: Path) -> Path:
    """The file in which they stand.

    Args:
        state_file: where the state stands.
    """
    return state_file.with_name(f"{state_file.stem}.received.json")


def load(file: Path) -> dict[str, Copy]:
    """The copies that a file holds, by the name of the origin; none if it can't be read."""
    try:
        document = json.loads(file.read_bytes())
        if document["version"] != VERSION:
            return {}
        return {name: _copy(item) for name, item in document["origins"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def save(file: Path, copies: dict[str, Copy]) -> None:
    """Write the copies, unless the file says the same already.

    Raises:
        OSError: it can't be written; what stood there still stands.
    """
    items = [
        f'{json.dumps(name)}: {{"etag": {json.dumps(copy.etag)}, "list": '
        f"{own_receiver.document(copy.mentions).decode().rstrip()}}}"
        for name, copy in sorted(copies.items())
    ]
    document = f'{{"version": {VERSION}, "origins": {{\n' + ",\n".join(items) + "\n}}\n"
    content = document.encode()
    if not (file.is_file() and file.read_bytes() == content):
        files.replace(file, content)


def _copy(item: Any) -> Copy:
    return Copy(text(item["etag"]), own_receiver.listed(item["list"]))
