"""What a real WordPress tells a real receiver behind a real nginx, and what its author makes of it.

The site is the sample site, built as its author builds it; the receiver is the command that an
author starts, and the author decides in a real browser.
"""

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import xmlrpc.client
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks.config import Config
from pelican_linkbacks.receiver.desk import Desk, database_place
from pelican_linkbacks.receiver.house import open_house
from pelican_linkbacks.receiver.vault import REBUILD
from tests import servers
from tests.apart import environment
from tests.browser.chromium import Browser
from tests.receiver.server import Serving
from tests.webservers.servers import WebServer
from tests.wordpress.bench import Blogs
from tests.wordpress.blog import Blog
from tests.wordpress.programs import wait_until

SAMPLE_SITE = Path(__file__).parents[2] / "sample_site"
PASSWORD = "flour, water and salt"
ARTICLE = "plain-rye.html"
OUR_TITLE = "A plain rye from the tin"

SETTINGS = """
SITEURL = {url!r}
LINKBACKS_SEND = False
LINKBACKS_ALLOW_NETWORKS = ["127.0.0.0/8"]
LINKBACKS_ENDPOINT = {endpoint!r}
LINKBACKS_SHOW_TRACKBACK_URL = True
LINKBACKS_WEBHOOK = {webhook!r}
"""

PROXY = """\
location /linkbacks/ {{
  proxy_pass http://127.0.0.1:{port};
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
}}
"""

HOUR, DAY = 3600, 24 * 3600
"""Seconds."""


class Host(servers.Site):
    """Who hosts our site: asked to build it anew, it notes how many mentions there are to show."""

    def __init__(self) -> None:
        super().__init__({"/rebuild": self._rebuild})
        self.found: list[int] = []
        self.received = ""

    def _rebuild(self, asked: servers.Received) -> servers.Answer:
        assert asked.method == "POST"
        self.found.append(len(fetched(self.received)["mentions"]))
        return servers.Answer(status=204)


class Ours:
    """Our site and its author.

    Attributes:
        article: the URL of an article.
        endpoint: where the receiver is, as the world knows it.
    """

    def __init__(self, folder: Path, nginx: WebServer, host: Host) -> None:
        self._folder = folder
        self._nginx = nginx
        self.article = f"{nginx.url}/{ARTICLE}"
        self.endpoint = f"{nginx.url}/linkbacks"
        host.received = f"{self.endpoint}/received.json"
        webhook = f"{host.url}/rebuild"
        with (folder / "publishconf.py").open("a", encoding="utf-8") as settings:
            lines = SETTINGS.format(url=nginx.url, endpoint=self.endpoint, webhook=webhook)
            settings.write(lines)

    def build(self) -> None:
        """Build the site, and upload it."""
        self._run("pelican", "content", "-s", "publishconf.py", "-o", "output")
        shutil.copytree(self._folder / "output", self._nginx.site, dirs_exist_ok=True)

    def command(self, *arguments: str, given: str = "") -> str:
        """Run pelican-linkbacks, and return what it prints."""
        return self._run("pelican_linkbacks", "-s", "publishconf.py", *arguments, given=given)

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        """What came in, as the command tells it to programs."""
        entries: list[dict[str, Any]] = json.loads(
            self.command("received", "list", "--json", *arguments)
        )
        return entries

    def waiting(self, number: int) -> list[dict[str, Any]]:
        """So many as are to wait for a decision, once all of them are verified."""
        entries: list[dict[str, Any]] = []

        def are_there() -> bool:
            entries[:] = self.listed("--status", "pending")
            return len(entries) == number

        wait_until(are_there, f"{number} verified entries")
        return entries

    def shown(self) -> list[dict[str, Any]]:
        """What the world may see of it."""
        mentions: list[dict[str, Any]] = fetched(f"{self.endpoint}/received.json")["mentions"]
        return mentions

    def look_again(self, seconds: float) -> int:
        """Look at what is due then, and return how many that were."""
        house = open_house(self._config, clock=lambda: time.time() + seconds)
        try:
            house.targets.refresh()
            return house.verifiers.run_due(10)
        finally:
            house.close()

    def is_told(self) -> bool:
        """Whether the last change of what is shown was told to the webhook."""
        desk = Desk.open(database_place(self._config))
        try:
            chore = desk.vault.chore(REBUILD)
            return chore.done is not None and chore.wanted is None
        finally:
            desk.close()

    @property
    def trackback(self) -> str:
        """The article's trackback URL, as somebody copies it who reads the article."""
        page = (self._folder / "output" / ARTICLE).read_text(encoding="utf-8")
        (found,) = re.findall("Trackback URL: <code>(.*?)</code>", page)
        return html.unescape(found)

    @property
    def _config(self) -> Config:
        folder = self._folder
        return Config(
            siteurl=self._nginx.url,
            content=folder / "content",
            output=folder / "output",
            cache=folder / "cache",
            allow_networks=(ip_network("127.0.0.0/8"),),
        )

    def _run(self, module: str, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self._folder,
            env=environment(),
            input=given,
            capture_output=True,
            encoding="utf-8",
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        return done.stdout


def fetched(url: str) -> Any:
    """What a URL says in JSON."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


@pytest.fixture
def neighbour(wordpress: Blogs) -> Blog:
    """A blog at another host than nginx: WordPress tells its own host's pages from the others."""
    return wordpress[1]


@pytest.fixture
def host() -> Iterator[Host]:
    """A host that can be called."""
    with Host() as host:
        yield host


@pytest.fixture
def ours(wordpress: Blogs, host: Host, tmp_path: Path) -> Iterator[Ours]:
    """Our site, live, and its receiver at work; a password is set."""
    folder = tmp_path / "site"
    shutil.copytree(SAMPLE_SITE, folder)
    # pytest's own temporary folders let nobody in but their owner.
    with tempfile.TemporaryDirectory(prefix="nginx-") as made:
        nginx = WebServer("nginx", Path(made))
        ours = Ours(folder, nginx, host)
        ours.build()
        ours.command("password", "--stdin", given=f"{PASSWORD}\n")
        trusted = ("--trusted-proxy", "127.0.0.0/8")
        with (
            Serving(folder, *trusted, before=("-s", "publishconf.py")) as serving,
            nginx.serving(PROXY.format(port=serving.port)),
        ):
            assert serving.lines[-1].endswith(f" for {ours.endpoint} until Ctrl-C.")
            yield ours
            assert serving.end() == (0, "")


@pytest.fixture
def author(ours: Ours, browser: Browser) -> Browser:
    """A browser in which our author has signed in."""
    browser.open(f"{ours.endpoint}/")
    browser.enter("[name=password]", PASSWORD)
    return browser


def link(article: str) -> str:
    """A paragraph that links to an article."""
    return f'<p>This week I tried <a href="{article}">their rye</a>, twice, with seeds.</p>'


def card(browser: Browser, entry: dict[str, Any]) -> str:
    """What an author reads of an entry."""
    return browser.find(f"#mention-{entry['id']}").text


def test_what_wordpress_tells_is_shown_as_its_author_edited_and_approved_it(
    neighbour: Blog, ours: Ours, author: Browser, host: Host
) -> None:
    assert "Nothing is waiting." in author.text
    pinging = neighbour.publish("A loaf from next door", link(ours.article))
    words = "Fourteen hours, and “patience” & salt."
    tracking = neighbour.publish(
        "Salt & patience",
        f"<p>{words}</p>{link(ours.article)}",
        trackbacks=ours.trackback,
        pingbacks=False,
    )
    assert pinging.told == [ours.article]
    assert tracking.told == [ours.trackback]

    # Both wait, each with its title and the words of the other side.
    ping, track = sorted(ours.waiting(2), key=lambda entry: str(entry["protocol"]))
    assert [ping["source"], track["source"]] == [pinging.url, tracking.url]
    assert [ping["target"], track["target"]] == [ours.article] * 2
    assert ours.shown() == []
    author.open(f"{ours.endpoint}/")
    assert author.find("h1").text == "Waiting"
    assert len(author.find_all(".card")) == 2
    seen = card(author, ping)
    assert f"mentions {OUR_TITLE}" in seen
    assert re.search("A loaf from next door . The neighbour\n", seen)
    assert "This week I tried their rye, twice, with seeds." in seen
    assert "Pingback" in seen
    assert "The page links to your article." in seen
    seen = card(author, track)
    assert "Salt & patience" in seen
    assert f"{words} This week I tried their rye, twice, with seeds." in seen
    assert "The neighbour" in seen
    assert "Trackback" in seen
    assert "The page links to your article." in seen

    author.press(f"#mention-{ping['id']} .foot > a.button")
    author.find("#excerpt").clear()
    author.find("#excerpt").send_keys("They tried our rye twice.")
    author.press("main form button.first")
    assert "The text is changed." in author.text
    for entry in (ping, track):
        author.press(f"#mention-{entry['id']} button.first")
        assert "1 mention approved" in author.find(".done").text
    assert "Nothing is waiting." in author.text

    shown = {mention["source"]: mention for mention in ours.shown()}
    assert shown.keys() == {pinging.url, tracking.url}
    assert shown[pinging.url]["excerpt"] == "They tried our rye twice."
    assert shown[pinging.url]["title"] == ping["title"]
    assert shown[tracking.url]["title"] == "Salt & patience"
    assert shown[tracking.url]["author"] == "The neighbour"
    assert shown[tracking.url]["excerpt"] == track["excerpt"]
    approved = ours.listed("--status", "approved")
    assert ours.listed() == approved
    assert {entry["source"] for entry in approved} == shown.keys()
    for entry in approved:
        # The command says how an entry stands besides.
        assert entry.pop("status") == "approved"
        assert entry.items() <= shown[entry["source"]].items()
    with xmlrpc.client.ServerProxy(f"{ours.endpoint}/pingback") as receiver:
        assert receiver.pingback.extensions.getPingbacks(ours.article) == [pinging.url]

    # One call for both: the first decision waits half a minute for others.
    wait_until(ours.is_told, "a call of the webhook", 60)
    assert host.found == [2]


def test_a_pingback_that_comes_again_makes_no_second_entry(
    wordpress: Blogs, neighbour: Blog, ours: Ours
) -> None:
    other = wordpress[0].posts[0].url
    text = link(ours.article) + link(other)
    first = neighbour.publish("Two loaves", text)
    # Of several pages that it has told, WordPress forgets all but the last, and tells them again.
    assert first.told == [other]
    again = neighbour.revise(first, text)
    assert set(again.told) == {other, ours.article}
    (entry,) = ours.listed()
    assert (entry["source"], entry["protocol"]) == (first.url, "pingback")


def test_a_post_that_tells_us_by_pingback_and_trackback_is_one_entry(
    neighbour: Blog, ours: Ours
) -> None:
    post = neighbour.publish("One loaf", link(ours.article), trackbacks=ours.trackback)
    assert set(post.told) == {ours.article, ours.trackback}
    (entry,) = ours.listed()
    assert (entry["source"], entry["protocol"]) == (post.url, "pingback")


def test_a_post_that_links_to_us_no_longer_is_pointed_out_and_stays_shown(
    neighbour: Blog, ours: Ours, author: Browser
) -> None:
    post = neighbour.publish("A loaf from next door", link(ours.article))
    (entry,) = ours.waiting(1)
    ours.command("received", "approve", str(entry["id"]))
    neighbour.revise(post, "<p>I have moved on to wheat.</p>")
    assert ours.look_again(DAY - HOUR) == 0
    author.open(f"{ours.endpoint}/mentions?status=flagged")
    assert not author.find_all(".card")

    assert ours.look_again(DAY + HOUR) == 1

    author.open(f"{ours.endpoint}/mentions?status=flagged")
    assert "It no longer links here." in card(author, entry)
    assert [mention["source"] for mention in ours.shown()] == [post.url]
