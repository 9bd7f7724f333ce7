"""The state file: what it keeps, what it refuses, how it is written."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pelican_linkbacks.errors import StateBusy, StateError
from pelican_linkbacks.mention import Excerpt, Mention, Outcome
from pelican_linkbacks.state import State
from pelican_linkbacks.storage import locked

MENTION = Mention(
    article="2026/rye.html",
    file="rye.md",
    source="https://us.example/2026/rye.html",
    target="https://neighbour.example/Post?a=1#part",
    first_seen=datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
)
HEADER = b'{"version": 1, "siteurl": "https://us.example", "sites": ["https://us.example"]}\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "linkbacks.jsonl"


def saved(path: Path, *mentions: Mention) -> State:
    state = State(path, siteurl="https://us.example", sites=("https://us.example",))
    for mention in mentions:
        state.put(mention)
    state.save()
    return state


def recorded(state: State, *mentions: Mention) -> None:
    with state.journal() as journal:
        for mention in mentions:
            journal.record(mention)
        journal.sync()


def only(path: Path) -> Mention:
    [mention] = State.load(path).mentions()
    return mention


def test_a_missing_file_is_a_new_state_and_is_not_made_by_looking(path: Path) -> None:
    state = State.load(path)
    assert not state.exists
    assert state.mentions() == []
    assert not path.exists()


def test_a_state_that_has_not_changed_is_not_touched(path: Path) -> None:
    saved(path, MENTION)
    os.utime(path, ns=(1, 1))
    State.load(path).save()
    assert path.stat().st_mtime_ns == 1


@pytest.mark.parametrize("text", ['}, {"article": ""', '"}, {"', "\n", "\u2028", "\\"])
def test_no_text_is_taken_for_the_end_of_a_record(path: Path, text: str) -> None:
    mention = replace(MENTION, article=text, file=text, excerpt=Excerpt(text, text, text))
    saved(path, mention, MENTION)
    assert set(State.load(path).mentions()) == {mention, MENTION}
    assert path.read_bytes().count(b"\n") == 3


def test_the_home_page_may_be_an_article(path: Path) -> None:
    home = replace(MENTION, article="", source="https://us.example/")
    saved(path, home)
    assert only(path) == home


def test_an_outcome_that_is_no_news_is_not_written_again(path: Path) -> None:
    state = saved(path, MENTION)
    before = path.read_bytes()
    recorded(state, MENTION)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[]\n",
        b'{"https://a.example/": {"pingback": {"response": "ok"}}}\n',
        b"\x89PNG\r\n\x1a\n",
        HEADER + b"<<<<<<< HEAD\n",
        HEADER + b'{"article": "a.html"}\n',
        HEADER + b'{"article": "a", "file": "a", "source": "s", "target": 7, "outcome": "sent"}\n',
        HEADER + b'{"article": "a", "file": "a", "source": "s", "target": "t"}\n',
        HEADER
        + b'{"article": "a", "file": "a", "source": "s", "target": "t", "outcome": "told"}\n',
        HEADER.rstrip(b"\n"),
    ],
)
def test_a_foreign_or_broken_file_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StateError, match=r"linkbacks\.jsonl.*(line [12])"):
        State.load(path)
    assert path.read_bytes() == content


def test_a_file_of_a_newer_version_asks_for_an_upgrade(path: Path) -> None:
    path.write_bytes(b'{"version": 2, "siteurl": "https://us.example"}\n')
    with pytest.raises(StateError, match="newer pelican_linkbacks: upgrade"):
        State.load(path)


def test_a_folder_in_its_place_is_one_clear_error(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StateError, match="can't be read: Is a directory"):
        State.load(path)


def test_a_state_that_can_not_be_written_says_so(path: Path) -> None:
    state = saved(path, MENTION)
    path.unlink()
    path.mkdir()
    told = replace(MENTION, outcome=Outcome.SENT)
    with pytest.raises(StateError, match=r"can't be written .*nothing is sent without it"):
        recorded(state, told)
    state.put(told)
    with pytest.raises(StateError, match="can't be written"):
        state.save()


def test_everything_that_is_known_of_a_mention_comes_back(path: Path) -> None:
    whole = Mention(
        article="rye.html",
        file="rye.md",
        source="https://us.example/rye.html",
        target="https://neighbour.example/trackback/ü",
        outcome=Outcome.FAILED,
        protocol="trackback",
        endpoint="https://neighbour.example/trackback/ü",
        found_by="Trackbacks:",
        attempts=2,
        next_attempt=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        answer="it asked for a pause",
        first_seen=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        excerpt=Excerpt("Über Brot & Käse", "Mehl …", "The Slow Loaf"),
        removal=True,
        paused_by="neighbour.example",
        asked_at=datetime(2026, 11, 22, 8, 59, tzinfo=UTC),
    )
    saved(path, whole)
    assert only(path) == whole


def test_the_header_comes_back(path: Path) -> None:
    state = saved(path)
    state.sites += ("https://us.example/de",)
    state.former = ("https://before.example",)
    state.pages = True
    state.save()
    known = State.load(path)
    assert (known.siteurl, known.sites, known.former, known.pages, known.exists) == (
        "https://us.example",
        ("https://us.example", "https://us.example/de"),
        ("https://before.example",),
        True,
        True,
    )


def test_an_article_without_links_stays_known(path: Path) -> None:
    state = saved(path, MENTION)
    state.articles["bare.html"] = "bare.md"
    state.save()
    assert State.load(path).articles == {"bare.html": "bare.md", "2026/rye.html": "rye.md"}
    assert path.read_text().count('"file": "rye.md"') == 1


def test_at_rest_the_lines_are_sorted_and_can_be_read(path: Path) -> None:
    later = replace(MENTION, article="z.html", file="z.md")
    saved(path, later, MENTION)
    header, *lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert header["version"] == 1
    assert [line["article"] for line in lines] == ["2026/rye.html", "z.html"]
    assert lines[0]["first_seen"] == "2026-11-22T08:30:00Z"


def test_a_link_that_differs_by_fragment_port_or_host_case_is_the_same_mention(path: Path) -> None:
    state = saved(path, MENTION)
    state.put(replace(MENTION, target="HTTPS://Neighbour.example:443/Post?a=1", answer="same"))
    assert [mention.answer for mention in state.mentions()] == ["same"]


def test_an_outcome_is_in_the_file_as_soon_as_it_is_recorded(path: Path) -> None:
    state = saved(path, MENTION)
    recorded(state, replace(MENTION, outcome=Outcome.SENT))
    assert only(path).outcome is Outcome.SENT


def test_a_torn_last_line_is_not_known_and_goes_with_the_next_save(path: Path) -> None:
    state = saved(path, MENTION)
    whole = path.read_bytes()
    recorded(state, replace(MENTION, outcome=Outcome.SENT))
    path.write_bytes(path.read_bytes()[:-9])
    torn = State.load(path)
    assert [mention.outcome for mention in torn.mentions()] == [Outcome.QUEUED]
    torn.save()
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("one", "other", "winner"),
    [
        ("sent", "queued", "sent"),
        ("sent", "withdrawn", "sent"),
        ("sent", "old", "sent"),
        ("refused", "failed", "refused"),
        ("none", "waiting", "none"),
        ("gave-up", "failed", "gave-up"),
        ("old", "queued", "old"),
        ("failed", "waiting", "failed"),
    ],
)
def test_of_several_records_of_one_mention_the_furthest_outcome_wins(
    path: Path, one: str, other: str, winner: str
) -> None:
    saved(path, MENTION)
    header, line = path.read_text().splitlines(keepends=True)
    lines = [line.replace('"queued"', f'"{outcome}"') for outcome in (one, other)]
    for order in (lines, lines[::-1]):
        path.write_text("".join([header, *order]))
        assert only(path).outcome == winner


def test_of_two_failures_the_one_with_more_attempts_wins(path: Path) -> None:
    state = saved(path)
    recorded(state, *(replace(MENTION, outcome=Outcome.FAILED, attempts=n) for n in (3, 2)))
    assert only(path).attempts == 3


def test_two_branches_merged_line_by_line_are_one_state(path: Path) -> None:
    saved(path, MENTION)
    ours = path.read_bytes()
    other = replace(MENTION, article="other.html", file="other.md")
    saved(path, other)
    path.write_bytes(ours + path.read_bytes())
    assert [m.article for m in State.load(path).mentions()] == ["2026/rye.html", "other.html"]


def test_lines_that_a_checkout_gave_other_ends_are_read(path: Path) -> None:
    saved(path, MENTION)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert only(path) == MENTION


def test_a_long_answer_is_cut(path: Path) -> None:
    saved(path, replace(MENTION, answer="x" * 1000))
    answer = only(path).answer
    assert answer is not None
    assert len(answer) == 200
    assert answer.endswith("x…")


def test_what_is_known_of_an_article_goes_with_it_to_a_new_path_and_file(path: Path) -> None:
    state = saved(path, MENTION, replace(MENTION, article="b.html", file="b.md"))
    state.regroup({"2026/rye.html": ("b.html", "rye.md"), "b.html": ("2026/rye.html", "b.md")})
    assert [(m.article, m.file) for m in state.mentions()] == [
        ("2026/rye.html", "b.md"),
        ("b.html", "rye.md"),
    ]
    assert state.articles == {"b.html": "rye.md", "2026/rye.html": "b.md"}


def test_a_linked_state_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "kept" / "state.jsonl"
    real.parent.mkdir()
    real.touch()
    real.unlink()
    path.symlink_to(real)
    saved(path, MENTION)
    assert path.is_symlink()
    assert only(real) == MENTION


def test_a_rewritten_file_keeps_its_permissions(path: Path) -> None:
    state = saved(path)
    path.chmod(0o600)
    state.put(MENTION)
    state.save()
    assert path.stat().st_mode & 0o777 == 0o600


HOLDER = """
import sys
from pathlib import Path
from pelican_linkbacks.storage import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_only_one_process_holds_a_state(path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StateBusy, match="left to the next run"), locked(path):
            pass
        holder.communicate("")
    with locked(path):
        pass


def test_a_folder_that_can_not_be_written_to_can_not_be_locked(path: Path) -> None:
    path.with_name("file").touch()
    nowhere = path.with_name("file") / "linkbacks.jsonl"
    with pytest.raises(StateError, match="can't be written"), locked(nowhere):
        pass


def test_what_is_forgotten_is_gone_from_the_file_and_the_rest_is_not(path: Path) -> None:
    other = replace(MENTION, target="https://other.example/")
    state = saved(path, MENTION, other)
    state.forget([MENTION])
    state.save()
    assert only(path) == other


def test_an_article_whose_links_are_forgotten_stays_known(path: Path) -> None:
    state = saved(path, MENTION)
    state.forget([MENTION])
    state.save()
    assert State.load(path).articles == {"2026/rye.html": "rye.md"}


def test_a_forgotten_article_is_gone_with_its_links(path: Path) -> None:
    state = saved(path, MENTION, replace(MENTION, article="b.html", file="b.md"))
    state.forget([MENTION], ["2026/rye.html"])
    state.save()
    assert State.load(path).articles == {"b.html": "b.md"}
    assert only(path).article == "b.html"
