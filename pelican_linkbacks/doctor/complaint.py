"""Complaint: what is to be said of one of our pages, and of all others like it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pelican_linkbacks.doctor.finding import Finding, Level
from pelican_linkbacks.report import count


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is to be said of a page, and of others like it.

    Attributes:
        level: how it is to be taken.
        text: what is said, to be followed by the page's URL.
        advice: what to do.
    """

    level: Level
    text: str
    advice: str


def findings(subject: str, found: Mapping[Complaint, Sequence[str]]) -> Iterator[Finding]:
    """One finding for each complaint.

    Args:
        subject: what was examined, in a word.
        found: the URLs of the pages that each is about.
    """
    for complaint, urls in found.items():
        text = f"{complaint.text}: {first(urls)}."
        yield Finding(subject, complaint.level, text, complaint.advice)


def silence(subject: str, silent: Mapping[str, str], advice: str) -> Iterator[Finding]:
    """One finding for all pages that gave no answer.

    Args:
        subject: what was examined, in a word.
        silent: why, by URL.
        advice: what to do.
    """
    if silent:
        text = f"No answer: {first(list(silent))} ({next(iter(silent.values()))})."
        yield Finding(subject, Level.WRONG, text, advice)


def first(urls: Sequence[str]) -> str:
    """The first of some URLs, and how many more there are."""
    more = len(urls) - 1
    return f"{urls[0]} and {count(more, 'more page')}" if more else urls[0]
