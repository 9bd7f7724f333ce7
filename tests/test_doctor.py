"""The doctor: what it says of healthy and of sick sites, and that it leaves them as they are."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pelican.settings import read_settings

from pelican_linkbacks import doctor
from pelican_linkbacks.doctor import looking
from pelican_linkbacks.doctor.case import Case
from pelican_linkbacks.doctor.finding import Finding, Level
from pelican_linkbacks.errors import StateError
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.state import State
from tests.blog import AGED, YOUNG, Blog, held_elsewhere
from tests.command import Command, Done
from tests.examination import UNSET, examine, lines, notes, proxied, wrong
from tests.neighbour import Neighbour
from tests.servers import Answer, RawServer, Site, dripping, redirect

FILLING = f"<style>{' ' * 150 * 1024}</style>"
"""As much of a page as WordPress reads."""


@pytest.fixture
def told(blog: Blog, neighbour: Neighbour) -> Blog:
    """A blog that is online, with a link that its neighbour was told of."""
    blog.write("one", neighbour.link())
    blog.build()
    return blog


@pytest.fixture
def waiting(waiting: Blog) -> Blog:
    """A blog that is online, all but its newest article."""
    (waiting.live / "index.html").write_text("The blog")
    return waiting


def change(blog: Blog, **known: Any) -> Mention:
    """Let the state know something else of its only mention."""
    state = State.load(blog.state_file)
    (mention,) = state.mentions()
    changed = replace(mention, **known)
    state.put(changed)
    state.save()
    return changed


def files(folder: Path) -> dict[Path, bytes]:
    """All files of a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_of_a_healthy_site_there_is_nothing_but_good_to_say_and_nothing_is_changed(
    told: Blog, neighbour: Neighbour, command: Command
) -> None:
    told.save_settings()
    before = files(told.folder)
    told.web.requests.clear()
    neighbour.requests.clear()
    assert command("doctor") == Done(
        0,
        [
            "  plugin: pelican_linkbacks is in PLUGINS.",
            f"  settings: SITEURL is {told.web.url}, 1 LINKBACKS_* setting.",
            f"  state: {told.state_file} can be read.",
            "  links: 1 article, 1 link, 1 of them told.",
            f"  site: {told.web.url}/ answers HTTP 200.",
            "  pages: Looked at 1 of 1 page with links that were told or are to be.",
            UNSET,
            "All is well.",
        ],
        [],
    )
    assert files(told.folder) == before
    assert sorted(request.path for request in told.web.requests) == ["/", "/one.html"]
    assert not neighbour.requests


def test_what_is_wrong_is_counted_and_makes_the_command_fail(told: Blog, command: Command) -> None:
    told.settings |= {"LINKBACKS_PROTOCOLS": [], "LINKBACKS_SEND": False}
    told.save_settings()
    done = command("doctor")
    assert (done.status, done.out[-1], done.err) == (1, "1 thing to look at.", [])
    told.settings["LINKBACKS_WORKERS"] = "many"
    told.save_settings()
    done = command("doctor")
    assert (done.status, done.out[-1], done.err) == (1, "2 things to look at.", [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SITEURL = (", "pelicanconf.py can't be read: "),
        ("raise RuntimeError('first\\nsecond')", r"pelicanconf.py can't be read: first\nsecond"),
        ("PATH = 1", "PATH is 1; "),
        (None, "no publishconf.py or pelicanconf.py in this folder; "),
    ],
)
def test_settings_that_cannot_be_read_are_a_finding(
    blog: Blog, command: Command, text: str | None, why: str
) -> None:
    if text is not None:
        blog.settings_file.write_text(text)
    done = command("doctor")
    assert (done.status, len(done.out), done.err) == (1, 2, [])
    assert done.out[0].startswith(f"! settings: {why}")
    assert done.out[1] == "1 thing to look at."


def test_settings_that_pelican_would_never_give_are_a_finding() -> None:
    (finding,) = doctor.examine(dict)
    assert finding.line() == "! settings: This could not be examined: KeyError: 'PATH'."


@pytest.mark.parametrize(
    "settings",
    [
        {"PLUGINS": 5, "SITEURL": 5, "LINKBACKS_CACHEPATH": "a" * 300},
        {"SITEURL": "http://[", "LINKBACKS_CACHEPATH": "."},
        {"SITEURL": "http://us.example:99999", "OUTPUT_PATH": "pelicanconf.py"},
        {"SITEURL": "https://user:word@us.example", "LINKBACKS_CACHEPATH": "/"},
        {"SITEURL": "http://\x1b[2J.example", "PLUGINS": [None, "\x1b", pytest.__name__]},
    ],
)
def test_no_settings_end_in_a_traceback_or_steer_the_terminal(
    blog: Blog, command: Command, settings: dict[str, Any]
) -> None:
    blog.settings |= settings
    blog.save_settings()
    done = command("doctor")
    assert (done.status, done.err) == (1, [])
    assert all(line.isprintable() for line in done.out)
    assert done.out[-1].endswith(" to look at.")


def test_before_the_first_build_no_file_is_made(blog: Blog) -> None:
    blog.save_settings()
    (blog.output / "index.html").write_text("The blog")
    before = files(blog.folder)
    assert [finding.level for finding in examine(blog) if not finding.is_well] == []
    assert notes(blog) == [
        f"- state: There is no {blog.state_file} yet. The first build of the published site makes "
        "it; keep it from then on."
    ]
    assert files(blog.folder) == before


@pytest.mark.parametrize(
    ("settings", "start", "end"),
    [
        ({"SITEURL": ""}, "! settings: SITEURL is empty", "or set SITEURL there."),
        ({"SITEURL": "/blog"}, "! settings: SITEURL (/blog) is no absolute", "SITEURL there."),
        ({"PLUGINS": []}, "! plugin: pelican_linkbacks is not in PLUGINS", "published site."),
        ({"PLUGINS": "pelican_linkbacks"}, "! plugin: pelican_linkbacks is not in", "site."),
        ({"PLUGINS": None}, "! plugin: pelican_linkbacks is not in PLUGINS", "published site."),
        (
            {"PLUGINS": ["linkbacks", "pelican_linkbacks"]},
            "! plugin: linkbacks is in PLUGINS too",
            "known here.",
        ),
        ({"LINKBACKS_WORKRES": 1}, "! settings: LINKBACKS_WORKRES is not", "queues or sends."),
        ({"LINKBACKS_PROXY": "\x1b["}, "! settings: LINKBACKS_PROXY is '\\x1b['", "sends."),
        (
            {"LINKBACKS_TIME_BUDGET": 10},
            "! settings: LINKBACKS_TIME_BUDGET (10 s) is not longer than",
            "run: pelican-linkbacks send --wait 600",
        ),
        ({"LINKBACKS_PROTOCOLS": []}, "! settings: LINKBACKS_PROTOCOLS is empty", "all of them."),
        (
            {"LINKBACKS_FIRST_RUN_DAYS": 0},
            "! settings: LINKBACKS_FIRST_RUN_DAYS is 0",
            "between your builds.",
        ),
        (
            {"LINKBACKS_CERT_VERIFY": False},
            "! settings: LINKBACKS_CERT_VERIFY is False",
            "or name a CA bundle in it.",
        ),
    ],
)
def test_a_setting_that_keeps_links_from_being_told_is_wrong(
    told: Blog, settings: dict[str, Any], start: str, end: str
) -> None:
    told.settings |= settings
    (line,) = wrong(told)
    assert line.startswith(start)
    assert line.endswith(end)


@pytest.mark.parametrize("name", ["LINKBACKS_SEND", "LINKBACKS_CHECK_ONLINE"])
def test_a_setting_that_changes_how_links_are_told_is_worth_knowing(told: Blog, name: str) -> None:
    told.settings[name] = False
    (line,) = notes(told)
    assert line.startswith(f"- settings: {name} is False: ")
    assert not wrong(told)


def test_each_wrong_setting_is_named_and_the_others_still_count(told: Blog) -> None:
    told.settings |= {"LINKBACKS_SEND": 1, "LINKBACKS_WORKERS": 0, "LINKBACKS_PROTOCOLS": ()}
    assert [line.split()[2] for line in wrong(told)] == [
        "LINKBACKS_SEND",
        "LINKBACKS_WORKERS",
        "LINKBACKS_PROTOCOLS",
    ]


def test_the_plugin_may_be_named_by_its_module(told: Blog) -> None:
    settings = {**read_settings(str(told.settings_file)), "PLUGINS": [doctor]}
    assert "not in PLUGINS" in next(doctor.examine(lambda: settings)).text
    settings["PLUGINS"] = [ModuleType("pelican_linkbacks")]
    assert next(doctor.examine(lambda: settings)).level is Level.WELL


@pytest.mark.parametrize("text", ["", "{", "[]\n", '{"version": 99}\n'])
def test_a_state_that_cannot_be_read_is_wrong(told: Blog, text: str) -> None:
    told.state_file.write_text(text)
    with pytest.raises(StateError) as error:
        State.load(told.state_file)
    assert wrong(told) == [f"! state: {error.value}"]
    assert told.state_file.read_text() == text


def test_a_state_inside_the_output_is_wrong(told: Blog) -> None:
    told.settings["LINKBACKS_CACHEPATH"] = "output/linkbacks.jsonl"
    assert wrong(told) == [
        "! state: linkbacks.jsonl is inside OUTPUT_PATH: a build with DELETE_OUTPUT_DIRECTORY "
        "deletes it, and everybody can read it. Name another place in LINKBACKS_CACHEPATH."
    ]


def test_a_state_in_a_folder_that_cannot_be_made_is_wrong(told: Blog) -> None:
    told.settings["LINKBACKS_CACHEPATH"] = "pelicanconf.py/deep/linkbacks.jsonl"
    assert f"! state: {told.settings_file} can't be written to: nothing is sent. Name another " in (
        "\n".join(wrong(told))
    )


def test_a_state_that_another_run_holds_is_wrong(told: Blog) -> None:
    change(told, outcome=Outcome.QUEUED, asked_at=datetime.now(UTC))
    with held_elsewhere(told.state_file):
        assert wrong(told) == [
            "! state: Another run holds linkbacks.jsonl: new links are left to the next run. Let "
            "it end, and look again."
        ]
        # What it is telling at the moment was not told by a run that was killed.
        assert not any("was killed" in line for line in notes(told))


def test_what_killed_runs_have_left_is_worth_knowing(told: Blog) -> None:
    change(told, outcome=Outcome.QUEUED, asked_at=datetime.now(UTC))
    for suffix in ("new", "live"):
        (told.folder / f"linkbacks.jsonl.{suffix}").touch()
    assert notes(told) == [
        "- state: linkbacks.jsonl.new was left by a run that was killed. Delete it.",
        "- state: linkbacks.jsonl.live was left by a first build that broke off. Delete it.",
        "- links: 1 link left to the next run. To tell them now, run: pelican-linkbacks send",
        "- links: A run was killed while it told 1 link. The next build tells them again, or: "
        "pelican-linkbacks send",
    ]
    told.state_file.unlink()
    assert any("The next build goes on from it." in line for line in notes(told))


def git(blog: Blog, *arguments: str) -> None:
    """Run git in the blog's folder."""
    subprocess.run(["git", *arguments], cwd=blog.folder, check=True, capture_output=True)


def test_a_state_that_git_does_not_keep_is_worth_knowing(told: Blog) -> None:
    git(told, "init")
    (line,) = notes(told)
    assert line.startswith("- state: linkbacks.jsonl is not in git: ")
    (told.folder / ".gitignore").write_text("*.jsonl\n")
    (line,) = notes(told)
    assert line.startswith("- state: git ignores linkbacks.jsonl: ")
    git(told, "add", "--force", "linkbacks.jsonl")
    assert not notes(told)


def test_without_git_nothing_is_said_of_it(told: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    git(told, "init")
    monkeypatch.setenv("PATH", str(told.folder))
    assert not notes(told)
    (told.folder / "git").write_text("no program")
    (told.folder / "git").chmod(0o755)
    assert not notes(told)


@pytest.mark.parametrize(
    ("outcome", "level", "line"),
    [
        (
            Outcome.HELD,
            Level.WRONG,
            "! links: 1 link held, since it was so much at once. To tell them after all, run: "
            "pelican-linkbacks release",
        ),
        (
            Outcome.QUEUED,
            Level.NOTE,
            "- links: 1 link left to the next run. To tell them now, run: pelican-linkbacks send",
        ),
        (
            Outcome.UNDECIDED,
            Level.NOTE,
            "- links: 1 link that may be old: the live site could not be asked. The next build "
            "decides by the age of the articles.",
        ),
        (
            Outcome.FAILED,
            Level.NOTE,
            "- links: 1 link that failed, and will be tried again when it is time. To see them, "
            "run: pelican-linkbacks status",
        ),
        (
            Outcome.GAVE_UP,
            Level.NOTE,
            "- links: 1 link given up after failing so often. To try them once more, run: "
            "pelican-linkbacks retry",
        ),
    ],
)
def test_what_is_still_on_its_way_is_counted_with_the_command_to_use(
    told: Blog, outcome: Outcome, level: Level, line: str
) -> None:
    change(told, outcome=outcome)
    assert lines(told, level) == [line]


def test_a_link_from_an_address_that_is_not_ours_can_never_be_told(told: Blog) -> None:
    change(told, outcome=Outcome.QUEUED, source="https://preview.example/one.html")
    (line,) = wrong(told)
    assert line.startswith(
        "! links: 1 link can never be told: https://preview.example/one.html is at none of"
    )


def test_a_site_at_another_host_than_the_state_is_wrong(told: Blog) -> None:
    told.settings["SITEURL"] = told.web.url.replace("127.0.0.1", "localhost")
    assert wrong(told) == [
        f"! links: SITEURL is {told.settings['SITEURL']}, but the state is of {told.web.url}: "
        "nothing is sent. If the site has moved for good, run: pelican-linkbacks moved"
    ]


@pytest.mark.parametrize(
    ("answer", "start"),
    [
        (Answer("Who are you?", 401), "answers HTTP 401. See whether SITEURL is right"),
        (Answer("Sorry", 500), "answers HTTP 500. See whether SITEURL is right"),
        (redirect("http://192.168.1.1/"), "can't be read: http://192.168.1.1/ is a private"),
    ],
)
def test_a_home_page_that_cannot_be_read_is_wrong(told: Blog, answer: Answer, start: str) -> None:
    told.web.pages["/"] = answer
    (line,) = wrong(told)
    assert line.startswith(f"! site: {told.web.url}/ {start}")


def test_a_site_that_is_down_is_two_lines_however_many_pages_it_has(
    told: Blog, neighbour: Neighbour
) -> None:
    for number in range(3):
        told.write(f"more{number}", neighbour.link(number + 2))
    told.build()
    told.settings |= {"SITEURL": "http://127.0.0.1:1"}
    state = State.load(told.state_file)
    for mention in state.mentions():
        path = mention.source.rpartition("/")[2]
        state.put(replace(mention, source=f"http://127.0.0.1:1/{path}"))
    state.siteurl, state.sites = "http://127.0.0.1:1", ("http://127.0.0.1:1",)
    state.save()
    home, pages = wrong(told)
    assert home.startswith("! site: http://127.0.0.1:1/ can't be read: ")
    assert pages.startswith("! pages: No answer: http://127.0.0.1:1/")
    assert " and 3 more pages (" in pages


def test_a_siteurl_that_redirects_is_to_be_spelled_as_the_server_does(blog: Blog) -> None:
    proxied(blog, "http://us.example")
    blog.web.pages["/"] = ""
    blog.web.pages["http://us.example/"] = redirect("http://www.us.example/")
    blog.web.pages["http://www.us.example/"] = "The blog"
    assert wrong(blog) == [
        "! site: http://us.example/ redirects to http://www.us.example/, and WordPress refuses a "
        "source that redirects. Set SITEURL to http://www.us.example."
    ]


@pytest.mark.parametrize(
    "siteurl",
    ["http://BÜCHER.example", "http://us.example:80/%7Eme", f"http://{'u' * 64}.example"],
)
def test_an_address_that_is_only_written_otherwise_is_no_redirect(
    blog: Blog, neighbour: Neighbour, siteurl: str
) -> None:
    proxied(blog, siteurl)
    blog.web.root = "/~me/" if "me" in siteurl else "/"
    blog.write("one", neighbour.link())
    blog.build()
    change(blog, outcome=Outcome.WAITING)
    assert [line.partition(": ")[0] for line in wrong(blog)] == ["! pages"]
    assert not any("edirects" in finding.text for finding in examine(blog))


def test_a_siteurl_that_leads_to_another_host_than_the_state_has_moved(told: Blog) -> None:
    with Site({"/": "The blog"}) as other:
        told.web.pages["/"] = redirect(f"{other.url}/")
        (line,) = wrong(told)
        assert line.endswith(f"Set SITEURL to {other.url}, build, and run: pelican-linkbacks moved")


def test_a_home_page_that_redirects_within_the_site_is_as_it_should_be(told: Blog) -> None:
    told.web.pages |= {"/": redirect("/en/"), "/en/": "The blog"}
    assert not wrong(told)


@pytest.mark.parametrize(("port", "is_wrong"), [(":8443", True), (":8080", False), ("", False)])
def test_a_port_that_wordpress_does_not_look_at_is_wrong(
    blog: Blog, port: str, is_wrong: bool
) -> None:
    proxied(blog, f"http://us.example{port}")
    expected = [
        "! site: SITEURL has port 8443, and WordPress looks at no source on such a port. Serve the "
        "site on 443, 80 or 8080."
    ]
    assert wrong(blog) == (expected if is_wrong else [])


def test_a_page_that_waits_is_worth_knowing_until_it_is_online(
    waiting: Blog, neighbour: Neighbour
) -> None:
    assert not wrong(waiting)
    count, page = notes(waiting)
    assert count.startswith("- links: 1 link waiting for pages to come online. After the upload")
    assert page == (
        "- pages: Not online yet, or without the links that wait to be told: "
        f"{waiting.web.url}/one.html. After the upload, run: pelican-linkbacks send --wait 600"
    )
    waiting.upload()
    assert wrong(waiting) == [
        "! pages: Online now, with links that wait to be told: "
        f"{waiting.web.url}/one.html. Run: pelican-linkbacks send"
    ]
    assert not neighbour.requests


@pytest.mark.parametrize(
    ("answer", "protocol", "level", "start"),
    [
        (Answer("", 404), "webmention", Level.WRONG, "Blogs were told of this page, and it is not"),
        (Answer("", 410), "pingback", Level.NOTE, "Blogs were told of this page, and it is not th"),
        ("<title>One</title>", "webmention", Level.WRONG, "Blogs were told of a link that is not "),
        ("<title>One</title>", "trackback", Level.NOTE, "Blogs were told of a link that is not on"),
        (Answer("", 403), "pingback", Level.WRONG, "Turned away (HTTP 403)"),
        (Answer("", 500), "pingback", Level.WRONG, "Answers HTTP 500"),
    ],
)
def test_a_page_that_blogs_were_told_of_and_that_is_no_longer_so(
    told: Blog, answer: Answer | str, protocol: str, level: Level, start: str
) -> None:
    change(told, protocol=protocol)
    told.web.pages["/one.html"] = answer
    (line,) = lines(told, level)
    assert line.startswith(f"{level.value}pages: {start}")
    assert f": {told.web.url}/one.html. " in line


TITLE = "<title>One</title>"


@pytest.mark.parametrize(
    ("page", "level", "start"),
    [
        (lambda link: f"{link('x')}", Level.WRONG, "Without a <title>"),
        (lambda link: f"<title></title>{link('x')}", Level.WRONG, "Without a <title>"),
        (
            lambda link: f"<title lang=en>One</title>{link('x')}",
            Level.WRONG,
            "With attributes on its <title>",
        ),
        (
            lambda link: f"{TITLE}{FILLING}{link('x')}",
            Level.WRONG,
            "With links beyond its first 150 kB",
        ),
        (
            lambda link: f"{TITLE}{link('<img src=x>')}",
            Level.NOTE,
            "With a link that holds no words",
        ),
    ],
)
def test_a_page_that_wordpress_would_refuse(
    told: Blog,
    neighbour: Neighbour,
    page: Callable[[Callable[[str], str]], str],
    level: Level,
    start: str,
) -> None:
    change(told, outcome=Outcome.FAILED)
    told.web.pages["/one.html"] = page(lambda text: f'<a href="{neighbour.post()}">{text}</a>')
    assert any(line.startswith(f"{level.value}pages: {start}") for line in lines(told, level))
    assert bool(wrong(told)) == (level is Level.WRONG)


def test_a_link_that_was_taken_is_not_judged_by_what_another_program_wants(
    told: Blog, neighbour: Neighbour
) -> None:
    told.web.pages["/one.html"] = f'{TITLE}{FILLING}<a href="{neighbour.post()}"></a>'
    assert not wrong(told)
    assert not notes(told)


def test_a_page_that_redirects_is_wrong_where_it_leaves_the_site(
    waiting: Blog, neighbour: Neighbour
) -> None:
    page = f'{TITLE}<a href="{neighbour.post()}">x</a>'
    waiting.web.pages |= {"/one.html": redirect("/one"), "/one": page}
    assert any(line.startswith("- pages: Redirects, so that blogs") for line in notes(waiting))
    with Site({"/one": page}) as other:
        waiting.web.pages["/one.html"] = redirect(f"{other.url}/one")
        assert any(line.startswith("! pages: Redirects to an addre") for line in wrong(waiting))


def test_only_the_newest_pages_are_looked_at(blog: Blog, neighbour: Neighbour) -> None:
    for number in range(21):
        blog.write(f"post{number}", neighbour.link(number))
    blog.build()
    state = State.load(blog.state_file)
    for mention in state.mentions():
        seen = AGED if mention.article == "post7.html" else YOUNG
        state.put(replace(mention, outcome=Outcome.SENT, first_seen=seen))
    state.save()
    blog.web.requests.clear()
    assert "  pages: Looked at 20 of 21 pages with links that were told or are to be." in lines(
        blog, Level.WELL
    )
    asked = [request.path for request in blog.web.requests]
    assert len(asked) == 21
    assert "/post7.html" not in asked


def test_what_there_is_no_time_for_is_worth_knowing(
    told: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "TIME_LIMIT", 0.0)
    told.web.requests.clear()
    (line,) = wrong(told)
    assert line.startswith(f"! site: {told.web.url}/ can't be read: there was no time for it.")
    assert notes(told) == ["- pages: There was no time for 1 page of them: your server is slow."]
    assert not told.web.requests


def test_a_server_that_hangs_is_asked_no_more_than_it_has_to_be(told: Blog) -> None:
    told.settings["LINKBACKS_REQUEST_TIMEOUT"] = 0.2
    with RawServer(dripping(b"", b"")) as slow:
        state = State.load(told.state_file)
        (mention,) = state.mentions()
        for number in range(6):
            url = f"{slow.url}/{number}"
            state.put(replace(mention, source=url, target=f"https://blog.example/{number}"))
        state.sites = (*state.sites, slow.url)
        state.save()
        (line,) = wrong(told)
        assert line.startswith(f"! pages: No answer: {slow.url}/")
        assert " and 5 more pages (127.0.0.1 " in line
        assert slow.connections < 6


def test_an_examination_that_fails_is_a_finding_and_stops_no_other(
    told: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(case: Case) -> list[Finding]:
        raise RuntimeError("first\nsecond")

    monkeypatch.setitem(doctor.EXAMINATIONS, "state", fail)
    assert wrong(told) == [r"! state: This could not be examined: RuntimeError: first\nsecond."]
    assert f"  site: {told.web.url}/ answers HTTP 200." in lines(told, Level.WELL)
