"""Fixtures for tests of a whole receiver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.receiver.reception import OtherBlog, Receiver
from tests.receiver.storage import clock, database, desk, where  # noqa: F401 - fixtures


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """A receiver at work that nobody has told anything."""
    with Receiver(tmp_path) as receiver:
        yield receiver


@pytest.fixture
def other() -> Iterator[OtherBlog]:
    """Somebody else's blog."""
    with OtherBlog() as other:
        yield other
