"""Deadlines that hold, whatever the other side sends, and however slowly."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import socket
import threading
import time

from pelican_linkbacks.addresses import printable
from pelican_linkbacks.errors import TimedOut


class Deadline:
    """The moment at which a request has failed, counted from now.

    Args:
        seconds: how long the request may take.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.moment = time.monotonic() + seconds

    def left(self, host: str) -> float:
        """Seconds that are left, more than 0.

        Args:
            host: whom to blame.

        Raises:
            TimedOut: none are left.
        """
        seconds = self.moment - time.monotonic()
        if seconds <= 0:
            raise self.missed(host)
        return seconds

    def missed(self, host: str) -> TimedOut:
        """The error to raise when ``host`` did not make it."""
        return TimedOut(f"{printable(host)} did not answer within {self.seconds:g} s")


class Watchdog:
    """Shuts sockets down at their deadline, whatever their owner is doing with them.

    A socket's own time-out starts anew with each byte; this one does not. The thread behind it
    starts with the first socket and ends with the last deadline.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: list[tuple[float, int, socket.socket]] = []
        self._numbers = itertools.count()
        self._running = False

    def watch(self, sock: socket.socket, deadline: Deadline) -> socket.socket:
        """Watch a socket, through a duplicate that TLS can't take away.

        Returns:
            The duplicate, to be handed to ``release``.
        """
        duplicate = sock.dup()
        with self._changed:
            heapq.heappush(self._watched, (deadline.moment, next(self._numbers), duplicate))
            self._changed.notify()
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="linkbacks deadlines", daemon=True).start()
        return duplicate

    def release(self, duplicate: socket.socket) -> None:
        """Stop watching; the socket itself stays as it is."""
        # Under the lock: closed while it is being shut down, its number might already stand for
        # someone else's socket.
        with self._changed:
            duplicate.close()

    def _run(self) -> None:
        with self._changed:
            while self._watched:
                moment, _, duplicate = self._watched[0]
                wait = moment - time.monotonic()
                if wait > 0:
                    self._changed.wait(wait)
                    continue
                heapq.heappop(self._watched)
                # An error: it was released in time, or the other side has closed it.
                with contextlib.suppress(OSError):
                    duplicate.shutdown(socket.SHUT_RDWR)
            self._running = False
