"""Serving: a receiver at an address of this machine, until somebody ends it."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from waitress import create_server

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
        server = create_server(
            house.app,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            channel_timeout=30,
            cleanup_interval=10,
            max_request_body_size=LARGEST,
            # Which proxies are believed is the application's own business.
            clear_untrusted_proxy_headers=False,
            asyncore_use_poll=True,
            ident=None,
        )
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
