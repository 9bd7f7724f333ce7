"""Notices: what a sender says to a receiver, and what it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pelican_linkbacks.errors import LinkbackError


class Malformed(LinkbackError):
    """A notice that can't be read: say so to its sender, in the words of its protocol."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a sender says: that a source links to a target.

    Attributes:
        protocol: "webmention", "pingback" or "trackback".
        source: URL of the page that links.
        target: URL of ours that it links to; of a trackback, that of the article whose trackback
            URL was used.
        title, excerpt, blog_name: what a trackback says of its source, in plain text; else "".
    """

    protocol: str
    source: str
    target: str
    title: str = ""
    excerpt: str = ""
    blog_name: str = ""


class Verdict(StrEnum):
    """What a receiver thinks of a notice; each protocol has its own words for it."""

    ACCEPTED = "accepted"
    REGISTERED = "registered"
    MALFORMED = "malformed"
    NO_SOURCE = "no source"
    NO_LINK = "no link"
    NO_TARGET = "no target"
    CLOSED = "closed"
    DENIED = "denied"
    UPSTREAM = "upstream"
    TOO_OFTEN = "too often"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to a notice.

    Attributes:
        status: HTTP status.
        content_type: with its charset.
        body: encoded.
        headers: those besides Content-Type and Content-Length.
    """

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
