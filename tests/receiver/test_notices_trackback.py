"""What a trackback sender meets."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from pelican_linkbacks import manifest
from pelican_linkbacks.manifest import Target
from pelican_linkbacks.receiver.entry import Status
from tests.receiver.reception import BREAD, RYE, SHUT, OtherBlog, Receiver, generous, linking
from tests.servers import Answer

ALREADY = "There is already a ping from that URL"


def multipart(charset: str, **fields: str) -> tuple[bytes, str]:
    """A multipart form and its content type."""
    parts = [
        f'--frontier\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    body = "".join(parts) + "--frontier--\r\n"
    return body.encode(charset), f"multipart/form-data; boundary=frontier; charset={charset}"


# What must be left alone.


@pytest.mark.parametrize(
    "body", ["", "title=A", "url=", "url=nonsense", "url=ftp://blog.example/", "url=javascript:a"]
)
def test_without_a_usable_url_it_is_an_error(receiver: Receiver, body: str) -> None:
    reply = receiver.post(f"/trackback/{RYE.path}", body.encode())
    assert (reply.status, reply.error) == (200, 1)
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert "<message>" in reply.text
    assert receiver.entries() == []


@pytest.mark.parametrize("path", ["unknown.html", "", "rye.html/more", "..%2Frye.html"])
def test_at_the_url_of_no_article_it_is_an_error_and_nobody_is_asked(
    receiver: Receiver, other: OtherBlog, path: str
) -> None:
    reply = receiver.trackback(other.post, path)
    assert (reply.status, reply.error) == (404, 1)
    assert other.requests == []
    assert receiver.entries() == []


def test_an_article_that_takes_none_says_so_and_nobody_is_asked(
    receiver: Receiver, other: OtherBlog
) -> None:
    other.pages["/post"] = linking(SHUT.url)
    reply = receiver.trackback(other.post, SHUT.path)
    assert (reply.status, reply.error) == (200, 1)
    assert other.requests == []


def test_an_article_of_our_own_is_no_source(receiver: Receiver) -> None:
    assert receiver.trackback(BREAD.url).error == 1
    assert receiver.entries() == []


@pytest.mark.parametrize("page", ["<p>Nothing.</p>", Answer("gone", 404), Answer("gone", 410)])
def test_a_source_that_does_not_link_is_an_error(
    receiver: Receiver, other: OtherBlog, page: str | Answer
) -> None:
    other.pages["/post"] = page
    assert receiver.trackback(other.post, title="Buy pills").error == 1
    assert receiver.entries() == []


def test_a_mistake_of_our_own_is_an_error_with_one_sentence(
    receiver: Receiver, other: OtherBlog, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.break_inbox()
    reply = receiver.trackback(other.post)
    assert (reply.status, reply.error) == (200, 1)
    assert "Something went wrong here" in reply.text
    assert [record.exc_info for record in caplog.records] == [None]


# What must happen.


def test_a_good_one_is_answered_with_error_0_and_says_what_it_likes_of_itself(
    receiver: Receiver, other: OtherBlog
) -> None:
    reply = receiver.trackback(
        other.post, title="My &#8220;rye&#8221;", excerpt="Some <b>words</b>", blog_name="A &amp; B"
    )
    assert (reply.status, reply.error) == (200, 0)
    entry = receiver.entry
    assert (entry.protocol, entry.target, entry.status) == ("trackback", RYE.url, Status.PENDING)
    assert entry.texts.title == "My “rye”"
    assert entry.texts.excerpt == "Some words"
    assert entry.texts.author == "A & B"


def test_the_same_again_is_an_error_in_the_words_that_senders_know(
    receiver: Receiver, other: OtherBlog
) -> None:
    receiver.trackback(other.post)
    reply = receiver.trackback(other.post)
    assert reply.error == 1
    assert ALREADY in reply.text
    assert len(other.requests) == 1


def test_a_source_that_can_not_be_reached_is_accepted_and_tried_again_by_us(
    receiver: Receiver, other: OtherBlog
) -> None:
    other.pages["/post"] = Answer("later", 503)
    assert receiver.trackback(other.post).error == 0
    assert receiver.entry.status is Status.QUEUED


@pytest.mark.parametrize(
    ("charset", "header", "field"),
    [
        ("utf-8", "", ""),
        ("utf-8", "; charset=utf-8", ""),
        ("utf-8", "", "utf-8"),
        ("latin-1", "; charset=iso-8859-1", ""),
        ("latin-1", "", "iso-8859-1"),
        ("latin-1", "; charset=utf-8", "ISO-8859-1"),
        ("latin-1", "", ""),
        ("utf-8", "; charset=klingon", "klingon"),
    ],
)
def test_letters_arrive_in_every_charset(
    receiver: Receiver, other: OtherBlog, charset: str, header: str, field: str
) -> None:
    fields = {"title": "Blé à moudre", "url": other.post} | ({"charset": field} if field else {})
    body = urlencode(fields, encoding=charset).encode()
    kind = f"application/x-www-form-urlencoded{header}"
    assert receiver.post(f"/trackback/{RYE.path}", body, kind).error == 0
    assert receiver.entry.texts.title == "Blé à moudre"


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_a_multipart_form_is_taken_as_well(
    receiver: Receiver, other: OtherBlog, charset: str
) -> None:
    body, kind = multipart(charset, title="Blé à moudre", url=other.post)
    assert receiver.post(f"/trackback/{RYE.path}", body, kind).error == 0
    assert receiver.entry.texts.title == "Blé à moudre"


def test_what_wordpress_sends_is_understood(receiver: Receiver, other: OtherBlog) -> None:
    body = (
        f"title=Rye+%26%23038%3B+me&url={quote(other.post, safe='')}&blog_name=W"
        "&excerpt=I+have+read+%5B%26hellip%3B%5D"
    )
    path = f"/trackback/{RYE.path}"
    assert receiver.post(path, body.encode(), User_Agent="WordPress/6.1.9; http://a").error == 0
    assert receiver.entry.texts.title == "Rye & me"
    assert receiver.entry.texts.excerpt == "I have read […]"


@pytest.mark.parametrize(
    "path", ["2026/bread/", "2026/bread", "2026%2Fbread%2F", "2026/bread/?utm_source=a"]
)
def test_the_article_is_that_of_the_path_however_it_is_encoded(
    receiver: Receiver, other: OtherBlog, path: str
) -> None:
    other.pages["/post"] = linking(BREAD.url)
    assert receiver.trackback(other.post, path).error == 0
    assert receiver.entry.target == BREAD.url


@pytest.mark.parametrize("encoded", [True, False])
def test_an_article_of_another_host_has_its_whole_url_for_a_path(
    receiver: Receiver, other: OtherBlog, encoded: bool
) -> None:
    url = "https://fr.example/é%20x"
    manifest.write(receiver.folder, [Target(url, url, "Seigle", "fr", True)])
    other.pages["/post"] = linking(url)
    path = quote(url, safe="" if encoded else "/:%")
    assert receiver.trackback(other.post, path).error == 0
    assert receiver.entry.target == url


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_browser_is_led_to_the_article(receiver: Receiver, method: str) -> None:
    reply = receiver.ask(method, f"/trackback/{BREAD.path}")
    assert (reply.status, reply.headers["Location"]) == (302, BREAD.url)
    assert receiver.ask(method, "/trackback/unknown.html").status == 404


def test_too_many_are_asked_to_wait(tmp_path: Path, other: OtherBlog) -> None:
    with Receiver(tmp_path, rates=generous(client=1)) as receiver:
        receiver.trackback(other.post)
        reply = receiver.trackback(other.post)
        assert (reply.status, reply.error) == (429, 1)
        assert 0 < int(reply.headers["Retry-After"]) <= 60
