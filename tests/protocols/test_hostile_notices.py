"""Notices from people who mean harm: they cost little, and raise nothing but ``Malformed``."""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from pelican_linkbacks.notice import Malformed
from pelican_linkbacks.protocols import forms, pingback, trackback, webmention
from tests.samples import mention


@pytest.fixture(autouse=True)
def with_warnings(without_warnings_of_pages: None) -> Iterator[None]:
    """Nothing is held back here: a receiver's threads can't do so for one of them alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


MULTIPART = "multipart/form-data; boundary=x"
TARGET = "https://us.example/rye.html"
CALL = pingback.request(mention()).body


def take_webmention(body: bytes) -> None:
    webmention.notice(body, "")


def take_trackback(body: bytes) -> None:
    trackback.notice(body, "", TARGET)


def take_multipart(body: bytes) -> None:
    trackback.notice(body, MULTIPART, TARGET)


def take_header(body: bytes) -> None:
    trackback.notice(b"url=x", f"multipart/form-data; {body.decode('latin-1')}", TARGET)


def take_pingback(body: bytes) -> None:
    pingback.notice(pingback.call(body))


def take_utf_16(body: bytes) -> None:
    take_pingback(b"\xff\xfe" + body[: forms.LIMIT // 2].decode("latin-1").encode("utf-16-le"))


TAKERS: list[Callable[[bytes], None]] = [take_webmention, take_trackback, take_multipart]
TAKERS += [take_header, take_pingback, take_utf_16]

PIECES = [b"<a ", b"<b>", b"<div><p><ul><li>", b"<table><tr><td>", b"<!--", b"<![CDATA[", b"<?xml "]
PIECES += [b"<?xml encoding='", b"<methodCall ", b"<methodCall>", b"<param><value>", b"&#8220;"]
PIECES += [
    b"&",
    b"%",
    b"%26",
    b"=",
    b";",
    b'"',
    b" ",
    b"\r\n",
    b"\r\n\r\n",
    b"\r\n--x",
    b"--",
    b"+",
]
PIECES += [
    b"; name=",
    b'="',
    b"\0",
    b"\xff",
    "\u202e".encode(),
    b"<",
    b"&a=b",
    b"<!DOCTYPE ",
    b"\\",
]


def beginnings(piece: bytes) -> list[bytes]:
    """Bodies that are nothing but a piece, each behind something that makes sense."""
    starts = [b"", b"url=https://a.example/&title=", b"url=https://a.example/&excerpt="]
    starts += [b'--x\r\nContent-Disposition: form-data; name="', b"<methodCall>"]
    return [(start + piece * forms.LIMIT)[: forms.LIMIT] for start in starts]


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_64_kb_of_the_same_cost_little(piece: bytes) -> None:
    for body in beginnings(piece):
        for take in TAKERS:
            start = time.process_time()
            with suppress(Malformed):
                take(body)
            # What is quadratic takes more than 5 s.
            assert time.process_time() - start < 1, (take, body[:80])


def test_entities_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]><methodCall><methodName>&e9;</methodName>'
    for body in (bomb.encode(), b"\xff\xfe" + bomb.encode("utf-16-le"), bomb.encode("utf-16-be")):
        with pytest.raises(Malformed):
            pingback.call(body)


WORDS = [
    CALL,
    *(b"url=", b"source=", b"target=", b"title=", b"excerpt=", b"charset=", b"utf-16", b"latin-1"),
    *(b"https://a.example/", b"http://[::1", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"&#x0;"),
    *(b"<methodName>pingback.ping</methodName>", b"<params>", b"</params>", b"</methodCall>"),
    *(b"<?xml version='1.0' encoding='unicode_escape'?>", b"Content-Disposition: form-data; name="),
]


def test_no_bytes_at_all_raise_anything_but_malformed() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    read = 0
    for _ in range(3000):
        pieces = chance.choices(WORDS + PIECES, k=chance.randrange(1, 12))
        body = bytearray(b"".join(pieces) * chance.choice([1, 1, 1, 20]))
        for _ in range(chance.choice([0, 0, 1, 5])):
            body[chance.randrange(len(body))] = chance.randrange(256)
        for take in TAKERS:
            with suppress(Malformed):
                take(bytes(body))
                read += 1
    assert read > 0
