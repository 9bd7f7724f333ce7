"""How a real WordPress that links to our pages finds out where to tell us, and what it tells."""

import html
import re
import tempfile
import xmlrpc.client
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests import servers
from tests.webservers.servers import WebServer as RealServer
from tests.wordpress.bench import Blogs
from tests.wordpress.blog import Blog
from tests.wordpress.website import Site

REGISTERED = xmlrpc.client.dumps(("Registered.",), methodresponse=True)
TAKEN = '<?xml version="1.0" encoding="utf-8"?>\n<response>\n<error>0</error>\n</response>'
FORM = "application/x-www-form-urlencoded"

PATHS = ["rye.html", "2026/11/rye.html", "2026/11/rye/"]
PINGBACKS = ["/linkbacks/pingback", "/pingback.php?blog=1&of=rye"]
"""What LINKBACKS_ENDPOINT gives, and one with a sign in it that HTML would escape."""


@dataclass(frozen=True)
class Told:
    """A pingback, and what WordPress had asked of our article when it came."""

    endpoint: str
    source: str
    target: str
    looked: list[str]


class Receiver(servers.Site):
    """What takes linkbacks for us: any pingback and any trackback is welcome."""

    def listen(self, site: Site, article: str) -> list[Told]:
        """The pingbacks that come from now on."""
        told: list[Told] = []

        def take(received: servers.Received) -> servers.Answer:
            (source, target), method = xmlrpc.client.loads(received.body)
            assert method == "pingback.ping"
            assert received.method == "POST"
            told.append(Told(received.path, str(source), str(target), visits(site, article)))
            return servers.Answer(REGISTERED, headers=[("Content-Type", "text/xml")])

        self.pages |= dict.fromkeys(PINGBACKS, take)
        return told


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver at a host of its own."""
    with Receiver(host="127.0.0.2") as receiver:
        yield receiver


@pytest.fixture
def nginx() -> Iterator[RealServer]:
    """An nginx that is not running yet."""
    # pytest's own temporary folders let nobody in but their owner.
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        yield RealServer("nginx", Path(folder))


@pytest.fixture
def neighbour(wordpress: Blogs) -> Blog:
    """A blog at another host than nginx: WordPress tells its own host's pages from the others."""
    return wordpress[1]


def name_endpoints(site: Site, receiver: Receiver, pingback: str = PINGBACKS[0]) -> None:
    """Tell the build who takes linkbacks for us, and that it has none to show."""
    site.set(LINKBACKS_ENDPOINT=f"{receiver.url}/linkbacks", LINKBACKS_RECEIVED=[])
    if pingback != PINGBACKS[0]:
        site.set(LINKBACKS_PINGBACK_ENDPOINT=receiver.url + pingback)


def visits(site: Site, article: str) -> list[str]:
    """The requests for an article so far."""
    return [visit for visit in site.visits if visit.endswith(f" {urlsplit(article).path}")]


def link(article: str) -> str:
    """A post that links to an article."""
    return f'<p>This week I tried <a href="{article}">their rye</a>, twice, with seeds.</p>'


@pytest.mark.parametrize("pingback", PINGBACKS)
def test_wordpress_finds_the_pingback_endpoint_by_head_alone_where_nginx_reads_our_file(
    neighbour: Blog, receiver: Receiver, nginx: RealServer, tmp_path: Path, pingback: str
) -> None:
    site = Site(tmp_path, nginx.site, nginx)
    name_endpoints(site, receiver, pingback)
    site.set(LINKBACKS_HEADER_FILES=["nginx"])
    article = site.write("rye", "Rye, water, salt.")
    site.build()
    site.upload()
    told = receiver.listen(site, article)

    with nginx.serving(f"include {nginx.site}/linkbacks.nginx.conf;"):
        post = neighbour.publish("A loaf from next door", link(article))
        asked = visits(site, article)

    print("\n".join([*asked, *(f"{one.method} {one.path}" for one in receiver.requests)]))
    assert told == [Told(pingback, post.url, article, ["HEAD /rye.html"])]
    assert len(receiver.requests) == 1
    # The second time it looks whether the link leads to a sound or film, for its feed.
    assert asked == ["HEAD /rye.html", "HEAD /rye.html"]
    assert post.told == [article]


@pytest.mark.parametrize("pingback", PINGBACKS)
def test_wordpress_finds_the_pingback_endpoint_by_the_tag_alone(
    neighbour: Blog, receiver: Receiver, site: Site, pingback: str
) -> None:
    name_endpoints(site, receiver, pingback)
    article = site.write("rye", "Rye, water, salt.")
    site.build()
    # The build has looked at the page itself.
    site.visits.clear()
    told = receiver.listen(site, article)

    post = neighbour.publish("A loaf from next door", link(article))

    asked = visits(site, article)
    print("\n".join([*asked, *(f"{one.method} {one.path}" for one in receiver.requests)]))
    assert told == [Told(pingback, post.url, article, ["HEAD /rye.html", "GET /rye.html"])]
    assert len(receiver.requests) == 1
    assert post.told == [article]


def test_wordpress_tells_nobody_of_a_link_to_an_article_that_takes_nothing(
    neighbour: Blog, receiver: Receiver, site: Site
) -> None:
    name_endpoints(site, receiver)
    article = site.write("rye", "Rye, water, salt.", linkbacks="send")
    site.build()
    site.visits.clear()

    post = neighbour.publish("A loaf from next door", link(article))

    assert visits(site, article) == ["HEAD /rye.html", "GET /rye.html", "HEAD /rye.html"]
    assert receiver.requests == []
    assert post.told == []


@pytest.mark.parametrize("path", PATHS)
def test_what_wordpress_has_in_its_trackback_box_arrives_at_the_trackback_url_we_show(
    neighbour: Blog, receiver: Receiver, site: Site, path: str
) -> None:
    name_endpoints(site, receiver)
    site.set(LINKBACKS_SHOW_TRACKBACK_URL=True)
    file = f"{path}index.html" if path.endswith("/") else path
    article = site.write("rye", "Rye, water, salt.", url=path, save_as=file)
    site.build()
    # As somebody copies it who reads our article.
    (shown,) = re.findall("Trackback URL: <code>(.*?)</code>", site.read(file))
    trackback = html.unescape(shown)
    receiver.pages[urlsplit(trackback).path] = servers.Answer(
        TAKEN, headers=[("Content-Type", "text/xml")]
    )

    words = "This week I tried rye, twice, with seeds."
    post = neighbour.publish("A loaf from next door", f"<p>{words}</p>", trackbacks=trackback)

    assert article == f"{site.url}/{path}"
    assert trackback == f"{receiver.url}/linkbacks/trackback/{path}"
    (ping,) = receiver.requests
    print(ping.method, ping.path, ping.body.decode())
    assert f"{ping.method} {receiver.url}{ping.path}" == f"POST {trackback}"
    assert ping.headers["Content-Type"] == FORM
    assert dict(parse_qsl(ping.body.decode(), strict_parsing=True)) == {
        "title": "A loaf from next door",
        "url": post.url,
        "blog_name": "The neighbour",
        "excerpt": words,
    }
    assert post.told == [trackback]
    assert post.untold == []
