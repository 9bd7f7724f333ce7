"""The command ``receipts``: what became of what was told."""

from __future__ import annotations

import json
from xmlrpc.client import dumps

import pytest

from tests.blog import Blog
from tests.command import Command
from tests.neighbour import XML, Neighbour
from tests.servers import Answer


@pytest.fixture
def told(blog: Blog, neighbour: Neighbour) -> Blog:
    """A blog that has told two posts."""
    blog.write("rye", f"{neighbour.link(1)} and {neighbour.link(2)}")
    blog.build()
    neighbour.requests.clear()
    return blog


def test_with_nothing_told_nobody_is_asked(blog: Blog, command: Command) -> None:
    blog.write("rye", "Rye, water, salt.")
    blog.build()

    done = command("receipts")

    assert done.status == 0
    assert done.out == [
        "Nothing to ask: each link that was told within 30 days was asked about today."
    ]


def test_without_a_state_it_says_so(blog: Blog, command: Command) -> None:
    blog.save_settings()

    done = command("receipts")

    assert done.status == 1
    assert "There is no state file" in done.err[0]


def test_receipts_are_shown_kept_and_asked_for_once_a_day(
    told: Blog, neighbour: Neighbour, command: Command
) -> None:
    source = f"{told.web.url}/rye.html"
    neighbour.pages["/header/1"] = f'<a href="{source}">Rye</a>'
    neighbour.pages["/xmlrpc"] = Answer(dumps(([source],), methodresponse=True), headers=XML)

    done = command("receipts")

    assert done.status == 0
    assert done.out[-1] == "2 links: 1 shown, 1 held."
    assert sorted(r.path for r in neighbour.requests) == ["/header/1", "/header/2", "/xmlrpc"]
    listed = json.loads("".join(command("status", "--json").out))
    assert {item["target"]: item["receipt"] for item in listed} == {
        neighbour.post(1): "shown",
        neighbour.post(2): "held",
    }
    assert any("shown there at " in line for line in command("status").out)

    neighbour.requests.clear()
    assert command("receipts").out[0].startswith("Nothing to ask")
    assert neighbour.requests == []


def test_receipts_make_no_build_tell_anything_again(
    told: Blog, neighbour: Neighbour, command: Command
) -> None:
    command("receipts")
    neighbour.requests.clear()

    assert told.build().summary.startswith("Linkbacks: 0 new, 0 sent")
    assert neighbour.requests == []
