"""Received: the mentions that others sent us and the author approved, from wherever they come.

One module for each form in which they come; what they have in common is ``Received``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

KINDS = frozenset({"mention", "reply", "like", "repost", "bookmark"})


class Received(NamedTuple):
    """One page of somebody else that links to a page of ours, as its origin tells it.

    All texts are as they came: ``Shown`` is what may be printed.

    Attributes:
        source: absolute URL of the page that links, as it was told.
        target: absolute URL of our page.
        protocol: "webmention", "pingback", "trackback", or "" if its origin does not say.
        kind: one of KINDS.
        url: where its readers find the source.
        title, author, excerpt: plain text; "" if unknown.
        published: when the source says that it was published, else when it was received.
    """

    source: str
    target: str
    protocol: str = ""
    kind: str = "mention"
    url: str = ""
    title: str = ""
    author: str = ""
    excerpt: str = ""
    published: datetime | None = None


def moment(value: object) -> datetime | None:
    """The moment that a text in ISO 8601 names, in UTC unless it says otherwise; None if it names
    none."""
    try:
        when = datetime.fromisoformat(text(value))
        if when.tzinfo is UTC:
            return when
        return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def text(value: object) -> str:
    """A text, or "" for whatever else stands in its place."""
    return value if isinstance(value, str) else ""
