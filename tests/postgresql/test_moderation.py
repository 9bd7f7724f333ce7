"""Moderation: as with SQLite."""

from tests.receiver.test_moderation import *  # noqa: F403 - the same tests
