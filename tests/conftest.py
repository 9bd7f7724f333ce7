"""Fixtures for tests that build a blog."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pelican_linkbacks.settings import NAMES
from tests.blog import Blog, forget_plugins
from tests.command import Command
from tests.neighbour import Neighbour

LONG = (
    "test_kills.py",
    "test_conversation.py",
    "test_serving.py",
    "test_load.py",
    "test_themes_showing.py",
    "test_blogosphere.py",
    "test_crowd.py",
    "test_admission.py",
    "test_wsgi.py",
    "test_themes.py",
    "test_faults.py",
)
"""Files that take more than ten seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: at the end one worker would be at it, and the others idle."""
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture
def fresh_pelican(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pelican as in a process of its own: no plugin of another test listens to its signals."""
    # Settings that change twice in a second would be read from the bytecode of the first.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    # A settings file imports another by its name, which may be that of another test's.
    for name in NAMES:
        sys.modules.pop(Path(name).stem, None)
    modules = set(sys.modules)
    yield
    forget_plugins()
    # Settings files and the plugins beside them; the next test has others of the same name.
    for name in set(sys.modules) - modules:
        if name.startswith("pelican_linkbacks."):
            continue
        file = getattr(sys.modules[name], "__file__", None)
        if file and "site-packages" not in file and "/tests/" not in file:
            del sys.modules[name]


@pytest.fixture
def blog(tmp_path: Path, fresh_pelican: None) -> Iterator[Blog]:
    """A blog that is online."""
    blog = Blog(tmp_path)
    with blog.web:
        yield blog


@pytest.fixture
def neighbour() -> Iterator[Neighbour]:
    """Somebody else's blog."""
    with Neighbour() as neighbour:
        yield neighbour


@pytest.fixture
def command(
    blog: Blog, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command, where the blog is."""
    monkeypatch.chdir(blog.folder)
    return Command(capsys)


@pytest.fixture
def waiting(blog: Blog, neighbour: Neighbour) -> Blog:
    """A blog with an article that is built and not uploaded yet."""
    blog.web.folder = blog.live
    blog.write("one", neighbour.link())
    blog.build()
    return blog
