"""A mail server on the loopback interface that keeps what it is given."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.servers import RawServer


class PostOffice(RawServer):
    """A server for mails (RFC 5321).

    Args:
        tls: what it proves itself with.
        is_secure: whether it speaks TLS from the start; else it offers STARTTLS, given ``tls``.
        refusal: what it answers to a recipient instead of taking it.
        user, password: whom it lets in; "" if it asks nobody.

    Attributes:
        mails: those it has taken.
        heard: all lines it was told in the clear, without the mails.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        is_secure: bool = False,
        refusal: str = "",
        user: str = "",
        password: str = "",
    ) -> None:
        super().__init__(self._talk_to, host=host)
        self.mails: list[EmailMessage] = []
        self.heard: list[str] = []
        self._tls = tls
        self._is_secure = is_secure
        self._refusal = refusal
        self._login = base64.b64encode(f"\0{user}\0{password}".encode()).decode() if user else ""

    def _talk_to(self, sock: socket.socket, closing: threading.Event) -> None:
        offers_tls = self._tls is not None and not self._is_secure
        if self._tls and self._is_secure:
            sock = self._tls.wrap_socket(sock, server_side=True)
        lines = sock.makefile("rb")
        sock.sendall(b"220 post.example\r\n")
        while line := lines.readline().decode().rstrip("\r\n"):
            if not isinstance(sock, ssl.SSLSocket):
                self.heard.append(line)
            match line.split(" ")[0].upper():
                case "EHLO":
                    names = ["post.example"]
                    names += ["STARTTLS"] if offers_tls else []
                    names += ["AUTH PLAIN"] if self._login and not offers_tls else []
                    reply = "\r\n".join(f"250-{name}" for name in names) + "\r\n250 HELP"
                case "STARTTLS" if offers_tls and self._tls:
                    sock.sendall(b"220 go on\r\n")
                    sock = self._tls.wrap_socket(sock, server_side=True)
                    lines, offers_tls = sock.makefile("rb"), False
                    continue
                case "AUTH":
                    is_right = line == f"AUTH PLAIN {self._login}"
                    reply = "235 welcome" if is_right else "535 who are you?"
                case "RCPT":
                    reply = self._refusal or "250 fine"
                case "DATA":
                    sock.sendall(b"354 go on\r\n")
                    text = b""
                    while (row := lines.readline()) != b".\r\n":
                        text += row.removeprefix(b".").replace(b"\r\n", b"\n")
                    self.mails.append(message_from_bytes(text, policy=policy.default))
                    reply = "250 taken"
                case "QUIT":
                    sock.sendall(b"221 bye\r\n")
                    sock.close()
                    return
                case _:
                    reply = "250 fine"
            sock.sendall(f"{reply}\r\n".encode())
