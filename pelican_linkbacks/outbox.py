"""Outbox: telling what waits, without a build, from what the state knows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from pelican_linkbacks.config import Config
from pelican_linkbacks.delivery import Delivery
from pelican_linkbacks.errors import StateError
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.retries import due
from pelican_linkbacks.state import State, locked

FIRST_POLL, LONGEST_POLL = 2.0, 30.0
"""Seconds between two looks at a page that is not online yet, at first and at most."""


def known_state(config: Config) -> State:
    """The state of a site that was built before.

    Raises:
        StateError: if there is none, or it can't be read.
    """
    state = State.load(config.state_file)
    if not state.exists:
        raise StateError(
            f"There is no state file at {config.state_file} yet: the first build of the published "
            "site makes it."
        )
    return state


class Outbox:
    """What waits to be told. It holds the state only while it sends.

    Args:
        config: settings; SITEURL is taken from the state.
        say: called with one sentence while something is waited for.
    """

    def __init__(self, config: Config, say: Callable[[str], None]) -> None:
        self._config = config
        self._say = say
        self._settled: dict[tuple[str, str], Mention] = {}

    @property
    def settled(self) -> list[Mention]:
        """What all runs have decided, the last word on each mention."""
        return list(self._settled.values())

    def send(self) -> None:
        """Tell what is due, however long it takes.

        Raises:
            StateError: if the state can't be used, or another run uses it.
        """
        with locked(self._config.state_file):
            state = known_state(self._config)
            state.save()
            try:
                settled = self._delivery(state).run(due(state, datetime.now(UTC)))
            finally:
                state.save()
        self._settled |= {(mention.article, mention.target): mention for mention in settled}

    def waiting(self) -> list[Mention]:
        """The mentions that wait for pages of ours."""
        mentions = known_state(self._config).mentions()
        return [mention for mention in mentions if mention.outcome is Outcome.WAITING]

    def poll(self, mention: Mention, end: float) -> None:
        """Look at one page until it is as it should be, or time is up.

        Args:
            mention: the one whose source is looked at.
            end: monotonic time.
        """
        delivery = self._delivery(known_state(self._config))
        pause = FIRST_POLL
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_POLL)
            if delivery.agrees(mention):
                return

    def _delivery(self, state: State) -> Delivery:
        return Delivery(replace(self._config, siteurl=state.siteurl), state, self._say)
