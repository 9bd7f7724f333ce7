"""Prose: plain text from markup, tidied and cut for people to read."""

from __future__ import annotations

import html
import re
import unicodedata

from lxml.html import defs

BLOCKS = frozenset(
    (defs.block_tags | {"article", "aside", "br", "figcaption", "figure", "section", "summary"})
    - {"del", "ins"}
)
"""Elements that part the text before them from the text after them."""

_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)(?:[\s/][^<>]*)?>")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
"""Unseen, but Persian words and many an emoji are misspelt without them."""


def plain(markup: str) -> str:
    """The text of some HTML on one line, without scripts and code samples."""
    from bs4 import BeautifulSoup  # see ``run``: most builds never need it

    # In a body of its own, so that bs4 takes no short text for the name of a file and warns.
    soup = BeautifulSoup(f"<body>{markup}", "lxml")
    for element in soup(["script", "style", "template", "pre"]):
        element.replace_with(" ")
    for element in soup(sorted(BLOCKS)):
        element.insert(0, " ")
        element.append(" ")
    return " ".join(soup.get_text().split())


def plain_title(title: str) -> str:
    """The text of a title on one line.

    Markdown hands a title over as raw text, reStructuredText as HTML: only what is an HTML
    element goes, so that ``vector<int>`` stays as it is.
    """
    if "<" in title or "&" in title:
        bare = _TAG.sub(lambda tag: "" if tag[1].lower() in defs.tags else tag[0], title)
        title = html.unescape(bare)
    return " ".join(title.split())


def tidy(text: str) -> str:
    """A text from outside on one line, without what can't be seen or turns the others around.

    Control characters and marks of direction go, the joiners within words and emoji stay.
    """
    words = " ".join(text.split())
    if not words.isprintable():
        seen = (c for c in words if c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
        words = " ".join("".join(seen).split())
    # Joiners that join nothing make a text that looks empty.
    return words if words.strip(f"{_JOINERS} ") else ""


def shortened(text: str, length: int) -> str:
    """Text of at most ``length`` characters, cut at a word."""
    if len(text) <= length:
        return text
    cut = text[:length]
    return (cut[: cut.rfind(" ")] if " " in cut else cut[:-1]).rstrip(" ,;:-") + "…"
