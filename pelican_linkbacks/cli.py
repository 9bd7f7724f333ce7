"""The command ``pelican-linkbacks``: its arguments, and the status it exits with."""

from __future__ import annotations

import argparse
import inspect
import io
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from pelican_linkbacks import __version__, commands, settings, staged
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import LinkbackError, SettingsError
from pelican_linkbacks.terminal import complain

NAME = "pelican-linkbacks"

LOOK, TELL, MEND = "see what is going on", "tell other blogs", "correct what is remembered"

EXAMPLE = """\
for example, after each upload of your site:
  pelican-linkbacks send --wait 600

pelican-linkbacks COMMAND --help says when you need a command, and with which
status it exits: 0 if it did what it was asked, 1 if not, 2 if it was misspelt.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: arguments without the program's name; ``sys.argv`` if None.

    Returns:
        The exit status: 0, 1 (failed or interrupted) or 2 (usage, by SystemExit).
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that can't show a letter of somebody's answer must not end the command.
            stream.reconfigure(errors="backslashreplace")
        elif stream is None:
            # Whoever has started us has closed it.
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - for the rest of the process
    arguments = _parser().parse_args(argv)
    try:
        command: Callable[[Config, argparse.Namespace], int] = arguments.command
        return command(_config(arguments), arguments)
    except SettingsError as error:
        for problem in error.problems:
            complain(problem)
    except LinkbackError as error:
        complain(str(error))
    except KeyboardInterrupt:
        complain("interrupted; what was told is recorded, the rest is left to the next run")
    except BrokenPipeError:
        # Whoever read along has seen enough; Python must not complain of it at exit.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process
    return 1


def _config(arguments: argparse.Namespace) -> Config:
    """The settings that a file holds; the defaults if there is none and it may run anywhere."""
    # The doctor reads them itself, for what is wrong with them is among its findings.
    if arguments.command is commands.doctor or (
        arguments.settings is None and arguments.anywhere and not settings.find()
    ):
        return Config(siteurl="", content=Path(), output=Path(), cache=Path())
    return settings.read(arguments.settings)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser()
    add = parser.command

    showing = add(commands.status, LOOK, "what was told, what waits, and why")
    showing.add_argument("--json", action="store_true", help="all that is known, for programs")
    showing.add_argument("name", nargs="?", metavar="ARTICLE|URL", help=_NAME)
    add(commands.receipts, LOOK, "ask what became of what was told")
    add(staged.plan, LOOK, "what a build would do now, and why")
    add(commands.doctor, LOOK, "what keeps links from being told, and what to do")
    looking = add(commands.discover, LOOK, "what some page offers to a link", anywhere=True)
    looking.add_argument("url", metavar="URL", help="the page, as you would link to it")

    sending = add(commands.send, TELL, "tell what waits, after an upload for example")
    sending.add_argument(
        "--wait",
        type=_seconds,
        default=0,
        metavar="SECONDS",
        help="wait so long for pages of this site to come online (default: look once)",
    )
    again = add(commands.retry, TELL, "tell once more what has failed")
    again.add_argument("name", nargs="?", metavar="ARTICLE|URL", help=_NAME)
    filling = add(staged.backfill, TELL, "tell old links, which no build tells by itself")
    filling.add_argument(
        "--since", type=_date, metavar="DATE", help="only in articles of this day (2026-11-22) on"
    )
    filling.add_argument("--dry-run", action="store_true", help="list them, and tell nobody")
    add(commands.release, TELL, "queue what was held because it was so much at once")

    losing = add(commands.forget, MEND, "let the next build take links for new")
    losing.add_argument("name", metavar="ARTICLE|URL", help=_NAME)
    add(commands.moved, MEND, "confirm that the site has moved to another host")
    return parser.complete()


_NAME = "an article (its file, its path on the site or its URL), or a URL that is linked to"


class _Parser:
    """Gathers the commands, each in a group of the help; argparse knows no such groups."""

    def __init__(self) -> None:
        self._parser = argparse.ArgumentParser(
            prog=NAME,
            usage="%(prog)s [-h] [--version] [-s FILE] COMMAND ...",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self._parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
        self._parser.add_argument(
            "-s",
            "--settings",
            metavar="FILE",
            help=f"Pelican settings file (default: {settings.NAMES[0]}, else {settings.NAMES[1]})",
        )
        self._commands = self._parser.add_subparsers(
            prog=NAME, required=True, metavar="COMMAND", help=argparse.SUPPRESS
        )
        self._groups: dict[str, list[str]] = {}

    def command(
        self, function: Callable[..., int], group: str, text: str, *, anywhere: bool = False
    ) -> argparse.ArgumentParser:
        """Add a command, named as its function is.

        Args:
            function: what it does; its docstring is the command's help.
            group: the heading under which the help lists it.
            text: what it is listed with.
            anywhere: whether it can do without a settings file.
        """
        name = function.__name__.replace("_", "-")
        command = self._commands.add_parser(
            name,
            description=inspect.getdoc(function),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(command=function, anywhere=anywhere)
        self._groups.setdefault(group, []).append(f"  {name:<10}  {text}")
        return command

    def complete(self) -> argparse.ArgumentParser:
        """The parser, with its commands listed."""
        listed = [f"{group}:\n" + "\n".join(lines) for group, lines in self._groups.items()]
        about = "Tell the blogs that your Pelican site links to, and see what came of it."
        self._parser.description = "\n\n".join([about, *listed])
        self._parser.epilog = EXAMPLE
        return self._parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-11-22") from error


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not seconds >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds
