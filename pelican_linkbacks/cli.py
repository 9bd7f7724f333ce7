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
from pathlib import Path

from pelican.settings import read_settings

from pelican_linkbacks import __version__, report
from pelican_linkbacks.addresses import printable
from pelican_linkbacks.background import quiet
from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.discovery import explain
from pelican_linkbacks.errors import LinkbackError, SettingsError
from pelican_linkbacks.mention import Outcome
from pelican_linkbacks.moves import move_site, site_has_moved
from pelican_linkbacks.outbox import Outbox, known_state
from pelican_linkbacks.storage import locked
from pelican_linkbacks.urls import silence

SETTINGS = ("publishconf.py", "pelicanconf.py")


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
        return command(_config(arguments.settings, anywhere=command is discover), arguments)
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
    state = known_state(config)
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
    box = Outbox(config, _say)
    box.send()
    while (waiting := box.waiting()) and time.monotonic() < end:
        _say(f"Waiting up to {end - time.monotonic():.0f} s: {waiting[0].answer}.")
        box.poll(waiting[0], end)
        box.send()
    _say(report.summary(None, box.settled, known_state(config)))
    for why in dict.fromkeys(mention.answer for mention in waiting):
        _say(f"  {why}")
    return 1 if waiting else 0


def discover(config: Config, arguments: argparse.Namespace) -> int:
    """Show what a page advertises, and what a link to it would be told by."""
    with quiet():
        for line in explain(Client(config).get(arguments.url), config.protocols):
            _say(line)
    return 0


def release(config: Config, arguments: argparse.Namespace) -> int:
    """Queue what was held because it was so much at once."""
    with locked(config.state_file):
        state = known_state(config)
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
        state = known_state(config)
        if not site_has_moved(state, config.siteurl):
            _say(f"The state is of {state.siteurl} already; nothing to do.")
            return 0
        former = state.siteurl
        move_site(state, config.siteurl)
        state.save()
    _say(f"The site has moved from {former} to {config.siteurl}; the next build sends again.")
    return 0


def _config(settings: str | None, *, anywhere: bool) -> Config:
    """The settings that a file holds; the defaults if there is none and it may run anywhere."""
    name = settings or next((name for name in SETTINGS if Path(name).is_file()), None)
    if name is None and anywhere:
        return Config(siteurl="", content=Path(), output=Path(), cache=Path())
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
    looking = add(discover, "show what a page advertises, and what a link to it would be told by")
    looking.add_argument("url", metavar="URL", help="the page, as you would link to it")
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
