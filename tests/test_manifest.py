"""The file that tells a receiver which pages there are."""

from __future__ import annotations

import json
from pathlib import Path

from pelican_linkbacks.manifest import NAME, Target, write

RYE = Target("https://us.example/rye.html", "rye.html", "Rye & Käse", "de", open=True)
OATS = Target("https://us.example/oats.html", "oats.html", "Oats", "en", open=False)


def test_it_says_the_same_in_whatever_order_pages_were_written(tmp_path: Path) -> None:
    write(tmp_path / "a", [RYE, OATS, RYE])
    write(tmp_path / "b", [OATS, RYE])
    said = (tmp_path / "a" / NAME).read_bytes()
    assert said == (tmp_path / "b" / NAME).read_bytes()
    assert json.loads(said) == {
        "version": 1,
        "targets": [
            {
                "url": "https://us.example/oats.html",
                "path": "oats.html",
                "title": "Oats",
                "lang": "en",
                "open": False,
            },
            {
                "url": "https://us.example/rye.html",
                "path": "rye.html",
                "title": "Rye & Käse",
                "lang": "de",
                "open": True,
            },
        ],
    }


def test_what_has_not_changed_is_not_written_again(tmp_path: Path) -> None:
    write(tmp_path, [RYE])
    before = (tmp_path / NAME).stat()
    write(tmp_path, [RYE])
    after = (tmp_path / NAME).stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    write(tmp_path, [])
    assert json.loads((tmp_path / NAME).read_bytes())["targets"] == []
    assert [file.name for file in tmp_path.iterdir()] == [NAME]
