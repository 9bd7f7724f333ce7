"""WSGI: the receiver for a server that runs Python applications, as ``pelican_linkbacks.wsgi``.

The settings file is the one that the environment variable PELICAN_LINKBACKS_SETTINGS names, else
the one in the working directory. PELICAN_LINKBACKS_TRUSTED_PROXY names the proxies in front that
may say who the client is: addresses or networks, with spaces between them. The threads begin with
the first request.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Iterable, Sequence
from ipaddress import ip_network
from typing import TYPE_CHECKING

from pelican_linkbacks import settings
from pelican_linkbacks.config import Config, Network
from pelican_linkbacks.errors import SettingsError
from pelican_linkbacks.receiver.house import House, open_house

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

VARIABLE = "PELICAN_LINKBACKS_SETTINGS"
PROXIES = "PELICAN_LINKBACKS_TRUSTED_PROXY"


def create() -> WSGIApplication:
    """Make the application.

    Raises:
        SettingsError: there is no settings file, or it is wrong, or so is the list of proxies.
        DatabaseError: the database can't be used.
    """
    config, trusted = settings.read(os.environ.get(VARIABLE)), _trusted()
    # Now, for whoever starts the server looks at what it says; and not for good, for a
    # connection must not be shared with the processes that the server may fork.
    open_house(config).close(0)
    return _Application(config, trusted)


def _trusted() -> tuple[Network, ...]:
    named = os.environ.get(PROXIES, "").split()
    try:
        return tuple(ip_network(name, strict=False) for name in named)
    except ValueError as error:
        raise SettingsError([f"{PROXIES}: {error}."]) from error


class _Application:
    """Opens a receiver with the first request, in each process.

    A server that forks when it has served a request already finds it closed for that moment:
    neither threads nor locks that they hold, nor a database's connections, may be inherited.
    """

    def __init__(self, config: Config, trusted: Sequence[Network]) -> None:
        self._config = config
        self._trusted = trusted
        self._lock = threading.Lock()
        self._house: House | None = None
        atexit.register(self._close)
        if sys.platform != "win32":
            os.register_at_fork(
                before=self._pause,
                after_in_parent=self._lock.release,
                after_in_child=self._lock.release,
            )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request (PEP 3333)."""
        return self._open().app(environ, start_response)

    def _open(self) -> House:
        with self._lock:
            if self._house is None:
                self._house = open_house(self._config, trusted=self._trusted)
                self._house.verifiers.start()
            return self._house

    def _pause(self) -> None:
        self._lock.acquire()
        self._close()

    def _close(self) -> None:
        house, self._house = self._house, None
        if house:
            house.close()


application = create()
