"""A build whose articles show what others say of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from pelican_linkbacks.received.sections import FILE_NAME
from tests.blog import TEMPLATES, Blog
from tests.servers import Answer, Received, Site
from tests.test_plugin import files
from tests.test_plugin_subsites import sites

__all__ = ["sites"]

FILE = "mentions.json"


def mention(target: str, source: str = "https://blog.example/loaf", **more: str) -> dict[str, str]:
    """An approved mention, as a receiver lists it."""
    known = {
        "protocol": "webmention",
        "kind": "mention",
        "source": source,
        "url": source,
        "target": target,
        "title": "A loaf & more",
        "author": "Anna",
        "excerpt": "This week I tried <their> rye",
        "published": "2026-11-20T23:30:00Z",
        "received": "2026-11-21T10:00:00Z",
    }
    return known | more


def document(*mentions: dict[str, str]) -> str:
    """A receiver's list."""
    return json.dumps({"version": 1, "mentions": mentions})


def receive(blog: Blog, *mentions: dict[str, str]) -> None:
    """Let a file hold what a blog has received."""
    blog.settings["LINKBACKS_RECEIVED"] = FILE
    (blog.folder / FILE).write_text(document(*mentions))


def page(blog: Blog, name: str = "rye.html") -> str:
    """A page that was built."""
    return (blog.output / name).read_text(encoding="utf-8")


def sections(html: str) -> list[str]:
    """The mentions that a page shows."""
    return re.findall(r'<section class="linkbacks".*?</section>', html, re.DOTALL)


@pytest.fixture
def quiet_blog(blog: Blog) -> Blog:
    """A blog that tells nobody anything, with two articles."""
    blog.settings["LINKBACKS_SEND"] = False
    blog.write("rye", "Rye, water, salt.")
    blog.write("spelt", "Spelt, water, salt.")
    return blog


# What must be left alone.


def test_articles_without_mentions_are_byte_for_byte_what_they_were(quiet_blog: Blog) -> None:
    blog = quiet_blog
    blog.settings["FEED_ALL_ATOM"] = "all.xml"
    blog.build()
    before = files(blog.output)
    receive(blog, mention(f"{blog.web.url}/rye.html"), mention(f"{blog.web.url}/nowhere.html"))
    blog.build()
    after = files(blog.output)

    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"rye.html"}
    assert len(sections(page(blog))) == 1


def test_nothing_is_shown_where_that_is_switched_off(quiet_blog: Blog) -> None:
    receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.settings["LINKBACKS_SHOW"] = False
    quiet_blog.build()
    assert sections(page(quiet_blog)) == []


def test_what_a_theme_prints_itself_is_not_shown_twice(quiet_blog: Blog) -> None:
    receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    template(
        quiet_blog,
        "{{ article.content }}{% for one in article.linkbacks %}"
        '<a href="{{ one.url }}">{{ one.title }}</a>{% endfor %}',
    )
    quiet_blog.build()
    assert sections(page(quiet_blog)) == []
    assert '<a href="https://blog.example/loaf">A loaf &amp; more</a>' in page(quiet_blog)


def test_what_is_shown_is_no_link_of_ours(blog: Blog) -> None:
    blog.write("rye", "Rye, water, salt.")
    blog.build()
    state = blog.state_file.read_bytes()
    receive(blog, mention(f"{blog.web.url}/rye.html"))

    built = blog.build()

    assert built.summary.startswith("Linkbacks: 0 new")
    assert blog.mentions() == []
    assert blog.state_file.read_bytes() == state
    assert len(sections(page(blog))) == 1


def test_feeds_and_indexes_do_not_show_them(quiet_blog: Blog) -> None:
    blog = quiet_blog
    receive(blog, mention(f"{blog.web.url}/rye.html"))
    blog.settings |= {"FEED_ALL_ATOM": "all.xml", "FEED_ALL_RSS": "all.rss"}
    blog.build()
    for name in ("all.xml", "all.rss", "index.html"):
        assert "blog.example" not in page(blog, name)


def test_drafts_and_hidden_articles_show_nothing(quiet_blog: Blog) -> None:
    blog = quiet_blog
    blog.write("draft", "Draft.", status="draft")
    blog.write("hidden", "Hidden.", status="hidden")
    places = ["drafts/draft.html", "hidden.html"]
    receive(blog, *(mention(f"{blog.web.url}/{place}") for place in places))
    blog.build()
    assert [sections(page(blog, place)) for place in places] == [[], []]


# What must happen.


def test_a_mention_is_shown_after_its_article(quiet_blog: Blog) -> None:
    receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.settings["DEFAULT_DATE_FORMAT"] = "%Y/%m/%d"
    quiet_blog.settings["TIMEZONE"] = "Europe/Berlin"
    quiet_blog.build()

    (section,) = sections(page(quiet_blog))
    assert f"<p>Rye, water, salt.</p>\n{section}\n" in page(quiet_blog)
    assert "<h2>Responses</h2>" in section
    assert 'href="https://blog.example/loaf" rel="nofollow ugc"' in section
    assert "A loaf &amp; more</a>" in section
    assert "Anna</span>, <bdi>blog.example</bdi>" in section
    assert 'datetime="2026-11-20 23:30:00+00:00">2026/11/21</time>' in section
    assert "This week I tried &lt;their&gt; rye" in section


def test_a_time_of_day_is_that_of_the_mention(quiet_blog: Blog) -> None:
    here, there = f"{quiet_blog.web.url}/rye.html", "https://blog.example"
    times = {f"{there}/{at}": f"2026-11-20T{at}:30:00Z" for at in ("08", "09")}
    receive(quiet_blog, *(mention(here, url, url=url, published=t) for url, t in times.items()))
    quiet_blog.settings["DEFAULT_DATE_FORMAT"] = "%d.%m., %-H h %M"
    quiet_blog.build()
    assert re.findall(">([^<]*)</time>", "".join(sections(page(quiet_blog)))) == [
        "20.11., 8 h 30",
        "20.11., 9 h 30",
    ]


@pytest.mark.parametrize("is_received", [False, True])
def test_nothing_that_speaks_http_is_loaded_for_a_file_or_for_nothing(
    quiet_blog: Blog, is_received: bool
) -> None:
    # The first build asks the live site which links are old.
    quiet_blog.build()
    if is_received:
        receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.save_settings()
    built = quiet_blog.python(
        "-c",
        "import sys; from pelican import main\n"
        f"main(['-q', '-s', {quiet_blog.settings_file.name!r}])\n"
        "print({'requests', 'urllib3'} & sys.modules.keys())",
    )
    assert built.stdout.endswith("set()\n"), built.stderr
    assert len(sections(page(quiet_blog))) == is_received


def test_two_builds_show_the_same(quiet_blog: Blog) -> None:
    receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.build()
    before = files(quiet_blog.output)
    quiet_blog.build()
    assert files(quiet_blog.output) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"DEFAULT_DATE_FORMAT": "%Y/%m/%d"},
        {"TIMEZONE": "Europe/Berlin"},
        {"LINKBACKS_REL": "ugc"},
        {"LINKBACKS_FOLLOW": ["blog.example"]},
        {"DEFAULT_LANG": "de"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_section_is_made_anew_when_a_setting_changes_it(
    quiet_blog: Blog, changed: dict[str, Any]
) -> None:
    receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.build()
    before = sections(page(quiet_blog))
    quiet_blog.settings |= changed
    quiet_blog.build()
    assert len(before) == len(sections(page(quiet_blog))) == 1
    assert sections(page(quiet_blog)) != before


def test_a_section_is_made_anew_when_its_mentions_change(quiet_blog: Blog) -> None:
    target = f"{quiet_blog.web.url}/rye.html"
    for title in ("A loaf", "A cake"):
        receive(quiet_blog, mention(target, title=title))
        quiet_blog.build()
        assert title in page(quiet_blog)


def test_dates_that_the_author_writes_himself_are_written_anew_each_time(quiet_blog: Blog) -> None:
    receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    plugins = quiet_blog.settings["PLUGINS"]
    for day in ("today", "tomorrow"):
        quiet_blog.settings["PLUGINS"] = plugins
        quiet_blog.plugin(
            f"writes_{day}",
            f"""
            from pelican import signals

            def change(generator):
                generator.env.filters["strftime"] = lambda when, form: {day!r}

            def register():
                signals.generator_init.connect(change)
            """,
        )
        quiet_blog.build()
        assert f">{day}</time>" in page(quiet_blog)


def test_what_is_remembered_is_not_made_again(quiet_blog: Blog) -> None:
    receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.build()
    file = quiet_blog.folder / "cache" / FILE_NAME
    remembered = file.read_bytes()
    assert b"A loaf &amp; more" in remembered
    file.write_bytes(remembered.replace(b"A loaf", b"A cake"))
    quiet_blog.build()
    assert "A cake &amp; more" in page(quiet_blog)


def test_mentions_stand_beside_the_tags_and_the_trackback_url(quiet_blog: Blog) -> None:
    blog = quiet_blog
    receive(blog, mention(f"{blog.web.url}/rye.html"))
    blog.settings |= {
        "LINKBACKS_ENDPOINT": "https://say.example",
        "LINKBACKS_SHOW_TRACKBACK_URL": True,
    }
    blog.build()
    html = page(blog)
    assert '<link rel="pingback" href="https://say.example/pingback">' in html
    assert html.index("Trackback URL: ") < html.index("<h2>Responses</h2>")


def test_the_words_are_in_the_language_of_the_article(quiet_blog: Blog) -> None:
    quiet_blog.write("roggen", "Roggen.", lang="de")
    receive(
        quiet_blog,
        mention(f"{quiet_blog.web.url}/rye.html"),
        mention(f"{quiet_blog.web.url}/roggen-de.html", kind="reply"),
    )
    quiet_blog.build()
    assert "<h2>Responses</h2>" in page(quiet_blog)
    assert "<h2>Reaktionen</h2>" in page(quiet_blog, "roggen-de.html")
    assert "Antwort: " in page(quiet_blog, "roggen-de.html")


def test_rel_is_what_the_author_says_and_spared_where_he_says(quiet_blog: Blog) -> None:
    target = f"{quiet_blog.web.url}/rye.html"
    receive(quiet_blog, mention(target), mention(target, "https://www.friend.example/1"))
    quiet_blog.settings |= {"LINKBACKS_REL": "ugc", "LINKBACKS_FOLLOW": ["friend.example"]}
    quiet_blog.build()
    (section,) = sections(page(quiet_blog))
    assert re.findall(r'<a [^>]*href="(.*?)"(?: rel="(.*?)")?', section) == [
        ("https://blog.example/loaf", "ugc"),
        ("https://www.friend.example/1", ""),
    ]


@pytest.mark.parametrize("where", ["theme/templates", "overrides"])
def test_a_site_or_its_theme_may_have_a_template_of_its_own(quiet_blog: Blog, where: str) -> None:
    folder = quiet_blog.folder / where
    folder.mkdir(exist_ok=True)
    (folder / "linkbacks.html").write_text(
        "<ol>{% for one in mentions %}<li>{{ one.title }} to {{ article.title }} of {{ SITENAME }}"
        "{% endfor %}</ol>"
    )
    quiet_blog.settings["THEME_TEMPLATES_OVERRIDES"] = [str(quiet_blog.folder / "overrides")]
    receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.build()
    assert "<ol><li>A loaf &amp; more to Rye of The blog</ol>" in page(quiet_blog)


def test_a_template_that_can_not_be_used_is_named_and_no_build_fails(quiet_blog: Blog) -> None:
    (quiet_blog.folder / "theme/templates/linkbacks.html").write_text("{% for %}")
    receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.settings["LINKBACKS_ENDPOINT"] = "https://say.example"
    built = quiet_blog.build()
    (said,) = [line for line in built.said if "linkbacks.html" in line]
    assert "Traceback" not in said
    assert 'rel="pingback"' in page(quiet_blog)
    assert 'rel="pingback"' in page(quiet_blog, "spelt.html")


def test_an_article_is_known_under_the_addresses_that_the_site_once_had(quiet_blog: Blog) -> None:
    receive(quiet_blog, mention("http://former.example/rye.html"))
    quiet_blog.build()
    assert len(sections(page(quiet_blog))) == 1


def test_a_site_without_an_address_shows_them_too(quiet_blog: Blog) -> None:
    receive(quiet_blog, mention("https://us.example/rye.html"))
    quiet_blog.settings["SITEURL"] = ""
    quiet_blog.build()
    assert len(sections(page(quiet_blog))) == 1


def test_subsites_show_theirs(sites: Blog) -> None:
    sites.write("zwei", "Zwei.", lang="de")
    receive(sites, mention(f"{sites.web.url}/de/zwei.html"))
    sites.build()
    assert len(sections(page(sites, "de/zwei.html"))) == 1


# Where they come from.


@pytest.fixture
def receiver() -> Iterator[Site]:
    """A receiver's list."""
    with Site() as site:
        yield site


def test_they_are_asked_for_once_a_build_and_only_if_they_have_changed(
    quiet_blog: Blog, receiver: Site
) -> None:
    listed = document(mention(f"{quiet_blog.web.url}/rye.html"))

    def answer(received: Received) -> Answer:
        known = received.headers["If-None-Match"] == '"1"'
        return Answer(status=304) if known else Answer(listed, headers=[("ETag", '"1"')])

    receiver.pages["/received.json"] = answer
    quiet_blog.settings["LINKBACKS_ENDPOINT"] = receiver.url
    for _ in range(2):
        quiet_blog.build()
        assert len(sections(page(quiet_blog))) == 1
    asked = [request for request in receiver.requests if request.path == "/received.json"]
    assert [request.headers["If-None-Match"] for request in asked] == [None, '"1"']


def test_what_was_received_last_is_shown_where_nobody_answers(
    quiet_blog: Blog, receiver: Site
) -> None:
    receiver.pages["/received.json"] = document(mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.settings["LINKBACKS_RECEIVED"] = receiver.url
    quiet_blog.build()
    before = page(quiet_blog)
    receiver.pages["/received.json"] = Answer("broken", 500)

    built = quiet_blog.build()

    assert page(quiet_blog) == before
    assert built.problems == []
    (line,) = [line for line in built.info if "LINKBACKS_RECEIVED" in line]
    assert "HTTP 500; the 1 mention that it had last is shown" in line


def test_a_mention_that_is_there_no_more_is_shown_no_more(quiet_blog: Blog, receiver: Site) -> None:
    receiver.pages["/received.json"] = document(mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.settings["LINKBACKS_RECEIVED"] = receiver.url
    quiet_blog.build()
    receiver.pages["/received.json"] = document()
    quiet_blog.build()
    assert sections(page(quiet_blog)) == []


def template(blog: Blog, article: str) -> None:
    """Give a blog's theme another template for articles."""
    text = TEMPLATES["article.html"]
    assert "{{ article.content }}" in text
    file = blog.folder / "theme/templates/article.html"
    file.write_text(text.replace("{{ article.content }}", article))


def test_a_plan_leaves_what_is_remembered_as_it_is(quiet_blog: Blog, command: Any) -> None:
    receive(quiet_blog, mention(f"{quiet_blog.web.url}/rye.html"))
    quiet_blog.build()
    before = files(quiet_blog.folder)
    assert any(name.endswith(FILE_NAME) for name in before)
    assert command("plan").status == 0
    assert files(quiet_blog.folder) == before


def test_a_plan_asks_nobody(quiet_blog: Blog, receiver: Site, command: Any) -> None:
    quiet_blog.settings["LINKBACKS_RECEIVED"] = receiver.url
    quiet_blog.save_settings()
    before = files(quiet_blog.folder)
    assert command("plan").status == 0
    assert receiver.requests == []
    assert files(quiet_blog.folder) == before
