"""Rulebook: the commands that decide beforehand. Their docstrings are their help."""

from __future__ import annotations

import argparse

from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import LinkbackError
from pelican_linkbacks.receiving import desk
from pelican_linkbacks.terminal import say


def rules(config: Config, arguments: argparse.Namespace) -> int:
    """List which hosts need not be decided on one by one.

    The exit status is 1 if the database can't be used.
    """
    with desk(config, arguments) as opened:
        listed = opened.rules.all()
    for rule in listed:
        say(f"{rule.id:>4}  {rule.words}")
    if not listed:
        say("There are no rules; allow and block add some.")
    return 0


def allow(config: Config, arguments: argparse.Namespace) -> int:
    """Approve what comes from a host from now on, and what waits, once it is verified.

    The exit status is 1 if there can be no such host.
    """
    return _rule(config, arguments, approves=True)


def block(config: Config, arguments: argparse.Namespace) -> int:
    """Keep out what comes from a host from now on, and dismiss what waits.

    The exit status is 1 if there can be no such host.
    """
    return _rule(config, arguments, approves=False)


def unblock(config: Config, arguments: argparse.Namespace) -> int:
    """Remove a rule, by its number; what it has decided stays decided.

    With --revert what it has decided waits for you again.

    The exit status is 1 if there is no such rule.
    """
    with desk(config, arguments) as opened:
        if not opened.rules.remove(arguments.number, revert=arguments.revert):
            raise LinkbackError(f"There is no rule {arguments.number}; rules lists them.")
    say(f"Rule {arguments.number} is removed.")
    return 0


def _rule(config: Config, arguments: argparse.Namespace, *, approves: bool) -> int:
    host, prefix = arguments.place
    with desk(config, arguments) as opened:
        from pelican_linkbacks.receiver.decisions import Decisions
        from pelican_linkbacks.receiver.rules import Action

        decisions = Decisions(opened.moderation, opened.rules)
        say(decisions.add(Action.APPROVE if approves else Action.BLOCK, host, prefix).said)
    return 0
