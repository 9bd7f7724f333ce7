"""The doctor: whether others can find out where to tell the live site."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from pelican_linkbacks.doctor import looking
from pelican_linkbacks.doctor.advertised_page import by_wordpress
from pelican_linkbacks.doctor.finding import Level
from pelican_linkbacks.protocols import pingback, webmention
from pelican_linkbacks.state import State
from tests.blog import NOW, Blog
from tests.command import Command, Done
from tests.examination import UNSET, examine, lines, notes, proxied, wrong
from tests.neighbour import Neighbour
from tests.servers import Answer, RawServer, Received, Site, dripping, redirect

MANIFEST = "/linkbacks-targets.json"


class Receiver(Site):
    """What takes linkbacks for a blog; a GET of a trackback URL leads to the article."""

    def __init__(self, blog: Blog) -> None:
        super().__init__({"/webmention": Answer("", 400), "/pingback": Answer("", 405)})
        self.blog = blog

    def answer(self, received: Received) -> Answer:
        """The answer that ``pages`` names, or that redirect."""
        start, _, path = received.path.partition("/trackback/")
        if start or received.path in self.pages:
            return super().answer(received)
        self.requests.append(received)
        return redirect(f"{self.blog.web.url}/{path}")


@pytest.fixture
def receiver(blog: Blog) -> Iterator[Receiver]:
    """The receiver of the blog."""
    with Receiver(blog) as receiver:
        blog.settings["LINKBACKS_ENDPOINT"] = receiver.url
        yield receiver


@pytest.fixture
def found(blog: Blog, receiver: Receiver) -> Blog:
    """A blog with one article, which everybody can tell."""
    blog.write("one", "Rye, water, salt.")
    blog.build()
    return blog


def said(blog: Blog, level: Level = Level.WRONG) -> list[str]:
    """What is said of a level about being told, without its first word."""
    marks = level.value + "endpoints: ", level.value + "advertised: "
    return [line.partition(": ")[2] for line in lines(blog, level) if line.startswith(marks)]


def change(blog: Blog, old: str, new: str, headers: Iterable[tuple[str, str]] = ()) -> None:
    """Let the server show its only article with other markup."""
    page = (blog.output / "one.html").read_text()
    assert old in page
    blog.web.pages["/one.html"] = Answer(page.replace(old, new), headers=headers)


def tag(receiver: Receiver) -> str:
    """The pingback tag of the blog's pages."""
    return pingback.markup(f"{receiver.url}/pingback")


def test_of_a_site_that_others_can_tell_there_is_nothing_but_good_to_say_and_nobody_is_told(
    found: Blog, receiver: Receiver, command: Command
) -> None:
    found.save_settings()
    found.web.requests.clear()
    receiver.requests.clear()
    assert command("doctor") == Done(
        0,
        [
            "  plugin: pelican_linkbacks is in PLUGINS.",
            f"  settings: SITEURL is {found.web.url}, 2 LINKBACKS_* settings.",
            f"  state: {found.state_file} can be read.",
            "  links: 1 article, 0 links, 0 of them told.",
            f"  site: {found.web.url}/ answers HTTP 200.",
            f"  endpoints: {receiver.url}/webmention answers (HTTP 400).",
            f"  endpoints: {receiver.url}/pingback answers (HTTP 405).",
            f"  endpoints: {receiver.url}/trackback/one.html answers, as the trackback URLs of all "
            "pages that were looked at.",
            "  advertised: Looked at 1 of 1 page open to linkbacks.",
            "All is well.",
        ],
        [],
    )
    assert sorted((request.method, request.path) for request in receiver.requests) == [
        ("GET", "/pingback"),
        ("GET", "/trackback/one.html"),
        ("GET", "/webmention"),
    ]
    # Once more, where the trackback URL leads.
    asked = sorted((request.method, request.path) for request in found.web.requests)
    assert asked == [
        *(("GET", path) for path in ("/", MANIFEST, "/one.html", "/one.html")),
    ]


def test_without_endpoints_nobody_can_tell_the_site(blog: Blog) -> None:
    blog.write("one", "Rye, water, salt.")
    blog.build()
    blog.web.requests.clear()
    assert UNSET in [finding.line() for finding in examine(blog)]
    assert [request.path for request in blog.web.requests] == ["/"]


def test_of_an_endpoint_that_is_wrong_nothing_more_is_said(blog: Blog) -> None:
    blog.settings["LINKBACKS_ENDPOINT"] = "me.example"
    assert UNSET not in [finding.line() for finding in examine(blog)]
    assert any(line.startswith("! settings: LINKBACKS_ENDPOINT is 'me.") for line in wrong(blog))


@pytest.mark.parametrize("siteurl", ["", "/blog"])
def test_a_site_whose_address_is_not_known_is_not_asked(found: Blog, siteurl: str) -> None:
    found.state_file.unlink()
    found.settings["SITEURL"] = siteurl
    found.web.requests.clear()
    assert not said(found)
    assert not found.web.requests


@pytest.mark.parametrize("status", [404, 410])
def test_a_site_online_that_was_built_without_endpoints_is_to_be_uploaded(
    found: Blog, status: int
) -> None:
    found.web.pages |= {MANIFEST: Answer("", status), "/one.html": "<title>One</title>"}
    assert said(found) == [
        f"{found.web.url}{MANIFEST} is not there: the site online was built without endpoints, or "
        "not uploaded whole. Build, and upload the output."
    ]
    assert "Looked at 1 of 1 page known from the state." in said(found, Level.WELL)


def test_without_the_list_the_pages_of_the_state_are_looked_at(
    found: Blog, receiver: Receiver
) -> None:
    found.web.pages[MANIFEST] = Answer("", 404)
    change(found, tag(receiver), '<link rel="pingback" href="https://old.example/">')
    assert len(said(found)) == 2
    assert said(found)[1].startswith("Names https://old.example/ for pingbacks by <link rel=")
    found.web.pages["/one.html"] = Answer("", 404)
    assert len(said(found)) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer("", 500), "answers HTTP 500. Let a receiver read it."),
        ("<title>Welcome</title>", "is not the list that a build writes. Build, and upload"),
        ("[]", "is not the list that a build writes. Build, and upload the output."),
        ('{"targets": [{"url": 1}]}', "is not the list that a build writes. Build, and"),
        ('{"targets": 5}', "is not the list that a build writes. Build, and upload"),
        ("[" * 100_000, "is not the list that a build writes. Build, and upload"),
        (redirect("http://192.168.1.1/"), "can't be read: http://192.168.1.1/ is a private"),
    ],
)
def test_a_list_that_cannot_be_read_is_wrong(found: Blog, answer: Answer | str, why: str) -> None:
    found.web.pages[MANIFEST] = answer
    (line,) = said(found)
    assert line.startswith(f"{found.web.url}{MANIFEST} {why}")


def test_a_list_without_open_pages_is_worth_knowing(blog: Blog, receiver: Receiver) -> None:
    blog.write("one", "Rye, water, salt.", linkbacks="no")
    blog.build()
    assert said(blog, Level.NOTE) == [
        f"{blog.web.url}{MANIFEST} names no page that takes linkbacks. Publish an article without "
        "Linkbacks: no."
    ]
    assert not said(blog)


def test_of_a_very_long_list_the_end_is_not_needed(found: Blog) -> None:
    listed = (found.output / MANIFEST[1:]).read_text()
    (target,) = json.loads(listed)["targets"]
    closed = [json.dumps(target | {"url": "x" * 100, "open": False})] * 6000
    rows = ",\n".join([json.dumps(target), *closed])
    found.web.pages[MANIFEST] = f'{{"version": 1, "targets": [\n{rows}\n]}}\n'
    assert not said(found)
    assert "Looked at 1 of 1 page open to linkbacks." in said(found, Level.WELL)


def test_only_the_newest_open_pages_of_our_own_are_looked_at(
    blog: Blog, receiver: Receiver, neighbour: Neighbour
) -> None:
    for name in ("a", "b", "c", "d", "e"):
        blog.write(name, neighbour.link(name), linkbacks="no" if name == "e" else "yes")
    blog.build()
    state = State.load(blog.state_file)
    for mention in state.mentions():
        age = timedelta(days=9 if mention.article == "d.html" else 1)
        state.put(replace(mention, first_seen=NOW - age))
    state.save()
    listed = json.loads((blog.output / MANIFEST[1:]).read_text())
    with Site() as other:
        foreign = {"url": f"{other.url}/z.html", "path": "z.html", "open": True}
        blog.web.pages[MANIFEST] = json.dumps({"targets": [*listed["targets"], foreign]})
        neighbour.requests.clear()
        assert not said(blog)
        assert "Looked at 3 of 4 pages open to linkbacks." in said(blog, Level.WELL)
        assert not other.requests
    assert not neighbour.requests
    pings = {r.path for r in receiver.requests if r.path.startswith("/trackback/")}
    assert pings == {f"/trackback/{name}.html" for name in "abc"}


@pytest.mark.parametrize(
    ("old", "new", "start"),
    [
        # A minifier after the build.
        ('rel="pingback"', "rel=pingback", "With a pingback tag that WordPress can't read: "),
        ('rel="pingback"', "rel='pingback'", "With a pingback tag that WordPress can't read: "),
        ('<link rel="pingback"', '<link  rel="pingback"', "With a pingback tag that programs miss"),
        ('">\n<link rel="trackback"', '"/ >\n<link rel="trackback"', "With a pingback tag that pr"),
        ("<!--", "", None),
        # What a theme or a host has put there.
        ("<title>", '<link rel="pingback" href="//a.example/"><title>', "Names http://a.example/"),
        (
            "<title>",
            '<link rel="webmention" href="/wm"><title>',
            "Names http://127.0.0.1:{port}/wm for webmentions by <link rel=",
        ),
        ("dc:identifier=", "dc:x=", None),
        (':identifier="http:', ':identifier="https:', None),
        (
            '/one.html" />',
            '/One.html" />',
            "Names {receiver}/trackback/One.html for trackbacks by ",
        ),
        ("{web}/one.html", "http://localhost/one.html", "With RDF that is about http://localhost/"),
        ('rel="webmention"', 'rel="x"', "Does not say where it takes webmentions: "),
    ],
)
def test_a_page_that_says_something_else_than_the_settings(
    found: Blog, receiver: Receiver, old: str, new: str, start: str | None
) -> None:
    known = {"web": found.web.url, "port": found.web.port, "receiver": receiver.url}
    change(found, old.replace("{web}", found.web.url), new)
    begin = start.format(**known) if start else None
    problems = said(found)
    assert [line for line in problems if begin and line.startswith(begin)] == problems[:1]
    assert bool(problems) == bool(start)
    assert all(f": {found.web.url}/one.html. " in line for line in problems)


def test_what_is_only_moved_in_a_tag_makes_wordpress_read_something_else(
    found: Blog, receiver: Receiver
) -> None:
    url = f"{receiver.url}/pingback"
    change(found, tag(receiver), f'<link href="{url}" rel="pingback">')
    assert said(found) == [
        f"With a pingback tag in which WordPress reads {receiver.url}/trackback/one.html: "
        f"{found.web.url}/one.html. It has to be written as {tag(receiver)}, by the theme and by "
        "whatever changes the pages after the build."
    ]
    # Who reads the header first does not come to the tag.
    change(
        found, tag(receiver), f'<link href="{url}" rel="pingback">', headers=[("X-Pingback", url)]
    )
    assert not said(found)
    (line,) = said(found, Level.NOTE)
    assert line.startswith("With a pingback tag in which WordPress reads ")


def test_two_pingback_tags_are_one_too_many(found: Blog, receiver: Receiver) -> None:
    change(found, tag(receiver), tag(receiver) * 2)
    assert not said(found)
    (line,) = said(found, Level.NOTE)
    assert line.startswith("Names its pingback endpoint twice: ")
    change(found, tag(receiver), tag(receiver) + '<link rel="pingback" href="http://a.example/">')
    (line,) = said(found)
    assert line.startswith("With pingback tags that differ, of which each program takes another: ")


def test_a_tag_of_the_theme_is_to_be_taken_out_or_named(blog: Blog, receiver: Receiver) -> None:
    theme = blog.folder / "theme" / "templates" / "article.html"
    own = "https://webmention.io/us.example/webmention"
    theme.write_text(webmention.markup(own) + theme.read_text())
    blog.write("one", "Rye, water, salt.")
    blog.write("two", "Wheat, water, salt.")
    blog.build()
    assert said(blog) == [
        f'Names {own} for webmentions by <link rel="webmention">, not the endpoint of your '
        f"settings: {blog.web.url}/two.html and 1 more page. If this is your theme's own, take it "
        "out, or name it in LINKBACKS_WEBMENTION_ENDPOINT; else build, and upload the output."
    ]


def test_a_protocol_that_the_settings_do_not_name_is_left_to_the_theme(
    blog: Blog, receiver: Receiver
) -> None:
    del blog.settings["LINKBACKS_ENDPOINT"]
    blog.settings["LINKBACKS_PINGBACK_ENDPOINT"] = f"{receiver.url}/pingback"
    theme = blog.folder / "theme" / "templates" / "article.html"
    theme.write_text('<link rel="webmention" href="https://a.example/">' + theme.read_text())
    blog.write("one", "Rye, water, salt.")
    blog.build()
    assert not said(blog)
    assert not said(blog, Level.NOTE)


def test_rdf_is_needed_and_one_description_is_enough(found: Blog) -> None:
    page = (found.output / "one.html").read_text()
    comment = page[page.index("<!--") : page.index("-->") + 3]
    change(found, comment, "")
    (line,) = said(found)
    assert line.startswith("Names its trackback URL in a link only, without the RDF of Tr")
    change(found, comment, comment * 2)
    (line,) = said(found)
    assert line.startswith("With several RDF descriptions, so that a program may take another ")
    change(found, page, "<title>One</title>")
    assert [line.partition(":")[0] for line in said(found)] == [
        f"Does not say where it takes {name}s" for name in ("webmention", "pingback", "trackback")
    ]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("nginx", "For nginx, write 'include' with the path of linkbacks.nginx.conf into "),
        ("apache", "For Apache, upload .htaccess too, set AllowOverride FileInfo and load mod_"),
        ("netlify", "For Netlify and Cloudflare Pages, let _headers be at the top of what is "),
    ],
)
def test_headers_that_are_written_and_not_sent_are_wrong(
    found: Blog, receiver: Receiver, kind: str, words: str
) -> None:
    found.settings["LINKBACKS_HEADER_FILES"] = [kind]
    (line,) = said(found)
    assert line.startswith(
        "Comes without what LINKBACKS_HEADER_FILES is for (X-Pingback and Link): "
        f"{found.web.url}/one.html. {words}"
    )
    link = ("Link", f'<{receiver.url}/webmention>; rel="webmention"')
    change(found, "one", "one", headers=[link])
    (line,) = said(found)
    assert line.startswith("Comes without what LINKBACKS_HEADER_FILES is for (X-Pingback): ")
    change(found, "one", "one", headers=[link, ("X-Pingback", f"{receiver.url}/pingback")])
    assert not said(found)


def test_headers_that_name_another_endpoint_are_wrong(found: Blog) -> None:
    headers = [("X-Pingback", "https://old.example/p"), ("Link", "</w>; rel=webmention")]
    change(found, "one", "one", headers=headers)
    assert [line.partition(", not ")[0] for line in said(found)] == [
        f"Names {found.web.url}/w for webmentions in the Link header",
        "Names https://old.example/p for pingbacks in the X-Pingback header",
    ]


def test_a_page_that_redirects_is_worth_knowing(found: Blog) -> None:
    found.web.pages |= {
        "/one.html": redirect("/one"),
        "/one": (found.output / "one.html").read_text(),
    }
    assert not said(found)
    (line,) = said(found, Level.NOTE)
    assert line == (
        "Redirects, and WordPress, which asks a linked page for its headers first, follows no "
        f"redirect there: {found.web.url}/one.html. Spell ARTICLE_URL as your server does."
    )


def test_a_page_of_the_list_that_is_not_there_is_wrong(found: Blog, receiver: Receiver) -> None:
    found.web.pages["/one.html"] = Answer("", 404)
    assert said(found) == [
        f"Takes linkbacks by the site's list, and answers HTTP 404: {found.web.url}/one.html. "
        "Build, and upload the output."
    ]
    assert not any(request.path.startswith("/trackback/") for request in receiver.requests)


@pytest.mark.parametrize("status", [200, 202, 400, 401, 403, 405, 429])
def test_an_endpoint_may_answer_whatever_a_get_deserves(
    found: Blog, receiver: Receiver, status: int
) -> None:
    for path in ("/webmention", "/pingback", "/trackback/one.html"):
        receiver.pages[path] = Answer("", status)
    assert not said(found)


@pytest.mark.parametrize("status", [404, 410, 500, 502])
def test_an_endpoint_that_is_not_there_is_wrong(
    found: Blog, receiver: Receiver, status: int
) -> None:
    for path in ("/webmention", "/pingback", "/trackback/one.html"):
        receiver.pages[path] = Answer("", status)
    found.settings["LINKBACKS_PINGBACK_ENDPOINT"] = f"{receiver.url}/pingback"
    assert said(found) == [
        f"{receiver.url}/webmention answers HTTP {status}. See whether the receiver runs, and "
        "whether LINKBACKS_ENDPOINT is right.",
        f"{receiver.url}/pingback answers HTTP {status}. See whether the receiver runs, and "
        "whether LINKBACKS_PINGBACK_ENDPOINT is right.",
        f"A trackback URL answers HTTP {status}: {receiver.url}/trackback/one.html. See "
        f"whether the receiver runs and has read {found.web.url}{MANIFEST} since, and whether "
        "LINKBACKS_ENDPOINT is right.",
    ]


def test_an_endpoint_where_nobody_listens_is_wrong(found: Blog) -> None:
    found.settings |= {"LINKBACKS_ENDPOINT": "http://127.0.0.1:1"}
    found.build()
    assert [line.partition(" (")[0] for line in said(found)] == [
        "http://127.0.0.1:1/webmention does not answer",
        "http://127.0.0.1:1/pingback does not answer",
        "A trackback URL does not answer",
    ]


def test_a_slug_that_only_the_build_knows_is_read_from_the_page(
    blog: Blog, receiver: Receiver
) -> None:
    blog.settings["LINKBACKS_TRACKBACK_ENDPOINT"] = f"{receiver.url}/tb?of={{slug}}&in={{path}}"
    receiver.pages["/tb"] = ""
    blog.write("one", "Rye, water, salt.", slug="brød-&-salt", save_as="one.html", url="one.html")
    blog.build()
    assert not said(blog)
    assert "/tb?of=br%C3%B8d-%26-salt&in=one.html" in [
        request.path for request in receiver.requests
    ]
    change(blog, "/tb?of=", "/tb?about=")
    (line,) = said(blog)
    assert line.startswith(f"Names {receiver.url}/tb?about=br%C3%B8d-%26-salt&in=one.html for trac")


def test_an_endpoint_that_only_we_can_reach_is_wrong(blog: Blog) -> None:
    proxied(blog, "http://us.example")
    blog.settings |= {
        "LINKBACKS_ALLOW_NETWORKS": [],
        "LINKBACKS_ENDPOINT": "http://localhost:8001",
        "LINKBACKS_WEBMENTION_ENDPOINT": "http://192.168.1.5/webmention",
    }
    blog.write("one", "Rye, water, salt.")
    blog.build()
    blog.web.requests.clear()
    private = [line for line in said(blog) if "is a private address" in line]
    assert private == [
        "http://192.168.1.5/webmention is a private address, which nobody else can reach. Name a "
        "public one in LINKBACKS_WEBMENTION_ENDPOINT, build, and upload the output.",
        *(
            f"http://localhost:8001/{path} is a private address, which nobody else can reach. "
            "Name a public one in LINKBACKS_ENDPOINT, build, and upload the output."
            for path in ("pingback", "trackback/{path}")
        ),
    ]
    assert {request.path.split("/")[2] for request in blog.web.requests} == {"us.example"}


def test_an_endpoint_that_is_not_encrypted_is_worth_knowing(blog: Blog, receiver: Receiver) -> None:
    proxied(blog, "https://us.example")
    del blog.settings["LINKBACKS_ENDPOINT"]
    blog.settings["LINKBACKS_PINGBACK_ENDPOINT"] = f"{receiver.url}/pingback"
    assert said(blog, Level.NOTE) == [
        f"{receiver.url}/pingback is not encrypted, though your site is. If the receiver can be "
        "reached by https, name it so in LINKBACKS_PINGBACK_ENDPOINT."
    ]


def test_a_site_that_is_down_is_one_line_here(found: Blog, receiver: Receiver) -> None:
    found.settings["SITEURL"] = "http://127.0.0.1:1"
    (line,) = said(found)
    assert line.startswith(f"http://127.0.0.1:1{MANIFEST} can't be read: ")


def test_what_there_is_no_time_for_is_worth_knowing(
    found: Blog, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "TIME_LIMIT", 0.0)
    assert not said(found)
    assert said(found, Level.NOTE) == [
        f"There was no time for {receiver.url}/webmention.",
        f"There was no time for {receiver.url}/pingback.",
        f"There was no time for {found.web.url}{MANIFEST}: your server is slow.",
    ]


def test_an_article_that_hangs_is_one_line(found: Blog) -> None:
    found.settings["LINKBACKS_REQUEST_TIMEOUT"] = 0.2
    with RawServer(dripping(b"", b"")) as slow:
        state = State.load(found.state_file)
        state.sites = (*state.sites, slow.url)
        state.save()
        targets = [{"url": f"{slow.url}/{n}", "path": str(n), "open": True} for n in range(3)]
        found.web.pages[MANIFEST] = json.dumps({"targets": targets})
        (line,) = said(found)
    assert line.startswith(f"No answer: {slow.url}/2 and 2 more pages (")


def test_pages_of_a_slow_server_are_left_out_when_the_time_is_over(
    found: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "TIME_LIMIT", 2.0)
    found.settings["LINKBACKS_PER_HOST"] = 1
    with RawServer(dripping(b"", b"")) as slow:
        state = State.load(found.state_file)
        state.sites = (*state.sites, slow.url)
        state.save()
        targets = [{"url": f"{slow.url}/{n}", "path": str(n), "open": True} for n in range(3)]
        found.web.pages[MANIFEST] = json.dumps({"targets": targets})
        assert said(found, Level.NOTE) == ["There was no time for 2 pages: your server is slow."]
        assert slow.connections == 1


def test_a_tag_in_a_comment_is_read_by_those_who_look_for_letters(
    found: Blog, receiver: Receiver
) -> None:
    old = pingback.markup("https://old.example/")
    change(found, "<title>", f"<!-- {old} --><title>")
    (line,) = said(found)
    assert line.startswith("With a pingback tag in which WordPress reads https://old.example/: ")


def test_no_page_or_list_steers_the_terminal(found: Blog, command: Command) -> None:
    evil = "\x1b]2;x\x07\u202e"
    change(found, 'rel="pingback"', f"rel='pingback' x=\"{evil}\" href='{evil}{'y' * 999}'")
    listed = json.loads((found.output / MANIFEST[1:]).read_text())
    listed["targets"].append({"url": f"{found.web.url}/{evil}", "path": evil, "open": True})
    found.web.pages[MANIFEST] = json.dumps(listed)
    found.save_settings()
    done = command("doctor")
    assert (done.status, done.err) == (1, [])
    assert all(line.isprintable() and len(line) < 500 for line in done.out)
    assert not notes(found)


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ('<p><link rel="pingback" href="a\'b">', "a'b"),
        ("<p><link rel='pingback' href='a\"b'>", 'a"b'),
        ("<p>rel='pingback' href='a' rel=\"pingback\" href=\"b\"", "b"),
        ('<p><link href="a" rel="pingback"><a href="b">', "b"),
        ('<p><link rel="pingback" href="a&amp;b">', "a&amp;b"),
        ('<p><link REL="pingback" href="a">', ""),
        ('<p><link rel="pingback">', ""),
        ('<p><link rel="pingback" href="a', ""),
        ("", ""),
    ],
)
def test_how_wordpress_reads_a_page(page: str, url: str) -> None:
    assert by_wordpress(page.encode()) == url
