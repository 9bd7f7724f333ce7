"""What the client leaves alone, what it stands, and what it brings home; over real sockets."""

from __future__ import annotations

import contextlib
import gzip
import select
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import trustme

from pelican_linkbacks.addresses import Address, AddressInfo, Lookup, Visit, look_up
from pelican_linkbacks.client import MAX_BODY, MAX_REDIRECTS, Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.deadline import Deadline, Watchdog
from pelican_linkbacks.errors import Forbidden, TooOften, Unreachable
from pelican_linkbacks.mention import Request
from pelican_linkbacks.page import Page
from tests.servers import (
    Answer,
    RawServer,
    Received,
    Site,
    Talk,
    answering,
    dripping,
    read_request,
    redirect,
)

LOOPBACK = (ip_network("127.0.0.0/8"),)
NOTICE = Request(b"source=a&target=b", "application/x-www-form-urlencoded")


def client(lookup: Lookup = look_up, **settings: Any) -> Client:
    """A client that may speak to loopback, unless the settings say otherwise."""
    here = Path()
    defaults: dict[str, Any] = {"allow_networks": LOOPBACK, "request_timeout": 10.0}
    config = Config(
        siteurl="https://me.example",
        content=here,
        output=here,
        cache=here,
        **defaults | settings,
    )
    return Client(config, lookup)


def to_loopback(host: str, port: int) -> Sequence[AddressInfo]:
    """A resolver that knows every name, and leads it to loopback."""
    return look_up("127.0.0.1", port)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


# What must be left alone.

LOOPBACK_SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0X7F000001",
    "127.0.0.1.",
    "localhost",
    "LOCALHOST.",
    "blog.localhost",
]


@pytest.mark.parametrize("host", [*LOOPBACK_SPELLINGS, "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"])
def test_a_private_address_is_refused_before_any_connection(host: str) -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        with pytest.raises(Forbidden, match=r"is a private address$"):
            client(allow_networks=()).get(f"http://{host}:{server.port}/")
        with pytest.raises(Forbidden, match=r"is a private address$"):
            client(allow_networks=()).post(f"http://{host}:{server.port}/", NOTICE)
        assert server.connections == 0


@pytest.mark.parametrize(
    "host",
    ["\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "\u246027.0.0.1", "%31%32%37.0.0.1"],
)
def test_a_private_address_in_disguise_is_not_connected_to(host: str) -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        with pytest.raises((Forbidden, Unreachable)):
            client(allow_networks=()).get(f"http://{host}:{server.port}/")
        assert server.connections == 0


@pytest.mark.parametrize("host", LOOPBACK_SPELLINGS)
def test_the_same_address_answers_if_its_network_is_allowed(host: str) -> None:
    with Site({"/": "hello"}) as site:
        assert client(to_loopback).get(f"http://{host}:{site.port}/").body == b"hello"


def test_a_name_that_leads_to_a_private_address_is_refused_before_any_connection() -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        with pytest.raises(Forbidden, match=r"^blog\.example leads to a private address$"):
            client(to_loopback, allow_networks=()).get(f"http://blog.example:{server.port}/")
        assert server.connections == 0


def test_of_a_name_with_several_addresses_the_private_ones_are_left_alone() -> None:
    def lookup(host: str, port: int) -> Sequence[AddressInfo]:
        return [*look_up("127.0.0.1", port), *look_up("127.0.0.2", port)]

    with (
        Site({"/": "allowed"}, host="127.0.0.2") as site,
        RawServer(answering(b""), port=site.port) as private,
    ):
        only = client(lookup, allow_networks=(ip_network("127.0.0.2/32"),))
        assert only.get(f"http://blog.example:{site.port}/").body == b"allowed"
        assert private.connections == 0


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to() -> None:
    answers = iter(["127.0.0.2", "127.0.0.1", "127.0.0.1"])

    def rebinding(host: str, port: int) -> Sequence[AddressInfo]:
        return look_up(next(answers), port)

    with (
        Site({"/": "checked"}, host="127.0.0.2") as site,
        RawServer(answering(b""), port=site.port) as private,
    ):
        url = f"http://blog.example:{site.port}/"
        only = client(rebinding, allow_networks=(ip_network("127.0.0.2/32"),))
        assert only.get(url).body == b"checked"
        with pytest.raises(Forbidden):
            only.get(url)
        assert private.connections == 0


def test_an_own_host_may_have_any_address() -> None:
    with Site({"/": "home"}) as site:
        guarded = client(allow_networks=())
        assert guarded.get(site.url + "/", own=True).body == b"home"
        with pytest.raises(Forbidden):
            guarded.get(site.url + "/")


def test_a_notice_to_an_own_host_may_have_any_address() -> None:
    with Site({"/": "thanks"}) as site:
        guarded = client(allow_networks=())
        assert guarded.post(site.url + "/", NOTICE, own=True).body == b"thanks"
        with pytest.raises(Forbidden):
            guarded.post(site.url + "/", NOTICE)


def counting(most: int) -> Visit:
    """Who lets an address be asked so often, and then asks for a pause of 7 seconds."""
    visited: Counter[Address] = Counter()

    def visit(address: Address) -> float:
        visited[address] += 1
        return 7 if visited[address] > most else 0

    return visit


def test_nobody_counts_the_requests_to_an_own_host_or_a_proxy() -> None:
    with Site({"/": "hello"}) as site:
        for asked in (counted(counting(0)), counted(counting(0), proxy=site.url)):
            assert asked.get(site.url + "/", own=True).body in {b"hello", b"not found"}
        assert counted(counting(0), proxy=site.url).get("http://blog.example/").status == 404


@pytest.mark.parametrize(
    "hosts",
    [
        ["127.0.0.1", "127.1", "2130706433"],
        ["a.example", "b.example", "c.example"],
        ["127.0.0.1", "localhost", "a.example"],
    ],
)
def test_an_address_that_was_visited_often_enough_is_left_alone_by_all_its_names(
    hosts: list[str],
) -> None:
    with Site({"/": "hello"}) as site:
        asked = counted(counting(2))
        first, second, third = (f"http://{host}:{site.port}/" for host in hosts)
        assert asked.get(first).body == asked.get(second).body == b"hello"
        with pytest.raises(TooOften, match="often enough") as caught:
            asked.get(third)
        assert caught.value.seconds == 7
        assert site.connections == 2


def test_a_redirect_to_an_address_that_was_visited_often_enough_is_not_followed() -> None:
    with Site() as site, Site({"/": "hello"}, host="127.0.0.2") as victim:
        site.pages["/"] = redirect(victim.url)
        asked = counted(counting(1))
        assert asked.get(victim.url).body == b"hello"
        with pytest.raises(TooOften):
            asked.get(site.url)
        assert victim.connections == 1


def counted(visit: Visit, **settings: Any) -> Client:
    """A client whose visits are counted, for whom every name leads to loopback."""
    here = Path()
    config = Config(
        siteurl="https://me.example",
        content=here,
        output=here,
        cache=here,
        **{"allow_networks": LOOPBACK} | settings,
    )
    return Client(config, to_loopback, visit)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "localhost", "blog.example"])
def test_a_redirect_to_a_private_address_is_refused_even_from_an_own_host(host: str) -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as private:
        there = f"http://{host}:{private.port}/"
        with Site({"/": redirect(there)}) as site:
            guarded = client(to_loopback, allow_networks=())
            with pytest.raises(Forbidden, match="private address"):
                guarded.get(site.url + "/", own=True)
            assert len(site.requests) == 1
        assert private.connections == 0


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://blog.example/", "ftp://blog.example/ is not an http or https URL"),
        ("file:///etc/passwd", "file:///etc/passwd is not an http or https URL"),
        ("mailto:me@blog.example", "mailto:me@blog.example is not an http or https URL"),
        ("httpx://blog.example/", "httpx://blog.example/ is not an http or https URL"),
        ("http://me:secret@blog.example/", "the URL of blog.example holds a user name or password"),
        ("https://me@blog.example/", "the URL of blog.example holds a user name or password"),
        ("blog.example", "blog.example is not a usable URL"),
        ("//blog.example/", "//blog.example/ is not a usable URL"),
        ("", " is not a usable URL"),
        ("http://", "http:// is not a usable URL"),
        ("http:///path", "http:///path is not a usable URL"),
        ("http://:80/", "http://:80/ is not a usable URL"),
        ("http://blog.example:99999/", "http://blog.example:99999/ is not a usable URL"),
        ("http://blog.example:port/", "http://blog.example:port/ is not a usable URL"),
        ("http://[::1/", "http://[::1/ is not a usable URL"),
        ("http://[zz]/", "http://[zz]/ is not a usable URL"),
        ("http://*.example/", "http://*.example/ is not a usable URL"),
        ("http://\x1b[31m.example/", r"http://\x1b[31m.example/ is not a usable URL"),
        ("http://a\x07b.example/", r"http://a\x07b.example/ is not a usable URL"),
        ("http://ü\u202e.example/", r"http://ü\u202e.example/ is not a usable URL"),
    ],
)
def test_a_url_that_must_not_be_asked_is_refused_in_a_plain_sentence(
    url: str, problem: str
) -> None:
    with pytest.raises(Forbidden) as error:
        client().get(url)
    assert str(error.value) == problem


@pytest.mark.parametrize("path", ["a" * 70_000, "é" * 70_000])
def test_a_message_about_an_endless_url_is_short(path: str) -> None:
    with pytest.raises(Forbidden) as error:
        client(allow_networks=()).get(f"http://127.0.0.1/{path}")
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("name", ["a" * 70_000, "é" * 70_000, "a." * 35_000])
def test_an_endless_name_is_refused_at_once(name: str) -> None:
    with within(3), pytest.raises(Forbidden, match="is not a usable URL"):
        client().get(f"http://{name}/")


@pytest.mark.parametrize(
    "there", ["ftp://blog.example/", "http://a:b@blog.example/", "http://[::1/", "http://a\x07/"]
)
def test_a_redirect_to_a_url_that_must_not_be_asked_is_refused(there: str) -> None:
    with Site({"/": redirect(there)}) as site, pytest.raises(Forbidden):
        client().get(site.url + "/")


# What it must stand.


def endless(sock: socket.socket, closing: threading.Event) -> None:
    read_request(sock)
    sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not closing.is_set():
        sock.sendall(b"x" * 65536)


def hang(sock: socket.socket, closing: threading.Event) -> None:
    closing.wait(20)


SLOW: dict[str, Talk] = {
    "no answer": hang,
    "a status line that drips": dripping(b"HTTP/1.1 200 ", b"O"),
    "a header that drips": dripping(b"HTTP/1.1 200 OK\r\nA: ", b"a"),
    "headers that drip": dripping(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n", pause=0.1),
    "endless 100 Continue": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a fast endless 100 Continue": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0),
    "a body that drips": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"a"),
    "a body with a length that drips": dripping(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"a"
    ),
    "chunks that drip": dripping(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"
    ),
    "a chunk extension that drips": dripping(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a"
    ),
    "trailers that drip": dripping(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"
    ),
    "a gzipped body of nothing that drips": dripping(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"")
    ),
}


@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW.keys())
def test_a_slow_answer_ends_at_the_deadline(talk: Talk) -> None:
    with RawServer(talk) as server, within(3):
        with pytest.raises(Unreachable, match=r"^127\.0\.0\.1 did not answer within 0\.5 s$"):
            client(request_timeout=0.5).get(server.url)
        assert server.connections == 1


def test_a_slow_answer_to_a_notice_ends_at_the_deadline() -> None:
    with (
        RawServer(SLOW["a header that drips"]) as server,
        within(3),
        pytest.raises(Unreachable, match=r"did not answer within 0\.5 s$"),
    ):
        client(request_timeout=0.5).post(server.url, NOTICE)


def test_a_slow_tls_handshake_ends_at_the_deadline() -> None:
    def talk(sock: socket.socket, closing: threading.Event) -> None:
        sock.recv(65536)
        # A handshake record of 16,384 bytes, of which one comes now and then.
        sock.sendall(b"\x16\x03\x03\x40\x00")
        while not closing.wait(0.02):
            sock.sendall(b"\x02")

    with (
        RawServer(talk) as server,
        within(3),
        pytest.raises(Unreachable, match=r"did not answer within 0\.5 s$"),
    ):
        client(request_timeout=0.5).get(f"https://127.0.0.1:{server.port}/")


def test_a_slow_tls_answer_ends_at_the_deadline(authority: Authority) -> None:
    def talk(sock: socket.socket, closing: threading.Event) -> None:
        with authority.server("localhost").wrap_socket(sock, server_side=True) as tls:
            SLOW["a header that drips"](tls, closing)

    with (
        RawServer(talk) as server,
        within(3),
        pytest.raises(Unreachable, match=r"did not answer within 0\.5 s$"),
    ):
        client(request_timeout=0.5, cert_verify=authority.bundle).get(
            f"https://localhost:{server.port}/"
        )


def test_redirects_share_one_deadline() -> None:
    closing = threading.Event()

    def page(received: Received) -> Answer:
        closing.wait(0.2)
        return redirect("/")

    with (
        Site({"/": page}) as site,
        within(3),
        pytest.raises(Unreachable, match=r"did not answer within 0\.5 s$"),
    ):
        client(request_timeout=0.5).get(site.url + "/")


def test_a_resolver_that_hangs_ends_at_the_deadline() -> None:
    hanging = threading.Event()

    def lookup(host: str, port: int) -> Sequence[AddressInfo]:
        hanging.wait(20)
        return []

    with within(3), pytest.raises(Unreachable, match=r"^the name blog\.example was not looked up"):
        client(lookup, request_timeout=0.5).get("http://blog.example/")
    hanging.set()


@contextlib.contextmanager
def unresponsive() -> Iterator[int]:
    """The port of a server on 127.0.0.2 whose queue is full: connecting to it hangs."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.2", 0), backlog=0))
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0.1)
            try:
                waiting.connect(listener.getsockname())
            except TimeoutError:
                yield listener.getsockname()[1]
                return
        pytest.skip("this system accepts any number of waiting connections")


def test_a_connection_that_hangs_ends_at_the_deadline() -> None:
    with (
        unresponsive() as port,
        within(3),
        pytest.raises(Unreachable, match=r"^127\.0\.0\.2 did not answer within 0\.5 s$"),
    ):
        client(request_timeout=0.5).get(f"http://127.0.0.2:{port}/")


def test_an_address_that_hangs_leaves_time_for_the_next_one() -> None:
    with unresponsive() as port:

        def lookup(host: str, port: int) -> Sequence[AddressInfo]:
            return [*look_up("127.0.0.2", port), *look_up("127.0.0.1", port)]

        with RawServer(answering(b"HTTP/1.1 204 Fine\r\n\r\n"), port=port):
            page = client(lookup, request_timeout=1.0).get(f"http://blog.example:{port}/")
        assert page.status == 204


def test_a_request_that_is_over_is_not_cut_at_its_old_deadline() -> None:
    asked = threading.Event()

    def talk(sock: socket.socket, closing: threading.Event) -> None:
        read_request(sock)
        # By then the first request's deadline has passed.
        if asked.is_set():
            closing.wait(0.6)
        asked.set()
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with RawServer(talk) as server:
        shared = client(request_timeout=0.9)
        assert shared.get(server.url).body == b"ok"
        assert shared.get(server.url).body == b"ok"


def test_the_watchdog_wakes_for_a_deadline_after_another_has_passed() -> None:
    with RawServer(SLOW["a header that drips"]) as server:
        shared = client(request_timeout=0.2)
        for _ in range(2):
            with within(3), pytest.raises(Unreachable, match="did not answer"):
                shared.get(server.url)


def test_the_watchdog_keeps_a_deadline_that_is_earlier_than_the_one_it_waits_for() -> None:
    watchdog = Watchdog()
    with contextlib.ExitStack() as stack:

        def shut_down_after(seconds: float) -> socket.socket:
            near, far = socket.socketpair()
            stack.enter_context(near)
            stack.callback(watchdog.release, watchdog.watch(near, Deadline(seconds)))
            far.settimeout(5)
            return stack.enter_context(far)

        shut_down_after(60)
        # Once the first of these is shut down, the watchdog waits for the 60 seconds to pass.
        assert shut_down_after(0.1).recv(1) == b""
        assert shut_down_after(0.1).recv(1) == b""


@pytest.mark.parametrize("length", [b"Content-Length: 0\r\n", b""])
def test_a_request_that_is_over_leaves_no_connection_open(length: bytes) -> None:
    gone = threading.Event()

    def talk(sock: socket.socket, closing: threading.Event) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 204 Fine\r\n" + length + b"\r\n")
        sock.settimeout(5)
        if sock.recv(1) == b"":
            gone.set()

    with RawServer(talk) as server:
        shared = client()
        assert shared.get(server.url).status == 204
        assert gone.wait(3)


GARBAGE = {
    "nothing": b"",
    "not HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "binary": bytes(range(256)) * 8,
    "HTTP/0.9": b"<html>hello</html>",
    "a status that is no number": b"HTTP/1.1 OK\r\n\r\n",
    "a status out of range": b"HTTP/1.1 99 Low\r\n\r\n",
    "a version from the future": b"HTTP/9.9 200 OK\r\n\r\n",
    "an answer that is not final": b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
    "a status line without an end": b"HTTP/1.1 200 " + b"O" * 70_000,
    "a header without an end": b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70_000,
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
    "a body shorter than its length": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
    "a chunk size that is no number": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n"
    ),
    "chunks that stop": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "a chunk that stops": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
    "gzip that is none": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"
    ),
    "an encoding we did not ask for": b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nhello",
    "gzip in gzip": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\n"
        + gzip.compress(gzip.compress(b"hello"))
    ),
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_no_answer(data: bytes) -> None:
    with RawServer(answering(data)) as server, pytest.raises(Unreachable) as error:
        client().get(server.url)
    assert str(error.value).isprintable()
    assert "127.0.0.1" in str(error.value)


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match=r"^127\.0\.0\.1 does not accept connections$"):
        client().get(f"http://127.0.0.1:{port}/")


def test_an_unknown_name_is_unreachable() -> None:
    def lookup(host: str, port: int) -> Sequence[AddressInfo]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(Unreachable, match=r"^the name blog\.example is not known$"):
        client(lookup).get("http://blog.example/")


def test_control_characters_in_headers_do_no_harm() -> None:
    data = b"HTTP/1.1 200 \x1b[31mOK\r\nA: \x1b[31m\x00\x9b\r\nB: b\r\nContent-Length: 2\r\n\r\nok"
    with RawServer(answering(data)) as server:
        page = client().get(server.url)
    assert page.header("B") == ["b"]
    assert page.body == b"ok"


def test_a_body_of_50_megabytes_is_cut() -> None:
    sent = []

    def talk(sock: socket.socket, closing: threading.Event) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n")
        for _ in range(800):
            sock.sendall(b"x" * 65536)
            sent.append(65536)

    with RawServer(talk) as server:
        assert client().get(server.url).body == b"x" * MAX_BODY
    assert sum(sent) < 52_428_800


def test_a_body_without_end_is_cut() -> None:
    with RawServer(endless) as server, within(5):
        assert client().get(server.url).body == b"x" * MAX_BODY


def bomb(coding: str) -> bytes:
    compressor = zlib.compressobj(wbits=31 if coding == "gzip" else 15)
    zeros = b"\0" * MAX_BODY
    return b"".join(compressor.compress(zeros) for _ in range(100)) + compressor.flush()


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_bomb_is_not_inflated_past_the_limit(coding: str, chunked: bool) -> None:
    content = bomb(coding)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n".encode()
    if chunked:
        head += b"Transfer-Encoding: chunked\r\n"
        content = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
    with RawServer(answering(head + b"\r\n" + content)) as server:
        fetching = client()
        tracemalloc.start()
        page = fetching.get(server.url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert page.body == b"\0" * MAX_BODY
    assert peak < 8 * MAX_BODY


# What it must bring home.


@pytest.mark.parametrize("status", [200, 201, 204, 304, 400, 404, 410, 429, 500, 503])
def test_any_final_answer_is_a_page(status: int) -> None:
    answer = Answer("" if status in {204, 304} else "hello", status, [("Retry-After", "5")])
    with Site({"/": answer}) as site:
        page = client().get(site.url + "/")
    assert (page.url, page.status) == (site.url + "/", status)
    assert page.body.decode() == answer.body
    assert page.header("retry-after") == ["5"]
    assert len(site.requests) == 1


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "deflate", "none", ""])
def test_a_body_is_decoded(coding: str) -> None:
    encoded = {"deflate": zlib.compress(b"hello"), "none": b"hello", "": b"hello"}
    content = encoded.get(coding, gzip.compress(b"hello"))
    with Site({"/": Answer(content, headers=[("Content-Encoding", coding)])}) as site:
        assert client().get(site.url + "/").body == b"hello"


def test_a_request_names_its_sender_and_what_it_takes() -> None:
    with Site() as site:
        client(useragent="Blog ☕ me").get(site.url + "/")
    headers = site.requests[0].headers
    assert headers["User-Agent"].encode("latin-1").decode() == "Blog ☕ me"
    assert headers["Accept"].startswith("text/html,")
    assert headers["Accept-Encoding"] == "gzip, deflate"
    assert headers["Host"] == f"127.0.0.1:{site.port}"
    assert headers["Cache-Control"] is None
    assert headers["Cookie"] is None


@pytest.mark.parametrize("useragent", [" padded ", "a\r\nX-Injected: b"])
def test_an_odd_user_agent_does_no_harm(useragent: str) -> None:
    with Site() as site:
        client(useragent=useragent).get(site.url + "/")
    assert site.requests[0].headers["X-Injected"] is None


def test_a_fresh_copy_is_asked_for() -> None:
    with Site() as site:
        client().get(site.url + "/", fresh=True)
    assert site.requests[0].headers["Cache-Control"] == "no-cache"


def test_a_fragment_is_not_sent() -> None:
    with Site({"/a": redirect("/b#there"), "/b": "b"}) as site:
        page = client().get(site.url + "/a?x=1#here")
    assert page.url == site.url + "/b"
    assert [received.path for received in site.requests] == ["/a?x=1", "/b"]


def test_a_notice_is_posted() -> None:
    with Site({"/": Answer("thanks", 202)}) as site:
        page = client().post(site.url + "/", NOTICE)
    (received,) = site.requests
    assert (page.status, page.body) == (202, b"thanks")
    assert (received.method, received.body) == ("POST", NOTICE.body)
    assert received.headers["Content-Type"] == NOTICE.content_type


def test_an_empty_notice_is_posted() -> None:
    with Site() as site:
        client().post(site.url + "/", Request(b"", "text/plain"))
    assert (site.requests[0].method, site.requests[0].body) == ("POST", b"")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(status: int) -> None:
    with Site({"/a/": redirect("../b?x=1", status), "/b": "there"}) as site:
        page = client().get(site.url + "/a/")
    assert (page.url, page.status, page.body) == (site.url + "/b?x=1", 200, b"there")


def test_a_redirect_to_another_host_is_followed() -> None:
    with (
        Site({"/": "there"}, host="127.0.0.2") as other,
        Site({"/": redirect(other.url + "/")}) as site,
    ):
        assert client().get(site.url + "/").url == other.url + "/"
    assert other.requests[0].headers["Host"] == f"127.0.0.2:{other.port}"


@pytest.mark.parametrize("answer", [Answer("here", 302), redirect(""), Answer("here", 300)])
def test_a_redirect_without_a_target_is_an_answer(answer: Answer) -> None:
    with Site({"/": answer}) as site:
        page = client().get(site.url + "/")
    assert page.status == answer.status
    assert len(site.requests) == 1


@pytest.mark.parametrize("location", ["/blåbær".encode(), b"/bl%C3%A5b%C3%A6r"])
def test_a_redirect_may_hold_raw_utf_8(location: bytes) -> None:
    data = b"HTTP/1.1 302 Found\r\nLocation: %b\r\n\r\n" % location
    with Site({"/bl%C3%A5b%C3%A6r": "berries"}) as site:

        def talk(sock: socket.socket, closing: threading.Event) -> None:
            read_request(sock)
            sock.sendall(data.replace(b"/", b"/", 1).replace(b": /", f": {site.url}/".encode()))

        with RawServer(talk) as server:
            assert client().get(server.url).body == b"berries"


def test_a_header_that_is_not_utf_8_is_latin_1() -> None:
    data = b"HTTP/1.1 200 OK\r\nA: bl\xe5\r\nA: bl\xc3\xa5\r\nContent-Length: 0\r\n\r\n"
    with RawServer(answering(data)) as server:
        assert client().get(server.url).header("a") == ["blå", "blå"]


def chain(length: int) -> dict[str, Answer | str | Callable[[Received], Answer | str]]:
    pages: dict[str, Answer | str | Callable[[Received], Answer | str]] = {
        f"/{i}": redirect(f"/{i + 1}") for i in range(length)
    }
    return pages | {f"/{length}": "the end"}


def test_ten_redirects_are_followed() -> None:
    with Site(chain(MAX_REDIRECTS)) as site:
        assert client().get(site.url + "/0").body == b"the end"


def test_eleven_redirects_are_too_many() -> None:
    with (
        Site(chain(MAX_REDIRECTS + 1)) as site,
        pytest.raises(Unreachable, match=r"^127\.0\.0\.1 redirects more than 10 times$"),
    ):
        client().get(site.url + "/0")


def test_a_redirect_loop_ends() -> None:
    with (
        Site({"/": redirect("/")}) as site,
        pytest.raises(Unreachable, match="redirects more than 10 times"),
    ):
        client().get(site.url + "/")
    assert len(site.requests) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_body_of_a_redirect_is_not_read(method: str) -> None:
    with Site({"/": Answer("there", 200)}) as site:
        head = f"HTTP/1.1 302 Found\r\nLocation: {site.url}/\r\n\r\n".encode()
        with RawServer(dripping(head, b"x" * 1000)) as server, within(5):
            if method == "get":
                assert client().get(server.url).body == b"there"
            else:
                assert client().post(server.url, NOTICE) == Page(
                    server.url + "/", 302, (("Location", site.url + "/"),)
                )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "there", ["/other", "/?x=1", "http://localhost:{port}/", "http://127.0.0.1:1/", "http://[::1/"]
)
def test_a_notice_is_not_posted_elsewhere(status: int, there: str) -> None:
    with Site() as site:
        location = there.format(port=site.port)
        site.pages["/"] = redirect(location, status)
        page = client().post(site.url + "/", NOTICE)
    assert (page.url, page.status) == (site.url + "/", status)
    assert page.header("Location") == [location]
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(("here", "there"), [("/ping", "/ping/"), ("/ping/?p=1", "/ping?p=1")])
def test_a_notice_is_posted_again_where_only_a_final_slash_differs(
    status: int, here: str, there: str
) -> None:
    with Site({here: redirect(there, status), there: Answer("thanks", 202)}) as site:
        page = client().post(site.url + here, NOTICE)
    assert (page.url, page.status) == (site.url + there, 202)
    again = site.requests[-1]
    assert (again.method, again.path, again.body) == ("POST", there, NOTICE.body)
    assert again.headers["Content-Type"] == NOTICE.content_type


def test_a_notice_is_not_posted_again_after_see_other() -> None:
    with Site({"/ping": redirect("/ping/", 303)}) as site:
        assert client().post(site.url + "/ping", NOTICE).status == 303
    assert len(site.requests) == 1


def test_a_notice_is_posted_again_where_only_www_differs() -> None:
    def page(received: Received) -> Answer:
        host = received.headers["Host"]
        return Answer("thanks") if host.startswith("www.") else redirect(f"http://www.{host}/")

    with Site({"/": page}) as site:
        answer = client(to_loopback).post(f"http://blog.example:{site.port}/", NOTICE)
    assert answer.url == f"http://www.blog.example:{site.port}/"
    assert site.requests[-1].body == NOTICE.body


def test_a_notice_is_posted_again_where_only_the_scheme_differs(authority: Authority) -> None:
    context = authority.server("localhost")
    received: list[bytes] = []

    def talk(sock: socket.socket, closing: threading.Event) -> None:
        # One port for both schemes: a TLS connection begins with the byte 22.
        if sock.recv(1, socket.MSG_PEEK) != b"\x16":
            read_request(sock)
            sock.sendall(f"HTTP/1.1 301 Moved\r\nLocation: {secure}\r\n\r\n".encode())
            return
        with context.wrap_socket(sock, server_side=True) as tls:
            request = read_request(tls)
            while not request.endswith(NOTICE.body):
                request += tls.recv(65536)
            received.append(request)
            tls.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

    with RawServer(talk) as server:
        secure = f"https://localhost:{server.port}/ping"
        posting = client(cert_verify=authority.bundle)
        page = posting.post(f"http://localhost:{server.port}/ping", NOTICE)
    assert (page.url, page.status) == (secure, 202)
    assert received[0].startswith(b"POST /ping ")


def test_cookies_are_not_kept() -> None:
    cookie = ("Set-Cookie", "id=1; Path=/")
    setting = Answer(status=302, headers=[cookie, ("Location", "/b")])
    with Site({"/": setting, "/b": "b"}) as site:
        shared = client()
        assert shared.get(site.url + "/").header("set-cookie") == []
        shared.get(site.url + "/b")
    assert [received.headers["Cookie"] for received in site.requests] == [None] * 3


def test_netrc_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\ndefault login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with Site() as site:
        client().get(site.url + "/")
    assert site.requests[0].headers["Authorization"] is None


def test_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    with RawServer(answering(b"")) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
            monkeypatch.setenv(name.lower(), proxy.url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
        monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
        with Site({"/": "direct"}, tls=authority.server("localhost")) as site:
            direct = client(cert_verify=authority.bundle)
            assert direct.get(f"https://localhost:{site.port}/").body == b"direct"
        with Site({"/": "direct"}) as site:
            assert client().get(site.url + "/").body == b"direct"
        assert proxy.connections == 0


# Proxies.


def no_lookup(host: str, port: int) -> Sequence[AddressInfo]:
    raise AssertionError(host)


def test_a_proxy_is_told_the_whole_url_and_resolves_the_name() -> None:
    with Site({"http://blog.example/a": "by proxy"}) as proxy:
        through = client(no_lookup, proxy=proxy.url, allow_networks=())
        page = through.get("http://blog.example/a#here")
    assert (page.url, page.body) == ("http://blog.example/a", b"by proxy")
    assert proxy.requests[0].headers["Host"] == "blog.example"
    assert proxy.requests[0].headers["Proxy-Authorization"] is None


def test_a_proxy_may_want_a_password() -> None:
    with Site({"http://blog.example/": "by proxy"}) as proxy:
        through = client(no_lookup, proxy=f"http://me:secret@127.0.0.1:{proxy.port}")
        assert through.get("http://blog.example/").body == b"by proxy"
    assert proxy.requests[0].headers["Proxy-Authorization"] == "Basic bWU6c2VjcmV0"


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::1]", "10.0.0.1", "localhost"])
def test_a_private_literal_is_refused_through_a_proxy_too(host: str) -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as proxy:
        with pytest.raises(Forbidden):
            client(proxy=proxy.url, allow_networks=()).get(f"http://{host}/")
        assert proxy.connections == 0


def tunnel(site: Site) -> Talk:
    """A proxy that takes CONNECT, and leads to this site whatever the name."""

    def talk(sock: socket.socket, closing: threading.Event) -> None:
        assert read_request(sock).startswith(b"CONNECT blog.test:443 ")
        sock.sendall(b"HTTP/1.1 200 Go\r\n\r\n")
        with socket.create_connection(("127.0.0.1", site.port)) as onward:
            other = {sock: onward, onward: sock}
            while not closing.is_set():
                for readable in select.select([sock, onward], [], [], 0.1)[0]:
                    data = readable.recv(65536)
                    if not data:
                        return
                    other[readable].sendall(data)

    return talk


def test_https_goes_through_a_proxy_in_a_tunnel(authority: Authority) -> None:
    with (
        Site({"/": "by tunnel"}, tls=authority.server("blog.test")) as site,
        RawServer(tunnel(site)) as proxy,
    ):
        through = client(no_lookup, proxy=proxy.url, cert_verify=authority.bundle)
        assert through.get("https://blog.test/").body == b"by tunnel"


def test_the_certificate_is_checked_through_a_tunnel(authority: Authority) -> None:
    with (
        Site({"/": "wrong"}, tls=authority.server("other.test")) as site,
        RawServer(tunnel(site)) as proxy,
        pytest.raises(Unreachable, match=r"^blog\.test has no valid certificate"),
    ):
        client(proxy=proxy.url, cert_verify=authority.bundle).get("https://blog.test/")
    assert site.requests == []


def test_a_proxy_that_makes_no_tunnel_is_named() -> None:
    with (
        RawServer(answering(b"HTTP/1.1 403 No\r\n\r\n")) as proxy,
        pytest.raises(Unreachable, match=r"^the proxy does not lead to blog\.test$"),
    ):
        client(proxy=proxy.url).get("https://blog.test/")


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n"])
def test_a_proxy_that_sends_garbage_is_unreachable(answer: bytes) -> None:
    with RawServer(answering(answer)) as proxy, pytest.raises(Unreachable):
        client(proxy=proxy.url).get("https://blog.test/")


def test_a_proxy_that_is_down_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match=r"^the proxy 127\.0\.0\.1 does not accept connections$"):
        client(proxy=f"http://127.0.0.1:{port}").get("http://blog.test/")


# TLS.


class Authority:
    """A certificate authority of the tests' own; ``bundle`` is the path of its certificate."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.bundle = str(folder / "authority.pem")
        self._ca.cert_pem.write_to_path(self.bundle)

    def server(self, name: str) -> ssl.SSLContext:
        """What a server with a certificate for this name needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def test_the_name_goes_to_the_server_though_the_address_was_checked(authority: Authority) -> None:
    context = authority.server("blog.test")
    names = []
    context.sni_callback = lambda sock, name, context: names.append(name)
    with Site({"/": "secure"}, tls=context) as site:
        checking = client(to_loopback, cert_verify=authority.bundle)
        page = checking.get(f"https://blog.test:{site.port}/")
    assert page.body == b"secure"
    assert names == ["blog.test"]
    assert site.requests[0].headers["Host"] == f"blog.test:{site.port}"


def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    with Site({"/": "secret"}, tls=authority.server("other.test")) as site:
        checking = client(to_loopback, cert_verify=authority.bundle)
        with pytest.raises(Unreachable, match=r"^blog\.test has no valid certificate \(.*\)$"):
            checking.get(f"https://blog.test:{site.port}/")
        with pytest.raises(Unreachable, match="has no valid certificate"):
            checking.get(f"https://127.0.0.1:{site.port}/")
    assert site.requests == []


def test_a_certificate_that_nobody_vouches_for_is_refused(authority: Authority) -> None:
    with (
        Site({"/": "secret"}, tls=authority.server("localhost")) as site,
        pytest.raises(Unreachable, match=r"^localhost has no valid certificate \(.*\)$"),
    ):
        client().get(f"https://localhost:{site.port}/")
    assert site.requests == []


def test_no_certificate_is_checked_and_nothing_warned_of_if_the_author_says_so(
    authority: Authority,
) -> None:
    with Site({"/": "secret"}, tls=authority.server("other.test")) as site:
        page = client(to_loopback, cert_verify=False).get(f"https://blog.test:{site.port}/")
    assert page.body == b"secret"


def test_the_certificates_are_loaded_once_for_a_client(
    authority: Authority, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(Path(authority.bundle).read_bytes())
    with Site({"/": "secure"}, tls=authority.server("localhost")) as site:
        checking = client(cert_verify=str(bundle))
        for _ in range(2):
            assert checking.get(f"https://localhost:{site.port}/").body == b"secure"
            bundle.unlink(missing_ok=True)


def test_a_bundle_that_holds_no_certificates_is_named(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("nothing")
    with pytest.raises(Unreachable, match=r"bundle\.pem can't be read$"):
        client(cert_verify=str(bundle)).get("https://127.0.0.1/")


def test_a_server_that_speaks_no_tls_is_unreachable() -> None:
    with (
        Site() as site,
        pytest.raises(Unreachable, match=r"^localhost makes no secure connection with us$"),
    ):
        client().get(f"https://localhost:{site.port}/")


# Threads.


def test_many_threads_share_one_client(authority: Authority) -> None:
    def echo(received: Received) -> Answer:
        return Answer(received.path)

    pages: dict[str, Callable[[Received], Answer | str] | Answer | str]
    pages = {f"/{number}": echo for number in range(16)}
    with (
        Site(pages) as plain,
        Site(pages, tls=authority.server("localhost")) as secure,
        ThreadPoolExecutor(16) as threads,
    ):
        shared = client(cert_verify=authority.bundle)
        sites = [plain.url, f"https://localhost:{secure.port}"]
        urls = [site + path for path in pages for site in sites] * 4
        answers = list(threads.map(shared.get, urls))
    assert [page.url for page in answers] == urls
    assert all(page.url.endswith(page.body.decode()) for page in answers)


# Page.


@pytest.mark.parametrize(
    ("value", "content_type", "charset"),
    [
        (None, "", None),
        ("", "", None),
        ("text/html", "text/html", None),
        ("Text/HTML; Charset=UTF-8", "text/html", "utf-8"),
        ('text/html; a=b; charset="iso-8859-1"', "text/html", "iso-8859-1"),
        ("text/html;charset=no-such-thing", "text/html", None),
        ("text/html;charset=hex", "text/html", None),
        ("text/html;charset=", "text/html", None),
        ("text/html;charset=\0", "text/html", None),
        ("text/html;charset=ü", "text/html", None),
        (" application/xml ;x", "application/xml", None),
    ],
)
def test_a_page_knows_its_type_and_charset(
    value: str | None, content_type: str, charset: str | None
) -> None:
    headers = () if value is None else (("content-type", value), ("Content-Type", "text/plain"))
    page = Page("http://blog.example/", 200, headers)
    assert (page.content_type, page.charset) == (content_type, charset)


def test_a_page_gives_every_value_of_a_header_in_order() -> None:
    page = Page("http://blog.example/", 200, (("Link", "a"), ("X", "b"), ("link", "c")))
    assert page.header("LINK") == ["a", "c"]
    assert page.header("Y") == []


def test_links_in_several_headers_arrive_in_order() -> None:
    links = [("Link", "<a>; rel=x"), ("LINK", "<b>; rel=y"), ("link", "<c>; rel=z")]
    with Site({"/": Answer(headers=links)}) as site:
        assert client().get(site.url + "/").header("Link") == [value for _, value in links]


# What need not be read.


def test_a_body_that_nobody_wants_is_left_unread() -> None:
    def endless(sock: socket.socket, closing: threading.Event) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n")
        while not closing.wait(0.001):
            sock.sendall(b"x" * 65536)

    with RawServer(endless) as server:
        page = client().get(server.url, enough=lambda page: page.content_type == "video/mp4")
    assert (page.status, page.content_type, page.body) == (200, "video/mp4", b"")


# What is asked for again, and what is larger than a page.


def known(etag: str) -> Page:
    """What was answered before."""
    return Page("http://there.example/", 200, (("ETag", etag),))


def test_an_etag_asks_only_for_what_is_new() -> None:
    def answer(received: Received) -> Answer:
        known = received.headers["If-None-Match"] == 'W/"7"'
        return Answer(status=304) if known else Answer("hello", headers=[("ETag", 'W/"7"')])

    with Site({"/": answer}) as site:
        first = client().get(site.url)
        assert (first.status, first.body) == (200, b"hello")
        assert "If-None-Match" not in site.requests[0].headers
        again = client().get(site.url, seen=first)
        assert (again.status, again.body) == (304, b"")


def test_an_etag_goes_along_with_a_redirect() -> None:
    with Site({"/": redirect("/a"), "/a": "hello"}) as site:
        client().get(site.url, seen=known('"7"'), fresh=True)
        assert [r.headers["If-None-Match"] for r in site.requests] == ['"7"', '"7"']
        assert [r.headers["Cache-Control"] for r in site.requests] == ["no-cache", "no-cache"]


@pytest.mark.parametrize("etag", ["a\r\nX-Evil: 1", "a\nb", "\x00", "\x7f", "é", "\u20ac", "  "])
def test_an_etag_that_no_header_can_hold_is_not_sent(etag: str) -> None:
    with Site({"/": "hello"}) as site:
        assert client().get(site.url, seen=known(etag)).body == b"hello"
        headers = site.requests[0].headers
        assert "If-None-Match" not in headers
        assert "X-Evil" not in headers


@pytest.mark.parametrize("most", [1, 1000, MAX_BODY, 3 * MAX_BODY])
def test_of_a_body_as_much_is_kept_as_was_asked_for(most: int) -> None:
    long = bytes(range(256)) * (4 * MAX_BODY // 256)
    with Site({"/": Answer(long), "/gzip": packed(long)}) as site:
        assert client().get(site.url, most=most).body == long[:most]
        assert client().get(f"{site.url}/gzip", most=most).body == long[:most]
        assert client().get(f"{site.url}/gzip", most=5 * MAX_BODY).body == long


def packed(body: bytes) -> Answer:
    return Answer(gzip.compress(body), headers=[("Content-Encoding", "gzip")])
