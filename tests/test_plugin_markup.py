"""A build whose articles say where they can be told."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from pelican_linkbacks.markup import offered
from tests.blog import NOW, Blog
from tests.test_plugin import files
from tests.test_plugin_subsites import sites

__all__ = ["sites"]

SAY = "https://say.example"
MANIFEST = "linkbacks-targets.json"


@pytest.fixture
def open_blog(blog: Blog) -> Blog:
    """A blog that takes linkbacks, and sends none."""
    blog.settings |= {"LINKBACKS_ENDPOINT": SAY, "LINKBACKS_SEND": False}
    return blog


def says(blog: Blog, name: str) -> set[str]:
    """The protocols that a page of a blog offers."""
    return set(offered((blog.output / name).read_bytes(), f"{blog.web.url}/{name}", 0))


def targets(blog: Blog) -> dict[str, bool]:
    """The paths that the manifest knows, and whether they are open."""
    listed = json.loads((blog.output / MANIFEST).read_bytes())["targets"]
    return {target["path"]: target["open"] for target in listed}


ALL = {"webmention", "pingback", "trackback"}


@pytest.mark.parametrize("siteurl", ["", "/blog", "//us.example", "ftp://us.example"])
def test_a_site_without_an_absolute_address_says_nothing(open_blog: Blog, siteurl: str) -> None:
    open_blog.settings["SITEURL"] = siteurl
    open_blog.settings["LINKBACKS_SHOW_TRACKBACK_URL"] = True
    open_blog.write("one", "Text")
    open_blog.build()
    marked = files(open_blog.output)
    open_blog.settings["PLUGINS"] = []
    open_blog.build()
    assert files(open_blog.output) == marked


def test_only_published_articles_say_anything(open_blog: Blog) -> None:
    open_blog.settings |= {"FEED_ALL_ATOM": "all.xml", "STATIC_PATHS": ["robots.txt"]}
    (open_blog.content / "robots.txt").write_text("</head>")
    open_blog.write("one", "Text")
    open_blog.write("draft", "Text", status="draft")
    open_blog.write("hidden", "Text", status="hidden")
    open_blog.write("later", "Text", NOW + timedelta(days=3))
    open_blog.write("pages/about", "Text", None)
    open_blog.settings["WITH_FUTURE_DATES"] = True
    open_blog.build()
    marked = {name for name, content in files(open_blog.output).items() if SAY.encode() in content}
    assert marked == {"one.html"}
    assert targets(open_blog) == {"one.html": True}


@pytest.mark.parametrize(
    ("word", "names", "is_open"),
    [
        ("no", set(), False),
        ("send", set(), False),
        ("receive", ALL, True),
        ("yes", ALL, True),
        ("perhaps", set(), False),
    ],
)
def test_an_author_opens_and_closes_an_article(
    open_blog: Blog, word: str, names: set[str], is_open: bool
) -> None:
    open_blog.write("one", "Text", linkbacks=word)
    open_blog.build()
    assert says(open_blog, "one.html") == names
    assert targets(open_blog) == {"one.html": is_open}


def test_pages_say_so_if_the_author_wants_that(open_blog: Blog) -> None:
    open_blog.settings["LINKBACKS_PAGES"] = True
    open_blog.write("one", "Text")
    open_blog.write("pages/about", "Text", None)
    open_blog.write("pages/mine", "Text", None, linkbacks="no")
    open_blog.build()
    assert says(open_blog, "pages/about.html") == ALL
    assert says(open_blog, "pages/mine.html") == set()
    assert targets(open_blog) == {
        "one.html": True,
        "pages/about.html": True,
        "pages/mine.html": False,
    }


@pytest.mark.parametrize("siteurl", ["http://localhost:8000", "http://192.168.1.2/blog"])
def test_a_site_that_sends_nothing_for_it_is_private_says_so_all_the_same(
    open_blog: Blog, siteurl: str
) -> None:
    open_blog.settings |= {"SITEURL": siteurl, "LINKBACKS_ALLOW_NETWORKS": []}
    open_blog.write("one", "Text")
    open_blog.build()
    assert f'rdf:about="{siteurl}/one.html"'.encode() in files(open_blog.output)["one.html"]


def test_relative_links_change_nothing_in_what_is_said(open_blog: Blog) -> None:
    open_blog.write("one", "Text", slug="2026/one")
    open_blog.settings["ARTICLE_SAVE_AS"] = "2026/{slug}/index.html"
    open_blog.settings["ARTICLE_URL"] = "2026/{slug}/"
    open_blog.write("two", "Text")
    open_blog.build()
    absolute = (open_blog.output / "2026/two/index.html").read_bytes()
    open_blog.settings["RELATIVE_URLS"] = True
    open_blog.build()
    assert (open_blog.output / "2026/two/index.html").read_bytes() == absolute
    assert f'"{SAY}/trackback/2026/two/"'.encode() in absolute


def test_a_theme_s_own_tag_wins_and_the_others_are_added(open_blog: Blog) -> None:
    template = open_blog.folder / "theme" / "templates" / "article.html"
    template.write_text('<title>a</title><link rel="pingback" href="/mine">{{ article.content }}')
    open_blog.write("one", "Text")
    open_blog.build()
    page = (open_blog.output / "one.html").read_text()
    assert page.count("pingback") == 1
    assert says(open_blog, "one.html") == ALL


def test_a_theme_knows_the_trackback_url(open_blog: Blog) -> None:
    templates = open_blog.folder / "theme" / "templates"
    for name in ("article", "index"):
        (templates / f"{name}.html").write_text(
            "<title>a</title>{% for one in articles or [article] %}"
            "{{ one.content }} [{{ one.trackback_url }}]{% endfor %}"
        )
    open_blog.settings["LINKBACKS_SHOW_TRACKBACK_URL"] = True
    open_blog.write("one", "Text")
    open_blog.build()
    for name in ("one.html", "index.html"):
        page = (open_blog.output / name).read_text()
        assert f"[{SAY}/trackback/one.html]" in page
        assert "<code>" not in page


@pytest.mark.parametrize("relative", [False, True])
def test_the_trackback_url_is_shown_after_the_article_and_in_no_other_file(
    open_blog: Blog, relative: bool
) -> None:
    open_blog.settings |= {"LINKBACKS_SHOW_TRACKBACK_URL": True, "FEED_ALL_ATOM": "all.xml"}
    open_blog.settings |= {"RELATIVE_URLS": relative}
    open_blog.write("one", "Text, and [two]({filename}posts/two.md)")
    open_blog.write("posts/two", "[one]({filename}../one.md)", save_as="posts/two.html")
    open_blog.build()
    page = (open_blog.output / "one.html").read_text()
    assert f'</a></p>\n<p class="trackback-url">Trackback URL: <code>{SAY}/trackback/' in page
    assert {n for n, content in files(open_blog.output).items() if b"trackback-url" in content} == {
        "one.html",
        "posts/two.html",
    }


def test_an_article_that_is_no_html_is_left_alone_with_one_line(open_blog: Blog) -> None:
    (open_blog.folder / "theme" / "templates" / "plain.html").write_text("{{ article.title }}")
    open_blog.write("one", "Text", template="plain", save_as="one.txt")
    open_blog.write("two", "Text", template="plain", save_as="two.txt")
    build = open_blog.build()
    assert files(open_blog.output)["one.txt"] == b"One"
    (line,) = [line for line in build.info if "no HTML" in line]
    assert line.startswith("Linkbacks: 2 files are no HTML")


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("other", ["minify", "image_process"])
def test_other_plugins_that_rewrite_pages_leave_the_markup_as_readers_need_it(
    open_blog: Blog, other: str, last: bool
) -> None:
    order = ["pelican_linkbacks", other] if last else [other, "pelican_linkbacks"]
    open_blog.settings |= {"PLUGINS": order, "IMAGE_PROCESS": {}}
    open_blog.write("one", "Text & text")
    done = open_blog.build_apart()
    assert done.returncode == 0, done.stdout
    assert "Cannot load" not in done.stdout + done.stderr
    page = (open_blog.output / "one.html").read_text()
    assert says(open_blog, "one.html") == ALL
    for name in ALL - {"trackback"}:
        assert page.count(f'<link rel="{name}" href="{SAY}/{name}">') == 1
        assert page.count(f"/{name}") == 1
    assert page.count("<rdf:RDF") == page.count('rel="trackback"') == 1


def test_subsites_say_where_under_the_outermost_and_one_manifest_knows_them_all(
    sites: Blog,
) -> None:
    sites.settings |= {"LINKBACKS_ENDPOINT": SAY, "LINKBACKS_SEND": False}
    sites.write("one", "Text", lang="en")
    sites.write("zwei", "Text", lang="de")
    sites.build()
    assert targets(sites) == {"de/zwei.html": True, "one.html": True}
    assert [file.parent for file in sites.output.rglob(MANIFEST)] == [sites.output]
    page = (sites.output / "de" / "zwei.html").read_text()
    assert f'href="{SAY}/trackback/de/zwei.html"' in page
    assert f'rdf:about="{sites.web.url}/de/zwei.html"' in page
    before = files(sites.output)
    sites.build()
    assert files(sites.output) == before


def test_an_article_that_overwrites_another_file_says_so(open_blog: Blog) -> None:
    open_blog.write("one", "Text", save_as="index.html", url="")
    open_blog.build()
    assert f'rdf:about="{open_blog.web.url}/"' in (open_blog.output / "index.html").read_text()


def test_a_page_that_overwrites_an_article_does_not_say_what_that_said(open_blog: Blog) -> None:
    open_blog.write("one", "Text")
    open_blog.write("pages/about", "Another text", None, save_as="one.html", url="one.html")
    open_blog.build()
    assert "Another text" in (open_blog.output / "one.html").read_text()
    assert says(open_blog, "one.html") == set()


def test_a_manifest_that_cannot_be_written_is_one_line(open_blog: Blog) -> None:
    open_blog.settings["DELETE_OUTPUT_DIRECTORY"] = False
    Path(open_blog.output / MANIFEST).mkdir()
    open_blog.write("one", "Text")
    build = open_blog.build()
    (line,) = [line for line in build.said if MANIFEST in line]
    assert "can't be written" in line
    assert says(open_blog, "one.html") == ALL


def test_an_error_of_the_plugin_itself_fails_no_build(open_blog: Blog) -> None:
    open_blog.plugin(
        "spoiler",
        """
        from pelican import signals

        def spoil(generators):
            generators[0].articles[0].metadata["linkbacks"] = Spoilt()

        class Spoilt:
            def __str__(self):
                raise KeyError("spoilt")

        def register():
            signals.all_generators_finalized.connect(spoil)
        """,
    )
    open_blog.write("one", "Text")
    build = open_blog.build()
    assert all("KeyError" in line for line in build.said)
    assert build.said
    assert says(open_blog, "one.html") == set()


def test_no_header_file_is_written_that_nobody_asked_for(open_blog: Blog) -> None:
    open_blog.write("one", "Text")
    open_blog.build()
    assert {".htaccess", "_headers", "linkbacks.nginx.conf"}.isdisjoint(
        os.listdir(open_blog.output)
    )


def test_header_files_go_with_the_site_and_keep_what_else_they_say(open_blog: Blog) -> None:
    own = "# my own\n/feeds/*\n  Access-Control-Allow-Origin: *\n"
    open_blog.settings |= {
        "LINKBACKS_HEADER_FILES": ["netlify", "apache"],
        "STATIC_PATHS": ["extra"],
        "EXTRA_PATH_METADATA": {"extra/_headers": {"path": "_headers"}},
    }
    (open_blog.content / "extra").mkdir()
    (open_blog.content / "extra" / "_headers").write_text(own)
    open_blog.write("one", "Text")
    open_blog.build()
    headers = (open_blog.output / "_headers").read_text()
    assert headers.startswith(own)
    assert f"/:article\n  X-Pingback: {SAY}/pingback\n" in headers
    assert f"{SAY}/webmention" in (open_blog.output / ".htaccess").read_text()
    open_blog.build()
    assert (open_blog.output / "_headers").read_text() == headers


def test_header_files_say_nothing_any_more_once_there_is_no_endpoint(open_blog: Blog) -> None:
    open_blog.settings["LINKBACKS_HEADER_FILES"] = ["netlify"]
    open_blog.write("one", "Text")
    open_blog.build()
    assert (open_blog.output / "_headers").exists()
    del open_blog.settings["LINKBACKS_ENDPOINT"]
    open_blog.build()
    assert not (open_blog.output / "_headers").exists()


def test_a_header_file_with_damaged_markers_is_left_alone_with_one_line(open_blog: Blog) -> None:
    open_blog.settings |= {
        "LINKBACKS_HEADER_FILES": ["netlify"],
        "DELETE_OUTPUT_DIRECTORY": False,
    }
    open_blog.write("one", "Text")
    open_blog.build()
    file = open_blog.output / "_headers"
    file.write_text(file.read_text().partition("\n")[2])
    damaged = file.read_text()
    (line,) = [line for line in open_blog.build().said if "_headers" in line]
    assert line.startswith(f"Linkbacks: {file} was left alone")
    assert file.read_text() == damaged
