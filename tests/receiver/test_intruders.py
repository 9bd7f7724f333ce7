"""What somebody without a session can read and change: nothing that is not approved; over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pelican_linkbacks.receiver.entry import Status
from tests.receiver.author import PASSWORD, Author
from tests.receiver.reception import RYE, SHUT, Receiver
from tests.receiver.strongroom import (
    FIELDS,
    INTRUDERS,
    LOUD,
    METHODS,
    SECRET,
    dump,
    one,
    paths,
    secrets,
    strongroom,
    tells,
)

CONTRACT = {"id", "protocol", "kind", "source", "url", "target", "title", "author", "excerpt"}
CONTRACT |= {"published", "received", "updated"}


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with strongroom(tmp_path) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """For tests that must not change anything."""
    with strongroom(tmp_path_factory.mktemp("shared")) as receiver:
        yield receiver


def keeps_its_secrets(receiver: Receiver, answer: str) -> bool:
    return not any(word in answer for word in secrets(receiver))


def token_of(intruder: Author) -> str:
    """The token of an intruder's own session; "" if the login page gives none."""
    with suppress(AssertionError):
        return intruder.token()
    return ""


def test_the_author_sees_the_secrets(receiver: Receiver) -> None:
    author = Author(receiver)
    author.sign_in()
    page = author.page("/mentions?status=all")
    for status in Status:
        word = f"{SECRET} now" if status is Status.APPROVED else f"{SECRET}-{status}.example"
        assert word in page
    assert f"{SECRET}-rule.example/{SECRET}" in author.page("/rules")


@pytest.mark.parametrize("who", INTRUDERS)
@pytest.mark.parametrize("method", METHODS)
def test_no_route_tells_or_changes_what_is_not_approved(
    shared: Receiver, method: str, who: str
) -> None:
    receiver = shared
    intruder = INTRUDERS[who](receiver)
    fields = FIELDS | {"csrf_token": token_of(intruder)}
    hidden, before = secrets(receiver), dump(receiver)
    for path in paths(receiver):
        # Each is a visit of its own: an answer may renew the cookie.
        cookies = intruder.session.cookies.copy()
        response = intruder.ask(method, path, data=fields, params=FIELDS)
        intruder.session.cookies = cookies
        assert response.status_code < 500, path
        assert not any(word in tells(response) for word in hidden), path
    assert dump(receiver) == before
    assert not intruder.is_in()


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_another_request_of_one(receiver: Receiver, name: str) -> None:
    author = Author(receiver)
    author.sign_in()
    before = dump(receiver)
    headers = {name: "POST", "X-CSRFToken": author.token()}
    for path in ("/mentions?do=approve:1&_method=POST", "/rules?action=block&place=a.example"):
        author.ask("GET", path, headers=headers, data=FIELDS)
    assert dump(receiver) == before


FORWARDED = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "//evil.example",
    "X-Forwarded-Proto": "javascript",
    "X-Forwarded-User": "author",
    "X-Script-Name": "//evil.example",
    "X-Original-URL": "/mentions",
    "X-Rewrite-URL": "/mentions",
    "Forwarded": "for=127.0.0.1;host=evil.example;proto=https",
    "Authorization": "Basic YXV0aG9yOnJ5ZSBhbmQgd2F0ZXI=",
    "Remote-User": "author",
}


@pytest.mark.parametrize("path", ["/", "/mentions", "/login", "/webmention", "//mentions", "/x"])
def test_no_header_opens_a_page_or_leads_to_another_site(shared: Receiver, path: str) -> None:
    response = Author(shared).ask("GET", path, headers=FORWARDED)
    assert keeps_its_secrets(shared, tells(response))
    assert "evil" not in tells(response)
    assert "javascript" not in tells(response)


HOSTS = ["evil.example", "evil.example:99999", "[", "a b", "<evil>", ""]


@pytest.mark.parametrize("endpoint", [None, "https://us.example/linkbacks"])
def test_no_answer_is_made_of_the_host_that_a_client_names(
    tmp_path: Path, endpoint: str | None
) -> None:
    with strongroom(tmp_path, endpoint=endpoint) as receiver:
        for host in HOSTS:
            for path in (*paths(receiver), "//mentions", "/mentions/", "//static/style.css"):
                reply = receiver.get(path, Host=host)
                assert reply.status < 500
                assert "evil" not in f"{reply.headers}{reply.text}", path
            reply = receiver.webmention("https://new.example/", Host=host)
            assert reply.status == 201
            assert "evil" not in f"{reply.headers}{reply.text}"
            assert "/status/" in reply.headers["Location"]


# What may be asked about one entry.


def test_a_status_url_says_one_word(receiver: Receiver) -> None:
    words = {"queued", "held", "shown", "gone"}
    for status in Status:
        reply = receiver.get(f"/status/{one(receiver, status).token}")
        assert reply.text.strip() in words
        assert reply.headers.get_content_type() == "text/plain"
    held = [
        receiver.get(f"/status/{one(receiver, status).token}")
        for status in (Status.PENDING, Status.DISMISSED, Status.SPAM)
    ]
    assert (
        len(
            {
                (reply.status, reply.body, str(dict(reply.headers.items()) | {"Date": ""}))
                for reply in held
            }
        )
        == 1
    )


@pytest.mark.parametrize(
    "guess", ["1", "%25", "_" * 22, "%2A", "%00", "%ED%A0%80", "'%20OR%20''='", "A" * 5_000, "%FF"]
)
def test_a_token_can_not_be_guessed(shared: Receiver, guess: str) -> None:
    reply = shared.get(f"/status/{guess}")
    assert (reply.status, reply.text) == (404, "gone\n")


def test_tokens_are_long_exact_and_not_alike(receiver: Receiver) -> None:
    tokens = [entry.token for entry in receiver.entries()]
    assert len(set(tokens)) == len(tokens)
    assert min(map(len, tokens)) >= 22
    for token in tokens:
        others = {token[:-1], f"{token}x", f"{token}%00", f"{token}%20"} | {token.swapcase()}
        assert {receiver.get(f"/status/{other}").status for other in others} == {404}


def test_senders_that_tell_again_learn_the_same_of_what_is_held_and_dismissed(
    receiver: Receiver,
) -> None:
    for tell in (receiver.pingback, receiver.trackback):
        told = {
            tell(one(receiver, status).source).body
            for status in (Status.PENDING, Status.DISMISSED, Status.SPAM)
        }
        assert len(told) == 1
    for status in (Status.DISMISSED, Status.SPAM):
        reply = receiver.webmention(one(receiver, status).source)
        assert (reply.status, reply.text) == (
            201,
            "Accepted. It is shown once the author has approved it.\n",
        )


def test_what_is_decided_is_not_changed_by_any_notice(receiver: Receiver) -> None:
    decided = (Status.DISMISSED, Status.SPAM, Status.APPROVED)
    before = {status: one(receiver, status) for status in decided}
    rest = dump(receiver, "linkbacks_entries", "linkbacks_counters", "linkbacks_chores")
    shown = receiver.get("/received.json").body
    for status, entry in before.items():
        for source in (entry.source, f"{entry.source}/", f"{entry.source}#x"):
            for tell in (receiver.webmention, receiver.pingback, receiver.trackback):
                assert tell(source).status in {200, 201}
        after = one(receiver, status)
        assert (after.texts, after.proposal) == (entry.texts, entry.proposal)
        assert (after.protocol, after.decided_by) == (entry.protocol, entry.decided_by)
    assert receiver.get("/received.json").body == shown
    assert dump(receiver, "linkbacks_entries", "linkbacks_counters", "linkbacks_chores") == rest


# What is public.


def test_what_is_public_holds_what_is_approved_and_not_a_field_more(receiver: Receiver) -> None:
    content = json.loads(receiver.get("/received.json").body)
    assert set(content) == {"version", "mentions"}
    (mention,) = content["mentions"]
    assert set(mention) == CONTRACT
    assert (mention["source"], mention["title"]) == (LOUD, "Loud")
    assert set(json.loads(receiver.get("/health").body)) == {"status", "queued"}


def test_pingbacks_are_listed_only_if_they_are_shown(receiver: Receiver) -> None:
    for url in (RYE.url, SHUT.url, "https://us.example/", "%", "https://hush-pending.example/"):
        reply = receiver.call("pingback.extensions.getPingbacks", url)
        assert SECRET not in reply.text.replace(url, "")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fcli.py",
        "/static/....//app.py",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/static/..%5capp.py",
        "/static/style.css%00",
        "/static/",
        "/trackback/../linkbacks.sqlite3",
        "/trackback/..%2flinkbacks.sqlite3",
        "/trackback/%2e%2e/%2e%2e/etc/passwd",
        "/trackback//etc/passwd",
        "/trackback/%00",
        "/trackback/%ED%A0%80",
        "/trackback/https://evil.example/",
        "/linkbacks.sqlite3",
    ],
)
def test_no_path_leads_to_a_file_or_to_another_site(shared: Receiver, path: str) -> None:
    for method in ("GET", "HEAD", "POST"):
        reply = shared.ask(method, path, b"" if method == "POST" else None)
        assert reply.status in {400, 404, 405, 308}
        assert "evil" not in (reply.headers["Location"] or "").partition("?")[0]
        assert b"import " not in reply.body
        assert b"root:" not in reply.body
        assert b"SQLite" not in reply.body


# Sessions.


def test_a_session_that_somebody_else_began_is_not_the_authors(receiver: Receiver) -> None:
    intruder, author = Author(receiver), Author(receiver)
    token = intruder.token()
    author.session.cookies.update(intruder.session.cookies)
    assert author.submit("/login", password=PASSWORD).status_code == 303
    assert author.is_in()
    assert not intruder.is_in()
    response = author.ask("POST", "/rules", data={"csrf_token": token, "action": "approve-known"})
    assert response.status_code == 400


@pytest.mark.parametrize(
    "path", ["/mentions", "/mentions/1", "/rules", "/rules/1/remove", "/forget"]
)
def test_a_token_of_another_session_changes_nothing(receiver: Receiver, path: str) -> None:
    author, other = Author(receiver), Author(receiver)
    author.sign_in()
    other.sign_in()
    before = dump(receiver)
    fields = FIELDS | {"csrf_token": other.token()}
    assert author.ask("POST", path, data=fields).status_code == 400
    stranger = Author(receiver)
    headers = {"X-CSRFToken": other.token(), "Referer": receiver.url}
    assert stranger.ask("POST", path, data=FIELDS, headers=headers).status_code == 400
    assert dump(receiver) == before


def test_who_has_no_session_makes_the_database_no_larger_by_logging_out(receiver: Receiver) -> None:
    before = dump(receiver)
    for _ in range(3):
        Author(receiver).submit("/logout")
    assert dump(receiver) == before


def test_pages_hold_no_address_of_another_site_but_behind_links(receiver: Receiver) -> None:
    author = Author(receiver)
    author.sign_in()
    for path in ("/mentions?status=all", "/mentions/1", "/rules", "/forget"):
        page = author.get(path).text
        loaded = re.findall(
            r'<(?:link|img|script|form|iframe|source)\b[^>]*(?:href|src|action)="([^"]*)"', page
        )
        assert loaded
        assert all(url.startswith("/") and not url.startswith("//") for url in loaded)
