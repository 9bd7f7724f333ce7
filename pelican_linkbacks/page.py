"""Page: what a URL answered."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message

from pelican_linkbacks.codings import shipped


@dataclass(frozen=True, slots=True)
class Page:
    """What a URL answered.

    Attributes:
        url: the URL that answered, after redirects, without a fragment.
        status: HTTP status.
        headers: names and values, in the order of the answer.
        body: decoded (Content-Encoding), at most 1 MiB unless more was asked for.
        asked: the URL that was asked at first; "" for what was not asked by GET.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    asked: str = ""

    def header(self, name: str) -> list[str]:
        """Every value of a header, in order; the name in any case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; "" if the answer names none."""
        return "".join(self.header("Content-Type")[:1]).partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """The charset of the Content-Type, if it names one that Python knows."""
        message = Message()
        message["Content-Type"] = "".join(self.header("Content-Type")[:1])
        charset = message.get_content_charset("")
        try:
            # Unlike codecs.lookup, this refuses what turns bytes into bytes, as "hex".
            " ".encode(shipped(charset) or "")
        except (LookupError, ValueError):
            return None
        return charset
