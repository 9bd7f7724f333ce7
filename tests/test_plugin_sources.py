"""Which of a site's articles are told of, and by which address."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.blog import NOW, YOUNG, Blog
from tests.neighbour import Neighbour

TOMORROW = NOW + timedelta(days=1)


def test_a_draft_is_no_source(blog: Blog, neighbour: Neighbour) -> None:
    blog.write("one", neighbour.link(1))
    blog.write("two", neighbour.link(2), status="draft")
    blog.build()
    assert blog.sources() == {"one.md"}
    assert not neighbour.requests[2:]


def test_a_hidden_article_is_no_source(blog: Blog, neighbour: Neighbour) -> None:
    blog.write("one", neighbour.link(1))
    blog.write("two", neighbour.link(2), status="hidden")
    blog.build()
    assert blog.sources() == {"one.md"}


@pytest.mark.parametrize("with_future_dates", [True, False])
def test_an_article_of_tomorrow_is_no_source_yet(
    blog: Blog, neighbour: Neighbour, with_future_dates: bool
) -> None:
    blog.settings["WITH_FUTURE_DATES"] = with_future_dates
    blog.write("one", neighbour.link(1))
    blog.write("two", neighbour.link(2), TOMORROW)
    blog.build()
    assert blog.sources() == {"one.md"}
    blog.write("two", neighbour.link(2), YOUNG)
    blog.build()
    assert blog.sources() == {"one.md", "two.md"}
    assert len(neighbour.notices) == 2


def test_an_article_that_is_not_written_is_no_source(blog: Blog, neighbour: Neighbour) -> None:
    blog.write("one", neighbour.link(1))
    blog.write("two", neighbour.link(2), save_as="")
    blog.build()
    assert blog.sources() == {"one.md"}


def test_an_article_at_an_address_of_another_site_is_no_source(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", neighbour.link(1))
    blog.write("two", neighbour.link(2), url="https://elsewhere.example/two")
    blog.build()
    assert blog.sources() == {"one.md"}


def test_a_page_is_no_source(blog: Blog, neighbour: Neighbour) -> None:
    blog.write("one", neighbour.link(1))
    blog.write("pages/about", neighbour.link(2), None)
    blog.build()
    assert blog.sources() == {"one.md"}


def test_a_page_that_is_read_for_the_first_time_is_recorded_and_its_later_links_are_told(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.settings["LINKBACKS_PAGES"] = True
    blog.write("one", neighbour.link(1))
    blog.write("pages/about", neighbour.link(2), None)
    blog.build()
    assert blog.outcomes() == {neighbour.post(1): "sent", neighbour.post(2): "old"}
    blog.write("pages/about", neighbour.link(2) + neighbour.link(3), None)
    blog.build()
    assert neighbour.told()[1:] == [(f"{blog.web.url}/pages/about.html", neighbour.post(3))]


def test_drafts_and_hidden_pages_are_no_sources(blog: Blog, neighbour: Neighbour) -> None:
    blog.settings["LINKBACKS_PAGES"] = True
    blog.write("pages/about", neighbour.link(1), None)
    blog.write("pages/draft", neighbour.link(2), None, status="draft")
    blog.write("pages/hidden", neighbour.link(3), None, status="hidden")
    blog.build()
    assert blog.sources() == {"pages/about.md"}


def test_an_article_is_told_of_by_the_address_at_which_it_is_published(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.settings |= {
        "ARTICLE_URL": "{date:%Y}/{slug}/",
        "ARTICLE_SAVE_AS": "{date:%Y}/{slug}/index.html",
    }
    blog.write("one", neighbour.link())
    blog.build()
    source = f"{blog.web.url}/{YOUNG:%Y}/one/"
    assert neighbour.told() == [(source, neighbour.post())]
    assert [m.article for m in blog.mentions()] == [f"{YOUNG:%Y}/one/"]


def test_an_address_outside_ascii_is_told_percent_encoded(blog: Blog, neighbour: Neighbour) -> None:
    blog.write("one", neighbour.link(), slug="käse brot")
    blog.build()
    assert neighbour.told() == [(f"{blog.web.url}/k%C3%A4se%20brot.html", neighbour.post())]
    assert [m.article for m in blog.mentions()] == ["k%C3%A4se%20brot.html"]


def test_a_translation_is_a_source_of_its_own(blog: Blog, neighbour: Neighbour) -> None:
    blog.write("one", neighbour.link(1), lang="en")
    blog.write("eins", neighbour.link(1), slug="one", lang="de")
    blog.build()
    assert neighbour.told() == [
        (f"{blog.web.url}/one-de.html", neighbour.post(1)),
        (f"{blog.web.url}/one.html", neighbour.post(1)),
    ]


def test_the_same_article_with_relative_urls_is_told_once_and_by_its_public_address(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.settings["RELATIVE_URLS"] = True
    blog.write(
        "deep/one",
        f"[us]({{filename}}/two.md) {neighbour.link()}",
        save_as="a/one.html",
        url="a/one.html",
    )
    blog.write("two", "Nothing")
    blog.build()
    assert neighbour.told() == [(f"{blog.web.url}/a/one.html", neighbour.post())]
    assert len(blog.mentions()) == 1
    del blog.settings["RELATIVE_URLS"]
    assert blog.build().read == 0
    assert len(neighbour.notices) == len(blog.mentions()) == 1


def test_a_site_below_a_path_tells_with_it_and_knows_its_articles_without_it(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.web.root = "/blog/"
    blog.settings["SITEURL"] = f"{blog.web.url}/blog"
    blog.write("one", neighbour.link())
    blog.build()
    assert neighbour.told() == [(f"{blog.web.url}/blog/one.html", neighbour.post())]
    assert [m.article for m in blog.mentions()] == ["one.html"]


def test_only_what_lies_below_a_sites_path_is_its_own(blog: Blog, neighbour: Neighbour) -> None:
    blog.web.root = "/blog/"
    blog.settings["SITEURL"] = f"{blog.web.url}/blog"
    ours, another = f"{blog.web.url}/blog/old.html", f"{blog.web.url}/blogger/"
    blog.web.pages["/blogger/"] = "<title>Somebody else's</title>"
    blog.write("one", f"[ours]({ours}) [another]({another})")
    blog.build()
    assert blog.outcomes() == {another: "none"}


def test_links_between_articles_are_not_told(blog: Blog, neighbour: Neighbour) -> None:
    blog.write("two", "Nothing")
    blog.write("one", f"[a]({{filename}}two.md) [b]({blog.web.url}/two.html) {neighbour.link()}")
    blog.build()
    assert f'href="{blog.web.url}/two.html">a<' in (blog.output / "one.html").read_text()
    assert list(blog.outcomes()) == [neighbour.post()]


def test_an_article_that_a_plugin_made_from_no_file_is_known_by_its_address(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.plugin(
        "maker",
        f"""
        from datetime import datetime, timezone
        from pelican import signals
        from pelican.contents import Article, Category

        def add(generator):
            metadata = {{
                "title": "Made",
                "date": datetime.fromisoformat("{YOUNG.isoformat()}"),
                "category": Category("made", generator.settings),
            }}
            html = '<a href="{neighbour.post()}">a</a>'
            settings, context = generator.settings, generator.context
            generator.articles.append(Article(html, metadata, settings, None, context))

        def register():
            signals.article_generator_pretaxonomy.connect(add)
        """,
    )
    blog.write("one", "Nothing")
    blog.build()
    assert neighbour.told() == [(f"{blog.web.url}/made.html", neighbour.post())]
    assert blog.sources() == {"made.html"}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_time_zone_of_the_author_decides_what_is_of_tomorrow(
    blog: Blog, neighbour: Neighbour, zone: str
) -> None:
    blog.settings["TIMEZONE"] = zone
    here = datetime.now(ZoneInfo(zone))
    blog.write("past", neighbour.link(1), here - timedelta(hours=1))
    blog.write("future", neighbour.link(2), here + timedelta(hours=1))
    blog.build()
    assert blog.sources() == {"past.md"}


@pytest.mark.parametrize(
    "pattern",
    [
        "{slug}.html",
        "posts/{slug}/",
        "{date:%Y}/{date:%b}/{slug}",
        "{date}-{slug}",
        "{{slug}}/{slug}",
        "{lang}/{category}/{slug}",
        "{author}/{path}",
        "{slug!r}",
        "{mood}/{slug}",
    ],
)
def test_a_url_is_the_one_that_pelican_gives(blog: Blog, pattern: str) -> None:
    for kind in ("ARTICLE", "PAGE"):
        blog.settings |= {f"{kind}_URL": pattern, f"{kind}_LANG_URL": f"in/{pattern}"}
    for name in ("one", "käse brot", "pages/about"):
        blog.write(name, "Text", author="Anna", mood="glad")
    blog.write("eins", "Text", author="Anna", mood="glad", slug="one", lang="de")
    blog.write(
        "two", "Text", author="Anna", mood="glad", url="elsewhere/", save_as="elsewhere.html"
    )
    blog.plugin(
        "comparing",
        """
        from pelican import signals
        from pelican_linkbacks.sources import relative_url

        def compare(generator, writer):
            contents = getattr(generator, "articles", None) or generator.pages
            for content in (*contents, *generator.translations):
                print("same" if relative_url(content) == content.url else "other", content.url)

        def register():
            signals.article_writer_finalized.connect(compare)
            signals.page_writer_finalized.connect(compare)
        """,
    )
    built = blog.build()
    assert [line.partition(" ")[0] for line in built.said if " " in line][:5] == ["same"] * 5
