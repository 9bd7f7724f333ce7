"""Metadata: what the author says of linkbacks in an article's own header."""

from __future__ import annotations

import re
from typing import Any

from pelican_linkbacks.urls import host_of

_BETWEEN = re.compile(r",*\s+|,+$|,+(?=https?://)", re.IGNORECASE)
"""A comma may also stand inside a URL."""

_YES = frozenset({"yes", "true", "on", "both"})
_NO = frozenset({"no", "false", "off", "none"})


def trackbacks(value: Any) -> tuple[tuple[str, ...], list[str]]:
    """Read a ``Trackbacks:`` line.

    Args:
        value: URLs with spaces, commas or line breaks between them, or a list of such texts.

    Returns:
        The URLs, each once, and a sentence for each word that is none.
    """
    if not value:
        return (), []
    text = " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    words = [word for word in _BETWEEN.split(text) if word]
    problems = [
        f"Trackbacks: takes http(s) URLs with spaces between them; {word!r} is none."
        for word in words
        if not host_of(word)
    ]
    return tuple(dict.fromkeys(word for word in words if host_of(word))), problems


def directions(value: Any) -> tuple[bool, bool, list[str]]:
    """Read a ``Linkbacks:`` line.

    Args:
        value: ``yes``, ``no``, ``send`` or ``receive``; None where there is no such line.

    Returns:
        Whether the article's links are told, whether it is advertised as taking linkbacks, and
        what is wrong. A word that is not known closes both, since what is told can't be unsaid.
    """
    if value is None:
        return True, True, []
    word = str(value).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES, word in _YES, []
    problem = f"Linkbacks: takes yes, no, send or receive; {value!r} is none, so neither is done."
    return word == "send", word == "receive", [] if word in {"send", "receive"} else [problem]
