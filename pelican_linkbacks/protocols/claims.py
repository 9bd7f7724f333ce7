"""Claims: what a sender says of a source and a target, checked before anybody acts on it."""

from __future__ import annotations

from urllib.parse import urlsplit

from pelican_linkbacks.notice import Malformed
from pelican_linkbacks.reading import LONGEST_URL
from pelican_linkbacks.urls import host_of


def url(field: str, value: str) -> str:
    """A URL that a sender names, as written but for the blanks around it.

    Args:
        field: what the protocol calls it, for the sender to read.
        value: what was sent.

    Raises:
        Malformed: it is no absolute http(s) URL, or not one to be asked for.
    """
    found = value.strip()
    if not found:
        raise Malformed(f"{field} is missing: it must be the URL of a page.")
    if len(found) > LONGEST_URL:
        raise Malformed(f"{field} is too long: at most {LONGEST_URL:,} characters are read.")
    # Dropping what can't be seen would make another URL of it.
    if not found.isprintable() or " " in found or not host_of(found):
        raise Malformed(f"{field} must be an absolute http or https URL.")
    if "@" in urlsplit(found).netloc:
        raise Malformed(f"{field} must not contain a user name or a password.")
    return found
