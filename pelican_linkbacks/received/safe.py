"""Safe: texts and URLs of others in a form that no template can do harm with.

Pelican's Jinja does not escape what themes print.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

from pelican_linkbacks.urls import host_of

LONGEST_WORD = 60
"""Letters of a word; a longer one would push a narrow page out of its frame."""

_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")

# What has no shape of its own: signs that turn the direction of writing, of which one that is left
# open turns the rest of the page round; invisible ones; halves of characters. The joiners of emoji
# and Indic scripts (U+200C, U+200D) stay.
_SHAPELESS = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)

_MARK = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u06d6-\u06ed\u0e31-\u0e3a"
    "\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_PILE = re.compile(f"({_MARK}{{3}}){_MARK}+")
"""More accents on one letter than any language has: they run over the lines above and below."""

# Of scripts that are written with blanks between the words; others break anywhere.
_LONG_WORD = re.compile(
    "[^\\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ufaff\uff00-\uffef"
    f"\U00020000-\U0003ffff]{{{LONGEST_WORD},}}"
)

_USUAL = re.compile(rf"(?:\S{{1,{LONGEST_WORD - 1}}} )*+\S{{0,{LONGEST_WORD - 1}}}")
"""Words of usual length with a blank between them; what else may be wrong is quicker to see."""

_PLAIN_URL = re.compile(r"https?://([a-z0-9.-]+)(?:/[\w.~/-]*)?", re.ASCII)


def text(words: str, length: int) -> Markup:
    """A text on one line that may stand in HTML, in an attribute too.

    Args:
        words: what somebody else wrote.
        length: characters that are kept.
    """
    words = words[: 4 * length]
    if not (words.isprintable() and _USUAL.fullmatch(words)):
        words = _BLANK.sub(" ", _SHAPELESS.sub("", words))
        words = _LONG_WORD.sub(_cut, words).strip()
    if not words.isascii():
        words = _PILE.sub(r"\1", words)
    if len(words) > length:
        words = words[: length - 1].rstrip() + "…"
    return escape(words)


def url(address: str) -> Markup | None:
    """An absolute http(s) URL that may stand in a quoted attribute; None for any other."""
    if _PLAIN_URL.fullmatch(address):
        return Markup(address)
    try:
        is_plain = "@" not in urlsplit(address).netloc
    except ValueError:
        return None
    if not is_plain or not host_of(address):
        return None
    return escape(quote(_SHAPELESS.sub("", address.strip()), safe="%/:=&?~#+!$,;@()*[]-._"))


def _cut(word: re.Match[str]) -> str:
    return word[0][: LONGEST_WORD - 1] + "…"
