"""TrackBack 1.2 (Six Apart's technical specification): markup, discovery, excerpt, request,
reply."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

from lxml.html import defs

from pelican_linkbacks import reading
from pelican_linkbacks.links import READ_LIMIT
from pelican_linkbacks.mention import Article, Endpoint, Excerpt, Mention, Outcome, Reply, Request
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import rdf
from pelican_linkbacks.urls import spelt_alike

NAME = "trackback"
EXCERPT_LENGTH = 252

_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)(?:[\s/][^<>]*)?>")
_RESPONSE = re.compile(rb"<response\b", re.IGNORECASE)
_ERROR = re.compile(rb"<error>\s*(\d{1,9})\s*</error>", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,9}")
_BLOCKS = sorted(
    (defs.block_tags | {"article", "aside", "br", "figcaption", "figure", "section", "summary"})
    - {"del", "ins"}
)
_ALREADY = "already a ping from that url"


def markup(endpoint: str, url: str, title: str) -> str:
    """What a page says in its head to be told by trackback.

    A link element, and the RDF that the specification embeds in a comment ("Auto-Discovery").

    Args:
        endpoint: the page's own trackback URL.
        url: canonical URL of the page.
        title: its title in plain text.
    """
    link = f'<link rel="{NAME}" href="{html.escape(endpoint)}">'
    return f"{link}\n{rdf.comment(url, title, endpoint)}"


def discover(page: Page) -> Endpoint | None:
    """The trackback URL of a page: of the embedded RDF description that is about this page, else,
    on a page without descriptions, of its only link with the relation "trackback".

    A page that lists several entries carries a description for each, and sometimes a link too: a
    URL that may be another entry's is never taken.
    """
    body = page.body[:READ_LIMIT]
    if page.content_type not in reading.HTML_TYPES or NAME.encode() not in body.lower():
        return None
    own, is_list = {spelt_alike(page.url), spelt_alike(page.asked)}, False
    for described in rdf.descriptions(body):
        url = reading.resolved(page.url, described.ping)
        if url and spelt_alike(described.identifier) in own:
            return Endpoint(url, NAME, "an RDF description with this page's identifier")
        is_list = True
    related = reading.related(page, NAME, ("link", "a")) if not is_list else ()
    # An empty href leads to the page itself, which takes no trackbacks.
    linked = [element for element in related if element.href]
    if len({element.url for element in linked}) == 1:
        return Endpoint(linked[0].url, NAME, f'<{linked[0].tag} rel="trackback">')
    return None


def excerpt(article: Article) -> Excerpt:
    """What a trackback says of an article: plain title, first words, name of the blog."""
    words = plain(article.summary or "") or plain(article.html)
    title = plain_title(article.title) or article.url
    return Excerpt(title, shortened(words, EXCERPT_LENGTH), article.blog_name)


def request(mention: Mention) -> Request:
    """The form of a ping (specification, "Sending a TrackBack Ping").

    The charset is named in the header, as the specification says, and in a field, which is the
    one that WordPress reads.
    """
    told = mention.excerpt or Excerpt(mention.source, "", "")
    fields = {
        "title": told.title,
        "url": mention.source,
        "blog_name": told.blog_name,
        "excerpt": told.text,
        "charset": "utf-8",
    }
    body = urlencode({name: value for name, value in fields.items() if value}, errors="replace")
    return Request(body.encode("ascii"), "application/x-www-form-urlencoded; charset=utf-8")


def reply(page: Page) -> Reply:
    """What a trackback URL's answer means: only ``<error>0</error>`` in a response is a success."""
    error, message = _error(page.body)
    if error is None or not 200 <= page.status < 300:
        return reading.unusable(page)
    if error == 0:
        return Reply(Outcome.SENT, message or "accepted")
    if _ALREADY in message.lower():
        return Reply(Outcome.SENT, message)
    return Reply(Outcome.REFUSED, message or f"error {error}, without a reason")


def plain(markup: str) -> str:
    """The text of some HTML on one line, without scripts and code samples."""
    from bs4 import BeautifulSoup  # see ``run``: most builds never need it

    # In a body of its own, so that bs4 takes no short text for the name of a file and warns.
    soup = BeautifulSoup(f"<body>{markup}", "lxml")
    for element in soup(["script", "style", "template", "pre"]):
        element.replace_with(" ")
    for element in soup(_BLOCKS):
        element.insert(0, " ")
        element.append(" ")
    return " ".join(soup.get_text().split())


def shortened(text: str, length: int) -> str:
    """Text of at most ``length`` characters, cut at a word."""
    if len(text) <= length:
        return text
    cut = text[:length]
    return (cut[: cut.rfind(" ")] if " " in cut else cut[:-1]).rstrip(" ,;:-") + "…"


def plain_title(title: str) -> str:
    """The text of a title on one line.

    Markdown hands a title over as raw text, reStructuredText as HTML: only what is an HTML
    element goes, so that ``vector<int>`` stays as it is.
    """
    bare = _TAG.sub(lambda tag: "" if tag[1].lower() in defs.tags else tag[0], title)
    return " ".join(html.unescape(bare).split())


def _error(body: bytes) -> tuple[int | None, str]:
    root = reading.xml_root(body, b"response")
    if root is not None:
        said = (root.findtext("error") or "").strip()
        error = int(said) if _NUMBER.fullmatch(said) else None
        return error, reading.text(root.find("message"))
    # A raw "&" in the message is common, and no reason to miss what the answer says.
    start = _RESPONSE.search(body)
    found = _ERROR.search(body, start.end()) if start else None
    message = body.partition(b"<message>")[2].partition(b"</message>")[0]
    said = reading.one_line(html.unescape(message.decode("utf-8", "replace")))
    return (int(found[1]) if found else None), said
