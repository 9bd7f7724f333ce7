"""What the tests of all protocols share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pelican_linkbacks.background import quiet


@pytest.fixture(autouse=True)
def without_warnings_of_pages() -> Iterator[None]:
    """Discovery runs as delivery runs it: what bs4 thinks of other people's pages is held back."""
    with quiet():
        yield
