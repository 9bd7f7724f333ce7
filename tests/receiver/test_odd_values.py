"""What pages and notices do with values that nobody has typed; over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from pelican_linkbacks import manifest
from pelican_linkbacks.receiver.entry import Texts
from tests.receiver.author import Author, author, receiver_of_an_author, tell
from tests.receiver.reception import RYE, Receiver
from tests.receiver.strongroom import hurry_nobody

__all__ = ["author"]

ODD = {
    "a null character": b"a\0b",
    "half a character": b"\xed\xa0\x80",
    "no UTF-8": b"\xff\xfe",
    "a line break": b"a\r\nX-Evil: yes",
    "a very long word": b"a" * 20_000,
    "a large number": b"9" * 40,
    "a number": b"-1",
    "another script's digits": "١٢".encode(),
    "an id and more": b"approve:99999999999999999999",
    "right to left": "\u202e\u2066".encode(),
    "wildcards": b"%_\\",
    "SQL": b"' OR 1=1; --",
    "a template": b"{{ config }}{% raw %}",
    "nothing": b"",
}
GETS = ["/mentions?status={}", "/mentions?q={}", "/mentions?page={}", "/mentions/{}", "/status/{}"]
GETS += ["/forget?source={}", "/login?next={}", "/webmention?target={}", "/trackback/{}", "/{}"]
GETS += ["/mentions?status=all&q=a&q={}&page=1&page={}", "/static/{}", "/received.json?{}"]
POSTS = {
    "/mentions": ["do", "pick", "shown", "rule"],
    "/mentions/1": ["title", "excerpt"],
    "/rules": ["action", "place"],
    "/rules/1/remove": ["revert"],
    "/forget": ["source"],
    "/login": ["password", "next"],
    "/webmention": ["source", "target"],
    f"/trackback/{RYE.path}": ["url", "title", "excerpt", "blog_name", "charset"],
}


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiver_of_an_author(tmp_path) as receiver:
        hurry_nobody(receiver)
        tell(receiver, "https://blog.example/post")
        receiver.rules.add("block", "other.example")
        yield receiver


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_no_value_breaks_a_page_or_a_notice(
    receiver: Receiver, author: Author, odd: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for path in GETS:
        for visitor in (author, Author(receiver)):
            response = visitor.get(path.replace("{}", quote(odd[:8_000])))
            assert response.status_code < 500, path
            assert "X-Evil" not in response.headers
    for path, names in POSTS.items():
        valid = {"do": "approve:1", "action": "block", "place": "a.example", "target": RYE.url}
        valid |= {"source": "https://new.example/", "url": "https://new.example/"}
        for name in names:
            fields = urlencode([(name, odd), (name, odd), (f"{name}[]", odd)]).encode()
            rest = urlencode({key: value for key, value in valid.items() if key != name}).encode()
            token = urlencode({"csrf_token": author.token()}).encode()
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            for body in (fields, b"&".join((token, fields, rest))):
                response = author.ask("POST", path, data=body, headers=kind)
                assert response.status_code < 500, (path, name)
                assert "X-Evil" not in response.headers
            author = author if author.is_in() else _signed_in(receiver)
    assert [record.getMessage() for record in caplog.records] == []


def _signed_in(receiver: Receiver) -> Author:
    author = Author(receiver)
    author.sign_in()
    return author


TYPES = ["", "multipart/form-data", "multipart/form-data; boundary=", "text/plain; charset=\xff"]
TYPES += ["application/x-www-form-urlencoded; charset=hex", "a" * 9_000]
TYPES += [f"multipart/form-data; boundary={'b' * 500}"]


@pytest.mark.parametrize("content_type", TYPES)
def test_no_content_type_breaks_anything(receiver: Receiver, content_type: str) -> None:
    for path in POSTS:
        assert receiver.post(path, b"--b\r\n\r\n\0=%ff&" * 50, content_type).status < 500


def test_the_search_finds_wildcards_only_where_they_stand(
    receiver: Receiver, author: Author
) -> None:
    tell(receiver, "https://blog.example/100%25_more", Texts("100% of a_b \\o/"))
    for words, number in (
        ("%", 1),
        ("_", 1),
        ("\\", 1),
        ("a%b", 0),
        ("a_b", 1),
        ("axb", 0),
        ("post", 1),
    ):
        page = author.page(f"/mentions?q={quote(words)}")
        assert page.count("<article") == number, words


SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"


class _Page(HTMLParser):
    """What a browser would run of a page, or follow to what is no page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "img", "iframe", "object", "embed", "svg", "base", "style"}:
            self.found.append(tag)
        for name, value in attrs:
            leads = name in {"href", "src", "action", "formaction"}
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.found.append(name)
            if leads and not re.match(r"https?://|/(?!/)|#|$", value or ""):
                self.found.append(f"{name}={value}")


def test_no_text_from_outside_becomes_code_on_any_page(receiver: Receiver, author: Author) -> None:
    hostile = Texts(SCRIPT, SCRIPT, SCRIPT, SCRIPT, url=f"javascript:{SCRIPT}")
    title = RYE._replace(title=SCRIPT)
    manifest.write(receiver.folder, [title])
    sources = [f"https://evil.example/?{SCRIPT}", f"https://evil.example/#{SCRIPT}"]
    sources += ["https://evil.example/'onmouseover='alert(1)", 'https://evil.example/"onfocus="a']
    for source in sources:
        entry = tell(receiver, source, hostile, how=SCRIPT)
        author.get(f"/forget?source={quote(source)}")
    receiver.moderation.approve([entry.id])
    receiver.rules.add("block", "evil.example", f"/{SCRIPT}")
    author.submit("/rules", action="approve", place=f"evil.example/{SCRIPT}")
    pages = [
        "/mentions?status=all",
        f"/mentions?q={quote(SCRIPT)}",
        f"/mentions/{entry.id}",
        "/rules",
    ]
    pages += [f"/mentions?status={quote(SCRIPT)}", f"/forget?source={quote(SCRIPT)}", "/nowhere"]
    pages += [f"/forget?source={quote(sources[0])}", f"/webmention?target={quote(SCRIPT)}"]
    pages += [f"/login?next={quote('/' + SCRIPT)}", f"/mentions?status=all&page={quote(SCRIPT)}"]
    for path in pages:
        for visitor in (author, Author(receiver)):
            page = visitor.get(path).text
            assert _Page(page).found == [], path
    wrong = author.submit("/rules", action="approve", place=SCRIPT).text
    assert _Page(wrong).found == []


def test_what_is_exported_is_json_and_leads_to_web_pages_alone(receiver: Receiver) -> None:
    for number, source in enumerate(
        ["https://evil.example/?</script>", "https://evil.example/\u2028"]
    ):
        texts = Texts(SCRIPT, "\u2028\0\ud800", SCRIPT, url=f"https://evil.example/{number}")
        receiver.moderation.approve([tell(receiver, source, texts).id])
    reply = receiver.get("/received.json")
    assert reply.headers.get_content_type() == "application/json"
    for mention in json.loads(reply.body)["mentions"]:
        assert mention["source"].startswith("https://")
        assert mention["url"].startswith("https://")
