"""What a build does with the plugin, what it says, and that it does no harm to the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.blog import AGED, NO_STATE, Blog, note
from tests.neighbour import Neighbour
from tests.servers import Answer


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def change(blog: Blog, text: str) -> None:
    """Use another plugin that changes the text of all articles before they are written."""
    blog.plugin(
        "changer",
        f"""
        from pelican import signals

        def change(generators):
            for article in generators[0].articles:
                article._content += {text!r}

        def register():
            signals.all_generators_finalized.connect(change)
        """,
    )


@pytest.mark.parametrize("relative", [False, True])
def test_the_site_is_byte_for_byte_what_it_is_without_the_plugin(
    blog: Blog, neighbour: Neighbour, relative: bool
) -> None:
    blog.settings |= {"RELATIVE_URLS": relative, "FEED_ALL_ATOM": "all.xml", "PLUGINS": []}
    blog.write("one", f"[two]({{filename}}two.md) {neighbour.link()} <p>not closed", lang="en")
    blog.write("eins", neighbour.link(), slug="one", lang="de", linkbacks="no")
    blog.write("two", "Text", AGED, trackbacks=f"{neighbour.url}/silent/1/trackback")
    blog.write("draft", neighbour.link(), status="draft")
    blog.write("pages/about", neighbour.link(), None)
    blog.build()
    without = files(blog.output)
    blog.settings |= {"PLUGINS": ["pelican_linkbacks"], "LINKBACKS_PAGES": True}
    blog.build()
    assert files(blog.output) == without
    assert len(without) > 6


@pytest.mark.parametrize("has_state", [False, True])
def test_a_text_that_another_plugin_changes_is_still_written_and_told_as_changed(
    blog: Blog, neighbour: Neighbour, has_state: bool
) -> None:
    if has_state:
        blog.build()
    blog.write("one", "Text")
    change(blog, f'<a href="{neighbour.post()}">added</a>')
    blog.build()
    assert neighbour.post() in (blog.output / "one.html").read_text()
    assert neighbour.told() == [(f"{blog.web.url}/one.html", neighbour.post())]


@pytest.mark.parametrize(
    ("siteurl", "why"),
    [
        ("", "SITEURL is empty, as in development"),
        ("http://localhost:8000", "SITEURL (http://localhost:8000) is a private address"),
        ("http://192.168.1.5", "SITEURL (http://192.168.1.5) is a private address"),
        ("http://[::1]:8000", "SITEURL (http://[::1]:8000) is a private address"),
        ("//me.example", "SITEURL (//me.example) is no absolute http(s) URL"),
        ("/blog", "SITEURL (/blog) is no absolute http(s) URL"),
        ("ftp://me.example", "SITEURL (ftp://me.example) is no absolute http(s) URL"),
    ],
)
def test_a_site_without_a_public_address_sends_and_writes_nothing_and_says_why_in_one_info_line(
    blog: Blog, neighbour: Neighbour, siteurl: str, why: str
) -> None:
    blog.settings["SITEURL"] = siteurl
    blog.settings["LINKBACKS_ALLOW_NETWORKS"] = []
    blog.write("one", neighbour.link(), trackbacks="nonsense")
    build = blog.build()
    assert build.said == []
    assert [line for line in build.info if line.startswith("Linkbacks")] == [
        f"Linkbacks: {why}; nothing is queued or sent."
    ]
    assert not list(blog.folder.glob("linkbacks*"))
    assert not neighbour.requests
    assert not blog.web.requests


def test_a_site_at_a_private_address_is_not_asked_what_it_carries(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.settings |= {"LINKBACKS_ALLOW_NETWORKS": [], "FEED_ALL_ATOM": "all.xml"}
    blog.write("one", neighbour.link())
    assert blog.build().said == []
    assert not blog.web.requests


def spoil_with_foreign_text(blog: Blog) -> None:
    blog.state_file.write_text("These are my notes.\n")


def spoil_with_json_of_others(blog: Blog) -> None:
    blog.state_file.write_text('{"https://me.example/one.html": ["https://you.example/"]}')


def spoil_with_a_folder(blog: Blog) -> None:
    blog.state_file.mkdir()


def spoil_with_a_path_below_a_file(blog: Blog) -> None:
    (blog.folder / "notes").write_text("These are my notes.\n")
    blog.settings["LINKBACKS_CACHEPATH"] = "notes/linkbacks.jsonl"


def spoil_with_a_folder_for_the_lock(blog: Blog) -> None:
    Path(f"{blog.state_file}.lock").mkdir()


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_with_foreign_text,
        spoil_with_json_of_others,
        spoil_with_a_folder,
        spoil_with_a_path_below_a_file,
        spoil_with_a_folder_for_the_lock,
    ],
)
def test_a_state_that_cannot_be_used_is_one_line_and_nothing_is_sent_or_overwritten(
    blog: Blog, neighbour: Neighbour, spoil: object
) -> None:
    assert callable(spoil)
    spoil(blog)
    blog.save_settings()
    before = {name: text for name, text in files(blog.folder).items() if "conf" not in name}
    blog.write("one", neighbour.link())
    build = blog.build()
    (line,) = build.said
    assert line.startswith("Linkbacks: ")
    assert str(blog.folder) in line
    assert build.problems == []
    assert neighbour.post() in (blog.output / "one.html").read_text()
    assert not neighbour.requests
    assert before.items() <= files(blog.folder).items()


def test_a_spoiled_state_does_not_fail_even_a_build_for_which_warnings_are_fatal(
    blog: Blog, neighbour: Neighbour
) -> None:
    spoil_with_foreign_text(blog)
    blog.write("one", neighbour.link())
    done = blog.build_apart("--fatal", "warnings")
    assert done.returncode == 0
    ours, pelicans = done.stdout.splitlines()
    assert ours.startswith(f"Linkbacks: {blog.state_file} is not a state file of pelican_linkbacks")
    assert pelicans.startswith("Done: Processed 1 article")
    assert done.stderr == ""


def test_an_error_of_the_plugin_itself_does_not_fail_the_build_and_forgets_nothing(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.settings["LINKBACKS_SEND"] = False
    blog.write("one", neighbour.link(1))
    blog.build()
    before = blog.state_file.read_bytes()
    # A date that can be compared with no other is what nobody has thought of.
    blog.plugin(
        "spoiler",
        """
        from pelican import signals

        def spoil(generators):
            generators[0].articles[-1].date = "yesterday"

        def register():
            signals.all_generators_finalized.connect(spoil)
        """,
    )
    blog.write("two", neighbour.link(2))
    build = blog.build()
    (line,) = build.said
    assert line.startswith("Linkbacks: an error in pelican_linkbacks itself, TypeError: ")
    assert build.problems == []
    assert neighbour.post(2) in (blog.output / "two.html").read_text()
    assert blog.state_file.read_bytes() == before
    del blog.settings["PLUGINS"][1]
    assert blog.build().summary.startswith("Linkbacks: 1 new, ")


def test_other_sites_that_are_down_or_broken_fail_no_build_for_which_warnings_are_fatal(
    blog: Blog, neighbour: Neighbour
) -> None:
    with Neighbour() as another:
        down = another.post()
    # Libraries warn of headers like this, and of bytes that are in no known encoding.
    neighbour.pages["/odd"] = Answer(
        b"\xff\xfe\x00<a", headers=[("Content-Type", "text/html; charset=nonsense"), ("a b", "c")]
    )
    neighbour.pages["/500"] = Answer("Sorry", 500)
    blog.write("one", f"[a]({down}) [b]({neighbour.url}/odd) [c]({neighbour.url}/500)")
    done = blog.build_apart("--fatal", "warnings")
    assert done.returncode == 0
    assert "Linkbacks: 3 new, 0 sent, 0 waiting, 1 without endpoint, 2 failed." in done.stdout
    assert done.stderr == ""
    assert blog.outcomes()[down] == "failed"


def test_the_same_pelican_may_run_again_as_it_does_when_it_reloads(
    blog: Blog, neighbour: Neighbour
) -> None:
    pelican = blog.pelican()
    blog.write("one", neighbour.link(1))
    assert note(pelican.run).summary.startswith("Linkbacks: 1 new, 1 sent ")
    blog.write("two", neighbour.link(2))
    assert note(pelican.run).summary.startswith("Linkbacks: 1 new, 1 sent ")
    assert note(pelican.run).summary.startswith("Linkbacks: 0 new, 0 sent, ")
    assert len(neighbour.notices) == 2


def test_a_build_that_breaks_off_leaves_nothing_behind_for_the_next(
    blog: Blog, neighbour: Neighbour
) -> None:
    pelican = blog.pelican()
    blog.write("one", neighbour.link(1))
    # Pages are written when the articles are done.
    blog.write("pages/about", "Text", None)
    broken = blog.folder / "theme" / "templates" / "page.html"
    whole = broken.read_text()
    broken.write_text("{{ nothing.at.all }}")
    with pytest.raises(Exception, match="nothing"):
        note(pelican.run)
    broken.write_text(whole)
    (blog.output / "one.html").unlink()
    build = note(pelican.run)
    assert build.summary.startswith("Linkbacks: 1 new, 1 sent ")
    assert "Linkbacks: 1 articles, 1 of them read for links" in build.info


def test_a_build_sums_up_in_one_line_and_says_what_to_do_next(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.web.folder = blog.live
    blog.write("old", neighbour.link("old"), AGED)
    blog.write("one", neighbour.link(1) + neighbour.link(2))
    done = blog.build_apart()
    assert done.stdout.splitlines()[:-1] == [
        "Linkbacks: 2 new, 0 sent, 2 waiting, 0 without endpoint, 0 failed.",
        f"  {blog.web.url}/one.html is not online yet (HTTP 404). After the upload, run: "
        "pelican-linkbacks send --wait 600",
        "  1 link that may be old is recorded and not told.",
        NO_STATE,
    ]


def test_a_verbose_build_lists_each_mention(blog: Blog, neighbour: Neighbour) -> None:
    box = f"{neighbour.post(3, 'silent')}/trackback"
    blog.write("one", f"{neighbour.link(1)} {neighbour.link(2, 'silent')}", trackbacks=box)
    done = blog.build_apart("-v")
    said = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert (
        "Linkbacks: 3 new, 2 sent (1 pingback, 1 trackback), 0 waiting, 1 without endpoint, "
        "0 failed."
    ) in said
    for mention in (
        f"sent by pingback: {neighbour.post(1)} (Pingback from {blog.web.url}/one.html ",
        f"sent by trackback: {box}",
        f"none: {neighbour.post(2, 'silent')}",
    ):
        assert any(mention in line for line in said), mention


def test_what_others_say_is_printed_without_effect_on_the_terminal(
    blog: Blog, neighbour: Neighbour
) -> None:
    answer = (
        "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>17</int>"
        "</value></member><member><name>faultString</name><value>[bold]No[/bold] [/] &#x9b;31m"
        "&#x202e;</value></member></struct></value></fault></methodResponse>"
    )
    neighbour.pages["/xmlrpc"] = Answer(answer, headers=[("Content-Type", "text/xml")])
    blog.write("one", neighbour.link())
    done = blog.build_apart("-v")
    assert "17: [bold]No[/bold] [/] " in done.stdout
    assert all(character.isprintable() for line in done.stdout.splitlines() for character in line)


def test_an_address_that_looks_like_markup_is_printed_as_it_is(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.web.folder = blog.live
    blog.write("one", neighbour.link(), save_as="a[bold]b[/].html", url="a[bold]b[/].html")
    done = blog.build_apart()
    assert f"  {blog.web.url}/a[bold]b[/].html is not online yet (HTTP 404)." in done.stdout


@pytest.mark.usefixtures("fresh_pelican")
def test_a_path_that_could_steer_the_terminal_is_printed_harmlessly(tmp_path: Path) -> None:
    blog = Blog(tmp_path / "\x1b[31mred")
    spoil_with_foreign_text(blog)
    with blog.web:
        (line,) = blog.build().said
    assert line.startswith(rf"Linkbacks: {tmp_path}/\x1b[31mred/linkbacks.jsonl is not ")


def test_a_build_that_may_not_send_only_queues(blog: Blog, neighbour: Neighbour) -> None:
    blog.settings["LINKBACKS_SEND"] = False
    blog.write("one", neighbour.link())
    assert blog.build().said == [
        "Linkbacks: 1 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed.",
        "  1 link is left to the next run, or to: pelican-linkbacks send",
        NO_STATE,
    ]
    assert blog.outcomes() == {neighbour.post(): "queued"}
    assert not neighbour.requests
