"""Serving: a receiver at an address of this machine, until somebody ends it."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import MultiSocketServer, TcpWSGIServer, create_server
from waitress.task import ThreadedTaskDispatcher

from pelican_linkbacks.errors import LinkbackError
from pelican_linkbacks.receiver.house import House

THREADS = 16
"""Requests that are answered at once."""

CONNECTIONS = 500
"""Connections that are open at once; those that say nothing cost no thread."""

LARGEST = 128 * 1024
"""Bytes of a request that are taken at all; the application's own limit is lower and friendlier."""

PATIENCE = 10.0
"""Seconds for what is under way when it is to end: half of it for requests, half for looks."""

QUIET = 30
"""Seconds within which a request has come whole, or its connection is closed."""


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that a byte now and then does not keep open; waitress counts from the last."""

    last_activity: float

    def handle_read(self) -> None:
        since, request = self.last_activity, self.request
        super().handle_read()
        if request is not None and self.request is request:
            self.last_activity = since


class _Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]  # nor has this
    """Has readers, and whoever is logged in, served before the notices that wait for a thread."""

    def add_task(self, task: HTTPChannel) -> None:
        request = task.requests[0]
        # What could not be parsed has no command.
        is_post = getattr(request, "command", "") == "POST"
        super().add_task(task)
        if not is_post or "COOKIE" in request.headers:
            # A thread may have it already.
            with self.lock, suppress(ValueError):
                self.queue.remove(task)
                self.queue.appendleft(task)


class _End(SystemExit):
    """A signal to end."""


def serve(house: House, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Answer requests until SIGTERM or SIGINT comes; then finish what is under way, and return.

    Only the main thread of a process may do this.

    Args:
        house: what is served; its verifiers run as long.
        host: a name or an address.
        port: 0 for any that is free.
        ready: called with the URL, as soon as connections are taken.

    Raises:
        LinkbackError: nothing can listen there.
    """
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        server = listening(house.app, host, port)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "there is no such host"
        raise LinkbackError(f"Nothing can listen at {shown}: {why}; choose with --bind.") from error
    # How many requests wait for a thread is nothing that its author could act on.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        with suppress(_End), _ending_by_signals():
            house.verifiers.start()
            taken = getattr(server, "effective_listen", None) or [(host, server.effective_port)]
            ready(f"http://{shown.rpartition(':')[0]}:{taken[0][1]}")
            server.run()
    finally:
        server.close()
        house.verifiers.stop(PATIENCE / 2)


def listening(app: Flask, host: str, port: int, quiet: int = QUIET) -> Any:
    """A server of waitress that takes connections once it runs.

    Args:
        app: what answers.
        host, port: as for ``serve``.
        quiet: seconds within which a request has to come.

    Raises:
        OSError, ValueError: nothing can listen there.
    """
    dispatcher = _Dispatcher()
    server = create_server(
        app,
        _dispatcher=dispatcher,
        host=host,
        port=port,
        connection_limit=CONNECTIONS,
        channel_timeout=quiet,
        cleanup_interval=max(quiet // 3, 1),
        max_request_body_size=LARGEST,
        # Which proxies are believed is the application's own business.
        clear_untrusted_proxy_headers=False,
        asyncore_use_poll=True,
        ident=None,
    )
    dispatcher.set_thread_count(THREADS)
    # A name may have several addresses.
    parts = list(server.map.values()) if isinstance(server, MultiSocketServer) else [server]
    for part in parts:
        if isinstance(part, TcpWSGIServer):
            part.channel_class = _Channel
    return server


@contextmanager
def _ending_by_signals() -> Iterator[None]:
    def end(*_: object) -> None:
        raise _End

    former = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
