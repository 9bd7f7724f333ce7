"""Themes of others: the conversation stands under the article, and nothing else of it changes."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import html5lib
import mf2py
import pytest

from tests.blog import Blog
from tests.checker import Checker
from tests.test_themes import checker, files, parse_errors, themed

__all__ = ["checker", "themed"]

MENTIONS = [
    {
        "protocol": "webmention",
        "kind": "reply",
        "source": "https://anna.example/2026/11/rye-at-last",
        "title": "Rye at last",
        "author": "Anna Lindqvist",
        "excerpt": "I followed this to the letter, but my oven has no steam.",
        "published": "2026-11-20T18:30:00Z",
    },
    {
        "protocol": "pingback",
        "kind": "mention",
        "source": "https://oven.example/?p=311",
        "title": "What I bake in November",
        "author": "",
        "excerpt": "… when the evenings grow long there is this <rye>, which asks only for time …",
        "published": "2026-11-18T07:10:00Z",
    },
    {
        "protocol": "trackback",
        "kind": "mention",
        "source": "https://long.example/archive/2026/on-the-virtues-of-waiting",
        "title": f"On the virtues of waiting: {'fourteen hours with flour, ' * 7}and salt",
        "author": "Ephraim Featherstonehaugh-Cholmondeley the Younger",
        "excerpt": "A long one.",
        "published": "2026-11-22T08:00:00Z",
    },
    {
        "protocol": "webmention",
        "kind": "reply",
        "source": "https://brot.example/sauerteig",
        "title": "Sauerteigbrotbackmaschinengebrauchsanweisung",
        "author": "Jürgen Groß",
        "excerpt": "„Was lange währt, wird endlich gut“, so auch dieses Brot.",
        "published": "2026-11-22T20:00:00Z",
    },
    *(
        {
            "protocol": "webmention",
            "kind": kind,
            "source": f"https://social.example/@{author.lower()}/{kind}",
            "title": "",
            "author": author,
            "excerpt": "",
            "published": "",
        }
        for kind, author in (("like", "Bo"), ("repost", "Crumbs"), ("bookmark", "Dora"))
    ),
]

SHOWN = re.compile(rb'\n<section class="linkbacks".*?</section>\n', re.DOTALL)
END = "The very last words."


@pytest.fixture
def spoken_of(themed: Blog) -> Blog:
    """A blog with a theme that tells and is told nothing but what a file holds."""
    themed.write("barley", f"About barley. {END}")
    themed.settings["PLUGINS"] = [*themed.settings["PLUGINS"], "pelican_linkbacks"]
    del themed.settings["LINKBACKS_ENDPOINT"]
    return themed


def receive(blog: Blog, place: str, home: str = "https://us.example/blog") -> None:
    """Let a file hold all kinds of mentions of a page."""
    mentions = [mention | {"target": f"{home}/{place}"} for mention in MENTIONS]
    (blog.folder / "mentions.json").write_text(json.dumps({"version": 1, "mentions": mentions}))
    blog.settings["LINKBACKS_RECEIVED"] = "mentions.json"


def timeless(built: dict[str, bytes]) -> dict[str, bytes]:
    """All but the feeds, which say when they were made."""
    return {name: page for name, page in built.items() if not name.endswith(".xml")}


def section(page: bytes) -> Any:
    """The one section of a page; fails if there are more."""
    tree = html5lib.parse(page, treebuilder="lxml", namespaceHTMLElements=False)
    (found,) = tree.xpath("//section[contains(@class, 'linkbacks')]")
    return found


def assert_stands_under_the_article(page: bytes, spoken: str) -> None:
    """It is in the article, after its text, and in nothing that stands beside it."""
    found = section(page)
    above = {element.tag for element in found.iterancestors()}
    assert above & {"article", "main"}
    assert not above & {"aside", "footer", "header", "nav", "p", "ul", "form"}
    assert len(found.xpath(".//li")) == len(MENTIONS)
    before = "".join(found.xpath("preceding::text()"))
    after = "".join(found.xpath("following::text()"))
    assert spoken in before
    assert spoken not in after
    # Nothing of the article's own text stands between.
    article = next(found.iterancestors("article", "main"))
    tail = "".join(article.xpath(".//text()[not(ancestor::section[@class='linkbacks'])]"))
    assert tail.count(spoken) == 1


# What must be left alone, and what must happen.


def test_the_section_is_there_once_and_nothing_else_changes(
    spoken_of: Blog, checker: Checker | None
) -> None:
    without = files(spoken_of)
    (name,) = [name for name in without if name.endswith("barley.html")]
    receive(spoken_of, name)
    shown = files(spoken_of)

    before, after = without.pop(name), shown.pop(name)
    assert_stands_under_the_article(after, END)
    assert len(SHOWN.findall(after)) == 1
    assert SHOWN.sub(b"", after) == before
    assert timeless(shown) == timeless(without)
    assert parse_errors(after) == parse_errors(before)
    if checker:
        assert checker.errors(after) == checker.errors(before)


def test_it_is_there_once_on_relative_pages_too(spoken_of: Blog) -> None:
    spoken_of.settings |= {"RELATIVE_URLS": True, "ARTICLE_SAVE_AS": "a/{slug}/index.html"}
    spoken_of.settings["ARTICLE_URL"] = "a/{slug}/"
    receive(spoken_of, "a/barley/")
    built = files(spoken_of)
    assert_stands_under_the_article(built["a/barley/index.html"], END)
    assert [name for name in built if b'class="linkbacks"' in built[name]] == [
        "a/barley/index.html"
    ]


def test_what_makes_pages_smaller_leaves_it_there(spoken_of: Blog) -> None:
    pytest.importorskip("pelican.plugins.minify")
    spoken_of.settings["PLUGINS"] = [*spoken_of.settings["PLUGINS"], "minify"]
    without = files(spoken_of)
    (name,) = [name for name in without if name.endswith("barley.html")]
    receive(spoken_of, name)
    shown = files(spoken_of)
    assert_stands_under_the_article(shown[name], END)
    assert parse_errors(shown[name]) <= parse_errors(without[name])
    del without[name], shown[name]
    assert timeless(shown) == timeless(without)


def test_programs_read_who_said_what_when_and_where(spoken_of: Blog) -> None:
    receive(spoken_of, "barley.html")
    spoken_of.settings |= {"ARTICLE_SAVE_AS": "{slug}.html", "ARTICLE_URL": "{slug}.html"}
    page = files(spoken_of)["barley.html"].decode()

    found = {}
    pending = mf2py.parse(doc=page, url="https://us.example/blog/barley.html")["items"]
    while pending:
        item = pending.pop()
        if "h-cite" in item["type"]:
            found[item["properties"]["url"][0]] = item["properties"]
        pending += item.get("children", [])
        for values in item["properties"].values():
            pending += [value for value in values if isinstance(value, dict) and "type" in value]
    assert len(found) == len(MENTIONS)
    for mention in MENTIONS:
        properties = found[mention["source"]]
        authors = [author["properties"]["name"] for author in properties.get("author", [])]
        assert authors == ([[mention["author"]]] if mention["author"] else [])
        whole = [name.replace("\u00ad", "") for name in properties.get("name", [])]
        assert whole == ([mention["title"]] if mention["title"] else [])
        assert properties.get("content", []) == ([mention["excerpt"]] if mention["excerpt"] else [])
        dates = [datetime.fromisoformat(date) for date in properties.get("published", [])]
        when = mention["published"]
        assert dates == ([datetime.fromisoformat(when)] if when else [])
