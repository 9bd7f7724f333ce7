"""Receipts: what became of the mentions that were told."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pelican_linkbacks.mention import Mention, Outcome, Receipt
from pelican_linkbacks.receipts import EVERY, Receipts, due
from pelican_linkbacks.state import State
from tests import samples
from tests.samples import NOW
from tests.servers import Answer, Site, redirect

SOURCE = "https://us.example/rye.html"
LINKED = f'<a href="{SOURCE}">Rye</a>'
XML = [("Content-Type", "text/xml")]


@pytest.fixture
def site() -> Iterator[Site]:
    """The blog that was told."""
    with Site({"/post": "<p>Nothing here.</p>"}) as site:
        yield site


def told(site: Site, path: str = "/post", **known: object) -> Mention:
    """A mention that was told an hour ago."""
    hour = NOW - timedelta(hours=1)
    known = {"outcome": Outcome.SENT, "protocol": "webmention", "told_at": hour} | known
    return samples.mention(site.url + path, **known)


def ask(*mentions: Mention) -> list[Receipt | None]:
    """What is seen of some mentions."""
    return [m.receipt for m in Receipts(samples.config(), print).run(mentions, NOW)]


def pingbacks(*sources: str) -> Answer:
    """A pingback server's list."""
    return Answer(xmlrpc.client.dumps((list(sources),), methodresponse=True), headers=XML)


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.SENT])
def test_what_was_not_told_is_not_asked_about(site: Site, tmp_path: Path, outcome: Outcome) -> None:
    state = State(tmp_path / "state")
    state.put(told(site, outcome=outcome))

    assert due(state, NOW) == []


@pytest.mark.parametrize(
    ("told_before", "asked_before", "is_due"),
    [
        (timedelta(hours=1), None, True),
        (timedelta(days=29), timedelta(days=1), True),
        (timedelta(days=29), EVERY, True),
        (timedelta(days=29), timedelta(hours=22), False),
        (timedelta(days=30), None, False),
    ],
)
def test_a_mention_is_asked_about_once_a_day_for_30_days(
    site: Site,
    tmp_path: Path,
    told_before: timedelta,
    asked_before: timedelta | None,
    is_due: bool,
) -> None:
    asked_at = NOW - asked_before if asked_before else None
    mention = told(site, told_at=NOW - told_before, receipt_at=asked_at)
    state = State(tmp_path / "state")
    state.put(mention)

    assert due(state, NOW) == [mention] * is_due


def test_where_nobody_answers_the_receipt_stays_as_it_was(site: Site) -> None:
    site.pages["/post"] = Answer("busy", 503)

    mention = told(site, receipt=Receipt.SHOWN)
    (asked,) = Receipts(samples.config(), print).run([mention], NOW)

    assert asked.receipt is Receipt.SHOWN
    assert asked.receipt_at == NOW


def test_a_private_page_is_not_asked(site: Site) -> None:
    mention = told(site)
    (asked,) = Receipts(samples.config(allow_networks=()), print).run([mention], NOW)

    assert asked.receipt is None
    assert site.requests == []


@pytest.mark.parametrize(
    "linked",
    [
        LINKED,
        f"<A HREF='{SOURCE}#comment'>x</A>",
        '<a rel="nofollow ugc" href="http://us.example/rye.html">x</a>',
    ],
)
def test_a_link_on_the_page_is_shown(site: Site, linked: str) -> None:
    site.pages["/post"] = f"<ol><li>{linked}</ol>"

    assert ask(told(site)) == [Receipt.SHOWN]


@pytest.mark.parametrize(
    "text", [f"<!-- {LINKED} -->", SOURCE, '<a href="https://us.example/rye.html.bak">x</a>']
)
def test_what_is_no_link_on_the_page_is_hidden(site: Site, text: str) -> None:
    site.pages["/post"] = text

    assert ask(told(site)) == [Receipt.HIDDEN]


@pytest.mark.parametrize(
    ("said", "receipt"),
    [
        ("shown", Receipt.SHOWN),
        ("held: the author decides", Receipt.HELD),
        ("queued", Receipt.HELD),
        ("gone", Receipt.HIDDEN),
        ("<!doctype html><p>Thank you!", Receipt.HIDDEN),
    ],
)
def test_a_status_url_that_says_something_we_know_is_believed(
    site: Site, said: str, receipt: Receipt
) -> None:
    site.pages["/status/1"] = said

    assert ask(told(site, status_url=f"{site.url}/status/1")) == [receipt]


def test_what_the_page_shows_counts_more_than_a_status_url_that_says_it_is_held(
    site: Site,
) -> None:
    site.pages |= {"/post": LINKED, "/status/1": "held"}

    assert ask(told(site, status_url=f"{site.url}/status/1")) == [Receipt.SHOWN]


@pytest.mark.parametrize(
    ("listed", "receipt"),
    [
        ([SOURCE], Receipt.HELD),
        (["https://n.example/", "http://us.example/rye.html"], Receipt.HELD),
        (["https://n.example/"], Receipt.HIDDEN),
        ([], Receipt.HIDDEN),
    ],
)
def test_a_pingback_server_that_lists_it_holds_it(
    site: Site, listed: list[str], receipt: Receipt
) -> None:
    site.pages["/xmlrpc"] = pingbacks(*listed)

    assert ask(told(site, protocol="pingback", endpoint=f"{site.url}/xmlrpc")) == [receipt]
    (inquiry,) = [request for request in site.requests if request.method == "POST"]
    assert xmlrpc.client.loads(inquiry.body) == (
        (f"{site.url}/post",),
        "pingback.extensions.getPingbacks",
    )


@pytest.mark.parametrize(
    "answer", [Answer("no", 405), Answer("<methodResponse>"), Answer("x", 500)]
)
def test_a_pingback_server_that_does_not_know_that_call_says_nothing(
    site: Site, answer: Answer
) -> None:
    site.pages["/xmlrpc"] = answer

    mention = told(site, protocol="pingback", endpoint=f"{site.url}/xmlrpc")
    assert ask(mention) == [Receipt.HIDDEN]


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Comments</title><entry><id>1</id>
<title>By: Us</title><link href="{page}#comment-1"/><author><name>Us</name><uri>{uri}</uri></author>
<content type="html">[...] seeds [...]</content></entry></feed>"""


def test_the_comment_feed_of_the_page_shows_it_too(site: Site) -> None:
    page = f"{site.url}/post"
    site.pages |= {
        "/post": '<link rel="alternate" type="application/atom+xml" href="/feed">'
        '<link rel="alternate" type="application/atom+xml" href="/post/feed/atom/">',
        "/post/feed/atom/": ATOM.format(page=page, uri=SOURCE),
    }

    assert ask(told(site)) == [Receipt.SHOWN]
    assert [r.path for r in site.requests] == ["/post", "/post/feed/atom/"]


def test_the_feed_of_the_whole_site_is_not_asked(site: Site) -> None:
    site.pages |= {
        "/post": '<link rel="alternate" type="application/atom+xml" href="/feed">',
        "/feed": ATOM.format(page=site.url, uri=SOURCE),
    }

    assert ask(told(site)) == [Receipt.HIDDEN]


def test_a_page_is_asked_once_for_all_its_mentions(site: Site) -> None:
    site.pages["/post"] = LINKED
    other = told(site)
    other = samples.mention(other.target, outcome=Outcome.SENT, told_at=NOW, protocol="trackback")

    assert ask(told(site), other) == [Receipt.SHOWN, Receipt.SHOWN]
    assert len(site.requests) == 1


def test_redirects_of_the_page_are_followed(site: Site) -> None:
    site.pages |= {"/post": redirect("/new"), "/new": LINKED}

    assert ask(told(site)) == [Receipt.SHOWN]
