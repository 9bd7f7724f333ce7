"""Crowd: as with SQLite."""

from tests.receiver.test_crowd import *  # noqa: F403 - the same tests
