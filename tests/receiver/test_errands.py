"""Which looks are under way, and which hosts are spared meanwhile."""

from __future__ import annotations

import pytest

from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver import errands
from pelican_linkbacks.receiver.errands import PER_HOST, Errands
from pelican_linkbacks.receiver.inbox import Claim
from tests.receiver.reception import RYE
from tests.receiver.storage import Desk


def claims(desk: Desk, *sources: str) -> list[Claim]:
    """Claims of entries with these sources."""
    for source in sources:
        desk.inbox.take(Notice("webmention", source, RYE.url), RYE)
    found = [desk.inbox.claim("a test") for _ in sources]
    return [claim for claim in found if claim]


def test_with_nothing_under_way_no_host_is_spared() -> None:
    assert Errands().spared() == set()


def test_a_host_is_spared_while_as_many_looks_at_it_are_under_way(desk: Desk) -> None:
    all_claims = claims(desk, *(f"https://blog.example/{number}" for number in range(PER_HOST)))
    known = Errands()
    for claim in all_claims[1:]:
        known.begin(claim)
    assert known.spared() == set()

    known.begin(all_claims[0])
    assert known.spared() == {"blog.example"}
    assert known.has(all_claims[0].entry.id)

    known.end(all_claims[0])
    assert known.spared() == set()
    assert known.claims() == all_claims[1:]
    assert not known.has(all_claims[0].entry.id)


def test_a_host_that_wants_a_rest_is_spared_until_it_is_over() -> None:
    known = Errands()
    known.rest("blog.example", 30)
    known.rest("other.example", -1)
    assert known.spared() == {"blog.example"}


def test_hosts_that_want_a_rest_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "MOST_RESTS", 3)
    known = Errands()
    for number in range(9):
        known.rest(f"n{number}.example", 30)
    assert known.spared() == {"n6.example", "n7.example", "n8.example"}
