"""What the author says of linkbacks in an article: ``Trackbacks:``, ``Linkbacks:``, a mute link."""

from __future__ import annotations

import pytest

from tests.blog import Blog
from tests.neighbour import Neighbour, Notice


def box(neighbour: Neighbour, name: str | int = 1) -> str:
    """A trackback URL of a post that offers nothing by itself."""
    return f"{neighbour.post(name, 'silent')}/trackback"


def test_without_a_trackbacks_line_no_trackback_is_sent(blog: Blog, neighbour: Neighbour) -> None:
    blog.write("one", neighbour.link(1, "silent"))
    blog.build()
    assert blog.outcomes() == {neighbour.post(1, "silent"): "none"}
    assert not neighbour.notices


def test_an_empty_trackbacks_line_is_none(blog: Blog) -> None:
    blog.write("one", "Text", trackbacks="")
    assert blog.build().problems == []
    assert blog.outcomes() == {}


def test_a_trackback_carries_title_excerpt_and_blog_name(blog: Blog, neighbour: Neighbour) -> None:
    blog.settings["SITENAME"] = "Müller & Söhne"
    blog.write(
        "one", "The text", title="Brot & Käse", summary="Was *bleibt*", trackbacks=box(neighbour)
    )
    blog.build()
    source = f"{blog.web.url}/one.html"
    assert neighbour.notices == [
        Notice("trackback", source, box(neighbour), "Brot & Käse", "Was bleibt")
    ]
    (post,) = [request for request in neighbour.requests if request.method == "POST"]
    assert b"blog_name=M%C3%BCller+%26+S%C3%B6hne" in post.body
    assert len(neighbour.requests) == 1


@pytest.mark.parametrize("between", [" ", ",", ", ", "\n    "], ids=repr)
def test_several_trackbacks_stand_on_one_line_or_on_several(
    blog: Blog, neighbour: Neighbour, between: str
) -> None:
    wanted = [box(neighbour, number) for number in (1, 2, 3)]
    blog.write("one", "Text", trackbacks=between.join([*wanted, wanted[0]]))
    blog.build()
    assert sorted(notice.target for notice in neighbour.notices) == wanted


def test_restructured_text_names_trackbacks_too(blog: Blog, neighbour: Neighbour) -> None:
    wanted = [box(neighbour, 1), box(neighbour, 2)]
    blog.write("one.rst", "Text", trackbacks=" ".join(wanted))
    blog.build()
    assert sorted(notice.target for notice in neighbour.notices) == wanted


def test_restructured_text_names_trackbacks_on_several_lines(
    blog: Blog, neighbour: Neighbour
) -> None:
    wanted = [box(neighbour, 1), box(neighbour, 2)]
    blog.write("one.rst", "Text", trackbacks="\n    ".join(wanted))
    blog.build()
    assert sorted(notice.target for notice in neighbour.notices) == wanted


def test_a_word_that_is_no_url_is_an_error_that_names_the_file_and_stops_no_other(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("posts/one", neighbour.link(), trackbacks=f"ftp://a.example {box(neighbour)} www")
    problems = blog.build().problems
    assert problems == [
        f"posts/one.md: Trackbacks: takes http(s) URLs with spaces between them; {word!r} is none."
        for word in ("ftp://a.example", "www")
    ]
    assert blog.outcomes() == {box(neighbour): "sent", neighbour.post(): "sent"}


def test_a_trackback_is_not_sent_where_the_settings_leave_that_protocol_out(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.settings["LINKBACKS_PROTOCOLS"] = ["pingback"]
    blog.write("one", neighbour.link(), trackbacks=box(neighbour))
    blog.build()
    assert blog.outcomes() == {box(neighbour): "skipped", neighbour.post(): "sent"}


def test_a_trackbacks_line_added_to_an_old_article_is_told_without_being_linked_to(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", neighbour.link())
    blog.build()
    blog.write("one", neighbour.link(), trackbacks=box(neighbour))
    blog.build()
    assert [notice.protocol for notice in neighbour.notices] == ["pingback", "trackback"]


@pytest.mark.parametrize("word", ["yes", "Send", "TRUE", "on", "both"])
def test_an_article_that_may_send_is_told_of(blog: Blog, neighbour: Neighbour, word: str) -> None:
    blog.write("one", neighbour.link(), linkbacks=word)
    assert blog.build().problems == []
    assert len(neighbour.notices) == 1


@pytest.mark.parametrize("word", ["no", "Receive", "false", "off", "none"])
@pytest.mark.parametrize("name", ["one.md", "one.rst"])
def test_an_article_that_may_not_send_is_told_nothing_of(
    blog: Blog, neighbour: Neighbour, word: str, name: str
) -> None:
    link = f"`a post <{neighbour.post()}>`_" if name.endswith("rst") else neighbour.link()
    blog.write(name, link, linkbacks=word, trackbacks=box(neighbour))
    assert blog.build().problems == []
    assert neighbour.post() in (blog.output / "one.html").read_text()
    assert blog.outcomes() == {}
    assert not neighbour.requests


def test_a_word_that_linkbacks_does_not_take_is_an_error_and_nothing_is_told(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", neighbour.link(1), linkbacks="maybe")
    blog.write("two", neighbour.link(2))
    assert blog.build().problems == [
        "one.md: Linkbacks: takes yes, no, send or receive; 'maybe' is none, so neither is done."
    ]
    assert blog.outcomes() == {neighbour.post(2): "sent"}


def test_what_an_article_may_no_longer_send_is_withdrawn(blog: Blog, neighbour: Neighbour) -> None:
    blog.settings["LINKBACKS_SEND"] = False
    blog.write("one", neighbour.link())
    blog.build()
    assert blog.outcomes() == {neighbour.post(): "queued"}
    blog.write("one", neighbour.link(), linkbacks="no")
    blog.settings["LINKBACKS_SEND"] = True
    blog.build()
    assert blog.outcomes() == {neighbour.post(): "withdrawn"}
    assert not neighbour.requests


def test_a_link_marked_as_mute_is_not_told_and_neither_is_one_within_such_an_element(
    blog: Blog, neighbour: Neighbour
) -> None:
    mute = f'<a href="{neighbour.post(1)}" data-linkback="no">one</a>'
    within = f'<p data-linkback="NO">A <em><a href="{neighbour.post(2)}">two</a></em></p>'
    blog.write("one", f"{mute}\n\n{within}\n\n{neighbour.link(3)}")
    blog.build()
    assert neighbour.told() == [(f"{blog.web.url}/one.html", neighbour.post(3))]
    assert blog.outcomes() == {neighbour.post(3): "sent"}


def test_a_link_in_a_code_sample_is_not_told(blog: Blog, neighbour: Neighbour) -> None:
    sample = f'    <a href="{neighbour.post(1)}">one</a>'
    inline = f"<code><a href='{neighbour.post(2)}'>two</a></code>"
    blog.write("one", f"{inline}\n\n{sample}\n\n{neighbour.link(3)}")
    blog.build()
    assert blog.outcomes() == {neighbour.post(3): "sent"}
