"""A full disk, a real one: nothing is sent without an intent on it, and nothing is lost."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from pelican_linkbacks.mention import Outcome
from tests.blog import Blog
from tests.children import Child, build, send
from tests.verifiers import Verifiers

SIZE = 256 * 1024
"""Bytes of the disk that is filled."""

FULL = "can't be written (No space left on device); nothing is sent without it"
FORGOTTEN = "the next build takes their links for old."


class Disk:
    """A file system of its own that can be full.

    Args:
        folder: where it stands.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave no room for one more block."""
        with self._filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 1024)
            except OSError:
                pass

    def clear(self) -> None:
        """Make room again."""
        self._filler.unlink()

    def files(self) -> set[str]:
        """The names of what else is on it, without the lock."""
        return {file.name for file in self.folder.iterdir()} - {"filler", "linkbacks.jsonl.lock"}


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"no file system can be mounted: {error}")
    if done.returncode:
        pytest.skip(f"no file system can be mounted: {done.stderr.strip()}")
    yield Disk(folder)
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def blogs() -> Iterator[Verifiers]:
    with Verifiers(6) as blogs:
        yield blogs


@pytest.fixture
def stored(blog: Blog, disk: Disk) -> Blog:
    """A blog whose state stands on that disk."""
    blog.settings["LINKBACKS_CACHEPATH"] = str(disk.folder / "linkbacks.jsonl")
    blog.state_file = disk.folder / "linkbacks.jsonl"
    return blog


@pytest.fixture
def known(stored: Blog) -> Blog:
    """The same after its first build."""
    for number in range(5):
        stored.write(str(number), "Text")
    assert build(stored).status == 0
    return stored


def add_links(blog: Blog, blogs: Verifiers) -> int:
    """Link to all blogs from each article.

    Returns:
        How many links that are.
    """
    for number in range(5):
        blog.write(str(number), blogs.links(number))
    return 5 * len(blogs.blogs)


def ended_with_one_line(child: Child) -> str:
    """What a build said that could not do its work."""
    assert child.status == 0
    (line,) = child.said
    return line


def test_a_state_that_can_not_be_saved_before_anything_is_sent(
    known: Blog, disk: Disk, blogs: Verifiers
) -> None:
    before = known.state_file.read_bytes()
    links = add_links(known, blogs)
    disk.fill()
    assert FULL in ended_with_one_line(build(known))
    assert not any(blog.requests for blog in blogs.blogs)
    assert known.state_file.read_bytes() == before
    assert disk.files() == {"linkbacks.jsonl"}

    disk.clear()
    assert build(known).said[0].startswith(f"Linkbacks: {links} new, {links} sent ")
    assert set(blogs.accepted().values()) == {1}


def test_a_disk_that_fills_up_while_notices_leave(
    known: Blog, disk: Disk, blogs: Verifiers
) -> None:
    links = add_links(known, blogs)
    known.settings["LINKBACKS_WORKERS"] = 3
    for blog in blogs.blogs:
        blog.on_notice = disk.fill
    assert FULL in ended_with_one_line(build(known))
    assert known.state_file.read_bytes().endswith(b"}\n"), "there is no half of a line"
    assert disk.files() == {"linkbacks.jsonl"}
    before = blogs.accepted()
    assert 0 < before.total() < links
    mentions = {(m.source, m.target): m for m in known.mentions()}
    assert all(mentions[told].asked_at or mentions[told].outcome == "sent" for told in before)
    unanswered = {mention for mention in mentions if mentions[mention].asked_at}
    assert len(unanswered) <= 3

    disk.clear()
    for blog in blogs.blogs:
        blog.on_notice = lambda: None
    assert build(known).status == 0
    after = blogs.accepted()
    assert len(after) == links
    assert {mention for mention, times in after.items() if times > 1} <= unanswered
    assert set(known.outcomes().values()) == {"sent"}


def test_a_state_that_can_not_be_put_in_order_after_all_was_told(
    known: Blog, disk: Disk, blogs: Verifiers
) -> None:
    known.write("0", f"[a post]({blogs.blogs[0].post(1)})")
    blogs.blogs[0].on_notice = disk.fill
    assert FULL in ended_with_one_line(build(known))
    assert disk.files() == {"linkbacks.jsonl"}
    assert set(known.outcomes().values()) == {"sent"}

    disk.clear()
    assert build(known).said[0].startswith("Linkbacks: 0 new, 0 sent, ")
    assert blogs.accepted().total() == 1


def test_a_send_on_a_full_disk_tells_nothing_and_fails(
    known: Blog, disk: Disk, blogs: Verifiers
) -> None:
    known.settings["LINKBACKS_SEND"] = False
    links = add_links(known, blogs)
    assert build(known).status == 0
    blogs.blogs[0].on_notice = disk.fill
    with known.state_file.open("ab") as file:
        file.write(b'{"article": "0.html", "fi')
    disk.fill()
    child = send(known)
    assert (child.status, len(child.said)) == (1, 1)
    assert FULL in child.said[0]
    assert not any(blog.requests for blog in blogs.blogs)

    disk.clear()
    blogs.blogs[0].on_notice = lambda: None
    assert send(known).said[0].startswith(f"Linkbacks: {links} sent ")
    assert set(blogs.accepted().values()) == {1}


def test_a_first_build_remembers_what_the_live_site_carried_in_pelican_s_cache(
    stored: Blog, disk: Disk, blogs: Verifiers
) -> None:
    links = add_links(stored, blogs)
    disk.fill()
    line = ended_with_one_line(build(stored))
    assert FULL in line
    assert FORGOTTEN not in line
    assert not any(blog.requests for blog in blogs.blogs)
    assert disk.files() == set()

    disk.clear()
    assert build(stored).said[0].startswith(f"Linkbacks: {links} new, {links} sent ")
    assert set(blogs.accepted().values()) == {1}
    assert not list((stored.folder / "cache").glob("*live*"))


def test_a_first_build_that_can_remember_nowhere_what_the_live_site_carried_says_so(
    stored: Blog, disk: Disk, blogs: Verifiers
) -> None:
    stored.settings["CACHE_PATH"] = str(disk.folder / "cache")
    add_links(stored, blogs)
    disk.fill()
    line = ended_with_one_line(build(stored))
    assert FULL in line
    assert line.endswith(FORGOTTEN)
    assert not any(blog.requests for blog in blogs.blogs)

    disk.clear()
    assert build(stored).status == 0
    assert set(stored.outcomes().values()) == {"old"}
    assert not blogs.accepted(), "what may have been told before is not told"


def no_long_files(length: int) -> None:
    """Let this process write no file beyond a length, as if the disk were full there."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, length))


@pytest.mark.parametrize("share", [0.5, 1.0, 1.02, 1.2, 1.5, 2.0, 2.5])
def test_whatever_room_there_is_all_is_told_once_and_only_what_was_under_way_again(
    blog: Blog, blogs: Verifiers, share: float
) -> None:
    """Room for a part of the state with all links queued, or for that and some of the outcomes."""
    blog.settings |= {"LINKBACKS_WORKERS": 3, "LINKBACKS_SEND": False}
    links = add_links(blog, blogs)
    assert build(blog).status == 0
    room = int(blog.state_file.stat().st_size * share)
    blog.state_file.unlink()
    for page in blog.output.glob("?.html"):
        page.unlink()
    blog.settings["LINKBACKS_SEND"] = True

    child = build(blog, partial(no_long_files, room))
    said = child.said
    assert child.status == 0
    assert "can't be written (File too large)" in said[0] or f" {links} sent " in said[0]
    assert not list(blog.folder.glob("*.new"))
    before = blogs.accepted()
    unanswered = set()
    if blog.state_file.exists():
        assert blog.state_file.read_bytes().endswith(b"}\n")
        unanswered = {(m.source, m.target) for m in blog.mentions() if m.asked_at}
    assert len(unanswered) <= 3
    assert before.total() < links or share > 2

    assert build(blog).status == 0
    after = blogs.accepted()
    assert len(after) == links
    assert {mention for mention, times in after.items() if times > 1} <= unanswered
    assert {mention.outcome for mention in blog.mentions()} == {Outcome.SENT}
