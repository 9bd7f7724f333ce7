"""The sections that are remembered from one build to the next."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import pelican_linkbacks
from pelican_linkbacks.received.sections import FILE_NAME, Sections, recipe

LOOK = b"as it looks"
LINES = [b"one", b"two"]
HTML = "<section>\nä\n</section>".encode()


def build(folder: Path, *asked: tuple[bytes, list[bytes]], html: bytes = HTML) -> list[bool]:
    """Ask for sections as a build does; which of them had to be made."""
    sections = Sections(folder)
    made: list[bool] = []
    for look, lines in asked:
        made.append(False)

        def make() -> bytes:
            made[-1] = True
            return html

        assert sections.get(look, lines, make) == html
    sections.save()
    return made


def test_a_build_without_sections_leaves_no_file(tmp_path: Path) -> None:
    build(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_has_not_changed_is_not_made_again_nor_written(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert build(folder, (LOOK, LINES), (LOOK, [b"one"])) == [True, True]
    os.utime(folder / FILE_NAME, ns=(1, 1))
    assert build(folder, (LOOK, [b"one"]), (LOOK, LINES)) == [False, False]
    assert (folder / FILE_NAME).stat().st_mtime_ns == 1


@pytest.mark.parametrize(
    "other",
    [
        (b"as others look", LINES),
        (LOOK, [b"one", b"two", b"three"]),
        (LOOK, [b"two", b"one"]),
        (LOOK, [b"onetwo"]),
        (LOOK, []),
    ],
)
def test_what_has_changed_in_anything_is_made_anew(
    tmp_path: Path, other: tuple[bytes, list[bytes]]
) -> None:
    build(tmp_path, (LOOK, LINES))
    assert build(tmp_path, other) == [True]


def test_what_is_new_is_added_to_the_file(tmp_path: Path) -> None:
    build(tmp_path, (LOOK, LINES))
    before = (tmp_path / FILE_NAME).read_bytes()
    assert build(tmp_path, (LOOK, [b"one"])) == [True]
    assert (tmp_path / FILE_NAME).read_bytes().startswith(before)
    assert build(tmp_path, (LOOK, LINES), (LOOK, [b"one"])) == [False, False]


def test_what_was_not_asked_for_is_forgotten_when_it_is_more_than_the_rest(tmp_path: Path) -> None:
    build(tmp_path, (LOOK, LINES), (LOOK, [b"one"]), (LOOK, [b"two"]))
    whole = (tmp_path / FILE_NAME).stat().st_size
    build(tmp_path, (LOOK, [b"one"]), (LOOK, LINES))
    assert (tmp_path / FILE_NAME).stat().st_size == whole
    build(tmp_path, (LOOK, [b"one"]))
    assert (tmp_path / FILE_NAME).stat().st_size < whole
    assert build(tmp_path, (LOOK, [b"one"])) == [False]
    assert build(tmp_path, (LOOK, LINES)) == [True]


def test_a_build_that_asks_for_none_forgets_all(tmp_path: Path) -> None:
    build(tmp_path, (LOOK, LINES))
    build(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == b""


def test_an_empty_section_is_remembered_too(tmp_path: Path) -> None:
    build(tmp_path, (LOOK, LINES), html=b"")
    assert build(tmp_path, (LOOK, LINES), html=b"") == [False]


def test_a_section_that_would_break_the_file_is_made_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        assert build(tmp_path, (LOOK, LINES), html=b"a\0b") == [True]


@pytest.mark.parametrize(
    "harm",
    [
        lambda known: known[:-1],
        lambda known: known[:-9],
        lambda known: known[: known.index(b"\0") + 1],
        lambda known: known + b"x",
        lambda known: b"",
    ],
)
def test_a_file_that_was_torn_is_as_none(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    build(tmp_path, (LOOK, LINES))
    file = tmp_path / FILE_NAME
    file.write_bytes(harm(file.read_bytes()))
    assert build(tmp_path, (LOOK, LINES)) == [True]
    assert build(tmp_path, (LOOK, LINES)) == [False]


def test_where_nothing_can_be_written_each_build_makes_them(tmp_path: Path) -> None:
    folder = tmp_path / "a file"
    folder.touch()
    for _ in range(2):
        assert build(folder, (LOOK, LINES)) == [True]


@pytest.mark.parametrize(
    "part",
    ["received/safe.py", "received/words.py", "showing.py", "urls.py", "templates/linkbacks.html"],
)
def test_whoever_changes_what_makes_them_has_another_recipe(tmp_path: Path, part: str) -> None:
    package = Path(pelican_linkbacks.__file__).parent
    for copy in ("same", "other"):
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(package, tmp_path / copy, ignore=skipped)
    with (tmp_path / "other" / part).open("ab") as file:
        file.write(b" ")
    assert recipe(tmp_path / "same") == recipe(package)
    assert recipe(tmp_path / "other") != recipe(package)
