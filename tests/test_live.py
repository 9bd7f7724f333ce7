"""Live: what the published site carries, asked over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

from pelican_linkbacks.live import Live
from pelican_linkbacks.mention import Article
from tests.samples import NOW, article, config
from tests.servers import Answer, RawServer, Site, answering, redirect

THERE = "https://blog.example/post"
LINK = f'<p>See <a href="{THERE}#part">a post</a>.</p>'
OTHER = '<a href="https://other.example/">x</a>'
UNKNOWN = None
NOTHING: frozenset[str] = frozenset()
CARRIED = frozenset({THERE})


@pytest.fixture
def ours() -> Iterator[Site]:
    """Our published site."""
    with Site() as site:
        yield site


def live(site: Site | RawServer, left: float = 60) -> Live:
    return Live(config(site.url, request_timeout=5), lambda: left)


def rye(site: Site | RawServer) -> Article:
    return article(url=f"{site.url}/rye.html")


def feed(*entries: tuple[str, str, str]) -> str:
    """An Atom feed; each entry is an address, what it carries ("content", "summary"), and HTML."""
    inner = "".join(
        f'<entry><link href="{url}"/><{name} type="html">{escape(html)}</{name}></entry>'
        for url, name, html in entries
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{inner}</feed>'


def asked(site: Site) -> list[str]:
    return sorted(request.path for request in site.requests)


def test_before_anything_is_asked_nothing_is_known(ours: Site) -> None:
    assert live(ours).carried(rye(ours)) is UNKNOWN


# Feeds.


@pytest.mark.parametrize("address", ["{}/rye.html", "{}/rye.html?ref=feed", "{}/rye.html#x"])
def test_a_feed_s_full_entry_tells_what_its_page_carries(ours: Site, address: str) -> None:
    ours.pages["/feed"] = feed((address.format(ours.url), "content", LINK))

    asker = live(ours)
    asker.ask_feeds([f"{ours.url}/feed"])
    asker.ask_pages([rye(ours)])

    assert asker.carried(rye(ours)) == CARRIED
    assert asked(ours) == ["/feed"]


def test_a_feed_may_link_with_another_scheme(ours: Site) -> None:
    """On their default ports, where the same page answers for both."""
    ours.pages["/feed"] = feed(("http://us.example/rye.html", "content", LINK))

    asker = live(ours)
    asker.ask_feeds([f"{ours.url}/feed"])

    assert asker.carried(article(url="https://us.example/rye.html")) == CARRIED


def test_the_page_is_asked_where_the_feed_has_only_its_summary(ours: Site) -> None:
    ours.pages["/feed"] = feed((f"{ours.url}/rye.html", "summary", OTHER))
    ours.pages["/rye.html"] = LINK

    asker = live(ours)
    asker.ask_feeds([f"{ours.url}/feed"])
    assert asker.carried(rye(ours)) is UNKNOWN
    asker.ask_pages([rye(ours)])

    assert asker.carried(rye(ours)) == CARRIED | {"https://other.example/"}
    assert asked(ours) == ["/feed", "/rye.html"]


def test_the_page_is_asked_where_the_feed_does_not_know_the_article(ours: Site) -> None:
    ours.pages["/feed"] = feed((f"{ours.url}/old.html", "content", OTHER))
    ours.pages["/rye.html"] = LINK

    asker = live(ours)
    asker.ask_feeds([f"{ours.url}/feed"])
    asker.ask_pages([rye(ours), article(url=f"{ours.url}/old.html")])

    assert asker.carried(rye(ours)) == CARRIED
    assert asked(ours) == ["/feed", "/rye.html"]


@pytest.mark.parametrize(
    "first",
    [
        Answer("gone", 404),
        Answer(feed(), 500),
        "<html>no feed</html>",
        redirect("http://10.0.0.1/"),
    ],
    ids=["missing", "error", "no feed", "forbidden"],
)
def test_the_first_feed_that_can_be_read_is_asked_and_no_other(
    ours: Site, first: Answer | str
) -> None:
    ours.pages["/1"] = first
    ours.pages["/2"] = feed((f"{ours.url}/rye.html", "content", LINK))
    ours.pages["/3"] = feed((f"{ours.url}/rye.html", "content", OTHER))

    asker = live(ours)
    asker.ask_feeds([f"{ours.url}/{number}" for number in (1, 2, 3)])

    assert asker.carried(rye(ours)) == CARRIED
    assert asked(ours) == ["/1", "/2"]


def test_a_feed_that_can_t_be_reached_leaves_it_to_the_next(ours: Site) -> None:
    ours.pages["/feed"] = feed((f"{ours.url}/rye.html", "content", LINK))

    with RawServer(answering(b"")) as silent:
        asker = live(ours)
        asker.ask_feeds([silent.url, f"{ours.url}/feed"])

    assert asker.carried(rye(ours)) == CARRIED


def test_without_a_feed_that_can_be_read_nothing_is_known(ours: Site) -> None:
    asker = live(ours)
    asker.ask_feeds([])
    asker.ask_feeds([f"{ours.url}/1", f"{ours.url}/2"])

    assert asker.carried(rye(ours)) is UNKNOWN
    assert asked(ours) == ["/1", "/2"]


def test_an_empty_feed_is_an_answer_that_knows_nothing(ours: Site) -> None:
    ours.pages["/feed"] = feed()

    asker = live(ours)
    asker.ask_feeds([f"{ours.url}/feed", f"{ours.url}/other"])

    assert asker.carried(rye(ours)) is UNKNOWN
    assert asked(ours) == ["/feed"]


def test_two_sites_may_each_have_their_feed(ours: Site) -> None:
    ours.pages["/feed"] = feed((f"{ours.url}/rye.html", "content", LINK))
    ours.pages["/de/feed"] = feed((f"{ours.url}/rye.html", "content", OTHER))

    asker = live(ours)
    asker.ask_feeds([f"{ours.url}/feed"])
    asker.ask_feeds([f"{ours.url}/de/feed"])

    assert asker.carried(rye(ours)) == CARRIED | {"https://other.example/"}


def test_a_broken_feed_leaves_it_to_the_next(ours: Site) -> None:
    """Half a character, for one, is more than feedparser can bear."""
    broken = feed((f"{ours.url}/rye.html", "content", OTHER)).replace("</content>", "&#xD83C;")
    ours.pages["/1"] = broken
    ours.pages["/2"] = feed((f"{ours.url}/rye.html", "content", LINK))

    asker = live(ours)
    asker.ask_feeds([f"{ours.url}/1", f"{ours.url}/2"])

    assert asker.carried(rye(ours)) == CARRIED


# Pages.


@pytest.mark.parametrize(
    ("page", "carried"),
    [
        (LINK, CARRIED),
        ("<p>Bread.</p>", NOTHING),
        (Answer(LINK, 404), NOTHING),
        (Answer(LINK, 410), NOTHING),
        (Answer(LINK, 401), UNKNOWN),
        (Answer(LINK, 403), UNKNOWN),
        (Answer(LINK, 429), UNKNOWN),
        (Answer(LINK, 500), UNKNOWN),
        (Answer(LINK, 503), UNKNOWN),
        (redirect("http://10.0.0.1/"), UNKNOWN),
        (redirect("/other.html"), frozenset({"https://other.example/"})),
    ],
    ids=lambda value: str(getattr(value, "status", "")),
)
def test_a_page_tells_what_it_carries_or_that_it_can_t_be_asked(
    ours: Site, page: Answer | str, carried: frozenset[str] | None
) -> None:
    ours.pages["/rye.html"] = page
    ours.pages["/other.html"] = OTHER

    asker = live(ours)
    asker.ask_pages([rye(ours)])

    assert asker.carried(rye(ours)) == carried


def test_a_page_that_can_t_be_reached_is_not_known() -> None:
    with RawServer(answering(b"")) as silent:
        asker = live(silent)
        asker.ask_pages([rye(silent)])

        assert asker.carried(rye(silent)) is UNKNOWN


def test_caches_on_the_way_are_asked_for_a_new_copy(ours: Site) -> None:
    ours.pages |= {"/feed": feed(), "/rye.html": LINK}

    asker = live(ours)
    asker.ask_feeds([f"{ours.url}/feed"])
    asker.ask_pages([rye(ours)])

    assert [request.headers["Cache-Control"] for request in ours.requests] == ["no-cache"] * 2


def test_our_own_site_may_have_any_address(ours: Site) -> None:
    """A server at home, or a name that leads elsewhere from within: its author named it."""
    ours.pages["/feed"] = feed((f"{ours.url}/salt.html", "content", OTHER))
    ours.pages["/rye.html"] = LINK

    asker = Live(config(ours.url, allow_networks=()), lambda: 60)
    asker.ask_feeds([f"{ours.url}/feed"])
    asker.ask_pages([rye(ours)])

    assert asker.carried(article(url=f"{ours.url}/salt.html")) == frozenset(
        {"https://other.example/"}
    )
    assert asker.carried(rye(ours)) == CARRIED


def test_a_feed_s_links_are_read_in_its_charset(ours: Site) -> None:
    html = '<a href="https://blog.example/grüße">x</a>'
    latin_1 = f'<?xml version="1.0" encoding="iso-8859-1"?>{feed((ours.url, "content", html))}'
    xml = [("Content-Type", "application/atom+xml")]
    ours.pages["/feed"] = Answer(latin_1.encode("latin-1"), headers=xml)

    asker = live(ours)
    asker.ask_feeds([f"{ours.url}/feed"])

    assert asker.carried(article(url=ours.url)) == frozenset({"https://blog.example/grüße"})


def test_without_articles_nothing_is_asked(ours: Site) -> None:
    live(ours).ask_pages([])

    assert ours.requests == []


# Time.


@pytest.mark.parametrize("left", [4.9, 0, -1])
def test_nothing_is_asked_when_the_time_budget_is_too_small_for_a_request(
    ours: Site, left: float
) -> None:
    ours.pages |= {"/feed": feed((f"{ours.url}/rye.html", "content", LINK)), "/rye.html": LINK}

    asker = live(ours, left)
    asker.ask_feeds([f"{ours.url}/feed"])
    asker.ask_pages([rye(ours)])

    assert asker.carried(rye(ours)) is UNKNOWN
    assert ours.requests == []


def test_a_feed_is_asked_when_the_time_budget_is_just_enough(ours: Site) -> None:
    live(ours, left=5).ask_feeds([f"{ours.url}/feed"])

    assert asked(ours) == ["/feed"]


def test_the_next_feed_is_not_asked_when_the_first_has_used_the_budget_up(ours: Site) -> None:
    ours.pages["/2"] = feed((f"{ours.url}/rye.html", "content", LINK))
    budget = iter([60.0, 1.0])

    asker = Live(config(ours.url, request_timeout=5), lambda: next(budget))
    asker.ask_feeds([f"{ours.url}/1", f"{ours.url}/2"])

    assert asked(ours) == ["/1"]


# What outlives a build that was killed.


def test_what_was_learned_is_known_to_the_next_run(ours: Site, tmp_path: Path) -> None:
    ours.pages["/rye.html"] = LINK
    learned = live(ours)
    learned.ask_pages([rye(ours)])
    learned.keep(tmp_path / "kept", NOW)
    ours.requests.clear()

    again = live(ours)

    assert again.recall(tmp_path / "kept", NOW + timedelta(hours=23))
    assert again.carried(rye(ours)) == CARRIED
    assert again.carried(replace(rye(ours), url=f"{ours.url}/new.html")) is UNKNOWN
    assert asked(ours) == []


def test_what_was_learned_long_ago_is_asked_anew(ours: Site, tmp_path: Path) -> None:
    live(ours).keep(tmp_path / "kept", NOW)
    assert not live(ours).recall(tmp_path / "kept", NOW + timedelta(hours=25))


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"asked": 7}', b'{"asked": "x"}', b"\xff"])
def test_what_can_not_be_read_is_asked_anew(
    ours: Site, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "kept").write_bytes(content)
    assert not live(ours).recall(tmp_path / "kept", NOW)


def test_what_can_not_be_written_down_is_done_without(ours: Site, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not live(ours).keep(tmp_path / "file" / "kept", NOW)
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
