"""Oldest: the versions that ``make test`` installs are those that setup.cfg says will do."""

from __future__ import annotations

import configparser
import re
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXTRAS = ("receiver", "postgresql")
"""Those that users may want; the tools of the tests are always the newest."""


def pairs(lines: str, sign: str) -> dict[str, list[int]]:
    """The versions that are named, by package."""
    found = re.findall(rf"^([\w-]+)(?:\[\w+\])? {sign} ([\d.]+)$", lines, re.MULTILINE)
    return {name: [int(part) for part in version.split(".")] for name, version in found}


def test_each_package_is_tested_with_its_oldest_version() -> None:
    metadata = configparser.ConfigParser()
    metadata.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = metadata["options.extras_require"]
    wanted = [metadata["options"]["install_requires"], *(extras[name] for name in EXTRAS)]
    lines = [line for block in wanted for line in block.split("\n") if line]
    floors = pairs("\n".join(lines), ">=")
    assert len(floors) == len(lines)

    tested = pairs((ROOT / "tests" / "oldest.txt").read_text(), "==")

    assert tested.keys() == floors.keys()
    for name, floor in floors.items():
        # 2.32 and 2.32.0 are the same.
        assert all(a == b for a, b in zip_longest(tested[name], floor, fillvalue=0)), name
