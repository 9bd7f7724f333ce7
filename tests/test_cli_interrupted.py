"""Ctrl-C, in the command and in a build: it ends at once, and keeps what was told."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from pelican_linkbacks.mention import Mention
from tests.blog import Blog
from tests.command import PATIENCE, start
from tests.neighbour import Neighbour
from tests.servers import Answer, Received

AT_ONCE = 5
"""Seconds; far less than any server hangs here, and more than a loaded machine needs."""

SAID = "pelican-linkbacks: interrupted; what was told is recorded, the rest is left to the next run"


@dataclass
class Hang:
    """A page that does not answer before its test is over."""

    asked: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def __call__(self, received: Received) -> Answer:
        self.asked.set()
        self.over.wait(2 * PATIENCE)
        return Answer()


@pytest.fixture
def hang() -> Iterator[Hang]:
    """Somebody's page that hangs."""
    hang = Hang()
    yield hang
    hang.over.set()


def interrupt(process: subprocess.Popen[str]) -> tuple[list[str], list[str]]:
    """Interrupt a process, which must end by itself and at once; what it has said."""
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < AT_ONCE
    return out.splitlines(), err.splitlines()


@pytest.fixture
def boxes(blog: Blog, neighbour: Neighbour, hang: Hang) -> list[str]:
    """Two trackback URLs of an article, the second of which hangs when the first was told."""
    boxes = [f"{neighbour.post(name, 'silent')}/trackback" for name in ("a", "b")]
    neighbour.pages[boxes[1].removeprefix(neighbour.url)] = hang
    # One after the other.
    blog.settings |= {"LINKBACKS_PER_HOST": 1, "LINKBACKS_REQUEST_TIMEOUT": 10 * PATIENCE}
    blog.settings["LINKBACKS_TIME_BUDGET"] = 20 * PATIENCE
    blog.write("one", "Text", trackbacks=" ".join(boxes))
    return boxes


def check_kept(blog: Blog, boxes: list[str]) -> None:
    """What was answered is known; what was not is due, and known to have left."""
    told, asked = sorted(blog.mentions(), key=lambda mention: mention.target)
    assert (told.target, told.outcome, told.asked_at) == (boxes[0], "sent", None)
    assert (asked.target, asked.outcome, asked.attempts) == (boxes[1], "queued", 0)
    assert asked.asked_at is not None
    assert asked.next_attempt is None
    assert asked.excerpt is not None


def test_send_ends_at_once_while_a_server_hangs(blog: Blog, boxes: list[str], hang: Hang) -> None:
    blog.settings["LINKBACKS_SEND"] = False
    blog.build()
    with start(blog, "pelican_linkbacks.cli", "send") as process:
        assert hang.asked.wait(PATIENCE)
        assert interrupt(process) == ([], [SAID])
    assert process.returncode == 1
    check_kept(blog, boxes)


def test_retry_ends_at_once_while_a_server_hangs(
    blog: Blog, neighbour: Neighbour, hang: Hang, boxes: list[str]
) -> None:
    paths = [box.removeprefix(neighbour.url) for box in boxes]
    for path in paths:
        neighbour.pages[path] = Answer("Sorry", 500)
    blog.build()
    neighbour.pages[paths[1]] = hang
    del neighbour.pages[paths[0]]
    with start(blog, "pelican_linkbacks.cli", "retry") as process:
        assert hang.asked.wait(PATIENCE)
        assert interrupt(process) == ([], [SAID])
    assert process.returncode == 1
    check_kept(blog, boxes)


def test_what_an_interrupted_send_has_left_is_told_by_the_next(
    blog: Blog, neighbour: Neighbour, boxes: list[str], hang: Hang
) -> None:
    blog.settings["LINKBACKS_SEND"] = False
    blog.build()
    with start(blog, "pelican_linkbacks.cli", "send") as process:
        assert hang.asked.wait(PATIENCE)
        interrupt(process)
    del neighbour.pages[boxes[1].removeprefix(neighbour.url)]
    with start(blog, "pelican_linkbacks.cli", "send") as process:
        out, _ = process.communicate(timeout=PATIENCE)
    assert out.startswith("Linkbacks: 1 sent (1 trackback), ")
    assert blog.outcomes() == dict.fromkeys(boxes, "sent")


def test_send_ends_at_once_while_our_own_page_hangs(blog: Blog, hang: Hang) -> None:
    blog.settings["LINKBACKS_SEND"] = False
    blog.write("one", "[there](http://blog.example/)")
    blog.build()
    before: list[Mention] = blog.mentions()
    blog.web.pages["/one.html"] = hang
    with start(blog, "pelican_linkbacks.cli", "send") as process:
        assert hang.asked.wait(PATIENCE)
        assert interrupt(process) == ([], [SAID])
    assert blog.mentions() == before


def test_send_ends_at_once_while_it_waits_for_our_pages(
    waiting: Blog, neighbour: Neighbour
) -> None:
    waiting.upload()
    waiting.write("two", neighbour.link(2))
    waiting.settings["LINKBACKS_SEND"] = False
    waiting.build()
    with start(waiting, "pelican_linkbacks.cli", "send", "--wait", "600") as process:
        assert process.stdout
        assert process.stdout.readline().startswith("Waiting up to 600 s: ")
        assert interrupt(process) == ([], [SAID])
    assert waiting.outcomes() == {neighbour.post(1): "sent", neighbour.post(2): "waiting"}


def test_a_build_ends_at_once_while_a_server_hangs(
    blog: Blog, boxes: list[str], hang: Hang
) -> None:
    blog.save_settings()
    with start(blog, "pelican", "-s", blog.settings_file.name) as process:
        assert hang.asked.wait(PATIENCE)
        out, err = interrupt(process)
    said = "\n".join([*out, *err])
    assert said.count("Keyboard interrupt received") == 1
    assert "Traceback" not in said
    assert "Linkbacks" not in said
    check_kept(blog, boxes)
    assert (blog.output / "one.html").exists()
