"""Webmention: where a page takes them, what is asked, and what the answer means."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest

from pelican_linkbacks.mention import Outcome, Reply
from pelican_linkbacks.notice import Malformed, Notice, Verdict
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import webmention
from tests.protocols import pages
from tests.protocols.answered import page_of
from tests.samples import mention, page

LIMIT = 512 * 1024
SENT, REFUSED, FAILED = Outcome.SENT, Outcome.REFUSED, Outcome.FAILED


# Discovery.


@pytest.mark.parametrize("file", pages.of("webmention"), ids=lambda file: file.stem)
def test_discovery_finds_the_first_endpoint_that_a_page_advertises(file: Path) -> None:
    expected, answered = pages.read(file)

    found = webmention.discover(answered)

    assert (found and found.url) == expected.get("endpoint")
    assert (found and found.found_by) == expected.get("by")
    assert found is None or found.protocol == "webmention"


def test_every_discovery_case_of_webmention_rocks_is_there() -> None:
    first_lines = (file.read_bytes().partition(b"\n")[0] for file in pages.of("webmention"))
    numbers = [int(line[19:21].strip(b":")) for line in first_lines if b"webmention.rocks" in line]

    assert sorted(numbers) == list(range(1, 24))


@pytest.mark.parametrize(("padding", "seen"), [(LIMIT - 200, True), (LIMIT, False)])
def test_only_the_first_512_kb_of_a_page_are_read(padding: int, *, seen: bool) -> None:
    found = webmention.discover(page(f"<!--{'x' * padding}--><link rel=webmention href=/wm>"))

    assert (found is not None) is seen


HOSTILE = {
    "brackets": "<" * 65_000,
    "open brackets": "<a" * 32_000,
    "quotes": '"' * 65_000,
    "open quotes behind each link": '<a>\\"' * 13_000,
    "backslashes in quotes": '<a>"' + "\\" * 65_000,
    "semicolons": "<a>" + ";" * 65_000,
    "parameters without an end": "<a>" + "; rel" * 13_000,
    "blanks": "<a>;" + " " * 65_000,
    "blanks behind a name": "<a>" + f"; rel{' ' * 650}" * 100,
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_headers_full_of_beginnings_are_read_in_one_go(value: str) -> None:
    """A server may send a hundred of them; a search that starts anew each time takes minutes."""
    headers = [("Link", value)] * 99 + [("Link", "</wm>; rel=webmention")]

    found = webmention.discover(page(headers=headers))

    assert found is not None
    assert found.url == "https://blog.example/wm"


# The request.


def test_the_form_holds_source_and_target_and_nothing_else() -> None:
    asked = webmention.request(mention("https://blog.example/?a=1&b=<2>&c=ü#d"))

    assert asked.content_type == "application/x-www-form-urlencoded; charset=utf-8"
    assert parse_qs(asked.body.decode("ascii"), strict_parsing=True) == {
        "source": ["https://us.example/rye.html"],
        "target": ["https://blog.example/?a=1&b=<2>&c=ü#d"],
    }


def test_half_a_character_does_not_stop_a_notice() -> None:
    asked = webmention.request(mention("https://blog.example/\ud83c"))

    assert parse_qs(asked.body.decode("ascii"))["target"] == ["https://blog.example/?"]


# Answers.


def says(body: str | bytes = b"", status: int = 200, *headers: tuple[str, str]) -> Reply:
    return webmention.reply(page(body, status, headers, url="https://blog.example/wm"))


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 226, 299])
@pytest.mark.parametrize("body", ["", "<p>Error 17</p>", '{"error": "no"}'])
def test_any_2xx_is_a_success_whatever_it_says(status: int, body: str) -> None:
    assert says(body, status) == Reply(SENT, f"accepted (HTTP {status})")


LOCATIONS = {
    "https://blog.example/queue/7": "https://blog.example/queue/7",
    "/queue/7?x=1": "https://blog.example/queue/7?x=1",
    "https://status.example/7": "https://status.example/7",
    "": None,
    "  ": None,
    "javascript:alert(1)": None,
    "http://[x": None,
    "https://me:word@blog.example/": None,
}


@pytest.mark.parametrize(("location", "status_url"), LOCATIONS.items())
def test_where_the_endpoint_tells_what_became_of_the_notice_is_kept(
    location: str, status_url: str | None
) -> None:
    assert says("", 201, ("Location", location)) == Reply(
        SENT, "accepted (HTTP 201)", status_url=status_url
    )


def test_a_refusal_is_kept_with_its_reason_in_plain_text() -> None:
    assert says("Source does not\n link to target", 400) == Reply(
        REFUSED, "it refused: Source does not link to target"
    )
    assert says("<h1>Bad</h1><p>Salt &amp; rye", 400) == Reply(
        REFUSED, "it refused: Bad Salt & rye"
    )


def test_a_refusal_in_another_charset_is_read_by_it() -> None:
    headers = (("Content-Type", "text/plain; charset=iso-8859-1"),)
    answered = Page("https://blog.example/wm", 400, headers, "Keine Grüße".encode("latin-1"))

    assert webmention.reply(answered).answer == "it refused: Keine Grüße"


def test_a_refusal_without_a_word_says_its_status() -> None:
    assert says("", 400) == Reply(REFUSED, "it refused (HTTP 400)")


@pytest.mark.parametrize("body", ["", "Sorry"])
@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (301, Reply(FAILED, "the endpoint answered HTTP 301")),
        (302, Reply(FAILED, "the endpoint answered HTTP 302")),
        (401, Reply(FAILED, "the endpoint answered HTTP 401")),
        (403, Reply(FAILED, "the endpoint answered HTTP 403")),
        (404, Reply(REFUSED, "the endpoint is not there (HTTP 404)", unsupported=True)),
        (405, Reply(FAILED, "the endpoint is not there (HTTP 405)", unsupported=True)),
        (410, Reply(REFUSED, "the endpoint is not there (HTTP 410)", unsupported=True)),
        (415, Reply(FAILED, "the endpoint answered HTTP 415")),
        (429, Reply(FAILED, "it asked for a pause (HTTP 429)", pause=0)),
        (500, Reply(FAILED, "the endpoint answered HTTP 500")),
        (501, Reply(FAILED, "the endpoint is not there (HTTP 501)", unsupported=True)),
        (503, Reply(FAILED, "the endpoint answered HTTP 503")),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_any_other_status_counts_as_for_every_protocol(
    status: int, reply: Reply, body: str
) -> None:
    assert says(body, status) == reply


def test_a_pause_is_as_long_as_its_header_says() -> None:
    assert says("", 429, ("Retry-After", "20")).pause == 20
    assert says("", 503, ("Retry-After", "20")).pause == 20


# The receiver's side.

FORM = "application/x-www-form-urlencoded"
SOURCE, TARGET = "https://blog.example/?p=1&q=2", "https://us.example/rye.html"
BAD_FORMS = {
    "": "source is missing",
    "target=https://us.example/": "source is missing",
    "source=https://blog.example/": "target is missing",
    "source=&target=https://us.example/": "source is missing",
    "source=nonsense&target=https://us.example/": "source must be an absolute",
    "source=https://blog.example/&target=/rye.html": "target must be an absolute",
    "source=ftp://blog.example/&target=https://us.example/": "source must be an absolute",
    "source=https://a:b@blog.example/&target=https://us.example/": "source must not contain",
    f"source=https://blog.example/{'x' * 2000}&target=https://us.example/": "source is too long",
    '{"source": "https://blog.example/", "target": "https://us.example/"}': "source is missing",
}


@pytest.mark.parametrize(("body", "reason"), BAD_FORMS.items(), ids=BAD_FORMS.values())
def test_a_notice_without_two_urls_is_malformed_and_the_field_is_named(
    body: str, reason: str
) -> None:
    with pytest.raises(Malformed, match=f"^{reason}"):
        webmention.notice(body.encode(), FORM)


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=utf-8", ""])
def test_a_notice_is_read_whatever_else_its_form_holds(content_type: str) -> None:
    body = urlencode({"vouch": "x", "target": f" {TARGET}", "source": f"{SOURCE}\n"})

    found = webmention.notice(body.encode(), content_type)

    assert found == Notice("webmention", SOURCE, TARGET)


def test_a_notice_of_our_own_sender_is_read() -> None:
    asked = webmention.request(mention("https://blog.example/?a=1&b=grüße"))

    found = webmention.notice(asked.body, asked.content_type)

    assert found.source == "https://us.example/rye.html"
    assert found.target == "https://blog.example/?a=1&b=grüße"


STATUSES = {
    Verdict.ACCEPTED: 202,
    Verdict.REGISTERED: 202,
    Verdict.UPSTREAM: 202,
    Verdict.TOO_OFTEN: 429,
    Verdict.BUSY: 503,
}


@pytest.mark.parametrize("verdict", Verdict)
def test_an_answer_has_the_status_of_its_verdict_and_a_reason_in_plain_text(
    verdict: Verdict,
) -> None:
    answer = webmention.answer(verdict, "<b>\n\x00Grüße")

    assert answer.status == STATUSES.get(verdict, 400)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.body.decode() == "<b> Grüße\n"
    assert [name for name, _ in answer.headers] == ["Retry-After"] * (answer.status in {429, 503})
    assert webmention.answer(verdict).body.strip()


@pytest.mark.parametrize("verdict", Verdict)
def test_our_own_sender_understands_every_answer(verdict: Verdict) -> None:
    reply = webmention.reply(page_of(webmention.answer(verdict, retry_after=20)))

    expected = {202: SENT, 400: REFUSED, 429: FAILED, 503: FAILED}
    assert reply.outcome is expected[STATUSES.get(verdict, 400)]
    assert reply.pause == (20 if verdict in {Verdict.TOO_OFTEN, Verdict.BUSY} else None)
    assert not reply.unsupported


def test_an_accepted_notice_that_can_be_followed_says_where() -> None:
    place = "https://us.example/linkbacks/status/x"
    accepted = webmention.answer(Verdict.ACCEPTED, location=place)
    refused = webmention.answer(Verdict.NO_LINK, location=place)

    assert (accepted.status, accepted.headers) == (201, (("Location", place),))
    assert (refused.status, refused.headers) == (400, ())
    assert webmention.reply(page_of(accepted)).status_url == place
