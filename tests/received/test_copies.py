"""What origins gave last, in a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pelican_linkbacks.received import Received, own_receiver
from pelican_linkbacks.received.batch import Batch
from pelican_linkbacks.received.copies import beside, load, save

MENTION = Received(
    "https://blog.example/loaf",
    "https://us.example/rye.html",
    "pingback",
    "reply",
    "https://blog.example/loaf#1",
    'A "loaf"\n',
    "Ännä",
    "So \u2028 good.",
    datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
)
COPIES = {
    "feed:https://me.example/ä": Batch(
        own_receiver.lines([MENTION, MENTION._replace(published=None)]), 'W/"1"'
    ),
    "webmention.io": Batch(),
}


def test_they_stand_beside_the_state() -> None:
    assert beside(Path("/blog/linkbacks.jsonl")) == Path("/blog/linkbacks.received.json")
    assert beside(Path("/blog/told")) == Path("/blog/told.received.json")


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "a" / "copies.json"
    save(file, COPIES)
    assert load(file) == COPIES


def test_a_file_holds_one_line_for_each_mention(tmp_path: Path) -> None:
    file = tmp_path / "copies.json"
    save(file, COPIES)
    lines = file.read_text(encoding="utf-8").split("\n")
    assert sum(line.startswith('{"target": "https://us.example/rye.html"') for line in lines) == 2
    assert json.loads("\n".join(lines))["version"] == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b'{"version": 1}',
        b'{"version": 2, "origins": {}}',
        b'{"version": 1, "origins": []}',
        b'{"version": 1, "origins": {"a": 7}}',
        b'{"version": 1, "origins": {"a": {"etag": ""}}}',
        b'{"version": 1, "origins": {"a": {"etag": "", "list": []}}}',
        b'{"version": 1, "origins": {"a": {"etag": "", "list": {"version": 2, "mentions": []}}}}',
        b"[" * 200_000,
        b'<<<<<<< ours\n{"version": 1, "origins": {}}',
    ],
)
def test_a_file_that_is_something_else_holds_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "copies.json"
    file.write_bytes(content)
    assert load(file) == {}


def test_no_file_holds_none(tmp_path: Path) -> None:
    assert load(tmp_path / "copies.json") == load(tmp_path) == {}


def test_an_etag_of_another_type_is_none(tmp_path: Path) -> None:
    file = tmp_path / "copies.json"
    save(file, {"a": Batch([], "1")})
    file.write_bytes(file.read_bytes().replace(b'"1"', b'["1"]'))
    assert load(file) == {"a": Batch()}


def test_what_can_not_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "copies.json"
    save(file, COPIES)
    before = file.read_bytes()
    # Where the new content would be written: even root can't write into a folder.
    (tmp_path / "copies.json.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        save(file, {})
    assert file.read_bytes() == before
