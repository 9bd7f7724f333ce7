"""What the endpoints of all protocols have in common."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode
from xmlrpc.client import dumps

import pytest

from pelican_linkbacks.client import Client
from pelican_linkbacks.mention import Outcome, Reply
from pelican_linkbacks.protocols import PROTOCOLS, forms
from pelican_linkbacks.receiver.entry import Status
from tests.receiver.reception import FORM, RYE, OtherBlog, Receiver, linking
from tests.samples import config, mention
from tests.servers import Answer

PATHS = ["/webmention", "/pingback", f"/trackback/{RYE.path}"]


def body(path: str, source: str) -> tuple[bytes, str]:
    """A notice for an endpoint, and its content type."""
    if path == "/pingback":
        return dumps((source, RYE.url), "pingback.ping").encode(), "text/xml"
    return urlencode({"source": source, "url": source, "target": RYE.url}).encode(), FORM


def filled(notice: bytes, size: int) -> bytes:
    """A notice of a size that says the same."""
    added = size - len(notice)
    if notice.startswith(b"<"):
        return notice + b" " * added
    return notice + b"&more=" + b"x" * (added - 6)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_notice_of_more_than_64_kb_is_refused_unread(
    receiver: Receiver, other: OtherBlog, path: str, is_chunked: bool
) -> None:
    notice, kind = body(path, other.post)
    large = filled(notice, forms.LIMIT + 1)
    sent: bytes | Iterator[bytes] = chunked(large) if is_chunked else large
    reply = receiver.ask("POST", path, sent, {"Content-Type": kind})
    assert reply.status == 413
    assert "64 kB" in reply.text
    assert other.requests == []
    assert receiver.entries() == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_notice_of_64_kb_is_read_whole_with_or_without_a_length(
    receiver: Receiver, other: OtherBlog, path: str, is_chunked: bool
) -> None:
    notice, kind = body(path, other.post)
    large = filled(notice, forms.LIMIT)
    sent: bytes | Iterator[bytes] = chunked(large) if is_chunked else large
    reply = receiver.ask("POST", path, sent, {"Content-Type": kind})
    assert reply.status in {200, 201}
    assert receiver.entry.status is Status.PENDING


def chunked(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), 5_000):
        yield content[start : start + 5_000]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(receiver: Receiver, path: str, method: str) -> None:
    reply = receiver.ask(method, path)
    assert reply.status == 405
    assert "POST" in reply.headers["Allow"]


@pytest.mark.parametrize("path", PATHS)
def test_what_a_sender_says_comes_back_in_no_answer(receiver: Receiver, path: str) -> None:
    notice, kind = body(path, "javascript:<script>alert(1)</script>")
    reply = receiver.post(path, notice, kind)
    assert b"alert" not in reply.body


@pytest.mark.parametrize("path", PATHS)
def test_no_answer_sets_a_cookie(receiver: Receiver, other: OtherBlog, path: str) -> None:
    assert "Set-Cookie" not in receiver.post(path, *body(path, other.post)).headers


def test_one_source_is_one_entry_by_whatever_protocols_it_is_told(
    receiver: Receiver, other: OtherBlog
) -> None:
    assert receiver.trackback(other.post).error == 0
    assert receiver.pingback(other.post).fault == 48
    assert receiver.webmention(other.post).status == 201
    assert receiver.webmention(other.post.replace("/post", "/%70ost")).status == 201
    assert len(receiver.entries()) == 1


def told(receiver: Receiver, name: str, source: str) -> Reply:
    """What our own sender makes of the answer to its notice."""
    endpoint = f"{receiver.url}/{name}" + (f"/{RYE.path}" if name == "trackback" else "")
    protocol = PROTOCOLS[name]
    asked = protocol.request(replace(mention(RYE.url), source=source))
    return protocol.reply(Client(config()).post(endpoint, asked))


@pytest.mark.parametrize("name", PROTOCOLS)
def test_our_own_sender_takes_it_for_sent_however_often_it_tells(
    receiver: Receiver, other: OtherBlog, name: str
) -> None:
    replies = [told(receiver, name, other.post) for _ in range(2)]
    assert [reply.outcome for reply in replies] == [Outcome.SENT, Outcome.SENT]
    followed = [reply.status_url for reply in replies if reply.status_url]
    assert len(followed) == (2 if name == "webmention" else 0)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("webmention", Outcome.REFUSED),
        ("pingback", Outcome.FAILED),
        ("trackback", Outcome.REFUSED),
    ],
)
def test_our_own_sender_hears_that_its_page_does_not_link(
    receiver: Receiver, other: OtherBlog, name: str, outcome: Outcome
) -> None:
    other.pages["/post"] = "<p>Nothing.</p>"
    reply = told(receiver, name, other.post)
    assert reply.outcome is outcome
    assert "not link" in reply.answer


def test_health_tells_how_much_waits(receiver: Receiver, other: OtherBlog) -> None:
    other.pages["/post"] = linking()
    receiver.webmention(other.post)
    reply = receiver.get("/health")
    assert reply.status == 200
    assert json.loads(reply.body) == {"status": "ok", "queued": 0}
    receiver.verifiers.stop(5)
    other.pages["/second"] = Answer("later", 503)
    receiver.webmention(f"{other.url}/second")
    assert json.loads(receiver.get("/health").body) == {"status": "ok", "queued": 1}
