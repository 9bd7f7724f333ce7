"""Which network addresses may be spoken to, and what a host's mere text tells."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest

from pelican_linkbacks.addresses import (
    AddressInfo,
    address_of,
    is_allowed,
    is_private_name,
    literal,
    look_up,
    printable,
    resolve,
)
from pelican_linkbacks.errors import Unreachable

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    "host",
    [
        "blog.example",
        "localhost",
        "127.0.0.1.example",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.256",
        "1.16777216",
        "4294967296",
        "08.1.1.1",
        "0xg.1",
        "1..2",
        "+1.1.1.1",
        "1_0.1.1.1",
        "1.1.1.1 ",
        "\uff11.1.1.1",
        "::g",
        "-1",
        "",
        ".",
        "\0",
    ],
)
def test_a_name_is_no_literal(host: str) -> None:
    assert literal(host) is None


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("127.65537", "127.1.0.1"),
        ("2130706433", "127.0.0.1"),
        ("4294967295", "255.255.255.255"),
        ("0177.0.0.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0X7F000001", "127.0.0.1"),
        ("0x", "0.0.0.0"),
        ("0", "0.0.0.0"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
        ("[fe80::1%eth0]", "fe80::1%eth0"),
    ],
)
def test_a_literal_is_read_in_every_form_that_resolvers_take(host: str, address: str) -> None:
    assert literal(host) == ip_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "172.15.255.255",
        "172.32.0.0",
        "100.63.255.255",
        "192.0.1.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "2620:4f:8000::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
    ],
)
def test_a_global_unicast_address_is_allowed(address: str) -> None:
    assert is_allowed(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:0:127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:0:5ef5:79fd::80ff:fffe",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456:789a::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_any_other_address_is_not_allowed(address: str) -> None:
    assert not is_allowed(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["128.0.0.1", "127.0.0.1", "::1", "2002:7f00:1::1", "10.0.0.1"],
)
def test_an_allowed_network_lets_nothing_else_through(address: str) -> None:
    assert is_allowed(ip_address(address), (ip_network("fd00::/8"),)) == (address == "128.0.0.1")


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("127.0.0.0/8", "127.0.0.1"),
        ("127.0.0.0/8", "::ffff:127.0.0.1"),
        ("::ffff:127.0.0.0/104", "::ffff:127.0.0.1"),
        ("10.0.0.0/8", "64:ff9b::10.0.0.1"),
        ("fd00::/8", "fd12::1"),
        ("fe80::/10", "fe80::1%eth0"),
        ("64:ff9b:1::/48", "64:ff9b:1::8.8.8.8"),
        ("2001::/32", "2001::1"),
    ],
)
def test_an_allowed_network_lets_its_addresses_through(network: str, address: str) -> None:
    assert is_allowed(ip_address(address), (ip_network(network),))


@pytest.mark.parametrize(
    "host", ["blog.example", "localhost.example", "notlocalhost", "8.8.8.8", "134744072", ""]
)
def test_a_name_or_a_global_literal_is_not_private(host: str) -> None:
    assert not is_private_name(host)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost",
        "localhost.",
        "blog.localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "[::1]",
        "::ffff:7f00:1",
        "192.168.1.1",
        "10.0.0.1.",
    ],
)
def test_localhost_and_private_literals_are_private_by_their_text(host: str) -> None:
    assert is_private_name(host)


@pytest.mark.parametrize("host", ["localhost", "blog.localhost", "127.0.0.1", "127.1"])
def test_localhost_is_public_if_its_address_is_allowed(host: str) -> None:
    assert not is_private_name(host, LOOPBACK)


def test_localhost_stays_private_if_another_network_is_allowed() -> None:
    assert is_private_name("localhost", (ip_network("10.0.0.0/8"),))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0177.0.0.1", "[127.0.0.1]"])
def test_a_literal_resolves_to_what_it_was_read_as_without_a_lookup(host: str) -> None:
    def lookup(host: str, port: int) -> Sequence[AddressInfo]:
        raise AssertionError(host)

    (info,) = resolve(host, 80, 1, lookup)
    assert info[4] == ("127.0.0.1", 80)
    assert address_of(info) == ip_address("127.0.0.1")


def test_a_name_resolves_to_every_address_in_the_order_of_the_answer() -> None:
    answer = [*look_up("127.0.0.2", 80), *look_up("127.0.0.1", 80)]
    assert resolve("blog.example", 80, 1, lambda host, port: answer) == answer


def test_the_system_is_asked_for_a_name() -> None:
    assert ip_address("127.0.0.1") in {address_of(info) for info in resolve("localhost", 80, 5)}


def test_an_unknown_name_is_unreachable() -> None:
    def lookup(host: str, port: int) -> Sequence[AddressInfo]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(Unreachable, match=r"^the name blog\.example is not known$"):
        resolve("blog.example", 80, 1, lookup)


def test_a_name_without_addresses_is_unreachable() -> None:
    with pytest.raises(Unreachable, match=r"^the name blog\.example is not known$"):
        resolve("blog.example", 80, 1, lambda host, port: [])


def test_a_resolver_that_is_offline_is_told_from_an_unknown_name() -> None:
    def lookup(host: str, port: int) -> Sequence[AddressInfo]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with pytest.raises(Unreachable, match="can't be looked up at the moment"):
        resolve("blog.example", 80, 1, lookup)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", "a\0b"])
def test_a_name_that_cannot_be_written_is_unreachable(host: str) -> None:
    with pytest.raises(Unreachable, match="is not known"):
        resolve(host, 80, 5)


def test_a_resolver_that_hangs_is_left_alone_after_the_time_out() -> None:
    hanging = threading.Event()

    def lookup(host: str, port: int) -> Sequence[AddressInfo]:
        hanging.wait(10)
        return look_up("127.0.0.1", port)

    start = time.monotonic()
    with pytest.raises(Unreachable, match=r"^the name blog\.example was not looked up in time$"):
        resolve("blog.example", 80, 0.1, lookup)
    assert time.monotonic() - start < 3
    hanging.set()


def test_an_error_about_a_name_holds_no_control_characters() -> None:
    with pytest.raises(Unreachable) as error:
        resolve("a\x1b[31m\u202e\x9bb", 80, 1, lambda host, port: [])
    assert str(error.value) == r"the name a\x1b[31m\u202e\x9bb is not known"


def test_printable_leaves_ordinary_text_alone() -> None:
    assert printable("Grüße, 世界, “ok” 🙂") == "Grüße, 世界, “ok” 🙂"
