"""Places: where the state stands, what stands beside it, and where the linkbacks plugin may have
left its cache.

Both plugins read ``LINKBACKS_CACHEPATH``. Its author may leave it as it was, so a name that may be
of the other's cache is never taken for the state.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

CACHE_NAME = "pelican-plugin-linkbacks.json"
"""What the linkbacks plugin calls its cache if it is given no name for it."""

OWN_SUFFIX = ".jsonl"

DATABASE = "linkbacks.sqlite3"
"""What the receiver's database is called if it is given no name."""

_CACHE = re.compile(rb'\s*\{\s*(\}\s*$|"(?:[^"\\]|\\.)*"\s*:\s*[\[{]\s*("http|[\]}]))')
"""How that cache begins: with a slug and the first of its links, if it has any."""

_BEGINNING = 10_000
"""Bytes of a file that are looked at, to see whose it is."""


def state_file(content: Path, name: str) -> Path:
    """Where the state stands: beside the settings file, in the usual layouts.

    By the name alone wherever that ends in ``.json``, so that it is the same in a fresh clone,
    where the other's cache may be missing.

    Args:
        content: Pelican's PATH.
        name: LINKBACKS_CACHEPATH.
    """
    named = beside(content) / name
    if named.suffix == OWN_SUFFIX or not named.name:
        return named
    own = named.with_name(_without_json(named.name) + OWN_SUFFIX)
    return own if _is_json(named) or os.path.exists(own) or _is_cache(named) else named


def beside_state(content: Path, name: str) -> str:
    """Where a file of the receiver's stands: a relative path begins where that of the state does.

    Args:
        content: Pelican's PATH.
        name: a path, or a URL, which is left as it is.
    """
    return name if "://" in name else str((beside(content) / name).absolute())


def former_caches(content: Path, name: str, cache: Path) -> Iterator[Path]:
    """The files that may be the linkbacks plugin's cache, each once; they need not exist.

    It takes a relative LINKBACKS_CACHEPATH from the working directory; without one it has a file
    in CACHE_PATH, and one below that for each site of i18n_subsites.

    Args:
        content: Pelican's PATH.
        name: LINKBACKS_CACHEPATH.
        cache: Pelican's CACHE_PATH.
    """
    named = {(folder / name).absolute() for folder in (beside(content), Path())}
    yield from (file for file in sorted(named) if _is_json(file) or _is_cache(file))
    yield from [cache / CACHE_NAME, *sorted(cache.glob(f"*/{CACHE_NAME}"))]


def beside(content: Path) -> Path:
    """The folder from which relative paths in settings count: that of the settings file, in the
    usual layouts."""
    return content if any(content.glob("*conf.py")) else content.parent


def _is_json(file: Path) -> bool:
    return file.suffix.lower() == ".json"


def _without_json(name: str) -> str:
    return name[: -len(".json")] if _is_json(Path(name)) else name


def _is_cache(file: Path) -> bool:
    # Under a name like ours, what is not ours is a mistake that its author must hear of.
    if file.suffix == OWN_SUFFIX:
        return False
    try:
        with file.open("rb") as opened:
            return _CACHE.match(opened.read(_BEGINNING)) is not None
    except OSError:
        return False
