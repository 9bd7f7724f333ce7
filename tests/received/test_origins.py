"""Where received mentions come from, asked over real sockets."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pelican_linkbacks.received import Received, own_receiver, remote, webmention_io
from pelican_linkbacks.received.batch import Batch, Broken
from pelican_linkbacks.received.origins import named
from tests import servers
from tests.samples import config
from tests.servers import Answer, RawServer, Site, answering, dripping, redirect

US = "https://us.example"
HERE = f"{US}/rye.html"
THERE = "https://blog.example/loaf"
ONE = Received(THERE, HERE, "webmention", url=THERE, title="A loaf")
LINES = own_receiver.lines([ONE])
LIST = own_receiver.document(LINES)
TOKEN = "H1gjIgBV1XU7F6PUO0lUOg"


def ask(name: str, last: Batch | None = None, siteurl: str = US, **settings: Any) -> Batch:
    settings = {"allow_networks": ()} | settings
    return named(name, config(siteurl, **settings), [siteurl])(last or Batch())


def broken(name: str, last: Batch | None = None, **settings: Any) -> str:
    """What is said of an origin that gives nothing."""
    with pytest.raises(Broken) as caught:
        ask(name, last, **settings)
    return str(caught.value)


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(webmention_io.TOKEN, TOKEN)
    return TOKEN


# Our receiver, and what it has written.


@pytest.mark.parametrize("name", ["{}", "{}/", "receiver:{}", "{}/received.json"])
def test_a_receiver_is_asked_for_its_list_wherever_it_is(name: str) -> None:
    """It is the author who named it, so it may be at home."""
    with Site({"/say/received.json": Answer(LIST)}) as site:
        assert ask(name.format(f"{site.url}/say")) == Batch(LINES)


def test_a_list_of_another_name_is_asked_for_by_it() -> None:
    with Site({"/lists/us.json?of=7": Answer(LIST)}) as site:
        assert ask(f"receiver:{site.url}/lists/us.json?of=7") == Batch(LINES)


def test_its_etag_is_kept_and_sent() -> None:
    def answer(received: servers.Received) -> Answer:
        if received.headers["If-None-Match"] == '"7"':
            return Answer(status=304)
        return Answer(LIST, headers=[("ETag", '"7"')])

    with Site({"/received.json": answer}) as site:
        first = ask(site.url)
        assert first == Batch(LINES, '"7"')
        assert ask(site.url, first) is first
        assert ask(site.url, Batch([], '"6"')) == first


def test_nothing_new_is_no_answer_to_who_has_nothing() -> None:
    with Site({"/received.json": Answer(status=304)}) as site:
        assert broken(site.url) == "it answers HTTP 304"


@pytest.mark.parametrize("etag", ["\r\nX-Evil: 1", "é", "\x00", " "])
def test_an_etag_that_no_header_can_hold_is_not_sent(etag: str) -> None:
    with Site({"/received.json": Answer(LIST)}) as site:
        assert ask(site.url, Batch([], etag)) == Batch(LINES)
        assert "If-None-Match" not in site.requests[0].headers


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer("gone", 404), "it answers HTTP 404"),
        (Answer("busy", 503), "it answers HTTP 503"),
        (Answer(status=204), "it answers HTTP 204"),
        (Answer("<html>"), "it is not JSON"),
        (Answer("{}"), "it holds no list of mentions"),
    ],
)
def test_one_that_is_broken_says_why(answer: Answer, why: str) -> None:
    with Site({"/received.json": answer}) as site:
        assert broken(site.url, Batch(LINES, '"7"')) == why


def test_one_that_is_not_there_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert broken(f"http://127.0.0.1:{port}") == "127.0.0.1 does not accept connections"


def test_one_that_drips_is_given_up() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    with RawServer(dripping(head, b" ")) as server:
        assert "127.0.0.1" in broken(server.url, request_timeout=0.3)


def test_one_that_breaks_off_is_broken() -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")) as server:
        assert broken(server.url) == "127.0.0.1 broke off, or does not speak HTTP"


def test_one_that_never_ends_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MOST", 2 * 1024**2)
    with Site({"/received.json": Answer(b" " * 3 * 1024**2)}) as site:
        assert broken(site.url) == "it is longer than 2 MiB"


def test_a_list_may_be_longer_than_a_page() -> None:
    many = [ONE._replace(source=f"{THERE}/{number}") for number in range(10_000)]
    body = own_receiver.document(own_receiver.lines(many))
    assert len(body) > 1024**2
    with Site({"/received.json": Answer(body)}) as site:
        assert len(ask(site.url).lines or ()) == 10_000


def test_where_it_redirects_to_may_not_be_at_home() -> None:
    with Site({"/received.json": Answer(LIST)}) as home:
        with Site({"/received.json": redirect(f"{home.url}/received.json")}) as site:
            said = broken(site.url)
        assert said.endswith("is a private address")
        assert home.requests == []


def test_a_file_is_read_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "kept.json").write_bytes(LIST)
    assert ask("kept.json", content=tmp_path / "content").lines == LINES
    assert ask(str(tmp_path / "kept.json")).lines == LINES
    # The settings file tells where that is, as for the state.
    (tmp_path / "content" / "pelicanconf.py").touch()
    (tmp_path / "content" / "kept.json").write_bytes(own_receiver.document([]))
    assert ask("kept.json", content=tmp_path / "content").lines == []


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    file.write_bytes(LIST)
    first = ask(str(file))
    assert ask(str(file), first) is first
    file.write_bytes(own_receiver.document([]))
    assert ask(str(file), first).lines == []


def test_a_file_that_can_not_be_read_says_why(tmp_path: Path) -> None:
    assert broken(str(tmp_path / "a.json")) == "it can't be read (No such file or directory)"
    assert broken(str(tmp_path)) == "it can't be read (Is a directory)"
    (tmp_path / "a.json").write_text("[]", encoding="utf-8")
    assert broken(str(tmp_path / "a.json")) == "it holds no list of mentions"


# Feeds.

FEED = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A loaf</title>'
    f'<link href="{THERE}"/><link rel="related" href="{HERE}"/></entry></feed>'
)
ENTRY = Received(THERE, HERE, url=THERE, title="A loaf")


def feed(received: servers.Received) -> Answer:
    if received.headers["If-None-Match"] == '"7"':
        return Answer(status=304)
    return Answer(FEED, headers=[("ETag", '"7"')])


def test_a_feed_is_asked_with_its_etag() -> None:
    with Site({"/feed": feed}) as site:
        first = ask(f"feed:{site.url}/feed")
        assert first.lines == own_receiver.lines([ENTRY])
        assert ask(f"feed:{site.url}/feed", first) == first
        assert "If-None-Match" in site.requests[1].headers


def test_a_feed_that_was_read_for_another_site_is_read_anew() -> None:
    """A preview under another address finds nothing in it that is its own."""
    with Site({"/feed": feed}) as site:
        preview = ask(f"feed:{site.url}/feed", siteurl="https://preview.example")
        assert preview.lines == []
        assert ask(f"feed:{site.url}/feed", preview).lines == own_receiver.lines([ENTRY])


@pytest.mark.parametrize("name", ["feed:{}/feed", "webmention.io:{}"])
@pytest.mark.parametrize("siteurl", ["", "http://localhost:8000", "/blog"])
def test_while_the_site_is_no_real_one_its_copy_counts(token: str, name: str, siteurl: str) -> None:
    with Site({"/feed": feed}) as site:
        last = Batch(LINES, "kept")
        assert ask(name.format(site.url), last, siteurl) is last
        assert site.requests == []


def test_what_is_no_feed_is_broken() -> None:
    with Site({"/feed": "<p>Not here</p>"}) as site:
        assert broken(f"feed:{site.url}/feed") == "it is no Atom or RSS feed"


# webmention.io.


def service(total: int, *, knows_pages: bool = True) -> Callable[[servers.Received], Answer]:
    """A service that holds so many mentions."""

    def answer(received: servers.Received) -> Answer:
        asked = {k: v for k, (v,) in parse_qs(urlsplit(received.path).query).items()}
        if asked["token"] != TOKEN:
            return Answer('{"error": "forbidden"}', 401)
        size = int(asked["per-page"])
        start = int(asked["page"]) * size if knows_pages else 0
        children = [
            {"wm-source": f"{THERE}/{number}", "wm-target": HERE}
            for number in range(total)[start : start + size]
        ]
        return Answer(json.dumps({"type": "feed", "children": children}))

    return answer


PATH = "/api/mentions.jf2"


@pytest.mark.parametrize(("total", "requests"), [(0, 1), (1, 1), (999, 1), (1000, 2), (2300, 3)])
def test_all_pages_are_asked_for(token: str, total: int, requests: int) -> None:
    with Site({PATH: service(total)}) as site:
        found = own_receiver.read(ask(f"webmention.io:{site.url}/").lines or [])
        sources = [mention.source for mention in found]
        assert sources == [f"{THERE}/{number}" for number in range(total)]
        assert len(site.requests) == requests
        query = parse_qs(urlsplit(site.requests[-1].path).query)
        assert query["domain"] == ["us.example"]
        assert query["page"] == [str(requests - 1)]


def test_a_service_that_knows_no_pages_is_not_asked_on_and_on(token: str) -> None:
    with Site({PATH: service(1000, knows_pages=False)}) as site:
        assert len(ask(f"webmention.io:{site.url}").lines or ()) == 1000
        assert len(site.requests) == 2


def test_a_page_that_fails_makes_the_whole_list_fail(token: str) -> None:
    whole = service(2300)

    def answer(received: servers.Received) -> Answer:
        return Answer("busy", 503) if "page=1" in received.path else whole(received)

    with Site({PATH: answer}) as site:
        assert broken(f"webmention.io:{site.url}") == "it answers HTTP 503"


@pytest.mark.parametrize("value", [None, "", " \n"])
def test_without_a_token_it_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv(webmention_io.TOKEN, raising=False)
    if value is not None:
        monkeypatch.setenv(webmention_io.TOKEN, value)
    with Site() as site:
        said = broken(f"webmention.io:{site.url}")
        assert site.requests == []
    assert said == "the environment variable WEBMENTION_IO_TOKEN is not set"


def test_a_wrong_token_is_said_to_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(webmention_io.TOKEN, "wrong")
    with Site({PATH: service(1)}) as site:
        said = broken(f"webmention.io:{site.url}")
    assert said == "it does not know the token in WEBMENTION_IO_TOKEN"


LEADING = [
    "http://127.0.0.1/{}",
    "http://127.0.0.1/" + "a" * 80 + "?token={}",
    "ftp://blog.example/{}",
    "https://{}@blog.example/",
    "http://[{}",
    "http://{}.invalid/",
    "{}:x",
]


@pytest.mark.parametrize("location", LEADING)
def test_nothing_of_the_token_is_said(token: str, location: str) -> None:
    with Site({PATH: redirect(location.format(token))}) as site:
        said = broken(f"webmention.io:{site.url}")
    assert not any(token[n : n + 4].lower() in said.lower() for n in range(len(token) - 3))
    assert said == "its URL, or one that it redirects to, can't be asked"


def test_nothing_of_the_token_is_said_of_a_broken_answer(token: str) -> None:
    for answer in (Answer(token), Answer(token, 500), Answer(f'{{"{token}": 1}}')):
        with Site({PATH: answer}) as site:
            assert token not in broken(f"webmention.io:{site.url}")


def test_one_that_answers_late_is_asked_by_nobody_else_meanwhile() -> None:
    """Each origin has a client of its own, so one that hangs holds up no other."""
    go = threading.Event()

    def slow(received: servers.Received) -> Answer:
        go.wait(10)
        return Answer(LIST)

    with Site({"/received.json": slow}) as late, Site({"/received.json": Answer(LIST)}) as quick:
        found: list[Batch] = []
        thread = threading.Thread(target=lambda: found.append(ask(late.url)))
        thread.start()
        assert ask(quick.url) == Batch(LINES)
        assert found == []
        go.set()
        thread.join(10)
        assert found == [Batch(LINES)]
