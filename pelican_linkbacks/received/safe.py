"""Safe: texts and URLs of others in a form that no template can do harm with.

Pelican's Jinja does not escape what themes print.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

from pelican_linkbacks.received.breaks import ROOM, belongs_to_the_one_before, breakable
from pelican_linkbacks.urls import host_of

LONGEST_WORD = 60
"""Letters of a word; a longer one says nothing more."""

LONGEST_URL = 2000
"""Characters; our receiver takes no longer ones either."""

_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2800]+")

_NO_CHARACTERS = "".join(
    chr(plane << 16 | place) for plane in range(1, 17) for place in (0xFFFE, 0xFFFF)
)
"""HTML must not hold them, nor two in the first plane."""

# What has no shape of its own: signs that turn the direction of writing, of which one that is left
# open turns the rest of the page round; invisible ones; halves of characters, and none. The joiners
# of emoji and Indic scripts (U+200C, U+200D) stay.
_SHAPELESS = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff"
    f"\ufdd0-\ufdef\ufffe\uffff{_NO_CHARACTERS}]"
)

_JOINERS = "\u200c\u200d\ufe00-\ufe0f"
_ONLY_JOINERS = re.compile(f"[ {_JOINERS}]*")

_MARK = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u06d6-\u06ed\u0e31"
    "\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_PILE = re.compile(f"({_MARK}{{3}}){_MARK}+")
"""More accents on one letter than any language has: they run over the lines above and below."""

# Of scripts that are written with blanks between the words.
_LONG_WORD = re.compile(
    "[^\\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ufaff\uff00-\uffef"
    f"\U00020000-\U0003ffff]{{{LONGEST_WORD},}}"
)

_LETTER = "[!-~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u20a0-\u20bf]"
_SMALL = "a-ln-vx-zß-åç-öø-ÿ"
_USUAL_WORD = (
    f"(?:{_LETTER}{{1,{ROOM // 4}}}|{_LETTER}[{_SMALL}]{{1,{ROOM // 2 - 4}}}{_LETTER}?"
    # Of the broad ones three more.
    f"|{_LETTER}(?!(?:[^ mw]*[mw]){{4}})[{_SMALL}mw]{{1,{ROOM // 2 - 7}}}{_LETTER}?)"
)
_USUAL = re.compile(f"(?:{_USUAL_WORD} )*+{_USUAL_WORD}?")
"""Words of usual length and letters with a blank between them: as nearly all texts are, and with
nothing in them that the rest of this module looks for."""

_CONTROL = "".join(map(chr, range(0x21)))
_PLAIN_URL = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:/[\w.~/-]*)?", re.ASCII)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")


def text(words: str, length: int) -> Markup:
    """A text on one line that may stand in HTML, in a quoted attribute too.

    It is "" if nothing of it can be seen.

    Args:
        words: what somebody else wrote.
        length: characters that are kept.
    """
    if len(words) > length:
        words = words[: 4 * length]
    if is_unusual := not _USUAL.fullmatch(words):
        words = _BLANK.sub(" ", _SHAPELESS.sub("", words)).strip()
        words = _LONG_WORD.sub(_cut, _PILE.sub(r"\1", words))
        if _ONLY_JOINERS.fullmatch(words):
            return Markup()
    if len(words) > length:
        words = _shortened(words, length)
    words = words.rstrip()
    return escape(breakable(words) if is_unusual else words)


# That of a mention is asked for when it is put in order, and when it is shown.
@lru_cache(maxsize=64)
def url(address: str) -> Markup | None:
    """An absolute http(s) URL that may stand in a quoted attribute; None for any other."""
    if len(address) > LONGEST_URL:
        return None
    if _PLAIN_URL.fullmatch(address):
        return Markup(address)
    # As browsers read it (WHATWG URL, 4.4): control characters around it and line ends within
    # don't count. None of them may hide what it leads to.
    bare = _SHAPELESS.sub("", re.sub(r"[\t\r\n]", "", address.strip().strip(_CONTROL)))
    try:
        parts = urlsplit(bare)
        host = parts.hostname or ""
    except ValueError:
        return None
    if "@" in parts.netloc or not _HOST.fullmatch(host) or not host_of(bare):
        return None
    head = f"{parts.scheme}://{parts.netloc}"
    if bare[: len(head)].lower() != head.lower():
        return None
    rest = re.sub("%(?![0-9A-Fa-f]{2})", "%25", bare[len(head) :])
    rest, mark, fragment = rest.partition("#")
    rest += mark + fragment.replace("#", "%23")
    return escape(head + quote(rest, safe="%/:=&?~#+!$,;@()*-._"))


def _cut(word: re.Match[str]) -> str:
    return _shortened(word[0], LONGEST_WORD)


def _shortened(words: str, length: int) -> str:
    """The beginning of a text, cut at a blank if one is near, and never within what is drawn as
    one character."""
    end = length - 1
    blank = words.rfind(" ", max(0, end - LONGEST_WORD), end + 1)
    if blank > 0:
        end = blank
    while end > 1 and (belongs_to_the_one_before(words[end]) or words[end - 1] == "\u200d"):
        end -= 1
    return words[:end].rstrip() + "…"
