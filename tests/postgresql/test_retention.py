"""Retention: as with SQLite."""

from tests.receiver.test_retention import *  # noqa: F403 - the same tests
