"""A conversation of two Pelican blogs and a WordPress, each of which links to the two others."""

from __future__ import annotations

from pathlib import Path

from demo.conversation import play
from demo.stage import blogs
from tests.conversation import check
from tests.wordpress.bench import Blogs


def test_three_blogs_link_to_each_other_and_each_shows_what_the_others_say(
    tmp_path: Path, wordpress: Blogs
) -> None:
    with blogs(tmp_path, wordpress[0]) as stage:
        play(stage)
        check(stage)
    assert {comment.approved for comment in wordpress[0].comments()} == {"1"}
    assert {comment.url for comment in wordpress[0].comments()} == {stage.spices, stage.grinding}
    assert len(wordpress[0].comments()) == 2
