"""Servers on the loopback interface that tests talk to over real sockets."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Received:
    """One request as it came in; ``path`` is the request target, with its query."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What a site answers; Content-Type is HTML and Content-Length right unless given."""

    body: str | bytes = b""
    status: int = 200
    headers: Iterable[tuple[str, str]] = ()


def redirect(location: str, status: int = 302) -> Answer:
    """An answer that sends the client elsewhere."""
    return Answer(status=status, headers=[("Location", location)])


class Site:
    """A web site: ``pages`` says what it answers at each path, ``requests`` what it was asked.

    A page is an Answer, a text (answered as HTML), or a function from what was received to an
    Answer. A path is looked up with its query first, then without; else the answer is 404.

        with Site({"/": "<p>Hello</p>"}) as site:
            client.get(site.url + "/")
    """

    def __init__(
        self,
        pages: dict[str, Page] | None = None,
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.pages: dict[str, Page] = {} if pages is None else pages
        self.requests: list[Received] = []
        self._server = _Server((host, 0), _handler(self))
        if tls:
            # The handshake belongs to the connection's own thread: a failing one must not stop
            # the server.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections were accepted."""
        return self._server.connections

    def answer(self, received: Received) -> Answer:
        """Record a request and find its answer."""
        self.requests.append(received)
        path = received.path if received.path in self.pages else received.path.partition("?")[0]
        page = self.pages.get(path, Answer("not found", 404))
        if callable(page):
            page = page(received)
        return Answer(page) if isinstance(page, str) else page

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Wakes the server, which would look only twice a second whether it is to end.
        self._server.socket.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()
        self._server.server_close()


Page = Answer | str | Callable[[Received], Answer | str]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
    connections = 0

    def get_request(self) -> tuple[socket.socket, Any]:
        accepted = super().get_request()
        self.connections += 1
        return accepted

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may go away in the middle; that is often the point of a test."""


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            answer = site.answer(Received(self.command, self.path, self.headers, body))
            content = answer.body.encode() if isinstance(answer.body, str) else answer.body
            headers = list(answer.headers)
            given = {name.lower() for name, _ in headers}
            if "content-type" not in given:
                headers.append(("Content-Type", HTML))
            if "content-length" not in given:
                headers.append(("Content-Length", str(len(content))))
            self.send_response(answer.status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = _serve  # noqa: N815 - http.server finds them by name

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


Talk = Callable[[socket.socket, threading.Event], None]


class RawServer:
    r"""A server that does whatever a function does with each connection's socket.

    The function also gets an event that is set when the server closes: one that has to be slow
    waits on it (with a time-out) instead of sleeping. Sockets are closed after it.

        with RawServer(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
            client.get(server.url)
    """

    def __init__(self, talk: Talk, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.connections = 0
        self._talk = talk
        self._closing = threading.Event()
        self._listener = socket.create_server((host, port), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{host}:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        # Closing alone would not wake the thread in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        # An error: the client went away, which is often the point of the test.
        with sock, contextlib.suppress(OSError):
            self._talk(sock, self._closing)


def read_request(sock: socket.socket) -> bytes:
    """Read a request up to the end of its headers, and what came along with that."""
    received = b""
    while b"\r\n\r\n" not in received:
        data = sock.recv(65536)
        if not data:
            break
        received += data
    return received


def answering(data: bytes) -> Talk:
    """Read the request, send these bytes, close."""

    def talk(sock: socket.socket, closing: threading.Event) -> None:
        read_request(sock)
        sock.sendall(data)

    return talk


def dripping(start: bytes, drip: bytes, *, pause: float = 0.02) -> Talk:
    """Read the request, send ``start``, then ``drip`` every ``pause`` seconds without end."""

    def talk(sock: socket.socket, closing: threading.Event) -> None:
        read_request(sock)
        sock.sendall(start)
        while not closing.wait(pause):
            sock.sendall(drip)

    return talk
