"""Themes of others: every article says where it can be told, and nothing else of it changes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import html5lib
import pytest

from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import PROTOCOLS
from tests.blog import Blog
from tests.checker import Checker, checking

INSERTED = re.compile(
    rb'<link rel="webmention" href="[^"]+">\n<link rel="pingback" href="[^"]+">\n'
    rb'<link rel="trackback" href="[^"]+">\n<!--\n<rdf:RDF.*?</rdf:RDF>\n-->\n',
    re.DOTALL,
)

THEMES: dict[str, dict[str, Any]] = {
    "notmyidea": {},
    "simple": {},
    "jwk_theme": {},
    "pelican_engineering_theme/theme": {},
    "pelican.themes.reflex": {"CC_LICENSE": {"name": "CC BY", "version": "4.0", "slug": "by"}},
    "pelican.themes.smallweb": {},
    "pelican.themes.themeless": {},
    "pelican.plugins.seafoam": {"PLUGINS": ["seafoam", "jinja_filters", "image_process"]},
}
"""With the settings that they can't do without."""


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker | None]:
    """One checker for all tests here."""
    with checking() as checker:
        yield checker


@pytest.fixture(params=THEMES, ids=lambda theme: theme.rpartition(".")[2])
def themed(request: pytest.FixtureRequest, blog: Blog) -> Blog:
    """A blog with a theme, whose links are told to nobody, not built yet."""
    package, _, inner = request.param.partition("/")
    if "_" in package or "." in package:
        try:
            found = find_spec(package)
        except ModuleNotFoundError:
            found = None
        if found is None:
            pytest.skip(f"{package}, of tests/themes.txt, is not installed")
        blog.settings["THEME"] = str(
            Path(next(iter(found.submodule_search_locations or [])), inner)
        )
    else:
        blog.settings["THEME"] = package
    blog.settings |= {
        "PLUGINS": [],
        "SITEURL": "https://us.example/blog",
        "LINKBACKS_SEND": False,
        "LINKBACKS_ENDPOINT": "https://us.example/say",
        "FEED_ALL_ATOM": "all.xml",
        "AUTHOR": "Hanne",
        "DIRECT_TEMPLATES": ["index", "archives"],
    } | THEMES[request.param]
    blog.write("rye", "About *rye*, <b>&amp;</b> wheat.", title="Rye -- & wheat", tags="bread")
    blog.write("oats", "About oats. ![oats](oats.png)", linkbacks="no")
    blog.write("pages/about", "About me.", None)
    return blog


def files(blog: Blog) -> dict[str, bytes]:
    """What a build in a process of its own writes, by its path."""
    shutil.rmtree(blog.output)
    done = blog.build_apart()
    assert done.returncode == 0, done.stdout + done.stderr
    found = [file for file in blog.output.rglob("*") if file.is_file()]
    return {str(file.relative_to(blog.output)): file.read_bytes() for file in found}


def parse_errors(page: bytes) -> int:
    """How many errors html5lib finds in a page."""
    parser = html5lib.HTMLParser()
    parser.parse(page)
    return len(parser.errors)


def test_every_article_says_where_it_can_be_told_and_nothing_else_changes(
    themed: Blog, checker: Checker | None
) -> None:
    without = files(themed)
    themed.settings["PLUGINS"] = [*themed.settings["PLUGINS"], "pelican_linkbacks"]
    marked = files(themed)
    assert marked.pop("linkbacks-targets.json")
    (name,) = [name for name in marked if name.endswith("rye.html")]
    before, after = without[name], marked[name]
    page = Page(f"https://us.example/blog/{name}", 200, (("Content-Type", "text/html"),), after)
    found = {protocol.discover(page) for protocol in PROTOCOLS.values()}
    assert {endpoint.url for endpoint in found if endpoint} == {
        "https://us.example/say/webmention",
        "https://us.example/say/pingback",
        f"https://us.example/say/trackback/{name}",
    }
    assert len(INSERTED.findall(after)) == 1
    assert INSERTED.sub(b"", after) == before
    del without[name], marked[name]
    # Feeds say when they were made.
    assert {n: f for n, f in marked.items() if not n.endswith(".xml")} == {
        n: f for n, f in without.items() if not n.endswith(".xml")
    }
    assert parse_errors(after) == parse_errors(before)
    if checker:
        assert checker.errors(after) == checker.errors(before)
