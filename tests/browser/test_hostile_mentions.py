"""Mentions of people who want to do harm, on our pages and in a theme's own, in a real browser."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html import escape
from typing import Any

import pytest

from tests.blog import AGED, Blog, Folder
from tests.browser.chromium import Browser
from tests.browser.payloads import ADDRESSES, EVIL, RUN, TEXTS, TOTAL
from tests.servers import Answer, Received, Site
from tests.test_themes import parse_errors

HOME = "https://us.example"
ORIGINS = ("receiver", "file", "service", "feed", "broken")
PLACES = [f"{origin}-{by}" for origin in ORIGINS for by in ("us", "theme")]
PHONE = (360, 800)
MANY = 3000

# Where themes print such things: between tags, and in attributes in both kinds of quotes.
PRINTED = """
<div class="own">{% for one in article.linkbacks %}
<div class="{{ one.kind }} {{ one.protocol }}" title="{{ one.title }}"
 data-author='{{ one.author }}' lang="{{ one.excerpt }}" accesskey='{{ one.host }}'
 translate="{{ one.published }}">
<a href="{{ one.url }}" rel='{{ one.rel }}' title='{{ one.title }}'>{{ one.title }}</a>
<a href='{{ one.url|e }}' title="{{ one.excerpt|e }}">{{ one.author|e }}</a>
<p>{{ one.excerpt }}</p> {{ one.host }} {{ one.kind }} {{ one.protocol }} {{ one.published }}
</div>
{% endfor %}</div>
"""
TEMPLATE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>{{ article.title }}</title>"
    '<link rel="icon" href="data:,"><link rel="stylesheet" href="/theme/style.css"></head>'
    "<body><main><article>{{ article.content }}"
    "{% if article.slug.endswith('theme') %}" + PRINTED + "{% endif %}"
    '</article><p id="after">After it.</p></main></body></html>'
)

ALLOWED = {
    "SECTION": {"class", "data-linkback"},
    "H2": set(),
    "UL": set(),
    "LI": {"class"},
    "P": set(),
    "A": {"class", "href", "rel", "dir", "title"},
    "SPAN": {"class", "dir"},
    "BDI": set(),
    "TIME": {"class", "datetime"},
    "BLOCKQUOTE": {"class", "dir"},
    "DIV": {"class", "title", "data-author", "lang", "accesskey", "translate"},
}

WATCH = """
window.calls = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = () => { window.calls.push(name); };
"""

SEEN = """
const inside = [...document.querySelectorAll("section.linkbacks *, .own *")];
const tags = {};
for (const element of inside) for (const name of [...element.getAttributeNames(), ""])
  (tags[element.tagName] ||= {})[name] = true;
for (const type of ["mouseover", "mousedown", "click", "focus", "pointerenter", "animationstart"])
  for (const element of inside) {
    element.addEventListener("click", event => event.preventDefault());
    element.dispatchEvent(new MouseEvent(type, {bubbles: false, cancelable: true}));
  }
const after = document.getElementById("after"), style = getComputedStyle(after);
const shown = document.querySelector("section.linkbacks, .own");
const names = ["direction", "unicodeBidi", "display", "color", "font", "textDecoration", "width",
  "visibility", "position", "backgroundImage"];
return {
  harmed: window.harmed ?? null,
  calls: window.calls,
  title: document.title,
  url: location.href,
  base: document.baseURI,
  tags: Object.fromEntries(Object.entries(tags).map(([tag, all]) =>
    [tag, Object.keys(all).filter(name => name)])),
  schemes: [...new Set([...document.links].map(link => link.protocol))],
  rels: [...new Set([...document.querySelectorAll("section.linkbacks a")].map(link => link.rel))],
  shown: document.querySelectorAll("section.linkbacks li, .own > div").length,
  text: shown ? shown.textContent : "",
  frame: [...document.querySelectorAll("html, head, head *, body, main, main > *")]
    .map(element => element.tagName),
  wide: inside.filter(element => element.getClientRects().length && element.scrollWidth
    && [...element.getClientRects()].some(box => box.right > innerWidth || box.left < 0)
    || element.scrollWidth > innerWidth).map(element => element.textContent.slice(0, 99)),
  width: document.scrollingElement.scrollWidth,
  after: Object.fromEntries(names.map(name => [name, style[name]])),
  stands: shown ? after.parentElement.tagName + !shown.contains(after)
    + (shown.getBoundingClientRect().bottom <= after.getBoundingClientRect().top) : "",
};
"""


def words() -> Iterator[dict[str, str]]:
    """What each field of a mention may hold: source, address, words."""
    for number, text in enumerate(TEXTS):
        yield {"source": f"https://evil.example/{number}", "url": f"https://e.example/{text}"} | {
            "words": text
        }
        yield {"source": f"https://evil.example/s{number}?{text}", "url": text, "words": text}
    for number, address in enumerate(ADDRESSES):
        yield {"source": f"https://evil.example/a{number}", "url": address, "words": address}
        yield {"source": address, "url": "", "words": ""}
    for number, when in enumerate(("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0000-00-00")):
        yield {"source": f"https://evil.example/w{number}", "url": "", "words": when}


def listed(by: str) -> list[dict[str, str]]:
    """All of it as a receiver lists it."""
    return [
        {"source": one["source"], "url": one["url"], "target": f"{HOME}/{place}.html"}
        | dict.fromkeys(
            ("title", "author", "excerpt", "kind", "protocol", "published", "received"),
            one["words"],
        )
        for place in PLACES
        if place.startswith(by)
        for one in words()
    ]


def of_a_service(received: Received) -> Answer:
    """All of it as webmention.io lists it, all on one page."""
    if "page=0" not in received.path:
        return Answer('{"children": []}')
    items: list[dict[str, Any]] = []
    for number, one in enumerate(listed("service")):
        text = one["title"]
        html = {"html": text} if number % 2 else {"html": text, "text": text}
        author = {"type": "card", "name": text, "url": text, "photo": text}
        item = dict.fromkeys(
            ("name", "published", "wm-received", "wm-property", "wm-protocol", "summary"), text
        )
        items.append(
            item
            | {"wm-source": one["source"], "wm-target": one["target"], "url": one["url"]}
            | {"content": html, "author": author}
        )
    return Answer(json.dumps({"type": "feed", "children": items}))


def of_a_feed() -> bytes:
    """All of it as entries of a feed that is well-formed."""
    links = "".join(f'<a href="{HOME}/feed-{by}.html">x</a>' for by in ("us", "theme"))
    entries = []
    for number, one in enumerate(words()):
        # What XML can't hold.
        bad = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
        text, source, url = (re.sub(bad, "", one[name]) for name in ("words", "source", "url"))
        kind = "html" if number % 2 else "text"
        entries.append(
            f'<entry><title type="{kind}">{escape(text)}</title><link href="{escape(source)}"/>'
            f"<author><name>{escape(text)}</name><uri>{escape(url)}</uri></author>"
            f"<published>{escape(text)}</published><id>{escape(url)}</id>"
            f'<content type="html">{escape(links + text)}</content></entry>'
        )
    inner = "".join(entries)
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{inner}</feed>'
    return feed.encode()


def of_a_broken_feed() -> bytes:
    """Some of it as bytes that are no text in any encoding."""
    links = "".join(f'<a href="{HOME}/broken-{by}.html">x</a>' for by in ("us", "theme"))
    pieces = (
        *(text.encode("utf-8", "surrogatepass") for text in TEXTS[:200]),
        b"\xc0\xbcscript\xc0\xbealert(1)\xc0\xbc/script\xc0\xbe",
        b"\xe0\x80\xbcimg src=x onerror=alert(1)\xe0\x80\xbe",
        b"\xf8\x80\x80\x80\xbcscript\xf8\x80\x80\x80\xbe",
        b"\xff\xfe<\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00",
        b"\x1b$B<script>alert(1)</script>\x1b(B",
        b"~{<script>alert(1)</script>~}",
        b"\x81<script>\x82\x83",
    )
    entries = [
        b'<entry><title type="html">%b</title><link href="https://evil.example/%d"/>'
        b'<author><name>%b</name></author><content type="html">%b</content>'
        b'<content type="html">%b</content></entry>'
        % (piece, number, piece, escape(links).encode(), piece)
        for number, piece in enumerate(pieces)
    ]
    return b'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>%b</feed>' % b"".join(
        entries
    )


class Shelf(Folder):
    """A web server that says which files are style sheets."""

    def answer(self, received: Received) -> Answer:
        answer = super().answer(received)
        kind = "text/css" if received.path.endswith(".css") else "text/html; charset=utf-8"
        return Answer(answer.body, answer.status, [("Content-Type", kind)])


@pytest.fixture(scope="module")
def evil() -> Iterator[Site]:
    """A server that must not be asked."""
    with Site() as site:
        yield site


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, evil: Site) -> Iterator[Shelf]:
    """A blog that was told all of it in every way, as it is published."""
    blog = Blog(tmp_path_factory.mktemp("hostile"))
    for name in (*PLACES, "many", "silent"):
        blog.write(name, "Rye, water, salt.", AGED)
    (blog.folder / "theme/templates/article.html").write_text(TEMPLATE)
    (blog.folder / "theme/static").mkdir()
    (blog.folder / "theme/static/style.css").write_text("p { color: #123 }")

    def told(text: str) -> str:
        return text.replace(EVIL, evil.url)

    crowd = [
        {
            "source": f"https://evil.example/{number}",
            "target": f"{HOME}/many.html",
            "title": TEXTS[0],
        }
        for number in range(MANY)
    ]
    everything = json.dumps({"version": 1, "mentions": [*listed("file"), *crowd]})
    (blog.folder / "mentions.json").write_bytes(told(everything).encode("utf-16"))
    document = told(json.dumps({"version": 1, "mentions": listed("receiver")}))
    origins = Site(
        {
            "/received.json": document,
            "/api/mentions.jf2": lambda asked: Answer(told(str(of_a_service(asked).body))),
            "/feed": told(of_a_feed().decode()),
            "/broken": Answer(of_a_broken_feed().replace(EVIL.encode(), evil.url.encode())),
        }
    )
    with blog.web, origins, pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEBMENTION_IO_TOKEN", "token")
        blog.settings |= {
            "SITEURL": HOME,
            "LINKBACKS_SEND": False,
            "THEME_STATIC_DIR": "theme",
            # There it is still the year before the first one.
            "TIMEZONE": "America/Chicago",
            "LINKBACKS_RECEIVED": [
                f"receiver:{origins.url}",
                "mentions.json",
                f"webmention.io:{origins.url}",
                f"feed:{origins.url}/feed",
                f"feed:{origins.url}/broken",
            ],
        }
        done = blog.build_apart()
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in done.stdout.splitlines() if "Linkbacks: " in line] == [
        "Linkbacks: 0 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed."
    ]
    web = Shelf(blog.output)
    with web:
        yield web
    shutil.rmtree(blog.folder)


@pytest.fixture
def watched(browser: Browser) -> Iterator[Browser]:
    """The browser as a telephone that counts its dialogs."""
    added = browser.driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": WATCH}
    )
    browser.look_like(*PHONE)
    browser.requests()
    yield browser
    browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def opened(browser: Browser, url: str) -> dict[str, Any]:
    """What has become of a page."""
    browser.open(url)
    browser.run("return new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    found: dict[str, Any] = browser.run(SEEN)
    return found


def test_there_are_enough_of_them() -> None:
    assert len({*TEXTS, *ADDRESSES}) >= 200


def test_a_page_that_escapes_nothing_is_harmed(watched: Browser, evil: Site) -> None:
    raw = f"<p>{TEXTS[0]}<img src={evil.url}/a.png></p><p id=after>After it.</p>"
    with Site({"/": f"<!DOCTYPE html><title>x</title>{raw}"}) as site:
        found = opened(watched, f"{site.url}/")
    assert found["harmed"] == 1
    assert found["calls"] == ["alert"]
    assert f"{evil.url}/a.png" in watched.requests()
    assert [request.path for request in evil.requests] == ["/a.png"]
    evil.requests.clear()


@pytest.mark.parametrize("place", [*PLACES, "many"])
def test_nothing_runs_nothing_is_loaded_and_nothing_breaks(
    shelf: Shelf, evil: Site, watched: Browser, place: str
) -> None:
    plain = opened(watched, f"{shelf.url}/silent.html")
    watched.requests()
    watched.complaints()
    url = f"{shelf.url}/{place}.html"
    found = opened(watched, url)

    least = MANY if place == "many" else len(TEXTS) if "broken" not in place else 1
    assert found["shown"] >= least
    assert (found["harmed"], found["calls"]) == (None, [])
    assert set(watched.requests()) == {url, f"{shelf.url}/theme/style.css"}
    assert evil.requests == []
    assert watched.complaints() == []
    assert (found["title"], found["url"], found["base"]) == (place.capitalize(), url, url)
    assert {tag: set(names) - ALLOWED[tag] for tag, names in found["tags"].items()} == {
        tag: set() for tag in found["tags"]
    }
    assert set(found["schemes"]) <= {"http:", "https:"}
    assert set(found["rels"]) <= {"nofollow ugc"}
    assert TOTAL not in found["text"]
    assert parse_errors((shelf.folder / f"{place}.html").read_bytes()) == 0
    assert found["frame"] == plain["frame"]
    assert found["after"] == plain["after"]
    assert found["stands"] == "MAINtruetrue"
    assert (found["width"], found["wide"]) == (PHONE[0], [])
    # Words are shown, not left out.
    if place.startswith(("receiver", "file", "service")):
        bare = re.sub("[\u00ad\u200b]", "", found["text"])
        assert f"<script>{RUN}</script>" in bare
        assert "{{ 1337*7331 }}" in bare
