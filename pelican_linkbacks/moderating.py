"""Moderating: the commands that show and decide what came in. Their docstrings are their help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import LinkbackError
from pelican_linkbacks.receiver.entry import Entry, Status
from pelican_linkbacks.receiver.wording import machine_time
from pelican_linkbacks.receiving import desk, working
from pelican_linkbacks.report import count
from pelican_linkbacks.terminal import export, say
from pelican_linkbacks.urls import host_of

if TYPE_CHECKING:
    from pelican_linkbacks.receiver.desk import Desk

AT_ONCE = 500
"""Entries read at once."""


def list_(config: Config, arguments: argparse.Namespace) -> int:
    """List what other blogs have told, the latest first.

    Each has a number, by which the other commands know it, and a status: queued
    (not verified yet), pending (waits for your decision), approved, dismissed,
    spam, or removed (it was approved, and its sender has taken it back).

    --json prints one array of objects with the keys id, protocol, kind, source,
    target, status, title, author, excerpt and received, with times in UTC.

    The exit status is 1 if the database can't be used.
    """
    status = Status(arguments.status) if arguments.status else None
    with desk(config, arguments) as opened:
        entries = list(_all(opened, status, arguments.search))
    if arguments.json:
        export([_as_json(entry) for entry in entries])
        return 0
    for entry in entries:
        for line in _lines(entry):
            say(line)
    if not entries:
        kind = " of the kind" if status or arguments.search else ""
        say(f"Nothing{kind} was received yet.")
    return 0


def approve(config: Config, arguments: argparse.Namespace) -> int:
    """Approve what came in, by its numbers: it may be shown from the next build on.

    What was not verified yet can't be approved.

    The exit status is 1 if one of them is not there, or can't be approved.
    """
    return _decide(config, arguments, Status.APPROVED)


def dismiss(config: Config, arguments: argparse.Namespace) -> int:
    """Keep what came in out of sight, by its numbers, however often it is told again.

    The exit status is 1 if one of them is not there.
    """
    return _decide(config, arguments, Status.DISMISSED)


def spam(config: Config, arguments: argparse.Namespace) -> int:
    """Do as dismiss does, and call it spam.

    The exit status is 1 if one of them is not there.
    """
    return _decide(config, arguments, Status.SPAM)


def restore(config: Config, arguments: argparse.Namespace) -> int:
    """Take back the last decision on each of these, or the last edit.

    The exit status is 1 if one of them is not there, or if there is nothing to
    take back.
    """
    with desk(config, arguments) as opened:
        _known(opened, arguments.numbers)
        changed = opened.moderation.undo(arguments.numbers)
        for number in changed:
            entry = opened.moderation.entry(number)
            say(f"{number} is {entry.status if entry else 'gone'} again.")
    return _left(arguments.numbers, changed, "Nothing to take back")


def edit(config: Config, arguments: argparse.Namespace) -> int:
    """Show other words of a source than its own.

    What you leave out stays as it is; --title "" shows none.

    The exit status is 1 if it is not there.
    """
    with desk(config, arguments) as opened:
        (entry,) = _known(opened, [arguments.number])
        title, excerpt = arguments.title, arguments.excerpt
        opened.moderation.edit(
            entry.id,
            entry.texts.title if title is None else title,
            entry.texts.excerpt if excerpt is None else excerpt,
        )
        (entry,) = _known(opened, [arguments.number])
        for line in _lines(entry):
            say(line)
    return 0


def forget(config: Config, arguments: argparse.Namespace) -> int:
    """Erase all that is known of a source, and keep it out for good.

    For when its author asks for it. Only a digest of its URL is kept, which tells
    it apart if it comes again.

    The exit status is 1 if it is no URL of another page.
    """
    if not host_of(arguments.source):
        raise LinkbackError(f"{arguments.source} is no absolute http(s) URL.")
    with desk(config, arguments) as opened:
        number = opened.moderation.forget(arguments.source)
    say(f"{count(number, 'mention')} erased; that source stays out.")
    return 0


def verify(config: Config, arguments: argparse.Namespace) -> int:
    """Look now at all sources that are due, as a running receiver does by itself.

    For where none may run for long: have it run every ten minutes. A host is asked
    six times a minute at most; how many are left is said.

    The exit status is 1 if the database can't be used.
    """
    with working(config, arguments) as house:
        house.targets.refresh()
        looked = house.verifiers.run_due(sys.maxsize)
        house.verifiers.do_chores()
        left = house.desk.inbox.queued()
    say(f"{count(looked, 'mention')} looked at; {left} still due.")
    return 0


def _decide(config: Config, arguments: argparse.Namespace, status: Status) -> int:
    with desk(config, arguments) as opened:
        _known(opened, arguments.numbers)
        changed = opened.moderation.set_status(arguments.numbers, status)
        entries = _known(opened, arguments.numbers)
    if changed:
        say(f"{status.capitalize()}: {', '.join(map(str, changed))}.")
    wanted = [entry.id for entry in entries if entry.status is status]
    return _left(arguments.numbers, wanted, "Not verified yet")


def _known(opened: Desk, numbers: Sequence[int]) -> list[Entry]:
    """The entries of these numbers.

    Raises:
        LinkbackError: one of them is not there.
    """
    entries = []
    for number in numbers:
        entry = opened.moderation.entry(number)
        if entry is None:
            raise LinkbackError(f"There is no received mention {number}; nothing was changed.")
        entries.append(entry)
    return entries


def _left(numbers: Sequence[int], done: Sequence[int], why: str) -> int:
    """Say which were left as they were, and give the exit status."""
    left = [str(number) for number in dict.fromkeys(numbers) if number not in done]
    if left:
        say(f"{why}, so left as it was: {', '.join(left)}.")
    return 1 if left else 0


def _all(opened: Desk, status: Status | None, words: str) -> Iterator[Entry]:
    offset = 0
    while found := opened.moderation.find(status, words, offset=offset, limit=AT_ONCE):
        yield from found
        offset += AT_ONCE


def _lines(entry: Entry) -> Iterator[str]:
    texts = entry.texts
    yield f"{entry.id:>4}  {entry.status:<9}  {entry.source}"
    yield f"      {texts.kind} of {entry.target}, by {entry.protocol}"
    by = f"({texts.author})" if texts.author else ""
    news = "Its text has changed; the receiver's pages show how." if entry.proposal else ""
    for line in (f"{texts.title} {by}".strip(), texts.excerpt, entry.flag, news):
        if line:
            yield f"      {line}"


def _as_json(entry: Entry) -> dict[str, Any]:
    """An entry for programs; what they find in it stays as it is from release to release."""
    return {
        "id": entry.id,
        "protocol": entry.protocol,
        "kind": str(entry.texts.kind),
        "source": entry.source,
        "target": entry.target,
        "status": str(entry.status),
        "title": entry.texts.title,
        "author": entry.texts.author,
        "excerpt": entry.texts.excerpt,
        "received": machine_time(entry.received),
    }
