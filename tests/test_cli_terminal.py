"""Progress of a send: on a terminal, and only there."""

from __future__ import annotations

from tests.blog import Blog
from tests.command import Command, on_terminal, plain
from tests.neighbour import Neighbour
from tests.servers import Answer, Received

SUMMARY = "Linkbacks: 1 sent (1 trackback), 0 waiting, 0 without endpoint, 0 failed."


def box(blog: Blog, neighbour: Neighbour) -> str:
    """The path of a trackback URL that an article names, and that is not told yet."""
    path = "/silent/1/trackback"
    blog.settings["LINKBACKS_SEND"] = False
    blog.write("one", "Text", trackbacks=neighbour.url + path)
    blog.build()
    return path


def test_without_a_terminal_there_is_no_progress(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    box(blog, neighbour)
    assert command("send").out == [SUMMARY]


def test_on_a_terminal_with_nothing_to_tell_there_is_no_progress(blog: Blog) -> None:
    blog.write("one", "Text")
    blog.build()
    assert on_terminal(blog, "send") == (
        "Linkbacks: 0 sent, 0 waiting, 0 without endpoint, 0 failed.\r\n"
    )


def test_on_a_terminal_it_is_seen_how_far_a_send_has_come_and_then_only_its_summary(
    blog: Blog, neighbour: Neighbour
) -> None:
    box(blog, neighbour)
    written = on_terminal(blog, "send")
    assert "0/1" in written
    assert "1/1" in written
    # The line of the bar is cleared before the summary takes its place.
    assert written.endswith(f"\x1b[2K{SUMMARY}\r\n")


def test_a_pause_that_is_waited_out_is_said_above_the_bar(blog: Blog, neighbour: Neighbour) -> None:
    path = box(blog, neighbour)

    def busy(received: Received) -> Answer:
        del neighbour.pages[path]
        return Answer("Later", 429, [("Retry-After", "1")])

    neighbour.pages[path] = busy
    written = on_terminal(blog, "send")
    host = neighbour.url.removeprefix("http://")
    said = f"{host} wants a pause between notices: waiting 1 s"
    assert f"\x1b[2K{said}\r\n" in written
    assert "Telling" in written.partition(said)[2]
    assert plain(written)[-1].endswith(SUMMARY)


def test_retry_shows_its_progress_too(blog: Blog, neighbour: Neighbour) -> None:
    neighbour.pages["/silent/1/trackback"] = Answer("Sorry", 500)
    blog.write("one", "Text", trackbacks=f"{neighbour.url}/silent/1/trackback")
    blog.build()
    neighbour.pages.clear()
    written = on_terminal(blog, "retry")
    assert "0/1" in written
    assert written.endswith(f"\x1b[2K{SUMMARY}\r\n")
