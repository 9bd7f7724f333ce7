"""What a webmention sender meets.

The Recommendation's section 3.2, and webmention.rocks' tests of receivers, updates and deletions.
"""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote

import pytest

from pelican_linkbacks.receiver.entry import Status
from tests.receiver.reception import BREAD, RYE, SHUT, OtherBlog, Receiver, linking, until
from tests.servers import Answer, RawServer, Site, dripping, redirect


def shown(receiver: Receiver) -> list[dict[str, str]]:
    """What readers of the article may see."""
    mentions: list[dict[str, str]] = json.loads(receiver.get("/received.json").body)["mentions"]
    return mentions


# What must be left alone.


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("jwoijgoisdjlskjegisvjowuehjtkx", RYE.url),
        ("{post}", "owiejduvyeiwljjjcjmvbpsouehgd"),
        ("sjuhvhwieuhtiwudcjvhuh", "owiejduvyeiwljjjcjmvbpsouehgd"),
        ("", RYE.url),
        ("{post}", ""),
        ("ftp://127.0.0.1/post", RYE.url),
        ("javascript:alert(1)", RYE.url),
        ("http://", RYE.url),
        ("http://[/post", RYE.url),
        ("http://me:secret@127.0.0.1/post", RYE.url),
        ("{post}?" + "x" * 2000, RYE.url),
        ("{post}\n", "{post}"),
        ("{post}", "{post}"),
        (RYE.url, RYE.url),
        ("{post}", "mailto:us@us.example"),
    ],
)
def test_what_is_no_pair_of_usable_urls_is_refused_and_nobody_is_asked(
    receiver: Receiver, other: OtherBlog, source: str, target: str
) -> None:
    reply = receiver.webmention(source.format(post=other.post), target.format(post=other.post))
    assert reply.status == 400
    assert reply.headers.get_content_type() == "text/plain"
    assert reply.text.strip()
    assert "Location" not in reply.headers
    assert other.requests == []
    assert receiver.entries() == []


@pytest.mark.parametrize(
    "target",
    [
        "https://us.example/",
        "https://us.example/unknown.html",
        "https://us.example/rye.html?page=2",
        "https://elsewhere.example/rye.html",
        SHUT.url,
    ],
)
def test_a_target_that_takes_no_webmentions_is_refused_at_once_and_nobody_is_asked(
    receiver: Receiver, other: OtherBlog, target: str
) -> None:
    other.pages["/post"] = linking(target)
    assert receiver.webmention(other.post, target).status == 400
    assert other.requests == []
    assert receiver.entries() == []


@pytest.mark.parametrize("source", [BREAD.url, "https://us.example/about.html"])
def test_a_page_of_our_own_is_no_source(receiver: Receiver, source: str) -> None:
    assert receiver.webmention(source).status == 400
    assert receiver.entries() == []


def test_a_source_that_leads_to_our_own_site_proves_nothing(tmp_path: Path) -> None:
    with (
        Site({"/post": linking()}, host="127.0.0.2") as own,
        OtherBlog() as other,
        Receiver(tmp_path, siteurl=own.url) as receiver,
    ):
        other.pages["/post"] = redirect(f"{own.url}/post")
        assert receiver.webmention(other.post).status == 400
        assert receiver.entries() == []


def test_a_private_address_is_never_asked(tmp_path: Path) -> None:
    nowhere = (ip_network("198.51.100.0/24"),)
    with Receiver(tmp_path, allow_networks=nowhere) as receiver, OtherBlog() as other:
        reply = receiver.webmention(other.post)
        assert reply.status == 400
        assert "private" not in reply.text
        assert other.requests == []
        assert receiver.entries() == []


@pytest.mark.parametrize(
    "page",
    [
        "<p>Nothing about you.</p>",
        f"<p>{RYE.url}</p>",
        f"<!-- <a href='{RYE.url}'>rye</a> -->",
        f"<a href='{BREAD.url}'>bread</a>",
        f"<a href='{RYE.url}?page=2'>rye</a>",
        f"<template><a href='{RYE.url}'>rye</a></template>",
        f"<script>'<a href=\"{RYE.url}\">'</script>",
        Answer("", 200),
        Answer(f"no {RYE.url}x here", headers=[("Content-Type", "text/plain")]),
        Answer(f"<a href='{RYE.url}'>rye</a>", headers=[("Content-Type", "image/png")]),
    ],
)
def test_a_source_without_the_link_is_refused_and_forgotten(
    receiver: Receiver, other: OtherBlog, page: str | Answer
) -> None:
    other.pages["/post"] = page
    reply = receiver.webmention(other.post)
    assert reply.status == 400
    assert "does not link" in reply.text
    assert receiver.entries() == []


@pytest.mark.parametrize("status", [400, 403, 404, 410, 451])
def test_a_source_that_does_not_exist_is_refused_and_forgotten(
    receiver: Receiver, other: OtherBlog, status: int
) -> None:
    other.pages["/post"] = Answer(linking(), status)
    reply = receiver.webmention(other.post)
    assert reply.status == 400
    assert "does not exist" in reply.text
    assert receiver.entries() == []


def test_a_source_that_redirects_for_ever_is_given_up(receiver: Receiver, other: OtherBlog) -> None:
    other.pages["/post"] = redirect("/post")
    assert receiver.webmention(other.post).status == 201
    assert receiver.entry.status is Status.QUEUED
    assert 1 < len(other.requests) <= 21


# What must happen.


def test_a_valid_webmention_is_accepted_with_a_url_to_follow_it(
    receiver: Receiver, other: OtherBlog
) -> None:
    reply = receiver.webmention(other.post)
    assert reply.status == 201
    location = reply.headers["Location"]
    assert location.startswith(f"{receiver.url}/status/")
    assert receiver.get(location.removeprefix(receiver.url)).text == "held\n"


@pytest.mark.parametrize("endpoint", ["https://us.example/linkbacks", "https://us.example/"])
def test_the_url_to_follow_it_stands_under_the_endpoint_that_is_advertised(
    tmp_path: Path, other: OtherBlog, endpoint: str
) -> None:
    with Receiver(tmp_path, endpoint=endpoint) as receiver:
        location = receiver.webmention(other.post).headers["Location"]
        assert location.startswith(f"{endpoint.rstrip('/')}/status/")
        path = location.removeprefix("https://us.example")
        assert receiver.get(path).text == "held\n"


def test_nothing_is_shown_before_the_author_approves_it(
    receiver: Receiver, other: OtherBlog
) -> None:
    receiver.webmention(other.post)
    assert shown(receiver) == []
    receiver.approve_all()
    (mention,) = shown(receiver)
    assert (mention["source"], mention["target"]) == (other.post, RYE.url)
    assert mention["title"] == "A reply"


@pytest.mark.parametrize(
    "target",
    [
        f"{RYE.url}#crust",
        "http://us.example/rye.html",
        "https://US.example:443/rye.html",
        "https://us.example/%72ye.html",
    ],
)
def test_fragment_and_spelling_of_the_target_make_no_difference(
    receiver: Receiver, other: OtherBlog, target: str
) -> None:
    other.pages["/post"] = linking(target)
    assert receiver.webmention(other.post, target).status == 201
    assert receiver.entry.target == RYE.url
    assert receiver.entry.status is Status.PENDING


@pytest.mark.parametrize(
    "page",
    [
        f"<a href='{RYE.url}'>rye</a>",
        f"<a rel=nofollow href={RYE.url}#crust>rye</a>",
        f"<A HREF='{RYE.url}'><img src=x></A>",
        f"<img src='{RYE.url}'>",
        f"<video src='{RYE.url}'></video>",
        f"<audio src='{RYE.url}'></audio>",
        "<base href='https://us.example/'><a href='rye.html'>rye</a>",
        Answer(f"See {RYE.url} for more.", headers=[("Content-Type", "text/plain")]),
        Answer(json.dumps({"a": [{"b": RYE.url}]}), headers=[("Content-Type", "application/json")]),
    ],
)
def test_a_link_is_found_wherever_the_recommendation_asks_to_look(
    receiver: Receiver, other: OtherBlog, page: str | Answer
) -> None:
    other.pages["/post"] = page
    assert receiver.webmention(other.post).status == 201
    assert receiver.entry.status is Status.PENDING


def test_redirects_of_the_source_are_followed(receiver: Receiver, other: OtherBlog) -> None:
    other.pages["/short"] = redirect("/longer", 301)
    other.pages["/longer"] = redirect("/post", 307)
    assert receiver.webmention(f"{other.url}/short").status == 201
    assert receiver.entry.status is Status.PENDING


def test_the_source_is_asked_once_and_by_name(receiver: Receiver, other: OtherBlog) -> None:
    receiver.webmention(other.post)
    (request,) = other.requests
    assert request.method == "GET"
    assert "Webmention" in request.headers["User-Agent"]


def test_more_fields_than_the_two_do_no_harm(receiver: Receiver, other: OtherBlog) -> None:
    body = f"vouch=x&source={quote(other.post)}&target={quote(RYE.url)}&source=http://a.example/"
    assert receiver.post("/webmention", body.encode()).status == 201
    assert receiver.entry.source == other.post


def test_a_multipart_form_is_taken_as_well(receiver: Receiver, other: OtherBlog) -> None:
    fields = {"source": other.post, "target": RYE.url}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    body = ("".join(parts) + "--x--\r\n").encode()
    assert receiver.post("/webmention", body, "multipart/form-data; boundary=x").status == 201


def test_a_reply_is_known_for_one(receiver: Receiver, other: OtherBlog) -> None:
    other.pages["/post"] = (
        f"<div class=h-entry><a class='p-author h-card' href='/'>Ann</a>"
        f"<a class=u-in-reply-to href='{RYE.url}'>rye</a><p class=e-content>Well said</p></div>"
    )
    receiver.webmention(other.post)
    receiver.approve_all()
    (mention,) = shown(receiver)
    assert (mention["kind"], mention["author"]) == ("reply", "Ann")


# Updates and deletions (section 3.2.4).


@pytest.fixture
def approved(receiver: Receiver, other: OtherBlog) -> Receiver:
    """A receiver that shows one mention."""
    receiver.webmention(other.post)
    receiver.approve_all()
    return receiver


def test_an_update_makes_no_second_mention(approved: Receiver, other: OtherBlog) -> None:
    first = approved.get("/received.json").body
    assert approved.webmention(other.post).status == 201
    assert len(other.requests) == 2
    assert approved.get("/received.json").body == first
    assert len(approved.entries()) == 1


def test_an_update_has_the_same_url_to_follow_it(receiver: Receiver, other: OtherBlog) -> None:
    first, second = (receiver.webmention(other.post).headers["Location"] for _ in range(2))
    assert first == second


def test_new_texts_of_what_is_not_approved_yet_take_the_place_of_the_old(
    receiver: Receiver, other: OtherBlog
) -> None:
    receiver.webmention(other.post)
    other.pages["/post"] = linking(title="On second thoughts")
    receiver.webmention(other.post)
    assert receiver.entry.texts.title == "On second thoughts"


def test_new_texts_of_what_is_approved_wait_for_the_author(
    approved: Receiver, other: OtherBlog
) -> None:
    other.pages["/post"] = linking(title="Buy pills")
    approved.webmention(other.post)
    assert shown(approved)[0]["title"] == "A reply"
    assert approved.entry.proposal is not None
    approved.moderation.take_proposal(approved.entry.id)
    assert shown(approved)[0]["title"] == "Buy pills"


@pytest.mark.parametrize("page", ["<p>Nothing.</p>", Answer("gone", 410)])
def test_a_mention_whose_sender_takes_it_back_is_shown_no_more(
    approved: Receiver, other: OtherBlog, page: str | Answer
) -> None:
    location = approved.webmention(other.post).headers["Location"]
    other.pages["/post"] = page
    assert approved.webmention(other.post).status == 201
    assert shown(approved) == []
    assert approved.entry.status is Status.REMOVED
    assert approved.get(location.removeprefix(approved.url)).text == "gone\n"


def test_what_was_taken_back_can_be_told_again_and_waits_for_the_author(
    approved: Receiver, other: OtherBlog
) -> None:
    page = other.pages["/post"]
    other.pages["/post"] = Answer("gone", 410)
    approved.webmention(other.post)
    other.pages["/post"] = page
    assert approved.webmention(other.post).status == 201
    assert approved.entry.status is Status.PENDING


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_that_is_ill_takes_nothing_back(
    approved: Receiver, other: OtherBlog, status: int
) -> None:
    other.pages["/post"] = Answer("later", status)
    assert approved.webmention(other.post).status == 201
    assert len(shown(approved)) == 1


@pytest.mark.parametrize("decision", ["dismiss", "spam"])
def test_what_was_turned_away_answers_like_anything_else_and_is_not_looked_at(
    receiver: Receiver, other: OtherBlog, decision: str
) -> None:
    first = receiver.webmention(other.post)
    getattr(receiver.moderation, decision)([receiver.entry.id])
    status = receiver.entry.status
    again = receiver.webmention(other.post)
    assert (again.status, again.body) == (first.status, first.body)
    assert receiver.get(again.headers["Location"].removeprefix(receiver.url)).text == "held\n"
    assert len(other.requests) == 1
    assert receiver.entry.status is status


# What takes longer.


def test_a_source_that_hangs_is_accepted_after_two_seconds(receiver: Receiver) -> None:
    with RawServer(dripping(b"", b"")) as server:
        started = receiver.now()
        reply = receiver.webmention(server.url + "/post")
        assert 1.5 < receiver.now() - started < 4
        assert reply.status == 201
        assert "looked at soon" in reply.text
        location = reply.headers["Location"].removeprefix(receiver.url)
        assert receiver.get(location).text == "queued\n"


def test_a_source_that_can_not_be_reached_is_accepted_and_tried_again_by_us(
    receiver: Receiver, other: OtherBlog
) -> None:
    other.pages["/post"] = Answer("later", 503)
    assert receiver.webmention(other.post).status == 201
    assert receiver.entry.status is Status.QUEUED
    assert receiver.entry.attempts == 1
    # Told again, it is tried at once.
    other.pages["/post"] = linking()
    assert receiver.webmention(other.post).status == 201
    until(lambda: receiver.entry.status is Status.PENDING)


def test_the_status_of_what_nobody_knows_is_gone(receiver: Receiver) -> None:
    reply = receiver.get("/status/never-given")
    assert (reply.status, reply.text) == (404, "gone\n")


def test_the_status_of_what_is_approved_is_shown(approved: Receiver, other: OtherBlog) -> None:
    location = approved.webmention(other.post).headers["Location"]
    assert approved.get(location.removeprefix(approved.url)).text == "shown\n"


def test_a_browser_gets_a_form_that_works(receiver: Receiver, other: OtherBlog) -> None:
    page = receiver.get(f"/webmention?target={quote(RYE.url)}")
    assert page.status == 200
    assert 'name="source"' in page.text
    assert f'value="{RYE.url}"' in page.text
    assert "Set-Cookie" not in page.headers
    assert receiver.webmention(other.post, Origin="https://evil.example").status == 201


def test_what_a_browser_is_given_can_not_be_turned_into_a_script(receiver: Receiver) -> None:
    page = receiver.get("/webmention?target=%22%3E%3Cscript%3E")
    assert "<script>" not in page.text
