"""Display: the mentions that stand beside an article, and their place in its page."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pelican_linkbacks.received.shown import Shown

TEMPLATE = (Path(__file__).parent / "templates" / "linkbacks.html").read_text(encoding="utf-8")
"""What is shown where neither the site nor its theme has a ``linkbacks.html`` of its own."""

_TELLING = 48
"""Bytes of an article that are seldom seen twice in its page."""

_ENDS = (b"</article>", b"</main>", b"</body>")


class Conversation(Sequence[Shown]):
    """The mentions of one article, as themes have them.

    They are made when they are looked at, and not kept: nearly all are looked at once, if at all,
    and ten thousand that stay would have Python's collector of garbage go through the whole site.

    Args:
        lines: what was received.
        make: makes of it what may be printed.

    Attributes:
        lines: the same.
        is_used: whether somebody has looked at one of them, as a theme does that prints them.
    """

    is_used = False

    def __init__(
        self, lines: Sequence[bytes], make: Callable[[Sequence[bytes]], list[Shown]]
    ) -> None:
        self.lines = lines
        self._make = make
        self._length: int | None = None

    def __len__(self) -> int:
        if self._length is None:
            self._length = len(self.mentions())
        return self._length

    def __iter__(self) -> Iterator[Shown]:
        self.is_used = True
        return iter(self.mentions())

    def __getitem__(self, index: Any) -> Any:
        self.is_used = True
        return self.mentions()[index]

    def mentions(self) -> list[Shown]:
        """All of them, for ourselves: that is no use."""
        return self._make(self.lines) if self.lines else []


NOTHING = Conversation((), lambda _: [])


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands right after an article's own content in its page.

    Attributes:
        content: the article as it stands in the page.
        ping: its trackback URL, if that is to be shown to people.
        conversation: the mentions to show; NOTHING if they are not to be shown.
        section: makes the HTML that shows them; empty if none of them can be shown.
    """

    content: bytes
    ping: str | None
    conversation: Conversation
    section: Callable[[], bytes]

    def put(self, page: bytes, body: int) -> bytes | None:
        """A page with all of this that it has not yet.

        Args:
            page: as the theme has made it.
            body: where its head ends.

        Returns:
            None if there is no place for it.
        """
        pieces = []
        if self.ping and (line := trackback_line(self.ping)) and line[0] not in page[body:]:
            pieces.append(line[1])
        if self.conversation.lines and not self._is_printed(page):
            pieces.append(self.section())
        if not any(pieces):
            return page
        place = self._place(page, body)
        if place is None:
            return None
        added = b"".join(b"\n%b\n" % piece for piece in pieces if piece)
        if b"\r\n" in page[:body]:
            added = added.replace(b"\n", b"\r\n")
        return page[:place] + added + page[place:]

    def _is_printed(self, page: bytes) -> bool:
        """Whether the theme has printed mentions itself: it has looked at them, and around the
        article stands a link to one of them.

        An index may have looked at them too, and a blogroll may link to the same page; hardly both.
        """
        if not self.conversation.is_used:
            return False
        around = page.replace(self.content, b"", 1) if self.content.strip() else page
        urls = [str(mention.url).encode() for mention in self.conversation.mentions()]
        return any(quote + url + quote in around for url in urls for quote in (b'"', b"'"))

    def _place(self, page: bytes, body: int) -> int | None:
        """Right after the article, else before the last end of what can hold one."""
        if self.content.strip() and (start := _found(self.content, page, body)) >= 0:
            return start + len(self.content)
        ends = (page.rfind(end, body) for end in _ENDS)
        return next((end for end in ends if end >= 0), None)


def _found(content: bytes, page: bytes, start: int) -> int:
    """As ``page.find(content, start)``, which prepares for a long text longer than it searches."""
    while (start := page.find(content[:_TELLING], start)) >= 0:
        if page.startswith(content, start):
            break
        start += 1
    return start


def trackback_line(ping: str) -> tuple[bytes, bytes]:
    """A trackback URL as it stands in HTML, and the line that shows it to people."""
    url = html.escape(ping).encode("ascii")
    return url, b'<p class="trackback-url">Trackback URL: <code>%b</code></p>' % url
