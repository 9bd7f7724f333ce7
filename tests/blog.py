"""A blog of ours, built by a real Pelican and served on loopback."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import shutil
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from blinker import ANY, Signal
from pelican import Pelican, signals
from pelican.log import LimitFilter
from pelican.settings import read_settings

from pelican_linkbacks.mention import Mention
from pelican_linkbacks.state import State
from tests import apart
from tests.apart import environment
from tests.compiled import Compiled
from tests.servers import Answer, Received, Site

NOW = datetime.now(UTC)
YOUNG = NOW - timedelta(hours=2)
AGED = NOW - timedelta(days=400)

TEMPLATES = {
    "article.html": "<title>{{ article.title }}</title><p>The blog</p>{{ article.content }}",
    "page.html": "<title>{{ page.title }}</title><p>The blog</p>{{ page.content }}",
    "category.html": "<title>{{ category }}</title>",
    "index.html": "<title>{{ SITENAME }}</title>"
    "{% for article in articles %}<p>{{ article.title }}</p>{{ article.summary }}{% endfor %}",
}
"""A theme that writes little, so that a build takes little time."""

COMPILED = Compiled()

NO_STATE = (
    "  There was no state before: keep linkbacks.jsonl for the next build. Without it, what is not "
    "told yet is told by a send on these same files, or never."
)
"""What the first of all builds ends with, if something is left to be told."""


class Folder(Site):
    """A web server that shows a folder, under a path of its own if need be."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.root = "/"

    def answer(self, received: Received) -> Answer:
        """A file, or what ``pages`` has in its stead."""
        path = unquote(urlsplit(received.path).path)
        if path in self.pages or not path.startswith(self.root):
            return super().answer(received)
        file = self.folder / path.removeprefix(self.root)
        if file.is_dir():
            file /= "index.html"
        self.requests.append(received)
        return Answer(file.read_bytes()) if file.is_file() else Answer("not found", 404)


@dataclass(frozen=True)
class Build:
    """What one build in this process has told its author.

    Attributes:
        said: printed lines, without Pelican's own last one.
        info, problems: what was logged, as information and as something worse.
    """

    said: list[str]
    info: list[str]
    problems: list[str]

    @property
    def summary(self) -> str:
        """The one line that says what came of all."""
        (line,) = [line for line in self.said if line.startswith("Linkbacks: ")]
        return line

    @property
    def read(self) -> int:
        """How many articles were read for links."""
        lines = [re.search(r"(\d+) of them read for links", line) for line in self.info]
        return sum(int(line[1]) for line in lines if line)


class Blog:
    """A blog whose output folder is the live site, until ``web.folder`` says otherwise.

    Args:
        folder: an empty one, for all that belongs to the blog.

    Attributes:
        settings: Pelican's, as they are written into ``pelicanconf.py`` before each build.
        web: the server that the world sees.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content = folder / "content"
        self.output = folder / "output"
        self.live = folder / "live"
        self.state_file = folder / "linkbacks.jsonl"
        self.settings_file = folder / "pelicanconf.py"
        for made in (self.content, self.output, self.live, folder / "theme" / "templates"):
            made.mkdir(parents=True)
        for name, text in TEMPLATES.items():
            (folder / "theme" / "templates" / name).write_text(text)
        self.web = Folder(self.output)
        self.settings: dict[str, Any] = {
            "PLUGINS": ["pelican_linkbacks"],
            "SITEURL": self.web.url,
            "SITENAME": "The blog",
            "PATH": "content",
            "OUTPUT_PATH": "output",
            "CACHE_PATH": "cache",
            "THEME": "theme",
            "TIMEZONE": "UTC",
            "DEFAULT_LANG": "en",
            "DIRECT_TEMPLATES": ["index"],
            "FEED_ALL_ATOM": None,
            "CATEGORY_FEED_ATOM": None,
            "TRANSLATION_FEED_ATOM": None,
            "LINKBACKS_ALLOW_NETWORKS": ["127.0.0.0/8"],
        }

    def write(
        self, name: str, text: str, date: datetime | None = YOUNG, /, **metadata: str
    ) -> Path:
        """Write an article, or a page below ``pages/``, in Markdown unless its name says reST.

        Args:
            name: file name below the content folder; without a suffix it is Markdown.
            text: its body.
            date: None leaves it out.
            metadata: more lines for its head.
        """
        file = self.content / (name if "." in name else f"{name}.md")
        slug = file.name.partition(".")[0]
        head = {"title": slug.capitalize(), "slug": slug} | metadata
        if date:
            head["date"] = f"{date:%Y-%m-%d %H:%M:%S}"
        if file.suffix == ".rst":
            title = head.pop("title")
            fields = "".join(f":{key}: {value}\n" for key, value in head.items())
            content = f"{title}\n{'#' * len(title)}\n\n{fields}\n{text}\n"
        else:
            content = "".join(f"{key}: {value}\n" for key, value in head.items()) + f"\n{text}\n"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        return file

    def build(self) -> Build:
        """Build in this process, as often as one likes."""
        return note(lambda: self.pelican().run())

    def pelican(self) -> Pelican:
        """A Pelican with this blog's settings that has not run yet."""
        self.save_settings()
        forget_plugins()
        # It drops an information that it has logged before in the same process.
        LimitFilter._raised_messages.clear()
        settings = read_settings(str(self.settings_file))
        given = settings["JINJA_ENVIRONMENT"]
        settings["JINJA_ENVIRONMENT"] = given | {"bytecode_cache": COMPILED}
        return Pelican(settings)

    def build_apart(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Build in a process of its own, as an author does."""
        self.save_settings()
        return self.module("pelican", "-s", self.settings_file.name, *options)

    def module(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a module as a command in this blog's folder, in a process of its own."""
        return apart.run(self.folder, name, *arguments)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in this blog's folder."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def save_settings(self) -> None:
        """Write the settings file."""
        lines = [f"{name} = {value!r}\n" for name, value in self.settings.items()]
        self.settings_file.write_text("import re\n" + "".join(lines), encoding="utf-8")

    def plugin(self, name: str, text: str) -> None:
        """Write another plugin and use it after those that are in use already."""
        (self.folder / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
        self.settings["PLUGIN_PATHS"] = [str(self.folder)]
        self.settings["PLUGINS"] = [*self.settings["PLUGINS"], name]

    def upload(self) -> None:
        """Copy the output to the live site, where ``web.folder`` is that one."""
        shutil.copytree(self.output, self.live, dirs_exist_ok=True)

    def mentions(self) -> list[Mention]:
        """What the state file knows."""
        return State.load(self.state_file).mentions()

    def outcomes(self) -> dict[str, str]:
        """What came of each target in the state file."""
        return {mention.target: str(mention.outcome) for mention in self.mentions()}

    def sources(self) -> set[str]:
        """The source files from which the state file knows mentions."""
        return {mention.file for mention in self.mentions()}


def note(build: Callable[[], None]) -> Build:
    """Let a build run, and note what it says."""
    printed = io.StringIO()
    with _logged() as records, contextlib.redirect_stdout(printed), warnings.catch_warnings():
        # Pelican 4.9 calls functions of docutils that are on their way out.
        warnings.filterwarnings("ignore", "(?s).*will be removed in Docutils")
        build()
    # Pelican's own last line may be folded, ours are not.
    said = re.sub(r"^Done: .*?seconds\.\s", "", printed.getvalue(), flags=re.DOTALL | re.MULTILINE)
    return Build(
        said.splitlines(),
        [r.getMessage() for r in records if r.levelno == logging.INFO],
        [r.getMessage() for r in records if r.levelno > logging.INFO],
    )


@contextlib.contextmanager
def _logged() -> Iterator[list[logging.LogRecord]]:
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler, root = Keep(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield records
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def forget_plugins() -> None:
    """Take from Pelican's signals whatever listens to them, as if no plugin was ever used."""
    for signal in vars(signals).values():
        if isinstance(signal, Signal):
            for receiver in list(signal.receivers_for(ANY)):
                signal.disconnect(receiver)


HOLDER = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def held_elsewhere(state_file: Path) -> Iterator[None]:
    """Let another process hold a state file for the length of the block."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"{state_file}.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield
        process.communicate()
