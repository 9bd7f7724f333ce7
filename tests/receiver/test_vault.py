"""Vault: secrets that outlive their process, and chores that one process does for all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.vault import MAIL, REBUILD, Chore, Vault
from tests.receiver.storage import HOUR, MINUTE, START, Clock, Desk


@pytest.fixture
def vault(desk: Desk) -> Vault:
    return desk.vault


def test_there_is_no_password_at_first(vault: Vault) -> None:
    assert vault.password_hash == ""


def test_a_new_password_ends_all_sessions(vault: Vault) -> None:
    versions = [vault.session_version()]
    for value in ("scrypt:one", "scrypt:two"):
        vault.set_password_hash(value)
        assert vault.password_hash == value
        versions.append(vault.session_version())
    assert len(set(versions)) == 3


def test_a_session_key_is_long_and_always_the_same(database: Database) -> None:
    key = Vault(database).session_key()
    assert len(key) == 32
    assert Vault(database).session_key() == key
    Vault(database).set_password_hash("scrypt:one")
    assert Vault(database).session_key() == key


def test_whoever_needs_the_session_key_at_once_gets_the_same(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Vault(database).session_key(), range(8)))
    assert len(keys) == 1


@pytest.mark.parametrize("name", [REBUILD, MAIL, "another"])
def test_nothing_is_claimed_that_nobody_wants(vault: Vault, name: str) -> None:
    assert vault.chore(name) == Chore(name, None, 0, 0.0, None)
    assert vault.claim_chore(name, "one", MINUTE) is None
    vault.done(name, "one")
    vault.put_off(name, "one", MINUTE)
    vault.drop_chore(name, "one")
    assert vault.chore(name) == Chore(name, None, 0, 0.0, None)


@pytest.mark.parametrize("name", [REBUILD, MAIL, "another"])
def test_a_chore_is_done_once(vault: Vault, name: str, clock: Clock) -> None:
    vault.want(name)
    clock.turn(1)
    vault.want(name)
    claimed = vault.claim_chore(name, "one", MINUTE)
    assert claimed == Chore(name, START, 0, 0.0, None), "wanted since the first wish"
    assert vault.claim_chore(name, "two", MINUTE) is None
    vault.done(name, "two")
    assert vault.claim_chore(name, "two", MINUTE) is None, "who has not claimed it can't do it"
    vault.done(name, "one")
    clock.turn(HOUR)
    assert vault.claim_chore(name, "two", MINUTE) is None
    assert vault.chore(name) == Chore(name, None, 0, 0.0, START + 1)


def test_a_chore_whose_worker_has_died_is_done_by_another(vault: Vault, clock: Clock) -> None:
    vault.want(MAIL)
    assert vault.claim_chore(MAIL, "one", MINUTE)
    clock.turn(MINUTE)
    assert vault.claim_chore(MAIL, "two", MINUTE)
    vault.put_off(MAIL, "one", HOUR)
    assert vault.chore(MAIL).attempts == 0


def test_a_chore_can_be_left_until_no_more_wishes_are_likely(vault: Vault, clock: Clock) -> None:
    vault.want(REBUILD)
    assert vault.claim_chore(REBUILD, "one", MINUTE, wanted_before=START - 1) is None
    clock.turn(30)
    assert vault.claim_chore(REBUILD, "one", MINUTE, wanted_before=clock.now - 30)


@pytest.mark.parametrize("is_done", [True, False])
def test_a_chore_that_is_wanted_anew_while_it_is_done_is_done_again(
    vault: Vault, clock: Clock, is_done: bool
) -> None:
    vault.want(REBUILD)
    vault.claim_chore(REBUILD, "one", MINUTE)
    vault.want(REBUILD)
    clock.turn(1)
    (vault.done if is_done else vault.drop_chore)(REBUILD, "one")
    chore = vault.claim_chore(REBUILD, "one", MINUTE)
    assert chore == Chore(REBUILD, clock.now, 0, 0.0, clock.now if is_done else None)


def test_a_chore_that_failed_is_put_off_and_counts_its_failures(vault: Vault, clock: Clock) -> None:
    vault.want(REBUILD)
    for attempts in range(1, 4):
        assert vault.claim_chore(REBUILD, "one", MINUTE)
        vault.put_off(REBUILD, "one", HOUR)
        assert vault.chore(REBUILD) == Chore(REBUILD, START, attempts, clock.now + HOUR, None)
        assert vault.claim_chore(REBUILD, "one", MINUTE) is None
        clock.turn(HOUR)
    assert vault.claim_chore(REBUILD, "one", MINUTE)
    vault.done(REBUILD, "one")
    assert vault.chore(REBUILD).attempts == 0


def test_a_chore_that_is_given_up_is_neither_wanted_nor_done(vault: Vault) -> None:
    vault.want(REBUILD)
    vault.claim_chore(REBUILD, "one", MINUTE)
    vault.drop_chore(REBUILD, "one")
    assert vault.chore(REBUILD) == Chore(REBUILD, None, 0, 0.0, None)


def test_a_chore_is_claimed_by_one_of_many_threads(vault: Vault) -> None:
    vault.want(REBUILD)
    with ThreadPoolExecutor(8) as pool:
        claims = pool.map(lambda n: vault.claim_chore(REBUILD, str(n), MINUTE), range(8))
    assert len([claim for claim in claims if claim]) == 1
