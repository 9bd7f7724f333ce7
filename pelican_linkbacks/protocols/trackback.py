"""TrackBack 1.2 (Six Apart's technical specification): markup, discovery, excerpt, request,
reply; and of a receiver the notice and its answer."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

from pelican_linkbacks import reading
from pelican_linkbacks.links import READ_LIMIT
from pelican_linkbacks.mention import Article, Endpoint, Excerpt, Mention, Outcome, Reply, Request
from pelican_linkbacks.notice import Answer, Notice, Verdict
from pelican_linkbacks.page import Page
from pelican_linkbacks.prose import plain, plain_title, shortened, tidy
from pelican_linkbacks.protocols import answers, claims, forms, rdf
from pelican_linkbacks.urls import spelt_alike

NAME = "trackback"
EXCERPT_LENGTH, TITLE_LENGTH, BLOG_NAME_LENGTH = 252, 250, 100

_RESPONSE = re.compile(rb"<response\b", re.IGNORECASE)
_ERROR = re.compile(rb"<error>\s*(\d{1,9})\s*</error>", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,9}")
_ALREADY = "already a ping from that url"
_ACCEPTED = frozenset({Verdict.ACCEPTED, Verdict.UPSTREAM})
_MOST_MARKUP = 4000
"""Characters of a field that are read for the few that are kept."""


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


def notice(body: bytes, content_type: str, target: str) -> Notice:
    """What a sender says, from the body of its POST ("Sending a TrackBack Ping").

    Its texts become plain text, for WordPress and others send them with entities or tags.

    Args:
        body, content_type: of the POST.
        target: URL of the article whose trackback URL was used.

    Raises:
        Malformed: ``url`` is missing or no URL of a page.
    """
    fields = forms.fields(body, content_type)
    title, blog_name, words = (
        tidy(fields.get(field, "")[:_MOST_MARKUP]) for field in ("title", "blog_name", "excerpt")
    )
    return Notice(
        NAME,
        claims.url("url", fields.get("url", "")),
        target,
        # Tidied once more, for an entity may stand for what was dropped before.
        shortened(tidy(plain_title(title)), TITLE_LENGTH),
        shortened(tidy(plain(words)), EXCERPT_LENGTH),
        shortened(tidy(plain_title(blog_name)), BLOG_NAME_LENGTH),
    )


def answer(verdict: Verdict, said: str = "", *, retry_after: float | None = None) -> Answer:
    """What a sender is answered: ``<error>0</error>``, or 1 and a message.

    A source that can't be reached now is accepted like any other: the protocol has no word for it,
    and the receiver tries again by itself.

    Args:
        verdict: what the receiver thinks.
        said: to the sender, instead of the usual words.
        retry_after: seconds to wait, for the verdicts that ask for a pause.
    """
    error = 0 if verdict in _ACCEPTED else 1
    words = answers.words(verdict, said)
    if verdict is Verdict.REGISTERED:
        # The only words by which senders know it.
        words = f"There is {_ALREADY.replace('url', 'URL')} for this page."
    body = f"""<?xml version="1.0" encoding="utf-8"?>
<response>
<error>{error}</error>
<message>{html.escape(words, quote=False)}</message>
</response>
"""
    headers = answers.pause(verdict, retry_after)
    status = answers.status(verdict, 200)
    return Answer(status, "text/xml; charset=utf-8", body.encode(), headers)


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
