"""Display: the mentions that stand beside an article, and their place in its page."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pelican_linkbacks.received import Received
from pelican_linkbacks.received.shown import Shown

TEMPLATE = (Path(__file__).parent / "templates" / "linkbacks.html").read_text(encoding="utf-8")
"""What is shown where neither the site nor its theme has a ``linkbacks.html`` of its own."""

_ENDS = (b"</article>", b"</main>", b"</body>")


class Conversation(Sequence[Shown]):
    """The mentions of one article, as themes have them.

    Each is made when it is looked at, and not kept: nearly all are looked at once, and ten thousand
    that stay would have Python's collector of garbage go through the whole site.

    Args:
        received: what was received, and leads somewhere.
        make: makes of it what may be printed.

    Attributes:
        is_used: whether somebody has looked at one of them, as a theme does that prints them.
    """

    is_used = False

    def __init__(
        self, received: Sequence[Received], make: Callable[[Received], Shown | None]
    ) -> None:
        self._received = received
        self._make = make

    def __len__(self) -> int:
        return len(self._received)

    def __iter__(self) -> Iterator[Shown]:
        self.is_used = True
        return iter(self.mentions())

    def __getitem__(self, index: Any) -> Any:
        self.is_used = True
        return self.mentions()[index]

    def mentions(self) -> list[Shown]:
        """All of them, for ourselves: that is no use."""
        return [made for made in map(self._make, self._received) if made]


NOTHING = Conversation((), lambda _: None)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands right after an article's own content in its page.

    Attributes:
        content: the article as it stands in the page.
        ping: its trackback URL, if that is to be shown to people.
        conversation: the mentions to show; none if there are none, or if they are not to be shown.
        section: makes the HTML that shows them.
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
        if self.conversation and not self._is_printed(page):
            pieces.append(self.section())
        if not pieces:
            return page
        place = self._place(page, body)
        if place is None:
            return None
        added = b"".join(b"\n%b\n" % piece for piece in pieces)
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
        start = page.find(self.content, body) if self.content.strip() else -1
        if start >= 0:
            return start + len(self.content)
        ends = (page.rfind(end, body) for end in _ENDS)
        return next((end for end in ends if end >= 0), None)


def trackback_line(ping: str) -> tuple[bytes, bytes]:
    """A trackback URL as it stands in HTML, and the line that shows it to people."""
    url = html.escape(ping).encode("ascii")
    return url, b'<p class="trackback-url">Trackback URL: <code>%b</code></p>' % url
