"""Waiting: idle workers that wait for something to do, and requests that wait for its outcome."""

from __future__ import annotations

import threading
from collections import deque

from pelican_linkbacks.receiver.entry import Look

MOST_WAITING = 8
"""Requests that may wait for a look at once, so that the others are answered all the same."""


class WaitingRoom:
    """Where workers learn what is wanted, and requests what was found; all threads share it."""

    def __init__(self) -> None:
        # Only idle workers wait for it.
        self._wanted = threading.Condition()
        self._is_any_due = False
        self._is_closed = False
        self._hurried: deque[int] = deque()
        self._waiters: list[_Waiter] = []
        self._seats = threading.BoundedSemaphore(MOST_WAITING)

    def ring(self) -> None:
        """Say that something may be due."""
        with self._wanted:
            self._is_any_due = True
            self._wanted.notify()

    def calm(self) -> None:
        """Say that nothing is due."""
        with self._wanted:
            self._is_any_due = False

    def close(self) -> None:
        """Let all workers go."""
        with self._wanted:
            self._is_closed = True
            self._wanted.notify_all()

    def next(self) -> int | None:
        """Wait until there is something to do.

        Returns:
            The id of an entry that somebody waits for; None for whatever is due, if anything is.
        """
        with self._wanted:
            self._wanted.wait_for(lambda: self._hurried or self._is_any_due or self._is_closed)
            return self._hurried.popleft() if self._hurried else None

    def wait(self, number: int, seconds: float) -> Look | None:
        """Have an entry looked at first, and wait for it.

        Args:
            number: its id.
            seconds: how long to wait at most.

        Returns:
            What was found; None if that is not known in time, or too many wait already.
        """
        if not self._seats.acquire(blocking=False):
            self.ring()
            return None
        waiter = _Waiter(number)
        try:
            with self._wanted:
                self._waiters.append(waiter)
                self._hurried.append(number)
                self._wanted.notify()
            waiter.over.wait(seconds)
            return waiter.look
        finally:
            with self._wanted:
                self._waiters.remove(waiter)
                if number in self._hurried:
                    # No worker had time for it; now it is as urgent as all the others.
                    self._hurried.remove(number)
                    self._is_any_due = True
            self._seats.release()

    def tell(self, number: int, look: Look | None) -> None:
        """Tell whoever waits for an entry what was found; None if they had better not wait."""
        with self._wanted:
            for waiter in self._waiters:
                if waiter.number == number:
                    waiter.look = look
                    waiter.over.set()


class _Waiter:
    def __init__(self, number: int) -> None:
        self.number = number
        self.look: Look | None = None
        self.over = threading.Event()
