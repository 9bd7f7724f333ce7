"""Terminal: lines, tables and progress for people, and plain lines for everything else."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from pelican_linkbacks import report
from pelican_linkbacks.addresses import printable
from pelican_linkbacks.mention import Mention, Outcome

STYLES = {
    Outcome.SENT: "green",
    Outcome.WAITING: "yellow",
    Outcome.UNDECIDED: "yellow",
    Outcome.HELD: "yellow",
    Outcome.FAILED: "yellow",
    Outcome.GAVE_UP: "red",
    Outcome.REFUSED: "red",
}

LEAST_REASON, LEAST_URL = 50, 40
"""Columns that a reason and a URL need to stand side by side."""


def export(listed: Sequence[Mapping[str, Any]]) -> None:
    """Print a list for programs, as JSON."""
    # The one control character that JSON lets stand as it is.
    sys.stdout.write(json.dumps(listed, indent=2).replace("\x7f", "\\u007f") + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Print a line, with nothing in it that steers a terminal."""
    sys.stdout.write(f"{printable(text)}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Print an error, as a line on standard error."""
    sys.stderr.write(f"pelican-linkbacks: {printable(text)}\n")


def show(groups: Mapping[str, Sequence[Mention]]) -> None:
    """Print what came of mentions, and why: on a terminal as a table an article, else line by line.

    Args:
        groups: the mentions of each article.
    """
    if not sys.stdout.isatty():
        for article, mentions in groups.items():
            say(article)
            for mention in mentions:
                say(f"  {report.line(mention)}")
        return
    console = _console()
    table = _Table([m for mentions in groups.values() for m in mentions], console.width)
    for article, mentions in groups.items():
        console.print(Text(printable(article), "bold"))
        for mention in mentions:
            for line in table.lines(mention):
                console.print(line)
        console.print()


@contextmanager
def watch(total: int) -> Iterator[Callable[[], None]]:
    """Show on a terminal how far a run has come; what is said meanwhile stands above that.

    Args:
        total: how many mentions are about to be told.

    Yields:
        What is called after each of them.
    """
    if not total or not sys.stdout.isatty():
        yield lambda: None
        return
    # Its usual colour while it is under way is the red of an error.
    bar = BarColumn(complete_style="green")
    with Progress(
        TextColumn("Telling"),
        bar,
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=_console(),
        transient=True,
        # What goes from there to a file must not come to the terminal instead.
        redirect_stderr=False,
    ) as progress:
        task = progress.add_task("", total=total)
        yield lambda: progress.advance(task)


def _console() -> Console:
    # With soft wrapping a long line is left to the terminal, so that a URL can be copied whole.
    return Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


class _Table:
    """Outcome, URL and reason of mentions; the reason below the URL where it is too narrow.

    No column of rich's own tables lets a URL be whole that is longer than the column.
    """

    def __init__(self, mentions: Sequence[Mention], width: int) -> None:
        self._first = max((len(mention.outcome) for mention in mentions), default=0)
        indent = 2 + self._first + 2
        # The few that are longer stand alone, lest they push all reasons to the edge.
        most = min(width - indent - 2 - LEAST_REASON, width * 2 // 5)
        lengths = [cell_len(printable(mention.target)) for mention in mentions]
        longest = max((length for length in lengths if length <= most), default=0)
        self._url = longest if most >= LEAST_URL else 0
        self._indent = indent + (self._url + 2 if self._url else 0)
        self._reason = max(width - self._indent, 1)

    def lines(self, mention: Mention) -> Iterator[Text]:
        """The lines of one mention."""
        target, style = printable(mention.target), STYLES.get(mention.outcome, "")
        line = Text.assemble("  ", (mention.outcome.ljust(self._first), style), "  ")
        reasons = _folded(printable(report.details(mention)), self._reason)
        if cell_len(target) <= self._url:
            beside = reasons.pop(0) if reasons else ""
            line.append(f"{set_cell_size(target, self._url)}  {beside}")
        else:
            line.append(target)
        line.rstrip()
        yield line
        for reason in reasons:
            yield Text(" " * self._indent + reason)


def _folded(text: str, width: int) -> list[str]:
    """Break a text between words; a word that is too long, a URL mostly, stays whole."""
    lines: list[str] = []
    for word in text.split():
        if lines and cell_len(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
