"""The receiver as the README sets it up: behind nginx, under systemd, and copied while it runs."""

from __future__ import annotations

import re
import shlex
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode
from xmlrpc.client import dumps

import pytest
import trustme
from werkzeug.security import generate_password_hash

from pelican_linkbacks import manifest
from pelican_linkbacks.receiver.desk import Desk
from pelican_linkbacks.receiver.entry import Status
from tests import readme
from tests.apart import environment
from tests.receiver.author import PASSWORD, Author
from tests.receiver.reception import BREAD, FORM, RYE, SITEURL, Reply, linking
from tests.receiver.server import Server, Serving
from tests.servers import Site
from tests.webservers.servers import WebServer
from tests.wordpress.bench import free_addresses

MANY = 70
"""Notices; a client may send sixty a minute."""

DATABASE = "linkbacks.sqlite3"


class Front:
    """The address at which the world knows a receiver.

    Attributes:
        url: without the prefix.
        endpoint: with it.
    """

    def __init__(self, address: str, authority: trustme.CA) -> None:
        self.url = f"https://{address}"
        self.endpoint = f"{self.url}/linkbacks"
        self._address = address
        self._tls = ssl.create_default_context()
        authority.configure_trust(self._tls)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str = FORM,
        *,
        client: str = "127.0.0.1",
        forwarded: str = "",
    ) -> Reply:
        """Send a request from some address of this machine; ``path`` is below the prefix."""
        told = {"X-Forwarded-For": forwarded} if forwarded else {}
        connection = HTTPSConnection(
            self._address, timeout=30, context=self._tls, source_address=(client, 0)
        )
        with closing(connection):
            headers = {"Content-Type": content_type, "Host": "me.example"} | told
            connection.request(method, f"/linkbacks{path}", body, headers)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())


@contextmanager
def served(folder: Path, settings: Path) -> Iterator[int]:
    """The command as the unit starts it; gives its port."""
    _, given = command().split(" serve ")
    with Serving(folder, *shlex.split(given), before=["-s", str(settings)]) as server:
        yield server.port


@contextmanager
def served_by_another(folder: Path, settings: Path) -> Iterator[int]:
    """Another WSGI server, with the variables that the README exports; gives its port."""
    lines = readme.block("export PELICAN_LINKBACKS_SETTINGS=").splitlines()
    words = [shlex.split(line) for line in lines]
    known = dict(variable.split("=") for first, variable, *_ in words if first == "export")
    known["PELICAN_LINKBACKS_SETTINGS"] = str(settings)
    *_, (*_, application) = words
    process = subprocess.Popen(
        # Which proxies are believed is said by our own variable.
        (
            *(sys.executable, "-m", "waitress", "--listen=127.0.0.1:0"),
            "--no-clear-untrusted-proxy-headers",
            f"{application}:application",
        ),
        cwd=folder,
        env=environment() | known,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stderr
        said = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert found, said
        yield int(found[1])
    finally:
        process.kill()
        process.communicate(timeout=30)


@pytest.fixture(params=[served, served_by_another], ids=["serve", "wsgi"])
def front(request: pytest.FixtureRequest, nginx: WebServer, tmp_path: Path) -> Iterator[Front]:
    """A receiver behind nginx, both configured by nothing but the README."""
    authority = trustme.CA()
    address = free_addresses(2)[1]
    front = Front(address, authority)
    folder = nginx.site.parent
    certificate = authority.issue_cert("me.example", address.partition(":")[0])
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(folder / "chain.pem", append=True)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    settings = readme.block(
        "SITEURL =",
        {
            "https://me.example/linkbacks": front.endpoint,
            "https://me.example": SITEURL,
            "/var/lib/linkbacks": str(tmp_path),
            "/var/www/blog": str(tmp_path),
        },
    )
    file = tmp_path / "linkbacks.py"
    file.write_text(f'{settings}LINKBACKS_ALLOW_NETWORKS = ["127.0.0.0/8"]\n', encoding="utf-8")
    manifest.write(tmp_path, [RYE, BREAD])
    with ExitStack() as stack:
        port = stack.enter_context(request.param(tmp_path, file))
        block = readme.block(
            "server {",
            {
                "listen 443 ssl;": f"listen {address} ssl;",
                "listen [::]:443 ssl;": "",
                "/etc/letsencrypt/live/me.example/fullchain.pem": str(folder / "chain.pem"),
                "/etc/letsencrypt/live/me.example/privkey.pem": str(folder / "key.pem"),
                "/var/www/blog": str(nginx.site),
                "http://127.0.0.1:8010": f"http://127.0.0.1:{port}",
            },
        )
        stack.enter_context(nginx.serving("", block))
        yield front


@pytest.fixture
def author(front: Front, tmp_path: Path) -> Author:
    """The author, with a browser that trusts the certificate, and a password."""
    with closing(Desk.open(str(tmp_path / DATABASE))) as desk:
        desk.vault.set_password_hash(generate_password_hash(PASSWORD, "pbkdf2:sha256:1"))
    author = Author(front, "/linkbacks")
    author.session.verify = str(tmp_path / "authority.pem")
    return author


@pytest.fixture
def others() -> Iterator[list[str]]:
    """Pages of others that link to RYE."""
    pages = {f"/{number}": linking() for number in range(3)}
    with Site({**pages}) as site:
        yield [f"{site.url}{path}" for path in pages]


def webmention(source: str) -> bytes:
    """A webmention's body."""
    return urlencode({"source": source, "target": RYE.url}).encode()


def command() -> str:
    """What the unit starts."""
    unit = ConfigParser(interpolation=None)
    # As systemd has it, capitals count.
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(readme.block("[Unit]"))
    return unit["Service"]["ExecStart"]


def test_nginx_passes_on_all_three_endpoints_under_their_prefix(
    front: Front, others: list[str]
) -> None:
    told = front.ask("POST", "/webmention", webmention(others[0]))
    assert told.status == 201
    place = told.headers["Location"]
    assert place.startswith(f"{front.endpoint}/status/")
    status = front.ask("GET", place.removeprefix(front.endpoint))
    assert (status.status, status.text) == (200, "held\n")
    call = dumps((others[1], RYE.url), "pingback.ping").encode()
    told = front.ask("POST", "/pingback", call, "text/xml")
    assert (told.status, told.fault) == (200, None)
    told = front.ask("POST", f"/trackback/{RYE.path}", urlencode({"url": others[2]}).encode())
    assert (told.status, told.error) == (200, 0)
    shown = front.ask("GET", f"/trackback/{RYE.path}")
    assert (shown.status, shown.headers["Location"]) == (302, RYE.url)
    assert front.ask("GET", "/health").text == '{"queued":0,"status":"ok"}\n'


def test_behind_nginx_the_author_logs_in_and_decides(
    front: Front, author: Author, others: list[str], tmp_path: Path
) -> None:
    assert front.ask("POST", "/webmention", webmention(others[0])).status == 201
    way = author.get("/").headers["Location"]
    assert way.startswith("/linkbacks/login")
    entered = author.sign_in()
    assert (entered.status_code, entered.headers["Location"]) == (303, "/linkbacks/mentions")
    cookie = entered.headers["Set-Cookie"]
    for part in ("Path=/linkbacks", "Secure", "HttpOnly", "SameSite=Lax"):
        assert part in cookie.split("; ")
    page = author.page("/mentions")
    assert others[0].removeprefix("http://") in page
    linked = re.findall(r'(?:href|action)="(/[^"]*)"', page)
    assert linked
    assert all(place.startswith("/linkbacks/") for place in linked)
    (style,) = (place for place in linked if place.endswith(".css"))
    assert author.get(style.removeprefix("/linkbacks")).status_code == 200
    refused = author.ask("POST", "/mentions", data={"do": "approve:1"})
    assert refused.status_code == 400
    pressed = author.press("approve:1")
    assert pressed.headers["Location"].startswith("/linkbacks/mentions")
    (mention,) = author.get("/received.json").json()["mentions"]
    assert mention["source"] == others[0]
    assert author.submit("/logout").headers["Location"] == "/linkbacks/login"
    assert not author.is_in()


def test_behind_nginx_each_visitor_has_limits_of_his_own(front: Front, author: Author) -> None:
    def told(client: str) -> list[int]:
        answers = (
            # Whoever says that he is somebody else is not believed.
            front.ask("POST", "/webmention", b"", client=client, forwarded=f"198.51.100.{number}")
            for number in range(MANY)
        )
        return [answer.status for answer in answers]

    assert set(told("127.0.0.2")[:60]) == {400}
    assert set(told("127.0.0.2")) == {429}
    assert told("127.0.0.3")[0] == 400


def test_behind_nginx_a_body_that_is_too_large_is_answered_calmly(
    front: Front, author: Author, others: list[str]
) -> None:
    for size in (65 * 1024, 120 * 1024):
        told = front.ask("POST", "/webmention", b"source=" + b"x" * size)
        assert (told.status, told.text) == (413, "A notice has at most 64 kB.\n")
    told = front.ask("POST", "/pingback", b" " * 65 * 1024, "text/xml")
    assert (told.status, told.fault) == (413, 0)
    for size in (129 * 1024, 600 * 1024):
        assert front.ask("POST", "/webmention", b"source=" + b"x" * size).status == 413
    assert front.ask("POST", "/webmention", webmention(others[0])).status == 201


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs Debian's package systemd")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("pelican-linkbacks")
    assert program.exists()
    changes = {"/opt/linkbacks/bin/pelican-linkbacks": str(program)}
    unit = tmp_path / "linkbacks.service"
    unit.write_text(readme.block("[Unit]", changes), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=one", str(unit)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="needs Debian's package sqlite3")
def test_a_copy_that_is_made_while_the_receiver_writes_is_whole(tmp_path: Path) -> None:
    changes = {"sudo ": "", "/var/lib/linkbacks": str(tmp_path), "/var/backups": str(tmp_path)}
    line = readme.block("sudo sqlite3", changes)
    pages = {f"/{number}": linking() for number in range(250)}
    answers: list[int] = []
    enough, ending = threading.Event(), threading.Event()
    with (
        Site({**pages}, host="0.0.0.0") as site,
        Server(tmp_path, "--trusted-proxy", "127.0.0.1") as server,
    ):

        def tell() -> None:
            for number, page in enumerate(pages):
                if ending.is_set():
                    return
                # Another client and another host each time, so that no limit is reached.
                source = f"{site.url}{page}".replace("0.0.0.0", f"127.0.{number}.1")
                client = f"198.51.{number}.1"
                answers.append(server.webmention(source, X_Forwarded_For=client))
                if number == 20:
                    enough.set()

        telling = threading.Thread(target=tell)
        telling.start()
        try:
            assert enough.wait(60)
            before = len(answers)
            subprocess.run(["sh", "-c", line], check=True, timeout=60)
            after = len(answers)
            assert telling.is_alive(), "it was not writing any more"
        finally:
            ending.set()
            telling.join(60)
        assert server.end() == (0, "")
    assert set(answers) <= {201, 202}
    (copy,) = tmp_path.glob("linkbacks-*.sqlite3")
    with closing(Desk.open(str(copy), create=False)) as desk:
        entries = desk.moderation.find(limit=1_000)
        assert before <= len(entries) <= after + 1
        assert all(entry.status in {Status.QUEUED, Status.PENDING} for entry in entries)
    check = ["sqlite3", str(copy), "PRAGMA integrity_check"]
    assert subprocess.check_output(check, encoding="utf-8") == "ok\n"
