"""House: all parts of a receiver, put together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flask import Flask

from pelican_linkbacks import manifest, places
from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config, Network
from pelican_linkbacks.receiver import app, retention
from pelican_linkbacks.receiver.announcing import Announcer
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.desk import Clock, Desk, database_place
from pelican_linkbacks.receiver.rates import Rates
from pelican_linkbacks.receiver.targets import Targets
from pelican_linkbacks.receiver.verifiers import Verifiers

DAY = 24 * 3600.0
"""Seconds between two sweeps of what need not be kept."""


@dataclass(frozen=True)
class House:
    """A whole receiver; its verifiers have to be started.

    Attributes:
        desk: its database.
        targets: the pages that can be told.
        verifiers: its threads.
        app: its WSGI application.
    """

    desk: Desk
    targets: Targets
    verifiers: Verifiers
    app: Flask

    def close(self, seconds: float = 10) -> None:
        """End all threads, waiting so long for what they do, and close the database."""
        self.verifiers.stop(seconds)
        self.desk.close()


def targets_place(config: Config, given: str | None = None) -> str:
    """Where the manifest is: a path, or a URL; the arguments are as for ``database_place``."""
    if given or config.targets is None:
        return given or str(config.output / manifest.NAME)
    return places.beside_state(config.content, config.targets)


def open_house(
    config: Config,
    *,
    database: str | None = None,
    targets: str | None = None,
    trusted: Sequence[Network] = (),
    clock: Clock = time.time,
    create: bool = True,
) -> House:
    """Put a receiver together; nothing of it runs yet.

    Args:
        config: settings.
        database: instead of LINKBACKS_DATABASE.
        targets: instead of LINKBACKS_TARGETS.
        trusted: networks of the proxies in front of it.
        clock: gives the time in seconds since 1970-01-01 UTC.
        create: whether a database that is not there is made.

    Raises:
        DatabaseError: the database can't be used.
    """
    desk = Desk.open(database_place(config, database), clock, create=create)
    rates = Rates()
    client = Client(config)
    pages = Targets(targets_place(config, targets), client, config.siteurl, clock)
    announcer = Announcer(config, desk.vault, desk.moderation, client, clock)
    verifiers = Verifiers(
        desk.inbox,
        desk.rules,
        pages,
        Client(config, visit=rates.visit),
        rates,
        chores=[announcer.announce, _Sweeper(desk.database, config.retention_days, clock).sweep],
        clock=clock,
    )
    application = app.create(
        config,
        desk.inbox,
        desk.moderation,
        desk.rules,
        desk.vault,
        pages,
        verifiers,
        rates,
        trusted,
    )
    return House(desk, pages, verifiers, application)


class _Sweeper:
    """Erases once a day what need not be kept."""

    def __init__(self, database: Database, days: float, clock: Clock) -> None:
        self._sweep = partial(retention.sweep, database, days)
        self._clock = clock
        self._next = 0.0

    def sweep(self) -> None:
        now = self._clock()
        if now >= self._next:
            self._sweep(now)
            self._next = now + DAY
