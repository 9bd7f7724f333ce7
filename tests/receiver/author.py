"""The author of the blog, at the receiver's pages; and what stands there to be decided."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
import requests
from werkzeug.security import generate_password_hash

from pelican_linkbacks.manifest import Target
from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver.entry import Entry, Finding, Look, Texts
from tests.receiver.reception import RYE, Receiver

PASSWORD = "rye and water"

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@contextmanager
def receiver_of_an_author(folder: Path, **settings: Any) -> Iterator[Receiver]:
    """A receiver with a password, which fetches nothing."""
    with Receiver(folder, workers=0, **settings) as receiver:
        set_password(receiver)
        yield receiver


def set_password(receiver: Receiver, password: str = PASSWORD) -> None:
    """Set the password as the command does, by a way that is quick to compute."""
    receiver.vault.set_password_hash(generate_password_hash(password, "pbkdf2:sha256:1"))


def tell(
    receiver: Receiver,
    source: str,
    texts: Texts | None = None,
    *,
    target: Target = RYE,
    protocol: str = "webmention",
    how: str = "The page links to your article.",
) -> Entry:
    """Have a source told of and verified, without fetching it."""
    taken = receiver.inbox.take(Notice(protocol, source, target.url), target)
    claim = receiver.inbox.claim("a test", only=taken.entry.id)
    assert claim
    look = Look(Finding.LINKS, how, source, texts or Texts("A title", "Ann", "Some words"))
    entry = receiver.inbox.settle(claim, look, receiver.rules)
    assert entry
    return entry


_READ = re.compile(r'name="shown" value="(\d+)"><input type="hidden" name="read" value="(\w+)"')


class Addressed(Protocol):
    """What can be asked for by a URL."""

    url: str


class Author:
    """Somebody with a browser that knows no JavaScript.

    Answers are those of ``requests``, redirects not followed.

    Args:
        receiver: whose pages are read; anything with a URL.
        prefix: path under which the world knows it.
    """

    def __init__(self, receiver: Addressed, prefix: str = "") -> None:
        self._base = receiver.url + prefix
        self.session = requests.Session()
        self.session.trust_env = False

    def ask(self, method: str, path: str, **request: Any) -> requests.Response:
        """Send any request with the cookies of this browser."""
        return self.session.request(
            method, self._base + path, allow_redirects=False, timeout=30, **request
        )

    def get(self, path: str) -> requests.Response:
        """Open a page."""
        return self.ask("GET", path)

    def page(self, path: str) -> str:
        """A page that must be there, with its entities decoded."""
        response = self.get(path)
        assert response.status_code == 200
        return html.unescape(response.text)

    def token(self) -> str:
        """What the forms of this session hold."""
        return self._token("/forget", "/login")

    def submit(self, path: str, **fields: Any) -> requests.Response:
        """Send a form as the pages have it."""
        return self.ask("POST", path, data={"csrf_token": self.token()} | fields)

    def sign_in(self, password: str = PASSWORD, next: str = "") -> requests.Response:
        """Send the login form."""
        fields = {"csrf_token": self._token("/login", "/forget"), "password": password}
        return self.ask("POST", "/login", data=fields | ({"next": next} if next else {}))

    def press(self, button: str, path: str = "/mentions", **fields: Any) -> requests.Response:
        """Press a button of the list, on which all stands that its form says unseen."""
        everything = f"/mentions?status=all&page={fields.pop('page', 1)}"
        pages = self.get(everything).text + self.get(path).text
        read = dict(_READ.findall(pages))
        shown = [str(number) for number in fields.pop("shown", read)]
        fields |= {"shown": shown, "read": [read.get(number, "") for number in shown]}
        fields |= {"csrf_token": _TOKEN.findall(pages)[0], "do": button}
        response = self.ask("POST", path, data=fields)
        assert response.status_code == 303
        return response

    def _token(self, *places: str) -> str:
        # An open session is led away from the one page, and any other from the other.
        found = next(filter(None, (_TOKEN.search(self.get(place).text) for place in places)), None)
        assert found
        return found[1]

    def is_in(self) -> bool:
        """Whether the list is shown to this browser."""
        response = self.get("/mentions")
        assert response.status_code == 200 or is_login(response)
        return response.status_code == 200


def is_login(response: requests.Response) -> bool:
    """Whether an answer leads to the login page."""
    return urlsplit(response.headers.get("Location", "")).path.endswith("/login")


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """A receiver with a password."""
    with receiver_of_an_author(tmp_path) as receiver:
        yield receiver


@pytest.fixture
def author(receiver: Receiver) -> Author:
    """Its author, who is logged in."""
    author = Author(receiver)
    author.sign_in()
    return author
