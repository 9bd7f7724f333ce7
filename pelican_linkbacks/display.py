"""Display: the mentions that stand beside an article, and their place in its page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pelican_linkbacks import markup
from pelican_linkbacks.received.shown import Shown

TEMPLATE = (Path(__file__).parent / "templates" / "linkbacks.html").read_text(encoding="utf-8")
"""What is shown where neither the site nor its theme has a ``linkbacks.html`` of its own."""

_ENDS = (b"</article>", b"</main>", b"</body>")


class Conversation(tuple[Shown, ...]):
    """The mentions of one article, as themes have them.

    Attributes:
        is_used: whether somebody has looked at one of them, as a theme does that prints them.
    """

    is_used = False

    def __iter__(self) -> Iterator[Shown]:
        self.is_used = True
        return super().__iter__()

    def __getitem__(self, index: Any) -> Any:
        self.is_used = True
        return super().__getitem__(index)


def is_printed(page: bytes, conversation: Conversation, content: bytes) -> bool:
    """Whether a theme has printed mentions itself: it has looked at them, and around the article
    stands a link to one of them.

    An index may have looked at them too, and a blogroll may link to the same page; hardly both.

    Args:
        page: the page as the theme has made it.
        conversation: what it could print.
        content: the article as it stands in the page.
    """
    if not conversation.is_used:
        return False
    before, _, after = page.partition(content) if content.strip() else (page, b"", b"")
    around = before + after
    urls = [str(mention.url).encode() for mention in tuple.__iter__(conversation)]
    return any(quote + url + quote in around for url in urls for quote in (b'"', b"'"))


def place(page: bytes, content: bytes) -> int | None:
    """Where in a page something goes that belongs to its article; None if there is no place.

    That is right after the article's own content, else before the last end of an ``<article>``,
    ``<main>`` or ``<body>``.

    Args:
        page: the page.
        content: the article as it stands there, if it does.
    """
    body = markup.head_end(page) or 0
    start = page.find(content, body) if content.strip() else -1
    if start >= 0:
        return start + len(content)
    ends: Iterable[int] = (page.rfind(end, body) for end in _ENDS)
    return next((end for end in ends if end >= 0), None)


def insert(page: bytes, place: int, pieces: Iterable[bytes]) -> bytes:
    """A page with pieces of HTML at a place, each on lines of its own, in the page's line ends."""
    added = b"".join(b"\n%b\n" % piece for piece in pieces)
    if b"\r\n" in page[:place]:
        added = added.replace(b"\n", b"\r\n")
    return page[:place] + added + page[place:]
