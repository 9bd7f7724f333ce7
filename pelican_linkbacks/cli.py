"""The command ``pelican-linkbacks``: its arguments, and the status it exits with."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pelican_linkbacks import (
    __version__,
    commands,
    hearing,
    settings,
    staged,
)
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import LinkbackError, SettingsError
from pelican_linkbacks.terminal import complain
from pelican_linkbacks.usage import Command, Usage, day, seconds

NAME = "pelican-linkbacks"

LOOK, TELL, MEND = "see what is going on", "tell other blogs", "correct what is remembered"
HEAR = "hear other blogs"

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
        command: Command = arguments.command
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
        arguments.settings is None and not settings.find() and arguments.anywhere(arguments)
    ):
        return Config(siteurl="", content=Path(), output=Path(), cache=Path())
    return settings.read(arguments.settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=NAME,
        usage="%(prog)s [-h] [--version] [-s FILE] COMMAND ...",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EXAMPLE,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "-s",
        "--settings",
        metavar="FILE",
        help=f"Pelican settings file (default: {settings.NAMES[0]}, else {settings.NAMES[1]})",
    )
    about = "Tell the blogs that your Pelican site links to, and hear what others tell of it."
    usage = Usage(parser, about)
    _add_sending(usage.command)
    hearing.add_to(usage, HEAR)
    _add_mending(usage.command)
    usage.complete()
    return parser


def _add_sending(add: Callable[..., argparse.ArgumentParser]) -> None:
    showing = add(commands.status, LOOK, "what was told, what waits, and why")
    showing.add_argument("--json", action="store_true", help="all that is known, for programs")
    showing.add_argument("name", nargs="?", metavar="ARTICLE|URL", help=_NAME)
    add(commands.receipts, LOOK, "ask what became of what was told")
    add(staged.plan, LOOK, "what a build would do now, and why")
    add(commands.doctor, LOOK, "what keeps links from being told, and what to do")
    looking = add(
        commands.discover, LOOK, "what some page offers to a link", anywhere=lambda _: True
    )
    looking.add_argument("url", metavar="URL", help="the page, as you would link to it")

    sending = add(commands.send, TELL, "tell what waits, after an upload for example")
    sending.add_argument(
        "--wait",
        type=seconds,
        default=0,
        metavar="SECONDS",
        help="wait so long for pages of this site to come online (default: look once)",
    )
    again = add(commands.retry, TELL, "tell once more what has failed")
    again.add_argument("name", nargs="?", metavar="ARTICLE|URL", help=_NAME)
    filling = add(staged.backfill, TELL, "tell old links, which no build tells by itself")
    filling.add_argument(
        "--since", type=day, metavar="DATE", help="only in articles of this day (2026-11-22) on"
    )
    filling.add_argument("--dry-run", action="store_true", help="list them, and tell nobody")
    add(commands.release, TELL, "queue what was held because it was so much at once")


def _add_mending(add: Callable[..., argparse.ArgumentParser]) -> None:
    losing = add(commands.forget, MEND, "let the next build take links for new")
    losing.add_argument("name", metavar="ARTICLE|URL", help=_NAME)
    add(commands.moved, MEND, "confirm that the site has moved to another host")


_NAME = "an article (its file, its path on the site or its URL), or a URL that is linked to"
