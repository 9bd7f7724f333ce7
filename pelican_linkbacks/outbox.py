"""Outbox: telling what waits, without a build, from what the state knows."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pelican_linkbacks.config import Config
from pelican_linkbacks.delivery import Delivery
from pelican_linkbacks.errors import StateError
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.pace import PATIENCE
from pelican_linkbacks.retries import due
from pelican_linkbacks.state import State
from pelican_linkbacks.storage import locked

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


Watch = Callable[[int], AbstractContextManager[Callable[[], None]]]
"""Called with the number of mentions that are about to be told; its context gives what is called
after each of them."""


class Outbox:
    """What waits to be told. It holds the state only while it sends.

    Args:
        config: settings; SITEURL is taken from the state.
        say: called with one sentence while something is waited for.
        watch: follows the progress.
    """

    def __init__(
        self,
        config: Config,
        say: Callable[[str], None],
        watch: Watch = lambda _: nullcontext(lambda: None),
    ) -> None:
        self._config = config
        self._say = say
        self._watch = watch
        self._settled: dict[tuple[str, str], Mention] = {}

    @property
    def settled(self) -> list[Mention]:
        """What all runs have decided, the last word on each mention."""
        return list(self._settled.values())

    def send(self, wanted: Callable[[Mention], bool] = lambda _: True) -> None:
        """Tell what is due, however long it takes.

        Args:
            wanted: whether a mention that is due is to be told.

        Raises:
            StateError: if the state can't be used, or another run uses it.
        """
        with locked(self._config.state_file):
            state = known_state(self._config)
            state.save()
            mentions = due(state, datetime.now(UTC), timedelta(seconds=PATIENCE), uploaded=True)
            mentions = [mention for mention in mentions if wanted(mention)]
            try:
                with self._watch(len(mentions)) as decided:
                    settled = self._delivery(state, decided).run(mentions)
            finally:
                state.save()
        self._settled |= {(mention.article, mention.target): mention for mention in settled}

    def waiting(self) -> list[Mention]:
        """The new links that wait for pages of ours.

        Removed ones are not among them: a page that nobody deletes stays for ever as it is.
        """
        mentions = known_state(self._config).mentions()
        return [m for m in mentions if m.outcome is Outcome.WAITING and not m.removal]

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

    def _delivery(self, state: State, decided: Callable[[], None] = lambda: None) -> Delivery:
        config = replace(self._config, siteurl=state.siteurl)
        return Delivery(config, state, self._say, decided)
