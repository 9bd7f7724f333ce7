"""The list that our own receiver publishes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from pelican_linkbacks.received import Received, moment, own_receiver
from pelican_linkbacks.received.own_receiver import by_target, lines, read

HERE = "https://us.example/rye.html"
THERE = "https://blog.example/loaf"
WHEN = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
ITEM = {
    "id": 7,
    "protocol": "pingback",
    "kind": "reply",
    "source": THERE,
    "url": f"{THERE}#1",
    "target": HERE,
    "title": "A loaf",
    "author": "Anna",
    "excerpt": "So good.",
    "published": "2026-11-22T08:30:00Z",
    "received": "2026-11-23T00:00:00Z",
    "updated": "2026-11-23T00:00:00Z",
}
FULL = Received(THERE, HERE, "pingback", "reply", f"{THERE}#1", "A loaf", "Anna", "So good.", WHEN)


def mentions(body: bytes) -> list[Received]:
    """What a list holds."""
    return read(own_receiver.listed(body))


def document(found: list[Received]) -> bytes:
    """What was read, as a list again."""
    return own_receiver.document(lines(found))


def listed(*items: Any, version: Any = 1) -> bytes:
    return json.dumps({"version": version, "mentions": items}).encode()


def test_a_mention_is_read_whole() -> None:
    assert mentions(listed(ITEM)) == [FULL]


def test_an_empty_list_is_one() -> None:
    assert mentions(listed()) == []


def test_without_a_date_of_its_own_it_has_that_of_its_arrival() -> None:
    (only,) = mentions(listed(ITEM | {"published": None, "received": "2026-11-22T10:30:00+02:00"}))
    assert only.published == WHEN


def test_without_a_url_of_its_own_it_has_its_source() -> None:
    (only,) = mentions(listed({"source": THERE, "target": HERE}))
    assert only == Received(THERE, HERE, url=THERE)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("protocol", '"><script>', ""),
        ("protocol", "smoke", ""),
        ("protocol", ["pingback"], ""),
        ("kind", "<b>", "mention"),
        ("kind", {"a": 1}, "mention"),
        ("title", 7, ""),
        ("author", None, ""),
        ("excerpt", ["a"], ""),
        ("published", "yesterday", datetime(2026, 11, 23, tzinfo=UTC)),
    ],
)
def test_what_is_not_known_counts_as_nothing(name: str, value: object, read: Any) -> None:
    (only,) = mentions(listed(ITEM | {name: value}))
    assert only == FULL._replace(**{name: read})


def test_what_is_no_mention_is_passed_over() -> None:
    assert mentions(listed(None, 7, "x", [ITEM], ITEM)) == [FULL]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is not JSON"),
        (b"<html>", "it is not JSON"),
        (b"\xff\xfe\x00", "it is not JSON"),
        (b"[" * 200_000, "it is not JSON"),
        (b'{"version": ' + b"1" * 10_000 + b"}", "it is not JSON"),
        (b"[]", "it holds no list of mentions"),
        (b"null", "it holds no list of mentions"),
        (b'{"version": 1}', "it holds no list of mentions"),
        (b'{"version": 1, "mentions": {}}', "it holds no list of mentions"),
        (listed(version=2), "its version is not 1: a newer pelican-linkbacks may read it"),
        (listed(version=[1]), "its version is not 1: a newer pelican-linkbacks may read it"),
    ],
)
def test_anything_else_is_said_to_be_what_it_is(body: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        mentions(body)


def test_what_is_written_reads_the_same() -> None:
    given = [FULL, FULL._replace(title='"\n\\ é \u2028', published=None), Received(THERE, HERE)]
    again = mentions(document(given))
    assert again == [*given[:2], given[2]._replace(url=THERE)]
    assert document(again) == document(mentions(document(again)))


def test_what_is_written_in_our_own_way_is_taken_as_it_stands() -> None:
    item = {"target": HERE} | ITEM
    given = [json.dumps(one).encode() for one in (item, item | {"id": 8})]
    assert own_receiver.listed(own_receiver.document(given)) == given
    assert read(given) == [FULL, FULL]


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda body: body[:-1], "it is not JSON"),
        (lambda body: body[:-20], "it is not JSON"),
        (lambda body: b"<html>" + body, "it is not JSON"),
        (lambda body: body.replace(b'1, "m', b'2, "m'), "its version is not 1"),
        (lambda body: b"", "it is not JSON"),
        (lambda body: body.replace(b'"title": ', b'"title" '), "it is not JSON"),
        (lambda body: body.replace(b"A loaf", b"A \xff", 1), "it is not JSON"),
        (lambda body: body.replace(b"},\n", b"}\n"), "it is not JSON"),
        (lambda body: body.replace(b"}\n]", b"},\n]"), "it is not JSON"),
    ],
)
def test_what_only_looks_like_it_is_none(harm: Callable[[bytes], bytes], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        own_receiver.listed(harm(document([FULL, FULL])))


def test_what_was_known_before_is_not_read_again_and_the_rest_is() -> None:
    first, other = lines([FULL, FULL._replace(title="Another")])
    broken = first.replace(b'"title": ', b'"title" ')
    assert own_receiver.listed(own_receiver.document([broken, other]), [broken]) == [broken, other]
    with pytest.raises(ValueError, match="it is not JSON"):
        own_receiver.listed(own_receiver.document([first, broken]), [first, other])


def test_a_list_that_was_written_in_another_way_is_read() -> None:
    assert read(own_receiver.listed(listed(ITEM, 7, ITEM))) == [FULL, FULL]
    both = b",".join(lines([FULL, FULL]))
    assert read(own_receiver.listed(own_receiver.document([both]))) == [FULL, FULL]
    assert own_receiver.listed(document([])) == []


def test_one_line_holds_one_mention() -> None:
    odd = FULL._replace(title="a\nb\u2028c", excerpt='}, {"')
    there = document([FULL, odd]).decode().split("\n")
    assert len(there) == 4
    assert json.loads(there[1].removesuffix(",")) == {
        name: value for name, value in ITEM.items() if name not in {"id", "received", "updated"}
    } | {"published": "2026-11-22T08:30:00+00:00"}


@pytest.mark.parametrize("line", [b"", b"{", b"7", b"[]", b"\xff", b"[" * 200_000])
def test_a_line_that_is_something_else_is_passed_over(line: bytes) -> None:
    assert read([line]) == []
    assert read([line, *lines([FULL])]) == [FULL]


def test_the_target_of_a_line_is_found_without_reading_it() -> None:
    odd = FULL._replace(target='https://us.example/"\\ä', title='"target": "https://else.example/"')
    listed = lines([FULL, odd, FULL._replace(title="Another"), Received("", "")])
    edited = listed[0].replace(b"https:", rb"\u0068ttps:")
    none = [b"", b"{}", b'{"target": "\xff"}', b'{"target": "\t"}', b'{"target": 7}']
    assert by_target([*none, *listed, edited]) == {
        HERE: [listed[0], listed[2], edited],
        odd.target: [listed[1]],
    }


def test_half_a_character_does_not_stop_the_writing() -> None:
    assert mentions(document([FULL._replace(title="a\ud800b")])) == [FULL._replace(title="a?b")]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-11-22T08:30:00Z", WHEN),
        ("2026-11-22T08:30:00", WHEN),
        ("2026-11-22T08:30:00.000000+00:00", WHEN),
        ("2026-11-22T03:30:00-05:00", WHEN),
        ("2026-11-22", WHEN.replace(hour=0, minute=0)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("2026-13-01", None),
        ("", None),
        ("\ud800", None),
        (7, None),
        (None, None),
    ],
)
def test_a_moment_is_read_in_utc(text: object, when: datetime | None) -> None:
    assert moment(text) == when
    assert when is None or moment(text).utcoffset() == timedelta()  # type: ignore[union-attr]  # not None


def test_a_moment_elsewhere_is_written_in_utc() -> None:
    there = FULL._replace(published=WHEN.astimezone(timezone(timedelta(hours=5))))
    assert mentions(document([there])) == [FULL]


def strange(choice: random.Random, depth: int = 3) -> Any:
    """A value of JSON of any type."""
    plain: list[Any] = [None, True, -1, 1.5, float("nan"), 10**30, "", "x", HERE, "\ud800", "\x00"]
    plain += ["http://[::1", "https://us.example:x/", "0000-00-00", "9999-12-31T23:59:59-23:59"]
    kind = choice.randrange(4 if depth else 2)
    if kind < 2:
        return choice.choice(plain)
    values = [strange(choice, depth - 1) for _ in range(choice.randrange(4))]
    names = ["name", "text", "html", "value", "content-type", "wm-property", "mentions", "children"]
    return values if kind == 2 else {choice.choice(names): value for value in values}


def test_whatever_comes_is_a_list_or_a_sentence() -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    choice = random.Random(seed)
    for _ in range(1000):
        items = [{name: strange(choice) for name in ITEM} for _ in range(3)]
        whole = choice.choice([strange(choice), {"version": 1, "mentions": items}])
        body = json.dumps(whole).encode()
        if choice.random() < 0.2:
            body = body[: choice.randrange(len(body))]
        found, said = [], "its"
        try:
            found = mentions(body)
        except ValueError as error:
            said = str(error)
        assert said.startswith(("it is ", "it holds ", "its"))
        assert all(isinstance(text, str) for one in found for text in one[:-1])
        assert len(mentions(document(found))) == len(found)
        named = [mention for mention in found if mention.target]
        assert sum(map(len, by_target(lines(found)).values())) == len(named)
