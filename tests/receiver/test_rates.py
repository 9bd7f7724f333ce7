"""How often anybody may ask, and be asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from ipaddress import ip_address

import pytest

from pelican_linkbacks.receiver.rates import MINUTE, Rates


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_what_is_rare_is_never_held_up(clock: Clock) -> None:
    rates = Rates(client=1, host=1, login=1, fetches=1, visits=1, clock=clock)
    for _ in range(5):
        assert rates.notice("198.51.100.1") == 0
        assert rates.source("blog.example") == 0
        assert rates.attempt("198.51.100.1") == 0
        assert rates.fetch("blog.example") == 0
        assert rates.visit(ip_address("198.51.100.1")) == 0
        clock.now += MINUTE


def test_one_client_does_not_hold_up_another(clock: Clock) -> None:
    rates = Rates(client=1, clock=clock)
    assert rates.notice("198.51.100.1") == 0
    assert rates.notice("198.51.100.1") == MINUTE
    assert rates.notice("198.51.100.2") == 0
    assert rates.attempt("198.51.100.1") == 0


def test_who_waits_as_long_as_was_said_may_go_on(clock: Clock) -> None:
    rates = Rates(fetches=2, clock=clock)
    rates.fetch("blog.example")
    clock.now += 10
    rates.fetch("blog.example")
    clock.now += 10
    assert rates.fetch("blog.example") == 40
    clock.now += 39
    assert rates.fetch("blog.example") == 1
    clock.now += 1
    assert rates.fetch("blog.example") == 0
    assert rates.fetch("blog.example") == 10


def test_what_was_refused_does_not_count(clock: Clock) -> None:
    rates = Rates(client=1, total=2, clock=clock)
    rates.notice("198.51.100.1")
    for _ in range(10):
        assert rates.notice("198.51.100.1") > 0
    assert rates.notice("198.51.100.2") == 0
    assert rates.notice("198.51.100.3") == MINUTE
    clock.now += MINUTE
    assert rates.notice("198.51.100.3") == 0


def test_many_clients_together_are_held_up_too(clock: Clock) -> None:
    rates = Rates(total=3, logins=3, clock=clock)
    assert [rates.notice(f"198.51.100.{n}") for n in range(4)] == [0, 0, 0, MINUTE]
    assert [rates.attempt(f"198.51.100.{n}") for n in range(4)] == [0, 0, 0, MINUTE]


def test_the_addresses_of_one_ipv6_customer_count_as_one(clock: Clock) -> None:
    rates = Rates(client=1, visits=1, clock=clock)
    assert rates.notice("2001:db8:0:1::1") == 0
    assert rates.notice("2001:db8:0:1:ffff::2") == MINUTE
    assert rates.notice("2001:db8:0:2::1") == 0
    assert rates.visit(ip_address("2001:db8:0:1::1")) == 0
    assert rates.visit(ip_address("2001:db8:0:1::2")) == MINUTE


def test_an_ipv4_address_counts_as_itself_however_it_is_written(clock: Clock) -> None:
    rates = Rates(client=1, visits=1, clock=clock)
    assert rates.notice("198.51.100.1") == 0
    assert rates.notice("::ffff:198.51.100.1") == MINUTE
    assert rates.notice("::ffff:198.51.100.2") == 0
    assert rates.visit(ip_address("::ffff:198.51.100.1")) == 0
    assert rates.visit(ip_address("198.51.100.1")) == MINUTE
    assert rates.visit(ip_address("2002:c633:6401:7::1")) == MINUTE


@pytest.mark.parametrize(
    ("host", "same"),
    [
        ("blog.example", "blog.example:8080"),
        ("blog.example", "BLOG.example."),
        ("127.0.0.1:1", "127.0.0.1:2"),
        ("127.0.0.1", "2130706433"),
        ("2001:db8::1", "[2001:db8::2]:80"),
    ],
)
def test_a_host_counts_as_itself_whatever_its_port_and_spelling(
    host: str, same: str, clock: Clock
) -> None:
    rates = Rates(host=1, fetches=1, clock=clock)
    count: Callable[[str], float]
    for count in (rates.source, rates.fetch):
        assert count(host) == 0
        assert count(same) == MINUTE
        assert count("another.example") == 0


def test_threads_that_come_at_once_get_no_more_than_one_would(clock: Clock) -> None:
    rates = Rates(fetches=50, clock=clock)
    passed: list[int] = []
    ready = threading.Barrier(8)

    def ask() -> None:
        ready.wait()
        passed.extend(number for number in range(100) if rates.fetch("blog.example") == 0)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 50


def test_nothing_is_remembered_of_who_came_long_ago(clock: Clock) -> None:
    rates = Rates(total=10**9, clock=clock)
    for number in range(2_000):
        rates.notice(f"client {number}")
        clock.now += 1
    # What can't be asked for from outside: a flood of clients must not fill the memory.
    assert len(rates._client._times) <= MINUTE + 1
