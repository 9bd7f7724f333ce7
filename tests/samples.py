"""Values that tests of single modules start from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pelican_linkbacks.config import Config
from pelican_linkbacks.mention import Article, Mention
from pelican_linkbacks.page import Page

LOOPBACK = (ip_network("127.0.0.0/8"),)
NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def config(siteurl: str = "https://us.example", **settings: Any) -> Config:
    """Settings of a site that may speak to loopback."""
    here = Path("nowhere")
    defaults: dict[str, Any] = {"allow_networks": LOOPBACK}
    defaults |= {"content": here, "output": here, "cache": here}
    return Config(siteurl=siteurl, **defaults | settings)


def from_settings(**settings: Any) -> Config:
    """The same from Pelican's settings, as an author writes them."""
    pelican = {"SITEURL": "https://us.example", "PATH": "", "OUTPUT_PATH": "", "CACHE_PATH": ""}
    return Config.from_settings(pelican | settings)


def page(
    body: str | bytes = b"",
    status: int = 200,
    headers: Iterable[tuple[str, str]] = (),
    url: str = "https://blog.example/2026/post/",
) -> Page:
    """What a URL answered; HTML unless the headers say otherwise."""
    content = body.encode() if isinstance(body, str) else body
    return Page(url, status, (*headers, ("Content-Type", "text/html")), content)


def mention(target: str = "https://blog.example/post", **known: Any) -> Mention:
    """A mention of somebody else's page."""
    return Mention("rye.html", "rye.md", "https://us.example/rye.html", target, **known)


def article(html: str = "", **known: Any) -> Article:
    """A published article."""
    defaults: dict[str, Any] = {
        "path": "rye.html",
        "file": "rye.md",
        "url": "https://us.example/rye.html",
        "date": NOW,
    }
    return Article(html=html, **defaults | known)
