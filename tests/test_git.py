"""Git, the real one: two branches that both built and sent, merged with and without a rule."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.blog import Blog
from tests.neighbour import Neighbour

NOTHING_NEW = "Linkbacks: 0 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed."
US = ("-c", "user.name=Rye", "-c", "user.email=rye@us.example", "-c", "commit.gpgsign=false")

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@dataclass(frozen=True)
class Repository:
    """A git repository in a blog's folder."""

    folder: Path

    def git(self, *arguments: str) -> bool:
        """Run git.

        Returns:
            Whether it succeeded.
        """
        command = ["git", *US, *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True).returncode == 0

    def commit(self) -> None:
        """Commit all that there is."""
        assert self.git("add", "--all")
        assert self.git("commit", "--message", "x")


@pytest.fixture
def repository(blog: Blog) -> Repository:
    """Keeps the sources and the state; what was built last is online."""
    repository = Repository(blog.folder)
    assert repository.git("init", "--initial-branch", "main")
    (blog.folder / ".gitignore").write_text("/output/\n/cache/\n/live/\n*.lock\n__pycache__/\n")
    return repository


def part(blog: Blog, neighbour: Neighbour, repository: Repository) -> None:
    """Let two branches tell different links of the same article, and of one each."""
    blog.write("one", neighbour.link(1))
    blog.write("two", neighbour.link(2))
    blog.build()
    repository.commit()
    assert repository.git("branch", "other")
    for branch in ("main", "other"):
        assert repository.git("checkout", branch)
        blog.write("two", f"{neighbour.link(2)}\n\n{neighbour.link('two-' + branch)}")
        blog.write(f"by-{branch}", neighbour.link(branch))
        blog.build()
        repository.commit()
    assert repository.git("checkout", "main")
    assert len(neighbour.notices) == 6


def resolve_articles(blog: Blog, neighbour: Neighbour) -> None:
    """Keep what both branches have written."""
    links = [neighbour.link(name) for name in (2, "two-main", "two-other")]
    blog.write("two", "\n\n".join(links))


def test_two_branches_that_both_sent_are_merged_by_union_and_nothing_is_told_again(
    blog: Blog, neighbour: Neighbour, repository: Repository
) -> None:
    (blog.folder / ".gitattributes").write_text("linkbacks.jsonl merge=union\n")
    part(blog, neighbour, repository)
    repository.git("merge", "other")
    resolve_articles(blog, neighbour)
    assert set(blog.outcomes().values()) == {"sent"}
    assert len(blog.outcomes()) == 6
    neighbour.requests.clear()

    assert blog.build().said == [NOTHING_NEW]
    assert neighbour.requests == []
    assert len(blog.state_file.read_text().splitlines()) == 1 + 6
    in_order = blog.state_file.read_bytes()
    blog.state_file.with_name("cache").joinpath("linkbacks-fingerprint").unlink()
    blog.build()
    assert blog.state_file.read_bytes() == in_order


def test_what_waits_on_one_branch_and_was_told_on_the_other_is_not_told_again(
    blog: Blog, neighbour: Neighbour, repository: Repository
) -> None:
    (blog.folder / ".gitattributes").write_text("linkbacks.jsonl merge=union\n")
    blog.settings["LINKBACKS_SEND"] = False
    blog.write("one", "Text")
    blog.build()
    repository.commit()
    assert repository.git("branch", "other")
    for branch, sends in (("main", False), ("other", True)):
        assert repository.git("checkout", branch)
        blog.settings["LINKBACKS_SEND"] = sends
        blog.write("one", neighbour.link())
        blog.build()
        repository.commit()
    assert repository.git("checkout", "main")
    repository.git("merge", "other")
    assert len(blog.state_file.read_text().splitlines()) > 2

    blog.settings["LINKBACKS_SEND"] = True
    assert blog.build().said == [NOTHING_NEW]
    assert len(neighbour.notices) == 1
    assert len(blog.state_file.read_text().splitlines()) == 2


@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_without_that_rule_the_markers_are_refused_with_what_to_do_and_left_alone(
    blog: Blog, neighbour: Neighbour, repository: Repository, style: str
) -> None:
    part(blog, neighbour, repository)
    assert not repository.git("-c", f"merge.conflictStyle={style}", "merge", "other")
    resolve_articles(blog, neighbour)
    before = blog.state_file.read_bytes()
    lines = before.splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines, 1) if line.startswith(b"<<<<<<< "))
    neighbour.requests.clear()

    done = blog.build_apart()
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == (
        f"Linkbacks: {blog.state_file} has git's conflict markers, the first in line {first}. "
        "Nothing is sent and the file is left alone. Keep the lines of both sides and delete only "
        "the markers, the lines that begin with <<<<<<<, |||||||, ======= or >>>>>>>. With the "
        'line "linkbacks.jsonl merge=union" in .gitattributes git does that by itself.'
    )
    assert blog.module("pelican_linkbacks", "send").returncode == 1
    assert blog.state_file.read_bytes() == before
    assert neighbour.requests == []

    markers = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")
    blog.state_file.write_bytes(b"".join(line for line in lines if not line.startswith(markers)))
    assert blog.build().said == [NOTHING_NEW]
    assert neighbour.requests == []
    assert len(blog.outcomes()) == 6
