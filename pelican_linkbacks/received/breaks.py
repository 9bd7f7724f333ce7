"""Breaks: places in long words of others where a browser may begin a new line.

A theme need not have thought of them: one word that is wider than a telephone's screen makes the
whole page wider than that.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ROOM = 48
"""What fits on the narrowest line: 24 small letters, twice indented."""

HYPHEN, NOTHING = "\u00ad", "\u200b"
"""A hyphen that is seen only at the end of a line, and what is never seen."""

_JOINED = 20
"""More of it for what is drawn as one character: a family needs as much."""

_BROAD = frozenset("MW@%mwæœŒÆЖМФШЩЫЮжмфшщыюωψ—―…⸺")  # noqa: RUF001 - no other letters are meant
_GIANTS = "\u2e3b\ua9c5\ufdf0-\ufdff\U00012000-\U0001247f"

# Chinese and Japanese letters, Hangul, Yi, emoji and flags: lines break between them anyway. Not
# their punctuation, nor scripts that a browser breaks only where it knows the words.
_BETWEEN = (
    "\u3041-\u3096\u30a1-\u30fc\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48c\uac00-\ud7a3\uf900-\ufaff"
    "\U0001f1e6-\U0001faff\U00020000-\U0003ffff"
)
_FREE = re.compile(f"[{_BETWEEN}]")
_ONE = f"(?:[^ {_BETWEEN}]|[{_BETWEEN}](?=\u200d)|(?<=\u200d)[{_BETWEEN}])"
_LONG = re.compile(f"{_ONE}{{{ROOM // 4 + 1},}}")
_WITH_GIANTS = re.compile(f"{_ONE}+")
_GIANT = re.compile(f"[{_GIANTS}]")
_ENDS = frozenset("-./@_=&?~:;,+#")
_ADDRESS = re.compile(r"[\d/@_=]")


def breakable(words: str) -> str:
    """A text on one line whose long words may be broken.

    Args:
        words: with blanks only between words.

    Returns:
        The same text, with signs that can't be seen in words longer than ROOM.
    """
    long = _WITH_GIANTS if _GIANT.search(words) else _LONG
    return long.sub(_broken, words)


def belongs_to_the_one_before(character: str) -> bool:
    """Whether a character is drawn with the one before: a joiner, an accent, a form (U+FE0F) or a
    colour of skin."""
    return (
        character in "\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or unicodedata.category(character)[0] == "M"
    )


def _broken(found: re.Match[str]) -> str:
    word = found[0]
    if sum(map(_width, word)) <= ROOM:
        return word
    is_address = bool(_ADDRESS.search(word))
    pieces: list[str] = []
    start = end = room = 0
    before = " "
    for at, character in enumerate(word):
        width = _width(character)
        joined = _JOINED * ((before == "\u200d") + 2 * belongs_to_the_one_before(character))
        if before in _ENDS and not joined:
            end = at
        if not joined and _breaks_anyway(word, at):
            room, end = ROOM, at
        elif width and room + joined < width:
            cut = _cut(word, start, end, at)
            sign = HYPHEN if not is_address and _is_within_letters(word, cut) else NOTHING
            pieces += (word[start:cut], sign)
            room = ROOM - sum(map(_width, word[cut:at]))
            start = end = cut
        room -= width
        before = character
    return "".join((*pieces, word[start:]))


def _cut(word: str, start: int, end: int, at: int) -> int:
    """Rather where a part of the word ends, if that is near and the rest has room."""
    is_near = end - start > (at - start) // 2
    return end if is_near and sum(map(_width, word[end : at + 1])) <= ROOM else at


def _breaks_anyway(word: str, at: int) -> bool:
    before, after = word[at - 1 : at] or " ", word[at]
    if before == " ":
        return True
    if before == "-":
        return after.isalpha() and word[at - 2 : at - 1].isalpha()
    return bool(_FREE.match(before) and _FREE.match(after))


def _is_within_letters(word: str, at: int) -> bool:
    """Whether a place is between two letters of a script that knows hyphens."""
    return all(c.lower() != c.upper() for c in word[at - 1 : at + 1])


@lru_cache(4096)
def _width(character: str) -> int:
    if belongs_to_the_one_before(character):
        # A font that lacks an accent draws it beside its letter.
        return 1 if "\u0300" <= character < "\u2000" else 0
    if _GIANT.match(character):
        return ROOM
    if character in _BROAD or character >= "\u1000":
        return 4
    return 3 if character.isupper() or character >= "\u0800" else 2
