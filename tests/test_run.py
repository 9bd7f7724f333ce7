"""From the author's new link to the neighbour's comment, over several builds."""

from __future__ import annotations

import shutil

import pytest

from tests.blog import AGED, NO_STATE, Blog, held_elsewhere, note
from tests.neighbour import Neighbour
from tests.servers import Answer

NOTHING_NEW = "Linkbacks: 0 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed."


@pytest.fixture
def uploaded(blog: Blog) -> Blog:
    """A blog that is online only after ``upload``."""
    blog.web.folder = blog.live
    return blog


def forget_requests(blog: Blog, neighbour: Neighbour) -> None:
    """Count from here."""
    blog.web.requests.clear()
    neighbour.requests.clear()


def test_where_the_output_is_the_live_site_one_build_tells_all(
    blog: Blog, neighbour: Neighbour
) -> None:
    box = f"{neighbour.post(3, 'silent')}/trackback"
    links = [neighbour.link(1), neighbour.link(2, "link"), neighbour.link(4, "silent")]
    blog.write("one", " ".join(links), trackbacks=box)
    assert blog.build().said == [
        "Linkbacks: 4 new, 3 sent (2 pingback, 1 trackback), 0 waiting, 1 without endpoint, "
        "0 failed."
    ]
    source = f"{blog.web.url}/one.html"
    assert neighbour.told() == [
        (source, neighbour.post(1)),
        (source, neighbour.post(2, "link")),
        (source, box),
    ]


def test_a_second_build_sends_and_fetches_nothing_and_leaves_the_state_untouched(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", f"{neighbour.link(1)} {neighbour.link(2, 'silent')}")
    blog.write("old", neighbour.link(3), AGED)
    blog.build()
    before = blog.state_file.read_bytes(), blog.state_file.stat().st_mtime_ns
    forget_requests(blog, neighbour)
    build = blog.build()
    assert build.said == [NOTHING_NEW]
    assert build.read == 0
    assert (blog.state_file.read_bytes(), blog.state_file.stat().st_mtime_ns) == before
    assert blog.web.requests == neighbour.requests == []


def test_a_build_in_another_process_sends_and_fetches_nothing_either(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", neighbour.link())
    assert "Linkbacks: 1 new, 1 sent (1 pingback)" in blog.build_apart().stdout
    before = blog.state_file.read_bytes()
    forget_requests(blog, neighbour)
    assert blog.build_apart().stdout.splitlines()[0] == NOTHING_NEW
    assert blog.state_file.read_bytes() == before
    assert blog.web.requests == neighbour.requests == []


def test_one_link_added_to_one_article_of_many_makes_one_notice_and_reads_one_article(
    blog: Blog, neighbour: Neighbour
) -> None:
    for number in range(60):
        blog.write(f"article-{number}", neighbour.link(number, "silent"))
    blog.build()
    forget_requests(blog, neighbour)
    blog.write("article-7", neighbour.link(7, "silent") + neighbour.link("new"))
    build = blog.build()
    assert build.summary.startswith("Linkbacks: 1 new, 1 sent (1 pingback), ")
    assert "Linkbacks: 60 articles, 1 of them read for links" in build.info
    assert neighbour.told() == [(f"{blog.web.url}/article-7.html", neighbour.post("new"))]
    # Our page, theirs, the notice, and their look at our page.
    assert len(blog.web.requests) + len(neighbour.requests) <= 4


def test_what_is_uploaded_afterwards_waits_and_is_told_by_the_next_build_after_the_upload(
    uploaded: Blog, neighbour: Neighbour
) -> None:
    uploaded.write("one", neighbour.link())
    assert uploaded.build().said == [
        "Linkbacks: 1 new, 0 sent, 1 waiting, 0 without endpoint, 0 failed.",
        f"  {uploaded.web.url}/one.html is not online yet (HTTP 404). After the upload, run: "
        "pelican-linkbacks send --wait 600",
        NO_STATE,
    ]
    assert uploaded.outcomes() == {neighbour.post(): "waiting"}
    assert not neighbour.requests
    uploaded.upload()
    assert uploaded.build().summary.startswith("Linkbacks: 0 new, 1 sent (1 pingback), 0 waiting, ")
    assert neighbour.told() == [(f"{uploaded.web.url}/one.html", neighbour.post())]


def test_a_build_that_finds_the_same_page_missing_again_leaves_the_state_untouched(
    uploaded: Blog, neighbour: Neighbour
) -> None:
    uploaded.write("one", neighbour.link())
    uploaded.build()
    before = uploaded.state_file.read_bytes(), uploaded.state_file.stat().st_mtime_ns
    uploaded.build()
    assert (uploaded.state_file.read_bytes(), uploaded.state_file.stat().st_mtime_ns) == before


def test_a_link_added_to_an_article_that_is_online_waits_for_the_new_page(
    uploaded: Blog, neighbour: Neighbour
) -> None:
    uploaded.write("one", "Text")
    uploaded.build()
    uploaded.upload()
    uploaded.write("one", neighbour.link())
    build = uploaded.build()
    assert build.said[1].startswith(
        f"  {uploaded.web.url}/one.html is online, but without this link yet. After the upload, "
    )
    assert not neighbour.requests
    uploaded.upload()
    uploaded.build()
    assert neighbour.told() == [(f"{uploaded.web.url}/one.html", neighbour.post())]


def test_without_a_look_at_our_own_page_it_is_told_of_at_once(
    uploaded: Blog, neighbour: Neighbour
) -> None:
    uploaded.settings["LINKBACKS_CHECK_ONLINE"] = False
    box = f"{neighbour.post(offers='silent')}/trackback"
    uploaded.write("one", "Text", trackbacks=box)
    uploaded.build()
    assert neighbour.told() == [(f"{uploaded.web.url}/one.html", box)]


def test_a_link_that_goes_before_it_was_told_is_withdrawn_and_comes_back_with_it(
    uploaded: Blog, neighbour: Neighbour
) -> None:
    uploaded.write("one", neighbour.link())
    uploaded.build()
    uploaded.write("one", "Text")
    uploaded.build()
    assert uploaded.outcomes() == {neighbour.post(): "withdrawn"}
    uploaded.upload()
    assert uploaded.build().said == [NOTHING_NEW]
    assert not neighbour.requests
    uploaded.write("one", neighbour.link())
    uploaded.build()
    uploaded.upload()
    uploaded.build()
    assert uploaded.outcomes() == {neighbour.post(): "sent"}
    assert len(neighbour.notices) == 1


def test_a_link_that_goes_and_comes_back_after_it_was_told_is_not_told_again(
    blog: Blog, neighbour: Neighbour
) -> None:
    for text in (neighbour.link(), "Text", neighbour.link()):
        blog.write("one", text)
        blog.build()
    assert blog.outcomes() == {neighbour.post(): "sent"}
    assert len(neighbour.notices) == 1


def test_an_article_that_goes_before_it_was_told_of_is_withdrawn(
    uploaded: Blog, neighbour: Neighbour
) -> None:
    article = uploaded.write("one", neighbour.link())
    uploaded.build()
    article.unlink()
    uploaded.build()
    assert uploaded.outcomes() == {neighbour.post(): "withdrawn"}


def test_two_articles_with_the_same_target_ask_it_once_and_tell_it_twice(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", neighbour.link())
    blog.write("two", neighbour.link())
    blog.build()
    assert sorted(request.method for request in neighbour.requests) == ["GET", "POST", "POST"]
    assert len(neighbour.notices) == 2


def test_with_the_state_lost_what_the_live_pages_carry_is_not_told_again(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", neighbour.link(1))
    blog.build()
    blog.state_file.unlink()
    shutil.rmtree(blog.folder / "cache")
    blog.write("one", neighbour.link(1) + neighbour.link(2))
    build = blog.build()
    assert build.said == [
        "Linkbacks: 1 new, 1 sent (1 pingback), 0 waiting, 0 without endpoint, 0 failed.",
        "  1 link that may be old is recorded and not told.",
    ]
    assert blog.outcomes() == {neighbour.post(1): "old", neighbour.post(2): "sent"}
    assert len(neighbour.notices) == 2


def test_with_the_state_lost_a_trackback_that_an_article_online_names_is_not_told_again(
    blog: Blog, neighbour: Neighbour
) -> None:
    box = f"{neighbour.post(offers='silent')}/trackback"
    blog.write("one", "Text", trackbacks=box)
    blog.build()
    blog.state_file.unlink()
    shutil.rmtree(blog.folder / "cache")
    blog.write("two", "Text", trackbacks=box)
    assert "  1 link that may be old is recorded and not told." in blog.build().said
    assert neighbour.told() == [
        (f"{blog.web.url}/one.html", box),
        (f"{blog.web.url}/two.html", box),
    ]


def test_with_the_state_lost_the_live_feed_is_asked_before_pelican_empties_its_output(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.settings |= {"FEED_ALL_ATOM": "all.xml", "DELETE_OUTPUT_DIRECTORY": True}
    blog.write("one", neighbour.link(1))
    blog.build()
    blog.state_file.unlink()
    blog.build()
    assert blog.outcomes() == {neighbour.post(1): "old"}
    assert len(neighbour.notices) == 1


def test_with_the_state_lost_a_feed_that_carries_articles_whole_spares_their_pages_a_look(
    uploaded: Blog, neighbour: Neighbour
) -> None:
    uploaded.settings["FEED_ALL_ATOM"] = "feeds/all.atom.xml"
    uploaded.write("one", neighbour.link(1))
    uploaded.build()
    uploaded.upload()
    uploaded.state_file.unlink()
    forget_requests(uploaded, neighbour)
    uploaded.build()
    assert uploaded.outcomes() == {neighbour.post(1): "old"}
    assert [request.path for request in uploaded.web.requests] == ["/feeds/all.atom.xml"]


def test_without_a_state_and_a_live_site_to_ask_age_decides_in_the_next_build(
    blog: Blog, neighbour: Neighbour
) -> None:
    for name in ("one", "old"):
        blog.web.pages[f"/{name}.html"] = Answer("Sorry", 503)
    blog.write("one", neighbour.link(1))
    blog.write("old", neighbour.link(2), AGED)
    assert blog.build().said == [
        "Linkbacks: 0 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed.",
        "  1 link that may be old is recorded and not told.",
        "  The live site could not be asked about 1 link; the next build decides by the age of "
        "the articles.",
        NO_STATE,
    ]
    assert blog.outcomes() == {neighbour.post(1): "undecided", neighbour.post(2): "old"}
    blog.web.pages.clear()
    assert blog.build().summary.startswith("Linkbacks: 1 new, 1 sent (1 pingback), ")


def test_many_links_at_once_in_old_articles_are_held(blog: Blog, neighbour: Neighbour) -> None:
    blog.write("old", "Text", AGED)
    blog.build()
    blog.write("old", " ".join(neighbour.link(number) for number in range(21)), AGED)
    assert blog.build().said == [
        NOTHING_NEW,
        "  21 links new at once in old articles are held. To tell them after all, run: "
        "pelican-linkbacks release",
    ]
    assert set(blog.outcomes().values()) == {"held"}
    assert not neighbour.requests


def test_a_site_built_for_another_host_sends_nothing_and_says_how_to_confirm_a_move(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", neighbour.link(1))
    blog.build()
    preview = blog.web.url.replace("127.0.0.1", "localhost")
    home, blog.settings["SITEURL"] = blog.web.url, preview
    blog.write("one", neighbour.link(1) + neighbour.link(2))
    assert blog.build().said == [
        "Linkbacks: 1 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed.",
        f"  SITEURL is {preview}, but the state is of {home}: nothing is sent. If the site has "
        "moved for good, run: pelican-linkbacks moved",
    ]
    assert len(neighbour.notices) == 1
    blog.settings["SITEURL"] = home
    blog.build()
    assert neighbour.told()[1:] == [(f"{home}/one.html", neighbour.post(2))]


def test_a_site_built_for_another_host_leaves_alone_what_waits_at_home(
    uploaded: Blog, neighbour: Neighbour
) -> None:
    article = uploaded.write("one", neighbour.link())
    uploaded.build()
    uploaded.upload()
    article.unlink()
    uploaded.settings["SITEURL"] = uploaded.web.url.replace("127.0.0.1", "localhost")
    forget_requests(uploaded, neighbour)
    uploaded.build()
    assert uploaded.outcomes() == {neighbour.post(): "waiting"}
    assert uploaded.web.requests == neighbour.requests == []


def test_a_build_without_time_to_send_leaves_all_to_the_next(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.settings["LINKBACKS_TIME_BUDGET"] = 0
    blog.write("one", "Text")
    blog.build()
    blog.write("one", neighbour.link(1) + neighbour.link(2))
    assert blog.build().said == [
        "Linkbacks: 2 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed.",
        "  No build sends anything while LINKBACKS_TIME_BUDGET is not longer than "
        "LINKBACKS_REQUEST_TIMEOUT.",
        "  2 links are left to the next run, or to: pelican-linkbacks send",
    ]
    assert set(blog.outcomes().values()) == {"queued"}
    assert not neighbour.requests
    del blog.settings["LINKBACKS_TIME_BUDGET"]
    assert blog.build().summary.startswith("Linkbacks: 0 new, 2 sent (2 pingback), ")


def test_a_state_that_another_run_holds_leaves_new_links_to_the_next_run(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", neighbour.link(1))
    blog.build()
    before = blog.state_file.read_bytes()
    forget_requests(blog, neighbour)
    with held_elsewhere(blog.state_file):
        blog.write("two", neighbour.link(2))
        assert blog.build().said == [
            f"Linkbacks: Another run is sending with {blog.state_file}; new links are left to the "
            "next run."
        ]
    assert blog.state_file.read_bytes() == before
    assert blog.web.requests == neighbour.requests == []
    assert blog.build().summary.startswith("Linkbacks: 1 new, 1 sent (1 pingback), ")


def test_a_failing_neighbour_is_not_asked_again_in_the_next_build(
    blog: Blog, neighbour: Neighbour
) -> None:
    neighbour.pages["/xmlrpc"] = Answer("Sorry", 500)
    blog.write("one", neighbour.link())
    assert blog.build().summary.endswith("0 without endpoint, 1 failed.")
    forget_requests(blog, neighbour)
    assert blog.build().said == [NOTHING_NEW]
    assert blog.web.requests == neighbour.requests == []
    (mention,) = blog.mentions()
    assert (mention.outcome, mention.attempts) == ("failed", 1)


def test_an_article_whose_address_changes_is_not_told_of_again(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", neighbour.link())
    blog.build()
    blog.settings |= {"ARTICLE_URL": "posts/{slug}.html", "ARTICLE_SAVE_AS": "posts/{slug}.html"}
    assert blog.build().summary == NOTHING_NEW
    assert blog.build().said == [NOTHING_NEW]
    assert [m.article for m in blog.mentions()] == ["posts/one.html"]
    assert len(neighbour.notices) == 1


def test_two_blogs_in_one_process_do_not_mix(
    blog: Blog, neighbour: Neighbour, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Blog(tmp_path_factory.mktemp("other"))
    with other.web:
        blog.write("one", neighbour.link(1))
        other.write("two", neighbour.link(2))
        first = blog.pelican()
        # Both listen to the same signals now.
        second = other.pelican()
        note(first.run)
        note(second.run)
    assert blog.outcomes() == {neighbour.post(1): "sent"}
    assert other.outcomes() == {neighbour.post(2): "sent"}
