"""Webmention (W3C Recommendation, https://www.w3.org/TR/webmention/): markup, discovery, request,
reply; and of a receiver the notice and its answer."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urlencode

from pelican_linkbacks import reading
from pelican_linkbacks.mention import Endpoint, Mention, Outcome, Reply, Request
from pelican_linkbacks.notice import Answer, Notice, Verdict
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import answers, claims, forms

NAME = "webmention"

_ACCEPTED = frozenset({Verdict.ACCEPTED, Verdict.REGISTERED, Verdict.UPSTREAM})

# A Link header's value (RFC 8288, section 3): one link, its parameters up to the next comma that
# stands in no quotes; and one of these. Quotes that nobody closes reach to the end: looking for
# another reading of each would be quadratic in what a server sends.
_QUOTED = r'"((?:[^"\\]|\\.?)*)(?:"|\Z)'
_LINK = re.compile(rf'<([^<>]*)>((?:[^,"]|{_QUOTED})*)', re.DOTALL)
_PARAMETER = re.compile(rf';\s*([^\s;=,"]+)\s*=\s*(?:{_QUOTED}|([^\s;,"]*))', re.DOTALL)


def markup(endpoint: str) -> str:
    """What a page says in its head to be told by webmention (section 3.1.2)."""
    return f'<link rel="{NAME}" href="{html.escape(endpoint)}">'


def discover(page: Page) -> Endpoint | None:
    """The endpoint of a page (section 3.1.2): the first in its Link headers, else the first
    ``<link>`` or ``<a>`` in document order, with the relation "webmention"."""
    for value in page.header("Link"):
        for target in _links(value):
            if url := reading.resolved(page.url, target):
                return Endpoint(url, NAME, "the Link header")
    for element in reading.related(page, NAME, ("link", "a")):
        return Endpoint(element.url, NAME, f'<{element.tag} rel="webmention">')
    return None


def request(mention: Mention) -> Request:
    """The form with source and target (section 3.1.3)."""
    body = urlencode({"source": mention.source, "target": mention.target}, errors="replace")
    return Request(body.encode("ascii"), "application/x-www-form-urlencoded; charset=utf-8")


def reply(page: Page) -> Reply:
    """What an endpoint's answer means: any 2xx is a success (section 3.1.3).

    A Location, which comes with 201, is where the endpoint tells what became of the notice.
    """
    if 200 <= page.status < 300:
        location = next(iter(page.header("Location")), "")
        status_url = reading.resolved(page.url, location) if location.strip() else None
        return Reply(Outcome.SENT, f"accepted (HTTP {page.status})", status_url=status_url)
    if page.status == 400:
        said = reading.plain_text(page)
        return Reply(Outcome.REFUSED, f"it refused: {said}" if said else "it refused (HTTP 400)")
    return reading.unusable(page)


def notice(body: bytes, content_type: str) -> Notice:
    """What a sender says, from the body of its POST (section 3.2.1).

    Raises:
        Malformed: source or target is missing or no URL of a page.
    """
    fields = forms.fields(body, content_type)
    source, target = (claims.url(field, fields.get(field, "")) for field in ("source", "target"))
    return Notice(NAME, source, target)


def answer(
    verdict: Verdict,
    said: str = "",
    *,
    location: str | None = None,
    retry_after: float | None = None,
) -> Answer:
    """What a sender is answered (sections 3.2.1 and 3.2.3), in plain text.

    A source that can't be reached now is accepted like any other: the protocol has no word for it,
    and the receiver tries again by itself.

    Args:
        verdict: what the receiver thinks.
        said: to the sender, instead of the usual words.
        location: URL at which an accepted notice can be followed.
        retry_after: seconds to wait, for the verdicts that ask for a pause.
    """
    headers = answers.pause(verdict, retry_after)
    status = answers.status(verdict, 400)
    if verdict in _ACCEPTED:
        status = 201 if location else 202
        headers = (("Location", location),) if location else ()
    body = answers.words(verdict, said) + "\n"
    return Answer(status, "text/plain; charset=utf-8", body.encode(), headers)


def _links(value: str) -> Iterator[str]:
    """The targets of one Link header's value that have our relation."""
    for link in _LINK.finditer(value):
        parameters = _PARAMETER.findall(link[2])
        relations = [quoted or bare for name, quoted, bare in parameters if name.lower() == "rel"]
        # Of several, only the first counts (RFC 8288, section 3.3).
        if NAME in "".join(relations[:1]).lower().split():
            yield link[1]
