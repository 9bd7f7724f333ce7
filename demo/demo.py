"""A blog, its neighbour and four acts: linkbacks from the first build to the last.

It works on a copy of the sample site in a temporary folder, serves it on loopback and runs the
commands that an author would run. Nothing leaves this machine.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from neighbour import Neighbour, Notice

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent / "sample_site"
NEW_POST = HERE / "new-post.md"

SOURCE_PAGE = "gewuerzbrot.html"
TITLE = "Gewürzbrot & patience"
EXPECTED = {
    ("webmention", "spice-mill", f"{TITLE} · The Slow Loaf"),
    ("pingback", "two-day-rye", f"{TITLE} · The Slow Loaf"),
    ("trackback", "sunday-breakfast", TITLE),
}


class StoryError(Exception):
    """The story went another way than told."""


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a word about it."""

    def log_message(self, *_: Any) -> None:
        """Say nothing: the demo tells the story."""


@dataclass(frozen=True)
class Blog:
    """Our blog: the author's folder, and the folder that the web server shows."""

    site: Path
    live: Path
    url: str

    def run(self, *command: str) -> list[str]:
        """Run a Python module in the author's folder, as `python -m` does."""
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.site,
            # Wide enough that no sentence is broken, plain enough to be quoted.
            env={**os.environ, "COLUMNS": "300", "NO_COLOR": "1", "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise StoryError(f"The command {' '.join(command)} failed: {reason(done)}")
        return lines(done.stdout)

    def build(self) -> list[str]:
        """Build the site, and return what the build says besides that it is done."""
        words = self.run(
            "pelican", "content", "-s", "publishconf.py", "-o", "output", "--fatal", "warnings"
        )
        return [line for line in words if not line.startswith("Done:")]

    def upload(self) -> None:
        """Put the built files online."""
        shutil.copytree(self.site / "output", self.live, dirs_exist_ok=True)


def lines(text: str) -> list[str]:
    """The lines of a text that say something, with single spaces."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def reason(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a failed command that tells most."""
    # Pelican logs to its standard output, and the cause comes before what follows from it.
    return [*lines(done.stderr)[-1:], *lines(done.stdout)[:1], "it does not say why."][0]


@contextmanager
def published(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of loopback and yield its address."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def copy_site(blog: Blog, neighbour: Neighbour) -> None:
    """Copy the sample site, with this hour's addresses in the place of its example ones."""
    ignored = shutil.ignore_patterns("output", "cache", "__pycache__", "linkbacks.*")
    shutil.copytree(SAMPLE, blog.site, ignore=ignored)
    for article in (blog.site / "content").rglob("*.*"):
        article.write_text(addressed(article, neighbour), encoding="utf-8")
    with (blog.site / "publishconf.py").open("a", encoding="utf-8") as settings:
        settings.write(f'\nSITEURL = "{blog.url}"\n')
        settings.write('LINKBACKS_ALLOW_NETWORKS = ["127.0.0.0/8"]\n')


def addressed(article: Path, neighbour: Neighbour) -> str:
    """An article whose links lead to the neighbour that is running now."""
    text = article.read_text(encoding="utf-8")
    return text.replace("https://neighbour.example", neighbour.url)


def write_new_post(blog: Blog, neighbour: Neighbour) -> None:
    """Write the new article, dated a moment ago whatever the time zone."""
    moment = datetime.now(UTC) - timedelta(hours=1)
    text = addressed(NEW_POST, neighbour).replace("Date: today", f"Date: {moment:%Y-%m-%d %H:%MZ}")
    (blog.site / "content" / "recipes" / NEW_POST.name).write_text(text, encoding="utf-8")


def tell(*sentences: str) -> None:
    """Print each sentence on its own, folded to the width of a page."""
    for sentence in sentences:
        print(textwrap.fill(sentence, 78, initial_indent="  ", subsequent_indent="  "))


def quote(words: list[str]) -> None:
    """Print what a command has said."""
    for line in words:
        print(textwrap.fill(line, 78, initial_indent="  > ", subsequent_indent="    "))


def begin(act: str) -> None:
    """Print the heading of an act."""
    print(f"\n{act}", flush=True)


def expect(holds: bool, otherwise: str) -> None:
    """Stop the story with one sentence when it does not hold."""
    if not holds:
        raise StoryError(otherwise)


def act_one(blog: Blog, neighbour: Neighbour) -> None:
    """An existing blog is built with the plugin for the first time."""
    begin("Act 1. A blog that has been there for years is built with the plugin.")
    quote(blog.build())
    blog.upload()
    expect(not neighbour.received, "Old articles were told to the neighbour.")
    tell(
        "Some of its articles link to the neighbour, and yet the neighbour heard nothing:"
        " what is old is only recorded."
    )


def act_two(blog: Blog, neighbour: Neighbour) -> None:
    """A new article is built, and not yet uploaded."""
    begin(f"Act 2. A new article, “{TITLE}”, is built but not yet uploaded.")
    tell("It links to four posts of the neighbour.")
    write_new_post(blog, neighbour)
    quote(blog.build())
    expect((blog.site / "output" / SOURCE_PAGE).exists(), "The new article's page was not built.")
    expect(not neighbour.received, "The neighbour was told of a page that is not online.")
    tell("The neighbour heard nothing yet: it could not have read the page.")


def act_three(blog: Blog, neighbour: Neighbour) -> None:
    """The article goes online, and the neighbour is told."""
    begin("Act 3. The new page is uploaded, then: pelican-linkbacks send --wait 30")
    blog.upload()
    quote(blog.run("pelican_linkbacks", "send", "--wait", "30"))
    check_received(blog, neighbour.received)
    tell("The neighbour has read the page and keeps three notices:")
    for notice in sorted(neighbour.received, key=lambda notice: (notice.protocol, notice.slug)):
        tell(f"- {notice.protocol} on {notice.slug}, by “{notice.title}”:")
        quote([notice.excerpt])
    tell("The fourth post, bread-knife, offers no way to be told, so it was not.")


def check_received(blog: Blog, received: list[Notice]) -> None:
    """Compare the neighbour's notices with what the new article should have caused."""
    found = {(notice.protocol, notice.slug, notice.title) for notice in received}
    expect(
        found == EXPECTED and len(received) == len(EXPECTED),
        f"The neighbour should have {len(EXPECTED)} notices, and has {sorted(found) or 'none'}.",
    )
    sources = {notice.source for notice in received}
    expect(sources == {f"{blog.url}/{SOURCE_PAGE}"}, f"The sources told are {sorted(sources)}.")
    excerpt = next(notice.excerpt for notice in received if notice.protocol == "trackback")
    expect(excerpt == summary(), f"The trackback's excerpt arrived as “{excerpt}”.")


def summary() -> str:
    """The summary that stands in the new article's head."""
    head = lines(NEW_POST.read_text(encoding="utf-8"))
    return next(line for line in head if line.startswith("Summary:")).removeprefix("Summary: ")


def act_four(blog: Blog, neighbour: Neighbour) -> None:
    """The blog is built again, unchanged."""
    begin("Act 4. The blog is built and uploaded once more.")
    quote(blog.build())
    blog.upload()
    check_received(blog, neighbour.received)
    tell("The neighbour heard nothing new: nothing is said twice.")


def play(folder: Path) -> None:
    """Play the four acts in a folder of their own."""
    live = folder / "live"
    live.mkdir()
    neighbour = Neighbour()
    with neighbour.online(), published(live) as url:
        blog = Blog(folder / "site", live, url)
        copy_site(blog, neighbour)
        print(f"Our blog, The Slow Loaf, is at {url}.")
        print(f"The neighbour's blog is at {neighbour.url}.")
        for act in (act_one, act_two, act_three, act_four):
            act(blog, neighbour)


def main() -> int:
    """Play the demo and say whether it went as told."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            play(Path(folder))
    except (StoryError, subprocess.TimeoutExpired, OSError) as error:
        print(f"\nThat did not go as told. {error}", file=sys.stderr)
        return 1
    print("\nAll four acts went as told.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
