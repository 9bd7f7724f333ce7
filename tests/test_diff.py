"""Is this new? The rules, one by one; tests/test_flood.py tries them on real builds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks import diff, links, moves
from pelican_linkbacks.config import Config
from pelican_linkbacks.diff import Diff
from pelican_linkbacks.links import Target
from pelican_linkbacks.mention import UNTOLD, Article, Excerpt, Mention, Outcome
from pelican_linkbacks.news import News
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import key

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SITE = "https://us.example"
LINK = "https://neighbour.example/post"
OTHER = "https://friend.example/"

ARTICLE = Article("rye.html", "rye.md", f"{SITE}/rye.html", html=LINK, date=NOW)
OLD = replace(ARTICLE, date=NOW - timedelta(days=31))


def targets(article: Article) -> list[Target]:
    """In these tests an article's text is its links; one with a "!" is ignored by a setting."""
    return [
        Target(word.rstrip("!"), "LINKBACKS_IGNORED_URLS_PATTERN" if word[-1] == "!" else None)
        for word in article.html.split()
    ]


def excerpt(article: Article) -> Excerpt:
    return Excerpt(article.title, "", "")


class Blog:
    """A state and the builds that change it."""

    def __init__(self) -> None:
        self.state = State(Path("nowhere"))
        self.settings: dict[str, Any] = {"siteurl": SITE}
        self.live: frozenset[str] | None = frozenset()
        self.sites: list[str] = [SITE]
        self.theme: frozenset[str] = frozenset()

    def build(self, *articles: Article) -> News:
        here = Path("nowhere")
        config = Config(content=here, output=here, cache=here, **self.settings)
        compare = Diff(config, NOW, targets, excerpt, lambda _: self.live, self.built)
        news = compare.apply(self.state, articles, self.sites)
        self.state.exists = True
        return news

    def built(self, article: Article) -> frozenset[str]:
        return frozenset(key(link.url) for link in targets(article)) | self.theme

    def outcomes(self) -> dict[str, Outcome]:
        return {mention.target: mention.outcome for mention in self.state.mentions()}

    def settle(self, outcome: Outcome, **said: Any) -> None:
        for mention in self.state.mentions():
            self.state.put(replace(mention, outcome=outcome, **said))


@pytest.fixture
def blog() -> Blog:
    """A blog whose state knows one article without links."""
    blog = Blog()
    blog.build(replace(ARTICLE, html=""))
    return blog


DECIDED = [outcome for outcome in Outcome if outcome not in UNTOLD | {Outcome.WITHDRAWN}]


@pytest.mark.parametrize("outcome", DECIDED)
def test_what_was_decided_stays_decided(blog: Blog, outcome: Outcome) -> None:
    blog.build(ARTICLE)
    blog.settle(outcome, attempts=1, source=f"{SITE}/as-told")
    before = blog.state.mentions()
    assert blog.build(ARTICLE) == News()
    assert blog.state.mentions() == before


@pytest.mark.parametrize("outcome", DECIDED)
def test_what_was_decided_stays_so_when_its_link_goes(blog: Blog, outcome: Outcome) -> None:
    blog.build(ARTICLE)
    blog.settle(outcome, attempts=1)
    blog.build(replace(ARTICLE, html=""))
    assert blog.outcomes() == {LINK: outcome}


def test_a_second_build_finds_nothing(blog: Blog) -> None:
    blog.build(ARTICLE)
    assert blog.build(ARTICLE) == News()


def test_an_unknown_article_that_is_old_is_recorded_and_not_told(blog: Blog) -> None:
    news = blog.build(replace(OLD, path="new.html", file="new.md"))
    assert [change.mention.target for change in news.came_to[Outcome.OLD]] == [LINK]
    assert blog.outcomes() == {LINK: Outcome.OLD}


def test_the_age_that_makes_an_article_old_is_a_setting(blog: Blog) -> None:
    blog.settings["first_run_days"] = 40
    blog.build(replace(OLD, path="new.html", file="new.md"))
    assert blog.outcomes() == {LINK: Outcome.QUEUED}


def test_an_unknown_page_without_a_date_is_old(blog: Blog) -> None:
    blog.settings["pages"] = True
    blog.build()
    blog.build(replace(ARTICLE, path="about.html", file="about.md", date=None, is_page=True))
    assert blog.outcomes() == {LINK: Outcome.OLD}


def test_pages_that_are_switched_on_are_old_even_if_young(blog: Blog) -> None:
    page = replace(ARTICLE, path="about.html", file="about.md", is_page=True)
    blog.settings["pages"] = True
    blog.build(page)
    assert blog.outcomes() == {LINK: Outcome.OLD}
    blog.build(replace(page, html=f"{LINK} {OTHER}"))
    assert blog.outcomes() == {LINK: Outcome.OLD, OTHER: Outcome.QUEUED}


def test_a_link_that_a_setting_left_out_is_old_when_the_setting_goes(blog: Blog) -> None:
    blog.build(replace(ARTICLE, html=f"{LINK}!"))
    [ignored] = blog.state.mentions()
    assert ignored.outcome is Outcome.SKIPPED
    assert ignored.answer == "left out by LINKBACKS_IGNORED_URLS_PATTERN"
    blog.build(ARTICLE)
    [old] = blog.state.mentions()
    assert (old.outcome, old.answer) == (Outcome.OLD, None)


def test_a_link_that_waits_is_skipped_once_a_setting_leaves_it_out(blog: Blog) -> None:
    blog.build(ARTICLE)
    blog.build(replace(ARTICLE, html=f"{LINK}!"))
    assert blog.outcomes() == {LINK: Outcome.SKIPPED}


def test_links_that_only_newer_rules_see_are_old(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diff, "RULES", links.RULES + 1)
    blog.build(ARTICLE)
    assert blog.outcomes() == {LINK: Outcome.OLD}
    blog.build(replace(ARTICLE, html=f"{LINK} {OTHER}"))
    assert blog.outcomes()[OTHER] is Outcome.QUEUED


def test_an_article_that_moves_to_another_url_is_the_same_article(blog: Blog) -> None:
    blog.build(ARTICLE)
    blog.settle(Outcome.SENT, source=f"{SITE}/rye.html")
    moved = replace(ARTICLE, path="2026/rye/", url=f"{SITE}/2026/rye/")
    assert blog.build(moved) == News(moved=1)
    [mention] = blog.state.mentions()
    assert mention.article == "2026/rye/"
    assert mention.source == f"{SITE}/rye.html", "told with this URL, and remembered with it"


def test_an_article_whose_file_is_renamed_is_the_same_article(blog: Blog) -> None:
    blog.build(ARTICLE)
    renamed = replace(ARTICLE, file="notes/rye.md")
    assert blog.build(renamed) == News()
    assert [mention.file for mention in blog.state.mentions()] == ["notes/rye.md"]


def test_articles_that_swap_their_urls_are_still_the_same_articles(blog: Blog) -> None:
    spelt = replace(ARTICLE, path="spelt.html", file="spelt.md", html=OTHER)
    blog.build(ARTICLE, spelt)
    swapped = [replace(ARTICLE, path=spelt.path), replace(spelt, path=ARTICLE.path)]
    assert blog.build(*swapped) == News(moved=2)


def test_a_file_that_is_published_twice_is_told_once_by_the_outer_site(blog: Blog) -> None:
    inner = replace(ARTICLE, path="de/rye.html", url=f"{SITE}/de/rye.html")
    blog.build(inner, ARTICLE)
    assert [mention.article for mention in blog.state.mentions()] == ["rye.html"]


def test_a_file_that_a_subsite_publishes_too_stays_with_the_url_that_is_known() -> None:
    blog = Blog()
    inner = replace(ARTICLE, path="de/rye.html", url=f"{SITE}/de/rye.html")
    blog.build(inner)
    assert blog.build(ARTICLE, inner) == News()
    assert [mention.article for mention in blog.state.mentions()] == ["de/rye.html"]


def test_a_site_at_another_host_has_moved_and_a_change_of_scheme_is_none(blog: Blog) -> None:
    assert not moves.site_has_moved(blog.state, "http://us.example")
    assert not moves.site_has_moved(blog.state, "https://us.example:443/blog")
    assert moves.site_has_moved(blog.state, "https://preview.example")
    assert not moves.site_has_moved(State(Path("new")), SITE)


def test_a_build_for_another_host_does_not_change_whose_state_it_is(blog: Blog) -> None:
    blog.settings["siteurl"] = blog.sites[0] = "https://preview.example"
    blog.build(ARTICLE)
    assert (blog.state.siteurl, blog.state.sites) == (SITE, (SITE,))


def test_a_site_that_has_moved_keeps_its_former_address_as_its_own(blog: Blog) -> None:
    moves.move_site(blog.state, "https://new.example")
    assert blog.state.siteurl == "https://new.example"
    assert blog.state.sites == ("https://new.example",)
    assert blog.state.former == (SITE,)


def test_a_subsite_that_is_switched_off_stays_ours(blog: Blog) -> None:
    blog.sites.append("https://de.example")
    blog.build()
    blog.sites.pop()
    blog.build()
    assert blog.state.former == ("https://de.example",)


def test_a_link_that_only_went_to_https_is_the_same_link(blog: Blog) -> None:
    blog.build(replace(ARTICLE, html="http://neighbour.example/post"))
    blog.settle(Outcome.SENT)
    assert blog.build(ARTICLE) == News()


def test_a_link_that_went_to_https_before_it_was_told_is_told_with_https(blog: Blog) -> None:
    blog.build(replace(ARTICLE, html="http://neighbour.example/post"))
    blog.build(ARTICLE)
    assert blog.outcomes() == {
        "http://neighbour.example/post": Outcome.WITHDRAWN,
        LINK: Outcome.QUEUED,
    }


def many(number: int) -> str:
    return " ".join(f"https://many.example/{n}" for n in range(number))


def test_many_new_links_in_old_articles_at_once_are_held(blog: Blog) -> None:
    news = blog.build(replace(OLD, html=many(21)))
    assert set(blog.outcomes().values()) == {Outcome.HELD}
    assert len(news.came_to[Outcome.HELD]) == 21
    assert blog.build(replace(OLD, html=many(21))) == News()


def test_some_new_links_in_old_articles_are_told(blog: Blog) -> None:
    blog.build(replace(OLD, html=many(20)))
    assert set(blog.outcomes().values()) == {Outcome.QUEUED}


def test_many_new_links_in_a_young_article_are_told(blog: Blog) -> None:
    blog.build(replace(ARTICLE, html=many(21)))
    assert set(blog.outcomes().values()) == {Outcome.QUEUED}


@pytest.mark.parametrize(
    ("live", "article", "expected"),
    [
        (frozenset({LINK}), ARTICLE, Outcome.OLD),
        (frozenset({OTHER}), ARTICLE, Outcome.QUEUED),
        (None, ARTICLE, Outcome.UNDECIDED),
        (frozenset(), OLD, Outcome.OLD),
        (None, OLD, Outcome.OLD),
    ],
)
def test_without_a_state_what_the_live_site_carries_is_old(
    live: frozenset[str] | None, article: Article, expected: Outcome
) -> None:
    blog = Blog()
    blog.live = live
    blog.build(article)
    assert blog.outcomes() == {LINK: expected}


@pytest.mark.parametrize(("article", "expected"), [(ARTICLE, Outcome.QUEUED), (OLD, Outcome.OLD)])
def test_what_was_undecided_is_decided_by_age_in_the_next_run(
    article: Article, expected: Outcome
) -> None:
    blog = Blog()
    blog.live = None
    blog.build(ARTICLE)
    blog.build(article)
    assert blog.outcomes() == {LINK: expected}


def test_a_link_in_a_new_article_is_new(blog: Blog) -> None:
    news = blog.build(replace(ARTICLE, path="new.html", file="new.md"))
    [change] = news.came_to[Outcome.QUEUED]
    assert change.mention == Mention(
        "new.html",
        "new.md",
        ARTICLE.url,
        LINK,
        Outcome.QUEUED,
        first_seen=NOW,
        excerpt=Excerpt("", "", ""),
    )


def test_only_what_may_become_a_trackback_carries_an_excerpt(blog: Blog) -> None:
    blog.settings["protocols"] = ("webmention", "pingback")
    blog.build(ARTICLE)
    assert [mention.excerpt for mention in blog.state.mentions()] == [None]


def test_a_link_added_to_a_known_article_is_new_however_old_that_is(blog: Blog) -> None:
    blog.build(OLD)
    assert blog.outcomes() == {LINK: Outcome.QUEUED}


def test_a_link_that_goes_before_it_was_told_is_withdrawn_and_can_come_back(blog: Blog) -> None:
    blog.build(ARTICLE)
    news = blog.build(replace(ARTICLE, html=""))
    assert [change.mention.target for change in news.came_to[Outcome.WITHDRAWN]] == [LINK]
    assert blog.outcomes() == {LINK: Outcome.WITHDRAWN}
    blog.build(ARTICLE)
    assert blog.outcomes() == {LINK: Outcome.QUEUED}


def test_an_article_that_goes_takes_what_was_not_told_with_it(blog: Blog) -> None:
    blog.build(ARTICLE)
    blog.build()
    assert blog.outcomes() == {LINK: Outcome.WITHDRAWN}


def test_an_article_of_another_site_is_not_missed(blog: Blog) -> None:
    blog.build(ARTICLE)
    blog.settings["siteurl"] = blog.sites[0] = "https://preview.example"
    blog.build()
    assert blog.outcomes() == {LINK: Outcome.QUEUED}


def test_an_article_that_sends_nothing_is_known_and_silent(blog: Blog) -> None:
    closed = replace(ARTICLE, path="closed.html", file="closed.md", send=False)
    blog.build(closed)
    assert blog.outcomes() == {}
    blog.build(replace(closed, send=True, date=OLD.date))
    assert blog.outcomes() == {LINK: Outcome.QUEUED}


def named(urls: Sequence[str], title: str = "Rye") -> Article:
    return replace(ARTICLE, html="", trackbacks=tuple(urls), title=title)


def test_a_named_trackback_carries_its_excerpt_as_it_stands_now(blog: Blog) -> None:
    blog.build(named([LINK]))
    blog.build(named([LINK], title="Rye & spelt"))
    [mention] = blog.state.mentions()
    assert mention.excerpt == Excerpt("Rye & spelt", "", "")
    assert (mention.protocol, mention.endpoint, mention.found_by) == (
        "trackback",
        LINK,
        "Trackbacks:",
    )


def test_a_trackback_url_that_is_linked_to_as_well_is_one_mention(blog: Blog) -> None:
    blog.build(replace(named([LINK]), html=LINK))
    [mention] = blog.state.mentions()
    assert mention.protocol == "trackback"


def test_a_named_trackback_is_skipped_where_trackbacks_are_switched_off(blog: Blog) -> None:
    blog.settings["protocols"] = ("pingback",)
    blog.build(named([LINK]))
    [mention] = blog.state.mentions()
    assert mention.answer == "left out by LINKBACKS_PROTOCOLS"


# Links that were told by webmention, and are gone.


def told(blog: Blog, **known: Any) -> Mention:
    blog.build(ARTICLE)
    blog.settle(Outcome.SENT, protocol="webmention", excerpt=None, **known)
    [mention] = blog.state.mentions()
    return mention


def test_a_link_that_is_gone_from_its_article_is_told_to_be_gone(blog: Blog) -> None:
    before = told(blog, source=f"{SITE}/as-told")
    news = blog.build(replace(ARTICLE, html=""))
    removal = replace(before, outcome=Outcome.QUEUED, removal=True)
    assert [change.mention for change in news.removed] == [removal]
    assert blog.state.mentions() == [removal]
    assert news.new == 0, "a removal is no new link"
    assert blog.build(replace(ARTICLE, html="")) == News(), "it is queued once"


def test_the_links_of_an_article_that_is_gone_are_told_to_be_gone(blog: Blog) -> None:
    told(blog)
    assert len(blog.build().removed) == 1


@pytest.mark.parametrize("protocol", ["pingback", "trackback"])
def test_only_webmention_tells_of_links_that_are_gone(blog: Blog, protocol: str) -> None:
    told(blog)
    blog.settle(Outcome.SENT, protocol=protocol)
    assert blog.build(replace(ARTICLE, html="")) == News()


def test_a_link_that_the_page_still_carries_is_not_gone(blog: Blog) -> None:
    """It stands in the theme as well, or in a code sample now."""
    told(blog)
    blog.theme = frozenset({LINK})
    assert blog.build(replace(ARTICLE, html="")) == News()


@pytest.mark.parametrize(
    "article",
    [
        replace(ARTICLE, html=f"{LINK}!"),
        replace(ARTICLE, html="", send=False),
        replace(ARTICLE, html=LINK.replace("https:", "http:")),
        replace(ARTICLE, path="moved.html", url=f"{SITE}/moved.html"),
    ],
    ids=["left out by a setting", "told to be silent", "another scheme", "moved"],
)
def test_a_link_that_is_only_no_longer_told_is_not_gone(blog: Blog, article: Article) -> None:
    told(blog)
    assert blog.build(article).removed == []
    assert blog.outcomes() == {LINK: Outcome.SENT}


def test_what_was_told_from_another_site_is_not_judged_by_this_one(blog: Blog) -> None:
    told(blog, source="https://before.example/rye.html")
    assert blog.build(replace(ARTICLE, html="")) == News()
    assert blog.build() == News()


def test_a_link_that_comes_back_before_its_going_was_told_is_as_it_was(blog: Blog) -> None:
    before = told(blog)
    blog.build(replace(ARTICLE, html=""))
    blog.build(ARTICLE)
    assert blog.state.mentions() == [before]


def test_a_link_that_comes_back_after_its_going_was_told_is_new(blog: Blog) -> None:
    told(blog)
    blog.build(replace(ARTICLE, html=""))
    blog.settle(Outcome.WITHDRAWN, removal=False, attempts=3)
    news = blog.build(ARTICLE)
    assert news.new == 1
    [mention] = blog.state.mentions()
    assert (mention.outcome, mention.removal, mention.attempts) == (Outcome.QUEUED, False, 0)


def test_many_links_that_are_gone_at_once_are_held(blog: Blog) -> None:
    links = " ".join(f"{LINK}/{n}" for n in range(diff.MANY + 1))
    blog.build(replace(ARTICLE, html=links))
    blog.settle(Outcome.SENT, protocol="webmention")
    news = blog.build(replace(ARTICLE, html=""))
    assert len(news.came_to[Outcome.HELD]) == diff.MANY + 1
    assert all(mention.removal for mention in blog.state.mentions())
    blog.build(replace(ARTICLE, html=links))
    assert set(blog.outcomes().values()) == {Outcome.SENT}


def test_a_notice_that_a_crash_broke_off_is_not_simply_withdrawn(blog: Blog) -> None:
    blog.build(ARTICLE)
    blog.settle(Outcome.QUEUED, protocol="webmention", asked_at=NOW)
    assert len(blog.build(replace(ARTICLE, html="")).removed) == 1


def test_each_change_says_why(blog: Blog) -> None:
    blog.build(ARTICLE)
    old = replace(OLD, path="old.html", file="old.md")
    young = replace(ARTICLE, path="new.html", file="new.md")
    news = blog.build(replace(ARTICLE, html=f"{OTHER} {OTHER}2!"), old, young)
    assert {
        outcome: [change.why for change in found] for outcome, found in news.came_to.items()
    } == {
        Outcome.QUEUED: ["a new link", "a link in a new article"],
        Outcome.SKIPPED: ["left out by LINKBACKS_IGNORED_URLS_PATTERN"],
        Outcome.OLD: ["the article is older than 30 days"],
        Outcome.WITHDRAWN: ["the link is gone"],
    }
