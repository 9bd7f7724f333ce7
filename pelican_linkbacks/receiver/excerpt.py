"""Excerpts: the words of a page around its link, plain and cut to their length."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pelican_linkbacks.prose import BLOCKS, shortened, tidy
from pelican_linkbacks.protocols.trackback import EXCERPT_LENGTH

_SIDE = 120
"""Characters on each side of the link."""

_LINK = 100
"""Characters of the link itself."""

_LONGEST_WORD = 30
"""Characters that are given up for a cut between two words; some scripts have no blanks."""

_READ = 4 * EXCERPT_LENGTH
"""Characters that are tidied for those that are kept."""

_SILENT = frozenset({"script", "style", "template", "noscript", "pre", "textarea", "title"})


def around(link: etree._Element) -> str:
    """The words around a link, in the block that it stands in; at most 252 characters.

    Args:
        link: an element of a page; an image is read as its alternative text.
    """
    block = next(link.iterancestors(*BLOCKS, "body"), link)
    before: list[str] = []
    inside: list[str] = []
    after: list[str] = []
    length = 0
    for text, where in _pieces(block, link):
        (before, inside, after)[where].append(text)
        length += len(text) if where > 0 else 0
        if length > _READ:
            break
    words = "".join(inside)
    return fitted("".join(before), words if words.strip() else _alternative(link), "".join(after))


def beginning(element: etree._Element) -> str:
    """The first words of an element; at most 252 characters."""
    text = ""
    for piece, _ in _pieces(element, None):
        text += piece
        if len(text) > _READ:
            break
    return shortened(tidy(text[:_READ]), EXCERPT_LENGTH)


def fitted(before: str, words: str, after: str) -> str:
    """Some words and what stands around them, cut between words to 252 characters."""
    before, after = _flat(before[-_READ:]), _flat(after[:_READ])
    words = shortened(tidy(words[:_READ]), _LINK)
    side = min(_SIDE, (EXCERPT_LENGTH - len(words)) // 2)
    return " ".join((_end(before, side) + words + _start(after, side)).split())


def _pieces(block: etree._Element, link: etree._Element | None) -> Iterator[tuple[str, int]]:
    """The texts of an element in order, each with 0 if it stands before a link, 1 in it, 2 after.

    Without a link all are before it.
    """
    where = 0
    walk = etree.iterwalk(block, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        is_block = element.tag in BLOCKS
        if event == "start":
            where = 1 if element is link else where
            if element.tag in _SILENT and element is not block:
                walk.skip_subtree()
            else:
                yield (" " if is_block else "") + (element.text or ""), where
            continue
        where = 2 if element is link else where
        if element is not block:
            yield (" " if is_block else "") + (element.tail or ""), where


def _alternative(link: etree._Element) -> str:
    images = (image.get("alt", "") for image in link.iter("img", "area"))
    return next((alt for alt in images if alt.strip()), "")


def _flat(text: str) -> str:
    """A tidy text that keeps a blank at its ends."""
    return " " * text[:1].isspace() + tidy(text) + " " * text[-1:].isspace()


def _end(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    cut = text[-length:]
    blank = cut.find(" ", 0, _LONGEST_WORD)
    return "…" + cut[blank + 1 :].lstrip() if blank >= 0 else "…" + cut[1:]


def _start(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    cut = text[:length]
    blank = cut.rfind(" ", length - _LONGEST_WORD)
    return (cut[:blank] if blank >= 0 else cut[:-1]).rstrip(" ,;:-") + "…"
