"""What a pingback sender meets: every fault code of the specification, and of XML-RPC."""

from __future__ import annotations

from pathlib import Path
from xmlrpc.client import ServerProxy, dumps, loads

import pytest

from pelican_linkbacks import manifest
from pelican_linkbacks.receiver.entry import Status
from tests.receiver.reception import (
    BREAD,
    RYE,
    SHUT,
    OtherBlog,
    Receiver,
    Reply,
    generous,
    linking,
)
from tests.samples import LOOPBACK
from tests.servers import Answer, redirect

# As the Incutio library writes it.
WORDPRESS = """<?xml version="1.0"?>
<methodCall>
<methodName>pingback.ping</methodName>
<params>
<param><value><string>{source}</string></value></param>
<param><value><string>{target}</string></value></param>
</params></methodCall>
"""


def value(reply: Reply) -> object:
    """What a call returned."""
    return loads(reply.body)[0][0]


# What must be left alone.


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"source=a&target=b",
        b"<methodCall>",
        b"\xff\xfe",
        b"<methodResponse/>",
        b'<!DOCTYPE methodCall [<!ENTITY a "b">]>'
        b"<methodCall><methodName>pingback.ping</methodName></methodCall>",
    ],
)
def test_what_is_no_xml_rpc_call_is_a_parse_error(receiver: Receiver, body: bytes) -> None:
    reply = receiver.post("/pingback", body, "text/xml")
    assert (reply.status, reply.fault) == (200, -32700)


@pytest.mark.parametrize("method", ["system.multicall", "pingback.pong", "wp.getUsersBlogs"])
def test_another_method_is_not_known(receiver: Receiver, method: str) -> None:
    reply = receiver.call(method, "http://blog.example/", RYE.url)
    assert (reply.status, reply.fault) == (200, -32601)


@pytest.mark.parametrize("params", [(), ("http://blog.example/",), ("a", "b", "c")])
def test_another_number_of_parameters_is_wrong(receiver: Receiver, params: tuple[str, ...]) -> None:
    assert receiver.call("pingback.ping", *params).fault == -32602


@pytest.mark.parametrize(
    ("source", "target", "fault"),
    [
        ("nonsense", RYE.url, 16),
        ("ftp://blog.example/post", RYE.url, 16),
        ("{post}", "nonsense", 33),
        ("{post}", "https://us.example/unknown.html", 32),
        ("{post}", "https://us.example/", 33),
        ("{post}", "https://elsewhere.example/rye.html", 33),
        ("{post}", SHUT.url, 33),
        (BREAD.url, RYE.url, 49),
        (RYE.url, RYE.url, 49),
    ],
)
def test_a_call_that_can_not_be_right_is_a_fault_and_nobody_is_asked(
    receiver: Receiver, other: OtherBlog, source: str, target: str, fault: int
) -> None:
    reply = receiver.pingback(source.format(post=other.post), target)
    assert (reply.status, reply.fault) == (200, fault)
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert other.requests == []
    assert receiver.entries() == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_source_that_does_not_exist_is_fault_16(
    receiver: Receiver, other: OtherBlog, status: int
) -> None:
    other.pages["/post"] = Answer("gone", status)
    assert receiver.pingback(other.post).fault == 16
    assert receiver.entries() == []


def test_a_source_without_the_link_is_fault_17(receiver: Receiver, other: OtherBlog) -> None:
    other.pages["/post"] = "<p>Nothing.</p>"
    assert receiver.pingback(other.post).fault == 17
    assert receiver.entries() == []


@pytest.mark.parametrize("way", ["forget", "block", "private"])
def test_a_source_that_is_kept_out_is_fault_49(tmp_path: Path, other: OtherBlog, way: str) -> None:
    networks = () if way == "private" else LOOPBACK
    with Receiver(tmp_path, allow_networks=networks) as receiver:
        if way == "forget":
            receiver.moderation.forget(other.post)
        elif way == "block":
            receiver.rules.add("block", host="127.0.0.1")
        assert receiver.pingback(other.post).fault == 49
        assert other.requests == []
        assert receiver.entries() == []


@pytest.mark.parametrize("page", [Answer("later", 503), redirect("/post"), Answer("", 429)])
def test_a_source_that_can_not_be_reached_is_fault_50_and_tried_again_by_us(
    receiver: Receiver, other: OtherBlog, page: Answer
) -> None:
    other.pages["/post"] = page
    assert receiver.pingback(other.post).fault == 50
    assert receiver.entry.status is Status.QUEUED
    other.pages["/post"] = linking()
    assert receiver.pingback(other.post).fault in {None, 50}


def test_a_fault_of_our_own_is_0_in_one_sentence_and_logged_without_what_was_sent(
    receiver: Receiver, other: OtherBlog, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.break_inbox()
    reply = receiver.pingback(other.post)
    assert (reply.status, reply.fault) == (200, 0)
    assert "Something went wrong here" in reply.text
    (record,) = caplog.records
    assert "AttributeError at inbox.py" in record.getMessage()
    assert other.post not in record.getMessage()
    assert "127.0.0.1" not in record.getMessage()
    assert record.exc_info is None


# What must happen.


def test_a_good_pingback_is_answered_with_a_text(receiver: Receiver, other: OtherBlog) -> None:
    reply = receiver.pingback(other.post)
    assert reply.fault is None
    assert isinstance(value(reply), str)
    entry = receiver.entry
    assert (entry.protocol, entry.source, entry.target) == ("pingback", other.post, RYE.url)
    assert entry.status is Status.PENDING


def test_the_same_again_is_fault_48_at_once(receiver: Receiver, other: OtherBlog) -> None:
    receiver.pingback(other.post)
    assert receiver.pingback(other.post).fault == 48
    assert len(other.requests) == 1
    assert len(receiver.entries()) == 1


def test_what_was_dismissed_is_fault_48_too(receiver: Receiver, other: OtherBlog) -> None:
    receiver.pingback(other.post)
    receiver.moderation.dismiss([receiver.entry.id])
    assert receiver.pingback(other.post).fault == 48
    assert receiver.entry.status is Status.DISMISSED


def test_what_was_told_by_webmention_is_known(receiver: Receiver, other: OtherBlog) -> None:
    receiver.webmention(other.post)
    assert receiver.pingback(other.post).fault == 48
    assert len(receiver.entries()) == 1


def test_python_s_own_client_is_understood_and_understands(
    receiver: Receiver, other: OtherBlog
) -> None:
    with ServerProxy(f"{receiver.url}/pingback") as server:
        assert "Accepted" in str(server.pingback.ping(other.post, RYE.url))


@pytest.mark.parametrize(
    ("declared", "charset"),
    [
        ('<?xml version="1.0"?>', "utf-8"),
        ('<?xml version="1.0"?>', "utf-8-sig"),
        ('<?xml version="1.0" encoding="utf-16"?>', "utf-16"),
        ('<?xml version="1.0" encoding="utf-16le"?>', "utf-16-le"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>', "latin-1"),
        ("\n", "utf-8"),
    ],
)
def test_what_wordpress_sends_is_understood_in_any_charset(
    receiver: Receiver, other: OtherBlog, declared: str, charset: str
) -> None:
    other.pages["/caf%C3%A9"] = linking()
    source = f"{other.url}/café"
    call = WORDPRESS.replace('<?xml version="1.0"?>', declared)
    body = call.format(source=source, target=RYE.url).encode(charset)
    headers = {"User-Agent": "The Incutio XML-RPC PHP Library -- WordPress/6.1.9"}
    reply = receiver.post("/pingback", body, "text/xml", **headers)
    assert reply.fault is None
    assert receiver.entry.source == source


@pytest.mark.parametrize(
    "parameter", ["{}", "<string>\n{}\n</string>", "<string><![CDATA[{}]]></string>", " {} "]
)
def test_a_text_may_be_written_in_every_way_that_xml_rpc_has(
    receiver: Receiver, other: OtherBlog, parameter: str
) -> None:
    values = "".join(
        f"<param><value>{parameter.format(url)}</value></param>" for url in (other.post, RYE.url)
    )
    body = (
        f"<methodCall><methodName> pingback.ping </methodName><params>{values}</params>"
        "</methodCall>"
    )
    assert receiver.post("/pingback", body.encode(), "application/xml").fault is None


def test_the_pingbacks_of_a_page_are_told_once_they_are_approved(
    receiver: Receiver, other: OtherBlog
) -> None:
    other.pages |= {"/second": linking(), "/third": linking(), "/bread": linking(BREAD.url)}
    receiver.pingback(other.post)
    receiver.approve_all()
    receiver.pingback(f"{other.url}/second")
    receiver.webmention(f"{other.url}/third")
    receiver.moderation.approve([receiver.entries()[0].id])
    receiver.pingback(f"{other.url}/bread", BREAD.url)
    receiver.moderation.approve([receiver.entries()[0].id])
    assert len(receiver.entries(Status.APPROVED)) == 3
    reply = receiver.call("pingback.extensions.getPingbacks", RYE.url)
    assert value(reply) == [other.post]


def test_the_pingbacks_of_a_page_that_has_none_are_an_empty_list(receiver: Receiver) -> None:
    assert value(receiver.call("pingback.extensions.getPingbacks", BREAD.url)) == []


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        (["https://us.example/unknown.html"], 32),
        (["https://elsewhere.example/"], 33),
        (["nonsense"], 33),
        ([], -32602),
    ],
)
def test_the_pingbacks_of_no_page_of_ours_are_a_fault(
    receiver: Receiver, params: list[str], fault: int
) -> None:
    assert receiver.call("pingback.extensions.getPingbacks", *params).fault == fault


def test_the_pingbacks_of_a_page_are_not_known_without_a_manifest(receiver: Receiver) -> None:
    (receiver.folder / manifest.NAME).unlink()
    reply = receiver.call("pingback.extensions.getPingbacks", RYE.url)
    assert (reply.status, reply.fault) == (503, 0)
    assert int(reply.headers["Retry-After"]) > 0


def test_too_many_are_asked_to_wait_in_words_that_wordpress_uses(
    tmp_path: Path, other: OtherBlog
) -> None:
    with Receiver(tmp_path, rates=generous(client=1)) as receiver:
        receiver.pingback(other.post)
        reply = receiver.pingback(other.post)
        assert (reply.status, reply.fault) == (429, 429)
        assert 0 < int(reply.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_browser_is_told_what_this_is(receiver: Receiver, method: str) -> None:
    reply = receiver.ask(method, "/pingback")
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")
    assert ("POST requests only" in reply.text) is (method == "GET")


def test_a_call_that_is_too_large_is_refused(receiver: Receiver) -> None:
    body = dumps((" " * 65_536, RYE.url), "pingback.ping").encode()
    reply = receiver.post("/pingback", body, "text/xml")
    assert (reply.status, reply.fault) == (413, 0)
