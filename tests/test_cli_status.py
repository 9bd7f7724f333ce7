"""The command ``status``: what was told, what waits, and why."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.state import State
from pelican_linkbacks.storage import locked
from tests.blog import AGED, Blog
from tests.command import Command, Done, on_terminal, plain
from tests.neighbour import Neighbour
from tests.servers import Answer

KEYS = [
    "source",
    "target",
    "outcome",
    "protocol",
    "endpoint",
    "found_by",
    "attempts",
    "next_attempt",
    "answer",
    "first_seen",
    "receipt",
]
LONG = f"https://blog.example/{'a-long-way/' * 20}"
US = "https://us.example"


def put(blog: Blog, *mentions: Mention) -> None:
    """Let the state of a blog know mentions; it is a text file that anything may come into."""
    blog.save_settings()
    with locked(blog.state_file):
        state = State.load(blog.state_file)
        state.siteurl, state.sites = state.siteurl or US, state.sites or (US,)
        for mention in mentions:
            state.put(mention)
        state.save()


def known(target: str, outcome: Outcome, answer: str | None = None, **more: Any) -> Mention:
    return Mention(
        "rye.html",
        "rye.md",
        f"{US}/rye.html",
        target,
        outcome,
        answer=answer,
        **more,
    )


def test_status_of_a_blog_without_links_has_one_line(blog: Blog, command: Command) -> None:
    blog.write("one", "Text")
    blog.build()
    assert command("status") == Done(0, ["1 article; mentions: none."], [])


def test_status_lists_by_article_what_came_of_each_link_and_counts_the_old_ones(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    neighbour.pages["/500"] = Answer("Sorry", 500)
    blog.write("old", neighbour.link("old"), AGED)
    blog.write("one", f"{neighbour.link(1)} {neighbour.link(2, 'silent')}")
    blog.write("two", f"[a]({neighbour.url}/500)")
    blog.build()
    before = blog.state_file.read_bytes()
    neighbour.requests.clear()
    done = command("status")
    assert (done.status, done.err) == (0, [])
    assert done.out[:3] == [
        "one.html",
        f"  sent by pingback: {neighbour.post(1)} (Pingback from {blog.web.url}/one.html "
        "registered.)",
        f"  none: {neighbour.post(2, 'silent')} (no endpoint: looked in the headers and 0.0 kB of "
        "page)",
    ]
    assert done.out[3] == "two.html"
    assert done.out[4].startswith(f"  failed: {neighbour.url}/500 (")
    assert re.search(r"; again at \d\d:\d\d\)$", done.out[4])
    assert done.out[5:] == ["3 articles; mentions: 1 failed, 1 old, 1 none, 1 sent."]
    assert blog.state_file.read_bytes() == before
    assert not neighbour.requests


def test_status_prints_foreign_text_without_effect_on_the_terminal(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    box = f"{neighbour.post(offers='silent')}/trackback"
    neighbour.pages[box.removeprefix(neighbour.url)] = Answer(
        "<response><error>1</error><message>[red]\u009b31m \u202eno</message></response>"
    )
    blog.write("one", "Text", trackbacks=box)
    blog.build()
    # A state is a text file that anything may have come into.
    with locked(blog.state_file):
        state = State.load(blog.state_file)
        state.put(Mention("two\x1b[31m", "two.md", blog.web.url, neighbour.post()))
        state.save()
    done = command("status")
    assert "[red]" in done.out[1]
    assert done.out[2] == r"two\x1b[31m"
    assert all(character.isprintable() for line in done.out for character in line)


def test_an_old_link_is_shown_if_there_is_something_to_say_of_it(
    blog: Blog, command: Command
) -> None:
    put(
        blog,
        known("https://a.example/", Outcome.OLD),
        known("https://b.example/", Outcome.OLD, "the linkbacks plugin could not tell it"),
    )
    assert command("status").out == [
        "rye.html",
        "  old: https://b.example/ (the linkbacks plugin could not tell it)",
        "1 article; mentions: 2 old.",
    ]


def test_a_removal_reads_as_the_going_of_the_link(blog: Blog, command: Command) -> None:
    still = f"{US}/rye.html is online, and still with this link"
    put(blog, known("https://a.example/", Outcome.WAITING, still, removal=True))
    assert command("status").out[1] == (
        f"  removal waiting: https://a.example/ (the link is gone; {still})"
    )


NAMES = ["rye.html", "/rye.html", "rye.md", "content/rye.md", f"{US}/rye.html", f"{US}/rye.html#a"]


@pytest.mark.parametrize("name", NAMES)
def test_one_article_is_shown_by_any_of_its_names_with_all_its_links(
    blog: Blog, command: Command, name: str
) -> None:
    put(
        blog,
        known("https://a.example/", Outcome.OLD),
        Mention("salt.html", "salt.md", f"{US}/salt.html", "https://a.example/"),
    )
    assert command("status", name) == Done(
        0, ["rye.html", "  old: https://a.example/", "1 article; mentions: 1 old."], []
    )


def test_a_name_is_known_however_its_letters_are_encoded(blog: Blog, command: Command) -> None:
    put(blog, Mention("k%C3%A4se.html", "käse.md", f"{US}/k%C3%A4se.html", "https://a.example/"))
    for name in ("käse.html", "k%C3%A4se.html", f"{US}/käse.html", "käse.md"):
        assert command("status", name).status == 0, name


def test_one_target_is_shown_in_all_articles_that_link_to_it(blog: Blog, command: Command) -> None:
    put(
        blog,
        known("https://a.example/", Outcome.SENT, protocol="pingback"),
        known("https://b.example/", Outcome.SENT, protocol="pingback"),
        Mention("salt.html", "salt.md", f"{US}/salt.html", "https://a.example/#part", Outcome.NONE),
    )
    assert command("status", "https://A.example").out == [
        "rye.html",
        "  sent by pingback: https://a.example/",
        "salt.html",
        "  none: https://a.example/#part",
        "2 articles; mentions: 1 none, 1 sent.",
    ]


@pytest.mark.parametrize(
    "name", ["", "no.html", "rye", "https://c.example/", "https://[", "a\x1b[2J", "\0"]
)
def test_a_name_that_is_not_known_is_one_line(blog: Blog, command: Command, name: str) -> None:
    put(blog, known("https://a.example/", Outcome.OLD))
    for words in ("status", "retry", "forget"):
        before = blog.state_file.read_bytes()
        done = command(words, name)
        assert (done.status, done.out, len(done.err)) == (1, [], 1)
        assert " is not known: " in done.err[0]
        assert done.err[0].isprintable()
        assert blog.state_file.read_bytes() == before


# For programs.


def test_json_of_a_blog_without_links_is_an_empty_array(blog: Blog, command: Command) -> None:
    blog.write("one", "Text")
    blog.build()
    assert command("status", "--json") == Done(0, ["[]"], [])


def test_json_tells_all_of_each_link_old_ones_too_and_nothing_else(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("old", neighbour.link("old"), AGED)
    blog.write("one", neighbour.link())
    blog.build()
    done = command("status", "--json")
    old, one = json.loads("\n".join(done.out))
    assert (done.status, done.err, list(one)) == (0, [], KEYS)
    assert old["outcome"] == "old"
    seen = datetime.fromisoformat(one.pop("first_seen"))
    assert (datetime.now(UTC) - seen).total_seconds() < 600
    assert one == {
        "source": f"{blog.web.url}/one.html",
        "target": neighbour.post(),
        "outcome": "sent",
        "protocol": "pingback",
        "endpoint": f"{neighbour.url}/xmlrpc",
        "found_by": one["found_by"],
        "attempts": 0,
        "next_attempt": None,
        "answer": f"Pingback from {blog.web.url}/one.html registered.",
        "receipt": None,
    }


def test_times_in_json_are_utc(blog: Blog, command: Command) -> None:
    then = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    put(blog, known("https://a.example/", Outcome.FAILED, next_attempt=then, first_seen=then))
    [one] = json.loads("\n".join(command("status", "--json").out))
    assert (one["next_attempt"], one["first_seen"]) == ("2026-11-22T08:30:00Z",) * 2


def test_hostile_text_stays_within_the_strings_of_json(blog: Blog, command: Command) -> None:
    hostile = '\x1b[2J\x7f\x9b\u202e"}]\r\n[red]'
    put(blog, known(f"https://a.example/{hostile}", Outcome.REFUSED, hostile))
    done = command("status", "--json", "rye.md")
    [one] = json.loads("\n".join(done.out))
    assert (one["target"], one["answer"]) == (f"https://a.example/{hostile}", hostile)
    assert all(line.isprintable() and line.isascii() for line in done.out)


# On a terminal.


@pytest.mark.parametrize("width", [40, 80, 200])
def test_on_a_terminal_every_url_stands_whole_and_no_reason_is_cut(blog: Blog, width: int) -> None:
    why = f"{US}/{'rye-' * 20}.html is not online yet, {'and ' * 10}never was"
    put(
        blog,
        known(LONG, Outcome.WAITING, why),
        known("https://b.example/post", Outcome.NONE, "no endpoint: looked in the headers"),
    )
    lines = plain(on_terminal(blog, "status", width=width))
    text = " ".join(" ".join(lines).split())
    assert f"waiting {LONG} {why}" in text
    assert "none https://b.example/post no endpoint: looked in the headers" in text
    assert lines[-1] == "1 article; mentions: 1 waiting, 1 none."
    # What is longer than a line is a URL, which the terminal wraps so that it can be copied.
    assert all(len(line) <= width or "://" in line for line in lines[:-1])


def test_on_a_wide_terminal_the_reason_stands_beside_its_url(blog: Blog) -> None:
    put(
        blog,
        known("https://a.example/1", Outcome.SENT, "Thanks", protocol="webmention"),
        known("https://a.example/long", Outcome.REFUSED, "No"),
    )
    assert plain(on_terminal(blog, "status", width=200)) == [
        "rye.html",
        "  sent     https://a.example/1     by webmention: Thanks",
        "  refused  https://a.example/long  No",
        "",
        "1 article; mentions: 1 refused, 1 sent.",
    ]
    assert plain(on_terminal(blog, "status", width=80))[1:3] == [
        "  sent     https://a.example/1",
        "           by webmention: Thanks",
    ]


def test_on_a_terminal_foreign_text_has_no_effect(blog: Blog) -> None:
    hostile = "[red]no[/red] \x1b]0;title\x07 \u202e:smile:"
    put(blog, known("https://a.example/\x1b[31m[bold]x", Outcome.REFUSED, hostile))
    lines = plain(on_terminal(blog, "status"))
    assert lines[1:3] == [
        r"  refused  https://a.example/\x1b[31m[bold]x",
        r"           [red]no[/red] \x1b]0;title\x07 \u202e:smile:",
    ]


def test_on_a_terminal_a_state_without_links_has_one_line(blog: Blog) -> None:
    blog.write("one", "Text")
    blog.build()
    assert plain(on_terminal(blog, "status")) == ["1 article; mentions: none."]
