"""Errands: which looks are under way, and which hosts must be spared for now."""

from __future__ import annotations

import threading
import time
from collections import Counter

from pelican_linkbacks.receiver.inbox import Claim
from pelican_linkbacks.urls import host_of

PER_HOST = 2
"""Looks at one host at once, so that a slow one leaves most threads to the others."""

LONGEST_REST = 3600.0
"""Seconds for which a host is spared at most, however long a pause it asks for."""

MOST_RESTS = 500
"""Hosts that are spared at once: each claim names them all, and names cost their owner nothing."""


class Errands:
    """What all workers of a process have claimed; they share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._claims: dict[str, Claim] = {}
        self._rests: dict[str, float] = {}

    def spared(self) -> set[str]:
        """The hosts of which nothing may be claimed now."""
        now = time.monotonic()
        with self._lock:
            kept = [rest for rest in self._rests.items() if rest[1] > now]
            self._rests = dict(kept[-MOST_RESTS:])
            busy = Counter(host_of(claim.entry.source) for claim in self._claims.values())
            return {*self._rests, *(host for host, looks in busy.items() if looks >= PER_HOST)}

    def rest(self, host: str, seconds: float) -> None:
        """Spare a host for so long."""
        with self._lock:
            self._rests[host] = time.monotonic() + min(seconds, LONGEST_REST)

    def begin(self, claim: Claim) -> None:
        """A look is under way."""
        with self._lock:
            self._claims[claim.key] = claim

    def end(self, claim: Claim) -> None:
        """It is over."""
        with self._lock:
            self._claims.pop(claim.key, None)

    def has(self, number: int) -> bool:
        """Whether the entry with an id is being looked at."""
        return any(claim.entry.id == number for claim in self.claims())

    def claims(self) -> list[Claim]:
        """What is under way."""
        with self._lock:
            return list(self._claims.values())
