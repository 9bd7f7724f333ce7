"""A folder that can't be written to, a real one: one clear line, and nothing is sent."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.blog import Blog
from tests.children import Child, build, send
from tests.neighbour import Neighbour

DENIED, READ_ONLY = "Permission denied", "Read-only file system"
FORGOTTEN = "the next build takes their links for old."


def without_privilege() -> None:
    """Let modes of files mean something to root too."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        rights = (ctypes.c_uint32 * 6)()
        assert libc.capget(header, rights) == 0
        # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
        rights[0] &= ~0b110
        assert libc.capset(header, rights) == 0


@pytest.fixture
def kept(blog: Blog) -> Iterator[Blog]:
    """A blog whose state has a folder to itself."""
    folder = blog.folder / "kept"
    folder.mkdir()
    blog.settings["LINKBACKS_CACHEPATH"] = "kept/linkbacks.jsonl"
    blog.state_file = folder / "linkbacks.jsonl"
    yield blog
    folder.chmod(0o755)


@pytest.fixture
def mounted(kept: Blog) -> Iterator[Callable[[str], None]]:
    """Mounts that folder anew, "ro" or "rw"."""
    folder = str(kept.state_file.parent)
    try:
        done = subprocess.run(
            ["mount", "--bind", folder, folder], capture_output=True, text=True, check=False
        )
    except OSError as error:
        pytest.skip(f"nothing can be mounted: {error}")
    if done.returncode:
        pytest.skip(f"nothing can be mounted: {done.stderr.strip()}")

    def mount(mode: str) -> None:
        subprocess.run(["mount", "-o", f"remount,bind,{mode}", folder], check=True)

    yield mount
    subprocess.run(["umount", folder], check=True)


def only_line(child: Child) -> str:
    (line,) = child.said
    return line


def refused(why: str) -> str:
    return f"can't be written ({why}); nothing is sent without it"


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_folder_that_denies_writing_is_one_line_and_what_is_new_is_told_when_it_does_not(
    kept: Blog, neighbour: Neighbour, mode: int
) -> None:
    kept.settings["LINKBACKS_SEND"] = False
    kept.write("one", neighbour.link(1))
    assert build(kept).status == 0
    before = kept.state_file.read_bytes()

    kept.settings["LINKBACKS_SEND"] = True
    kept.state_file.parent.chmod(mode)
    child = build(kept, without_privilege)
    assert child.status == 0
    assert refused(DENIED) in only_line(child), "what is queued is not sent"
    kept.write("one", f"{neighbour.link(1)} {neighbour.link(2)}")
    child = build(kept, without_privilege)
    assert child.status == 0
    assert refused(DENIED) in only_line(child), "what is new is not queued"
    child = send(kept, without_privilege)
    assert child.status == 1
    assert refused(DENIED) in only_line(child)
    kept.state_file.parent.chmod(0o755)
    assert kept.state_file.read_bytes() == before
    assert neighbour.requests == []

    assert build(kept).said[0].startswith("Linkbacks: 1 new, 2 sent ")


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_first_build_in_such_a_folder_remembers_what_was_new(
    kept: Blog, neighbour: Neighbour, mode: int
) -> None:
    kept.write("one", neighbour.link())
    kept.state_file.parent.chmod(mode)
    child = build(kept, without_privilege)
    assert child.status == 0
    assert refused(DENIED) in only_line(child)
    assert FORGOTTEN not in only_line(child)
    assert neighbour.requests == []

    kept.state_file.parent.chmod(0o755)
    assert build(kept).said[0].startswith("Linkbacks: 1 new, 1 sent ")


def test_a_first_build_that_can_write_no_cache_either_says_what_the_next_one_will_do(
    kept: Blog, neighbour: Neighbour
) -> None:
    kept.settings["CACHE_PATH"] = "kept/cache"
    kept.write("one", neighbour.link())
    kept.state_file.parent.chmod(0o555)
    child = build(kept, without_privilege)
    assert child.status == 0
    assert only_line(child).endswith(FORGOTTEN)
    assert neighbour.requests == []


def test_a_file_system_that_is_mounted_read_only(
    kept: Blog, neighbour: Neighbour, mounted: Callable[[str], None]
) -> None:
    kept.write("one", "Text")
    assert build(kept).status == 0
    before = {file.name: file.read_bytes() for file in kept.state_file.parent.iterdir()}
    kept.write("one", neighbour.link())

    mounted("ro")
    child = build(kept)
    assert child.status == 0
    assert refused(READ_ONLY) in only_line(child)
    child = send(kept)
    assert child.status == 1, child.said
    assert refused(READ_ONLY) in only_line(child)
    assert {f.name: f.read_bytes() for f in kept.state_file.parent.iterdir()} == before
    assert neighbour.requests == []

    mounted("rw")
    assert build(kept).said[0].startswith("Linkbacks: 1 new, 1 sent ")
