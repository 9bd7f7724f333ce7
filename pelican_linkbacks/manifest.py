"""Manifest: the file that tells a receiver which pages of a site can be told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pelican_linkbacks import files

NAME = "linkbacks-targets.json"
VERSION = 1


class Target(NamedTuple):
    """One page that was published.

    Attributes:
        url: absolute URL at which it stands.
        path: as ``Article.path``.
        title: in plain text.
        lang: its language, as Pelican names it.
        open: whether it takes linkbacks.
    """

    url: str
    path: str
    title: str
    lang: str
    open: bool


def write(folder: Path, targets: Iterable[Target]) -> None:
    """Write the manifest into a folder, unless it says the same already.

    Args:
        folder: the outermost site's output.
        targets: in any order; of those with the same path the last counts.

    Raises:
        OSError: it can't be written; what stood there still stands.
    """
    by_path = {target.path: target for target in targets}
    # In one call, for there may be thousands.
    listed = json.dumps([by_path[path]._asdict() for path in sorted(by_path)])
    # One line for each, so that two versions can be compared. In a text the quote would be escaped.
    lines = listed[1:-1].replace('}, {"', '},\n{"')
    content = f'{{"version": {VERSION}, "targets": [\n{lines}\n]}}\n'.encode("ascii")
    file = folder / NAME
    if file.is_file() and file.read_bytes() == content:
        return
    # A receiver may read it at any moment.
    files.replace(file, content, lasting=False)
