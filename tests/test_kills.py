"""Builds and sends that are killed at random moments: nothing is lost, and little is told twice.

LINKBACKS_TEST_KILLS says how many kills there are (30), LINKBACKS_TEST_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
import time
from itertools import cycle
from pathlib import Path

import pytest

from tests.blog import Blog
from tests.children import Gate, build, hold
from tests.rounds import KINDS, WORKERS, Rounds, Tally
from tests.verifiers import Verifiers

KILLS = int(os.environ.get("LINKBACKS_TEST_KILLS", "30"))
SEED = os.environ.get("LINKBACKS_TEST_SEED") or str(time.time_ns())


def test_kills_at_random_moments_lose_nothing_and_repeat_only_what_was_under_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fresh_pelican: None
) -> None:
    chance, tally = random.Random(SEED), Tally()
    # One in each of as many equal parts of a run, in any order.
    moments = [(n + chance.random()) / KILLS for n in range(KILLS)]
    chance.shuffle(moments)
    rounds, kinds = Rounds(tmp_path, tally, chance), cycle(KINDS)
    while moments:
        rounds.play(next(kinds), moments)
    with capsys.disabled():
        print(f"\n{tally} Seed: {SEED}")
    assert tally.kills.total() == KILLS
    assert tally.lost == []
    assert tally.unexplained == 0
    assert max(tally.swallowed) <= WORKERS


@pytest.mark.parametrize("emptied", [False, True])
@pytest.mark.parametrize("signal", ["content_written", "page_writer_finalized"])
def test_a_first_build_that_is_killed_when_its_pages_are_written_leaves_their_links_new(
    blog: Blog, signal: str, emptied: bool
) -> None:
    """The first page, or all of them; without a state the live pages seem to carry them already."""
    blog.settings["DELETE_OUTPUT_DIRECTORY"] = emptied
    plugins, gate = blog.settings["PLUGINS"], Gate()
    with Verifiers(3) as blogs:
        blog.write("0", f"[a post]({blogs.blogs[0].post(0)})")
        blog.settings["PLUGINS"] = []
        assert build(blog).status == 0
        blog.settings["PLUGINS"] = plugins
        for number in range(3):
            blog.write(str(number), blogs.links(0))
        hold(blog, signal, gate)
        killed = build(blog)
        gate.wait()
        assert killed.kill_after(0)
        gate.open()
        assert not blog.state_file.exists()
        assert build(blog).said[0].startswith("Linkbacks: 8 new, 8 sent ")
        assert blogs.accepted().keys() >= {(f"{blog.web.url}/1.html", blogs.blogs[0].post(0))}
        assert (f"{blog.web.url}/0.html", blogs.blogs[0].post(0)) not in blogs.accepted()
        assert set(blogs.accepted().values()) == {1}
