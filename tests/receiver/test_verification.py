"""Verification: what the answer of a source means, over real connections."""

from __future__ import annotations

import pytest

from pelican_linkbacks.client import Client
from pelican_linkbacks.errors import TooOften
from pelican_linkbacks.receiver.entry import Finding, Texts
from tests.receiver.looking import LINK, TARGET, look, look_at, typed
from tests.samples import config
from tests.servers import Answer, RawServer, Site, answering, dripping, redirect

# Its status.


@pytest.mark.parametrize("status", [200, 201, 203, 206])
def test_a_page_that_is_there_links(status: int) -> None:
    found = look(Answer(LINK, status))

    assert found.finding is Finding.LINKS
    assert found.texts is not None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 451])
def test_a_page_that_nobody_may_read_is_not_found(status: int) -> None:
    found = look(Answer(LINK, status))

    assert (found.finding, found.texts, found.pause) == (Finding.NOT_FOUND, None, None)
    assert found.how == f"It answers HTTP {status}."


def test_a_deleted_page_is_gone() -> None:
    assert look(Answer(LINK, 410)).finding is Finding.GONE


@pytest.mark.parametrize("status", [300, 304, 408, 421, 423, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_pass_says_nothing_of_the_source(status: int) -> None:
    found = look(Answer("" if status == 304 else LINK, status))

    assert (found.finding, found.texts, found.pause) == (Finding.UNREACHABLE, None, None)


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_a_server_asks_for_is_told(status: int) -> None:
    found = look(Answer("", status, [("Retry-After", "120")]))

    assert (found.finding, found.pause) == (Finding.UNREACHABLE, 120)


# Its connection.


def test_a_server_that_hangs_is_unreachable() -> None:
    with RawServer(dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")) as server:
        found = look_at(server.url, client=Client(config(request_timeout=0.3)))

    assert found.finding is Finding.UNREACHABLE
    assert found.how.startswith("It can't be reached: ")


BROKEN = {
    "nothing": b"",
    "another protocol": b"SSH-2.0-OpenSSH\r\n",
    "half a page": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + LINK.encode(),
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + LINK.encode(),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_page_that_does_not_arrive_whole_says_nothing_of_the_source(answer: bytes) -> None:
    with RawServer(answering(answer)) as server:
        assert look_at(server.url).finding is Finding.UNREACHABLE


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with Site() as site:
        url = site.url
    assert look_at(url).finding is Finding.UNREACHABLE


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/"])
def test_a_private_address_is_forbidden(url: str) -> None:
    found = look_at(url)

    assert (found.finding, found.url) == (Finding.FORBIDDEN, "")
    assert found.how.startswith("It must not be asked: ")


def test_a_server_that_was_asked_too_often_is_nobody_s_fault() -> None:
    with Site({"/": LINK}) as site, pytest.raises(TooOften):
        look_at(site.url + "/", client=Client(config(), visit=lambda _: 20))


# Redirects.


def test_a_source_may_lead_to_another_page() -> None:
    with Site({"/new": LINK}) as other, Site({"/old": redirect(other.url + "/new")}) as site:
        found = look_at(site.url + "/old")

        assert (found.finding, found.url) == (Finding.LINKS, other.url + "/new")
        assert found.texts is not None
        assert found.texts.url == other.url + "/new"


@pytest.mark.parametrize("location", ["http://10.0.0.1/", "http://[::1]:22/", "ftp://b.example/"])
def test_a_source_must_not_lead_to_a_private_address(location: str) -> None:
    assert look(redirect(location)).finding is Finding.FORBIDDEN


def test_a_source_that_leads_in_circles_is_unreachable() -> None:
    assert look(redirect("/post/")).finding is Finding.UNREACHABLE


def test_a_source_that_leads_to_the_page_itself_proves_nothing() -> None:
    """Our pages link to themselves."""
    with Site({"/rye.html": LINK}) as ours, Site({"/": redirect(ours.url + "/rye.html")}) as site:
        own = look_at(site.url + "/", is_own=lambda url: url.startswith(ours.url))
        foreign = look_at(site.url + "/", is_own=lambda url: url.startswith(site.url))

    assert own.finding is Finding.NO_LINK
    assert own.how == "It leads to our own site, which proves nothing."
    assert foreign.finding is Finding.LINKS


# What it holds.


def test_a_page_without_a_link_says_how_much_was_read() -> None:
    found = look("<p>" + "x" * 1200)

    assert (found.finding, found.texts) == (Finding.NO_LINK, None)
    assert found.how == "Its page of 1.2 kB holds no link to https://us.example/rye.html."


def test_an_empty_page_says_so() -> None:
    assert look("").how == "Its page is empty."
    assert look(Answer(status=204)).how == "Its page is empty."


def test_an_image_is_not_even_fetched() -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: image/\x1b[31mpng\r\nContent-Length: 100000000\r\n\r\n"
    )
    with RawServer(answering(answer + b"x" * 1000)) as server:
        found = look_at(server.url)

    assert found.finding is Finding.NO_LINK
    assert found.how == "It is of the type image/[31mpng, in which no link is looked for."


def test_an_error_s_page_is_not_even_fetched() -> None:
    answer = (
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 100000000\r\n\r\n"
    )
    with RawServer(answering(answer)) as server:
        assert look_at(server.url).finding is Finding.NOT_FOUND


def test_caches_are_asked_for_the_page_as_it_is_now() -> None:
    with Site({"/": LINK}) as site:
        look_at(site.url + "/")

        assert [request.method for request in site.requests] == ["GET"]
        assert site.requests[0].headers["Cache-Control"] == "no-cache"
        assert site.requests[0].headers["Accept"].startswith("text/html")


def test_a_long_type_is_cut() -> None:
    assert len(look(typed("image/" + "x" * 5000, LINK)).how) < 120


# What a source told of itself.

PAGE = f'<title>Bread</title><meta name="author" content="Jane"><p>I like {LINK}.</p>'


def test_without_an_offer_the_page_speaks() -> None:
    found = look(PAGE).texts

    assert found is not None
    assert (found.title, found.author, found.excerpt) == ("Bread", "Jane", "I like rye.")


def test_what_a_source_told_comes_before_its_page() -> None:
    found = look(PAGE, offered=Texts(title="On\u202e bread", author="Jane's blog")).texts

    assert found is not None
    assert (found.title, found.author, found.excerpt) == ("On bread", "Jane's blog", "I like rye.")


def test_what_a_source_told_is_cut() -> None:
    long = "long " * 200
    found = look(PAGE, offered=Texts(title=long, author=long, excerpt=long)).texts

    assert found is not None
    assert [len(text) for text in (found.title, found.author, found.excerpt)] == [250, 100, 250]


def test_an_offer_is_no_proof() -> None:
    found = look("<p>x</p>", offered=Texts(title="On bread", excerpt=TARGET.url))

    assert (found.finding, found.texts) == (Finding.NO_LINK, None)
