"""Entries: one received mention each, as the inbox keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where an entry stands.

    QUEUED is accepted and not verified yet, REMOVED was approved and is gone from its source by
    its sender's own word; only APPROVED is shown to anybody but the author.
    """

    QUEUED = "queued"
    PENDING = "pending"
    APPROVED = "approved"
    DISMISSED = "dismissed"
    SPAM = "spam"
    REMOVED = "removed"


class Kind(StrEnum):
    """What the source does with the target."""

    MENTION = "mention"
    REPLY = "reply"
    LIKE = "like"
    REPOST = "repost"
    BOOKMARK = "bookmark"


@dataclass(frozen=True, slots=True)
class Texts:
    """What is shown of a source: plain text, each on one line and cut to its length.

    Attributes:
        title: at most 250 characters.
        author: at most 100.
        excerpt: the words around the link, at most 252.
        published: ISO 8601 as the source says it, or "".
        kind: what it does with the target.
        url: where its readers find it, at the host of the source.
    """

    title: str = ""
    author: str = ""
    excerpt: str = ""
    published: str = ""
    kind: Kind = Kind.MENTION
    url: str = ""


class Finding(StrEnum):
    """What one look at a source found."""

    LINKS = "links"
    NO_LINK = "no link"
    GONE = "gone"
    NOT_FOUND = "not found"
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a source found.

    Attributes:
        finding: LINKS with HTTP 2xx and a link; NO_LINK with 2xx and none; GONE for 410; NOT_FOUND
            for 404 and other 4xx that won't pass; FORBIDDEN for what must not be asked; else
            UNREACHABLE (5xx, 429, a time-out).
        how: how the link was found, or why it was not, in a sentence for the author.
        url: the URL that answered, after redirects; "" if none did.
        texts: what to show of it; None unless the link is there.
        own: what its page alone says, which is another thing if a trackback said something too.
        pause: seconds that its server asked us to wait, or None.
    """

    finding: Finding
    how: str
    url: str = ""
    texts: Texts | None = None
    pause: float | None = None
    own: Texts | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One source that links to one page of ours.

    All times are seconds since 1970-01-01 UTC.

    Attributes:
        id: number, never used twice.
        protocol: of the last notice that told of it before it was approved.
        source: URL as it was told.
        target: URL of our page, as the manifest has it.
        path: the manifest's path of that page.
        status: where it stands.
        texts: what is shown of it, as approved or edited.
        proposal: what the source says now, where that differs from what the author has approved
            or edited; else None.
        decided_by: "author", the rule that decided in words for people, or "".
        how: how its link was found, or why not, in a sentence.
        flag: what the author should know: that an approved source is gone or leads elsewhere; "".
        token: the secret part of its status URL.
        received, updated: when it was told first, and when its texts or its status changed last.
        verified: when the link was seen last, or None.
        attempts: looks in a row that came to nothing.
        due: when it is to be looked at next, or None for never.
    """

    id: int
    protocol: str
    source: str
    target: str
    path: str
    status: Status
    texts: Texts
    proposal: Texts | None
    decided_by: str
    how: str
    flag: str
    token: str
    received: float
    updated: float
    verified: float | None
    attempts: int
    due: float | None
