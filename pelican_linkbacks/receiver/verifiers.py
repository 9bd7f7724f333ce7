"""Verifiers: the threads that look at sources, and write down what they find."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pelican_linkbacks.client import Client
from pelican_linkbacks.errors import TooOften
from pelican_linkbacks.manifest import Target
from pelican_linkbacks.receiver import verification
from pelican_linkbacks.receiver.entry import Finding, Look
from pelican_linkbacks.receiver.errands import Errands
from pelican_linkbacks.receiver.faults import Faults
from pelican_linkbacks.receiver.inbox import Claim, Inbox
from pelican_linkbacks.receiver.rates import Rates
from pelican_linkbacks.receiver.rules import Rules
from pelican_linkbacks.receiver.targets import Targets
from pelican_linkbacks.receiver.waiting import WaitingRoom
from pelican_linkbacks.urls import host_of

POLL = 1.0
"""Seconds between two looks at what is due: other processes store notices too."""

SLOW, SLOW_RESTS = 5.0, 12
"""After a look of more seconds than that, its host is spared for so many times as long."""

READERS = 2
"""Threads that read pages: what a parser has used stays with its thread, hundreds of kB of it."""

_log = logging.getLogger(__name__)


class Verifiers:
    """A bounded pool of threads that looks at what is due.

    Args:
        inbox: what is to be looked at.
        rules: what the author has decided of hosts beforehand.
        targets: our pages; kept fresh from here.
        client: fetches sources.
        rates: how often one host may be asked.
        workers: threads.
        chores: called about once a second, in a thread of their own; each finds out by itself
            whether there is anything to do.
        clock: that of the inbox.
    """

    def __init__(
        self,
        inbox: Inbox,
        rules: Rules,
        targets: Targets,
        client: Client,
        rates: Rates,
        workers: int = 16,
        chores: Sequence[Callable[[], object]] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inbox = inbox
        self._rules = rules
        self._targets = targets
        self._client = client
        self._rates = rates
        self._clock = clock
        self._name = uuid.uuid4().hex
        names = [f"{self._name}-{number}" for number in range(workers)]
        works = [partial(self._work, name) for name in names]
        works += [partial(self._repeat, self._watch)]
        works += [partial(self._repeat, targets.refresh, *chores)]
        self._chores = chores
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]
        self._readers = ThreadPoolExecutor(READERS, "linkbacks reading")
        self._room = WaitingRoom()
        self._errands = Errands()
        self._faults = Faults(_log)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._is_started = False

    def start(self) -> None:
        """Start the threads; a second call does nothing."""
        with self._lock:
            if self._is_started or self._stopping.is_set():
                return
            self._is_started = True
            for thread in self._threads:
                thread.start()

    def stop(self, seconds: float = 10) -> None:
        """Take nothing new, and wait so long for what is under way; the rest is given back."""
        end = time.monotonic() + seconds
        self._stopping.set()
        self._room.close()
        with self._lock:
            started = self._threads if self._is_started else []
        for thread in started:
            thread.join(max(end - time.monotonic(), 0))
        for claim in self._errands.claims():
            self._faults.watch(partial(self._inbox.postpone, claim, 0))

    def hurry(self, number: int, seconds: float = 2.0) -> Look | None:
        """Have one entry looked at now, and wait for it.

        Args:
            number: id of the entry, which is due.
            seconds: how long to wait at most.

        Returns:
            What was found, and is written down; None if that is not known in time, or too many
            wait already.
        """
        return self._room.wait(number, seconds) if self._is_started else None

    def run_due(self, limit: int) -> int:
        """Look here at what is due, one after the other; hosts asked often enough are left out.

        Args:
            limit: entries at most.

        Returns:
            How many were looked at.

        Raises:
            DatabaseError: the database can't be used.
        """
        done = 0
        while done < limit and (claim := self._claim(self._name)):
            done += self._visit(claim)
        return done

    def do_chores(self) -> None:
        """Do here and once what a thread does about once a second.

        Raises:
            DatabaseError: the database can't be used.
        """
        for chore in self._chores:
            chore()

    def _work(self, worker: str) -> None:
        """Look at what is due until all is to stop."""
        while not self._stopping.is_set():
            only = self._room.next()
            if self._stopping.is_set():
                return
            if not self._faults.watch(partial(self._take_one, worker, only)):
                self._stopping.wait(POLL)

    def _take_one(self, worker: str, only: int | None) -> None:
        claim = self._claim(worker, only)
        if claim:
            # There may be more, for others to begin with.
            self._room.ring()
            self._visit(claim)
        elif only is None:
            self._room.calm()
        elif not self._errands.has(only):
            self._room.tell(only, None)

    def _claim(self, worker: str, only: int | None = None) -> Claim | None:
        spared = self._errands.spared()
        claim = self._inbox.claim(worker, only=only, but_hosts=spared)
        if claim:
            self._errands.begin(claim)
        return claim

    def _visit(self, claim: Claim) -> bool:
        """Look at a source and write down what was found, unless its host must be spared now."""
        entry, look = claim.entry, None
        host, begun = host_of(entry.source), time.monotonic()
        try:
            pause = self._rates.fetch(host)
            if pause <= 0:
                try:
                    look = self._look(claim)
                    pause = look.pause or 0
                except TooOften as error:
                    pause = error.seconds
            if (took := time.monotonic() - begun) > SLOW:
                pause = max(pause, took * SLOW_RESTS)
            if pause > 0:
                self._errands.rest(host, pause)
            if look:
                self._inbox.settle(claim, look, self._rules)
            else:
                self._inbox.postpone(claim, pause)
        finally:
            self._errands.end(claim)
            self._room.tell(entry.id, look)
            # What was left for its host's sake may be looked at now.
            self._room.ring()
        return look is not None

    def _look(self, claim: Claim) -> Look:
        entry = claim.entry
        # Of a page that was taken down meanwhile we still know where it stood.
        target = self._targets.find(entry.target) or Target(entry.target, entry.path, "", "", True)
        matches = partial(self._targets.is_same, target)
        try:
            return verification.look(
                self._client,
                entry.source,
                matches,
                claim.offered,
                is_own=self._targets.is_own,
                readers=self._readers,
            )
        except TooOften:
            raise
        except Exception as error:  # noqa: BLE001 - else this entry would be tried for ever
            self._faults.note(error, f"entry {entry.id} can't be verified")
            return Look(Finding.UNREACHABLE, "the receiver itself has failed at it")

    def _watch(self) -> None:
        """Wake a worker if anything is due."""
        due = self._inbox.next_due()
        if due is not None and due <= self._clock():
            self._room.ring()

    def _repeat(self, *works: Callable[[], object]) -> None:
        while not self._stopping.is_set():
            for work in works:
                self._faults.watch(work)
            self._stopping.wait(POLL)
