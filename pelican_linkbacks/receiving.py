"""Receiving: the commands that run a receiver. Their docstrings are their help."""

from __future__ import annotations

import argparse
import getpass
import logging
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from pelican_linkbacks.background import quiet
from pelican_linkbacks.config import Config, Network
from pelican_linkbacks.errors import LinkbackError
from pelican_linkbacks.terminal import complain, say

if TYPE_CHECKING:
    from pelican_linkbacks.receiver.desk import Desk
    from pelican_linkbacks.receiver.house import House

SHORTEST_PASSWORD = 8


def serve(config: Config, arguments: argparse.Namespace) -> int:
    """Take what other blogs tell, verify it, and let you decide in the browser.

    Put it behind the web server that serves your site, at the address that
    LINKBACKS_ENDPOINT names, and name that server's address with --trusted-proxy
    (127.0.0.1 on the same machine): else all the world seems to write from there.
    With --database and --targets it needs no settings file.

    It runs until you end it by Ctrl-C or SIGTERM; what is under way is finished
    first, and what is queued is taken up at the next start.

    The exit status is 0 if it was ended so; 1 if it can't use its database or its
    address.
    """
    with working(config, arguments, arguments.trusted_proxy, create=True) as house:
        from pelican_linkbacks.receiver.serving import serve as run

        house.targets.refresh()
        # Whoever finds no manifest logs it.
        house.targets.find("")
        if not house.desk.vault.password_hash:
            say(f"Nobody can log in without a password; set one with: {_setting(arguments)}")
        if config.endpoint:
            say(f"Decide what is shown at {config.endpoint.rstrip('/')}/")
        host, port = arguments.bind
        run(house, host, port, partial(_announce, config))
    return 0


def password(config: Config, arguments: argparse.Namespace) -> int:
    """Set the password of the pages on which you decide what is shown.

    It is asked for twice, and never shown. Whoever is logged in has to log in
    again with the new one.

    The exit status is 1 if it was not set.
    """
    with desk(config, arguments, create=True) as opened:
        from werkzeug.security import generate_password_hash

        given = _from_stdin() if arguments.stdin else _from_terminal()
        if len(given) < SHORTEST_PASSWORD:
            raise LinkbackError(
                f"A password needs {SHORTEST_PASSWORD} characters at least; nothing was changed."
            )
        opened.vault.set_password_hash(generate_password_hash(given))
    say("The password is set.")
    return 0


@contextmanager
def desk(config: Config, arguments: argparse.Namespace, *, create: bool = False) -> Iterator[Desk]:
    """The database that the arguments or the settings name, for the length of a block.

    Args:
        config: settings.
        arguments: may name another database.
        create: whether one that is not there is made.

    Raises:
        DatabaseError: it can't be used.
        LinkbackError: the packages of the extra are missing.
    """
    with _needing_the_extra():
        from pelican_linkbacks.receiver.desk import Desk, database_place
    opened = Desk.open(database_place(config, arguments.database), create=create)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def working(
    config: Config,
    arguments: argparse.Namespace,
    trusted: Sequence[Network] = (),
    *,
    create: bool = False,
) -> Iterator[House]:
    """A receiver for the length of a block; what it logs is printed, one line each.

    Args:
        config: settings.
        arguments: may name another database and other targets.
        trusted: networks of the proxies in front of it.
        create: as for ``desk``.

    Raises:
        DatabaseError, LinkbackError: as ``desk``.
    """
    with _needing_the_extra():
        from pelican_linkbacks.receiver.faults import OneLine
        from pelican_linkbacks.receiver.house import open_house
    lines = OneLine(complain)
    logging.getLogger().addHandler(lines)
    try:
        with quiet():
            house = open_house(
                config,
                database=arguments.database,
                targets=arguments.targets,
                trusted=trusted,
                create=create,
            )
            try:
                yield house
            finally:
                house.close()
    finally:
        logging.getLogger().removeHandler(lines)


@contextmanager
def _needing_the_extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise LinkbackError(
            f"The receiver needs more packages ({error.name} is missing): "
            'pip install "pelican-linkbacks[receiver]"'
        ) from error


def _setting(arguments: argparse.Namespace) -> str:
    """The command that sets the password for these arguments."""
    words = ["pelican-linkbacks", "password"]
    if arguments.settings:
        words[1:1] = ["-s", arguments.settings]
    if arguments.database:
        # There may be a password in it.
        words += ["--database", "URL" if "://" in arguments.database else arguments.database]
    return shlex.join(words)


def _announce(config: Config, url: str) -> None:
    public = f" for {config.endpoint}" if config.endpoint else ""
    say(f"Receiving at {url}{public} until Ctrl-C.")


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _from_terminal() -> str:
    if not sys.stdin.isatty():
        raise LinkbackError("There is no terminal to ask for a password; give it with --stdin.")
    try:
        given = getpass.getpass("New password: ")
        again = getpass.getpass("Once more: ")
    except EOFError as error:
        raise LinkbackError("No password was given; nothing was changed.") from error
    if again != given:
        raise LinkbackError("These are two different passwords; nothing was changed.")
    return given
