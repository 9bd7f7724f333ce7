"""What a sender is answered by our own receiver, as the page that our sender reads."""

from __future__ import annotations

from pelican_linkbacks.notice import Answer
from pelican_linkbacks.page import Page


def page_of(answer: Answer) -> Page:
    """The page that arrives when a receiver answers so."""
    headers = (("Content-Type", answer.content_type), *answer.headers)
    return Page("https://blog.example/endpoint", answer.status, headers, answer.body)
