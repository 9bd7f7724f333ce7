"""Background: blocking work in threads that never hold the program up, and without its noise."""

from __future__ import annotations

import asyncio
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

T = TypeVar("T")

NOISY_LOGGERS = ("urllib3", "charset_normalizer", "bs4")


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking work in a daemon thread, which never keeps the program from ending."""
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


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back what libraries log and warn of about other people's servers.

    Under ``--fatal warnings`` Pelican would end the build for it.
    """
    loggers = [logging.getLogger(name) for name in NOISY_LOGGERS]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
