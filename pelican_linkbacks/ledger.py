"""Ledger: what is told is on the disk before it is told, and what came of it before more is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from pelican_linkbacks.background import in_thread
from pelican_linkbacks.errors import StateError
from pelican_linkbacks.mention import Mention
from pelican_linkbacks.state import Journal


class Ledger:
    """Writes intents and outcomes from one event loop.

    An outcome is written at once, so that it outlives this process. The fsync that lets the next
    notice leave brings it to the disk, so that a power cut too swallows no more than what was
    under way.

    Args:
        journal: where they go.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._disk = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self._failure: StateError | None = None

    async def intend(self, mention: Mention) -> None:
        """Write down that a notice is about to leave, and wait until that is on the disk.

        Raises:
            StateError: it can't be written; the notice must not leave.
        """
        try:
            self._journal.record(replace(mention, asked_at=datetime.now(UTC)))
            # One fsync serves all who wait for it to begin.
            if self._next is None:
                self._next = asyncio.create_task(self._sync())
            await asyncio.shield(self._next)
        except (StateError, asyncio.CancelledError):
            self._journal.take_back(mention)
            raise

    def settle(self, mention: Mention) -> None:
        """Write down what came of a mention.

        Raises:
            StateError: it can't be written; nothing more must be told then.
        """
        self._journal.record(mention)

    async def _sync(self) -> None:
        async with self._disk:
            # Whoever comes from now on has written too late for this one.
            self._next = None
            # After a failed fsync the next one may succeed without those lines.
            if self._failure:
                raise self._failure
            try:
                await in_thread(self._journal.sync)
            except StateError as error:
                self._failure = error
                raise
