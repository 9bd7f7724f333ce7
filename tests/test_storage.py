"""Storage: what a crash, a full disk and other runs leave of a file."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pelican_linkbacks.errors import StateBusy, StateError
from pelican_linkbacks.storage import appending, locked, overwrite
from tests.blog import HOLDER


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "linkbacks.jsonl"


@contextmanager
def no_file_longer_than(length: int) -> Iterator[None]:
    """As on a disk that is full, for this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_can_not_be_overwritten_stays_and_nothing_is_left_beside_it(path: Path) -> None:
    path.write_bytes(b"old\n")
    with (
        pytest.raises(StateError, match=r"linkbacks\.jsonl can't be written \(File too large\)"),
        no_file_longer_than(10),
    ):
        overwrite(path, b"0123456789" * 2)
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == {path.name: b"old\n"}


def test_what_a_killed_run_left_beside_a_file_is_overwritten_with_it(path: Path) -> None:
    path.with_name("linkbacks.jsonl.new").write_bytes(b"half of a much longer line")
    overwrite(path, b"new\n")
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == b"new\n"


def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    overwrite(tmp_path / "kept" / "here" / "state", b"new\n")
    assert (tmp_path / "kept" / "here" / "state").read_bytes() == b"new\n"


def test_lines_are_added_at_the_end_and_are_there_at_once(path: Path) -> None:
    path.write_bytes(b"one\n")
    with appending(path) as file:
        file.write(b"two\n")
        assert path.read_bytes() == b"one\ntwo\n"
        file.sync()
        file.write(b"three\n")
    assert path.read_bytes() == b"one\ntwo\nthree\n"


@pytest.mark.parametrize("room", range(1, 8))
def test_of_a_line_for_which_there_is_no_room_nothing_stays_and_the_next_one_is_whole(
    path: Path, room: int
) -> None:
    path.write_bytes(b"one\n")
    with appending(path) as file:
        file.write(b"two\n")
        with pytest.raises(StateError, match="can't be written"), no_file_longer_than(8 + room):
            file.write(b"and more\n")
        assert path.read_bytes() == b"one\ntwo\n"
        file.write(b"three\n")
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_a_file_that_can_not_be_opened_for_more_says_so(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StateError, match="can't be written"), appending(path):
        pass


def test_what_fails_while_a_file_is_held_lets_it_go(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(path):
        raise ZeroDivisionError
    with locked(path):
        pass


def test_a_run_that_dies_holds_nothing_any_more(path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, f"{path}.lock"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StateBusy), locked(path):
            pass
        holder.kill()
        holder.wait()
        with locked(path):
            pass


def test_the_folder_of_a_held_file_is_made_and_the_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "linkbacks.jsonl"
    with locked(path):
        assert path.parent.is_dir()
        assert not path.exists()
