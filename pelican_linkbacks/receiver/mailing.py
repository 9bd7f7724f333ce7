"""Mailing: a mail to the author, by the server that LINKBACKS_MAIL names."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import parse_qsl, unquote, urlsplit

from pelican_linkbacks.addresses import is_private_name, literal, printable
from pelican_linkbacks.errors import Unreachable

SECURE, PLAIN = "smtps", "smtp"
PORTS = {SECURE: 465, PLAIN: 25}


class Mailing:
    """Writes to the author.

    Args:
        url: LINKBACKS_MAIL, as ``checks.mail_url`` takes it.
        tls: gives what to demand of the server's certificate.
        timeout: seconds for each step of a conversation with the server.
    """

    def __init__(self, url: str, tls: Callable[[], ssl.SSLContext], timeout: float) -> None:
        parts = urlsplit(url)
        self._is_secure = parts.scheme == SECURE
        self._host = parts.hostname or ""
        self._port = parts.port or PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        people = dict(parse_qsl(parts.query))
        self._to = people["to"]
        self._from = people.get("from", self._to)
        self._tls = tls
        self._timeout = timeout

    def send(self, subject: str, lines: Sequence[str]) -> None:
        """Send one mail.

        Args:
            subject: in plain text.
            lines: of plain text.

        Raises:
            Unreachable: the server does not take it, which may pass; the text says why.
        """
        message = EmailMessage()
        message["Subject"] = printable(subject)
        message["From"], message["To"] = self._from, self._to
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._from.rpartition("@")[2])
        # So that no holiday message answers it (RFC 3834, section 5).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("".join(f"{printable(line)}\n" for line in lines))
        try:
            with self._server() as server:
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Unreachable(f"LINKBACKS_MAIL: {self._host} {_why(error)}") from error

    def _server(self) -> smtplib.SMTP:
        if self._is_secure:
            return smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=self._tls()
            )
        server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=self._tls())
                server.ehlo()
            elif self._user and not _is_here(self._host):
                raise ValueError("offers no encryption, so it is not told your password; use smtps")
        except BaseException:
            server.close()
            raise
        return server


def _is_here(host: str) -> bool:
    address = literal(host)
    return address.is_loopback if address else is_private_name(host)


def _why(error: Exception) -> str:
    """Why a mail was not taken, in a few words that hold nothing of the mail itself."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "refuses the recipient"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"answers {error.smtp_code} ({type(error).__name__})"
    if isinstance(error, smtplib.SMTPException | ssl.SSLError) or not str(error):
        return f"does not take mail ({type(error).__name__})"
    return printable(str(error) if isinstance(error, ValueError) else f"can't be reached: {error}")
