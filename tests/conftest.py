"""Fixtures for tests that build a blog."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.blog import Blog, forget_plugins
from tests.neighbour import Neighbour


@pytest.fixture
def fresh_pelican(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pelican as in a process of its own: no plugin of another test listens to its signals."""
    # Settings that change twice in a second would be read from the bytecode of the first.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    modules = set(sys.modules)
    yield
    forget_plugins()
    # Settings files and the plugins beside them; the next test has others of the same name.
    for name in set(sys.modules) - modules:
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
