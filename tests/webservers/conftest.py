"""The two servers, each with a small site to show."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webservers.servers import PACKAGES, WebServer

PAGES = ("index.html", "rye.html", "2026/11/rye/index.html", "404.html")
OTHERS = ("feeds/all.atom.xml", "images/rye.png", "2026/11/rye/crumb.png", "robots.txt")


def _server(package: str, program: str) -> Iterator[WebServer]:
    if not PACKAGES[package].exists():
        pytest.skip(
            f"A real {program} needs the Debian package {package}; "
            ".ci/run installs it (with tests/webservers/install)."
        )
    # pytest's own temporary folders let nobody in but their owner.
    with tempfile.TemporaryDirectory(prefix="webserver-") as folder:
        server = WebServer(program, Path(folder))
        for name in PAGES + OTHERS:
            file = server.site / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"This is {name}.")
        yield server


@pytest.fixture
def nginx() -> Iterator[WebServer]:
    """An nginx that is not running yet."""
    yield from _server("nginx", "nginx")


@pytest.fixture
def apache() -> Iterator[WebServer]:
    """An Apache that is not running yet."""
    yield from _server("apache2-bin", "apache2")
