"""Sources that tests let the receiver look at, over a real connection."""

from __future__ import annotations

from typing import Any

from pelican_linkbacks.background import quiet
from pelican_linkbacks.client import Client
from pelican_linkbacks.manifest import Target
from pelican_linkbacks.receiver import verification
from pelican_linkbacks.receiver.entry import Finding, Look, Texts
from pelican_linkbacks.urls import spelt_alike
from tests.samples import config
from tests.servers import Answer, Page, Site

TARGET = Target("https://us.example/rye.html", "rye.html", "Rye for beginners", "en", open=True)
LINK = '<a href="https://us.example/rye.html">rye</a>'


def is_target(url: str) -> bool:
    """Whether a URL is that of the target."""
    return spelt_alike(url) == spelt_alike(TARGET.url)


def look_at(url: str, *, client: Client | None = None, **known: Any) -> Look:
    """What is found at a URL."""
    with quiet():
        return verification.look(client or Client(config()), url, TARGET, is_target, **known)


def look(page: Page, path: str = "/post/", **known: Any) -> Look:
    """What is found at a site's only page."""
    with Site({path: page}) as site:
        return look_at(site.url + path, **known)


def links(page: Page) -> bool:
    """Whether a page is found to link to the target; else it must be found not to."""
    found = look(page).finding
    assert found in {Finding.LINKS, Finding.NO_LINK}
    return found is Finding.LINKS


def texts(page: Page, **known: Any) -> Texts:
    """What is shown of a page that links."""
    found = look(page, **known).texts
    assert found is not None
    return found


def typed(content_type: str, body: str | bytes) -> Answer:
    """A page of another type than HTML."""
    return Answer(body, headers=[("Content-Type", content_type)])
