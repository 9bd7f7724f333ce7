"""Delivery, over real sockets: what is told, what waits, and what is left to the next run."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from pelican_linkbacks.config import Config
from pelican_linkbacks.delivery import Delivery
from pelican_linkbacks.mention import Excerpt, Mention, Outcome
from pelican_linkbacks.state import State
from tests.servers import Answer, RawServer, Received, Site, read_request, redirect

PINGBACK = [("X-Pingback", "/xmlrpc")]
ACCEPTED = "<methodResponse><params><param><value>thanks</value></param></params></methodResponse>"


def fault(code: int) -> str:
    return (
        "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>"
        f"{code}</int></value></member></struct></value></fault></methodResponse>"
    )


@dataclass
class Bench:
    """Our site, a neighbour that takes pingbacks, and a state with what is to be told."""

    ours: Site
    theirs: Site
    config: Config
    said: list[str] = field(default_factory=list)

    @property
    def state(self) -> State:
        return State.load(self.config.state_file)

    def mention(self, path: str = "/post", article: str = "rye.html", **known: Any) -> Mention:
        """A mention whose source is online and carries the link."""
        target = path if path.startswith("http") else self.theirs.url + path
        html = self.ours.pages.get(f"/{article}", "<title>Rye</title>")
        self.ours.pages[f"/{article}"] = f'{html}<a href="{target}">x</a>'
        return Mention(article, article, f"{self.ours.url}/{article}", target, **known)

    def run(
        self, *mentions: Mention, budget: float | None = None, **settings: Any
    ) -> dict[str, Mention]:
        """Deliver; what was settled, by the path of the target."""
        state = State(self.config.state_file, siteurl=self.ours.url, sites=(self.ours.url,))
        for mention in mentions:
            state.put(mention)
        state.save()
        delivery = Delivery(replace(self.config, **settings), state, self.said.append)
        settled = delivery.run(mentions, budget)
        return {mention.target.removeprefix(self.theirs.url): mention for mention in settled}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Site() as ours, Site() as theirs:
        theirs.pages["/post"] = theirs.pages["/other"] = Answer("<p>Hello", headers=PINGBACK)
        theirs.pages["/xmlrpc"] = ACCEPTED
        config = Config(
            siteurl=ours.url,
            content=tmp_path / "content",
            output=tmp_path / "output",
            cache=tmp_path / "cache",
            request_timeout=2,
            allow_networks=(ip_network("127.0.0.0/8"),),
        )
        yield Bench(ours, theirs, config)


def asked(site: Site) -> list[str]:
    return [f"{request.method} {request.path}" for request in site.requests]


def test_nothing_to_do_asks_nobody(bench: Bench) -> None:
    assert bench.run() == {}
    assert bench.ours.requests == bench.theirs.requests == []


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Answer("gone", 404), "is not online yet (HTTP 404)"),
        (Answer('<a href="LINK">x</a>', 500), "is not online yet (HTTP 500)"),
        ("<p>the old page</p>", "is online, but without this link yet"),
        ('<!-- <a href="LINK">x</a> -->', "is online, but without this link yet"),
        ("the bare address: LINK", "is online, but without this link yet"),
    ],
)
def test_a_mention_waits_until_our_page_is_as_it_should_be(
    bench: Bench, page: Answer | str, reason: str
) -> None:
    mention = bench.mention()
    if isinstance(page, Answer):
        body = str(page.body).replace("LINK", mention.target)
        bench.ours.pages["/rye.html"] = replace(page, body=body)
    else:
        bench.ours.pages["/rye.html"] = page.replace("LINK", mention.target)
    settled = bench.run(mention)["/post"]
    assert settled.outcome is Outcome.WAITING
    assert settled.answer == f"{mention.source} {reason}"
    assert bench.theirs.requests == [], "nobody is asked before our own page is there"
    assert bench.state.mentions() == [settled]


def test_a_site_that_is_down_makes_its_mentions_wait(bench: Bench) -> None:
    with Site() as down:
        source = f"{down.url}/rye.html"
    settled = bench.run(replace(bench.mention(), source=source))["/post"]
    assert settled.outcome is Outcome.WAITING
    assert (settled.answer or "").startswith(f"{source} is not online yet: ")


def test_waiting_on_for_the_same_reason_is_not_written_down_again(bench: Bench) -> None:
    mention = bench.mention()
    del bench.ours.pages["/rye.html"]
    waiting = bench.run(mention)["/post"]
    before = bench.config.state_file.read_bytes()
    bench.run(waiting)
    assert bench.config.state_file.stat().st_size <= len(before)


def test_the_page_is_not_looked_at_where_that_is_switched_off(bench: Bench) -> None:
    assert bench.run(bench.mention(), check_online=False)["/post"].outcome is Outcome.SENT
    assert bench.ours.requests == []


def test_a_mention_is_told_with_three_requests(bench: Bench) -> None:
    mention = bench.mention()
    sent = bench.run(mention)["/post"]
    assert (sent.outcome, sent.protocol, sent.found_by, sent.answer) == (
        Outcome.SENT,
        "pingback",
        "the X-Pingback header",
        "thanks",
    )
    assert asked(bench.ours) == ["GET /rye.html"]
    assert asked(bench.theirs) == ["GET /post", "POST /xmlrpc"]
    assert mention.source.encode() in bench.theirs.requests[1].body
    assert bench.state.mentions() == [sent]


def test_each_page_is_asked_for_once_in_a_run(bench: Bench) -> None:
    mentions = [bench.mention(article=f"{n}.html") for n in range(4)]
    mentions.append(bench.mention("/other", "0.html"))
    bench.run(*mentions)
    assert sorted(asked(bench.ours)) == [f"GET /{n}.html" for n in range(4)]
    assert sorted(asked(bench.theirs)) == ["GET /other", "GET /post"] + 5 * ["POST /xmlrpc"]


def test_the_source_is_told_by_the_url_at_which_it_answers(bench: Bench) -> None:
    mention = bench.mention()
    bench.ours.pages["/rye"] = bench.ours.pages["/rye.html"]
    bench.ours.pages["/rye.html"] = redirect("/rye", 301)
    assert bench.run(mention)["/post"].source == f"{bench.ours.url}/rye"
    assert f"{bench.ours.url}/rye<".encode() in bench.theirs.requests[1].body


def test_a_source_that_redirects_elsewhere_is_told_by_its_own_url(bench: Bench) -> None:
    mention = bench.mention()
    bench.theirs.pages["/copy"] = bench.ours.pages["/rye.html"]
    bench.ours.pages["/rye.html"] = redirect(f"{bench.theirs.url}/copy")
    assert bench.run(mention)["/post"].source == mention.source


def test_a_named_trackback_needs_a_page_that_is_online_and_no_link_on_it(bench: Bench) -> None:
    bench.theirs.pages["/trackback"] = "<response><error>0</error></response>"
    target = f"{bench.theirs.url}/trackback"
    mention = replace(
        bench.mention(),
        target=target,
        protocol="trackback",
        endpoint=target,
        found_by="Trackbacks:",
        excerpt=Excerpt("Rye", "flour", "us"),
    )
    settled = bench.run(mention)["/trackback"]
    assert (settled.outcome, settled.excerpt) == (Outcome.SENT, None)
    assert asked(bench.theirs) == ["POST /trackback"]
    del bench.ours.pages["/rye.html"]
    assert bench.run(mention)["/trackback"].outcome is Outcome.WAITING


@pytest.mark.parametrize(
    ("page", "outcome"),
    [
        ("<p>nothing here", Outcome.NONE),
        (Answer(status=404), Outcome.REFUSED),
        (Answer(status=500, headers=PINGBACK), Outcome.FAILED),
    ],
)
def test_a_target_that_takes_nothing_is_not_sent_to(
    bench: Bench, page: Answer | str, outcome: Outcome
) -> None:
    bench.theirs.pages["/post"] = page
    assert bench.run(bench.mention())["/post"].outcome is outcome
    assert asked(bench.theirs) == ["GET /post"]


def test_a_private_target_is_skipped_unasked(bench: Bench) -> None:
    settled = bench.run(bench.mention(), allow_networks=())
    assert settled["/post"].outcome is Outcome.SKIPPED
    assert "private address" in (settled["/post"].answer or "")
    assert bench.theirs.connections == 0


def test_an_endpoint_that_a_page_names_may_not_be_private(bench: Bench) -> None:
    bench.theirs.pages["/post"] = Answer(headers=[("X-Pingback", "http://10.0.0.1/xmlrpc")])
    assert bench.run(bench.mention())["/post"].outcome is Outcome.SKIPPED


def test_what_fails_keeps_its_source_and_comes_back_later(bench: Bench) -> None:
    mention = bench.mention()
    bench.ours.pages["/rye"] = bench.ours.pages["/rye.html"]
    bench.ours.pages["/rye.html"] = redirect("/rye")
    bench.theirs.pages["/xmlrpc"] = fault(0)
    failed = bench.run(mention)["/post"]
    assert (failed.outcome, failed.attempts, failed.source) == (Outcome.FAILED, 1, mention.source)
    assert failed.next_attempt is not None
    assert failed.next_attempt > datetime.now(UTC)


def test_what_fails_too_often_is_given_up(bench: Bench) -> None:
    bench.theirs.pages["/xmlrpc"] = "not xml"
    settled = bench.run(bench.mention(outcome=Outcome.FAILED, attempts=5))["/post"]
    assert (settled.outcome, settled.attempts) == (Outcome.GAVE_UP, 6)


def after_pleas(pleas: int, plea: Answer) -> Callable[[Received], Answer | str]:
    """An endpoint that asks for a pause some times, then accepts."""
    left = iter(range(pleas))
    lock = threading.Lock()

    def answer(_: Received) -> Answer | str:
        with lock:
            return plea if next(left, None) is not None else ACCEPTED

    return answer


PLEA = Answer(status=429, headers=[("Retry-After", "1")])


def test_a_pause_that_ends_within_the_run_is_sat_out_and_told_of(bench: Bench) -> None:
    bench.theirs.pages["/xmlrpc"] = after_pleas(1, PLEA)
    mentions = bench.mention(), bench.mention("/other")
    settled = bench.run(*mentions, budget=30)
    assert {mention.outcome for mention in settled.values()} == {Outcome.SENT}
    assert {mention.attempts for mention in settled.values()} == {0}, "a pause is no attempt"
    assert any("wants a pause between notices: waiting 1 s" in line for line in bench.said)


def test_a_pause_on_the_target_page_is_sat_out_too(bench: Bench) -> None:
    left = iter([PLEA])
    page = Answer(headers=PINGBACK)
    bench.theirs.pages["/post"] = lambda _: next(left, page)
    settled = bench.run(bench.mention(), bench.mention(article="b.html"))
    assert settled["/post"].outcome is Outcome.SENT
    assert asked(bench.theirs).count("GET /post") == 2


def test_a_pause_that_ends_too_late_leaves_the_mention_with_its_time(bench: Bench) -> None:
    bench.theirs.pages["/xmlrpc"] = Answer(status=503, headers=[("Retry-After", "3600")])
    settled = bench.run(bench.mention(), budget=30)["/post"]
    assert (settled.outcome, settled.attempts) == (Outcome.FAILED, 0)
    assert settled.next_attempt is not None
    left = settled.next_attempt - datetime.now(UTC)
    assert 3500 < left.total_seconds() <= 3600
    assert settled.answer == "it asked for a pause (HTTP 503)"


def test_without_time_nothing_is_asked_and_all_is_left_to_the_next_run(bench: Bench) -> None:
    assert bench.run(bench.mention(), budget=bench.config.request_timeout - 0.5) == {}
    assert bench.ours.requests == []
    assert [mention.outcome for mention in bench.state.mentions()] == [Outcome.QUEUED]


def hanging(sock: Any, closing: threading.Event) -> None:
    read_request(sock)
    closing.wait(60)


def test_servers_that_hang_neither_hold_a_build_nor_the_others(bench: Bench) -> None:
    with RawServer(hanging) as server:
        stuck = [bench.mention(f"{server.url}/{n}") for n in range(6)]
        start = time.monotonic()
        settled = bench.run(*stuck, bench.mention(), budget=3, request_timeout=1)
        assert time.monotonic() - start < 20, "the servers hang for a minute"
    assert settled["/post"].outcome is Outcome.SENT
    outcomes = [mention.outcome for mention in bench.state.mentions()]
    assert outcomes.count(Outcome.FAILED) == 6


def test_a_host_that_hangs_is_asked_twice_and_then_left_alone(bench: Bench) -> None:
    with RawServer(hanging) as server:
        stuck = [bench.mention(f"{server.url}/{n}") for n in range(6)]
        settled = list(bench.run(*stuck, request_timeout=0.5).values())
        assert server.connections == 2
    tried = [mention for mention in settled if mention.attempts]
    left = [mention for mention in settled if not mention.attempts]
    assert (len(tried), len(left)) == (2, 4)
    assert {mention.answer for mention in tried} == {"127.0.0.1 did not answer within 0.5 s"}
    host = server.url.removeprefix("http://")
    assert {mention.answer for mention in left} == {
        f"{host} did not answer in time, and is left alone in this run"
    }
    assert all(mention.next_attempt for mention in settled)
    assert {mention.paused_by for mention in left} == {host}


def test_our_own_site_that_hangs_is_asked_twice_for_all_its_pages(bench: Bench) -> None:
    mentions = [bench.mention(article=f"{n}.html") for n in range(6)]
    with RawServer(hanging) as server:
        mentions = [
            replace(mention, source=mention.source.replace(bench.ours.url, server.url))
            for mention in mentions
        ]
        state = State(bench.config.state_file, siteurl=server.url, sites=(server.url,))
        for mention in mentions:
            state.put(mention)
        config = replace(bench.config, request_timeout=0.5)
        settled = Delivery(config, state, bench.said.append).run(mentions)
        assert server.connections == 2
    assert {mention.outcome for mention in settled} == {Outcome.WAITING}


def test_no_notice_begins_when_it_might_end_after_the_budget(bench: Bench) -> None:
    def slow(received: Received) -> Answer | str:
        threading.Event().wait(1.2)
        return Answer(headers=PINGBACK)

    bench.theirs.pages["/post"] = slow
    assert bench.run(bench.mention(), budget=3, request_timeout=2) == {}
    assert asked(bench.theirs) == ["GET /post"]


def test_one_host_is_asked_by_few_at_once_and_others_meanwhile(bench: Bench) -> None:
    busy, most, together = 0, 0, threading.Barrier(2)
    lock = threading.Lock()

    def answer(_: Received) -> Answer:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        together.wait(5)
        with lock:
            busy -= 1
        return Answer(headers=PINGBACK)

    paths = [f"/{n}" for n in range(6)]
    bench.theirs.pages |= dict.fromkeys(paths, answer)
    settled = bench.run(*map(bench.mention, paths), per_host=2)
    assert {mention.outcome for mention in settled.values()} == {Outcome.SENT}
    assert most == 2


def test_a_page_that_trips_a_parser_stops_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(page: Any) -> None:
        if page.url.endswith("/post"):
            raise RecursionError("too deep")

    monkeypatch.setattr("pelican_linkbacks.protocols.pingback.discover", trip)
    settled = bench.run(bench.mention(), bench.mention("/other"))
    assert settled["/post"].answer == "unexpected RecursionError: too deep"
    assert settled["/post"].outcome is Outcome.FAILED
    assert settled["/other"].outcome is Outcome.NONE


def test_one_look_tells_whether_a_page_agrees(bench: Bench) -> None:
    mention = bench.mention()
    delivery = Delivery(bench.config, State(Path("nowhere")), bench.said.append)
    assert delivery.agrees(mention)
    del bench.ours.pages["/rye.html"]
    assert not delivery.agrees(mention)


# What is on the disk, and when.


def test_an_intent_is_on_the_disk_before_its_notice_leaves(bench: Bench) -> None:
    seen: list[Mention] = []

    def look(_: Received) -> str:
        seen.extend(bench.state.mentions())
        return ACCEPTED

    bench.theirs.pages["/xmlrpc"] = look
    settled = bench.run(bench.mention())["/post"]
    [intent] = seen
    assert intent.outcome is Outcome.QUEUED
    assert intent.asked_at is not None
    assert (intent.protocol, intent.endpoint) == ("pingback", f"{bench.theirs.url}/xmlrpc")
    assert (settled.outcome, settled.asked_at) == (Outcome.SENT, None)


def test_an_outcome_is_on_the_disk_before_the_next_notice_leaves(bench: Bench) -> None:
    known: list[int] = []

    def count(_: Received) -> str:
        known.append(sum(m.outcome is Outcome.SENT for m in bench.state.mentions()))
        return ACCEPTED

    bench.theirs.pages["/xmlrpc"] = count
    bench.run(*(bench.mention(article=f"{n}.html") for n in range(5)), per_host=1)
    assert known == [0, 1, 2, 3, 4]


# Pauses from run to run.


def test_a_pause_that_was_asked_for_is_kept_by_the_next_run(bench: Bench) -> None:
    later = Answer(status=429, headers=[("Retry-After", "3600")])
    bench.theirs.pages["/xmlrpc"] = later
    first = bench.run(bench.mention(), budget=30)["/post"]
    assert first.outcome is Outcome.FAILED
    assert first.paused_by == bench.theirs.url.removeprefix("http://")
    bench.theirs.requests.clear()
    state = bench.state
    other = bench.mention("/other")
    state.put(other)
    state.save()
    delivery = Delivery(bench.config, state, bench.said.append)
    [second] = delivery.run([other], budget=30)
    assert bench.theirs.requests == []
    assert second.outcome is Outcome.FAILED
    assert second.attempts == 0
    assert second.next_attempt
    assert first.next_attempt
    assert abs((second.next_attempt - first.next_attempt).total_seconds()) < 1


# Links that are gone.

WEBMENTION = [("Link", '</webmention>; rel="webmention"')]


@pytest.fixture
def removal(bench: Bench) -> Mention:
    """The going of a link that was told by webmention, from a page that has no link now."""
    bench.theirs.pages["/post"] = Answer("<p>Hello", headers=[*WEBMENTION, *PINGBACK])
    bench.theirs.pages["/webmention"] = Answer(status=202)
    mention = bench.mention(removal=True, protocol="webmention")
    bench.ours.pages["/rye.html"] = "<title>Rye</title>"
    return mention


@pytest.mark.parametrize("status", [200, 403, 500])
def test_a_page_that_may_still_have_its_link_keeps_its_removal_waiting(
    bench: Bench, removal: Mention, status: int
) -> None:
    bench.ours.pages["/rye.html"] = Answer(f'<a href="{removal.target}">x</a>', status)
    settled = bench.run(removal)["/post"]
    assert (settled.outcome, settled.removal) == (Outcome.WAITING, True)
    assert settled.next_attempt, "a page may keep its link for ever"
    assert bench.theirs.requests == []


@pytest.mark.parametrize("page", ["<p>without", Answer("gone", 404), Answer("gone", 410)])
def test_a_removal_is_told_when_the_public_page_is_without_the_link(
    bench: Bench, removal: Mention, page: Answer | str
) -> None:
    bench.ours.pages["/rye.html"] = page
    settled = bench.run(removal)["/post"]
    assert (settled.outcome, settled.removal) == (Outcome.WITHDRAWN, False)
    assert settled.answer == "the link is gone, and its blog was told so"
    [post] = [request for request in bench.theirs.requests if request.method == "POST"]
    assert parse_qs(post.body.decode()) == {
        "source": [removal.source],
        "target": [removal.target],
    }


def test_a_removal_keeps_its_source_wherever_that_leads_now(bench: Bench, removal: Mention) -> None:
    bench.ours.pages["/rye.html"] = redirect("/moved.html")
    bench.ours.pages["/moved.html"] = "<title>Rye</title>"
    assert bench.run(removal)["/post"].source == removal.source


def test_a_removal_is_told_by_webmention_or_not_at_all(bench: Bench, removal: Mention) -> None:
    bench.theirs.pages["/post"] = Answer("<p>Hello", headers=PINGBACK)
    settled = bench.run(removal)["/post"]
    assert (settled.outcome, settled.removal) == (Outcome.NONE, True)
    assert asked(bench.theirs) == ["GET /post"]
