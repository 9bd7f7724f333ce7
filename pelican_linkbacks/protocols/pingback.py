"""Pingback 1.0 (https://www.hixie.ch/specs/pingback/pingback): markup, discovery, request,
reply; and of a receiver the call, the notice and the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element
from xmlrpc.client import Fault, dumps

from pelican_linkbacks import reading
from pelican_linkbacks.mention import Endpoint, Mention, Outcome, Reply, Request
from pelican_linkbacks.notice import Answer, Malformed, Notice, Verdict
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import answers, charsets, claims

NAME = "pingback"
METHOD = "pingback.ping"
LISTING = "pingback.extensions.getPingbacks"

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

PARSE_ERROR, UNKNOWN_METHOD, WRONG_PARAMS = -32700, -32601, -32602
"""Fault codes of every XML-RPC server ("Specification for Fault Code Interoperability")."""

_CODES = {
    Verdict.REGISTERED: REGISTERED,
    Verdict.NO_SOURCE: NO_SOURCE,
    Verdict.NO_LINK: NO_LINK,
    Verdict.NO_TARGET: NO_TARGET,
    Verdict.CLOSED: NOT_A_TARGET,
    Verdict.DENIED: DENIED,
    Verdict.UPSTREAM: UPSTREAM,
    Verdict.TOO_OFTEN: TOO_OFTEN,
}


class BadCall(Malformed):
    """A call that can't be read or is not one of ours: answer ``fault(error.code, str(error))``."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code


@dataclass(frozen=True, slots=True)
class Call:
    """An XML-RPC call: its method, and its parameters as texts."""

    method: str
    params: tuple[str, ...]


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
    call = dumps((mention.source, mention.target), METHOD, encoding="utf-8")
    return Request(call.encode(), "text/xml; charset=utf-8")


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


def call(body: bytes) -> Call:
    """The call in the body of a POST, in any charset that XML may have.

    Raises:
        BadCall: it is no XML-RPC call, or has a document type.
    """
    xml = charsets.xml(body)
    root = reading.xml_root(xml, b"methodCall") if b"<!doctype" not in xml.lower() else None
    if root is None:
        raise BadCall(PARSE_ERROR, "The body is no XML-RPC call, or it has a document type.")
    params = ("".join(value.itertext()).strip() for value in root.iterfind("params/param/value"))
    return Call((root.findtext("methodName") or "").strip(), tuple(params))


def notice(call: Call) -> Notice:
    """What a sender says by ``pingback.ping(source, target)`` (section 3).

    Raises:
        BadCall: it is another method, or its parameters are not two URLs of pages.
    """
    source, target = _params(call, METHOD, {"source": NO_SOURCE, "target": NOT_A_TARGET})
    return Notice(NAME, source, target)


def listed(call: Call) -> str:
    """The URL of which ``pingback.extensions.getPingbacks(url)`` asks for the pingbacks.

    Raises:
        BadCall: it is another method, or its parameter is not the URL of a page.
    """
    return _params(call, LISTING, {"url": NOT_A_TARGET})[0]


def answer(verdict: Verdict, said: str = "", *, retry_after: float | None = None) -> Answer:
    """What a sender is answered (section 3): a text, or a fault with its code.

    Args:
        verdict: what the receiver thinks.
        said: to the sender, instead of the usual words.
        retry_after: seconds to wait, for the verdicts that ask for a pause.
    """
    words = answers.words(verdict, said)
    if verdict is Verdict.ACCEPTED:
        return _response((words,))
    fault = Fault(_CODES.get(verdict, GENERIC), words)
    return _response(fault, answers.status(verdict, 200), answers.pause(verdict, retry_after))


def fault(code: int, said: str) -> Answer:
    """A fault with any code, for a call that is no notice."""
    return _response(Fault(code, reading.one_line(said)))


def listing(urls: Iterable[str]) -> Answer:
    """The sources of a page's pingbacks, which answer ``pingback.extensions.getPingbacks``."""
    return _response(([reading.one_line(url) for url in urls],))


def _params(call: Call, method: str, codes: dict[str, int]) -> list[str]:
    """The parameters of a call, all URLs; the codes are the faults of those that are not."""
    if call.method != method:
        raise BadCall(UNKNOWN_METHOD, f"The only methods here are {METHOD} and {LISTING}.")
    if len(call.params) != len(codes):
        raise BadCall(WRONG_PARAMS, f"{method} takes {len(codes)}: {', '.join(codes)}.")
    found = []
    for (name, code), value in zip(codes.items(), call.params, strict=True):
        try:
            found.append(claims.url(name, value))
        except Malformed as error:
            raise BadCall(code, str(error)) from error
    return found


def _response(
    value: Fault | tuple[str] | tuple[list[str]],
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer:
    body = dumps(value, methodresponse=True, encoding="utf-8")
    return Answer(status, "text/xml; charset=utf-8", body.encode(), headers)


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
