"""The plan: what a build would do with each link, and why, and that the build then does it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelican_linkbacks.mention import Outcome
from pelican_linkbacks.news import Change, News
from pelican_linkbacks.plan import lines
from pelican_linkbacks.state import State
from tests.blog import AGED, Blog, held_elsewhere
from tests.command import Command
from tests.neighbour import Neighbour
from tests.samples import NOW, config, mention
from tests.servers import Answer

ONLINE = "  A link is told only when its page is online; until then it waits."
AT_REST = "A build would change nothing; nothing was sent or written."


def planned(blog: Blog, command: Command) -> list[str]:
    """What a plan says that has nothing to complain of."""
    blog.save_settings()
    done = command("plan")
    assert (done.status, done.err) == (0, [])
    return done.out


# Where nothing would happen.


def test_where_nothing_is_new_nothing_would_be_done(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("one", neighbour.link(1))
    blog.write("old", neighbour.link(2), AGED)
    blog.build()
    assert planned(blog, command) == [AT_REST]


@pytest.mark.parametrize(
    ("siteurl", "why"),
    [
        ("", "SITEURL is empty, as in development"),
        ("http://192.168.1.5", "SITEURL (http://192.168.1.5) is a private address"),
    ],
    ids=["empty", "private"],
)
def test_a_site_that_is_not_public_plans_nothing_and_says_which_settings_would(
    blog: Blog, neighbour: Neighbour, command: Command, siteurl: str, why: str
) -> None:
    blog.write("one", neighbour.link())
    blog.settings["SITEURL"] = siteurl
    assert planned(blog, command) == [
        f"A build would queue and send nothing: {why}; name the settings of the published site "
        "with -s."
    ]


def test_a_state_that_cannot_be_read_is_one_line(blog: Blog, command: Command) -> None:
    blog.save_settings()
    blog.state_file.write_text("These are my notes.\n")
    done = command("plan")
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert "is not a state file of pelican_linkbacks" in done.err[0]


def test_it_is_told_even_while_another_run_sends(blog: Blog, command: Command) -> None:
    blog.write("one", "Text")
    blog.build()
    with held_elsewhere(blog.state_file):
        assert planned(blog, command) == [AT_REST]


# What would happen.


def test_a_first_build_is_planned_article_by_article(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.settings["LINKBACKS_IGNORED_URLS_PATTERN"] = "ignored"
    blog.write("old", f"{neighbour.link('b')} {neighbour.link('a')}", AGED)
    blog.write("one", f"{neighbour.link(1)} {neighbour.link('ignored')}")
    assert planned(blog, command) == [
        "old.html",
        f"  would be recorded as old: {neighbour.post('a')} (the article is older than 30 days)",
        f"  would be recorded as old: {neighbour.post('b')} (the article is older than 30 days)",
        "one.html",
        f"  would be told: {neighbour.post(1)} (the live site does not have it yet)",
        f"  would be left out: {neighbour.post('ignored')} (left out by "
        "LINKBACKS_IGNORED_URLS_PATTERN)",
        "A build would tell of 1 link, record 2 links as old, leave out 1 link; nothing was sent "
        "or written.",
        ONLINE,
    ]


def test_the_build_after_it_does_just_that(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("old", neighbour.link("old"), AGED)
    blog.write("one", neighbour.link(1))
    planned(blog, command)
    assert not neighbour.requests
    blog.build()
    assert blog.outcomes() == {neighbour.post("old"): "old", neighbour.post(1): "sent"}


def test_old_links_are_counted_where_they_are_many(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("old", " ".join(neighbour.link(number) for number in range(20)), AGED)
    blog.write("older", neighbour.link(), AGED - timedelta(days=1))
    assert planned(blog, command) == [
        "old.html",
        "  would be recorded as old: 20 links (the article is older than 30 days)",
        "older.html",
        "  would be recorded as old: 1 link (the article is older than 30 days)",
        "A build would record 21 links as old; nothing was sent or written.",
    ]


def test_new_links_in_known_articles_and_new_articles_would_be_told(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("old", "Text", AGED)
    blog.build()
    blog.write("old", neighbour.link(1), AGED)
    blog.write("one", neighbour.link(2))
    assert planned(blog, command) == [
        "old.html",
        f"  would be told: {neighbour.post(1)} (a new link)",
        "one.html",
        f"  would be told: {neighbour.post(2)} (a link in a new article)",
        "A build would tell of 2 links; nothing was sent or written.",
        ONLINE,
    ]


def test_too_many_new_links_in_old_articles_would_be_held(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("old", "Text", AGED)
    blog.build()
    blog.write("old", " ".join(neighbour.link(number) for number in range(21)), AGED)
    said = planned(blog, command)
    assert said[1] == (
        f"  would be held: {neighbour.post(0)} (so many new links in old articles at once)"
    )
    assert said[-1] == "A build would hold 21 links; nothing was sent or written."
    blog.build()
    assert planned(blog, command)[-1] == (
        "A build would let 21 links wait; nothing was sent or written."
    )


def test_links_that_went_before_they_were_told_would_be_withdrawn(
    waiting: Blog, neighbour: Neighbour, command: Command
) -> None:
    waiting.write("one", "Text")
    assert planned(waiting, command) == [
        "one.html",
        f"  would be withdrawn: {neighbour.post()} (the link is gone)",
        "A build would withdraw 1 link; nothing was sent or written.",
    ]


def test_blogs_that_know_of_a_link_would_be_told_that_it_is_gone(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    neighbour.pages["/mention"] = Answer("thanks", 202)
    neighbour.pages["/post"] = Answer(f"<link rel=webmention href='{neighbour.url}/mention'>")
    blog.write("one", f"[a]({neighbour.url}/post)")
    blog.build()
    assert blog.outcomes() == {f"{neighbour.url}/post": "sent"}
    blog.write("one", "Text")
    assert planned(blog, command) == [
        "one.html",
        f"  the blog would be told that the link is gone: {neighbour.url}/post",
        "A build would tell that 1 link went; nothing was sent or written.",
    ]
    assert blog.outcomes() == {f"{neighbour.url}/post": "sent"}


def test_what_cannot_be_asked_would_be_left_undecided(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.web.pages["/one.html"] = Answer("Sorry", 500)
    blog.write("one", neighbour.link())
    assert planned(blog, command)[1] == (
        f"  would be left undecided: {neighbour.post()} (the live site could not be asked whether "
        "it is new)"
    )


# What waits already.


def test_what_waits_for_its_page_would_be_tried_again(
    waiting: Blog, neighbour: Neighbour, command: Command
) -> None:
    assert planned(waiting, command) == [
        "one.html",
        f"  would be tried again: {neighbour.post()} ({waiting.web.url}/one.html is not online yet "
        "(HTTP 404))",
        "A build would try 1 link again; nothing was sent or written.",
        ONLINE,
    ]


def test_what_has_failed_waits_until_its_time(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    neighbour.pages["/xmlrpc"] = Answer("Sorry", 500)
    blog.write("one", neighbour.link())
    blog.build()
    _, line, summary = planned(blog, command)
    assert line.startswith(f"  would wait: {neighbour.post()} (")
    assert "; again at " in line
    assert summary == "A build would let 1 link wait; nothing was sent or written."


# Where a build only queues.


def test_where_builds_only_queue_it_names_the_command_that_tells(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.settings["LINKBACKS_SEND"] = False
    blog.write("one", neighbour.link(1))
    blog.build()
    blog.write("two", neighbour.link(2))
    assert planned(blog, command) == [
        "one.html",
        f"  would wait: {neighbour.post(1)} (told by the next run that sends)",
        "two.html",
        f"  would be queued: {neighbour.post(2)} (a link in a new article)",
        "A build would queue 1 link, let 1 link wait; nothing was sent or written.",
        "  LINKBACKS_SEND is False: a build only queues. To tell, run: pelican-linkbacks send",
    ]


def test_without_time_to_send_nothing_would_be_told(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.settings["LINKBACKS_TIME_BUDGET"] = 10
    blog.write("old", "Text", AGED)
    blog.build()
    blog.write("old", neighbour.link(), AGED)
    said = planned(blog, command)
    assert said[1] == f"  would be queued: {neighbour.post()} (a new link)"
    assert said[-1].startswith("  No build sends anything while LINKBACKS_TIME_BUDGET ")


def test_a_site_at_another_host_would_only_queue(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("one", "Text")
    blog.build()
    home, moved = blog.web.url, blog.web.url.replace("127.0.0.1", "localhost")
    blog.settings["SITEURL"] = moved
    blog.write("one", neighbour.link())
    said = planned(blog, command)
    assert said[1] == f"  would be queued: {neighbour.post()} (a new link)"
    assert said[-1] == (
        f"  SITEURL is {moved}, but the state is of {home}: nothing is sent. If the site has moved "
        "for good, run: pelican-linkbacks moved"
    )


def test_articles_at_another_url_are_no_news(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("one", neighbour.link())
    blog.build()
    blog.write("one", neighbour.link(), slug="uno")
    assert planned(blog, command) == [
        AT_REST,
        "  1 article is at another URL than before; nothing is told again for that.",
    ]


# Its lines, from values.


@pytest.fixture
def state() -> State:
    """A state of a site in which nothing is known."""
    known = State(config().state_file, exists=True)
    known.siteurl, known.sites = "https://us.example", ("https://us.example",)
    return known


def plan(state: State, news: News, now: datetime = NOW) -> list[str]:
    return list(lines(news, state, config(), now))


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({}, "would be told: {} (told by the next run that sends)"),
        ({"outcome": Outcome.UNDECIDED}, "would wait: {} (the live site could not be asked "),
        ({"outcome": Outcome.HELD}, "would wait: {} (one of many at once; "),
        ({"removal": True}, "the blog would be told that the link is gone: {}"),
        (
            {"removal": True, "outcome": Outcome.WAITING, "answer": "It is there still"},
            "the blog would be told that the link is gone: {} (It is there still)",
        ),
        (
            {"removal": True, "outcome": Outcome.HELD},
            "would wait: {} (the link is gone; one of many at once; ",
        ),
        (
            {"asked_at": datetime(2026, 11, 22, tzinfo=UTC)},
            "would be told: {} (told by the next run that sends; a run broke off while ",
        ),
    ],
)
def test_each_mention_on_its_way_has_a_line(state: State, known: dict[str, Any], line: str) -> None:
    on_its_way = mention(**known)
    state.put(on_its_way)
    assert plan(state, News())[1].startswith("  " + line.format(on_its_way.target))


@pytest.mark.parametrize(
    "outcome", [o for o in Outcome if o in {"sent", "none", "refused", "old", "gave-up", "skipped"}]
)
def test_what_is_over_has_no_line(state: State, outcome: Outcome) -> None:
    state.put(mention(outcome=outcome))
    assert plan(state, News()) == [AT_REST]


def test_a_pause_that_ends_within_the_build_is_no_hindrance(state: State) -> None:
    pause: dict[str, Any] = {
        "outcome": Outcome.FAILED,
        "paused_by": "blog.example",
        "answer": "HTTP 429",
    }
    state.put(mention("https://blog.example/1", next_attempt=NOW + timedelta(seconds=50), **pause))
    state.put(mention("https://blog.example/2", next_attempt=NOW + timedelta(seconds=51), **pause))
    _, first, second, *_ = plan(state, News())
    assert first.startswith("  would be tried again: https://blog.example/1 (HTTP 429; ")
    assert second.startswith("  would wait: https://blog.example/2 (HTTP 429; ")


def test_a_link_that_is_there_again_before_anybody_heard_stays_told(state: State) -> None:
    news = News()
    told = mention(outcome=Outcome.SENT)
    state.put(told)
    news.came_to[Outcome.SENT].append(Change(told, "the link is there again"))
    assert plan(state, news)[1:] == [
        f"  would be recorded as told: {told.target} (the link is there again)",
        "A build would record 1 link as told; nothing was sent or written.",
    ]
