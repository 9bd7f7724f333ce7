"""Faults: errors of our own in threads that must go on, logged rarely and without personal data."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from pelican_linkbacks.addresses import printable
from pelican_linkbacks.errors import LinkbackError

PAUSE = 3600.0
"""Seconds until the same fault is logged again."""


class Faults:
    """Logs faults, each of them once an hour at most.

    Args:
        log: where to.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._known: dict[str, float] = {}

    def watch(self, work: Callable[[], object]) -> bool:
        """Do something that may fail.

        Returns:
            Whether it went well.
        """
        try:
            work()
        except LinkbackError as error:
            self.tell(error)
            return False
        except Exception as error:  # noqa: BLE001 - the thread must go on
            self.note(error, "something failed in the background")
            return False
        return True

    def tell(self, error: LinkbackError) -> None:
        """Log an error whose text is fit to be shown."""
        self._once(str(error))

    def note(self, error: Exception, what: str) -> None:
        """Log an error that nobody expected.

        Its text is left out, for it may hold what somebody has sent.

        Args:
            error: the error.
            what: what came of it, in words for people.
        """
        self._once(f"a mistake in pelican_linkbacks ({_place(error)})", what)

    def _once(self, fault: str, what: str = "") -> None:
        now = time.monotonic()
        with self._lock:
            if fault in self._known and now < self._known[fault] + PAUSE:
                return
            self._known[fault] = now
        self._log.error("%s", printable(f"{fault}: {what}" if what else fault))


class OneLine(logging.Handler):
    """Gives each warning and error to a function, as one line without what somebody has sent.

    Args:
        say: takes the line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Say what a record says; of an exception in it only what and where it was."""
        error = record.exc_info[1] if record.exc_info else None
        self._say(record.getMessage() + (f" ({_place(error)})" if error else ""))


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "nowhere"
    return f"{type(error).__name__} at {where}"
