"""What WordPress looks for in a page that claims to link to it: a title, and a link with a text."""

from html.parser import HTMLParser
from urllib.parse import urldefrag

CONTEXT = 60


class SourcePage(HTMLParser):
    """Reads a page for its title and for the text around its first link to the target."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.title = ""
        self._target = urldefrag(target).url
        self._element = ""
        self._text = ""
        self._start: int | None = None
        self._end: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # WordPress overlooks a title that carries attributes.
        self._element = "nothing" if tag == "title" and attrs else tag
        if tag == "a" and self._end is None and self._is_target(dict(attrs).get("href")):
            self._start = len(self._text)

    def handle_endtag(self, tag: str) -> None:
        self._element = ""
        if tag == "a" and self._start is not None and self._end is None:
            self._close_link(self._start)

    def handle_data(self, data: str) -> None:
        if self._element == "title":
            self.title += data
        elif self._element not in ("script", "style"):
            self._text += data

    def _is_target(self, href: str | None) -> bool:
        return href is not None and urldefrag(href).url == self._target

    def _close_link(self, start: int) -> None:
        if self._text[start:].strip():
            self._end = len(self._text)
        else:
            self._start = None

    def excerpt(self) -> str | None:
        """The words around the link, or None if the page has no link with a text."""
        if self._start is None or self._end is None:
            return None
        around = self._text[max(0, self._start - CONTEXT) : self._end + CONTEXT]
        # The outermost words may be cut in two, so they go.
        return " ".join(["[…]", *around.split()[1:-1], "[…]"])
