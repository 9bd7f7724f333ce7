"""One WordPress blog as the tests see it: its posts, and what has reached them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.wordpress.programs import fetch, run, run_as_user, wait_until

PHP_FILES = Path(__file__).with_name("php")

# One row a line: JSON keeps a line break inside a comment from being one.
COMMENTS = """
    select json_object(
        'type', comment_type, 'author', comment_author,
        'url', comment_author_url, 'content', comment_content,
        'approved', comment_approved, 'post', comment_post_ID,
        'date', comment_date_gmt)
    from wp_comments order by comment_ID
"""


@dataclass(frozen=True)
class Database:
    """The database server behind all blogs of a bench."""

    socket: Path

    def ask(self, sql: str, database: str = "") -> list[str]:
        """Run SQL and return the lines of its result."""
        return run(
            "mariadb",
            "--no-defaults",
            f"--socket={self.socket}",
            "--user=root",
            "--default-character-set=utf8mb4",
            "--batch",
            "--raw",
            "--skip-column-names",
            f"--execute={sql}",
            database,
        ).splitlines()

    def answers(self) -> bool:
        """Whether the server takes questions yet."""
        try:
            self.ask("select 1")
        except RuntimeError:
            return False
        return True


@dataclass(frozen=True)
class Post:
    """A post and the two places where it can be told of a link."""

    id: int
    url: str
    trackback: str


@dataclass(frozen=True)
class Comment:
    """A row of WordPress's comments table; approved is "0" while it waits, date is in UTC."""

    type: str
    author: str
    url: str
    content: str
    approved: str
    post: str
    date: str


@dataclass(frozen=True)
class Published:
    """A post that this blog has published, whom it has told of it, and whom not.

    A link nobody can be told of is in neither.
    """

    id: int
    url: str
    told: list[str]
    untold: list[str]


class Blog:
    """A blog that a bench has brought up; `php` is where the scripts lie."""

    def __init__(
        self, name: str, address: str, folder: Path, database: Database, php: Path
    ) -> None:
        self.name = name
        self.address = address
        self.folder = folder
        self.url = f"http://{address}"
        self.access_log = folder.with_suffix(".access")
        self.posts: list[Post] = []
        self.closed: Post
        self._database = database
        self._php = php
        self._marks = count()

    def set_up(self) -> None:
        """Make the tables and the posts."""
        found = json.loads(self._run_php("setup.php"))
        self.posts = [Post(**post) for post in found["open"]]
        self.closed = Post(**found["closed"])

    def publish(
        self, title: str, html: str, trackbacks: str = "", *, pingbacks: bool = True
    ) -> Published:
        """Publish a post, as its author does, and let WordPress tell those it links to.

        What it tells, and whom, is done when this returns. `trackbacks` are the
        URLs that the author has put into the trackback box; `pingbacks` says
        whether those that the post links to are to be told.
        """
        post = {"post_title": title, "post_content": html, "to_ping": trackbacks}
        return self._save(post, "yes" if pingbacks else "no")

    def revise(self, post: Post | Published, html: str) -> Published:
        """Save a published post with another text, or the same, and let WordPress tell again."""
        return self._save({"ID": post.id, "post_content": html}, "yes")

    def _save(self, post: Mapping[str, str | int], pingbacks: str) -> Published:
        saved = self._run_php("publish.php", json.dumps(post), pingbacks)
        return Published(**json.loads(saved))

    def approve(self) -> int:
        """Show all comments that wait, as an editor does, and say how many there were."""
        return int(self._run_php("approve.php"))

    def comments(self) -> list[Comment]:
        """Everything that has been said here, in the order it came."""
        permalinks = {post.id: post.url for post in [*self.posts, self.closed]}
        rows = map(json.loads, self._database.ask(COMMENTS, self.name))
        return [Comment(**{**row, "post": permalinks[row["post"]]}) for row in rows]

    def reset(self) -> None:
        """Forget all comments, and with them when the last ping came."""
        self._database.ask("delete from wp_comments", self.name)
        self.throttle(on=True)

    def throttle(self, *, on: bool) -> None:
        """Refuse a ping within 15 seconds of another one, as WordPress does, or don't."""
        switch = self.folder / "wp-content" / "mu-plugins" / "unthrottled.php"
        switch.unlink(missing_ok=True)
        if not on:
            switch.write_bytes((PHP_FILES / "unthrottled.php").read_bytes())

    def requests(self) -> list[str]:
        """All requests so far, as "METHOD PATH STATUS".

        nginx may log a request shortly after it was answered; it logs in
        order, so once a request of our own is there, those before it are too.
        """
        mark = f"/mark/{next(self._marks)}"
        fetch(self.url + mark)
        wait_until(lambda: f" {mark} " in self.access_log.read_text(), "a log line")
        lines = self.access_log.read_text().splitlines()
        return [line for line in lines if " /mark/" not in line]

    def _run_php(self, script: str, *arguments: str) -> str:
        return run_as_user(
            "php",
            "-d",
            f"auto_prepend_file={self._php}/abspath.php",
            "-d",
            "sendmail_path=/bin/true",
            self._php / script,
            *arguments,
            env={**os.environ, "BLOG_FOLDER": str(self.folder)},
        )
