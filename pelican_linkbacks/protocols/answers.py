"""Answers: what the protocols share in what a receiver says."""

from __future__ import annotations

import math

from pelican_linkbacks import reading
from pelican_linkbacks.notice import Verdict

PAUSE = 60.0
"""Seconds that a sender is asked to wait if nobody knows better."""

_LONGEST = 500
_STATUSES = {Verdict.TOO_OFTEN: 429, Verdict.BUSY: 503}
_WORDS = {
    Verdict.ACCEPTED: "Accepted. It is shown once the author has approved it.",
    Verdict.REGISTERED: "This is known already.",
    Verdict.MALFORMED: "This can't be read.",
    Verdict.NO_SOURCE: "The source does not exist.",
    Verdict.NO_LINK: "The source does not link to the target.",
    Verdict.NO_TARGET: "The target does not exist here.",
    Verdict.CLOSED: "The target takes no such notices.",
    Verdict.DENIED: "The source is not welcome here.",
    Verdict.UPSTREAM: "The source can't be reached now. It will be tried again.",
    Verdict.TOO_OFTEN: "This is too often. Try again later.",
    Verdict.BUSY: "There is too much to do. Try again later.",
}


def words(verdict: Verdict, said: str) -> str:
    """What is said to a sender, without control characters, on one line of at most 500 characters.

    Args:
        verdict: whose usual words are taken for want of others.
        said: other words, or "".
    """
    return reading.one_line(said)[:_LONGEST] or _WORDS[verdict]


def status(verdict: Verdict, otherwise: int) -> int:
    """The HTTP status of a verdict: that of a pause if it asks for one."""
    return _STATUSES.get(verdict, otherwise)


def pause(verdict: Verdict, seconds: float | None) -> tuple[tuple[str, str], ...]:
    """The header that asks a sender to wait (RFC 9110, section 10.2.3), if the verdict does.

    Args:
        verdict: what the receiver thinks.
        seconds: how long; None if nobody knows.
    """
    if verdict not in _STATUSES:
        return ()
    whole = math.ceil(min(PAUSE if seconds is None else seconds, reading.LONGEST_PAUSE))
    return (("Retry-After", str(max(whole, 1))),)
