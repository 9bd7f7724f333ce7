"""Trackback as its receiver sees it: pings of all shapes, and answers that senders understand."""

from __future__ import annotations

from urllib.parse import quote_plus, urlencode
from xml.etree.ElementTree import fromstring

import pytest

from pelican_linkbacks.mention import Excerpt, Outcome
from pelican_linkbacks.notice import Malformed, Notice, Verdict
from pelican_linkbacks.protocols import trackback
from tests.protocols.answered import page_of
from tests.samples import mention

FORM = "application/x-www-form-urlencoded"
SOURCE, TARGET = "https://blog.example/?p=1&q=2", "https://us.example/rye.html"


def taken(content_type: str = FORM, **fields: str) -> Notice:
    """The notice of a ping with these fields."""
    return trackback.notice(
        urlencode({"url": SOURCE} | fields).encode(), content_type, target=TARGET
    )


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://blog.example/", "http://me:x@a.example/"])
def test_a_ping_without_the_url_of_a_page_is_malformed(url: str) -> None:
    with pytest.raises(Malformed, match=r"^url "):
        taken(url=url, title="Rye")


@pytest.mark.parametrize("body", [b"", b"title=Rye", b'{"url": "https://a.example/"}', b"\0\xff"])
def test_what_is_no_ping_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed, match=r"^url is missing"):
        trackback.notice(body, "", TARGET)


def test_only_the_url_must_be_there() -> None:
    assert taken() == Notice("trackback", SOURCE, TARGET)


def test_a_ping_of_wordpress_becomes_plain_text() -> None:
    body = (
        "title=Rye+%26%23038%3B+%26%238220%3Bseeds%26%238221%3B"
        "&url=https%3A%2F%2Fblog.example%2F%3Fp%3D1%26q%3D2&blog_name=Bread+%26amp%3B+butter"
        "&excerpt=Gr%C3%BC%C3%9Fe+%26lt%3Bb%26gt%3B+%26%238230%3B"
    )

    assert trackback.notice(body.encode(), FORM, TARGET) == Notice(
        "trackback",
        SOURCE,
        TARGET,
        title="Rye & “seeds”",
        excerpt="Grüße <b> …",
        blog_name="Bread & butter",
    )


def test_tags_go_and_what_only_looks_like_one_stays_in_a_title() -> None:
    told = taken(
        title="<b>Rye</b> &amp; vector<int>",
        blog_name='<a href="https://blog.example">Bread</a>',
        excerpt="<p>One</p><script>alert(1)</script><p>two &amp; <em>three</em>",
    )

    assert (told.title, told.blog_name, told.excerpt) == (
        "Rye & vector<int>",
        "Bread",
        "One two & three",
    )


def test_texts_stand_on_one_line_without_control_characters() -> None:
    hostile = "a\r\n\0\tb\x1b[31m\u202ec&#8238;d&#x1b;e&#10;f"
    told = taken(title=hostile, blog_name=hostile, excerpt=hostile)

    assert told.title == told.blog_name == "a b[31mcde f"
    assert told.excerpt.isprintable()
    assert told.excerpt.startswith("a b[31mcd")


def test_texts_are_cut_to_the_lengths_that_are_shown() -> None:
    words = "word " * 2000
    told = taken(title=words, blog_name=words, excerpt=words)

    for text, length in [(told.title, 250), (told.blog_name, 100), (told.excerpt, 252)]:
        assert length - 5 <= len(text) <= length
        assert text.endswith("word…")


CHARSETS = [
    ("latin-1", "", FORM),
    ("latin-1", "iso-8859-1", FORM),
    ("latin-1", "", f"{FORM}; charset=iso-8859-1"),
    ("latin-1", "", ""),
    ("utf-8", "", FORM),
    ("utf-8", "", ""),
    ("utf-8", "utf-8", f"{FORM}; charset=iso-8859-1"),
    ("cp1251", "windows-1251", FORM),
]


@pytest.mark.parametrize(("charset", "field", "content_type"), CHARSETS)
def test_a_ping_may_be_in_another_charset_and_need_not_say_so(
    charset: str, field: str, content_type: str
) -> None:
    title = "Хлеб" if charset == "cp1251" else "Süße Grüße"
    body = f"url={quote_plus(SOURCE)}&title={quote_plus(title.encode(charset))}"
    body += f"&charset={field}" if field else ""

    assert trackback.notice(body.encode(), content_type, TARGET).title == title


def test_what_our_own_sender_says_arrives_as_it_was() -> None:
    told = Excerpt('Über Brot & Käse "im" Ofen', "Süß & salzig + 100 % = gut", "Brot & Bücher")
    asked = trackback.request(mention(excerpt=told))

    found = trackback.notice(asked.body, asked.content_type, TARGET)

    assert found.source == "https://us.example/rye.html"
    assert Excerpt(found.title, found.excerpt, found.blog_name) == told


# Answers.

OUTCOMES = {
    Verdict.ACCEPTED: Outcome.SENT,
    Verdict.REGISTERED: Outcome.SENT,
    Verdict.UPSTREAM: Outcome.SENT,
    Verdict.TOO_OFTEN: Outcome.FAILED,
    Verdict.BUSY: Outcome.FAILED,
}
SAID = 'Thank you & "see" <you>]]>\u202e\x00\n\x1b[31m soon ☕'


@pytest.mark.parametrize("verdict", Verdict)
def test_our_own_sender_understands_every_answer(verdict: Verdict) -> None:
    for said in ("", SAID):
        reply = trackback.reply(page_of(trackback.answer(verdict, said, retry_after=20)))

        assert reply.outcome is OUTCOMES.get(verdict, Outcome.REFUSED)
        assert reply.pause == (20 if verdict in {Verdict.TOO_OFTEN, Verdict.BUSY} else None)
        assert not reply.unsupported


@pytest.mark.parametrize("verdict", Verdict)
def test_an_answer_is_an_error_number_and_a_message(verdict: Verdict) -> None:
    answer = trackback.answer(verdict, SAID)
    root = fromstring(answer.body)

    assert answer.content_type == "text/xml; charset=utf-8"
    assert answer.status == {Verdict.TOO_OFTEN: 429, Verdict.BUSY: 503}.get(verdict, 200)
    assert [element.tag for element in root] == ["error", "message"]
    good = verdict in {Verdict.ACCEPTED, Verdict.UPSTREAM}
    assert root.findtext("error") == ("0" if good else "1")
    if verdict is not Verdict.REGISTERED:
        assert root.findtext("message") == 'Thank you & "see" <you>]]> [31m soon ☕'


def test_what_is_known_is_said_in_the_words_by_which_senders_know_it() -> None:
    for said in ("", SAID):
        answer = trackback.answer(Verdict.REGISTERED, said)
        assert b"There is already a ping from that URL" in answer.body
