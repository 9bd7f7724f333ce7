"""One browser for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.chromium import PACKAGES, Browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, started once."""
    missing = [package for package, program in PACKAGES.items() if not program.exists()]
    if missing:
        pytest.skip(
            f"A real browser needs the Debian packages {', '.join(missing)}; "
            ".ci/run installs them (with tests/browser/install)."
        )
    with Browser() as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The browser as if it had just been started: a wide window, light, without cookies."""
    chromium.forget()
    return chromium
