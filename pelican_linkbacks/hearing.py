"""Hearing: how the commands that hear other blogs are typed."""

from __future__ import annotations

import argparse

from pelican_linkbacks import moderating, receiving, rulebook
from pelican_linkbacks.receiver.entry import Status
from pelican_linkbacks.usage import Usage, entry, listener, network, place

READ, DECIDE, AHEAD = "see what came in", "decide on it", "decide on what will come"

RECEIVED = """\
See what other blogs have told, and decide what is shown; as on the pages that
"pelican-linkbacks serve" shows in the browser. An ID is the number that the
list begins with."""

DEFAULT_BIND = "127.0.0.1:8010"


def add_to(usage: Usage, group: str) -> None:
    """Add all of them.

    Args:
        usage: to what.
        group: under which heading.
    """
    serving = usage.command(
        receiving.serve,
        group,
        "take what other blogs tell, and verify it",
        anywhere=lambda given: bool(given.database and given.targets),
    )
    serving.add_argument(
        "--bind",
        type=listener,
        default=listener(DEFAULT_BIND),
        metavar="HOST:PORT",
        help=f"where to listen (default: {DEFAULT_BIND})",
    )
    _add_places(serving, targets=True)
    serving.add_argument(
        "--trusted-proxy",
        type=network,
        action="append",
        default=[],
        metavar="NETWORK",
        help="a proxy in front of it that may say who asks; may be given again",
    )
    setting = usage.command(
        receiving.password,
        group,
        "set the password of the pages where you decide",
        anywhere=_has_database,
    )
    setting.add_argument(
        "--stdin", action="store_true", help="read it from standard input, and ask nothing"
    )
    _add_places(setting)
    family = usage.family(
        "received", group, "list what came in, approve it, edit it, ...", RECEIVED, _has_database
    )
    _add_received(family)


def _add_received(usage: Usage) -> None:
    add = usage.command
    listing = add(moderating.list_, READ, "what other blogs have told, and its numbers")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.add_argument("--status", choices=list(Status), metavar="STATUS", help=_STATUS)
    listing.add_argument("--search", default="", metavar="WORDS", help="only what holds them")
    checking = add(moderating.verify, READ, "look at all sources that are due")

    for command, text in (
        (moderating.approve, "show it from the next build on"),
        (moderating.dismiss, "keep it out of sight"),
        (moderating.spam, "keep it out of sight, as spam"),
        (moderating.restore, "take back the last decision or edit"),
    ):
        deciding = add(command, DECIDE, text)
        deciding.add_argument("numbers", type=entry, nargs="+", metavar="ID")
        _add_places(deciding)
    editing = add(moderating.edit, DECIDE, "show other words than its own")
    editing.add_argument("number", type=entry, metavar="ID")
    editing.add_argument("--title", metavar="TEXT")
    editing.add_argument("--excerpt", metavar="TEXT")
    erasing = add(moderating.forget, DECIDE, "erase all of a source, and keep it out")
    erasing.add_argument("source", metavar="SOURCE", help="the URL of the page that links")

    ruling = add(rulebook.rules, AHEAD, "the rules there are, and their numbers")
    for command, text in (
        (rulebook.allow, "approve what comes from a host"),
        (rulebook.block, "keep out what comes from a host"),
    ):
        deciding = add(command, AHEAD, text)
        deciding.add_argument("place", type=place, metavar="HOST[/PREFIX]")
        _add_places(deciding)
    ending = add(rulebook.unblock, AHEAD, "remove a rule, of either kind")
    ending.add_argument("number", type=entry, metavar="RULE")
    ending.add_argument("--revert", action="store_true", help="and put back what it has decided")
    for parser in (listing, editing, erasing, ruling, ending):
        _add_places(parser)
    _add_places(checking, targets=True)
    usage.complete()


def _add_places(parser: argparse.ArgumentParser, *, targets: bool = False) -> None:
    parser.add_argument(
        "--database",
        metavar="PATH|URL",
        help="the receiver's database (default: LINKBACKS_DATABASE of the settings)",
    )
    if targets:
        parser.add_argument(
            "--targets",
            metavar="PATH|URL",
            help="the list of pages that builds write (default: LINKBACKS_TARGETS of the settings)",
        )


def _has_database(given: argparse.Namespace) -> bool:
    return bool(given.database)


_STATUS = f"only one of {', '.join(Status)}"
