"""Files: new content in the place of the old."""

from __future__ import annotations

from pathlib import Path

import pytest

from pelican_linkbacks.files import beside, replace


def test_what_can_not_be_written_leaves_the_old_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.mkdir()
    with pytest.raises(IsADirectoryError):
        replace(file, b"new")
    assert list(tmp_path.iterdir()) == [file]
    assert list(file.iterdir()) == []


def test_a_file_that_it_is_linked_to_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "own").write_bytes(b"own")
    (tmp_path / "file").symlink_to(tmp_path / "own")
    replace(tmp_path / "file", b"new")
    assert (tmp_path / "own").read_bytes() == b"own"
    assert (tmp_path / "file").read_bytes() == b"new"


def test_who_may_read_it_may_read_it_still(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    file.chmod(0o640)
    replace(file, b"new")
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_new_file_comes_with_its_folders(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "file"
    replace(file, b"new")
    assert file.read_bytes() == b"new"
    assert not beside(file).exists()
