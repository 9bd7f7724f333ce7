"""The lists of webmention.io, in the forms that its releases give them."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pelican_linkbacks.received import Received
from pelican_linkbacks.received.webmention_io import PAGE, address, mentions
from tests.received.test_own_receiver import strange

HERE = "https://us.example/rye.html"
THERE = "https://blog.example/loaf"
ITEM: dict[str, Any] = {
    "type": "entry",
    "author": {
        "type": "card",
        "name": "Anna",
        "photo": "https://avatars.webmention.io/blog.example/a.jpg",
        "url": "https://blog.example/",
    },
    "url": THERE,
    "published": "2026-11-22T10:30:00+02:00",
    "wm-received": "2026-11-23T00:00:00Z",
    "wm-id": 900,
    "wm-source": THERE,
    "wm-target": HERE,
    "wm-protocol": "webmention",
    "name": "A loaf",
    "content": {"html": "<p>So <b>good</b>.</p>", "text": "So good."},
    "in-reply-to": HERE,
    "wm-property": "in-reply-to",
    "wm-private": False,
}
WHEN = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
READ = Received(THERE, HERE, "webmention", "reply", THERE, "A loaf", "Anna", "So good.", WHEN)


def listed(*items: Any) -> bytes:
    return json.dumps({"type": "feed", "name": "Webmentions", "children": items}).encode()


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in ITEM.items() if name not in names}


@pytest.mark.parametrize("value", [True, 1, "true", {"a": 1}])
def test_what_was_sent_to_the_authors_eyes_only_is_left_out(value: object) -> None:
    assert mentions(listed(ITEM | {"wm-private": value}, ITEM)) == ([READ], False)


@pytest.mark.parametrize("value", [False, None, 0])
def test_the_rest_is_public(value: object) -> None:
    assert mentions(listed(ITEM | {"wm-private": value})) == ([READ], False)
    assert mentions(listed(without("wm-private"))) == ([READ], False)


FORMS = {
    "as documented": (ITEM, READ),
    "pingback": (ITEM | {"wm-protocol": "pingback"}, READ._replace(protocol="pingback")),
    "no protocol": (ITEM | {"wm-protocol": None}, READ),
    "through a bridge": (
        ITEM | {"url": "https://social.example/@anna/7", "wm-source": "https://brid.gy/7"},
        READ._replace(source="https://brid.gy/7", url="https://social.example/@anna/7"),
    ),
    "no url": (ITEM | {"url": None}, READ),
    "no date": (
        ITEM | {"published": None},
        READ._replace(published=datetime(2026, 11, 23, tzinfo=UTC)),
    ),
    "a date without a zone": (ITEM | {"published": "2026-11-22T08:30:00"}, READ),
    "no name": (without("name"), READ._replace(title="")),
    "no content": (without("content"), READ._replace(excerpt="")),
    "a summary": (
        without("content") | {"summary": {"content-type": "text/plain", "value": "Good."}},
        READ._replace(excerpt="Good."),
    ),
    "a summary that is a text": (
        without("content") | {"summary": "Good."},
        READ._replace(excerpt="Good."),
    ),
    "content that is a text": (ITEM | {"content": "Good."}, READ._replace(excerpt="Good.")),
    "content in the old form": (
        ITEM
        | {
            "content": {
                "content-type": "text/html",
                "value": "<p>So <b>good</b>.</p>",
                "html": "<p>So <b>good</b>.</p>",
                "text": "So good.",
            }
        },
        READ,
    ),
    "old content without HTML": (
        ITEM | {"content": {"content-type": "text/plain", "value": "1 < 2 <b>"}},
        READ._replace(excerpt="1 < 2 <b>"),
    ),
    "only HTML": (
        ITEM | {"content": {"html": "<p>So <b>good</b>.</p><script>x</script>", "text": None}},
        READ,
    ),
    "nobody": (
        ITEM | {"author": {"type": "card", "name": "", "photo": "", "url": ""}},
        READ._replace(author=""),
    ),
    "null for a name": (ITEM | {"author": {"name": None}}, READ._replace(author="")),
    "an author that is a text": (ITEM | {"author": "Anna"}, READ),
    "several authors": (ITEM | {"author": [{"name": "Anna"}, {"name": "Ben"}]}, READ),
    "no author": (ITEM | {"author": []}, READ._replace(author="")),
    "like": (
        without("in-reply-to") | {"wm-property": "like-of", "like-of": HERE},
        READ._replace(kind="like"),
    ),
    "repost": (ITEM | {"wm-property": "repost-of"}, READ._replace(kind="repost")),
    "bookmark": (ITEM | {"wm-property": "bookmark-of"}, READ._replace(kind="bookmark")),
    "mention": (ITEM | {"wm-property": "mention-of"}, READ._replace(kind="mention")),
    "answer to an invitation": (ITEM | {"wm-property": "rsvp", "rsvp": "yes"}, READ),
    "a relation yet to come": (ITEM | {"wm-property": "laugh-at"}, READ._replace(kind="mention")),
    "an early release": (
        without("wm-source", "wm-target", "wm-protocol", "in-reply-to")
        | {"wm-property": "like-of", "like-of": HERE},
        READ._replace(kind="like"),
    ),
    "an invitation in an early release": (
        without("wm-source", "wm-target") | {"wm-property": "rsvp", "rsvp": "no"},
        READ,
    ),
}


@pytest.mark.parametrize(("item", "read"), FORMS.values(), ids=FORMS)
def test_a_mention_is_read_in_every_form(item: dict[str, Any], read: Received) -> None:
    assert mentions(listed(item)) == ([read], False)


def test_a_full_page_may_have_a_next_one() -> None:
    assert mentions(listed(*[ITEM] * (PAGE - 1)))[1] is False
    private = ITEM | {"wm-private": True}
    assert mentions(listed(*[private] * PAGE)) == ([], True)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is not JSON"),
        (b"[" * 200_000, "it is not JSON"),
        (b"[]", "it holds no list of mentions"),
        (b'{"links": []}', "it holds no list of mentions"),
        (b'{"children": "x"}', "it holds no list of mentions"),
    ],
)
def test_anything_else_is_said_to_be_what_it_is(body: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        mentions(body)


@pytest.mark.parametrize("home", ["https://wm.example", "https://wm.example/"])
def test_a_page_is_asked_for_by_domain_and_token(home: str) -> None:
    url = urlsplit(address(home, "us.example", "a&b=c", 2))
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://wm.example/api/mentions.jf2"
    assert parse_qs(url.query) == {
        "domain": ["us.example"],
        "token": ["a&b=c"],
        "per-page": ["1000"],
        "page": ["2"],
    }


def test_whatever_comes_is_a_list_or_a_sentence() -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    choice = random.Random(seed)
    for _ in range(700):
        items = [{name: strange(choice) for name in ITEM if choice.random() < 0.9} for _ in "abc"]
        whole = choice.choice([strange(choice), {"children": items}])
        found: list[Received] = []
        said = "it is "
        try:
            found, _ = mentions(json.dumps(whole).encode())
        except ValueError as error:
            said = str(error)
        assert said.startswith(("it is ", "it holds "))
        assert all(isinstance(text, str) for one in found for text in one[:-1])
