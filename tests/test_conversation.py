"""A conversation of two Pelican blogs, from the first link to both being shown."""

from __future__ import annotations

from pathlib import Path

from demo.conversation import play
from demo.stage import blogs
from tests.conversation import check


def test_two_blogs_link_to_each_other_and_each_shows_what_the_other_says(tmp_path: Path) -> None:
    with blogs(tmp_path, None) as stage:
        play(stage)
        check(stage)
