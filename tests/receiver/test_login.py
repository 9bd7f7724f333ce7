"""Who gets in, who does not, and how long it lasts; over real HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.sessions import SecureCookieSessionInterface

from pelican_linkbacks.receiver.app import HEADERS
from pelican_linkbacks.receiver.login import SESSION_DAYS
from tests.receiver.author import (
    PASSWORD,
    Author,
    is_login,
    receiver_of_an_author,
    set_password,
    tell,
)
from tests.receiver.reception import Receiver, generous

PUBLIC = {"static", "login", "notices", "export"}
"""Blueprints, and the endpoint, that need no session."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiver_of_an_author(tmp_path) as receiver:
        tell(receiver, "https://blog.example/secret-source")
        receiver.rules.add("block", "secret-host.example")
        yield receiver


@pytest.fixture
def visitor(receiver: Receiver) -> Author:
    return Author(receiver)


@pytest.fixture
def author(receiver: Receiver) -> Author:
    author = Author(receiver)
    assert author.sign_in().status_code == 303
    return author


def private_paths(receiver: Receiver) -> list[str]:
    """The paths of all routes that are not public, those with a number for what is there."""
    rules = receiver.app.url_map.iter_rules()
    private = {rule.rule for rule in rules if rule.endpoint.partition(".")[0] not in PUBLIC}
    return sorted(re.sub("<[^>]+>", "1", path) for path in private)


def everything(receiver: Receiver) -> object:
    return receiver.entries(), receiver.rules.all()


# What must not be possible.


def test_the_private_routes_are_those_of_the_pages(receiver: Receiver) -> None:
    expected = ["/", "/forget", "/mentions", "/mentions/1", "/rules", "/rules/1/remove"]
    assert private_paths(receiver) == expected


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_read_without_a_session(
    receiver: Receiver, visitor: Author, method: str
) -> None:
    for path in private_paths(receiver):
        response = visitor.ask(method, path)
        assert is_login(response) or response.status_code in {400, 405}, path
        assert "secret" not in response.text


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_changed_without_a_session_even_with_a_token(
    receiver: Receiver, visitor: Author, method: str
) -> None:
    before = everything(receiver)
    (source,) = [entry.source for entry in receiver.entries()]
    fields = {"csrf_token": visitor.token(), "do": "approve:1", "title": "x", "excerpt": "x"}
    fields |= {"action": "approve", "place": "evil.example", "source": source}
    for path in private_paths(receiver):
        response = visitor.ask(method, path, data=fields)
        assert is_login(response) or response.status_code == 405, path
    assert everything(receiver) == before


@pytest.mark.parametrize("path", ["/mentions", "/mentions/1", "/forget", "/rules", "/logout"])
@pytest.mark.parametrize("token", ["", "nonsense", "somebody else's"])
def test_a_form_without_the_token_of_its_session_changes_nothing(
    receiver: Receiver, author: Author, path: str, token: str
) -> None:
    before = everything(receiver)
    (source,) = [entry.source for entry in receiver.entries()]
    fields = {"do": "approve:1", "title": "x", "excerpt": "x", "action": "approve"}
    fields |= {"place": "evil.example", "source": source}
    fields["csrf_token"] = Author(receiver).token() if token.startswith("somebody") else token
    response = author.ask("POST", path, data=fields)
    assert response.status_code == 400
    assert "Go back, load the page again" in response.text
    assert everything(receiver) == before
    assert author.is_in()


def test_a_rule_is_not_removed_without_a_token(receiver: Receiver, author: Author) -> None:
    (rule,) = receiver.rules.all()
    assert author.ask("POST", f"/rules/{rule.id}/remove").status_code == 400
    assert receiver.rules.all() == [rule]


def test_the_login_form_needs_a_token_too(visitor: Author) -> None:
    assert visitor.ask("POST", "/login", data={"password": PASSWORD}).status_code == 400
    assert not visitor.is_in()


@pytest.mark.parametrize("password", ["", "rye and wate", PASSWORD + " ", PASSWORD.upper()])
def test_a_wrong_password_lets_nobody_in(visitor: Author, password: str) -> None:
    response = visitor.sign_in(password)
    assert response.status_code == 403
    assert "That is not the password." in response.text
    assert not visitor.is_in()


def test_without_a_password_nobody_gets_in_and_the_page_says_how_to_set_one(
    receiver: Receiver, visitor: Author
) -> None:
    token = visitor.token()
    receiver.vault.set_password_hash("")
    for password in ("", PASSWORD):
        response = visitor.ask("POST", "/login", data={"csrf_token": token, "password": password})
        assert response.status_code == 403
        assert "<code>pelican-linkbacks password</code>" in response.text
    assert not visitor.is_in()


def test_guessing_is_slowed_down_even_for_the_right_password(tmp_path: Path) -> None:
    with receiver_of_an_author(tmp_path, rates=generous(login=5)) as receiver:
        visitor = Author(receiver)
        for _ in range(5):
            assert visitor.sign_in("a guess").status_code == 403
        response = Author(receiver).sign_in()
        assert response.status_code == 429
        assert 0 < int(response.headers["Retry-After"]) <= 60
        assert "Too many attempts. Try again in" in response.text
        assert not visitor.is_in()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "@evil.example",
        ".evil.example",
        " //evil.example",
        "/mentions\r\nX-Evil: yes",
    ],
)
def test_nobody_is_sent_to_another_site(visitor: Author, elsewhere: str) -> None:
    response = visitor.sign_in(next=elsewhere)
    assert response.headers["Location"] == "/mentions"
    assert "X-Evil" not in response.headers
    again = visitor.ask("GET", "/login", params={"next": elsewhere})
    assert again.headers["Location"] == "/mentions"


@pytest.mark.parametrize("cookie", ["", "nonsense", "eyJ2ZXJzaW9uIjoxfQ.AAAAAA.AAAA"])
def test_a_forged_cookie_opens_nothing(visitor: Author, cookie: str) -> None:
    visitor.session.cookies.set("linkbacks", cookie)
    assert not visitor.is_in()


def test_a_session_ends_by_its_age_however_busy_it_is(receiver: Receiver, visitor: Author) -> None:
    signer = SecureCookieSessionInterface().get_signing_serializer(receiver.app)
    assert signer
    version = receiver.vault.session_version()
    for until, is_in in ((time.time() - 1, False), (time.time() + 60, True)):
        cookie = signer.dumps({"until": until, "version": version})
        visitor.session.cookies.set("linkbacks", str(cookie))
        assert visitor.is_in() is is_in


# What must be possible.


def test_the_password_opens_the_list(visitor: Author) -> None:
    assert visitor.sign_in().headers["Location"] == "/mentions"
    assert visitor.is_in()


def test_a_browser_without_a_session_is_led_back_to_the_page_it_wanted(visitor: Author) -> None:
    response = visitor.get("/mentions?status=spam&q=a+b%26c")
    assert is_login(response)
    login = visitor.get(response.headers["Location"]).text
    found = re.search('name="next" value="([^"]+)"', login)
    assert found
    wanted = found[1].replace("&amp;", "&")
    assert visitor.sign_in(next=wanted).headers["Location"] == "/mentions?status=spam&q=a+b%26c"


def test_an_open_session_needs_no_password_again(author: Author) -> None:
    assert author.get("/login").headers["Location"] == "/mentions"
    assert author.get("/").headers["Location"] == "/mentions"


def test_a_session_lasts_for_its_days(author: Author) -> None:
    (cookie,) = list(iter(author.session.cookies))
    assert cookie.expires
    assert abs(cookie.expires - time.time() - SESSION_DAYS * 86_400) < 60


def test_logging_out_ends_the_session(author: Author) -> None:
    assert is_login(author.submit("/logout"))
    assert not author.is_in()


def test_changing_the_password_ends_all_sessions(receiver: Receiver, author: Author) -> None:
    set_password(receiver, "water and rye")
    assert not author.is_in()
    assert author.sign_in().status_code == 403
    assert author.sign_in("water and rye").status_code == 303


def test_what_a_visitor_brought_along_is_no_part_of_the_session(visitor: Author) -> None:
    token = visitor.token()
    visitor.sign_in()
    response = visitor.ask("POST", "/mentions", data={"csrf_token": token, "do": "approve:1"})
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("endpoint", "path", "is_secure"),
    [
        (None, "/", False),
        ("http://us.example/linkbacks", "/linkbacks", False),
        ("https://us.example/linkbacks", "/linkbacks", True),
    ],
)
def test_the_cookie_is_for_these_pages_alone(
    tmp_path: Path, endpoint: str | None, path: str, is_secure: bool
) -> None:
    with receiver_of_an_author(tmp_path, endpoint=endpoint) as receiver:
        cookie = Author(receiver).get("/login").headers["Set-Cookie"]
        parts = {part.strip() for part in cookie.split(";")[1:]}
        assert {"HttpOnly", "SameSite=Lax", f"Path={path}"} <= parts
        assert ("Secure" in parts) is is_secure


def test_under_a_path_all_redirects_stay_there(tmp_path: Path) -> None:
    endpoint = "http://us.example/linkbacks"
    with receiver_of_an_author(tmp_path, endpoint=endpoint) as receiver:
        author = Author(receiver, "/linkbacks")
        assert author.get("/").headers["Location"].startswith("/linkbacks/login")
        assert author.sign_in(next="/rules").headers["Location"] == "/linkbacks/rules"
        assert author.get("/").headers["Location"] == "/linkbacks/mentions"
        assert author.is_in()


@pytest.mark.parametrize("path", ["/login", "/mentions", "/rules", "/forget", "/nowhere"])
def test_every_page_has_its_guarding_headers(author: Author, path: str) -> None:
    response = author.get(path)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
