"""Wording: how times, numbers and URLs from outside are written on a page."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pelican_linkbacks.addresses import printable
from pelican_linkbacks.receiver.entry import Kind, Texts
from pelican_linkbacks.urls import host_of

_DOES = {
    Kind.MENTION: "mentions",
    Kind.REPLY: "replies to",
    Kind.LIKE: "likes",
    Kind.REPOST: "reposts",
    Kind.BOOKMARK: "bookmarks",
}

_STEPS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_LONGEST = 7 * 86_400


def number(count: int, thing: str) -> str:
    """A number of things, such as "1 mention" and "2 mentions"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def moment(seconds: float) -> str:
    """A time (seconds since 1970 UTC) for people."""
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def machine_time(seconds: float) -> str:
    """The same for programs, in ISO 8601."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def ago(seconds: float) -> str:
    """How long ago a time was; its date if that is more than a week."""
    passed = time.time() - seconds
    if passed >= _LONGEST:
        at = datetime.fromtimestamp(seconds, UTC)
        return f"{at.day} {at:%b %Y}"
    for length, name in _STEPS:
        if passed >= length:
            return f"{number(int(passed // length), name)} ago"
    return "just now"


def day(published: str) -> str:
    """The day of a date as a page gives it (ISO 8601); "" if it is no date."""
    try:
        at = datetime.fromisoformat(published)
    except ValueError:
        return ""
    return f"{at.day} {at:%b} {at.year}"


def web(url: str) -> str:
    """The URL if it may stand behind a link: absolute http(s); else ""."""
    return url.strip() if host_of(url) else ""


def place(url: str) -> str:
    """A URL as text: without scheme and final slash, and nothing in it unseen."""
    bare = url.strip()
    if host := host_of(url):
        parts = urlsplit(bare)
        bare = host + parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return printable(bare)


def host(url: str) -> str:
    """The host of a URL as text, without a leading "www."."""
    return printable(host_of(url)).removeprefix("www.")


def does(kind: Kind) -> str:
    """What a source does with a page of ours, between its author and that page."""
    return _DOES[kind]


def speaker(texts: Texts, source: str) -> str:
    """Who speaks: the author, or else the host."""
    return texts.author.strip() or host(source)


FILTERS = (number, moment, machine_time, ago, day, web, place, host, does)
"""What the templates know of all this, by its own names; and ``speaker``, which takes two."""
