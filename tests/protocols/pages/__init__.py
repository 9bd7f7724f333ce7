"""Pages as other blogs serve them, one file a case.

A file begins with a line that says what the case shows and lines of what is expected: ``endpoint``
and ``by``, the rule that finds it, or ``endpoint: none``. Headers, a blank line and a body follow
as a server would send them. A page stands at the URL of ``samples.page`` and was asked for by it,
unless ``url`` and ``asked`` say otherwise.
"""

from __future__ import annotations

from pathlib import Path

from pelican_linkbacks.page import Page
from tests.samples import page


def of(protocol: str) -> list[Path]:
    """The files of one protocol."""
    return sorted((Path(__file__).parent / protocol).glob("*.http"))


def read(file: Path) -> tuple[dict[str, str], Page]:
    """What a case expects, and its page; an endpoint that is not expected is left out."""
    head, _, body = file.read_bytes().partition(b"\n\n")
    try:
        lines = head.decode().split("\n")
    except UnicodeDecodeError:
        lines = head.decode("latin-1").split("\n")
    assert lines[0].startswith("# "), "every case says what it shows"
    said = [line.removeprefix("# ").partition(": ") for line in lines[1:] if line.startswith("# ")]
    expected = {name: value for name, _, value in said}
    if expected["endpoint"] == "none":
        del expected["endpoint"]
    pairs = (line.partition(":") for line in lines if not line.startswith("# "))
    headers = tuple((name, value.strip()) for name, _, value in pairs)
    url, asked = expected.get("url", page().url), expected.get("asked", "")
    return expected, Page(url, 200, headers, body, asked)
