"""What the other modules pass around: values without behaviour of their own."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What came of one mention, from the first thought to the last word.

    The order is the order of progress: where two records tell of the same mention, the later
    member is the truer one. So nothing that was told is ever taken for untold.
    """

    QUEUED = "queued"
    WAITING = "waiting"
    UNDECIDED = "undecided"
    HELD = "held"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    SKIPPED = "skipped"
    OLD = "old"
    GAVE_UP = "gave-up"
    NONE = "none"
    REFUSED = "refused"
    SENT = "sent"


UNTOLD = frozenset(
    {Outcome.QUEUED, Outcome.WAITING, Outcome.UNDECIDED, Outcome.HELD, Outcome.FAILED}
)
"""Outcomes of mentions that are still on their way: their link may go, and they with it."""

DUE = frozenset({Outcome.QUEUED, Outcome.WAITING, Outcome.FAILED})
"""Outcomes of mentions that a run tries to tell, as soon as their pause is over."""


class Receipt(StrEnum):
    """What became of a mention that was told, as far as one can see from outside.

    SHOWN is on the target's page or in its feed, HELD is known to its receiver, which may be
    waiting for its author; HIDDEN is neither.
    """

    SHOWN = "shown"
    HELD = "held"
    HIDDEN = "hidden"


NAMED = "Trackbacks:"
"""``found_by`` of a trackback URL that the author named; his page need not link to it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a target takes notices.

    Attributes:
        url: absolute http(s) URL.
        protocol: "webmention", "pingback" or "trackback".
        found_by: the rule that found it, in words for people.
    """

    url: str
    protocol: str
    found_by: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a trackback says of its source, in plain text.

    Attributes:
        title: title of the source.
        text: its first words, at most 252 characters.
        blog_name: name of the blog it stands in.
    """

    title: str
    text: str
    blog_name: str


@dataclass(frozen=True, slots=True)
class Mention:
    """One source that links to one target, and what came of telling it.

    Attributes:
        article: the source's URL path under the outermost SITEURL, percent-encoded, no leading
            slash; the whole URL if it is not under it.
        file: the source's file, relative to Pelican's PATH.
        source: absolute URL of the page that links; once told, the URL it was told with.
        target: absolute URL linked to, as the author wrote it; for a ``Trackbacks:`` line the
            trackback URL itself.
        outcome: what came of it so far.
        protocol, endpoint, found_by: what it was told with, or is to be told with.
        attempts: how often telling it has failed.
        next_attempt: not before this time (UTC); None for at once.
        answer: what the other side said, or why nothing was said; at most 200 characters.
        first_seen: when a build saw the link first (UTC).
        excerpt: what a trackback says of the source; kept until it is told.
        status_url: where the endpoint tells what has become of the notice.
        removal: whether it is the going of the link that is to be told, after the link was.
        paused_by: the host that asked to be left alone until ``next_attempt``.
        asked_at: when a notice left whose answer nobody has written down yet (UTC); after a run
            that was killed, the other side may know of it.
        told_at: when it was told (UTC).
        receipt: what has become of it since; None if that was never seen.
        receipt_at: when that was asked last (UTC).
    """

    article: str
    file: str
    source: str
    target: str
    outcome: Outcome = Outcome.QUEUED
    protocol: str | None = None
    endpoint: str | None = None
    found_by: str | None = None
    attempts: int = 0
    next_attempt: datetime | None = None
    answer: str | None = None
    first_seen: datetime | None = None
    excerpt: Excerpt | None = None
    status_url: str | None = None
    removal: bool = False
    paused_by: str | None = None
    asked_at: datetime | None = None
    told_at: datetime | None = None
    receipt: Receipt | None = None
    receipt_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """The body of a notice and its Content-Type."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint's answer means.

    Attributes:
        outcome: SENT, REFUSED or FAILED.
        answer: what was said, in words for people.
        pause: seconds that the endpoint asked us to wait; 0 if it named none; None if it did
            not ask.
        unsupported: whether the endpoint does not serve this protocol at all, so that another
            may be tried.
        status_url: where the endpoint tells what has become of the notice.
        paused_by: the host that asked for the pause.
        timed_out: whether no whole answer came in time.
    """

    outcome: Outcome
    answer: str
    pause: float | None = None
    unsupported: bool = False
    status_url: str | None = None
    paused_by: str | None = None
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """One published source as this build made it.

    Attributes:
        path: as ``Mention.article``.
        file: as ``Mention.file``.
        url: absolute URL at which it is published.
        html: its own final HTML, without the theme around it.
        date: when it was published (aware); None for a page without a date.
        is_page: a Pelican page, not an article.
        send: whether its links may be told (``Linkbacks:``).
        trackbacks: trackback URLs the author named (``Trackbacks:``).
        title: its title as the author wrote it, raw text or HTML.
        summary: the author's summary as HTML, or None.
        blog_name: SITENAME of the site it stands in.
        slug: Pelican's, which its translations share.
    """

    path: str
    file: str
    url: str
    html: str
    date: datetime | None
    is_page: bool = False
    send: bool = True
    trackbacks: tuple[str, ...] = ()
    title: str = ""
    summary: str | None = None
    blog_name: str = ""
    slug: str = ""
