"""Every way to publish that the README names, as its reader does it: in processes of their own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import apart
from tests.apart import environment
from tests.blog import AGED, Blog
from tests.neighbour import Neighbour

BUILD = ("pelican", "content", "-s", "publishconf.py")
SEND = ("pelican_linkbacks", "send", "--wait", "600")
QUEUE_ONLY = ("-e", "LINKBACKS_SEND=false")

PUBLISHCONF = """\
import os
import sys

sys.path.append(os.curdir)
from pelicanconf import *

SITEURL = {url!r}
DELETE_OUTPUT_DIRECTORY = True
PLUGINS = ["pelican_linkbacks"]
LINKBACKS_SEND = "NO_LINKBACKS" not in os.environ
"""

NOTHING_NEW = "Linkbacks: 0 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed."

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="these tests clone with git")


def run(folder: Path, *module: str, **variables: str) -> str:
    """Run a Python module in a folder; all that it prints, if it does not fail."""
    done = apart.run(folder, *module, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody without settings of his own."""
    plain = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    done = subprocess.run(
        ["git", "-c", "user.name=me", "-c", "user.email=me@us.example", *arguments],
        cwd=folder,
        env=environment() | plain,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout


class Author:
    """Who writes the blog: commits and pushes it, and what others clone."""

    def __init__(self, blog: Blog, origin: Path) -> None:
        self.blog = blog
        self._origin = origin
        blog.web.folder = blog.live
        del blog.settings["SITEURL"], blog.settings["PLUGINS"]
        blog.save_settings()
        conf = PUBLISHCONF.format(url=blog.web.url)
        (blog.folder / "publishconf.py").write_text(conf, encoding="utf-8")
        git(blog.folder, "init", "--quiet", "--initial-branch=main")
        git(blog.folder, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
        git(blog.folder, "remote", "add", "origin", str(origin))

    def push(self, *, branch: str = "main") -> None:
        """Commit what is new in the blog, if anything is, and push it."""
        sources = ("content", "theme", "pelicanconf.py", "publishconf.py")
        git(self.blog.folder, "add", *sources)
        git(self.blog.folder, "commit", "--quiet", "--allow-empty", "--message=More words")
        git(self.blog.folder, "push", "--quiet", "origin", f"HEAD:{branch}")

    def clone(self, folder: Path, *, branch: str = "main") -> Path:
        """A clone on a machine that has nothing else."""
        shutil.rmtree(folder, ignore_errors=True)
        git(
            self.blog.folder,
            "clone",
            "--quiet",
            f"--branch={branch}",
            str(self._origin),
            str(folder),
        )
        return folder

    def upload(self, output: Path) -> None:
        """Show an output folder to the world, and nothing else."""
        shutil.rmtree(self.blog.live)
        shutil.copytree(output, self.blog.live)


@pytest.fixture
def author(blog: Blog, neighbour: Neighbour, tmp_path_factory: pytest.TempPathFactory) -> Author:
    """An author whose blog was online before it had the plugin, with a link in each article."""
    author = Author(blog, tmp_path_factory.mktemp("origin"))
    blog.write("aged", neighbour.link("aged"), AGED)
    blog.write("young", neighbour.link("young"))
    run(blog.folder, *BUILD, "-e", "PLUGINS=[]")
    author.upload(blog.output)
    author.push()
    return author


@pytest.fixture
def machines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for machines that know nothing of the author's."""
    return tmp_path_factory.mktemp("machines")


class Pipeline:
    """A CI with a job that builds and one that sends, each on a machine of its own.

    Args:
        author: whose blog is cloned.
        folder: where the machines are.
        keeps: whether the state is kept from one run to the next.
    """

    def __init__(self, author: Author, folder: Path, *, keeps: bool) -> None:
        self._author = author
        self._folder = folder
        self.kept = folder / "kept" / "linkbacks.jsonl"
        self._keeps = keeps

    def run(self) -> tuple[str, str]:
        """Build, deploy and send; what the build and the command have said."""
        machine = self._author.clone(self._folder / "build")
        if self.kept.exists():
            shutil.copy(self.kept, machine)
        built = run(machine, *BUILD, *QUEUE_ONLY)
        artifact = self._folder / "artifact"
        shutil.rmtree(artifact, ignore_errors=True)
        artifact.mkdir()
        shutil.copytree(machine / "output", artifact / "output")
        shutil.copy(machine / "linkbacks.jsonl", artifact)
        shutil.rmtree(machine)

        self._author.upload(artifact / "output")

        machine = self._folder / "send"
        shutil.rmtree(machine, ignore_errors=True)
        machine.mkdir()
        for name in ("pelicanconf.py", "publishconf.py"):
            shutil.copy(self._author.blog.folder / name, machine)
        shutil.copy(artifact / "linkbacks.jsonl", machine)
        sent = run(machine, *SEND)
        if self._keeps:
            self.kept.parent.mkdir(exist_ok=True)
            shutil.copy(machine / "linkbacks.jsonl", self.kept)
        return built, sent


def test_where_the_output_is_the_web_root_the_build_is_all(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", neighbour.link())
    assert "Linkbacks: 1 new, 1 sent (1 pingback), " in blog.build_apart().stdout
    assert neighbour.told() == [(f"{blog.web.url}/one.html", neighbour.post())]


def test_an_upload_is_followed_by_a_send(author: Author, neighbour: Neighbour) -> None:
    blog = author.blog
    blog.write("new", neighbour.link("new"))
    built = run(blog.folder, *BUILD)
    assert "Linkbacks: 1 new, 0 sent, 1 waiting, " in built
    assert "After the upload, run: pelican-linkbacks send --wait 600" in built
    assert neighbour.requests == []
    author.upload(blog.output)
    assert "Linkbacks: 1 sent (1 pingback), 0 waiting, " in run(blog.folder, *SEND)
    assert neighbour.told() == [(f"{blog.web.url}/new.html", neighbour.post("new"))]


def test_jobs_of_a_ci_that_hand_on_the_state_tell_each_new_link_once(
    author: Author, neighbour: Neighbour, machines: Path
) -> None:
    blog = author.blog
    source = blog.web.url
    pipeline = Pipeline(author, machines, keeps=True)
    blog.write("young", neighbour.link("young") + neighbour.link("added"))
    box = f"{neighbour.post(offers='silent')}/trackback"
    blog.write("new", neighbour.link("new"), trackbacks=box)
    author.push()

    built, sent = pipeline.run()
    assert "Linkbacks: 3 new, 0 sent, " in built
    assert "3 sent (2 pingback, 1 trackback), 0 waiting, " in sent
    told = [
        (f"{source}/new.html", neighbour.post("new")),
        (f"{source}/new.html", box),
        (f"{source}/young.html", neighbour.post("added")),
    ]
    assert neighbour.told() == told

    neighbour.requests.clear()
    built, sent = pipeline.run()
    assert NOTHING_NEW in built
    assert neighbour.requests == []

    blog.write("new", neighbour.link("new") + neighbour.link("later"), trackbacks=box)
    author.push()
    pipeline.run()
    assert sorted(set(neighbour.told()) - set(told)) == [
        (f"{source}/new.html", neighbour.post("later"))
    ]
    assert len(neighbour.notices) == len(told) + 1


def test_without_a_kept_state_new_links_are_told_by_the_same_run_and_old_ones_never(
    author: Author, neighbour: Neighbour, machines: Path
) -> None:
    blog = author.blog
    pipeline = Pipeline(author, machines, keeps=False)
    told: list[tuple[str, str]] = []
    for name in ("first", "second"):
        box = f"{neighbour.post(name, 'silent')}/trackback"
        blog.write(name, neighbour.link(name), trackbacks=box)
        author.push()
        built, _ = pipeline.run()
        assert "There was no state before: keep linkbacks.jsonl for the next build." in built
        told += [(f"{blog.web.url}/{name}.html", target) for target in (neighbour.post(name), box)]
        assert neighbour.told() == sorted(told)
    pipeline.run()
    assert len(neighbour.notices) == len(told)


def test_one_job_that_commits_the_state_tells_each_new_link_once(
    author: Author, neighbour: Neighbour, machines: Path
) -> None:
    blog = author.blog
    for name in ("", "new", ""):
        if name:
            git(blog.folder, "pull", "--quiet", "--rebase", "origin", "main")
            blog.write(name, neighbour.link(name))
            author.push()
        neighbour.requests.clear()
        machine = author.clone(machines / "machine")
        built = run(machine, *BUILD)
        author.upload(machine / "output")
        run(machine, *SEND)
        git(machine, "add", "linkbacks.jsonl")
        git(machine, "commit", "--quiet", "--allow-empty", "--message=What was told")
        git(machine, "push", "--quiet")
        if not name:
            assert NOTHING_NEW in built
            assert neighbour.requests == []
    assert [(n.source, n.target) for n in neighbour.notices] == [
        (f"{blog.web.url}/new.html", neighbour.post("new"))
    ]


def test_after_a_deployment_that_hands_on_no_state_a_second_build_tells_what_is_new(
    author: Author, neighbour: Neighbour, machines: Path
) -> None:
    blog = author.blog
    kept = machines / "linkbacks.jsonl"
    for name in ("", "new"):
        if name:
            blog.write(name, neighbour.link(name))
            author.push()
        deploying = author.clone(machines / "deploying")
        run(deploying, *BUILD)
        author.upload(deploying / "output")
        assert neighbour.notices == []
        machine = author.clone(machines / "telling")
        if kept.exists():
            shutil.copy(kept, machine)
        run(machine, *BUILD)
        run(machine, *SEND)
        shutil.copy(machine / "linkbacks.jsonl", kept)
    assert neighbour.told() == [(f"{blog.web.url}/new.html", neighbour.post("new"))]


def test_a_host_that_builds_by_itself_and_forgets_tells_nobody_anything(
    author: Author, neighbour: Neighbour, machines: Path
) -> None:
    author.blog.write("new", neighbour.link("new"))
    author.push()
    for _ in range(2):
        machine = author.clone(machines / "theirs")
        run(machine, *BUILD)
        author.upload(machine / "output")
    assert neighbour.requests == []


def test_a_preview_at_another_address_tells_nobody_and_does_not_spoil_the_state(
    author: Author, neighbour: Neighbour, machines: Path
) -> None:
    blog = author.blog
    pipeline = Pipeline(author, machines, keeps=True)
    blog.write("new", neighbour.link("new"))
    author.push()
    pipeline.run()
    told = neighbour.told()
    neighbour.requests.clear()

    blog.write("next", neighbour.link("next"))
    author.push(branch="next")
    machine = author.clone(machines / "preview", branch="next")
    shutil.copy(pipeline.kept, machine)
    built = run(machine, *BUILD, "-e", 'SITEURL="http://next.us.example"')
    assert "Linkbacks: 1 new, 0 sent, " in built
    assert "SITEURL is http://next.us.example, but the state is of " in built
    run(machine, *SEND)
    assert neighbour.requests == []

    # The worst case: the state of the preview is kept for the next run of the real site.
    shutil.copy(machine / "linkbacks.jsonl", pipeline.kept)
    author.push()
    pipeline.run()
    assert sorted(set(neighbour.told()) - set(told)) == [
        (f"{blog.web.url}/next.html", neighbour.post("next"))
    ]
    assert len(neighbour.notices) == 2


def test_a_preview_that_is_told_to_send_nothing_asks_nobody(
    author: Author, neighbour: Neighbour, machines: Path
) -> None:
    blog = author.blog
    pipeline = Pipeline(author, machines, keeps=True)
    pipeline.run()
    blog.write("next", neighbour.link("next"))
    author.push()
    machine = author.clone(machines / "preview")
    shutil.copy(pipeline.kept, machine)
    # As if it were online already, so that nothing but the setting keeps it from being told.
    run(machine, *BUILD, NO_LINKBACKS="1")
    author.upload(machine / "output")
    blog.web.requests.clear()
    built = run(machine, *BUILD, NO_LINKBACKS="1")
    assert "1 link is left to the next run" in built
    assert blog.web.requests == neighbour.requests == []
