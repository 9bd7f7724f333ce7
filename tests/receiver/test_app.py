"""The application around its views: headers, errors, cookies, and the path it stands under."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.receiver.reception import RYE, OtherBlog, Receiver

PATHS = [
    "/",
    "/login",
    "/mentions",
    "/webmention",
    "/pingback",
    f"/trackback/{RYE.path}",
    "/status/x",
    "/health",
    "/received.json",
    "/static/style.css",
    "/nowhere",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_forbids_what_no_page_of_ours_needs(receiver: Receiver, path: str) -> None:
    headers = receiver.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/login", "/mentions", "/status/x", "/health", "/nowhere"])
def test_what_is_private_or_passing_is_not_kept_by_any_cache(receiver: Receiver, path: str) -> None:
    assert receiver.get(path).headers["Cache-Control"] == "no-store"


def test_what_does_not_exist_is_said_in_a_sentence(receiver: Receiver) -> None:
    reply = receiver.get("/nowhere")
    assert reply.status == 404
    assert "There is no such page." in reply.text


def test_a_mistake_of_our_own_is_said_in_a_sentence_and_logged_without_what_was_sent(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.break_inbox()
    reply = receiver.get("/status/secret-token")
    assert reply.status == 500
    assert reply.headers.get_content_type() == "text/html"
    assert "Something went wrong" in reply.text
    assert "inbox.py" not in reply.text
    (record,) = caplog.records
    assert "AttributeError at inbox.py" in record.getMessage()
    assert "secret-token" not in record.getMessage()
    assert record.exc_info is None


@pytest.mark.parametrize("path", ["/login", "/logout", "/mentions", "/rules", "/forget"])
def test_what_a_foreign_page_could_post_is_refused_in_a_sentence(
    receiver: Receiver, path: str
) -> None:
    reply = receiver.post(path, b"password=x&source=http://blog.example/")
    assert reply.status == 400
    assert "load the page again" in reply.text
    assert "CSRF" not in reply.text


@pytest.mark.parametrize(
    ("endpoint", "path", "is_secure"),
    [
        (None, "/", False),
        ("http://us.example/linkbacks", "/linkbacks", False),
        ("https://us.example/linkbacks/", "/linkbacks", True),
        ("https://linkbacks.us.example", "/", True),
    ],
)
def test_the_cookie_goes_to_this_application_alone(
    tmp_path: Path, endpoint: str | None, path: str, is_secure: bool
) -> None:
    with Receiver(tmp_path, endpoint=endpoint) as receiver:
        receiver.vault.set_password_hash("something")
        cookie = receiver.get("/login").headers["Set-Cookie"]
    assert cookie.startswith("linkbacks=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert f"Path={path}" in cookie.split("; ")
    assert ("Secure" in cookie) is is_secure


@pytest.mark.parametrize("prefix", ["", "/linkbacks"])
def test_a_proxy_may_strip_the_path_of_the_endpoint_or_leave_it(
    tmp_path: Path, other: OtherBlog, prefix: str
) -> None:
    with Receiver(tmp_path, endpoint="https://us.example/linkbacks") as receiver:
        assert receiver.trackback(other.post).error == 0
        assert receiver.post(f"{prefix}/pingback", b"", "text/xml").fault == -32700
        assert receiver.get(f"{prefix}/received.json").status == 200
        assert receiver.get(f"{prefix}/trackback/{RYE.path}").headers["Location"] == RYE.url
        page = receiver.get(f"{prefix}/login").text
        assert re.findall(r'href="([^"#]+\.css)"', page) == ["/linkbacks/static/style.css"]
        assert receiver.get(f"{prefix}/").headers["Location"] == "/linkbacks/login?next=/"
