"""Tails: the end of a state file as a kill or a power cut leaves it, at every byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.state import State
from tests.blog import Blog
from tests.neighbour import Neighbour
from tests.samples import mention

RYE = mention("https://blog.example/ümlaut", answer="Grüße")
OAT = mention("https://blog.example/oat")
TOLD = replace(RYE, outcome=Outcome.SENT, protocol="webmention")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A state file with two mentions at rest."""
    state = State(tmp_path / "linkbacks.jsonl", siteurl="https://us.example")
    state.put(RYE)
    state.put(OAT)
    state.save()
    return state.path


def record(path: Path, told: Mention) -> None:
    """Do as a run does: read, put in order, and add a line."""
    state = State.load(path)
    state.save()
    with state.journal() as journal:
        journal.record(told)
        journal.sync()


def known(path: Path) -> dict[str, Outcome]:
    return {mention.target: mention.outcome for mention in State.load(path).mentions()}


def test_a_line_that_is_torn_at_any_byte_is_cut_before_the_next_is_added(path: Path) -> None:
    rest = path.read_bytes()
    record(path, TOLD)
    whole = path.read_bytes()
    line = whole.removeprefix(rest)
    for length in range(len(line)):
        path.write_bytes(rest + line[:length])
        assert set(known(path).values()) == {Outcome.QUEUED}
        assert path.read_bytes() == rest + line[:length], "looking changes nothing"
        record(path, TOLD)
        assert path.read_bytes() == whole


@pytest.mark.parametrize("torn", [0, 1, 40])
@pytest.mark.parametrize("length", [1, 40, 4096])
def test_a_tail_of_nul_bytes_is_cut_before_the_next_line_is_added(
    path: Path, torn: int, length: int
) -> None:
    """A power cut may leave a file as long as it was to be, and its end unwritten."""
    rest = path.read_bytes()
    record(path, TOLD)
    whole = path.read_bytes()
    line = whole.removeprefix(rest)
    path.write_bytes(rest + line[:torn] + b"\0" * length)
    assert set(known(path).values()) == {Outcome.QUEUED}
    record(path, TOLD)
    assert path.read_bytes() == whole


def test_a_build_tells_what_a_torn_line_does_not_say_and_puts_the_file_in_order(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.write("one", f"{neighbour.link(1)} {neighbour.link(2)}")
    blog.build()
    in_order = blog.state_file.read_bytes()
    *lines, last = in_order.splitlines(keepends=True)
    blog.state_file.write_bytes(b"".join(lines) + last.replace(b'"sent"', b'"queued"') + last[:70])
    blog.build()
    assert blog.state_file.read_bytes().count(b"\n") == len(lines) + 1
    assert set(blog.outcomes().values()) == {"sent"}
