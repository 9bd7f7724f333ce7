"""Pingback: where a page takes them, what is asked, and what the answer means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, dumps, loads

import pytest

from pelican_linkbacks.mention import Outcome, Reply
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import pingback
from tests.protocols import pages
from tests.samples import mention, page

LIMIT = 512 * 1024
LONGEST_PAUSE = 7 * 24 * 3600
ENDPOINT = "https://blog.example/xmlrpc.php"
SENT, REFUSED, FAILED = Outcome.SENT, Outcome.REFUSED, Outcome.FAILED


@pytest.mark.parametrize("file", pages.of("pingback"), ids=lambda file: file.stem)
def test_discovery_finds_what_a_page_advertises_and_nothing_else(file: Path) -> None:
    expected, answered = pages.read(file)

    found = pingback.discover(answered)

    assert (found and found.url) == expected.get("endpoint")


def test_discovery_says_which_rule_found_the_endpoint() -> None:
    link = f'<link rel="pingback" href="{ENDPOINT}">'

    by_header = pingback.discover(page(link, headers=[("X-Pingback", ENDPOINT)]))
    by_link = pingback.discover(page(link))

    assert by_header is not None
    assert by_link is not None
    assert (by_header.protocol, by_header.found_by) == ("pingback", "the X-Pingback header")
    assert (by_link.protocol, by_link.found_by) == ("pingback", '<link rel="pingback">')


@pytest.mark.parametrize(("padding", "seen"), [(LIMIT - 200, True), (LIMIT, False)])
def test_only_the_first_512_kb_of_a_page_are_read(padding: int, *, seen: bool) -> None:
    link = f'<link rel="pingback" href="{ENDPOINT}">'

    found = pingback.discover(page(f"<!--{'x' * padding}-->{link}"))

    assert (found is not None) is seen


def test_a_link_that_the_512_kb_cut_in_two_is_no_link() -> None:
    start = '<link rel="pingback" href="https://blog.example/xml'
    body = f'<!--{"x" * (LIMIT - len(start) - 7)}-->{start}rpc.php">'
    assert body[:LIMIT].endswith("/xml")

    assert pingback.discover(page(body)) is None


def test_the_request_is_a_call_with_source_and_target_in_that_order() -> None:
    asked = pingback.request(mention("https://blog.example/?a=1&b=<2>&c=ü"))

    params, method = loads(asked.body)
    assert method == "pingback.ping"
    assert params == ("https://us.example/rye.html", "https://blog.example/?a=1&b=<2>&c=ü")


def test_the_request_is_utf_8_and_says_so() -> None:
    asked = pingback.request(mention("https://blog.example/grüße"))

    assert asked.content_type == "text/xml; charset=utf-8"
    # Without another word in its declaration, XML is UTF-8.
    assert asked.body.startswith(b"<?xml version='1.0'?>")
    assert "https://blog.example/grüße".encode() in asked.body


# Answers.


def response(value: str) -> str:
    params = f"<params><param><value>{value}</value></param></params>"
    return f"<methodResponse>{params}</methodResponse>"


def fault(value: str) -> str:
    return f"<methodResponse><fault><value>{value}</value></fault></methodResponse>"


def struct(code: str, said: str = "") -> str:
    return (
        f"<struct><member><name>faultCode</name><value>{code}</value></member>"
        f"<member><name>faultString</name><value><string>{said}</string></value></member></struct>"
    )


def flerror(value: str) -> str:
    return (
        f"<struct><member><name>flerror</name><value>{value}</value></member>"
        "<member><name>message</name><value>Not today</value></member></struct>"
    )


def says(body: str | bytes, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return pingback.reply(page(body, status, headers))


THANKS = "Pingback from us registered. Keep the web talking! :-)"
GOOD = response(f"<string>{THANKS}</string>")
XML = '<?xml version="1.0"?>\n'
LATIN_1 = f'<?xml version="1.0" encoding="iso-8859-1"?>{response("Schöne Grüße")}'.encode("latin-1")
UTF_16 = f'<?xml version="1.0" encoding="utf-16"?>\n{response("Schöne Grüße")}\n'

SUCCESSES: dict[str, tuple[str | bytes, str]] = {
    "string": (GOOD, THANKS),
    "text without a type": (response(THANKS), THANKS),
    "with declaration": (XML + GOOD, THANKS),
    "with comments and blanks": (f"{XML}<!-- x -->\n{GOOD}\n\n", THANKS),
    "blank lines before the declaration": (f"\n\n {XML}{GOOD}", THANKS),
    "byte order mark": (b"\xef\xbb\xbf" + (XML + GOOD).encode(), THANKS),
    "PHP warning before": (f"<br />\n<b>Warning</b>: x & y in z.php\n{XML}{GOOD}", THANKS),
    "PHP warning after": (f"{XML}{GOOD}\n<b>Notice</b>: x & y", THANKS),
    "Latin-1": (LATIN_1, "Schöne Grüße"),
    "Latin-1 after a blank line": (b"\n" + LATIN_1, "Schöne Grüße"),
    "UTF-16, little end first": (b"\xff\xfe" + UTF_16.encode("utf-16-le"), "Schöne Grüße"),
    "UTF-16, big end first": (b"\xfe\xff" + UTF_16.encode("utf-16-be"), "Schöne Grüße"),
    "boolean true": (response("<boolean>1</boolean>"), "1"),
    "boolean true in words": (response("<boolean>true</boolean>"), "true"),
    "empty string": (response("<string></string>"), ""),
    "text with a number in it": (response("17 pingbacks until now"), "17 pingbacks until now"),
    "over several lines": (response("Thank\n  you,\tfriend"), "Thank you, friend"),
    "control characters": (response("Thank \x9byou\u202e, friend"), "Thank you, friend"),
    "struct with flerror false": (response(flerror("<boolean>0</boolean>")), "Not today"),
    "already registered": (fault(struct("<int>48</int>", "Known")), "Known"),
    "already registered, no word": (fault(struct("<int>48</int>")), "already registered"),
    "already registered, as int": (response("<int>48</int>"), "48"),
    "already registered, as text": (response("0x0030"), "0x0030"),
}


@pytest.mark.parametrize(("body", "answer"), SUCCESSES.values(), ids=SUCCESSES)
def test_what_was_accepted_is_sent(body: str | bytes, answer: str) -> None:
    assert says(body) == Reply(SENT, answer)


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", "application/octet-stream"])
def test_the_content_type_of_an_answer_does_not_count(content_type: str) -> None:
    answered = Page(ENDPOINT, 200, (("Content-Type", content_type),), GOOD.encode())

    assert pingback.reply(answered).outcome is SENT


WORDPRESS_FAULT = """<?xml version="1.0" encoding="UTF-8"?>
<methodResponse>
  <fault>
    <value>
      <struct>
        <member>
          <name>faultCode</name>
          <value><int>{code}</int></value>
        </member>
        <member>
          <name>faultString</name>
          <value><string>{text}</string></value>
        </member>
      </struct>
    </value>
  </fault>
</methodResponse>
"""
DUPLICATE = "Duplicate comment detected; it looks as though you&#8217;ve already said that!"

FAULTS: dict[str, tuple[str, Outcome, str]] = {
    "WordPress, unexplained": (
        WORDPRESS_FAULT.format(code=0, text=""),
        FAILED,
        "it gave no reason (fault 0)",
    ),
    "WordPress, same title and text": (
        WORDPRESS_FAULT.format(code=409, text=DUPLICATE),
        FAILED,
        "it refused (fault 409: Duplicate comment detected; it looks as though you’ve already "  # noqa: RUF001 - as WordPress has it
        "said that!)",
    ),
    "WordPress, not well formed": (
        WORDPRESS_FAULT.format(code=-32700, text="parse error. not well formed"),
        FAILED,
        "it refused (fault -32700: parse error. not well formed)",
    ),
    "no source": (
        fault(struct("<int>16</int>", "Gone")),
        FAILED,
        "it says that our page does not exist (fault 16: Gone)",
    ),
    "no link": (
        fault(struct("<i4>17</i4>")),
        FAILED,
        "it says that our page does not link to it (fault 17)",
    ),
    "no target": (
        fault(struct("<int>32</int>")),
        REFUSED,
        "it says that the linked page does not exist (fault 32)",
    ),
    "not a target": (
        fault(struct("<int>33</int>")),
        REFUSED,
        "it takes no pingbacks for that page (fault 33)",
    ),
    "denied": (fault(struct("<int>49</int>")), REFUSED, "access denied (fault 49)"),
    "upstream": (
        fault(struct("<int>50</int>")),
        FAILED,
        "it could not reach another server (fault 50)",
    ),
    "code as string": (fault(struct("<string>33</string>")), REFUSED, "(fault 33)"),
    "code without a type": (fault(struct("33")), REFUSED, "(fault 33)"),
    "code in hexadecimal": (fault(struct("0X0021")), REFUSED, "(fault 33)"),
    "code as double": (fault(struct("<double>33.0</double>")), REFUSED, "(fault 33)"),
    "code in capitals and blanks": (
        fault(struct(" 33 ").replace("faultCode", " FaultCode\n")),
        REFUSED,
        "(fault 33)",
    ),
    "member without a name": (
        fault(struct("33").replace("<name>faultString</name>", "")),
        REFUSED,
        "(fault 33)",
    ),
    "code that is no number": (fault(struct("oops", "Sorry")), FAILED, "(fault 0: Sorry)"),
    "code 1 is no success in a fault": (fault(struct("<int>1</int>")), FAILED, "(fault 1)"),
    "no code": (fault("<struct></struct>"), FAILED, "(fault 0)"),
    "no value": ("<methodResponse><fault></fault></methodResponse>", FAILED, "(fault 0)"),
    "bare int": (fault("<int>33</int>"), REFUSED, "(fault 33: 33)"),
    "bare one": (fault("<int>1</int>"), FAILED, "(fault 0: 1)"),
    "bare text": (fault("Not here"), FAILED, "(fault 0: Not here)"),
    "names in other case": (
        fault(struct("<int>33</int>", "x").replace("faultC", "FAULTC").replace("faultS", "Faults")),
        REFUSED,
        "(fault 33: x)",
    ),
    "fault beside a success": (
        GOOD.replace("<params>", f"<fault><value>{struct('33')}</value></fault><params>"),
        REFUSED,
        "(fault 33)",
    ),
    "int": (response("<int>17</int>"), FAILED, "(fault 17: 17)"),
    "i4": (response("<i4>33</i4>"), REFUSED, "(fault 33: 33)"),
    "zero": (response("<int>0</int>"), FAILED, "it gave no reason (fault 0: 0)"),
    "double": (response("<double>17.0</double>"), FAILED, "(fault 17: 17.0)"),
    "negative": (response("<int>-32601</int>"), FAILED, "(fault -32601: -32601)"),
    "text of a number": (response("<string>17</string>"), FAILED, "(fault 17: 17)"),
    "text of a hexadecimal number": (response("0x0021"), REFUSED, "(fault 33: 0x0021)"),
    "number with blanks": (response("<string>\n 17 </string>"), FAILED, "(fault 17: 17)"),
    "struct in an ordinary answer": (
        response(struct("<int>33</int>", "No")),
        REFUSED,
        "(fault 33: No)",
    ),
    "boolean false": (response("<boolean>0</boolean>"), FAILED, "(fault 0: 0)"),
    "boolean false in words": (response("<boolean>false</boolean>"), FAILED, "(fault 0: false)"),
    "flerror": (response(flerror("<boolean>1</boolean>")), FAILED, "(fault 0: Not today)"),
    "flerror beside a code": (
        response(struct("33", "No").replace("</struct>", flerror("0").removeprefix("<struct>"))),
        REFUSED,
        "(fault 33: No)",
    ),
    "flerror in words": (response(flerror("true")), FAILED, "(fault 0: Not today)"),
    "flerror without a value": (response(flerror("")), FAILED, "(fault 0: Not today)"),
}


@pytest.mark.parametrize(("body", "outcome", "answer"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_none_of_our_successes_however_it_is_wrapped(
    body: str, outcome: Outcome, answer: str
) -> None:
    reply = says(body)

    assert (reply.outcome, reply.pause, reply.unsupported) == (outcome, None, False)
    # Where the meaning of the code is said elsewhere, the table leaves it out.
    assert reply.answer == answer or (answer[0] == "(" and reply.answer.endswith(f" {answer}"))


@pytest.mark.parametrize("code", [0, 16, 17, 32, 33, 49, 50, 409, 429, -32700])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_fault_means_the_same_with_any_status(code: int, status: int) -> None:
    """As Python's own library writes it."""
    body = dumps(Fault(code, "Sorry"), methodresponse=True)

    assert says(body, status).outcome is (REFUSED if code in {32, 33, 49} else FAILED)


BOMB = (
    "<!DOCTYPE methodResponse [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
    "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]>"
)
FILE = '<!DOCTYPE methodResponse [<!ENTITY a SYSTEM "file:///etc/passwd">]>'

NONSENSE: dict[str, str | bytes] = {
    "empty": b"",
    "blank": b" \n ",
    "garbage": b"\x00\xff\x80garbage",
    "HTML page": "<!DOCTYPE html><html><body><p>Page not found &amp; more</p></body></html>",
    "HTML page that shows an answer": f"<p>It says <code>{GOOD.replace('<', '&lt;')}</code>",
    "plain text": "OK",
    "JSON": '{"success": true}',
    "cut": GOOD[:-20],
    "not well formed": GOOD.replace("</value>", ""),
    "other root": GOOD.replace("methodResponse", "response"),
    "root in other case": GOOD.replace("methodResponse", "methodresponse"),
    "only the root": "<methodResponse/>",
    "no params": "<methodResponse><params></params></methodResponse>",
    "no value": "<methodResponse><params><param></param></params></methodResponse>",
    "our own call": pingback.request(mention()).body,
    "charset that does not exist": f'<?xml version="1.0" encoding="klingon"?>{GOOD[:-1]}',
    "bytes of another charset": (XML + response("für")).encode("latin-1"),
    "entity bomb": BOMB + response("&c;"),
    "entity of a file": FILE + response("&a;"),
    "end before the start": "</methodResponse><methodResponse>",
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_may_pass_and_is_no_success(body: str | bytes) -> None:
    assert says(body) == Reply(FAILED, "an answer that makes no sense")


def test_a_document_type_is_not_read_but_what_follows_it_is() -> None:
    assert says(f'<!DOCTYPE methodResponse SYSTEM "x.dtd">{GOOD}') == Reply(SENT, THANKS)


def test_an_answer_full_of_beginnings_is_read_in_one_go() -> None:
    """A search for beginning and end at once would take hours for it."""
    assert says("<methodResponse " * 60_000).outcome is FAILED


def in_an_hour() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)


ABSENT = "the endpoint is not there"
STATUSES: dict[str, tuple[int, Reply]] = {
    "several to choose from": (300, Reply(FAILED, "the endpoint answered HTTP 300")),
    "moved elsewhere": (301, Reply(FAILED, "the endpoint answered HTTP 301")),
    "not changed": (304, Reply(FAILED, "the endpoint answered HTTP 304")),
    "bad request": (400, Reply(FAILED, "the endpoint answered HTTP 400")),
    "unauthorized": (401, Reply(FAILED, "the endpoint answered HTTP 401")),
    "forbidden": (403, Reply(FAILED, "the endpoint answered HTTP 403")),
    "not found": (404, Reply(REFUSED, f"{ABSENT} (HTTP 404)", unsupported=True)),
    "not allowed": (405, Reply(FAILED, f"{ABSENT} (HTTP 405)", unsupported=True)),
    "gone": (410, Reply(REFUSED, f"{ABSENT} (HTTP 410)", unsupported=True)),
    "too many": (429, Reply(FAILED, "it asked for a pause (HTTP 429)", pause=0)),
    "server error": (500, Reply(FAILED, "the endpoint answered HTTP 500")),
    "no such method": (501, Reply(FAILED, f"{ABSENT} (HTTP 501)", unsupported=True)),
    "bad gateway": (502, Reply(FAILED, "the endpoint answered HTTP 502")),
    "unavailable": (503, Reply(FAILED, "the endpoint answered HTTP 503")),
}


@pytest.mark.parametrize("body", ["", "<h1>Sorry</h1>", GOOD], ids=["empty", "HTML", "a success"])
@pytest.mark.parametrize(("status", "reply"), STATUSES.values(), ids=STATUSES)
def test_without_a_fault_the_status_counts(status: int, reply: Reply, body: str) -> None:
    assert says(body, status) == reply


PAUSES: dict[str, tuple[str, float | None]] = {
    "seconds": ("120", 120),
    "none": ("0", 0),
    "blanks": (" 120 ", 120),
    "huge": ("9" * 400, LONGEST_PAUSE),
    "more than a week": ("700000", LONGEST_PAUSE),
    "past date": ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    "past date without a zone": ("Wed, 21 Oct 2015 07:28:00", 0),
    "far date": ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_PAUSE),
    "negative": ("-5", None),
    "fraction": ("5.5", None),
    "superscript": ("²", None),
    "words": ("soon", None),
    "nothing": ("", None),
    "date that does not exist": ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    "year that does not exist": ("Fri, 31 Dec 99999 23:59:59 GMT", None),
    "zone beyond all numbers": (f"Wed, 21 Oct 2015 07:28:00 +{'9' * 20}", None),
}


@pytest.mark.parametrize(("value", "pause"), PAUSES.values(), ids=PAUSES)
def test_retry_after_names_the_pause_as_seconds_or_a_date(value: str, pause: float | None) -> None:
    header = ("Retry-After", value)

    # What can't be read leaves a 429 a plea without a number, and a 503 no plea at all.
    assert says("", 429, header).pause == (pause or 0)
    assert says("", 503, header).pause == pause
    assert says(fault(struct("429")), 200, header).pause == (pause or 0)


def test_a_date_to_come_is_so_many_seconds_away() -> None:
    pause = says("", 503, ("Retry-After", in_an_hour())).pause

    assert pause is not None
    # The header knows whole seconds only; no machine is so slow that a minute is not enough.
    assert 3540 < pause <= 3600


def test_of_several_retry_after_headers_the_first_that_can_be_read_counts() -> None:
    headers = [("Retry-After", "soon"), ("retry-after", "7"), ("Retry-After", "9")]

    assert says("", 429, *headers).pause == 7


@pytest.mark.parametrize("status", [400, 404, 500, 502])
def test_retry_after_asks_for_no_pause_with_another_status(status: int) -> None:
    assert says("", status, ("Retry-After", "120")).pause is None


def test_a_throttled_wordpress_asks_for_a_pause() -> None:
    text = "You are posting comments too quickly. Slow down."

    assert says(WORDPRESS_FAULT.format(code=429, text=text)) == Reply(
        FAILED, f"it asked for a pause (fault 429: {text})", pause=0
    )


@pytest.mark.parametrize("code", [0, 17, 33])
def test_a_status_that_asks_for_a_pause_does_so_with_any_fault(code: int) -> None:
    body = fault(struct(str(code)))

    assert says(body, 429) == Reply(FAILED, says(body).answer, pause=0)
    assert says(body, 503, ("Retry-After", "60")).pause == 60


def test_what_was_registered_is_sent_whatever_the_status() -> None:
    assert says(fault(struct("48", "Known")), 500) == Reply(SENT, "Known")


@pytest.mark.parametrize("value", [True, "ok", {"message": "ok"}])
def test_values_as_python_writes_them_are_successes_unless_they_are_codes(value: Any) -> None:
    assert says(dumps((value,), methodresponse=True)).outcome is SENT
