"""Inbox: as with SQLite."""

from tests.receiver.test_inbox import *  # noqa: F403 - the same tests
