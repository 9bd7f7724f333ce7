"""WSGI: the receiver for a server that runs Python applications, as ``pelican_linkbacks.wsgi``.

The settings file is the one that the environment variable PELICAN_LINKBACKS_SETTINGS names, else
the one in the working directory. Its threads begin with the first request.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pelican_linkbacks import settings
from pelican_linkbacks.config import Config
from pelican_linkbacks.receiver.house import House, open_house

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

VARIABLE = "PELICAN_LINKBACKS_SETTINGS"


def create() -> WSGIApplication:
    """Make the application.

    Behind a proxy, let the server that runs it set the client's address.

    Raises:
        SettingsError: there is no settings file, or it is wrong.
        DatabaseError: the database can't be used.
    """
    config = settings.read(os.environ.get(VARIABLE))
    # Now, for whoever starts the server looks at what it says; and not for good, for a
    # connection must not be shared with the processes that the server may fork.
    open_house(config).close(0)
    return _Application(config)


class _Application:
    """Opens a receiver in each process that gets a request."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._process = 0
        self._house: House | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request (PEP 3333)."""
        return self._open().app(environ, start_response)

    def _open(self) -> House:
        with self._lock:
            if self._house is None or self._process != os.getpid():
                self._house = open_house(self._config)
                self._process = os.getpid()
                self._house.verifiers.start()
                atexit.register(self._house.close)
            return self._house


application = create()
