"""What the linkbacks plugin knew, read from a cache that it has written in a build of its own.

That build had a post of every kind to tell; only its host names were changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks import removals
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.places import CACHE_NAME
from pelican_linkbacks.predecessor import FOUND_BY, Predecessor
from tests.samples import article, mention

GENUINE = Path(__file__).with_name(CACHE_NAME)
BLOG = "https://blog.example"
XMLRPC = f"{BLOG}/xmlrpc.php"
TOLD = f"told by {FOUND_BY}"


def past(cache: Path, slug: str, target: str, **known: Any) -> Mention | None:
    change = Predecessor([cache]).past(article(slug=slug, **known), mention(target))
    return change and change.mention


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache that a test writes."""
    return tmp_path / CACHE_NAME


# What it leaves alone.


def test_a_link_that_the_plugin_never_looked_at_is_not_spoken_of() -> None:
    assert past(GENUINE, "rye", f"{BLOG}/ping/new") is None
    assert past(GENUINE, "oats", f"{BLOG}/ping/told") is None
    assert past(GENUINE, "", f"{BLOG}/ping/told") is None


def test_a_page_with_the_slug_of_an_article_is_not_that_article() -> None:
    assert past(GENUINE, "rye", f"{BLOG}/ping/told", is_page=True) is None


def test_a_cache_that_is_not_there_is_not_spoken_of(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "file").touch()
    Predecessor([tmp_path / "none.json", tmp_path / "file" / "none.json"], said.append)
    assert said == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"7",
        b'"rye"',
        b"null",
        b"[" * 100_000,
        GENUINE.name.encode(),
    ],
)
def test_a_cache_that_is_none_is_one_line_and_no_error(cache: Path, text: bytes) -> None:
    cache.write_bytes(text)
    said: list[str] = []
    known = Predecessor([cache], said.append)
    assert known.past(article(slug="rye"), mention(f"{BLOG}/ping/told")) is None
    assert said == [f"Linkbacks: {cache} is no cache of the linkbacks plugin that can be read"]


def test_a_folder_in_its_place_is_one_line_and_no_error(tmp_path: Path) -> None:
    said: list[str] = []
    Predecessor([tmp_path], said.append)
    assert said == [f"Linkbacks: {tmp_path} is no cache of the linkbacks plugin that can be read"]


@pytest.mark.parametrize(
    "links",
    [
        None,
        7,
        "https://blog.example/post",
        {"": {}},
        {"/post": {}},
        {"https://[": {}},
        {"mailto:me@blog.example": {}},
        [7, None, "/post"],
    ],
)
def test_what_can_be_no_link_is_passed_over(cache: Path, links: object) -> None:
    cache.write_text(json.dumps({"rye": links}))
    assert past(cache, "rye", "https://blog.example/post") is None


# What it knows.


@pytest.mark.parametrize(
    ("slug", "target", "protocol", "endpoint"),
    [
        ("rye", "/ping/told", "pingback", XMLRPC),
        ("rye", "/ping/straße", "pingback", XMLRPC),
        ("rye", "/mention/told#comments", "webmention", f"{BLOG}/accepted"),
        ("spelt", "/mention/silent", "webmention", f"{BLOG}/empty"),
        ("spelt", "/ping/again", "pingback", XMLRPC),
        ("both", "/both/told", "webmention", f"{BLOG}/accepted"),
        ("both", "/both/half", "pingback", XMLRPC),
    ],
)
def test_what_it_told_is_sent_by_the_protocol_that_succeeded(
    slug: str, target: str, protocol: str, endpoint: str
) -> None:
    assert past(GENUINE, slug, BLOG + target) == mention(
        BLOG + target,
        outcome=Outcome.SENT,
        protocol=protocol,
        endpoint=endpoint,
        found_by=FOUND_BY,
        answer=TOLD,
    )


@pytest.mark.parametrize(
    ("slug", "target", "answer"),
    [
        (
            "rye",
            f"{BLOG}/ping/refused",
            "was refused: it takes no pingbacks for that page (fault 33: The pingback target is "
            "not a resource that takes pings.)",
        ),
        (
            "spelt",
            f"{BLOG}/ping/too-early",
            "was refused: it says that our page does not exist (fault 16: The source URL does not "
            "exist.)",
        ),
        ("spelt", f"{BLOG}/ping/silent", "was refused: it gave no reason (fault 0)"),
        (
            "spelt",
            f"{BLOG}/ping/plain",
            "was refused: it says that our page does not link to it (fault 17: 17)",
        ),
        (
            "spelt",
            f"{BLOG}/mention/refused",
            f"could not tell it: 400 Client Error: Bad Request for url: {BLOG}/refusing",
        ),
        (
            "spelt",
            f"{BLOG}/mention/broken",
            f"could not tell it: 500 Server Error: Internal Server Error for url: {BLOG}/broken",
        ),
        (
            "both",
            f"{BLOG}/both/refused",
            f"could not tell it: 400 Client Error: Bad Request for url: {BLOG}/refusing",
        ),
        (
            "both",
            f"{BLOG}/missing",
            f"could not read the page: 404 Client Error: Not Found for url: {BLOG}/missing",
        ),
    ],
)
def test_what_it_could_not_tell_is_old_with_what_it_was_told(
    slug: str, target: str, answer: str
) -> None:
    old = mention(target, outcome=Outcome.OLD, answer=f"{FOUND_BY} {answer}")
    assert past(GENUINE, slug, target) == old


def test_a_blog_that_it_could_not_reach_is_old_with_the_reason() -> None:
    found = past(GENUINE, "rye", "http://gone.example/gone")
    assert found
    assert found.outcome is Outcome.OLD
    assert str(found.answer).startswith(
        f"{FOUND_BY} could not read the page: HTTPConnectionPool(host='gone.example', port=80): "
    )


def test_what_it_found_no_endpoint_for_is_old_like_any_other() -> None:
    target = f"{BLOG}/plain/page"
    assert past(GENUINE, "rye", target) == mention(target, outcome=Outcome.OLD)


@pytest.mark.parametrize("place", ["told", "told#other", "told#comments"])
@pytest.mark.parametrize("site", [BLOG, "http://blog.example", "https://BLOG.example:443"])
def test_neither_fragment_scheme_nor_spelling_of_the_host_makes_another_link(
    place: str, site: str
) -> None:
    found = past(GENUINE, "rye", f"{site}/mention/{place}")
    assert found
    assert found.outcome is Outcome.SENT
    assert found.target == f"{site}/mention/{place}", "as the article has it now"


def test_the_removal_of_a_link_that_it_told_by_webmention_can_be_told() -> None:
    webmention = past(GENUINE, "rye", f"{BLOG}/mention/told")
    pingback = past(GENUINE, "rye", f"{BLOG}/ping/told")
    assert webmention
    assert removals.of(webmention)
    assert pingback
    assert not removals.of(pingback)


def test_a_link_with_two_fragments_was_told_if_one_of_them_was(cache: Path) -> None:
    told, failed = (
        {"webmention": {"response": "", "server_uri": "/w"}},
        {"pingback": {"error": "e"}},
    )
    for first, second in ((told, failed), (failed, told)):
        cache.write_text(json.dumps({"rye": {f"{BLOG}/#a": first, f"{BLOG}/#b": second}}))
        found = past(cache, "rye", f"{BLOG}/")
        assert found
        assert found.outcome is Outcome.SENT


def test_what_one_of_several_caches_says_was_told_was_told(cache: Path) -> None:
    cache.write_text(json.dumps({"rye": {f"{BLOG}/ping/told": {"pingback": {"error": "e"}}}}))
    for files in ([cache, GENUINE], [GENUINE, cache]):
        known = Predecessor(files).past(article(slug="rye"), mention(f"{BLOG}/ping/told"))
        assert known
        assert known.mention.outcome is Outcome.SENT


def test_the_cache_of_its_first_version_only_says_what_it_has_looked_at(cache: Path) -> None:
    cache.write_text(json.dumps({"rye": [f"{BLOG}/post"]}))
    assert past(cache, "rye", f"{BLOG}/post") == mention(f"{BLOG}/post", outcome=Outcome.OLD)


@pytest.mark.parametrize(
    ("notice", "outcome"),
    [
        ({"error": None, "response": "fine", "server_uri": XMLRPC}, Outcome.SENT),
        ({"response": True, "server_uri": XMLRPC}, Outcome.SENT),
        (
            {"response": {"flError": False, "message": "Thanks."}, "server_uri": XMLRPC},
            Outcome.SENT,
        ),
        ({"response": "0x31", "server_uri": XMLRPC}, Outcome.OLD),
        ({"response": None, "server_uri": XMLRPC}, Outcome.OLD),
        ({"response": 10**40, "server_uri": XMLRPC}, Outcome.OLD),
        ({"error": "[NotifierError] a: code=99999999999 - b", "server_uri": XMLRPC}, Outcome.OLD),
        ({"server_uri": XMLRPC}, Outcome.OLD),
        ({"error": ["?"], "server_uri": 7}, Outcome.OLD),
        ({}, Outcome.OLD),
        (None, Outcome.OLD),
    ],
)
def test_only_what_can_be_a_success_is_one(cache: Path, notice: object, outcome: Outcome) -> None:
    cache.write_text(json.dumps({"rye": {f"{BLOG}/post": {"pingback": notice}}}))
    found = past(cache, "rye", f"{BLOG}/post")
    assert found
    assert found.outcome is outcome


@pytest.mark.parametrize("endpoint", ["", "https://[", "javascript:alert(1)", None, "\ud800"])
def test_an_endpoint_that_is_none_is_left_out(cache: Path, endpoint: str | None) -> None:
    notice = {"response": "", "server_uri": endpoint}
    cache.write_text(json.dumps({"rye": {f"{BLOG}/post": {"webmention": notice}}}))
    found = past(cache, "rye", f"{BLOG}/post")
    assert found
    assert (found.outcome, found.protocol) == (Outcome.SENT, "webmention")
    assert found.endpoint in (None, f"{BLOG}/post")


def test_an_answer_is_one_line_that_can_be_written_down(cache: Path) -> None:
    notice = {"error": "[OSError] a\n\x1b[31m\ud800 b", "server_uri": XMLRPC}
    cache.write_text(json.dumps({"rye": {f"{BLOG}/post": {"pingback": notice}}}))
    found = past(cache, "rye", f"{BLOG}/post")
    assert found
    assert found.answer == f"{FOUND_BY} could not tell it: a [31m b"
