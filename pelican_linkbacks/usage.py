"""Usage: the commands as they are typed, in groups, and what may stand behind them."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable
from datetime import date
from ipaddress import ip_network
from urllib.parse import urlsplit

from pelican_linkbacks.config import Config, Network

Command = Callable[[Config, argparse.Namespace], int]
Judge = Callable[[argparse.Namespace], bool]


def _never(_: argparse.Namespace) -> bool:
    return False


class Usage:
    """Gathers commands, each in a group of the help; argparse knows no such groups.

    Args:
        parser: what they are commands of.
        about: the first lines of its help.
        anywhere: whether its commands can do without a settings file, judged by what else was
            given; unless they say otherwise.
    """

    def __init__(
        self, parser: argparse.ArgumentParser, about: str, anywhere: Judge = _never
    ) -> None:
        self._parser = parser
        self._about = about
        self._anywhere = anywhere
        self._commands = parser.add_subparsers(
            prog=parser.prog, required=True, metavar="COMMAND", help=argparse.SUPPRESS
        )
        self._groups: dict[str, list[str]] = {}

    def command(
        self, function: Command, group: str, text: str, *, anywhere: Judge | None = None
    ) -> argparse.ArgumentParser:
        """Add a command, named as its function is.

        Args:
            function: what it does; its docstring is the command's help.
            group: the heading under which the help lists it.
            text: what it is listed with.
            anywhere: as for the class.
        """
        name = function.__name__.rstrip("_").replace("_", "-")
        command = self._add(name, group, text, inspect.getdoc(function))
        command.set_defaults(command=function, anywhere=anywhere or self._anywhere)
        return command

    def family(
        self, name: str, group: str, text: str, about: str, anywhere: Judge = _never
    ) -> Usage:
        """Add a command that has commands of its own.

        Args:
            name: what it is called.
            group, text: as for ``command``.
            about, anywhere: as for the class.
        """
        parser = self._add(name, group, text, None)
        parser.usage = "%(prog)s [-h] COMMAND ..."
        return Usage(parser, about, anywhere)

    def complete(self) -> None:
        """Write the help, now that all commands are there."""
        listed = [f"{group}:\n" + "\n".join(lines) for group, lines in self._groups.items()]
        self._parser.description = "\n\n".join([self._about, *listed])

    def _add(self, name: str, group: str, text: str, about: str | None) -> argparse.ArgumentParser:
        self._groups.setdefault(group, []).append(f"  {name:<10}  {text}")
        return self._commands.add_parser(
            name, description=about, formatter_class=argparse.RawDescriptionHelpFormatter
        )


def day(text: str) -> date:
    """A day.

    Raises:
        ArgumentTypeError: it is none; so do all the others.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-11-22") from error


def seconds(text: str) -> float:
    """A number of seconds from 0 on."""
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not number >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return number


def listener(text: str) -> tuple[str, int]:
    """Host and port to listen at."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit() and int(port) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:8010")
    return host, int(port)


def network(text: str) -> Network:
    """A network, or a single address."""
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a network such as 10.0.0.0/8") from error


def entry(text: str) -> int:
    """The number of something received, or of a rule."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number such as the list begins with")
    return int(text)


def place(text: str) -> tuple[str, str]:
    """A host and the beginning of a path there, of which a URL may be given."""
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
    except ValueError:
        parts = urlsplit("")
    is_host = parts.netloc and not re.search(r"[@\s]", text.partition("://")[2] or text)
    if not is_host or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST[/PREFIX], such as example.org/blog")
    return parts.netloc, parts.path
