"""The commands that hear other blogs: what they print where, and their exit status."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from werkzeug.security import check_password_hash

from pelican_linkbacks import manifest, moderating
from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver.desk import Desk
from pelican_linkbacks.receiver.entry import Entry, Finding, Look, Status, Texts
from tests.apart import environment
from tests.command import Command, Done
from tests.receiver.reception import RYE, OtherBlog
from tests.receiver.server import SETTINGS

DATABASE = "linkbacks.sqlite3"
LISTED = ["list", "approve", "dismiss", "spam", "restore", "edit", "forget", "verify"]
LISTED += ["rules", "allow", "block", "unblock"]


class Author:
    """The author's database, and what was told."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def hear(self, source: str, texts: Texts = Texts()) -> int:  # noqa: B008 - it is frozen
        """Have a mention verified, and give its id."""
        number = self.queue(source)
        claim = self.desk.inbox.claim("a worker", only=number)
        assert claim is not None
        look = Look(Finding.LINKS, "by hand", source, texts)
        self.desk.inbox.settle(claim, look, self.desk.rules)
        return number

    def queue(self, source: str) -> int:
        """Have a mention told, and give its id."""
        return self.desk.inbox.take(Notice("webmention", source, RYE.url), RYE).entry.id

    def entry(self, number: int) -> Entry:
        """An entry that is there."""
        entry = self.desk.inbox.entry(number)
        assert entry is not None
        return entry

    def status(self, number: int) -> Status:
        """Where it stands."""
        return self.entry(number).status


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command, beside a settings file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "content").mkdir()
    Path("pelicanconf.py").write_text(SETTINGS, encoding="utf-8")
    manifest.write(tmp_path, [RYE])
    return Command(capsys)


@pytest.fixture
def author(command: Command) -> Iterator[Author]:
    """Whose receiver it is."""
    with closing(Desk.open(DATABASE)) as desk:
        yield Author(desk)


def as_json(command: Command, *arguments: str) -> Any:
    """What ``received list --json`` prints."""
    done = command("received", "list", "--json", *arguments)
    assert (done.status, done.err) == (0, [])
    return json.loads("\n".join(done.out))


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_neither_a_build_nor_the_help_loads_what_only_the_receiver_needs(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "import pelican_linkbacks.plugin, pelican_linkbacks.cli\n"
        "pelican_linkbacks.cli._parser()\n"
        "extra = {'flask', 'flask_wtf', 'sqlalchemy', 'alembic', 'waitress', 'mf2py', 'werkzeug'}\n"
        "print(sorted(extra & sys.modules.keys()))"
    )
    done = python(tmp_path, code)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_command_loads_neither_what_serves_nor_what_verifies_nor_what_migrates(
    tmp_path: Path,
) -> None:
    Desk.open(str(tmp_path / "x.sqlite3")).close()
    code = (
        "import sys\n"
        "from pelican_linkbacks.cli import main\n"
        "assert main(['received', 'list', '--database', 'x.sqlite3']) == 0\n"
        "print(sorted({'flask', 'alembic', 'mf2py'} & sys.modules.keys()))"
    )
    done = python(tmp_path, code)
    assert (done.stdout.splitlines()[-1], done.stderr) == ("[]", "")


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("serve --targets t.json", "flask"),
        ("password --stdin", "sqlalchemy"),
        ("received list", "sqlalchemy"),
    ],
)
def test_without_its_packages_a_command_names_them_and_the_extra(
    tmp_path: Path, words: str, missing: str
) -> None:
    code = (
        "import sys\n"
        # As Python has it for what can't be imported.
        f"sys.modules[{missing!r}] = None\n"
        "from pelican_linkbacks.cli import main\n"
        f"sys.exit(main({[*words.split(), '--database', 'x.sqlite3']!r}))"
    )
    done = python(tmp_path, code)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"pelican-linkbacks: The receiver needs more packages ({missing} is missing): "
        'pip install "pelican-linkbacks[receiver]"\n'
    )
    assert list(tmp_path.iterdir()) == []


def test_the_help_lists_the_commands_of_received(command: Command) -> None:
    done = command.misused("received", "--help")
    assert (done.status, done.err) == (0, [])
    listed = {line.split()[0] for line in done.out if line.startswith("  ")}
    assert set(LISTED) <= listed
    assert max(map(len, done.out)) <= 80


@pytest.mark.parametrize("words", ["serve", "password", *(f"received {name}" for name in LISTED)])
def test_the_help_of_each_command_says_with_which_status_it_exits(
    command: Command, words: str
) -> None:
    done = command.misused(*words.split(), "--help")
    assert done.status == 0
    assert "exit status" in " ".join(done.out)
    assert max(map(len, done.out)) <= 80


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("received", "the following arguments are required: COMMAND"),
        ("received approve", "the following arguments are required: ID"),
        ("received approve x", "argument ID: 'x' is not a number such as the list begins with"),
        ("received list --status new", "argument --status: invalid choice: 'new'"),
        ("received block /", "argument HOST[/PREFIX]: '/' is not HOST[/PREFIX]"),
        ("received block u:p@h", "argument HOST[/PREFIX]: 'u:p@h' is not HOST[/PREFIX]"),
        ("received allow a\tb", r"argument HOST[/PREFIX]: 'a\tb' is not HOST[/PREFIX]"),
        ("serve --bind 8010", "argument --bind: '8010' is not HOST:PORT"),
        ("serve --bind h:65536", "argument --bind: 'h:65536' is not HOST:PORT"),
        ("serve --trusted-proxy x", "argument --trusted-proxy: 'x' is not a network"),
    ],
)
def test_what_is_no_command_is_a_usage_error(command: Command, words: str, why: str) -> None:
    done = command.misused(*words.split(" "))
    assert done.status == 2
    assert why in done.err[-1]


@pytest.mark.parametrize("words", ["received list", "password --stdin", "serve --database x"])
def test_without_settings_and_without_what_stands_for_them_it_is_one_line(
    command: Command, words: str
) -> None:
    Path("pelicanconf.py").unlink()
    done = command(*words.split())
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert "no publishconf.py or pelicanconf.py in this folder" in done.err[0]


def test_a_database_that_is_not_there_is_not_made_by_looking(command: Command) -> None:
    done = command("received", "list")
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert "There is no database at " in done.err[0]
    assert not Path(DATABASE).exists()


def test_a_database_is_named_without_its_password(command: Command) -> None:
    done = command("received", "list", "--database", "postgresql://me:secret@127.0.0.1:1/x")
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert "127.0.0.1" in done.err[0]
    assert "secret" not in done.err[0]


def test_the_settings_name_the_database_beside_themselves(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("pelicanconf.py").open("a") as file:
        file.write('LINKBACKS_DATABASE = "data.sqlite3"\n')
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    monkeypatch.setattr(sys, "stdin", io.StringIO("long enough\n"))
    assert command("-s", "../pelicanconf.py", "password", "--stdin").status == 0
    assert (tmp_path / "data.sqlite3").is_file()


def test_an_empty_list_says_so(command: Command, author: Author) -> None:
    assert command("received", "list") == Done(0, ["Nothing was received yet."], [])
    done = command("received", "list", "--status", "spam")
    assert done.out == ["Nothing of the kind was received yet."]
    assert as_json(command) == []


def test_a_list_shows_what_came_in_the_latest_first(command: Command, author: Author) -> None:
    author.hear("https://blog.example/1", Texts("A reply", "Ann", "… this …"))
    author.queue("https://other.example/")
    assert command("received", "list").out == [
        "   2  queued     https://other.example/",
        f"      mention of {RYE.url}, by webmention",
        "   1  pending    https://blog.example/1",
        f"      mention of {RYE.url}, by webmention",
        "      A reply (Ann)",
        "      … this …",
    ]
    assert len(command("received", "list", "--status", "pending").out) == 4
    assert len(command("received", "list", "--search", "ANN").out) == 4


def test_a_list_steers_no_terminal(command: Command, author: Author) -> None:
    author.hear("https://blog.example/1", Texts("\x1b[31mred\nline", "\u202eAnn"))
    assert r"      \x1b[31mred\nline (\u202eAnn)" in command("received", "list").out


def test_a_list_for_programs_has_the_keys_they_rely_on(command: Command, author: Author) -> None:
    author.hear("https://blog.example/1", Texts("A \x7f reply", "Ann", "… this …"))
    (listed,) = as_json(command)
    received = listed.pop("received")
    assert received.endswith("Z")
    assert len(received) == 20
    assert listed == {
        "id": 1,
        "protocol": "webmention",
        "kind": "mention",
        "source": "https://blog.example/1",
        "target": RYE.url,
        "status": "pending",
        "title": "A \x7f reply",
        "author": "Ann",
        "excerpt": "… this …",
    }


def test_a_list_for_programs_is_whole_however_long(
    command: Command, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderating, "AT_ONCE", 3)
    for number in range(10):
        author.queue(f"https://blog.example/{number}")
    assert len({listed["id"] for listed in as_json(command)}) == 10


@pytest.mark.parametrize(
    ("word", "status"), [("approve", "approved"), ("dismiss", "dismissed"), ("spam", "spam")]
)
def test_decisions_are_done_and_can_be_taken_back(
    command: Command, author: Author, word: str, status: str
) -> None:
    numbers = [str(author.hear(f"https://blog.example/{n}")) for n in range(3)]
    done = command("received", word, numbers[0], numbers[2])
    assert done == Done(0, [f"{status.capitalize()}: 1, 3."], [])
    assert [author.status(n) for n in (1, 2, 3)] == [status, "pending", status]
    assert command("received", "restore", "1") == Done(0, ["1 is pending again."], [])
    assert author.status(1) is Status.PENDING
    done = command("received", "restore", "2")
    assert done.status == 1
    assert done.out == ["Nothing to take back, so left as it was: 2."]


def test_what_was_not_verified_is_not_approved(command: Command, author: Author) -> None:
    number = author.queue("https://blog.example/1")
    done = command("received", "approve", str(number))
    assert done == Done(1, ["Not verified yet, so left as it was: 1."], [])
    assert author.status(number) is Status.QUEUED


@pytest.mark.parametrize("word", ["approve", "dismiss", "spam", "restore", "edit"])
def test_what_is_not_there_is_one_line_and_nothing_is_changed(
    command: Command, author: Author, word: str
) -> None:
    number = author.hear("https://blog.example/1")
    numbers = ["7"] if word == "edit" else [str(number), "7"]
    done = command("received", word, *numbers)
    said = ["pelican-linkbacks: There is no received mention 7; nothing was changed."]
    assert done == Done(1, [], said)
    assert author.status(number) is Status.PENDING


def test_an_edit_changes_what_it_names_only(command: Command, author: Author) -> None:
    author.hear("https://blog.example/1", Texts("A reply", "Ann", "… this …"))
    assert command("received", "edit", "1", "--title", "An answer").status == 0
    texts = author.entry(1).texts
    assert (texts.title, texts.excerpt) == ("An answer", "… this …")
    command("received", "edit", "1", "--excerpt", "")
    texts = author.entry(1).texts
    assert (texts.title, texts.excerpt) == ("An answer", "")


def test_rules_are_added_listed_and_removed(command: Command, author: Author) -> None:
    assert command("received", "rules").out == ["There are no rules; allow and block add some."]
    waiting = author.hear("https://evil.example/blog/1")
    assert command("received", "block", "https://evil.example/blog").status == 0
    assert author.status(waiting) is Status.DISMISSED
    number = author.hear("https://evil.example/blog/2")
    assert author.status(number) is Status.DISMISSED
    assert command("received", "allow", "friend.example").status == 0
    lines = command("received", "rules").out
    assert [line.split()[0] for line in lines] == ["1", "2"]
    assert "evil.example/blog" in lines[0]
    done = command("received", "unblock", "1", "--revert")
    assert done == Done(0, ["Rule 1 is removed."], [])
    assert author.status(number) is Status.PENDING
    done = command("received", "unblock", "1")
    assert done == Done(1, [], ["pelican-linkbacks: There is no rule 1; rules lists them."])


def test_what_is_forgotten_is_gone_and_stays_out(command: Command, author: Author) -> None:
    source = "https://blog.example/1"
    number = author.hear(source)
    done = command("received", "forget", source)
    assert done == Done(0, ["1 mention erased; that source stays out."], [])
    assert author.desk.inbox.entry(number) is None
    assert author.desk.inbox.is_kept_out(source)
    done = command("received", "forget", "blog.example")
    assert done.err == ["pelican-linkbacks: blog.example is no absolute http(s) URL."]


def test_what_is_due_is_verified_on_demand(command: Command, author: Author) -> None:
    with OtherBlog() as other:
        number = author.queue(other.post)
        done = command("received", "verify")
    assert done == Done(0, ["1 mention looked at; 0 still due."], [])
    assert author.status(number) is Status.PENDING


def test_verifying_on_demand_does_the_chores_of_a_receiver_as_well(
    command: Command, author: Author
) -> None:
    with Path("pelicanconf.py").open("a") as file:
        file.write("LINKBACKS_RETENTION_DAYS = 0\n")
    number = author.hear("https://blog.example/1")
    command("received", "dismiss", str(number))
    assert author.desk.moderation.entry(number)
    assert command("received", "verify").status == 0
    assert author.desk.moderation.entry(number) is None


def test_a_password_is_kept_as_a_hash(
    command: Command, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("pass wörd \n"))
    version = author.desk.vault.session_version()
    assert command("password", "--stdin") == Done(0, ["The password is set."], [])
    assert check_password_hash(author.desk.vault.password_hash, "pass wörd ")
    assert author.desk.vault.session_version() != version


@pytest.mark.parametrize("given", ["", "seven77\n"])
def test_a_short_password_is_one_line_and_changes_nothing(
    command: Command, author: Author, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    done = command("password", "--stdin")
    said = "pelican-linkbacks: A password needs 8 characters at least; nothing was changed."
    assert done == Done(1, [], [said])
    assert author.desk.vault.password_hash == ""


def test_without_a_terminal_a_password_can_be_given_by_standard_input_only(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("long enough\n"))
    done = command("password")
    said = "pelican-linkbacks: There is no terminal to ask for a password; give it with --stdin."
    assert done == Done(1, [], [said])


@pytest.mark.parametrize(
    ("typed", "status"), [(["long enough"] * 2, 0), (["long enough", "long enougj"], 1)]
)
def test_on_a_terminal_a_password_is_asked_for_twice_and_not_shown(
    command: Command, author: Author, typed: list[str], status: int
) -> None:
    outer, inner = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "pelican_linkbacks", "password"],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        env=environment(),
        # Else it would ask at the terminal of whoever runs the tests.
        start_new_session=True,
    ) as process:
        os.close(inner)
        shown = b""
        for prompt, line in zip((b"New password: ", b"Once more: "), typed, strict=True):
            while prompt not in shown:
                shown += os.read(outer, 1024)
            os.write(outer, f"{line}\n".encode())
        process.wait(30)
        shown += os.read(outer, 1024)
    os.close(outer)
    assert process.returncode == status
    assert b"long" not in shown
    assert bool(author.desk.vault.password_hash) is (status == 0)
