"""Backfill: old links that the author wants told, and those that are told by nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.blog import AGED, YOUNG, Blog, held_elsewhere
from tests.command import Command, Done
from tests.neighbour import Neighbour

NOTHING = Done(0, ["There is no old link to be told."], [])
TOLD_ONE = "Linkbacks: 1 sent (1 pingback), 0 waiting, 0 without endpoint, 0 failed."


@pytest.fixture
def aged(blog: Blog, neighbour: Neighbour) -> Blog:
    """A blog with two old articles, known to the state with a link each."""
    blog.write("elder", neighbour.link(1), datetime(2020, 5, 2, tzinfo=UTC))
    blog.write("younger", neighbour.link(2), datetime(2022, 5, 2, tzinfo=UTC))
    blog.build()
    assert set(blog.outcomes().values()) == {"old"}
    neighbour.requests.clear()
    blog.web.requests.clear()
    return blog


def check_nothing_told(blog: Blog, neighbour: Neighbour, command: Command, *options: str) -> None:
    before = blog.state_file.read_bytes()
    assert command("backfill", *options) == NOTHING
    assert blog.state_file.read_bytes() == before
    assert not neighbour.requests


# What is not told.


def test_without_a_state_it_says_so_and_makes_none(blog: Blog, command: Command) -> None:
    blog.save_settings()
    done = command("backfill")
    assert (done.status, done.out) == (1, [])
    assert done.err == [
        f"pelican-linkbacks: There is no state file at {blog.state_file} yet: the first build of "
        "the published site makes it."
    ]
    assert not blog.state_file.exists()


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "2.5.2022", ""])
def test_what_is_no_day_is_a_usage_error_that_shows_it(command: Command, day: str) -> None:
    done = command.misused("backfill", f"--since={day}")
    assert done.status == 2
    assert done.err[-1].endswith(f"argument --since: {day!r} is not a date such as 2026-11-22")


def test_where_nothing_is_old_nothing_is_told(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("one", neighbour.link())
    blog.build()
    neighbour.requests.clear()
    check_nothing_told(blog, neighbour, command)


def test_links_and_articles_that_are_gone_are_not_told(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    aged.write("elder", "Text", AGED)
    (aged.content / "younger.md").unlink()
    check_nothing_told(aged, neighbour, command)


def test_articles_that_are_no_longer_published_are_not_told(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    aged.write("elder", neighbour.link(1), AGED, status="draft")
    aged.write("younger", neighbour.link(2), AGED, linkbacks="no")
    check_nothing_told(aged, neighbour, command)


def test_links_that_settings_leave_out_are_not_told(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    aged.settings["LINKBACKS_IGNORED_URLS_PATTERN"] = "/header/"
    aged.save_settings()
    check_nothing_told(aged, neighbour, command)


def test_what_the_state_does_not_know_is_left_to_the_next_build(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    aged.write("elder", neighbour.link(3), AGED)
    aged.write("younger", neighbour.link(4), AGED)
    aged.write("third", neighbour.link(5), AGED)
    check_nothing_told(aged, neighbour, command)


@pytest.mark.parametrize(
    ("siteurl", "why"),
    [
        ("", "SITEURL is empty, as in development; name the settings of the published site"),
        ("https://elsewhere.example", "SITEURL is https://elsewhere.example, but the state is of"),
    ],
    ids=["development", "moved"],
)
def test_a_site_that_may_not_send_tells_nothing(
    aged: Blog, neighbour: Neighbour, command: Command, siteurl: str, why: str
) -> None:
    before = aged.state_file.read_bytes()
    aged.settings["SITEURL"] = siteurl
    aged.save_settings()
    done = command("backfill")
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert done.err[0].startswith(f"pelican-linkbacks: {why}")
    assert aged.state_file.read_bytes() == before
    assert not neighbour.requests


def test_while_another_run_sends_nothing_is_queued(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    before = aged.state_file.read_bytes()
    with held_elsewhere(aged.state_file):
        done = command("backfill")
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert aged.state_file.read_bytes() == before
    assert not neighbour.requests


def test_a_site_that_cannot_be_built_tells_nothing(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    before = aged.state_file.read_bytes()
    aged.settings["THEME"] = "nowhere"
    aged.save_settings()
    done = command("backfill")
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert aged.state_file.read_bytes() == before
    assert not neighbour.requests


def test_a_dry_run_lists_them_by_article_and_changes_nothing(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    before = {f: f.read_bytes() for f in aged.folder.rglob("*.*") if f.is_file()}
    assert command("backfill", "--dry-run") == Done(
        0,
        [
            "elder.html",
            f"  would be told: {neighbour.post(1)}",
            "younger.html",
            f"  would be told: {neighbour.post(2)}",
            "2 old links would be told; nothing was sent or written.",
        ],
        [],
    )
    assert {f: f.read_bytes() for f in aged.folder.rglob("*.*") if f.is_file()} == before
    assert not neighbour.requests
    assert not aged.web.requests


# What is told.


def test_all_old_links_are_told_and_a_second_time_none(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    assert command("backfill") == Done(
        0, ["Linkbacks: 2 sent (2 pingback), 0 waiting, 0 without endpoint, 0 failed."], []
    )
    assert neighbour.told() == [
        (f"{aged.web.url}/elder.html", neighbour.post(1)),
        (f"{aged.web.url}/younger.html", neighbour.post(2)),
    ]
    assert set(aged.outcomes().values()) == {"sent"}
    neighbour.requests.clear()
    check_nothing_told(aged, neighbour, command)
    assert aged.build().summary.startswith("Linkbacks: 0 new, 0 sent, ")
    assert not neighbour.requests


@pytest.mark.parametrize(
    ("since", "told"), [("2022-05-03", []), ("2022-05-02", [2]), ("2020-05-02", [1, 2])]
)
def test_since_a_day_only_later_articles_and_those_of_the_day_are_told(
    aged: Blog, neighbour: Neighbour, command: Command, since: str, told: list[int]
) -> None:
    command("backfill", "--since", since)
    assert [target for _, target in neighbour.told()] == [neighbour.post(n) for n in told]


def test_the_day_is_that_of_the_site(aged: Blog, neighbour: Neighbour, command: Command) -> None:
    aged.settings["TIMEZONE"] = "Pacific/Kiritimati"
    aged.save_settings()
    command("backfill", "--since", "2022-05-02")
    assert [target for _, target in neighbour.told()] == [neighbour.post(2)]


def test_pages_without_a_date_are_told_only_without_a_day(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.settings["LINKBACKS_PAGES"] = True
    blog.write("pages/about", neighbour.link(), None)
    blog.build()
    neighbour.requests.clear()
    check_nothing_told(blog, neighbour, command, "--since", "2001-01-01")
    assert command("backfill").out == [TOLD_ONE]
    assert neighbour.told() == [(f"{blog.web.url}/pages/about.html", neighbour.post())]


def test_nothing_else_that_waits_is_told_with_them(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    aged.settings["LINKBACKS_SEND"] = False
    aged.write("one", neighbour.link(3), YOUNG)
    aged.build()
    command("backfill")
    assert aged.outcomes() == {
        neighbour.post(1): "sent",
        neighbour.post(2): "sent",
        neighbour.post(3): "queued",
    }


def test_a_trackback_gets_the_title_and_the_text_of_its_article(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    box = f"{neighbour.post(offers='silent')}/trackback"
    blog.write("old", "The text", AGED, title="Brot & Käse", trackbacks=box)
    blog.build()
    assert blog.outcomes() == {box: "old"}
    command("backfill")
    (notice,) = neighbour.notices
    assert (notice.protocol, notice.target) == ("trackback", box)
    assert (notice.title, notice.excerpt) == ("Brot & Käse", "The text")


def test_a_page_that_is_not_online_waits_as_ever(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    aged.web.pages["/elder.html"] = "Text"
    done = command("backfill")
    assert (done.status, done.err) == (1, [])
    assert done.out[0].startswith("Linkbacks: 1 sent (1 pingback), 1 waiting, ")
    assert aged.outcomes() == {neighbour.post(1): "waiting", neighbour.post(2): "sent"}
    del aged.web.pages["/elder.html"]
    assert command("send").out == [TOLD_ONE]


def test_an_article_that_cannot_be_read_keeps_no_other_from_being_told(
    aged: Blog, neighbour: Neighbour, command: Command
) -> None:
    aged.write("elder", neighbour.link(1), None, date="yesterday or so")
    done = command("backfill")
    assert (done.status, done.out) == (1, [TOLD_ONE])
    assert len(done.err) == 1
    assert done.err[0].startswith("pelican-linkbacks: Could not process ./elder.md")
    assert aged.outcomes() == {neighbour.post(1): "old", neighbour.post(2): "sent"}


def test_the_articles_of_all_sites_are_told(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.settings["PLUGINS"] = ["i18n_subsites", "pelican_linkbacks"]
    blog.settings["I18N_SUBSITES"] = {"de": {"SITENAME": "Das Blog"}}
    blog.write("one", neighbour.link(1), AGED, lang="en")
    blog.write("zwei", neighbour.link(2), AGED, lang="de")
    blog.build()
    assert command("backfill").status == 0
    assert neighbour.told() == [
        (f"{blog.web.url}/de/zwei.html", neighbour.post(2)),
        (f"{blog.web.url}/one.html", neighbour.post(1)),
    ]
