"""The sender, over real sockets: what a target offers, and what its endpoint makes of a notice."""

from __future__ import annotations

from urllib.parse import parse_qs
from xmlrpc.client import loads

import pytest

from pelican_linkbacks.client import Client
from pelican_linkbacks.config import PROTOCOL_NAMES
from pelican_linkbacks.mention import Endpoint, Excerpt, Outcome, Reply
from pelican_linkbacks.protocols import PROTOCOLS
from pelican_linkbacks.sender import Sender
from tests.samples import config, mention
from tests.servers import Answer, RawServer, Site, answering, redirect

ACCEPTED = "<methodResponse><params><param><value>Thanks</value></param></params></methodResponse>"
HEADER = Answer("<p>Bread.</p>", headers=[("X-Pingback", "ping")])
LINK = '<link rel="pingback" href="ping">'


def sender(*protocols: str) -> Sender:
    return Sender(Client(config()), protocols or PROTOCOL_NAMES)


def found(site: Site, target: str) -> list[str]:
    """The endpoints that a target offers, below the site."""
    endpoints = sender().discover(site.url + target)
    assert isinstance(endpoints, list)
    return [endpoint.url.removeprefix(site.url) for endpoint in endpoints]


def asked(site: Site) -> list[tuple[str, str]]:
    return [(request.method, request.path) for request in site.requests]


def test_webmention_is_preferred_to_pingback_and_that_to_trackback() -> None:
    assert list(PROTOCOLS) == ["webmention", "pingback", "trackback"]


# Discovery.


@pytest.mark.parametrize("page", [HEADER, LINK], ids=["header", "link"])
def test_a_target_is_fetched_once_and_says_where_it_takes_notices(page: Answer | str) -> None:
    with Site({"/posts/rye": page}) as site:
        assert found(site, "/posts/rye") == ["/posts/ping"]
        assert asked(site) == [("GET", "/posts/rye")]


@pytest.mark.parametrize("page", [HEADER, LINK], ids=["header", "link"])
def test_a_relative_endpoint_is_resolved_where_the_redirects_end(page: Answer | str) -> None:
    with Site({"/c/d/": page}) as site:
        site.pages |= {"/a/": redirect("/b/", 301), "/b/": redirect("/c/d/?x=1")}
        assert found(site, "/a/") == ["/c/d/ping"]
        assert asked(site) == [("GET", "/a/"), ("GET", "/b/"), ("GET", "/c/d/?x=1")]


WEBMENTION = '<link rel="webmention" href="{}">'


@pytest.mark.parametrize(
    ("page", "endpoint"),
    [
        (WEBMENTION.format("webmention-endpoint"), "/test/23/page/webmention-endpoint"),
        (WEBMENTION.format(""), "/test/23/page/token"),
        ('<base href="/other/">' + WEBMENTION.format("ping"), "/other/ping"),
        (Answer(headers=[("Link", "<ping?x=1>; rel=webmention")]), "/test/23/page/ping?x=1"),
    ],
    ids=["link", "page itself", "base", "header"],
)
def test_a_webmention_endpoint_is_relative_to_the_page_that_a_redirect_leads_to(
    page: Answer | str, endpoint: str
) -> None:
    """Discovery case 23 of webmention.rocks."""
    with Site({"/test/23/page": redirect("page/token"), "/test/23/page/token": page}) as site:
        assert found(site, "/test/23/page") == [endpoint]


def test_a_trackback_description_may_name_the_url_that_was_linked_to_or_the_one_that_answered() -> (
    None
):
    rdf = '<!-- <rdf:RDF><rdf:Description dc:identifier="{}" trackback:ping="/tb/7"/></rdf:RDF> -->'
    with Site({"/?p=7": redirect("/rye/", 301)}) as site:
        for named, endpoints in {"/?p=7": ["/tb/7"], "/rye": ["/tb/7"], "/?p=8": []}.items():
            site.pages["/rye/"] = rdf.format(site.url + named)
            offered = sender().discover(f"{site.url}/?p=7#comments")
            urls = [e.url.removeprefix(site.url) for e in offered] if type(offered) is list else []
            assert urls == endpoints, named


def test_a_target_offers_its_endpoints_in_the_order_that_the_author_prefers() -> None:
    body = '<link rel="webmention" href="/wm"><a rel="trackback" href="/tb">x</a>'
    with Site({"/": Answer(body, headers=[("X-Pingback", "/xmlrpc")])}) as site:
        assert found(site, "/") == ["/wm", "/xmlrpc", "/tb"]
        offered = sender("trackback", "webmention").discover(site.url)

    assert isinstance(offered, list)
    assert [endpoint.protocol for endpoint in offered] == ["trackback", "webmention"]


def test_what_a_redirect_itself_offers_does_not_count() -> None:
    moved = Answer(LINK, 301, [("Location", "/new"), ("X-Pingback", "/old-ping")])
    with Site({"/old": moved, "/new": "<p>Bread.</p>"}) as site:
        assert sender().discover(f"{site.url}/old") == Reply(
            Outcome.NONE, "no endpoint: looked in the headers and 0.0 kB of page"
        )


def test_a_target_without_an_endpoint_says_how_much_of_it_was_read() -> None:
    with Site({"/": "x" * 2345}) as site:
        assert sender().discover(f"{site.url}/") == Reply(
            Outcome.NONE, "no endpoint: looked in the headers and 2.3 kB of page"
        )


@pytest.mark.parametrize(
    "protocols", [("trackback",), ("webmention",), ("webmention", "trackback")]
)
def test_a_protocol_that_the_author_does_not_use_is_not_looked_for(
    protocols: tuple[str, ...],
) -> None:
    with Site({"/": HEADER}) as site:
        reply = sender(*protocols).discover(f"{site.url}/")

    assert isinstance(reply, Reply)
    assert reply.outcome is Outcome.NONE


STATUSES: dict[str, tuple[int, dict[str, str], Reply]] = {
    "several to choose from": (300, {}, Reply(Outcome.FAILED, "300")),
    "no redirect at all": (302, {}, Reply(Outcome.FAILED, "302")),
    "unauthorized": (401, {}, Reply(Outcome.FAILED, "401")),
    "forbidden": (403, {}, Reply(Outcome.FAILED, "403")),
    "not found": (404, {}, Reply(Outcome.REFUSED, "404")),
    "not found, come again": (404, {"Retry-After": "9"}, Reply(Outcome.REFUSED, "404")),
    "gone": (410, {}, Reply(Outcome.REFUSED, "410")),
    "too many": (429, {}, Reply(Outcome.FAILED, "429", pause=0)),
    "too many, for so long": (429, {"Retry-After": "9"}, Reply(Outcome.FAILED, "429", pause=9)),
    "error": (500, {"Retry-After": "9"}, Reply(Outcome.FAILED, "500")),
    "unavailable": (503, {}, Reply(Outcome.FAILED, "503")),
    "unavailable so long": (503, {"Retry-After": "9"}, Reply(Outcome.FAILED, "503", pause=9)),
}


@pytest.mark.parametrize(("status", "headers", "reply"), STATUSES.values(), ids=STATUSES)
def test_a_page_that_is_not_there_offers_nothing_whatever_it_says(
    status: int, headers: dict[str, str], reply: Reply
) -> None:
    page = Answer(LINK, status, [*headers.items(), ("X-Pingback", "/ping")])
    with Site({"/": page}) as site:
        assert sender().discover(f"{site.url}/") == Reply(
            reply.outcome, f"the linked page answered HTTP {reply.answer}", reply.pause
        )
        assert len(site.requests) == 1


@pytest.mark.parametrize("status", [200, 201, 203])
def test_every_success_is_a_page(status: int) -> None:
    with Site({"/": Answer(LINK, status)}) as site:
        assert found(site, "/") == ["/ping"]


def test_a_target_that_hangs_up_may_answer_later() -> None:
    with RawServer(answering(b"")) as server:
        reply = sender().discover(server.url)

    assert isinstance(reply, Reply)
    assert reply.outcome is Outcome.FAILED
    assert "127.0.0.1" in reply.answer


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "https://me:word@blog.example/"])
def test_a_target_that_must_not_be_asked_is_skipped_and_says_why(target: str) -> None:
    reply = sender().discover(target)

    assert isinstance(reply, Reply)
    assert reply.outcome is Outcome.SKIPPED
    assert reply.answer


# Notices.


def test_a_pingback_is_posted_to_its_endpoint() -> None:
    with Site({"/xmlrpc.php": ACCEPTED}) as site:
        endpoint = Endpoint(f"{site.url}/xmlrpc.php?x=1", "pingback", "")
        reply = sender().send(endpoint, mention("https://blog.example/post"))

        assert reply == Reply(Outcome.SENT, "Thanks")
        [request] = site.requests
    assert (request.method, request.path) == ("POST", "/xmlrpc.php?x=1")
    assert request.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert loads(request.body) == (
        ("https://us.example/rye.html", "https://blog.example/post"),
        "pingback.ping",
    )


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_webmention_is_posted_to_its_endpoint_and_any_2xx_accepts_it(status: int) -> None:
    answer = Answer("", status, [("Location", "/queue/7")] if status == 201 else [])
    with Site({"/wm": answer}) as site:
        endpoint = Endpoint(f"{site.url}/wm?to=me&x=", "webmention", "")
        reply = sender().send(endpoint, mention("https://blog.example/?a=1&b=ü"))

        status_url = f"{site.url}/queue/7" if status == 201 else None
        assert reply == Reply(Outcome.SENT, f"accepted (HTTP {status})", status_url=status_url)
        [request] = site.requests
    assert (request.method, request.path) == ("POST", "/wm?to=me&x=")
    assert request.headers.get_content_type() == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode("ascii")) == {
        "source": ["https://us.example/rye.html"],
        "target": ["https://blog.example/?a=1&b=ü"],
    }


def test_a_trackback_is_posted_to_its_url() -> None:
    told = Excerpt("Über Brot & Käse", "Süß & salzig", "Brot & Bücher")
    with Site({"/tb/1": "<response><error>0</error></response>"}) as site:
        reply = sender().send(Endpoint(f"{site.url}/tb/1", "trackback", ""), mention(excerpt=told))

        assert reply.outcome is Outcome.SENT
        [request] = site.requests
    assert (request.method, request.path) == ("POST", "/tb/1")
    assert request.headers.get_content_type() == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode("ascii")) == {
        "title": ["Über Brot & Käse"],
        "url": ["https://us.example/rye.html"],
        "blog_name": ["Brot & Bücher"],
        "excerpt": ["Süß & salzig"],
        "charset": ["utf-8"],
    }


@pytest.mark.parametrize(
    ("status", "unsupported"),
    {
        **dict.fromkeys((404, 405, 410, 501), True),
        **dict.fromkeys((200, 302, 400, 401, 403, 429, 500, 502, 503), False),
    }.items(),
)
@pytest.mark.parametrize("protocol", PROTOCOL_NAMES)
def test_only_an_endpoint_that_is_not_there_leaves_the_word_to_the_next_protocol(
    protocol: str, status: int, *, unsupported: bool
) -> None:
    with Site({"/ping": Answer("Sorry", status)}) as site:
        reply = sender().send(Endpoint(f"{site.url}/ping", protocol, ""), mention())

        assert len(site.requests) == 1
    assert reply.unsupported is unsupported
    outcome = Outcome.REFUSED if status in {404, 410} else Outcome.FAILED
    # Only a webmention is answered by the status alone.
    by_status = {200: Outcome.SENT, 400: Outcome.REFUSED} if protocol == "webmention" else {}
    assert reply.outcome is by_status.get(status, outcome)


def test_a_refusal_does_not_leave_the_word_to_the_next_protocol() -> None:
    fault = ACCEPTED.replace("Thanks", "33")
    with Site({"/ping": fault, "/tb": "<response><error>1</error></response>"}) as site:
        pingback = sender().send(Endpoint(f"{site.url}/ping", "pingback", ""), mention())
        trackback = sender().send(Endpoint(f"{site.url}/tb", "trackback", ""), mention())

    assert (pingback.outcome, pingback.unsupported) == (Outcome.REFUSED, False)
    assert (trackback.outcome, trackback.unsupported) == (Outcome.REFUSED, False)


def test_an_endpoint_that_hangs_up_may_answer_later() -> None:
    with RawServer(answering(b"")) as server:
        reply = sender().send(Endpoint(server.url, "pingback", ""), mention())

    assert (reply.outcome, reply.unsupported) == (Outcome.FAILED, False)


def test_an_endpoint_that_must_not_be_asked_is_skipped() -> None:
    reply = sender().send(Endpoint("http://10.0.0.1/ping", "pingback", ""), mention())

    assert (reply.outcome, reply.unsupported) == (Outcome.SKIPPED, False)
