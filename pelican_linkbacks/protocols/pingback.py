"""Pingback 1.0 (https://www.hixie.ch/specs/pingback/pingback): markup, discovery, request,
reply."""

from __future__ import annotations

from xml.etree.ElementTree import Element
from xmlrpc.client import dumps

from pelican_linkbacks import reading
from pelican_linkbacks.mention import Endpoint, Mention, Outcome, Reply, Request
from pelican_linkbacks.page import Page

NAME = "pingback"

GENERIC, NO_SOURCE, NO_LINK, NO_TARGET, NOT_A_TARGET, REGISTERED, DENIED, UPSTREAM = (
    *(0, 16, 17, 32, 33),
    *(48, 49, 50),
)
TOO_OFTEN = 429
MEANINGS = {
    GENERIC: "it gave no reason",
    NO_SOURCE: "it says that our page does not exist",
    NO_LINK: "it says that our page does not link to it",
    NO_TARGET: "it says that the linked page does not exist",
    NOT_A_TARGET: "it takes no pingbacks for that page",
    REGISTERED: "already registered",
    DENIED: "access denied",
    UPSTREAM: "it could not reach another server",
    TOO_OFTEN: "it asked for a pause",
}
"""Fault codes of the specification (section 3), and the one that WordPress adds."""

REFUSALS = frozenset({NO_TARGET, NOT_A_TARGET, DENIED})


def markup(endpoint: str) -> str:
    """What a page says in its head to be told by pingback (section 2.2).

    In the form of the specification's own pattern, which many readers use instead of a parser. An
    ``&`` stays as it is, for WordPress decodes nothing; ``Config`` takes no endpoint in which
    anybody else would decode it.
    """
    return f'<link rel="{NAME}" href="{endpoint}">'


def discover(page: Page) -> Endpoint | None:
    """The pingback server of a page (section 2): its X-Pingback header, else a link element.

    More lenient than the specification's pattern: any attribute order, case and quotes, and
    relative URLs, which are resolved against the page.
    """
    for value in page.header("X-Pingback"):
        if value.strip() and (url := reading.resolved(page.url, value)):
            return Endpoint(url, NAME, "the X-Pingback header")
    for element in reading.related(page, NAME, ("link",)):
        # An empty href leads to the page itself, which for a pingback is no server.
        if element.href:
            return Endpoint(element.url, NAME, '<link rel="pingback">')
    return None


def request(mention: Mention) -> Request:
    """The call ``pingback.ping(source, target)`` (section 3) as XML-RPC."""
    call = dumps((mention.source, mention.target), "pingback.ping", encoding="utf-8")
    return Request(call.encode(), "text/xml; charset=utf-8")


def inquiry(target: str) -> Request:
    """The call ``pingback.extensions.getPingbacks(target)``, which many servers know: it asks for
    the sources of all pingbacks of a page."""
    call = dumps((target,), "pingback.extensions.getPingbacks", encoding="utf-8")
    return Request(call.encode(), "text/xml; charset=utf-8")


def listed(page: Page) -> list[str]:
    """The sources in the answer to such an inquiry; none in any other answer."""
    root = reading.xml_root(page.body, b"methodResponse")
    values = root.iterfind("params/param/value/array/data/value") if root is not None else ()
    return [reading.text(value) for value in values]


def reply(page: Page) -> Reply:
    """What a pingback server's answer means.

    Only a response with a value that is no fault code is a success, whatever the HTTP status or
    the content type say.
    """
    root = reading.xml_root(page.body, b"methodResponse")
    if root is None:
        return reading.unusable(page)
    fault = root.find("fault")
    value = root.find("params/param/value") if fault is None else fault.find("value")
    code, text = _fault(value)
    if fault is not None and code is None:
        code = GENERIC
    if code is None:
        if value is None or not 200 <= page.status < 300:
            return reading.unusable(page)
        return Reply(Outcome.SENT, text)
    if code == REGISTERED:
        return Reply(Outcome.SENT, text or MEANINGS[REGISTERED])
    if code == TOO_OFTEN or reading.pause_asked(page) is not None:
        return Reply(Outcome.FAILED, _said(code, text), pause=reading.retry_after(page) or 0)
    return Reply(Outcome.REFUSED if code in REFUSALS else Outcome.FAILED, _said(code, text))


def _said(code: int, text: str) -> str:
    meaning = MEANINGS.get(code, "it refused")
    return f"{meaning} (fault {code}{': ' + text if text else ''})"


def _fault(value: Element | None) -> tuple[int | None, str]:
    """The fault code in an XML-RPC value, or None, and what it says.

    Some servers return a fault as a plain value, as a number or as the text of one; a code never
    counts as success, however it is wrapped.
    """
    if value is None:
        return None, ""
    members = {
        (member.findtext("name") or "").strip().lower(): member.find("value")
        for member in value.iterfind("struct/member")
    }
    if members:
        code = members.get("faultcode", members.get("flerror"))
        said = reading.text(members.get("faultstring", members.get("message")))
        number = _number(code)
        if "flerror" in members and "faultcode" not in members:
            # Movable Type's style: a struct in an ordinary answer, with flerror false on success.
            number = None if number == 0 else GENERIC
        return number, said
    number = _number(value)
    # 1 is how some servers say true; any other bare number can only be a fault code.
    return (None if number == 1 else number), reading.text(value)


def _number(value: Element | None) -> int | None:
    said = reading.text(value).lower().removesuffix(".0")
    if said == "false":
        return 0
    try:
        return int(said, 16 if said.startswith("0x") else 10)
    except ValueError:
        return None
