"""From the link an author takes away to the blog that hears of it, over several builds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from tests.blog import Blog
from tests.servers import Answer, Received, Site


class Receiver(Site):
    """A blog that takes webmentions for its one post.

    Attributes:
        notices: the source of each, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.notices: list[str] = []
        self.pages["/post"] = Answer("<p>A post", headers=[("Link", '</told>; rel="webmention"')])
        self.pages["/told"] = self.take
        self.link = f"[a post]({self.url}/post)"

    def take(self, received: Received) -> Answer:
        [source] = parse_qs(received.body.decode())["source"]
        self.notices.append(source)
        return Answer(status=202)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def told(blog: Blog, receiver: Receiver) -> Blog:
    """A blog that has told a link."""
    blog.write("rye", f"See {receiver.link}.")
    blog.write("salt", "Without a link.")
    blog.build()
    assert receiver.notices == [f"{blog.web.url}/rye.html"]
    receiver.notices.clear()
    return blog


def test_a_link_that_is_left_alone_is_not_told_again(told: Blog, receiver: Receiver) -> None:
    told.build()
    assert receiver.notices == []


def test_a_link_that_moves_into_the_theme_is_not_gone(told: Blog, receiver: Receiver) -> None:
    told.write("rye", "See below.")
    template = told.folder / "theme" / "templates" / "article.html"
    template.write_text(template.read_text() + f'<a href="{receiver.url}/post">my friend</a>')
    told.build()
    assert receiver.notices == []
    assert told.outcomes() == {f"{receiver.url}/post": "sent"}


def test_a_link_that_is_taken_away_is_told_again_once(told: Blog, receiver: Receiver) -> None:
    told.write("rye", "See nothing.")
    build = told.build()
    assert build.said == [
        "Linkbacks: 0 new, 0 sent, 1 removed, 0 waiting, 0 without endpoint, 0 failed."
    ]
    assert receiver.notices == [f"{told.web.url}/rye.html"]
    assert told.outcomes() == {f"{receiver.url}/post": "withdrawn"}
    told.build()
    assert len(receiver.notices) == 1


def test_an_article_that_is_deleted_is_told_when_its_page_is_gone(
    told: Blog, receiver: Receiver
) -> None:
    shutil.copytree(told.output, told.live, dirs_exist_ok=True)
    told.web.folder = told.live
    (told.content / "rye.md").unlink()
    build = told.build()
    assert build.said == ["Linkbacks: 0 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed."], (
        "a page that stays online is no reason to nag"
    )
    assert receiver.notices == []
    (told.live / "rye.html").unlink()
    done = told.module("pelican_linkbacks", "send")
    assert done.returncode == 0
    assert "1 removed" in done.stdout
    assert receiver.notices == [f"{told.web.url}/rye.html"]


def test_a_link_that_comes_back_is_told_anew(told: Blog, receiver: Receiver) -> None:
    told.write("rye", "See nothing.")
    told.build()
    told.write("rye", f"See {receiver.link} after all.")
    assert told.build().summary.startswith("Linkbacks: 1 new, 1 sent (1 webmention), 0 waiting")
    assert len(receiver.notices) == 2


def test_a_first_build_that_was_killed_does_not_take_its_own_pages_for_old(
    blog: Blog, receiver: Receiver
) -> None:
    blog.write("rye", f"See {receiver.link}.")
    killer = "import os, signal\nfrom pelican import signals\n"
    killer += "def register():\n    signals.finalized.connect(die)\n"
    killer += "def die(pelican):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    plugins = blog.settings["PLUGINS"]
    blog.settings["PLUGINS"] = []
    blog.plugin("killer", killer)
    blog.settings["PLUGINS"] += plugins
    assert blog.build_apart().returncode == -9
    assert (blog.output / "rye.html").exists()
    assert not blog.state_file.exists()
    blog.settings["PLUGINS"] = plugins

    assert blog.build().summary.startswith("Linkbacks: 1 new, 1 sent (1 webmention), ")

    assert len(receiver.notices) == 1
    assert not blog.state_file.with_name("linkbacks.jsonl.live").exists()
