"""Announcing: who is told what, how often, and that a failure is tried again for a day."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import trustme

from pelican_linkbacks.client import Client
from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver.announcing import MAIL_PAUSE, MOST_ATTEMPTS, TOGETHER, Announcer
from pelican_linkbacks.receiver.entry import Finding, Kind, Look, Texts
from pelican_linkbacks.receiver.inbox import Inbox
from pelican_linkbacks.receiver.moderation import Moderation
from pelican_linkbacks.receiver.rules import Rules
from pelican_linkbacks.receiver.vault import REBUILD, Vault
from tests.receiver.postoffice import PostOffice
from tests.receiver.reception import RYE, SITEURL
from tests.receiver.storage import opened
from tests.samples import config
from tests.servers import Answer, RawServer, Received, Site

HOUR = 3600.0
TEXTS = Texts("A reply", "Ann", "… I have read this …", kind=Kind.REPLY)


class Author:
    """What an author has: a database, and a clock that goes when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.now = 1_800_000_000.0
        self.database = opened(folder / "linkbacks.sqlite3")
        self.inbox = Inbox(self.database, self._clock)
        self.rules = Rules(self.database, self._clock)
        self.vault = Vault(self.database, self._clock)
        self.moderation = Moderation(self.database, self._clock)

    def announcer(self, **settings: Any) -> Announcer:
        """An announcer of a process of its own."""
        made = config(SITEURL, **{"allow_networks": (), "request_timeout": 2} | settings)
        return Announcer(made, self.vault, self.moderation, Client(made), self._clock)

    def hear(self, source: str = "https://blog.example/post", texts: Texts = TEXTS) -> int:
        """Have a mention verified, and give its id."""
        number = self.inbox.take(Notice("webmention", source, RYE.url), RYE).entry.id
        claim = self.inbox.claim("a worker", only=number)
        assert claim is not None
        self.inbox.settle(claim, Look(Finding.LINKS, "by hand", source, texts), self.rules)
        return number

    def _clock(self) -> float:
        return self.now


@pytest.fixture
def author(tmp_path: Path) -> Iterator[Author]:
    """An author whom nobody has told anything."""
    author = Author(tmp_path)
    with closing(author.database):
        yield author


@pytest.fixture
def hook() -> Iterator[Site]:
    """What builds the site when it is called."""
    with Site({"/secret": "thanks"}) as hook:
        yield hook


def problems(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged that is worse than information."""
    return [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]


def mail_url(office: RawServer, scheme: str = "smtp", login: str = "", host: str = "") -> str:
    """LINKBACKS_MAIL for a mail server."""
    host = host or "127.0.0.1"
    return f"{scheme}://{login}{host}:{office.port}/?to=me@us.example&from=blog@us.example"


def test_nothing_is_told_while_nothing_has_happened(author: Author, hook: Site) -> None:
    with PostOffice() as office:
        announcer = author.announcer(webhook=f"{hook.url}/secret", mail=mail_url(office))
        for _ in range(3):
            author.now += HOUR
            announcer.announce()
        assert (hook.requests, office.connections) == ([], 0)


def test_nobody_is_told_without_the_settings(author: Author) -> None:
    author.moderation.approve([author.hear()])
    author.now += HOUR
    author.announcer().announce()
    assert author.vault.chore(REBUILD).wanted is not None


def test_the_webhook_is_called_once_for_all_that_happens_together(
    author: Author, hook: Site
) -> None:
    announcer = author.announcer(webhook=f"{hook.url}/secret")
    for number in range(3):
        author.moderation.approve([author.hear(f"https://blog.example/{number}")])
        announcer.announce()
        author.now += TOGETHER / 3 - 1
    assert hook.requests == []
    author.now += 4
    for _ in range(3):
        announcer.announce()
    (request,) = hook.requests
    assert (request.method, request.headers["Content-Type"]) == ("POST", "application/json")
    assert json.loads(request.body) == {"event": "linkbacks changed", "site": SITEURL}


def test_two_processes_call_the_webhook_once(author: Author, hook: Site) -> None:
    announcers = [author.announcer(webhook=f"{hook.url}/secret") for _ in range(2)]
    author.moderation.approve([author.hear()])
    author.now += HOUR
    for announcer in announcers:
        announcer.announce()
    assert len(hook.requests) == 1


def test_what_changes_during_the_call_is_told_by_another(author: Author, hook: Site) -> None:
    def change(_: Received) -> Answer:
        author.vault.want(REBUILD)
        return Answer(status=204)

    hook.pages["/secret"] = change
    announcer = author.announcer(webhook=f"{hook.url}/secret")
    author.vault.want(REBUILD)
    for _ in range(3):
        author.now += HOUR
        announcer.announce()
    assert len(hook.requests) == 3


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_fails_is_called_again_later_and_later(
    author: Author, hook: Site, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    hook.pages["/secret"] = Answer("no", status, [("Location", "https://else.example/")])
    announcer = author.announcer(webhook=f"{hook.url}/secret")
    author.vault.want(REBUILD)
    times: list[int] = []
    author.now += TOGETHER
    begun = author.now
    while author.now < begun + 3 * HOUR:
        announcer.announce()
        if len(hook.requests) > len(times):
            times.append(round((author.now - begun) / 60))
        author.now += 60
    assert times == [0, 1, 3, 7, 15, 31, 63, 123]
    (said,) = problems(caplog)
    host = hook.url.removeprefix("http://")
    assert said == f"LINKBACKS_WEBHOOK: {host} answers {status}; tried again for a day"

    hook.pages["/secret"] = "thanks"
    for _ in range(3):
        author.now += HOUR
        announcer.announce()
    assert len(hook.requests) == len(times) + 1


def test_a_webhook_that_fails_for_a_day_is_given_up_until_there_is_news(
    author: Author, hook: Site, caplog: pytest.LogCaptureFixture
) -> None:
    hook.pages["/secret"] = Answer("no", 500)
    announcer = author.announcer(webhook=f"{hook.url}/secret")
    author.vault.want(REBUILD)
    begun = author.now
    while author.vault.chore(REBUILD).wanted is not None:
        author.now += 600
        announcer.announce()
    assert 0.9 < (author.now - begun) / (24 * HOUR) < 1.3
    assert len(hook.requests) == MOST_ATTEMPTS
    assert problems(caplog)[-1].endswith("answers 500; given up")
    author.vault.want(REBUILD)
    author.now += HOUR
    announcer.announce()
    assert len(hook.requests) == MOST_ATTEMPTS + 1


def test_a_webhook_that_is_not_there_is_no_error_of_ours(
    author: Author, caplog: pytest.LogCaptureFixture
) -> None:
    with Site() as gone:
        url = f"{gone.url}/secret"
    announcer = author.announcer(webhook=url)
    author.vault.want(REBUILD)
    author.now += HOUR
    announcer.announce()
    (said,) = problems(caplog)
    assert said.startswith("LINKBACKS_WEBHOOK: ")
    assert "secret" not in said


def test_a_mail_tells_what_waits_and_where_to_decide(author: Author) -> None:
    with PostOffice() as office:
        endpoint = "https://us.example/linkbacks"
        announcer = author.announcer(mail=mail_url(office), endpoint=endpoint)
        author.hear()
        author.hear("https://other.example/", Texts())
        author.now += TOGETHER
        announcer.announce()
    (mail,) = office.mails
    assert (mail["From"], mail["To"]) == ("blog@us.example", "me@us.example")
    assert mail["Subject"] == "2 linkbacks wait for you at us.example"
    assert mail.get_content().splitlines() == [
        "2 linkbacks wait for your decision.",
        "",
        "other.example",
        "  https://other.example/",
        f"  mention of {RYE.url}",
        "",
        "A reply (Ann)",
        "  https://blog.example/post",
        f"  reply of {RYE.url}",
        "  … I have read this …",
        "",
        f"Decide: {endpoint}/",
    ]


def test_a_mail_without_an_address_of_the_receiver_names_the_command(author: Author) -> None:
    with PostOffice() as office:
        announcer = author.announcer(mail=mail_url(office))
        author.hear()
        author.now += TOGETHER
        announcer.announce()
    (mail,) = office.mails
    assert "Decide: pelican-linkbacks received list --status pending\n" in mail.get_content()


def test_a_mail_holds_nothing_that_steers_whoever_shows_it(author: Author) -> None:
    with PostOffice() as office:
        announcer = author.announcer(mail=mail_url(office))
        author.hear(texts=Texts("\x1b[31mred\r\n.\r\nQUIT", "\u202eAnn"))
        author.now += TOGETHER
        announcer.announce()
    (mail,) = office.mails
    text = mail.get_content()
    assert not {"\x1b", "\r", "\u202e"} & set(text)
    assert "\n\\x1b[31mred\\r\\n.\\r\\nQUIT (\\u202eAnn)\n" in text


def test_many_are_counted_and_not_all_listed(author: Author) -> None:
    with PostOffice() as office:
        announcer = author.announcer(mail=mail_url(office))
        for number in range(25):
            author.hear(f"https://blog.example/{number}")
        author.now += TOGETHER
        announcer.announce()
    (mail,) = office.mails
    assert mail.get_content().count("A reply (Ann)") == 20
    assert "And 5 more.\n" in mail.get_content()


def test_no_mail_tells_of_what_the_author_has_seen_already(author: Author) -> None:
    with PostOffice() as office:
        announcer = author.announcer(mail=mail_url(office))
        author.moderation.dismiss([author.hear()])
        author.now += TOGETHER
        announcer.announce()
        assert office.connections == 0
        author.hear("https://blog.example/another")
        author.now += TOGETHER
        announcer.announce()
        assert len(office.mails) == 1


def test_there_is_one_mail_in_a_quarter_of_an_hour_at_most(author: Author) -> None:
    with PostOffice() as office:
        announcer = author.announcer(mail=mail_url(office))
        times: list[float] = []
        begun = author.now
        for minute in range(60):
            author.hear(f"https://blog.example/{minute}")
            author.now = begun + minute * 60
            announcer.announce()
            if len(office.mails) > len(times):
                times.append(author.now)
    assert len(times) == 4
    assert all(b - a >= MAIL_PAUSE for a, b in pairwise(times))


@pytest.mark.parametrize("way", ["refused", "silent", "gone", "closed"])
def test_a_mail_that_is_not_taken_is_sent_later(
    author: Author, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    def say_nothing(_: socket.socket, closing: threading.Event) -> None:
        if way == "silent":
            closing.wait(60)

    is_there = way in {"refused", "gone"}
    server = PostOffice(refusal="550 me@us.example?") if is_there else RawServer(say_nothing)
    author.hear()
    author.now += TOGETHER
    url = mail_url(server)
    if way == "gone":
        with server:
            pass
        author.announcer(mail=url).announce()
    else:
        with server:
            author.announcer(mail=url, request_timeout=0.3).announce()
    (said,) = problems(caplog)
    assert said.startswith("LINKBACKS_MAIL: 127.0.0.1 ")
    assert said.endswith("; tried again for a day")
    assert "@" not in said
    with PostOffice() as office:
        announcer = author.announcer(mail=mail_url(office))
        announcer.announce()
        assert office.mails == []
        author.now += 61
        announcer.announce()
        assert len(office.mails) == 1


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Whom the author trusts."""
    return trustme.CA()


def proof(authority: trustme.CA) -> ssl.SSLContext:
    """What a server of that authority proves itself with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    """The file of certificates that the author trusts."""
    file = tmp_path / "bundle.pem"
    authority.cert_pem.write_to_path(str(file))
    return str(file)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_is_told_in_secret_only(
    author: Author, authority: trustme.CA, bundle: str, scheme: str
) -> None:
    login = {"user": "me@us.example", "password": "s/3:cret"}
    with PostOffice(tls=proof(authority), is_secure=scheme == "smtps", **login) as office:
        url = mail_url(office, scheme, "me%40us.example:s%2F3%3Acret@")
        author.hear()
        author.now += TOGETHER
        author.announcer(mail=url, cert_verify=bundle).announce()
    assert len(office.mails) == 1
    assert not any(line.startswith(("AUTH", "MAIL")) for line in office.heard)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_that_nobody_vouches_for_gets_nothing(
    author: Author, bundle: str, scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    with PostOffice(tls=proof(trustme.CA()), is_secure=scheme == "smtps") as office:
        author.hear()
        author.now += TOGETHER
        author.announcer(mail=mail_url(office, scheme), cert_verify=bundle).announce()
    assert office.mails == []
    assert not any(line.startswith(("AUTH", "MAIL")) for line in office.heard)
    assert problems(caplog)[0].startswith("LINKBACKS_MAIL: 127.0.0.1 does not take mail (SSLCert")


def test_a_password_is_not_told_in_the_clear_to_another_machine(
    author: Author, caplog: pytest.LogCaptureFixture
) -> None:
    # It leads to this machine, and nobody can tell by its looks.
    with PostOffice(user="me", password="secret") as office:
        author.hear()
        author.now += TOGETHER
        author.announcer(mail=mail_url(office, "smtp", "me:secret@", "0.0.0.0")).announce()
        assert office.mails == []
        assert not any(line.startswith("AUTH") for line in office.heard)
        assert "no encryption" in problems(caplog)[0]
        author.now += HOUR
        author.announcer(mail=mail_url(office, "smtp", "me:secret@")).announce()
        assert len(office.mails) == 1


def test_a_wrong_password_is_said_without_it(
    author: Author, caplog: pytest.LogCaptureFixture
) -> None:
    with PostOffice(user="me", password="secret") as office:
        author.hear()
        author.now += TOGETHER
        author.announcer(mail=mail_url(office, "smtp", "me:wr0ng@")).announce()
    (said,) = problems(caplog)
    assert "535" in said
    assert "wr0ng" not in said
