"""Two runs at once, in real processes: every mention is told once, and nobody fails a build."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.blog import Blog
from tests.children import Child, Gate, build, hold, send
from tests.servers import Answer, Received
from tests.verifiers import Verifiers

BUSY = "Another run is sending with "
ARTICLES = 4


@pytest.fixture
def blogs() -> Iterator[Verifiers]:
    with Verifiers(6) as blogs:
        yield blogs


@pytest.fixture
def queued(blog: Blog, blogs: Verifiers) -> Blog:
    """A blog that is online, with links that are queued and not told."""
    blog.web.folder = blog.live
    blog.settings["LINKBACKS_SEND"] = False
    for number in range(ARTICLES):
        blog.write(str(number), blogs.links(number))
    assert build(blog).status == 0
    blog.upload()
    blog.settings["LINKBACKS_SEND"] = True
    return blog


def told_once(blogs: Verifiers) -> bool:
    accepted = blogs.accepted()
    return len(accepted) == ARTICLES * len(blogs.blogs) and set(accepted.values()) == {1}


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [(build, build, 0), (send, build, 0), (build, send, 1), (send, send, 1)],
    ids=["two builds", "build during send", "send during build", "two sends"],
)
def test_who_comes_while_another_run_sends_says_so_and_sends_nothing(
    queued: Blog,
    blogs: Verifiers,
    first: Callable[[Blog], Child],
    second: Callable[[Blog], Child],
    status: int,
) -> None:
    gate = Gate()
    for blog in blogs.blogs:
        blog.on_notice = gate
    sending = first(queued)
    gate.wait()
    late = second(queued)
    assert late.status == status
    (line,) = late.said
    assert f"{BUSY}{queued.state_file}; new links are left to the next run." in line
    gate.open()
    assert sending.status == 0
    assert told_once(blogs)
    assert set(queued.outcomes().values()) == {"sent"}


def test_a_link_that_is_found_while_another_run_sends_is_told_by_the_next_build(
    queued: Blog, blogs: Verifiers
) -> None:
    gate = Gate()
    for blog in blogs.blogs:
        blog.on_notice = gate
    sending = send(queued)
    gate.wait()
    queued.write("new", blogs.links(77))
    assert build(queued).status == 0
    gate.open()
    assert sending.status == 0
    queued.upload()
    assert build(queued).said[0].startswith("Linkbacks: 6 new, 6 sent ")


@pytest.mark.parametrize("seconds", [(build, send), (send, send), (build, build)] * 2)
def test_two_that_begin_together_tell_everything_once(
    queued: Blog, blogs: Verifiers, seconds: tuple[Callable[[Blog], Child], ...]
) -> None:
    children = [run(queued) for run in seconds]
    for child in children:
        is_busy = any(BUSY in line for line in child.said)
        assert child.status == int(is_busy and child.command is not None)
    assert sum(any(BUSY in line for line in child.said) for child in children) < 2
    assert told_once(blogs)
    assert set(queued.outcomes().values()) == {"sent"}


def test_two_first_builds_that_begin_together_tell_everything_once(
    blog: Blog, blogs: Verifiers
) -> None:
    for number in range(ARTICLES):
        blog.write(str(number), blogs.links(number))
    assert [child.status for child in (build(blog), build(blog))] == [0, 0]
    assert build(blog).status == 0
    assert set(blog.outcomes().values()) == {"sent"}
    assert told_once(blogs)


def test_a_first_build_does_not_take_the_pages_of_another_for_what_was_there_before(
    blog: Blog, blogs: Verifiers
) -> None:
    """The slow one asks for the live page before the other has written it, and is answered after;
    then it is the first to come to its end."""
    asks, writes = Gate(), Gate()
    answers = iter([asks])

    def page(received: Received) -> Answer:
        for gate in answers:
            gate()
            break
        file = blog.output / "0.html"
        return Answer(file.read_bytes()) if file.exists() else Answer("not found", 404)

    blog.web.pages["/0.html"] = page
    blog.write("0", blogs.links(0))
    slow = build(blog)
    asks.wait()

    hold(blog, "page_writer_finalized", writes)
    other = build(blog)
    writes.wait()
    asks.open()
    assert slow.status == 0
    writes.open()
    assert other.status == 0
    assert set(blog.outcomes().values()) == {"sent"}
    assert set(blogs.accepted().values()) == {1}
    assert len(blogs.accepted()) == len(blogs.blogs)
