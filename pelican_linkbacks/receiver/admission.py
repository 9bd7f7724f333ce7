"""Admission: what becomes of a notice, from its arrival to the answer."""

from __future__ import annotations

from dataclasses import dataclass

from pelican_linkbacks.manifest import Target
from pelican_linkbacks.notice import Notice, Verdict
from pelican_linkbacks.protocols import webmention
from pelican_linkbacks.receiver.entry import Entry, Finding, Look, Status
from pelican_linkbacks.receiver.parts import Parts
from pelican_linkbacks.urls import host_of, spelt_alike

PATIENCE = 2.0
"""Seconds that a sender waits for the verification of its source."""

NOT_READY = 60.0
"""Seconds to wait for a receiver that knows no pages yet, or has too many entries queued."""

LATER = "Accepted. The source will be looked at soon."
GONE = "Accepted. The source no longer links to the target."
ELSEWHERE = "The target is no article of this site."

_VERDICTS = {
    Finding.LINKS: Verdict.ACCEPTED,
    Finding.NO_LINK: Verdict.NO_LINK,
    Finding.GONE: Verdict.NO_SOURCE,
    Finding.NOT_FOUND: Verdict.NO_SOURCE,
    Finding.FORBIDDEN: Verdict.DENIED,
    Finding.UNREACHABLE: Verdict.UPSTREAM,
}
_LOST = frozenset({Finding.NO_LINK, Finding.GONE, Finding.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a sender is to be told.

    Attributes:
        verdict: what became of its notice.
        said: the words for that, or "" for the usual ones.
        pause: seconds to wait, for the verdicts that ask for it.
        entry: the notice as it was stored.
    """

    verdict: Verdict
    said: str = ""
    pause: float | None = None
    entry: Entry | None = None


def rule(parts: Parts, notice: Notice) -> Ruling:
    """Take a notice, and wait a little for its verification.

    Nothing is asked of the source's server unless the target is a page of ours that takes notices.

    Raises:
        DatabaseError: the database can't be used.
    """
    targets = parts.targets
    if not targets.ready:
        return Ruling(Verdict.BUSY, pause=NOT_READY)
    target = targets.find(notice.target)
    if target is None:
        return unknown(parts, notice.target)
    if not target.open:
        return Ruling(Verdict.CLOSED)
    return _refusal(parts, notice) or _admitted(parts, notice, target)


def unknown(parts: Parts, url: str) -> Ruling:
    """What is said of a target that the manifest does not have."""
    # Of other pages than articles nobody knows whether they exist (Pingback 1.0, fault code 32).
    is_home = spelt_alike(url) == spelt_alike(parts.config.siteurl)
    if is_home or not parts.targets.is_own(url):
        return Ruling(Verdict.CLOSED, ELSEWHERE)
    return Ruling(Verdict.NO_TARGET)


def _refusal(parts: Parts, notice: Notice) -> Ruling | None:
    """Why a source is not looked at; None if it is."""
    wait = parts.rates.source(host_of(notice.source))
    if wait > 0:
        return Ruling(Verdict.TOO_OFTEN, pause=wait)
    if parts.targets.is_own(notice.source):
        return Ruling(Verdict.DENIED, "The source is a page of this site itself.")
    if parts.rules.blocks(notice.source) or parts.inbox.is_kept_out(notice.source):
        return Ruling(Verdict.DENIED)
    if parts.moderation.count(Status.QUEUED) >= parts.capacity:
        return Ruling(Verdict.BUSY, pause=NOT_READY)
    return None


def _admitted(parts: Parts, notice: Notice, target: Target) -> Ruling:
    taken = parts.inbox.take(notice, target)
    entry = taken.entry
    if not taken.fresh:
        is_update = notice.protocol == webmention.NAME
        return Ruling(Verdict.ACCEPTED if is_update else Verdict.REGISTERED, entry=entry)
    return _ruling(entry, parts.verifiers.hurry(entry.id, PATIENCE))


def _ruling(entry: Entry, look: Look | None) -> Ruling:
    if look is None:
        return Ruling(Verdict.ACCEPTED, LATER, entry=entry)
    # Who tells that a link is gone is right (Webmention, section 3.2.4).
    if entry.status is not Status.QUEUED and look.finding in _LOST:
        return Ruling(Verdict.ACCEPTED, GONE, entry=entry)
    return Ruling(_VERDICTS[look.finding], entry=entry)
