"""Vault: as with SQLite."""

from tests.receiver.test_vault import *  # noqa: F403 - the same tests
