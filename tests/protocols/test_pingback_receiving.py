"""Pingback as its receiver sees it: calls of all shapes, and answers that senders understand."""

from __future__ import annotations

from typing import Any
from xmlrpc.client import Fault, dumps, loads

import pytest

from pelican_linkbacks.mention import Outcome
from pelican_linkbacks.notice import Notice, Verdict
from pelican_linkbacks.protocols import pingback
from tests.protocols.answered import page_of
from tests.samples import mention

SOURCE, TARGET = "https://blog.example/?p=1&q=<2>", "https://us.example/brot/grüße.html"
ASKED = Notice("pingback", SOURCE, TARGET)
PARSE_ERROR, UNKNOWN_METHOD, WRONG_PARAMS = -32700, -32601, -32602


def xml(source: str, target: str, declaration: str = '<?xml version="1.0"?>') -> str:
    """A call whose values are written as they are given."""
    values = "".join(f"<param><value>{text}</value></param>" for text in (source, target))
    name = "<methodName>pingback.ping</methodName>"
    return f"{declaration}<methodCall>{name}<params>{values}</params></methodCall>"


def code_of(body: str | bytes) -> int:
    """The fault with which a call is refused."""
    with pytest.raises(pingback.BadCall) as raised:
        pingback.notice(pingback.call(body if isinstance(body, bytes) else body.encode()))
    assert str(raised.value)
    return raised.value.code


GOOD = xml("https://blog.example/", TARGET)
ENTITY = '<!DOCTYPE methodCall [<!ENTITY s "https://blog.example/">]>'
NO_CALLS: dict[str, str | bytes] = {
    "nothing": "",
    "blanks": " \n",
    "text": "source=https://blog.example/",
    "HTML": "<html><body>Hello</body></html>",
    "a response": "<methodResponse/>",
    "another root": f"<x>{xml('x', TARGET, '')}</x>",
    "two roots": GOOD + GOOD,
    "cut": GOOD[:-20],
    "a stray &": xml("https://blog.example/?a&b", TARGET),
    "an unknown entity": xml("&s;", TARGET),
    "a control character": xml("https://blog.example/\x01", TARGET),
    "a document type": xml("https://blog.example/", TARGET, "<!DOCTYPE methodCall>"),
    "an external document type": xml("x", TARGET, '<!DOCTYPE methodCall SYSTEM "file:///x">'),
    "an entity": xml("&s;", TARGET, ENTITY),
    "an entity in UTF-16": b"\xff\xfe" + xml("&s;", TARGET, ENTITY).encode("utf-16-le"),
    "an entity in UTF-16 without a mark": xml("&s;", TARGET, ENTITY).encode("utf-16-be"),
    "an entity behind a warning": "<b>Notice</b> " + xml("&s;", TARGET, ENTITY),
}


@pytest.mark.parametrize("body", NO_CALLS.values(), ids=NO_CALLS)
def test_what_is_no_call_or_has_a_document_type_is_a_parse_error(body: str | bytes) -> None:
    assert code_of(body) == PARSE_ERROR


@pytest.mark.parametrize("method", ["pingback.pong", "system.multicall", "PINGBACK.PING"])
def test_another_method_is_unknown(method: str) -> None:
    assert code_of(dumps((SOURCE, TARGET), method)) == UNKNOWN_METHOD


def test_a_call_without_a_method_is_unknown_too() -> None:
    assert code_of("<methodCall/>") == UNKNOWN_METHOD


PARAMS: list[tuple[Any, ...]] = [(), (SOURCE,), (SOURCE, TARGET, "more"), ([SOURCE, TARGET],)]


@pytest.mark.parametrize("params", PARAMS)
def test_any_other_number_of_parameters_is_wrong(params: tuple[Any, ...]) -> None:
    assert code_of(dumps(params, "pingback.ping")) == WRONG_PARAMS


@pytest.mark.parametrize("bad", ["", "nonsense", "ftp://blog.example/", "http://a@b.example/", 17])
def test_a_bad_url_is_a_source_that_does_not_exist_or_a_target_that_can_not_be_one(
    bad: str | int,
) -> None:
    source, target = (bad, TARGET), (SOURCE, bad)

    assert code_of(dumps(source, "pingback.ping")) == 16
    assert code_of(dumps(target, "pingback.ping")) == 33


def test_the_reason_names_the_parameter() -> None:
    for params, name in {(SOURCE, "x"): "target", ("x", TARGET): "source"}.items():
        with pytest.raises(pingback.BadCall, match=f"^{name} must be"):
            pingback.notice(pingback.Call("pingback.ping", params))


WORDPRESS = (
    b'<?xml version="1.0"?>\n<methodCall>\n<methodName>pingback.ping</methodName>\n<params>\n'
    b"<param><value><string>https://blog.example/?p=1&amp;q=&lt;2&gt;</string></value></param>\n"
    b"<param><value><string>https://us.example/brot/gr\xc3\xbc\xc3\x9fe.html</string></value>"
    b"</param>\n</params></methodCall>\n"
)
ESCAPED = SOURCE.replace("&", "&amp;").replace("<", "&lt;")
NUMBERED = "https:&#47;&#x2f;blog.example/?p=1&#38;q=&#60;2&#62;"
LATIN_1 = '<?xml version="1.0" encoding="iso-8859-1"?>'
UTF_16 = '<?xml version="1.0" encoding="utf-16"?>'
CALLS: dict[str, str | bytes] = {
    "WordPress": WORDPRESS,
    "text without a type": xml(ESCAPED, TARGET),
    "CDATA": xml(f"<![CDATA[{SOURCE}]]>", f"<string><![CDATA[{TARGET}]]></string>"),
    "numbered characters": xml(NUMBERED, TARGET),
    "blanks and comments": xml(f"\n  <!-- x --><string>\n{ESCAPED} </string>\n ", f" {TARGET}\t"),
    "no declaration": xml(ESCAPED, TARGET, ""),
    "blank lines before the declaration": "\n\r\n " + xml(ESCAPED, TARGET),
    "byte order mark": xml(ESCAPED, TARGET).encode("utf-8-sig"),
    "a warning before the call": "<b>Notice</b>: x & y\n" + xml(ESCAPED, TARGET),
    "Latin-1": xml(ESCAPED, TARGET, LATIN_1).encode("latin-1"),
    "Latin-1 behind a blank line": b"\n" + xml(ESCAPED, TARGET, LATIN_1).encode("latin-1"),
    "Latin-1, not declared": xml(ESCAPED, TARGET).encode("latin-1"),
    "UTF-16": b"\xff\xfe" + xml(ESCAPED, TARGET, UTF_16).encode("utf-16-le"),
    "UTF-16, big end first": b"\xfe\xff" + xml(ESCAPED, TARGET, UTF_16).encode("utf-16-be"),
    "UTF-16 without a mark": xml(ESCAPED, TARGET, UTF_16).encode("utf-16-le"),
    "UTF-16 that says UTF-8": b"\xff\xfe" + xml(ESCAPED, TARGET, LATIN_1).encode("utf-16-le"),
}


@pytest.mark.parametrize("body", CALLS.values(), ids=CALLS)
def test_a_call_is_read_in_every_shape_that_senders_use(body: str | bytes) -> None:
    raw = body if isinstance(body, bytes) else body.encode()

    assert pingback.notice(pingback.call(raw)) == ASKED


def test_what_our_own_sender_asks_is_read() -> None:
    asked = pingback.request(mention(TARGET))

    found = pingback.notice(pingback.call(asked.body))

    assert (found.source, found.target) == ("https://us.example/rye.html", TARGET)


def test_a_question_for_the_pingbacks_of_a_page_is_read() -> None:
    method = "pingback.extensions.getPingbacks"

    assert pingback.listed(pingback.call(dumps((TARGET,), method).encode())) == TARGET
    for params, code in {(): WRONG_PARAMS, ("x",): 33, (TARGET, TARGET): WRONG_PARAMS}.items():
        with pytest.raises(pingback.BadCall) as raised:
            pingback.listed(pingback.call(dumps(params, method).encode()))
        assert raised.value.code == code


# Answers.

FAULTS = {
    Verdict.REGISTERED: 48,
    Verdict.MALFORMED: 0,
    Verdict.NO_SOURCE: 16,
    Verdict.NO_LINK: 17,
    Verdict.NO_TARGET: 32,
    Verdict.CLOSED: 33,
    Verdict.DENIED: 49,
    Verdict.UPSTREAM: 50,
    Verdict.TOO_OFTEN: 429,
    Verdict.BUSY: 0,
}
OUTCOMES = {
    Verdict.ACCEPTED: Outcome.SENT,
    Verdict.REGISTERED: Outcome.SENT,
    Verdict.NO_TARGET: Outcome.REFUSED,
    Verdict.CLOSED: Outcome.REFUSED,
    Verdict.DENIED: Outcome.REFUSED,
}
SAID = 'Thank you & "see" <you>\u202e\x00\n\x1b[31m soon ☕'


def test_an_accepted_notice_is_answered_with_a_text() -> None:
    answer = pingback.answer(Verdict.ACCEPTED, SAID)

    assert (answer.status, answer.content_type) == (200, "text/xml; charset=utf-8")
    assert loads(answer.body) == (('Thank you & "see" <you> [31m soon ☕',), None)


@pytest.mark.parametrize(("verdict", "code"), FAULTS.items())
def test_any_other_verdict_is_a_fault_with_its_code(verdict: Verdict, code: int) -> None:
    answer = pingback.answer(verdict, SAID)

    with pytest.raises(Fault) as raised:
        loads(answer.body)
    assert raised.value.faultCode == code
    assert raised.value.faultString == 'Thank you & "see" <you> [31m soon ☕'
    assert answer.status == {Verdict.TOO_OFTEN: 429, Verdict.BUSY: 503}.get(verdict, 200)


@pytest.mark.parametrize("verdict", Verdict)
def test_our_own_sender_understands_every_answer(verdict: Verdict) -> None:
    for said in ("", SAID):
        reply = pingback.reply(page_of(pingback.answer(verdict, said, retry_after=20)))

        assert reply.outcome is OUTCOMES.get(verdict, Outcome.FAILED)
        assert reply.pause == (20 if verdict in {Verdict.TOO_OFTEN, Verdict.BUSY} else None)
        assert not reply.unsupported


@pytest.mark.parametrize("code", [PARSE_ERROR, UNKNOWN_METHOD, WRONG_PARAMS, 16, 33])
def test_a_bad_call_is_answered_with_its_own_code(code: int) -> None:
    answer = pingback.fault(code, SAID)

    assert (answer.status, answer.headers) == (200, ())
    assert pingback.reply(page_of(answer)).outcome is not Outcome.SENT
    with pytest.raises(Fault) as raised:
        loads(answer.body)
    assert raised.value.faultCode == code


def test_the_pingbacks_of_a_page_are_listed_as_an_array() -> None:
    assert loads(pingback.listing([SOURCE, TARGET]).body) == (([SOURCE, TARGET],), None)
    assert loads(pingback.listing(iter([])).body) == (([],), None)
