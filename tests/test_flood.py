"""Every cause of a flood, tried on real builds: each tells nobody anything, and says what it did.

The blog that they befall has told its neighbour of all it has to tell.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.blog import AGED, NO_STATE, NOW, YOUNG, Blog, Build
from tests.neighbour import Neighbour
from tests.servers import Answer

NOTHING = "Linkbacks: 0 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed."


@pytest.fixture
def told(blog: Blog, neighbour: Neighbour) -> Iterator[Blog]:
    """A blog with young and aged articles, a translation and a page, and nothing left to tell."""
    blog.settings |= {
        "FEED_ALL_ATOM": "feeds/all.atom.xml",
        "LINKBACKS_IGNORED_URLS_PATTERN": "/ignored",
    }
    blog.write("about", "", AGED, lang="en")
    blog.build()
    for number in range(3):
        ignored = neighbour.link(f"ignored{number}")
        blog.write(f"young{number}", f"{neighbour.link(number)} {ignored}", lang="en")
        blog.write(f"aged{number}", neighbour.link(f"aged{number}"), AGED, lang="en")
    blog.write("young1-de", neighbour.link("deutsch"), slug="young1", lang="de", title="Jung")
    blog.write("pages/imprint", neighbour.link("page"), None, lang="en")
    assert "4 new, 4 sent (4 pingback)" in blog.build().summary
    assert len(neighbour.notices) == 4
    neighbour.requests.clear()
    yield blog
    assert neighbour.requests == [], "the neighbour was asked or told"


def old(number: int) -> str:
    return f"  {number} links that may be old are recorded and not told."


def said_nothing_but(build: Build, *hints: str) -> None:
    assert build.said == [NOTHING, *hints]


def test_a_build_that_changes_nothing(told: Blog) -> None:
    said_nothing_but(told.build())


def test_a_lost_state(told: Blog) -> None:
    told.state_file.unlink()
    said_nothing_but(told.build(), old(7))
    assert "7 old" in told.module("pelican_linkbacks", "status").stdout


def test_a_lost_state_with_a_feed_of_summaries(told: Blog) -> None:
    told.settings |= {"FEED_ALL_ATOM": None, "FEED_ALL_RSS": "feeds/all.rss.xml"}
    told.build()
    told.state_file.unlink()
    said_nothing_but(told.build(), old(7))


def test_a_lost_state_with_no_feed(told: Blog) -> None:
    told.settings["FEED_ALL_ATOM"] = None
    told.state_file.unlink()
    said_nothing_but(told.build(), old(7))


def test_a_lost_state_whose_output_is_emptied_first(told: Blog) -> None:
    told.settings["DELETE_OUTPUT_DIRECTORY"] = True
    told.state_file.unlink()
    said_nothing_but(told.build(), old(7))


@pytest.mark.parametrize("feed", [None, "feeds/all.rss.xml"])
def test_a_lost_state_whose_output_is_emptied_first_and_no_feed_is_whole(
    told: Blog, feed: str | None
) -> None:
    told.settings |= {"FEED_ALL_ATOM": None, "FEED_ALL_RSS": feed}
    told.build()
    (told.output / "leftover.html").touch()
    told.settings["DELETE_OUTPUT_DIRECTORY"] = True
    told.state_file.unlink()
    said_nothing_but(told.build(), old(7))
    assert not (told.output / "leftover.html").exists(), "emptied all the same"


def test_a_lost_state_while_the_live_site_is_down(told: Blog) -> None:
    told.state_file.unlink()
    for path in ("/feeds/all.atom.xml", "/young0.html", "/young1.html", "/young1-de.html"):
        told.web.pages[path] = Answer("out of order", 503)
    told.web.pages["/young2.html"] = Answer("out of order", 503)
    said_nothing_but(
        told.build(),
        old(3),
        "  The live site could not be asked about 4 links; the next build decides by the age of "
        "the articles.",
        NO_STATE,
    )


def test_a_state_and_a_cache_that_are_both_lost(told: Blog) -> None:
    told.state_file.unlink()
    (told.folder / "cache" / "linkbacks-digests.json").unlink()
    said_nothing_but(told.build(), old(7))


def test_a_cache_that_is_lost(told: Blog) -> None:
    (told.folder / "cache" / "linkbacks-digests.json").unlink()
    said_nothing_but(told.build())


def test_articles_that_all_get_other_urls(told: Blog) -> None:
    told.settings |= {"ARTICLE_URL": "{date:%Y}/{slug}/"}
    told.settings |= {"ARTICLE_SAVE_AS": "{date:%Y}/{slug}/index.html"}
    said_nothing_but(
        told.build(),
        "  7 articles are at another URL than before; nothing is told again for that.",
    )
    said_nothing_but(told.build())


def test_articles_whose_files_are_all_moved(told: Blog) -> None:
    (told.content / "posts").mkdir()
    for file in told.content.glob("*.md"):
        file.rename(told.content / "posts" / file.name)
    said_nothing_but(told.build())


def test_subsites_that_are_switched_on(told: Blog) -> None:
    told.settings["PLUGINS"] = ["i18n_subsites", "pelican_linkbacks"]
    told.settings["I18N_SUBSITES"] = {"de": {"SITENAME": "Der Blog"}}
    said_nothing_but(
        told.build(), "  1 article is at another URL than before; nothing is told again for that."
    )


def test_subsites_that_repeat_every_article(told: Blog) -> None:
    told.settings["PLUGINS"] = ["i18n_subsites", "pelican_linkbacks"]
    keep = {"I18N_UNTRANSLATED_ARTICLES": "keep"}
    told.settings["I18N_SUBSITES"] = {"de": keep, "fr": keep}
    told.build()
    assert (told.output / "fr" / "young0-en.html").exists()
    said_nothing_but(told.build())


def test_pages_that_are_switched_on(told: Blog) -> None:
    told.write("pages/dated", f"[a post]({told.settings['SITEURL']}x/)", YOUNG)
    told.settings["LINKBACKS_PAGES"] = True
    said_nothing_but(told.build(), "  1 link that may be old is recorded and not told.")


def test_an_ignore_pattern_that_is_loosened(told: Blog) -> None:
    told.settings["LINKBACKS_IGNORED_URLS_PATTERN"] = None
    said_nothing_but(told.build(), old(3))


def test_nofollow_links_that_count_again(told: Blog, neighbour: Neighbour) -> None:
    told.settings["LINKBACKS_SKIP_NOFOLLOW"] = True
    told.write("young0", f'<a rel="nofollow" href="{neighbour.post("nofollow")}">x</a>')
    told.build()
    told.settings["LINKBACKS_SKIP_NOFOLLOW"] = False
    said_nothing_but(told.build(), "  1 link that may be old is recorded and not told.")


def test_an_old_blog_that_is_imported(told: Blog, neighbour: Neighbour) -> None:
    for number in range(40):
        links = f"{neighbour.link(f'{number}a')} {neighbour.link(f'{number}b')}"
        told.write(f"import/old{number}", links, NOW - timedelta(days=31 + 50 * number))
    said_nothing_but(told.build(), old(80))


def test_links_that_are_added_to_many_old_articles_at_once(
    told: Blog, neighbour: Neighbour
) -> None:
    links = " ".join(neighbour.link(f"footer{number}") for number in range(7))
    for number in range(3):
        told.write(f"aged{number}", f"{neighbour.link(f'aged{number}')} {links}", AGED)
    said_nothing_but(
        told.build(),
        "  21 links new at once in old articles are held. To tell them after all, run: "
        "pelican-linkbacks release",
    )


@pytest.fixture
def named(told: Blog) -> Blog:
    """The same blog at a host name, as far as its state is concerned."""
    here, name = told.settings["SITEURL"], "http://us.example"
    told.state_file.write_text(told.state_file.read_text().replace(here, name))
    told.settings |= {"SITEURL": name, "LINKBACKS_CHECK_ONLINE": False}
    said_nothing_but(told.build())
    return told


def test_a_new_domain(named: Blog, neighbour: Neighbour) -> None:
    named.settings["SITEURL"] = "http://new.example"
    named.write("young0", f"{neighbour.link(0)} [my old post](http://us.example/aged0.html)")
    moved = (
        "  SITEURL is http://new.example, but the state is of http://us.example: nothing is sent. "
        "If the site has moved for good, run: pelican-linkbacks moved"
    )
    said_nothing_but(named.build(), moved)
    done = named.module("pelican_linkbacks", "moved")
    assert done.stdout == (
        "The site has moved from http://us.example to http://new.example; the next build sends "
        "again.\n"
    )
    said_nothing_but(named.build())


def test_a_new_domain_whose_new_links_are_kept(named: Blog, neighbour: Neighbour) -> None:
    named.settings["SITEURL"] = "http://new.example"
    named.write("young3", neighbour.link(3))
    assert named.build().said[0] == NOTHING.replace("0 new", "1 new")
    assert named.outcomes()[neighbour.post(3)] == "queued"


def test_a_change_from_http_to_https(named: Blog) -> None:
    named.settings["SITEURL"] = "https://us.example"
    said_nothing_but(
        named.build(),
        "  SITEURL was http://us.example and is https://us.example now; nothing is told again for "
        "that.",
    )
    said_nothing_but(named.build())


def test_a_site_that_moves_into_a_folder(named: Blog) -> None:
    named.settings["SITEURL"] = "http://us.example/blog"
    said_nothing_but(
        named.build(),
        "  SITEURL was http://us.example and is http://us.example/blog now; nothing is told again "
        "for that.",
    )


def test_a_first_build_of_an_old_blog_with_a_thousand_links(
    blog: Blog, neighbour: Neighbour
) -> None:
    for number in range(100):
        links = " ".join(neighbour.link(f"{number}-{link}") for link in range(10))
        blog.write(f"aged{number}", links, AGED)
    said_nothing_but(blog.build(), old(1000))
    assert neighbour.requests == []
    assert len(blog.mentions()) == 1000
