"""What every kind of answer forbids, and what caches may keep; over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pelican_linkbacks.receiver.app import HEADERS
from tests.receiver.author import PASSWORD, Author
from tests.receiver.reception import RYE, Receiver, generous
from tests.receiver.strongroom import METHODS, paths, strongroom, tells

PUBLIC = {
    "/received.json": "no-cache",
    "/static/style.css": "no-cache",
    "/static/icon.svg": "no-cache",
}
"""What a cache may keep, and what it is told of it."""


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with strongroom(tmp_path) as receiver:
        yield receiver


def guarded(headers: object) -> bool:
    """Whether an answer has all guarding headers, as they should be, each once."""
    lines = str(headers).splitlines()
    named = HEADERS.keys() - {"Cache-Control"}
    return all(lines.count(f"{name}: {HEADERS[name]}") == 1 for name in named)


@pytest.mark.parametrize("method", METHODS)
def test_every_answer_of_every_route_is_guarded(receiver: Receiver, method: str) -> None:
    for path in paths(receiver):
        reply = receiver.ask(method, path, b"x=1")
        assert guarded(reply.headers), path
        kept = PUBLIC.get(path, "no-store")
        assert reply.headers["Cache-Control"] in {kept, "no-store"}, path
        assert reply.headers.get_all("Access-Control-Allow-Origin") in (None, ["*"])
        assert "Server" not in reply.headers or "Python" not in reply.headers["Server"]


def _too_large(receiver: Receiver) -> object:
    return receiver.post("/login", b"x" * 70_000)


def _broken(receiver: Receiver) -> object:
    receiver.break_inbox()
    return receiver.get("/status/x")


def _no_database(receiver: Receiver) -> object:
    receiver.database.close()
    return receiver.get("/received.json")


def _too_often(receiver: Receiver) -> object:
    return [receiver.webmention("https://a.example/") for _ in range(2)][-1]


def _unchanged(receiver: Receiver) -> object:
    tag = receiver.get("/received.json").headers["ETag"]
    return receiver.get("/received.json", If_None_Match=tag)


KINDS: dict[int, Callable[[Receiver], object]] = {
    200: lambda receiver: receiver.get("/health"),
    302: lambda receiver: receiver.get(f"/trackback/{RYE.path}"),
    303: lambda receiver: receiver.get("/mentions"),
    304: _unchanged,
    400: lambda receiver: receiver.post("/rules", b""),
    404: lambda receiver: receiver.get("/nowhere"),
    405: lambda receiver: receiver.get("/pingback"),
    413: _too_large,
    429: _too_often,
    500: _broken,
    503: _no_database,
}


@pytest.mark.parametrize("status", KINDS)
def test_every_kind_of_answer_is_guarded(tmp_path: Path, status: int) -> None:
    with strongroom(tmp_path, rates=generous(client=1)) as receiver:
        reply = KINDS[status](receiver)
        assert getattr(reply, "status", None) == status
        headers = getattr(reply, "headers", None)
        assert guarded(headers)
        assert status == 304 or "Cache-Control: no-store" in str(headers)


def test_pages_of_the_author_are_kept_by_no_cache(receiver: Receiver) -> None:
    author = Author(receiver)
    for response in (author.sign_in("wrong"), author.sign_in()):
        assert response.headers["Cache-Control"] == "no-store"
        assert PASSWORD not in tells(response)
    for path in ("/mentions", "/mentions?status=all", "/mentions/1", "/rules", "/forget", "/login"):
        response = author.get(path)
        assert guarded("\n".join(f"{name}: {value}" for name, value in response.headers.items()))
        assert response.headers["Cache-Control"] == "no-store"


def test_guesses_from_many_addresses_are_counted_together(tmp_path: Path) -> None:
    with strongroom(tmp_path, rates=generous(logins=3)) as receiver:
        guesser = Author(receiver)
        statuses = [guesser.sign_in(f"guess {number}").status_code for number in range(5)]
        assert statuses == [403, 403, 403, 429, 429]
        headers = {"X-Forwarded-For": "198.51.100.7"}
        fields = {"csrf_token": guesser.token(), "password": PASSWORD}
        response = guesser.ask("POST", "/login", data=fields, headers=headers)
        assert response.status_code == 429
        assert not guesser.is_in()
