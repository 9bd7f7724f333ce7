"""Whom the receiver can be made to ask, and how often: nobody inside, and nobody for long."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest

from pelican_linkbacks.addresses import AddressInfo
from pelican_linkbacks.client import Client
from pelican_linkbacks.receiver.entry import Finding
from pelican_linkbacks.receiver.rates import Rates
from pelican_linkbacks.receiver.verifiers import Verifiers
from tests.receiver.looking import look_at
from tests.receiver.reception import OtherBlog, Receiver
from tests.receiver.strongroom import hurry_nobody
from tests.samples import config
from tests.servers import Site, redirect

INSIDE = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0", "100.64.0.1"]
INSIDE += ["::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1"]
INSIDE += ["2002:7f00:1::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "2001::1"]

SPELLINGS = ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "localhost"]
SPELLINGS += ["a.localhost", "0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0::1]"]
SPELLINGS += ["[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[fe80::1%25lo]"]
SPELLINGS += ["\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021"]


def answers(*addresses: str) -> Callable[[str, int], Sequence[AddressInfo]]:
    """A name server that knows one name."""

    def lookup(_: str, port: int) -> list[AddressInfo]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    return lookup


@contextmanager
def inner() -> Iterator[OtherBlog]:
    """A server inside, which links: it is asked by nobody."""
    with OtherBlog() as site:
        yield site
        assert site.connections == 0


def strict(*addresses: str, visit: Callable[..., float] | None = None) -> Client:
    """A client that may go nowhere inside, for whom every name leads to some addresses."""
    return Client(config(allow_networks=()), answers(*addresses), visit)


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_way_to_write_an_address_leads_inside(host: str) -> None:
    with inner() as site:
        seen = look_at(f"http://{host}:{site.port}/post", client=strict("127.0.0.1"))
    assert seen.finding is Finding.FORBIDDEN


@pytest.mark.parametrize("address", INSIDE)
def test_no_name_leads_inside(address: str) -> None:
    with inner() as site:
        url = f"http://blog.example:{site.port}/post"
        assert look_at(url, client=strict(address)).finding is Finding.FORBIDDEN
        # Of several addresses those outside may be asked; they are not there, or not ours to ask.
        assert look_at(url, client=strict(address, *INSIDE)).finding is Finding.FORBIDDEN


@pytest.mark.parametrize("host", ["localhost", "127.1", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1"])
def test_no_redirect_leads_inside(host: str) -> None:
    with inner() as site, Site(host="127.0.0.2") as outer:
        outer.pages["/post"] = redirect(f"http://{host}:{site.port}/post")
        client = Client(config(allow_networks=(ip_network("127.0.0.2/32"),)))
        seen = look_at(f"{outer.url}/post", client=client)
    assert seen.finding is Finding.FORBIDDEN
    assert len(outer.requests) == 1


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher", "javascript", "data", "unix"])
def test_no_redirect_leads_out_of_the_web(scheme: str) -> None:
    with Site() as outer:
        outer.pages["/post"] = redirect(f"{scheme}:///etc/passwd")
        assert look_at(f"{outer.url}/post").finding is Finding.FORBIDDEN


def test_what_was_forbidden_is_told_to_no_sender(tmp_path: Path) -> None:
    with inner() as site, Receiver(tmp_path, allow_networks=()) as receiver:
        open_, shut = (receiver.webmention(f"http://127.0.0.1:{p}/post") for p in (site.port, 1))
        assert (open_.status, open_.body) == (shut.status, shut.body)
        assert receiver.entries() == []


def test_a_victim_is_asked_as_seldom_by_many_names_paths_and_redirects(tmp_path: Path) -> None:
    with ExitStack() as stack:
        victim = stack.enter_context(OtherBlog())
        helper = stack.enter_context(Site(host="127.0.0.2"))
        receiver = stack.enter_context(Receiver(tmp_path, workers=0, rates=Rates()))
        hurry_nobody(receiver)
        rates = Rates()
        client = Client(receiver.config, answers("127.0.0.1"), rates.visit)
        pool = Verifiers(receiver.inbox, receiver.rules, receiver.targets, client, rates)
        helper.pages["/r"] = redirect(f"{victim.url}/post?r")
        for number in range(40):
            receiver.webmention(f"http://n{number}.example:{victim.port}/post")
            receiver.webmention(f"{victim.post}?{number}")
            receiver.webmention(f"{helper.url}/r?{number}")
        pool.run_due(500)
        assert len(victim.requests) == 20
