"""The command ``pelican-linkbacks``."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pelican.settings import read_settings

from pelican_linkbacks import __version__, report
from pelican_linkbacks.addresses import printable
from pelican_linkbacks.config import Config
from pelican_linkbacks.delivery import Delivery
from pelican_linkbacks.errors import LinkbackError, SettingsError, StateError
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.moves import move_site, site_has_moved
from pelican_linkbacks.retries import due
from pelican_linkbacks.state import State, locked
from pelican_linkbacks.urls import silence

SETTINGS = ("publishconf.py", "pelicanconf.py")
FIRST_POLL, LONGEST_POLL = 2.0, 30.0
"""Seconds between two looks at a page that is not online yet, at first and at most."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: arguments without the program's name; ``sys.argv`` if None.

    Returns:
        The exit status: 0, 1 (failed) or 2 (usage, by SystemExit).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that can't show a letter of somebody's answer must not end the command.
            stream.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(argv)
    command: Callable[[Config, argparse.Namespace], int] = arguments.command
    try:
        return command(_config(arguments.settings), arguments)
    except SettingsError as error:
        for problem in error.problems:
            _complain(problem)
    except LinkbackError as error:
        _complain(str(error))
    except KeyboardInterrupt:
        _complain("interrupted; what was told is recorded, the rest is left to the next run")
    except BrokenPipeError:
        # Whoever read along has seen enough; Python must not complain of it at exit.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process
    return 1


def status(config: Config, arguments: argparse.Namespace) -> int:
    """Show what was told, what waits, and why."""
    state = _known(config)
    shown = [mention for mention in state.mentions() if mention.outcome is not Outcome.OLD]
    for article, mentions in report.by_article(shown).items():
        _say(article)
        for mention in mentions:
            _say(f"  {report.line(mention)}")
    counts = Counter(mention.outcome for mention in state.mentions())
    listed = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    _say(f"{len(state.articles)} articles; mentions: {listed or 'none'}.")
    return 0


def send(config: Config, arguments: argparse.Namespace) -> int:
    """Tell what waits, however long it takes; see ``_parser`` for its options."""
    end = time.monotonic() + arguments.wait
    settled = _send_due(config)
    while (waiting := _waiting(config)) and time.monotonic() < end:
        _say(f"Waiting up to {end - time.monotonic():.0f} s: {waiting[0].answer}.")
        _poll(config, waiting[0], end)
        settled = _send_due(config, settled)
    state = _known(config)
    _say(report.summary(None, settled, state))
    for why in dict.fromkeys(mention.answer for mention in waiting):
        _say(f"  {why}")
    return 1 if waiting else 0


def release(config: Config, arguments: argparse.Namespace) -> int:
    """Queue what was held because it was so much at once."""
    with locked(config.state_file):
        state = _known(config)
        held = [mention for mention in state.mentions() if mention.outcome is Outcome.HELD]
        for mention in held:
            state.put(replace(mention, outcome=Outcome.QUEUED))
        state.save()
    _say(f"{len(held)} held links are queued now; to tell them, run: {report.NOW}")
    return 0


def moved(config: Config, arguments: argparse.Namespace) -> int:
    """Take SITEURL as the address to which the site has moved for good."""
    if why := silence(config):
        raise SettingsError([f"{why}; name the settings of the published site with -s."])
    with locked(config.state_file):
        state = _known(config)
        if not site_has_moved(state, config.siteurl):
            _say(f"The state is of {state.siteurl} already; nothing to do.")
            return 0
        former = state.siteurl
        move_site(state, config.siteurl)
        state.save()
    _say(f"The site has moved from {former} to {config.siteurl}; the next build sends again.")
    return 0


def _send_due(config: Config, before: Sequence[Mention] = ()) -> list[Mention]:
    """Tell what is due; returns what this run and those before have decided, the last word only."""
    with locked(config.state_file):
        state = _known(config)
        state.save()
        delivery = Delivery(replace(config, siteurl=state.siteurl), state, _say)
        try:
            settled = delivery.run(due(state, datetime.now(UTC)))
        finally:
            state.save()
    latest = {(mention.article, mention.target): mention for mention in [*before, *settled]}
    return list(latest.values())


def _waiting(config: Config) -> list[Mention]:
    state = _known(config)
    return [mention for mention in state.mentions() if mention.outcome is Outcome.WAITING]


def _poll(config: Config, mention: Mention, end: float) -> None:
    """Look at one page until it is as it should be, or time is up. Holds no lock meanwhile."""
    state = _known(config)
    delivery = Delivery(replace(config, siteurl=state.siteurl), state, _say)
    pause = FIRST_POLL
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_POLL)
        if delivery.agrees(mention):
            return


def _known(config: Config) -> State:
    state = State.load(config.state_file)
    if not state.exists:
        raise StateError(
            f"There is no state file at {config.state_file} yet: the first build of the published "
            "site makes it."
        )
    return state


def _config(settings: str | None) -> Config:
    name = settings or next((name for name in SETTINGS if Path(name).is_file()), None)
    if name is None or not Path(name).is_file():
        missing = f"{name} is not there" if name else f"no {' or '.join(SETTINGS)} in this folder"
        raise SettingsError([f"{missing}; name your Pelican settings file with -s."])
    # What Pelican has to say of other settings is said at each build.
    logging.getLogger("pelican").setLevel(logging.CRITICAL)
    try:
        read = read_settings(name)
    except Exception as error:
        raise SettingsError([f"{name} can't be read: {error}"]) from error
    return Config.from_settings(read)


def _say(text: str) -> None:
    print(printable(text), flush=True)


def _complain(text: str) -> None:
    print(f"pelican-linkbacks: {printable(text)}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pelican-linkbacks",
        description="Tell the blogs that your Pelican site links to, and see what came of it.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "-s",
        "--settings",
        metavar="FILE",
        help=f"Pelican settings file (default: {SETTINGS[0]}, else {SETTINGS[1]})",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(function: Callable[..., int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(function.__name__, help=text, description=text)
        command.set_defaults(command=function)
        return command

    add(status, "show what was told, what waits, and why")
    sending = add(
        send,
        "tell what waits: after an upload, or again after a failure. The exit status is 1 if pages "
        "of this site are still not online.",
    )
    sending.add_argument(
        "--wait",
        type=_seconds,
        default=0,
        metavar="SECONDS",
        help="wait so long for pages of this site to come online (default: look once)",
    )
    add(release, "tell links that were held because they were many at once in old articles")
    add(moved, "confirm that the site has moved to the SITEURL of the settings")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not seconds >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds
