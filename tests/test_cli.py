"""The command: what it prints where, its exit status, and that it keeps what it has done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pelican_linkbacks import __version__
from tests.apart import environment
from tests.blog import AGED, Blog, held_elsewhere
from tests.command import Command, Done
from tests.neighbour import Neighbour
from tests.servers import Answer, Received


def test_help_tells_the_commands_and_goes_to_standard_output(command: Command) -> None:
    done = command.misused("--help")
    assert done.status == 0
    assert done.err == []
    listed = {line.split()[0] for line in done.out if line.strip()}
    assert {"status", "discover", "send", "retry", "release", "forget", "moved"} <= listed
    assert max(map(len, done.out)) <= 80


@pytest.mark.parametrize("name", ["status", "send", "retry", "release", "forget", "moved"])
def test_the_help_of_each_command_says_with_which_status_it_exits(
    command: Command, name: str
) -> None:
    done = command.misused(name, "--help")
    assert done.status == 0
    assert "exit status" in " ".join(done.out)


def test_the_version_is_that_of_the_package(command: Command) -> None:
    assert command.misused("--version").out == [f"pelican-linkbacks {__version__}"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sned"],
        ["status", "a", "b"],
        ["forget"],
        ["-s"],
        ["send", "--wait"],
        ["send", "--what"],
    ],
    ids=" ".join,
)
def test_what_is_no_command_is_a_usage_error(command: Command, arguments: list[str]) -> None:
    done = command.misused(*arguments)
    assert (done.status, done.out) == (2, [])
    assert done.err[0].startswith("usage: pelican-linkbacks")


@pytest.mark.parametrize("seconds", ["soon", "-1", "nan", ""])
def test_what_is_no_time_to_wait_is_a_usage_error_that_shows_it(
    command: Command, seconds: str
) -> None:
    done = command.misused("send", f"--wait={seconds}")
    assert done.status == 2
    assert done.err[-1].endswith(f"argument --wait: {seconds!r} is not a number of seconds")


def test_a_folder_without_settings_is_one_line(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert command("status") == Done(
        1,
        [],
        [
            "pelican-linkbacks: no publishconf.py or pelicanconf.py in this folder; name your "
            "Pelican settings file with -s."
        ],
    )


def test_a_settings_file_that_is_not_there_is_one_line(command: Command) -> None:
    done = command("-s", "no.py", "status")
    assert done == Done(
        1,
        [],
        ["pelican-linkbacks: no.py is not there; name your Pelican settings file with -s."],
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SITEURL = (", "'(' was never closed"),
        ("import nothing_of_this_name", "No module named 'nothing_of_this_name'"),
        ("raise RuntimeError('first\\nsecond')", r"first\nsecond"),
    ],
)
def test_settings_that_cannot_be_read_are_one_line(command: Command, text: str, why: str) -> None:
    Path("broken.py").write_text(text)
    done = command("-s", "broken.py", "status")
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert done.err[0].startswith(f"pelican-linkbacks: broken.py can't be read: {why}")


def test_each_wrong_setting_is_one_line(blog: Blog, command: Command) -> None:
    blog.settings |= {"LINKBACKS_WORKERS": 0, "LINKBACKS_PAGE": True}
    blog.save_settings()
    done = command("send")
    assert (done.status, done.out) == (1, [])
    assert sorted(done.err) == [
        "pelican-linkbacks: LINKBACKS_PAGE is not a setting of pelican_linkbacks; did you mean "
        "LINKBACKS_PAGES?",
        "pelican-linkbacks: LINKBACKS_WORKERS is 0; it takes a whole number from 1 to 1000000.",
    ]


@pytest.mark.parametrize(
    "words", ["status", "status --json", "send", "retry", "forget x", "release", "moved"]
)
def test_without_a_state_each_command_says_so_in_one_line_and_makes_none(
    blog: Blog, command: Command, words: str
) -> None:
    blog.save_settings()
    done = command(*words.split())
    assert (done.status, done.out) == (1, [])
    assert done.err == [
        f"pelican-linkbacks: There is no state file at {blog.state_file} yet: the first build of "
        "the published site makes it."
    ]
    assert not blog.state_file.exists()


@pytest.mark.parametrize("words", ["status", "send", "retry", "forget x", "release", "moved"])
def test_a_state_that_cannot_be_read_is_one_line_and_is_left_alone(
    blog: Blog, command: Command, words: str
) -> None:
    blog.save_settings()
    blog.state_file.write_text("These are my notes.\n")
    done = command(*words.split())
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert "is not a state file of pelican_linkbacks" in done.err[0]
    assert blog.state_file.read_text() == "These are my notes.\n"


@pytest.fixture
def held(waiting: Blog) -> Iterator[None]:
    """The state is held by another process."""
    with held_elsewhere(waiting.state_file):
        yield


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("words", ["send", "retry", "forget one.html", "release", "moved"])
def test_a_state_that_another_run_holds_is_one_line(
    waiting: Blog, command: Command, words: str
) -> None:
    before = waiting.state_file.read_bytes()
    done = command(*words.split())
    assert (done.status, done.out) == (1, [])
    assert done.err == [
        f"pelican-linkbacks: Another run is sending with {waiting.state_file}; new links are left "
        "to the next run."
    ]
    assert waiting.state_file.read_bytes() == before


@pytest.mark.usefixtures("held")
def test_the_status_is_told_even_while_another_run_sends(waiting: Blog, command: Command) -> None:
    assert command("status").status == 0


def test_the_published_sites_settings_are_read_before_the_development_sites(
    blog: Blog, command: Command
) -> None:
    blog.write("one", "Text")
    blog.build()
    Path("publishconf.py").write_text("LINKBACKS_CACHEPATH = 'other.jsonl'\nPATH = 'content'\n")
    assert f"{blog.folder / 'other.jsonl'} yet" in command("status").err[0]
    assert command("-s", "pelicanconf.py", "status").status == 0


def test_send_has_nothing_to_say_where_nothing_waits(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("one", neighbour.link())
    blog.build()
    before = blog.state_file.read_bytes()
    neighbour.requests.clear()
    assert command("send") == Done(
        0, ["Linkbacks: 0 sent, 0 waiting, 0 without endpoint, 0 failed."], []
    )
    assert blog.state_file.read_bytes() == before
    assert not neighbour.requests


def test_send_looks_once_and_fails_while_a_page_is_not_online(
    waiting: Blog, neighbour: Neighbour, command: Command
) -> None:
    waiting.web.requests.clear()
    assert command("send") == Done(
        1,
        [
            "Linkbacks: 0 sent, 1 waiting, 0 without endpoint, 0 failed.",
            f"  {waiting.web.url}/one.html is not online yet (HTTP 404)",
        ],
        [],
    )
    assert len(waiting.web.requests) == 1
    assert not neighbour.requests


def test_send_tells_what_has_come_online(
    waiting: Blog, neighbour: Neighbour, command: Command
) -> None:
    waiting.upload()
    assert command("send") == Done(
        0, ["Linkbacks: 1 sent (1 pingback), 0 waiting, 0 without endpoint, 0 failed."], []
    )
    assert neighbour.told() == [(f"{waiting.web.url}/one.html", neighbour.post())]
    assert waiting.outcomes() == {neighbour.post(): "sent"}
    # In order again: its header and one record.
    assert len(waiting.state_file.read_text().splitlines()) == 2


def test_send_tells_a_trackback_as_the_build_has_left_it(
    waiting: Blog, neighbour: Neighbour, command: Command
) -> None:
    box = f"{neighbour.post(2, 'silent')}/trackback"
    waiting.write("two", "The text", title="Brot & Käse", trackbacks=box)
    waiting.build()
    waiting.upload()
    command("send")
    (trackback,) = [n for n in neighbour.notices if n.protocol == "trackback"]
    assert (trackback.title, trackback.excerpt) == ("Brot & Käse", "The text")


def test_send_knows_the_site_from_the_state_whatever_siteurl_is_now(
    waiting: Blog, neighbour: Neighbour, command: Command
) -> None:
    waiting.upload()
    waiting.settings["SITEURL"] = ""
    waiting.save_settings()
    assert command("send").status == 0
    assert neighbour.told() == [(f"{waiting.web.url}/one.html", neighbour.post())]
    assert all(waiting.web.url in request.headers["User-Agent"] for request in neighbour.requests)


def test_what_another_server_keeps_from_being_told_is_no_failure_of_send(
    waiting: Blog, neighbour: Neighbour, command: Command
) -> None:
    neighbour.pages["/xmlrpc"] = Answer("Sorry", 500)
    waiting.upload()
    first, second = command("send"), command("send")
    assert (first.status, second.status) == (0, 0)
    assert first.out == ["Linkbacks: 0 sent, 0 waiting, 0 without endpoint, 1 failed."]
    assert waiting.outcomes() == {neighbour.post(): "failed"}


def test_send_waits_until_a_page_has_come_online(
    waiting: Blog, neighbour: Neighbour, command: Command
) -> None:
    waiting.web.requests.clear()

    def not_yet(received: Received) -> Answer:
        """Answer for the last time as if nothing was there, and upload."""
        del waiting.web.pages["/one.html"]
        waiting.upload()
        return Answer("not found", 404)

    waiting.web.pages["/one.html"] = not_yet
    done = command("send", "--wait", "20")
    assert (done.status, done.err) == (0, [])
    assert done.out[0].startswith("Waiting up to 20 s: ")
    assert done.out[0].endswith(f"{waiting.web.url}/one.html is not online yet (HTTP 404).")
    assert done.out[1:] == [
        "Linkbacks: 1 sent (1 pingback), 0 waiting, 0 without endpoint, 0 failed."
    ]
    assert neighbour.told() == [(f"{waiting.web.url}/one.html", neighbour.post())]
    # First look, poll, last look; the neighbour's own look.
    assert len(waiting.web.requests) == 4
    assert waiting.web.requests[1].headers["Cache-Control"] == "no-cache"


def test_send_waits_no_longer_than_it_was_told_to(
    waiting: Blog, neighbour: Neighbour, command: Command
) -> None:
    done = command("send", "--wait", "0.1")
    assert done.status == 1
    assert done.out[1:] == [
        "Linkbacks: 0 sent, 1 waiting, 0 without endpoint, 0 failed.",
        f"  {waiting.web.url}/one.html is not online yet (HTTP 404)",
    ]
    assert waiting.outcomes() == {neighbour.post(): "waiting"}


def test_release_has_nothing_to_do_where_nothing_is_held(
    waiting: Blog, neighbour: Neighbour, command: Command
) -> None:
    before = waiting.state_file.read_bytes()
    done = command("release")
    assert (done.status, done.err) == (0, [])
    assert done.out[0].startswith("0 held links")
    assert waiting.state_file.read_bytes() == before


def test_what_was_held_is_told_after_its_release(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("old", "Text", AGED)
    blog.build()
    blog.write("old", " ".join(neighbour.link(number) for number in range(21)), AGED)
    blog.build()
    assert command("release") == Done(
        0, ["21 held links are queued now; to tell them, run: pelican-linkbacks send"], []
    )
    assert not neighbour.requests
    assert command("send").out == [
        "Linkbacks: 21 sent (21 pingback), 0 waiting, 0 without endpoint, 0 failed."
    ]
    assert len(neighbour.notices) == 21


def test_moved_has_nothing_to_do_where_the_site_is_where_it_was(
    waiting: Blog, command: Command
) -> None:
    before = waiting.state_file.read_bytes()
    assert command("moved") == Done(
        0, [f"The state is of {waiting.web.url} already; nothing to do."], []
    )
    assert waiting.state_file.read_bytes() == before


@pytest.mark.parametrize("siteurl", ["", "http://192.168.1.5"])
def test_a_site_does_not_move_to_an_address_that_is_not_public(
    waiting: Blog, command: Command, siteurl: str
) -> None:
    before = waiting.state_file.read_bytes()
    waiting.settings["SITEURL"] = siteurl
    waiting.save_settings()
    done = command("moved")
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert done.err[0].endswith("; name the settings of the published site with -s.")
    assert waiting.state_file.read_bytes() == before


def test_after_a_move_what_was_told_stays_told_and_new_links_are_told_from_the_new_address(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.write("one", neighbour.link(1))
    blog.build()
    home, moved = blog.web.url, blog.web.url.replace("127.0.0.1", "localhost")
    blog.settings["SITEURL"] = moved
    blog.write("one", f"[us]({home}/old.html) {neighbour.link(1)} {neighbour.link(2)}")
    blog.build()
    assert command("moved") == Done(
        0, [f"The site has moved from {home} to {moved}; the next build sends again."], []
    )
    blog.build()
    assert neighbour.told() == [
        (f"{home}/one.html", neighbour.post(1)),
        (f"{moved}/one.html", neighbour.post(2)),
    ]
    assert blog.outcomes() == {neighbour.post(1): "sent", neighbour.post(2): "sent"}


def test_the_package_is_run_as_a_module_too(waiting: Blog) -> None:
    done = waiting.python("-m", "pelican_linkbacks", "send")
    assert done.returncode == 1
    assert done.stdout.startswith("Linkbacks: 0 sent, 1 waiting, ")
    assert done.stderr == ""


def test_the_installed_command_tells_errors_on_standard_error(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("pelican-linkbacks")
    done = subprocess.run(
        [script, "status"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("pelican-linkbacks: no publishconf.py or pelicanconf.py ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", ["status", "status --json", "send"])
def test_a_closed_standard_output_is_no_error(blog: Blog, words: str) -> None:
    blog.write("one", "Text")
    blog.build()
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m pelican_linkbacks {words} >&-'],
        cwd=blog.folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", ["status", "status --json"])
def test_a_reader_who_has_seen_enough_is_no_error(
    blog: Blog, neighbour: Neighbour, words: str
) -> None:
    # More than a pipe holds.
    blog.write("one", " ".join(neighbour.link(f"{n}/{'x' * 1000}") for n in range(100)))
    blog.settings["LINKBACKS_SEND"] = False
    blog.build()
    with subprocess.Popen(
        [sys.executable, "-m", "pelican_linkbacks", *words.split()],
        cwd=blog.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
