"""How the story is told: folded to the width of a page, what commands say marked as quoted."""

import textwrap


class StoryError(Exception):
    """The story went another way than told."""


def begin(act: str) -> None:
    """Print the heading of an act."""
    print(f"\n{textwrap.fill(act, 78, subsequent_indent='       ')}", flush=True)


def tell(*sentences: str) -> None:
    """Print each sentence on its own."""
    for sentence in sentences:
        print(_folded(sentence, "  ", "  "), flush=True)


def item(words: str) -> None:
    """Print an item of a list."""
    print(_folded(words, "  - ", "    "), flush=True)


def quote(words: str) -> None:
    """Print what a command has said."""
    for line in words.splitlines():
        if bare := line.strip():
            print(_folded(bare, "  > ", "    "), flush=True)


def expect(holds: object, otherwise: str) -> None:
    """Stop the story with one sentence when it does not hold."""
    if not holds:
        raise StoryError(otherwise)


def _folded(text: str, first: str, further: str) -> str:
    # A URL that is broken in two can't be copied.
    return textwrap.fill(
        text,
        78,
        initial_indent=first,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )
