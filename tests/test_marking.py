"""Files that are given markup: written whole, left alone, mended, or put back."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest

from pelican_linkbacks.marking import Marking

URL = "https://us.example/rye.html"
WEBMENTION = {"webmention": b'<link rel="webmention" href="https://us.example/say">'}
HEAD = b"<html><head><title>Gr\xfc\xdfe</title>\r\n"
PAGE = HEAD + b"</head><body>" + b"Text " * 20_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A page in Latin-1, with the line ends of Windows."""
    file = tmp_path / "rye.html"
    file.write_bytes(PAGE)
    return file


def test_a_file_that_is_no_html_is_left_alone_and_named(file: Path) -> None:
    file.write_bytes(b"Text")
    marking = Marking()
    marking.mark(str(file), URL, WEBMENTION, None)
    assert file.read_bytes() == b"Text"
    assert marking.homeless == [str(file)]


def test_a_page_with_markup_of_its_own_is_not_written(file: Path) -> None:
    file.write_bytes(b'<html><head><link rel="webmention" href="/mine"></head>')
    before = file.stat().st_mtime_ns
    Marking().mark(str(file), URL, WEBMENTION, None)
    assert file.stat().st_mtime_ns == before


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    marking = Marking()
    marking.mark(str(tmp_path / "rye.html"), URL, WEBMENTION, None)
    assert marking.failed == ["rye.html (No such file or directory)"]


def test_where_there_is_no_room_the_page_is_what_it_was(file: Path) -> None:
    marking = Marking()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(PAGE) + 10, limits[1]))
    try:
        marking.mark(str(file), URL, WEBMENTION, None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert file.read_bytes() == PAGE
    assert marking.failed == ["rye.html (no room for it)"]


def test_markup_is_inserted_and_every_other_byte_stays(file: Path) -> None:
    marking = Marking()
    marking.mark(str(file), URL, WEBMENTION, None)
    expected = HEAD + WEBMENTION["webmention"] + b"\r\n" + PAGE.removeprefix(HEAD)
    assert file.read_bytes() == expected
    marking.mark(str(file), URL, WEBMENTION, None)
    assert file.read_bytes() == expected


def test_what_another_program_has_spoilt_is_mended_and_the_file_ends_where_it_should(
    file: Path,
) -> None:
    marking = Marking()
    marking.mark(str(file), URL, WEBMENTION, None)
    file.write_bytes(b"<title>a</title><link href=https://us.example/say rel=webmention><p>Text")
    marking.restore()
    assert file.read_bytes() == b"<title>a</title>%b\n<p>Text" % WEBMENTION["webmention"]
    before = file.stat().st_mtime_ns
    marking.restore()
    assert file.stat().st_mtime_ns == before


def test_what_was_moved_away_is_not_missed(file: Path) -> None:
    marking = Marking()
    marking.mark(str(file), URL, WEBMENTION, None)
    file.unlink()
    marking.restore()
    assert marking.failed == []
