"""The commands ``retry`` and ``forget``: what the author has done once more, or as if never."""

from __future__ import annotations

import pytest

from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.state import State
from pelican_linkbacks.storage import locked
from tests.blog import AGED, Blog
from tests.command import Command, Done
from tests.neighbour import Neighbour
from tests.servers import Answer, Received

SORRY = Answer("Sorry", 500)
NOTHING_FAILED = ["Nothing has failed; there is nothing to tell once more."]
OTHERS = [
    outcome
    for outcome in Outcome
    if outcome not in (Outcome.FAILED, Outcome.GAVE_UP, Outcome.REFUSED, Outcome.NONE)
]


def change(blog: Blog, target: str, **to: object) -> Mention:
    """Let the state know something else of a mention."""
    with locked(blog.state_file):
        state = State.load(blog.state_file)
        [mention] = [known for known in state.mentions() if known.target == target]
        values = {name: getattr(mention, name) for name in Mention.__dataclass_fields__}
        state.put(Mention(**values | to))
        state.save()
    return mention


@pytest.fixture
def told(blog: Blog, neighbour: Neighbour) -> Blog:
    """A blog with an article whose one link was told."""
    blog.write("one", neighbour.link())
    blog.build()
    neighbour.requests.clear()
    return blog


@pytest.fixture
def failed(blog: Blog, neighbour: Neighbour) -> Blog:
    """A blog with one article whose link could not be told, since when that would be possible."""
    neighbour.pages["/xmlrpc"] = SORRY
    blog.write("one", neighbour.link())
    blog.build()
    assert blog.outcomes() == {neighbour.post(): "failed"}
    del neighbour.pages["/xmlrpc"]
    neighbour.requests.clear()
    return blog


# What retry leaves alone.


def test_nothing_is_told_twice(told: Blog, neighbour: Neighbour, command: Command) -> None:
    before = told.state_file.read_bytes()
    assert command("retry") == Done(0, NOTHING_FAILED, [])
    done = command("retry", "one.md")
    assert done == Done(
        0, ["one.md is sent by pingback already; there is nothing to tell once more."], []
    )
    assert not neighbour.requests
    assert told.state_file.read_bytes() == before


@pytest.mark.parametrize("outcome", OTHERS)
def test_what_neither_failed_nor_was_denied_is_left_alone(
    told: Blog, neighbour: Neighbour, command: Command, outcome: Outcome
) -> None:
    change(told, neighbour.post(), outcome=outcome)
    before = told.state_file.read_bytes()
    assert command("retry") == Done(0, NOTHING_FAILED, [])
    done = command("retry", neighbour.post())
    assert (done.status, done.err, len(done.out)) == (0, [], 1)
    assert f"{neighbour.post()} is {outcome}" in done.out[0]
    assert not neighbour.requests
    assert told.state_file.read_bytes() == before


def test_an_article_without_links_has_nothing_to_be_told(blog: Blog, command: Command) -> None:
    blog.write("one", "Text")
    blog.build()
    assert command("retry", "one.md") == Done(
        0, ["one.md has no links; there is nothing to tell once more."], []
    )


def test_of_several_links_none_of_which_has_failed_it_says_what_came_of_them(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("one", f"{neighbour.link(1)} {neighbour.link(2)}")
    blog.build()
    assert command("retry", "one.md").out == [
        "one.md has links, but none that has failed: 2 sent; there is nothing to tell once more."
    ]


def test_what_is_not_named_is_not_told(
    failed: Blog, neighbour: Neighbour, command: Command
) -> None:
    neighbour.pages["/xmlrpc"] = SORRY
    failed.write("two", neighbour.link(2))
    failed.build()
    del neighbour.pages["/xmlrpc"]
    assert command("retry", "two.html").status == 0
    assert failed.outcomes() == {neighbour.post(1): "failed", neighbour.post(2): "sent"}


def test_what_is_due_as_well_is_left_to_send(
    failed: Blog, neighbour: Neighbour, command: Command
) -> None:
    failed.settings["LINKBACKS_SEND"] = False
    failed.write("two", neighbour.link(2))
    failed.build()
    command("retry")
    assert failed.outcomes() == {neighbour.post(1): "sent", neighbour.post(2): "queued"}


@pytest.mark.parametrize("outcome", ["refused", "none"])
def test_what_was_denied_is_not_told_again_unless_it_is_named(
    told: Blog, neighbour: Neighbour, command: Command, outcome: str
) -> None:
    neighbour.notices.clear()
    change(told, neighbour.post(), outcome=Outcome(outcome))
    assert command("retry").out == NOTHING_FAILED
    assert not neighbour.requests
    assert command("retry", neighbour.post()).status == 0
    assert told.outcomes() == {neighbour.post(): "sent"}


def test_what_was_skipped_when_it_was_to_be_told_is_told_if_it_is_named(
    told: Blog, neighbour: Neighbour, command: Command
) -> None:
    neighbour.notices.clear()
    change(told, neighbour.post(), outcome=Outcome.SKIPPED, attempts=1)
    assert command("retry").out == NOTHING_FAILED
    assert command("retry", neighbour.post()).status == 0
    assert told.outcomes() == {neighbour.post(): "sent"}


# What retry tells.


@pytest.mark.parametrize("to", [{}, {"outcome": Outcome.GAVE_UP, "attempts": 6}], ids=str)
@pytest.mark.parametrize("name", [None, "one.md", "target"])
def test_what_has_failed_is_told_at_once_whenever_its_time_would_be(
    failed: Blog,
    neighbour: Neighbour,
    command: Command,
    to: dict[str, object],
    name: str | None,
) -> None:
    change(failed, neighbour.post(), **to)
    words = [] if name is None else [neighbour.post() if name == "target" else name]
    assert command("retry", *words) == Done(
        0, ["Linkbacks: 1 sent (1 pingback), 0 waiting, 0 without endpoint, 0 failed."], []
    )
    assert neighbour.told() == [(f"{failed.web.url}/one.html", neighbour.post())]
    [mention] = failed.mentions()
    assert (mention.outcome, mention.attempts, mention.next_attempt) == (Outcome.SENT, 0, None)


def test_what_was_asked_for_a_pause_is_told_before_that_ends(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    neighbour.pages["/xmlrpc"] = Answer("Later", 429, [("Retry-After", "86400")])
    blog.write("one", neighbour.link())
    blog.build()
    assert [mention.paused_by is None for mention in blog.mentions()] == [False]
    del neighbour.pages["/xmlrpc"]
    assert command("retry").status == 0
    assert blog.outcomes() == {neighbour.post(): "sent"}


def test_what_fails_once_more_is_counted_from_the_start(
    failed: Blog, neighbour: Neighbour, command: Command
) -> None:
    neighbour.pages["/xmlrpc"] = SORRY
    change(failed, neighbour.post(), outcome=Outcome.GAVE_UP, attempts=6)
    assert command("retry") == Done(
        0, ["Linkbacks: 0 sent, 0 waiting, 0 without endpoint, 1 failed."], []
    )
    [mention] = failed.mentions()
    assert (mention.outcome, mention.attempts) == (Outcome.FAILED, 1)


def test_retry_fails_if_our_own_page_is_not_online(
    failed: Blog, neighbour: Neighbour, command: Command
) -> None:
    failed.web.folder = failed.live
    assert command("retry") == Done(
        1,
        [
            "Linkbacks: 0 sent, 1 waiting, 0 without endpoint, 0 failed.",
            f"  {failed.web.url}/one.html is not online yet (HTTP 404)",
        ],
        [],
    )


# What forget drops.


def test_a_forgotten_link_is_told_by_the_next_build_and_the_others_are_not(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("one", f"{neighbour.link(1)} {neighbour.link(2)}")
    blog.build()
    neighbour.notices.clear()
    assert command("forget", neighbour.post(1)) == Done(
        0,
        [f"1 link to {neighbour.post(1)} forgotten: what is there still is new to the next build."],
        [],
    )
    assert blog.outcomes() == {neighbour.post(2): "sent"}
    blog.build()
    assert neighbour.told() == [(f"{blog.web.url}/one.html", neighbour.post(1))]


def test_the_last_link_of_an_article_is_forgotten_and_the_article_is_not(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("one", neighbour.link(), AGED)
    blog.build()
    assert blog.outcomes() == {neighbour.post(): "old"}
    command("forget", neighbour.post())
    blog.build()
    assert blog.outcomes() == {neighbour.post(): "sent"}


@pytest.mark.parametrize("name", ["one.html", "one.md", "content/one.md"])
def test_a_forgotten_article_is_told_as_a_new_one(
    blog: Blog, neighbour: Neighbour, command: Command, name: str
) -> None:
    blog.write("one", f"{neighbour.link(1)} {neighbour.link(2)}")
    blog.write("two", neighbour.link(3))
    blog.build()
    neighbour.notices.clear()
    assert command("forget", name) == Done(
        0,
        [
            "1 article and 2 links forgotten: new to the next build, which tells what is not older "
            "than 30 days."
        ],
        [],
    )
    assert blog.outcomes() == {neighbour.post(3): "sent"}
    blog.build()
    assert {target for _, target in neighbour.told()} == {neighbour.post(1), neighbour.post(2)}


def test_a_forgotten_article_that_is_old_is_recorded_and_not_told(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("old", "Text", AGED)
    blog.build()
    blog.write("old", neighbour.link(), AGED)
    blog.build()
    neighbour.notices.clear()
    assert command("forget", "old.md").status == 0
    blog.build()
    assert blog.outcomes() == {neighbour.post(): "old"}
    assert not neighbour.notices


def test_an_article_without_links_can_be_forgotten(blog: Blog, command: Command) -> None:
    blog.write("one", "Text")
    blog.build()
    assert command("forget", "one.html").out[0].startswith("1 article and 0 links forgotten: ")
    assert State.load(blog.state_file).articles == {}
    assert "is not known" in command("forget", "one.html").err[0]


# Where there is no site to build.


def test_each_command_works_without_content_and_without_a_theme(
    failed: Blog, neighbour: Neighbour, command: Command
) -> None:
    (failed.content / "one.md").unlink()
    failed.content.rmdir()
    failed.settings["THEME"] = "of-a-friend"
    failed.save_settings()
    assert command("status").status == 0
    assert command("send").status == 0
    assert command("retry", "one.md").status == 0
    assert failed.outcomes() == {neighbour.post(): "sent"}
    assert command("forget", "one.md").status == 0
    assert failed.outcomes() == {}


def test_a_retry_is_written_down_before_anything_is_asked(
    failed: Blog, neighbour: Neighbour, command: Command
) -> None:
    seen: list[Mention] = []

    def look(received: Received) -> Answer:
        seen.extend(failed.mentions())
        return SORRY

    neighbour.pages["/xmlrpc"] = look
    command("retry")
    [mention] = seen
    assert (mention.outcome, mention.attempts) == (Outcome.QUEUED, 0)
    assert mention.asked_at is not None
