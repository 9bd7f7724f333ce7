"""Background: work that neither holds the program up, nor makes its noise, nor stirs up what it
holds."""

from __future__ import annotations

import gc
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

NOISY_LOGGERS = ("urllib3", "charset_normalizer", "bs4")


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking work in a daemon thread, which never keeps the program from ending."""
    import asyncio  # see ``run``: most builds never need it

    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def finish(set_it: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            set_it(value)

    def report(set_it: Callable[[Any], None], value: Any) -> None:
        # A loop that has ended without this result raises: nobody waits for it any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(finish, set_it, value)

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is awaited
            report(future.set_exception, error)
        else:
            report(future.set_result, result)

    threading.Thread(target=run, daemon=True).start()
    return await future


class _Shared:
    """A context that several threads are in at once: it begins with the first of them and ends
    with the last. One in each thread would put back what another has set."""

    def __init__(self, context: Callable[[], AbstractContextManager[None]]) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._inside = 0
        self._stack = ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._stack.enter_context(self._context())
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._stack.close()


@contextmanager
def _hushed() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in NOISY_LOGGERS]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


_LOGS = _Shared(_hushed)


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back what libraries log and warn of about other people's servers.

    Under ``--fatal warnings`` Pelican would end the build for it.
    """
    with quiet_logs(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def quiet_logs() -> Iterator[None]:
    """Hold back what libraries log, in a thread beside the build: its own warnings go on."""
    with _LOGS:
        yield


@contextmanager
def unswept() -> Iterator[None]:
    """Have Python's collector of garbage look only at what is made meanwhile.

    After some thousand new objects it would else go through the whole site that Pelican holds,
    which takes longer than to make them.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
