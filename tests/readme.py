"""The README's examples, as its reader copies them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

FILE = Path(__file__).parents[1] / "README.rst"

_BLOCK = re.compile(r"::\n\n((?: {4,}.*\n|\n)+)")


def blocks() -> Iterator[str]:
    """All that stands there to be copied, in its order."""
    for found in _BLOCK.finditer(FILE.read_text(encoding="utf-8")):
        yield textwrap.dedent(found[1]).strip("\n") + "\n"


def block(beginning: str, changes: Mapping[str, str] | None = None) -> str:
    """The one example that begins so, with other places and names in it.

    Args:
        beginning: its first characters.
        changes: what stands there once, or a few times, and what is put in its place.
    """
    (found,) = (text for text in blocks() if text.startswith(beginning))
    for old, new in (changes or {}).items():
        assert old in found, f"the README no longer has {old!r} there"
        found = found.replace(old, new)
    return found
