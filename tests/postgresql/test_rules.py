"""Rules: as with SQLite."""

from tests.receiver.test_rules import *  # noqa: F403 - the same tests
