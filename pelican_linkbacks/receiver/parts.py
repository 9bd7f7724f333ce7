"""Parts: what the views of the application work with."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app

from pelican_linkbacks.config import Config
from pelican_linkbacks.receiver.faults import Faults
from pelican_linkbacks.receiver.inbox import Inbox
from pelican_linkbacks.receiver.moderation import Moderation
from pelican_linkbacks.receiver.rates import Rates
from pelican_linkbacks.receiver.rules import Rules
from pelican_linkbacks.receiver.targets import Targets
from pelican_linkbacks.receiver.vault import Vault
from pelican_linkbacks.receiver.verifiers import Verifiers

_KEY = "linkbacks"
_log = logging.getLogger(__name__)

CAPACITY = 10_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What one application works with; all of it may be used by many threads at once.

    Attributes:
        capacity: entries that may wait for their first look; more notices are not taken.
        faults: where errors of our own are told.
    """

    config: Config
    inbox: Inbox
    moderation: Moderation
    rules: Rules
    vault: Vault
    targets: Targets
    verifiers: Verifiers
    rates: Rates
    capacity: int = CAPACITY
    faults: Faults = field(default_factory=lambda: Faults(_log))


def install(app: Flask, parts: Parts) -> None:
    """Give an application its parts."""
    app.extensions[_KEY] = parts


def parts() -> Parts:
    """The parts of the application whose view is running."""
    return cast(Parts, current_app.extensions[_KEY])
