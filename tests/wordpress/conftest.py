"""Two WordPress blogs for all tests here, and a site of our own for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import browser, chromium  # noqa: F401 - fixtures
from tests.wordpress.bench import Blogs, missing_packages
from tests.wordpress.website import Site, WebServer


@pytest.fixture(scope="session")
def wordpress() -> Iterator[Blogs]:
    """Two blogs with the settings of a new WordPress, its throttle on."""
    missing = missing_packages()
    if missing:
        pytest.skip(
            f"A real WordPress needs the Debian packages {', '.join(missing)}; "
            ".ci/run installs them (with tests/wordpress/install)."
        )
    with Blogs(2) as blogs:
        yield blogs


@pytest.fixture(autouse=True)
def nothing_received(wordpress: Blogs) -> None:
    """Each test finds the blogs as if nobody had ever told them anything."""
    for blog in wordpress:
        blog.reset()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site whose output folder is its live web root."""
    live = tmp_path / "output"
    live.mkdir()
    server = WebServer(live)
    with server.serving():
        yield Site(tmp_path, live, server)


@pytest.fixture
def uploaded_site(tmp_path: Path) -> Iterator[Site]:
    """A site that is uploaded after it was built."""
    live = tmp_path / "live"
    live.mkdir()
    server = WebServer(live)
    with server.serving():
        yield Site(tmp_path, live, server)
