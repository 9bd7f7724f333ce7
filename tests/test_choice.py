"""Choice, over real sockets: one notice a target, by the preferred protocol that is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks.config import PROTOCOL_NAMES, Config
from pelican_linkbacks.delivery import Delivery
from pelican_linkbacks.mention import NAMED, Excerpt, Mention, Outcome
from pelican_linkbacks.state import State
from tests import samples
from tests.servers import Answer, Page, RawServer, Site, read_request

PINGED = "<methodResponse><params><param><value>thanks</value></param></params></methodResponse>"
FAULT = "<methodResponse><params><param><value>33</value></param></params></methodResponse>"
TRACKED = "<response><error>0</error></response>"
REJECTED = "<response><error>1</error><message>Closed</message></response>"

WEBMENTION = '<link rel="webmention" href="/webmention">'
PINGBACK = '<link rel="pingback" href="/pingback">'
TRACKBACK = '<a rel="trackback" href="/trackback">trackback</a>'
ALL = WEBMENTION + PINGBACK + TRACKBACK


class Blogs:
    """Our site, a neighbour that takes notices of every kind, and our state.

    Attributes:
        ours: our site; every source is online.
        theirs: the neighbour; its post advertises nothing until a test says so.
    """

    def __init__(self, ours: Site, theirs: Site, folder: Path) -> None:
        self.ours, self.theirs = ours, theirs
        self._file = folder / "linkbacks.jsonl"
        theirs.pages |= {
            "/webmention": Answer(status=202),
            "/pingback": PINGED,
            "/trackback": TRACKED,
        }

    def link(self, path: str = "/post", article: str = "rye.html", **known: Any) -> Mention:
        """A link to a page of the neighbour, in a source that is online."""
        mention = Mention(
            article,
            article,
            f"{self.ours.url}/{article}",
            self.theirs.url + path,
            excerpt=Excerpt("Rye", "Flour", "Us"),
        )
        html = str(self.ours.pages.get(f"/{article}", "<title>Rye</title>"))
        self.ours.pages[f"/{article}"] = f'{html}<a href="{mention.target}">x</a>'
        return replace(mention, **known)

    def named(self, path: str = "/trackback", **known: Any) -> Mention:
        """A ``Trackbacks:`` URL, which no page links to."""
        page = self.ours.pages.get("/rye.html", "<title>Rye</title>")
        mention = self.link(path)
        self.ours.pages["/rye.html"] = page
        named = {"protocol": "trackback", "endpoint": mention.target, "found_by": NAMED}
        return replace(mention, **named | known)

    def tell(
        self,
        *mentions: Mention,
        known: Sequence[Mention] = (),
        protocols: tuple[str, ...] = PROTOCOL_NAMES,
    ) -> dict[str, Mention]:
        """Deliver mentions beside those that are known; what is known then, by target's path."""
        state = State(self._file, siteurl=self.ours.url, sites=(self.ours.url,))
        if self._file.exists():
            state = State.load(self._file)
        for mention in (*known, *mentions):
            state.put(mention)
        state.save()
        Delivery(self._config(protocols), state, print).run(mentions)
        after = State.load(self._file).mentions()
        return {mention.target.removeprefix(self.theirs.url): mention for mention in after}

    def notices(self) -> list[str]:
        """The paths that were told, in order."""
        return [request.path for request in self.theirs.requests if request.method == "POST"]

    def _config(self, protocols: tuple[str, ...]) -> Config:
        return samples.config(self.ours.url, protocols=protocols, request_timeout=1)


@pytest.fixture
def blogs(tmp_path: Path) -> Iterator[Blogs]:
    with Site() as ours, Site() as theirs:
        yield Blogs(ours, theirs, tmp_path)


# Which protocol is used.

OFFERS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "all three": (ALL, PROTOCOL_NAMES, "webmention"),
    "all three, otherwise around": (
        TRACKBACK + PINGBACK + WEBMENTION,
        PROTOCOL_NAMES,
        "webmention",
    ),
    "without webmention": (TRACKBACK + PINGBACK, PROTOCOL_NAMES, "pingback"),
    "trackback only": (TRACKBACK, PROTOCOL_NAMES, "trackback"),
    "the author prefers trackback": (
        ALL,
        ("trackback", "pingback", "webmention"),
        "trackback",
    ),
    "the author prefers pingback": (ALL, ("pingback", "webmention"), "pingback"),
    "the author uses trackback only": (ALL, ("trackback",), "trackback"),
    "what the author prefers is not offered": (
        PINGBACK + WEBMENTION,
        ("trackback", "pingback", "webmention"),
        "pingback",
    ),
}


@pytest.mark.parametrize(("page", "protocols", "used"), OFFERS.values(), ids=OFFERS)
def test_the_first_protocol_of_the_author_s_that_the_target_offers_is_used(
    blogs: Blogs, page: str, protocols: tuple[str, ...], used: str
) -> None:
    blogs.theirs.pages["/post"] = page

    told = blogs.tell(blogs.link(), protocols=protocols)["/post"]

    assert (told.outcome, told.protocol) == (Outcome.SENT, used)
    assert told.endpoint == f"{blogs.theirs.url}/{used}"
    assert blogs.notices() == [f"/{used}"]


def test_a_target_that_offers_only_what_the_author_does_not_use_is_not_told(blogs: Blogs) -> None:
    blogs.theirs.pages["/post"] = WEBMENTION

    told = blogs.tell(blogs.link(), protocols=("pingback", "trackback"))["/post"]

    assert told.outcome is Outcome.NONE
    assert blogs.notices() == []


def test_where_the_endpoint_tells_what_became_of_the_notice_is_written_down(blogs: Blogs) -> None:
    blogs.theirs.pages |= {
        "/post": WEBMENTION,
        "/webmention": Answer(status=201, headers=[("Location", "/queue/7")]),
    }

    assert blogs.tell(blogs.link())["/post"].status_url == f"{blogs.theirs.url}/queue/7"


# When the next one is.


@pytest.mark.parametrize("status", [404, 405, 410, 501])
@pytest.mark.parametrize("gone", [("webmention",), ("webmention", "pingback")], ids=len)
def test_the_next_protocol_is_used_where_an_endpoint_is_not_there(
    blogs: Blogs, gone: tuple[str, ...], status: int
) -> None:
    blogs.theirs.pages["/post"] = ALL
    blogs.theirs.pages |= {f"/{name}": Answer("Sorry", status) for name in gone}

    told = blogs.tell(blogs.link())["/post"]

    used = PROTOCOL_NAMES[len(gone)]
    assert (told.outcome, told.protocol) == (Outcome.SENT, used)
    assert blogs.notices() == [f"/{name}" for name in (*gone, used)]


@pytest.mark.parametrize(
    ("status", "outcome"),
    {404: Outcome.REFUSED, 410: Outcome.REFUSED, 405: Outcome.FAILED, 501: Outcome.FAILED}.items(),
)
def test_with_no_endpoint_there_at_all_the_last_answer_counts(
    blogs: Blogs, status: int, outcome: Outcome
) -> None:
    blogs.theirs.pages["/post"] = ALL
    blogs.theirs.pages |= {f"/{name}": Answer("Sorry", status) for name in PROTOCOL_NAMES}

    told = blogs.tell(blogs.link())["/post"]

    assert (told.outcome, told.protocol) == (outcome, "trackback")
    assert told.answer == f"the endpoint is not there (HTTP {status})"
    assert blogs.notices() == [f"/{name}" for name in PROTOCOL_NAMES]


REFUSALS: dict[str, tuple[str, Page, Outcome]] = {
    "webmention 400": ("webmention", Answer("No link", 400), Outcome.REFUSED),
    "webmention 403": ("webmention", Answer("", 403), Outcome.FAILED),
    "webmention 500": ("webmention", Answer("", 500), Outcome.FAILED),
    "webmention 502": ("webmention", Answer("", 502), Outcome.FAILED),
    "webmention 503": ("webmention", Answer("", 503), Outcome.FAILED),
    "webmention sent elsewhere": (
        "webmention",
        Answer("", 302, [("Location", "/elsewhere")]),
        Outcome.FAILED,
    ),
    "pingback fault": ("pingback", FAULT, Outcome.REFUSED),
    "pingback nonsense": ("pingback", "OK", Outcome.FAILED),
    "pingback empty": ("pingback", "", Outcome.FAILED),
    "pingback 500": ("pingback", Answer(PINGED, 500), Outcome.FAILED),
    "trackback error": ("trackback", REJECTED, Outcome.REFUSED),
}


@pytest.mark.parametrize(("protocol", "answer", "outcome"), REFUSALS.values(), ids=REFUSALS)
def test_no_other_protocol_is_used_after_any_other_answer(
    blogs: Blogs, protocol: str, answer: Page, outcome: Outcome
) -> None:
    blogs.theirs.pages |= {"/post": ALL, f"/{protocol}": answer}
    others = tuple(name for name in PROTOCOL_NAMES if name != protocol)

    told = blogs.tell(blogs.link(), protocols=(protocol, *others))["/post"]

    assert (told.outcome, told.protocol) == (outcome, protocol)
    assert blogs.notices() == [f"/{protocol}"]


def hanging(sock: Any, closing: threading.Event) -> None:
    read_request(sock)
    closing.wait(60)


def test_no_other_protocol_is_used_after_a_time_out(blogs: Blogs) -> None:
    """It may have been told all the same."""
    with RawServer(hanging) as slow:
        blogs.theirs.pages["/post"] = ALL.replace("/webmention", f"{slow.url}/webmention")
        told = blogs.tell(blogs.link())["/post"]

    assert (told.outcome, told.protocol) == (Outcome.FAILED, "webmention")
    assert blogs.notices() == []


# Where a link and a "Trackbacks:" URL lead to one entry.

ENTRY = (
    '<!-- <rdf:RDF><rdf:Description rdf:about="{0}/post" trackback:ping="{0}/trackback"/>'
    "</rdf:RDF> -->"
)


def entry(blogs: Blogs, offers: str = "") -> None:
    """The neighbour's post advertises its trackback URL, and more."""
    blogs.theirs.pages["/post"] = offers + ENTRY.format(blogs.theirs.url)


@pytest.mark.parametrize("offers", ["", PINGBACK, WEBMENTION + PINGBACK], ids=len)
@pytest.mark.parametrize("named_first", [True, False])
def test_an_entry_that_the_author_links_to_and_names_is_told_once_as_he_named_it(
    blogs: Blogs, offers: str, *, named_first: bool
) -> None:
    entry(blogs, offers)
    mentions = [blogs.link(), blogs.named()]

    told = blogs.tell(*(reversed(mentions) if named_first else mentions))

    assert blogs.notices() == ["/trackback"]
    assert told["/trackback"].outcome is Outcome.SENT
    assert told["/post"].outcome is Outcome.SKIPPED
    assert told["/post"].answer == f"left to {blogs.theirs.url}/trackback: it is the same entry"


@pytest.mark.parametrize("path", ["/trackback/", "/trackback#top", "/track%62ack"])
def test_that_holds_however_the_author_spells_the_trackback_url(blogs: Blogs, path: str) -> None:
    entry(blogs, WEBMENTION)
    blogs.theirs.pages |= {"/trackback/": TRACKED, "/track%62ack": TRACKED}

    told = blogs.tell(blogs.link(), blogs.named(path))

    assert len(blogs.notices()) == 1
    assert told["/post"].outcome is Outcome.SKIPPED


@pytest.mark.parametrize("answer", [REJECTED, Answer("", 500), Answer("", 404)])
def test_a_named_trackback_url_that_does_not_take_it_leaves_nothing_to_the_link(
    blogs: Blogs, answer: Page
) -> None:
    entry(blogs, WEBMENTION)
    blogs.theirs.pages["/trackback"] = answer

    blogs.tell(blogs.link(), blogs.named())

    assert blogs.notices() == ["/trackback"]


@pytest.mark.parametrize(
    "outcome", [Outcome.SENT, Outcome.FAILED, Outcome.REFUSED, Outcome.HELD, Outcome.GAVE_UP]
)
def test_a_link_that_is_added_later_to_an_entry_that_was_named_is_not_told(
    blogs: Blogs, outcome: Outcome
) -> None:
    entry(blogs, WEBMENTION)
    named = blogs.named(outcome=outcome)

    told = blogs.tell(blogs.link(), known=[named])

    assert told == {"/trackback": named, "/post": told["/post"]}
    assert told["/post"].outcome is Outcome.SKIPPED
    assert blogs.notices() == []


@pytest.mark.parametrize("outcome", [Outcome.WITHDRAWN, Outcome.SKIPPED])
def test_a_trackback_url_that_is_no_longer_named_or_never_told_is_in_nobody_s_way(
    blogs: Blogs, outcome: Outcome
) -> None:
    entry(blogs, WEBMENTION)

    told = blogs.tell(blogs.link(), known=[blogs.named(outcome=outcome)])

    assert told["/post"].outcome is Outcome.SENT
    assert blogs.notices() == ["/webmention"]


@pytest.mark.parametrize("offers", ["", PINGBACK, WEBMENTION], ids=len)
def test_a_trackback_url_that_is_named_after_the_link_was_told_is_not_told(
    blogs: Blogs, offers: str
) -> None:
    entry(blogs, offers)
    blogs.tell(blogs.link())
    before = blogs.notices()

    told = blogs.tell(blogs.named())

    assert told["/post"].outcome is Outcome.SENT
    assert told["/trackback"].outcome is Outcome.SKIPPED
    assert told["/trackback"].answer == f"left to {blogs.theirs.url}/post: it is the same entry"
    assert blogs.notices() == before


def test_that_holds_for_trackbacks_that_another_site_takes(blogs: Blogs) -> None:
    with Site({"/tb/7": TRACKED}) as service:
        blogs.theirs.pages["/post"] = TRACKBACK.replace("/trackback", f"{service.url}/tb/7")
        blogs.tell(blogs.link())
        told = blogs.tell(blogs.named(service.url + "/tb/7"))

    assert told["/post"].outcome is Outcome.SENT
    assert told[f"{service.url}/tb/7"].outcome is Outcome.SKIPPED
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "outcome", [Outcome.NONE, Outcome.REFUSED, Outcome.OLD, Outcome.GAVE_UP, Outcome.SKIPPED]
)
def test_a_link_that_could_not_be_told_is_told_by_the_url_that_the_author_names_then(
    blogs: Blogs, outcome: Outcome
) -> None:
    entry(blogs)

    told = blogs.tell(blogs.named(), known=[blogs.link(outcome=outcome)])

    assert told["/trackback"].outcome is Outcome.SENT
    assert blogs.notices() == ["/trackback"]


def test_a_trackback_url_of_another_entry_is_told_beside_the_link(blogs: Blogs) -> None:
    entry(blogs, WEBMENTION)
    blogs.theirs.pages["/other/trackback"] = TRACKED

    told = blogs.tell(blogs.link(), blogs.named("/other/trackback"))

    assert {mention.outcome for mention in told.values()} == {Outcome.SENT}
    assert sorted(blogs.notices()) == ["/other/trackback", "/webmention"]


def test_a_trackback_url_is_told_though_a_page_that_was_told_before_is_gone(blogs: Blogs) -> None:
    sent = blogs.link(outcome=Outcome.SENT, protocol="webmention", endpoint="https://wm.example/")

    told = blogs.tell(blogs.named(), known=[sent])

    assert told["/trackback"].outcome is Outcome.SENT


def test_what_another_article_names_is_nothing_to_a_link(blogs: Blogs) -> None:
    entry(blogs)

    told = blogs.tell(blogs.link(article="oats.html"), blogs.named())

    assert {mention.outcome for mention in told.values()} == {Outcome.SENT}
    assert blogs.notices() == ["/trackback", "/trackback"]


def test_a_link_that_is_skipped_for_its_entry_s_sake_stays_so(blogs: Blogs) -> None:
    entry(blogs)
    skipped = blogs.tell(blogs.link(), blogs.named())["/post"]

    assert skipped.attempts == 1, "without an attempt, a later build would take it for old"
