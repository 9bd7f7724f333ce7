"""What whoever builds the site is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from pelican_linkbacks.received import own_receiver
from tests.receiver.reception import BREAD, RYE, OtherBlog, Receiver, linking


def test_nothing_is_told_that_the_author_has_not_approved(
    receiver: Receiver, other: OtherBlog
) -> None:
    for number, decision in enumerate(["dismiss", "spam", "none"]):
        other.pages[f"/{number}"] = linking()
        receiver.webmention(f"{other.url}/{number}")
        if decision != "none":
            getattr(receiver.moderation, decision)([receiver.entries()[0].id])
    assert len(receiver.entries()) == 3
    reply = receiver.get("/received.json")
    assert json.loads(reply.body) == {"version": 1, "mentions": []}


def test_what_is_approved_is_told_with_all_that_is_shown_of_it(
    receiver: Receiver, other: OtherBlog
) -> None:
    receiver.trackback(other.post, title="Rye & me", excerpt="Words", blog_name="Ann's")
    receiver.approve_all()
    reply = receiver.get("/received.json")
    assert reply.headers["Content-Type"] == "application/json"
    (mention,) = json.loads(reply.body)["mentions"]
    received, updated = mention.pop("received"), mention.pop("updated")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", received)
    assert received <= updated
    assert mention == {
        "id": receiver.entry.id,
        "protocol": "trackback",
        "kind": "mention",
        "source": other.post,
        "url": other.post,
        "target": RYE.url,
        "title": "Rye & me",
        "author": "Ann's",
        "excerpt": "Words",
        "published": "",
    }


def test_a_build_takes_it_as_it_stands(receiver: Receiver, other: OtherBlog) -> None:
    for name in ("one", "two"):
        other.pages[f"/{name}"] = linking()
        receiver.webmention(f"{other.url}/{name}")
    receiver.approve_all()
    body = receiver.get("/received.json").body
    found = own_receiver.listed(body)
    assert [line.decode() for line in found] == [
        line.removesuffix(",") for line in body.decode().splitlines()[1:-1]
    ]
    assert len(own_receiver.read(found)) == 2


def test_it_may_be_read_by_any_site(receiver: Receiver) -> None:
    reply = receiver.get("/received.json")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in reply.headers


def test_it_is_not_sent_again_to_whoever_has_it(receiver: Receiver, other: OtherBlog) -> None:
    receiver.webmention(other.post)
    receiver.approve_all()
    tag = receiver.get("/received.json").headers["ETag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}"):
        reply = receiver.get("/received.json", If_None_Match=known)
        assert (reply.status, reply.body, reply.headers["ETag"]) == (304, b"", tag)
    # Nothing that is shown changes by these.
    other.pages["/bread"] = linking(BREAD.url)
    receiver.webmention(f"{other.url}/bread", BREAD.url)
    receiver.webmention(other.post)
    assert receiver.get("/received.json", If_None_Match=tag).status == 304


@pytest.mark.parametrize("change", ["approve", "edit", "dismiss", "undo", "forget"])
def test_it_is_sent_again_after_every_change_of_what_is_shown(
    receiver: Receiver, other: OtherBlog, change: str
) -> None:
    receiver.webmention(other.post)
    first = receiver.entry.id
    receiver.approve_all()
    other.pages["/bread"] = linking(BREAD.url)
    receiver.webmention(f"{other.url}/bread", BREAD.url)
    second = receiver.entries()[0].id
    before = receiver.get("/received.json")
    author = receiver.moderation
    changes: dict[str, Callable[[], object]] = {
        "approve": lambda: author.approve([second]),
        "edit": lambda: author.edit(first, "Another title", ""),
        "dismiss": lambda: author.dismiss([first]),
        "undo": lambda: author.undo([first]),
        "forget": lambda: author.forget(other.post),
    }
    changes[change]()
    after = receiver.get("/received.json", If_None_Match=before.headers["ETag"])
    assert after.status == 200
    assert json.loads(after.body) != json.loads(before.body)
    assert after.headers["ETag"] != before.headers["ETag"]
