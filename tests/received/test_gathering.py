"""All origins together, beside a build: what they give, and what stays when they give nothing."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks.background import NOISY_LOGGERS
from pelican_linkbacks.received import Received, origins, own_receiver
from pelican_linkbacks.received.gathering import Gathering
from pelican_linkbacks.received.placing import by_place, in_order
from tests import servers
from tests.samples import config
from tests.servers import Answer, RawServer, Site, dripping

US = "https://us.example"
HERE = f"{US}/rye.html"
THERE = "https://blog.example/loaf"
ONE = Received(THERE, HERE, "webmention", url=THERE, title="A loaf")
OTHER = ONE._replace(source=f"{THERE}/2", url=f"{THERE}/2")
LIST, OTHER_LIST = (own_receiver.document(own_receiver.lines([one])) for one in (ONE, OTHER))


class House:
    """A blog's folder, and one build after the other in it."""

    def __init__(self, folder: Path) -> None:
        self.content = folder / "content"
        self.content.mkdir()
        self.copies = folder / "linkbacks.received.json"
        self.problems: list[str] = []

    def lines(self, *names: str, seconds: float = 10, **settings: Any) -> list[bytes]:
        made = config(US, content=self.content, received=names, **settings)
        gathering = Gathering(made, [US])
        gathering.start()
        found = gathering.finish(seconds)
        self.problems = gathering.problems
        return found

    def gather(self, *names: str, **known: Any) -> list[Received]:
        return own_receiver.read(self.lines(*names, **known))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def conditional(received: servers.Received) -> Answer:
    if received.headers["If-None-Match"] == '"7"':
        return Answer(status=304)
    return Answer(LIST, headers=[("ETag", '"7"')])


def test_without_an_origin_nothing_is_asked_read_or_written(house: House) -> None:
    house.copies.write_text("x", encoding="utf-8")
    assert house.gather() == []
    assert house.problems == []
    assert house.copies.read_text(encoding="utf-8") == "x"


def test_our_receiver_is_asked_where_none_is_named(tmp_path: Path) -> None:
    house = House(tmp_path)
    with Site({"/say/received.json": Answer(LIST)}) as site:
        for received, found in ((None, [ONE]), ((), [])):
            made = config(US, content=house.content, endpoint=f"{site.url}/say", received=received)
            gathering = Gathering(made, [US])
            gathering.start()
            assert own_receiver.read(gathering.finish(10)) == found
    bare = Gathering(config(US, content=house.content), [US])
    bare.start()
    assert bare.finish(10) == []


def test_all_origins_give_what_they_have_in_the_order_of_the_setting(house: House) -> None:
    with (
        Site({"/received.json": Answer(LIST)}) as one,
        Site({"/received.json": Answer(OTHER_LIST)}) as other,
    ):
        assert house.gather(one.url, other.url) == [ONE, OTHER]
        assert house.gather(other.url, one.url, other.url) == [OTHER, ONE]
        assert len(other.requests) == 2
    assert house.problems == []


def test_what_two_origins_have_stands_once(house: House) -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A loaf</title>'
        f'<link href="{THERE}/"/><link rel="related" href="{HERE}"/></entry></feed>'
    )
    with Site({"/received.json": Answer(LIST), "/feed": feed}) as site:
        found = house.lines(f"feed:{site.url}/feed", site.url)
    assert len(found) == 2
    assert in_order(by_place(found, US)["rye.html"]) == [ONE]


def test_an_origin_where_nothing_is_new_keeps_its_copy(house: House) -> None:
    with Site({"/received.json": conditional}) as site:
        assert house.gather(site.url) == [ONE]
        os.utime(house.copies, ns=(1, 1))
        assert house.gather(site.url) == [ONE]
        assert site.requests[1].headers["If-None-Match"] == '"7"'
    assert house.problems == []
    assert house.copies.stat().st_mtime_ns == 1


def test_the_same_answer_again_does_not_touch_the_copies(house: House) -> None:
    odd = LIST.replace(b"A loaf", b"A \\ud800 loaf")
    with Site({"/received.json": Answer(odd)}) as site:
        house.gather(site.url)
        os.utime(house.copies, ns=(1, 1))
        house.gather(site.url)
    assert house.copies.stat().st_mtime_ns == 1


def test_what_is_gone_there_is_gone_here(house: House) -> None:
    with Site({"/received.json": Answer(LIST)}) as site:
        house.gather(site.url)
        site.pages["/received.json"] = Answer(own_receiver.document([]))
        assert house.gather(site.url) == []
        site.pages["/received.json"] = Answer("", 500)
        assert house.gather(site.url) == []


def test_an_origin_that_is_named_no_more_is_forgotten(house: House) -> None:
    with Site({"/received.json": Answer(LIST)}) as site:
        house.gather(site.url, f"{site.url}/received.json")
        house.gather(site.url)
        assert list(json.loads(house.copies.read_bytes())["origins"]) == [site.url]


BROKEN = {
    "gone": Answer("gone", 404),
    "down": Answer("down", 503),
    "something else": Answer("<html>"),
    "of another version": Answer('{"version": 2, "mentions": []}'),
    "elsewhere, at home": servers.redirect("http://127.0.0.1:1/"),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_broken_origin_takes_nothing_away_and_is_one_sentence(
    house: House, answer: Answer
) -> None:
    with Site({"/received.json": conditional}) as site:
        house.gather(site.url, allow_networks=())
        before = house.copies.read_bytes()
        site.pages["/received.json"] = answer
        assert house.gather(site.url, allow_networks=()) == [ONE]
        (problem,) = house.problems
        assert problem.startswith(f"{site.url}, of LINKBACKS_RECEIVED: ")
        assert problem.endswith("; the 1 mention that it had last is shown.")
        assert house.copies.read_bytes() == before
        # It is asked again as before.
        site.pages["/received.json"] = conditional
        assert house.gather(site.url, allow_networks=()) == [ONE]
        assert house.problems == []


def test_an_error_of_our_own_is_one_sentence_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(origins, "named", fail)
    assert house.gather("kept.json") == []
    (problem,) = house.problems
    assert "an error in pelican_linkbacks itself, ZeroDivisionError: by nothing; none" in problem


def test_one_that_never_gave_anything_says_so_and_leaves_no_file(house: House) -> None:
    with Site() as site:
        assert house.gather(site.url) == []
        assert house.problems == [
            f"{site.url}, of LINKBACKS_RECEIVED: it answers HTTP 404; none of it is shown."
        ]
    assert not house.copies.exists()


def test_a_broken_origin_is_no_hindrance_to_another(house: House) -> None:
    with Site({"/received.json": Answer(LIST)}) as site:
        assert house.gather("nowhere.json", site.url) == [ONE]
        (problem,) = house.problems
    assert "nowhere.json" in problem


def test_one_that_is_slow_is_not_waited_for(house: House) -> None:
    with Site({"/received.json": conditional}) as site:
        house.gather(site.url)
        go = threading.Event()

        def slow(received: servers.Received) -> Answer:
            go.wait(10)
            return Answer("[]")

        site.pages["/received.json"] = slow
        start = time.monotonic()
        assert house.gather(site.url, seconds=0.2) == [ONE]
        assert time.monotonic() - start < 5
        go.set()
        (problem,) = house.problems
        assert "it did not answer in time; the 1 mention" in problem


def test_the_time_to_wait_is_for_all_together(house: House) -> None:
    drip = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ")
    with RawServer(drip) as server:
        start = time.monotonic()
        names = [f"{server.url}/{number}" for number in range(8)]
        assert house.gather(*names, seconds=0.3, request_timeout=1) == []
        assert time.monotonic() - start < 2
    assert len(house.problems) == 8


@pytest.mark.parametrize("content", [b"", b"\x00", b'{"version": 1, "origins": {"x": 7}}'])
def test_broken_copies_are_as_none_and_written_anew(house: House, content: bytes) -> None:
    house.copies.write_bytes(content)
    with Site({"/received.json": conditional}) as site:
        assert house.gather(site.url) == [ONE]
        assert "If-None-Match" not in site.requests[0].headers
        assert house.gather(site.url) == [ONE]
    assert house.problems == []


def test_copies_that_can_not_be_written_are_one_sentence(house: House) -> None:
    # Where the new content would be written: even root can't write into a folder.
    house.copies.with_name(f"{house.copies.name}.new").mkdir()
    with Site({"/received.json": Answer(LIST)}) as site:
        assert house.gather(site.url) == [ONE]
    assert house.problems == [f"{house.copies} can't be written (Is a directory)."]


def test_what_a_name_holds_can_not_steer_a_terminal(house: House) -> None:
    house.gather("a\x1b[31m.json")
    (problem,) = house.problems
    assert problem.isprintable()
    assert problem.count("\\x1b") == 1


def test_logging_and_warnings_are_afterwards_as_they_were(house: House) -> None:
    """Two threads that begin and end at different times, and the build's own warnings meanwhile."""
    loggers = [logging.getLogger(name) for name in NOISY_LOGGERS]
    levels = [logger.level for logger in loggers]
    filters = list(warnings.filters)
    first, second = threading.Event(), threading.Event()

    def until(event: threading.Event) -> Any:
        def answer(received: servers.Received) -> Answer:
            event.wait(10)
            return Answer(LIST)

        return answer

    with (
        Site({"/received.json": until(first)}) as one,
        Site({"/received.json": until(second)}) as other,
    ):
        made = config(US, content=house.content, received=(one.url, other.url))
        gathering = Gathering(made, [US])
        gathering.start()
        deadline = time.monotonic() + 10
        while not (one.requests and other.requests):
            assert time.monotonic() < deadline
        assert [logger.level for logger in loggers] == [logging.ERROR] * len(loggers)
        assert warnings.filters == filters
        first.set()
        gathering._errands[0].thread.join(10)  # type: ignore[union-attr]  # it began
        assert [logger.level for logger in loggers] == [logging.ERROR] * len(loggers)
        second.set()
        assert own_receiver.read(gathering.finish(10)) == [ONE, ONE]
    assert [logger.level for logger in loggers] == levels
