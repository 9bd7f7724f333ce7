"""What must hold when the conversation of ``demo`` was played; the play itself is not believed."""

from __future__ import annotations

import json
from pathlib import Path

from bs4 import BeautifulSoup

from demo.blog import Blog
from demo.stage import Stage


def check(stage: Stage) -> None:
    """Compare what stands in pages, receivers and states with what was written."""
    rye = {("Rye \N{EN DASH} The neighbour", stage.rye, "pingback")} if stage.wordpress else set()
    written = "Gewürzbrot & patience"
    spices = (f"{written} · The Slow Loaf", stage.spices, "webmention")
    breakfast = f"{stage.mill.url}/posts/sunday-breakfast/"
    received = {
        stage.spices: {("Setting up an old spice mill", stage.grinding, "webmention")} | rye,
        stage.grinding: {spices} | rye,
        breakfast: {(written, stage.spices, "trackback")},
    }
    for blog in stage.authors:
        shown = {url: said for url, said in received.items() if url.startswith(blog.url)}
        entries = blog.received("approved")
        assert {
            url: {
                (entry["title"], entry["source"], entry["protocol"])
                for entry in entries
                if entry["target"] == url
            }
            for url in {entry["target"] for entry in entries}
        } == shown
        assert _sections(blog) == {
            url: {(title, source) for title, source, _ in said} for url, said in shown.items()
        }
        assert len(entries) == sum(map(len, shown.values()))
    trackback = f"{stage.mill.endpoint}/trackback/posts/sunday-breakfast/"
    ours = {stage.rye} - {""}
    assert _told(stage.loaf) == dict.fromkeys({stage.grinding, trackback} | ours, "shown")
    assert _told(stage.mill) == dict.fromkeys({stage.spices} | ours, "shown")


def _told(blog: Blog) -> dict[str, str]:
    known = json.loads(blog.command("status", "--json"))
    quiet = ("old", "skipped")
    return {m["target"]: m["receipt"] for m in known if m["outcome"] not in quiet}


def _sections(blog: Blog) -> dict[str, set[tuple[str, str]]]:
    """What the sections of all pages show, by the URL of the page."""
    found = {}
    for file in blog.live.rglob("*.html"):
        sections = BeautifulSoup(file.read_text(encoding="utf-8"), "lxml").select(".linkbacks")
        if sections:
            (section,) = sections
            links = section.select("li a")
            found[_url(blog, file)] = {(a.get_text(), str(a["href"])) for a in links}
    return found


def _url(blog: Blog, file: Path) -> str:
    path = file.relative_to(blog.live).as_posix()
    return f"{blog.url}/{path.removesuffix('index.html')}"
