"""Blog programs with oddities of their own, over real sockets: each is told, or left with a reason.

All of them are made up. What they do wrong has been seen in programs that exist.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs
from xmlrpc.client import Fault, dumps, loads

import pytest

from pelican_linkbacks.delivery import Delivery
from pelican_linkbacks.mention import Excerpt, Mention, Outcome
from pelican_linkbacks.state import State
from tests import samples
from tests.servers import Answer, Page, Received, Site, redirect

SENT, REFUSED, FAILED, NONE = Outcome.SENT, Outcome.REFUSED, Outcome.FAILED, Outcome.NONE
SOURCE = "https://us.example/rye.html"
TOLD = Excerpt("Grüße & Brot", "Süß", "Über uns")

HTML = ("Content-Type", "text/html")
XML = ("Content-Type", "text/xml")


@dataclass(frozen=True)
class Case:
    """What one program does, and what is to come of it.

    Attributes:
        post: the page that is linked to; SITE in it stands for the program's own URL.
        endpoints: what it answers elsewhere, by path.
        outcome, answer, protocol: of the mention.
        asked: the paths that notices are posted to, in order.
        status_url: where the program tells what became of the notice, by path.
    """

    post: Answer | str
    endpoints: dict[str, Page]
    outcome: Outcome
    answer: str
    protocol: str | None
    asked: tuple[str, ...]
    status_url: str | None = None


def response(value: str) -> str:
    params = f"<params><param><value>{value}</value></param></params>"
    return f"<methodResponse>{params}</methodResponse>"


def fault(value: str) -> str:
    return f"<methodResponse><fault><value>{value}</value></fault></methodResponse>"


# Quill: PHP 4 and Latin-1 throughout; its answers are "text/html" like all that it says.
QUILL = Answer(
    '<html><head><title>Grüße</title><LINK REL="pingback" HREF="/quill/xmlrpc.php"></head>'.encode(
        "latin-1"
    ),
    headers=[("Content-Type", "text/html; charset=iso-8859-1")],
)


def quill(said: str) -> dict[str, Page]:
    xml = f'<?xml version="1.0" encoding="iso-8859-1"?>\n{said}'.encode("latin-1")
    return {"/quill/xmlrpc.php": Answer(xml, headers=[HTML])}


QUILL_DENIES = fault(
    "<struct><member><name>faultCode</name><value><int>49</int></value></member>"
    "<member><name>faultString</name><value>Für Gäste gesperrt</value></member></struct>"
)

# Papyrus: display_errors is on, and so its answers begin and end with complaints.
PAPYRUS = Answer("<title>x</title>", headers=[("X-Pingback", "SITE/?rpc")])
COMPLAINT = "<br />\n<b>Warning</b>:  Use of <x> & co in <b>/srv/rpc.php</b> on line <b>7</b><br />"


def papyrus(said: str) -> dict[str, Page]:
    return {"/?rpc": Answer(f"{COMPLAINT}\n{said}\n{COMPLAINT}", headers=[HTML])}


# Blogmatic: whoever wrote its XML-RPC had read of structs, but not much.
BLOGMATIC = '<link href="/rpc" rel="alternate pingback">'

# Inkwell: returns the code of a fault as the value of a success.
INKWELL = Answer(headers=[("x-pingback", "/inkwell/ping")])

# Hostel: a shared host in front of a blog, which moves everything about.
HOSTEL = '<base href="SITE/blog/"><link rel="webmention" href="webmention?post=7&amp;lang=de">'

# Tracker: a trackback service of its own, and RDF in the pages that use it.
TRACKER = """<p>Bread.</p>
<!--
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
         xmlns:trackback="http://madskills.com/public/xml/rss/module/trackback/"
         xmlns:dc="http://purl.org/dc/elements/1.1/">
<rdf:Description rdf:about="SITE/tb.cgi?id=7&blog=1" dc:title='Salz & Gr&uuml;tze'
    dc:identifier="SITE/post#main" trackback:ping="SITE/tb.cgi?id=7&amp;blog=1" />
</rdf:RDF>
-->
"""

# Muteness: something in front of it swallows what it answers.
MUTENESS = '<link rel="pingback" href="/mute"/><a rel="trackback" href="/tb">x</a>'

# Postbox: only webmentions, and a queue.
POSTBOX = Answer("<p>Bread.</p>", headers=[("LINK", '</>; rel="index", </wm>; rel=webmention')])

# Marker: an editor that puts a byte order mark in front of every file, and blank lines.
BOM = b"\xef\xbb\xbf"
MARKER = Answer(BOM + b'\n<html><head><link rel="trackback" href="tb/7"></head></html>')


def marker(said: str) -> dict[str, Page]:
    xml = BOM + b"\r\n\r\n" + f'<?xml version="1.0" encoding="utf-8"?>{said}'.encode()
    return {"/tb/7": Answer(xml, headers=[HTML])}


# Garden: static pages, and a service elsewhere that takes what comes.
GARDEN = '<p>Takes <a class="u-url" rel="nofollow webmention" href="/service/garden">those</a>.</p>'

# Fossil: Movable Type's manners, Python's library, compressed whether one wants it or not.
FOSSIL = "<LINK REL=PINGBACK HREF=xmlrpc.cgi>"


def fossil(said: str, status: int = 200) -> dict[str, Page]:
    headers = [XML, ("Content-Encoding", "gzip")]
    return {"/xmlrpc.cgi": Answer(gzip.compress(said.encode()), status, headers)}


def flerror(value: str, message: str) -> str:
    return response(
        f"<struct><member><name>flerror</name><value>{value}</value></member>"
        f"<member><name>message</name><value>{message}</value></member></struct>"
    )


NONSENSE = "an answer that makes no sense"
RPC, QUERY_RPC, TB = ("/rpc",), ("/?rpc",), ("/tb.cgi?id=7&blog=1",)
WM, HOSTEL_WM = ("/wm",), "/blog/webmention?post=7&lang=de"
ALREADY = "There is already a ping from that URL for this post."

CASES: dict[str, Case] = {
    "Quill thanks in Latin-1": Case(
        QUILL,
        quill(response("Schöne Grüße")),
        *(SENT, "Schöne Grüße", "pingback", ("/quill/xmlrpc.php",)),
    ),
    "Quill denies in Latin-1": Case(
        QUILL,
        quill(QUILL_DENIES),
        *(REFUSED, "access denied (fault 49: Für Gäste gesperrt)"),
        *("pingback", ("/quill/xmlrpc.php",)),
    ),
    "Papyrus complains and takes it": Case(
        PAPYRUS, papyrus(response("ok")), SENT, "ok", "pingback", QUERY_RPC
    ),
    "Papyrus complains and faults": Case(
        PAPYRUS,
        papyrus(dumps(Fault(17, "no link"), methodresponse=True)),
        *(FAILED, "it says that our page does not link to it (fault 17: no link)"),
        *("pingback", QUERY_RPC),
    ),
    "Papyrus only complains": Case(PAPYRUS, papyrus(""), FAILED, NONSENSE, "pingback", QUERY_RPC),
    "Blogmatic takes it and says true": Case(
        BLOGMATIC,
        {"/rpc": Answer(response("<boolean>1</boolean>"), headers=[XML])},
        *(SENT, "1", "pingback", RPC),
    ),
    "Blogmatic faults without a struct": Case(
        BLOGMATIC,
        {"/rpc": Answer(fault("<string>No comments here</string>"), headers=[XML])},
        *(FAILED, "it gave no reason (fault 0: No comments here)", "pingback", RPC),
    ),
    "Blogmatic faults with a bare code": Case(
        BLOGMATIC,
        {"/rpc": Answer(fault("<int>32</int>"), headers=[XML])},
        *(REFUSED, "it says that the linked page does not exist (fault 32: 32)", "pingback", RPC),
    ),
    "Blogmatic faults with nothing": Case(
        BLOGMATIC,
        {"/rpc": Answer("<methodResponse><fault/></methodResponse>", headers=[XML])},
        *(FAILED, "it gave no reason (fault 0)", "pingback", RPC),
    ),
    "Inkwell returns a refusal": Case(
        INKWELL,
        {"/inkwell/ping": response("<int>33</int>")},
        *(REFUSED, "it takes no pingbacks for that page (fault 33: 33)"),
        *("pingback", ("/inkwell/ping",)),
    ),
    "Inkwell returns a failure in hexadecimal": Case(
        INKWELL,
        {"/inkwell/ping": response("<string>0x0010</string>")},
        *(FAILED, "it says that our page does not exist (fault 16: 0x0010)"),
        *("pingback", ("/inkwell/ping",)),
    ),
    "Inkwell returns that it knows us": Case(
        INKWELL,
        {"/inkwell/ping": response("<i4>48</i4>")},
        *(SENT, "48", "pingback", ("/inkwell/ping",)),
    ),
    "Hostel moves the endpoint by a slash": Case(
        HOSTEL.replace("?post=7&amp;lang=de", ""),
        {
            "/blog/webmention": redirect("/blog/webmention/"),
            "/blog/webmention/": Answer("", 202),
        },
        *(SENT, "accepted (HTTP 202)", "webmention", ("/blog/webmention", "/blog/webmention/")),
    ),
    "Hostel answers a notice with another page": Case(
        HOSTEL,
        {HOSTEL_WM: redirect("/login"), "/login": "<p>Who are you?</p>"},
        *(FAILED, "the endpoint answered HTTP 302", "webmention", (HOSTEL_WM,)),
    ),
    "Hostel thanks on another page": Case(
        HOSTEL,
        {HOSTEL_WM: redirect("/post?thanks", 303), "/post?thanks": "<p>Thanks!</p>"},
        *(FAILED, "the endpoint answered HTTP 303", "webmention", (HOSTEL_WM,)),
    ),
    "Hostel wants a browser": Case(
        HOSTEL,
        {HOSTEL_WM: Answer("<h1>Checking your browser</h1>", 403)},
        *(FAILED, "the endpoint answered HTTP 403", "webmention", (HOSTEL_WM,)),
    ),
    "Tracker takes it": Case(
        TRACKER,
        {"/tb.cgi": "<response>\n<error>0</error>\n<message>Salz & Brot</message>\n</response>"},
        *(SENT, "Salz & Brot", "trackback", TB),
    ),
    "Tracker has it already": Case(
        TRACKER,
        {"/tb.cgi": f"<response><error>1</error><message>{ALREADY}</message></response>"},
        *(SENT, ALREADY, "trackback", TB),
    ),
    "Tracker is closed": Case(
        TRACKER,
        {"/tb.cgi": "<response><error>1</error><message>No & never</message></response>"},
        *(REFUSED, "No & never", "trackback", TB),
    ),
    "Tracker answers under another root": Case(
        TRACKER,
        {"/tb.cgi": '<?xml version="1.0"?><rsp><error>0</error></rsp>'},
        *(FAILED, NONSENSE, "trackback", TB),
    ),
    "Tracker shows its form": Case(
        TRACKER,
        {"/tb.cgi": "<html><body><form method=post>Title: <input></form></body></html>"},
        *(FAILED, NONSENSE, "trackback", TB),
    ),
    "Muteness says nothing": Case(
        MUTENESS,
        {"/mute": Answer(b""), "/tb": "<response><error>0</error></response>"},
        *(FAILED, NONSENSE, "pingback", ("/mute",)),
    ),
    "Muteness has no content": Case(
        MUTENESS,
        {"/mute": Answer(b"", 204), "/tb": "<response><error>0</error></response>"},
        *(FAILED, NONSENSE, "pingback", ("/mute",)),
    ),
    "Muteness has XML-RPC switched off": Case(
        MUTENESS,
        {
            "/mute": Answer("XML-RPC server accepts POST requests only.", 405),
            "/tb": "<response><error>0</error></response>",
        },
        *(SENT, "accepted", "trackback", ("/mute", "/tb")),
    ),
    "Muteness has swallowed both": Case(
        MUTENESS,
        {"/mute": Answer("", 501), "/tb": Answer("", 200)},
        *(FAILED, NONSENSE, "trackback", ("/mute", "/tb")),
    ),
    "Postbox gives a number": Case(
        POSTBOX,
        {"/wm": Answer("", 201, [("Location", "queue/7")])},
        *(SENT, "accepted (HTTP 201)", "webmention", WM, "/queue/7"),
    ),
    "Postbox speaks of an error and means none": Case(
        POSTBOX,
        {"/wm": Answer('{"error": null}', 200, [("Content-Type", "application/json")])},
        *(SENT, "accepted (HTTP 200)", "webmention", WM),
    ),
    "Postbox is full": Case(
        POSTBOX,
        {"/wm": Answer("", 507)},
        *(FAILED, "the endpoint answered HTTP 507", "webmention", WM),
    ),
    "Marker takes it": Case(
        MARKER,
        marker("<response><error>0</error></response>"),
        *(SENT, "accepted", "trackback", ("/tb/7",)),
    ),
    "Marker does not": Case(
        MARKER,
        marker("<response><error>1</error><message>Nö</message></response>"),
        *(REFUSED, "Nö", "trackback", ("/tb/7",)),
    ),
    "Garden will look later": Case(
        GARDEN,
        {"/service/garden": Answer("<p>Queued & thanks", 202)},
        *(SENT, "accepted (HTTP 202)", "webmention", ("/service/garden",)),
    ),
    "Garden sees no link": Case(
        GARDEN,
        {
            "/service/garden": Answer(
                '{"error": "no_link", "error_description": "Kein Link"}',
                400,
                [("Content-Type", "application/json")],
            )
        },
        *(REFUSED, 'it refused: {"error": "no_link", "error_description": "Kein Link"}'),
        *("webmention", ("/service/garden",)),
    ),
    "Garden has given its service up": Case(
        GARDEN,
        {"/service/garden": Answer("<h1>Gone</h1>", 410)},
        *(REFUSED, "the endpoint is not there (HTTP 410)", "webmention", ("/service/garden",)),
    ),
    "Garden wants to be left alone for a day": Case(
        GARDEN,
        {"/service/garden": Answer("", 429, [("Retry-After", "86400")])},
        *(FAILED, "it asked for a pause (HTTP 429)", "webmention", ("/service/garden",)),
    ),
    "Garden has no service at all": Case(
        GARDEN.replace("webmention", "service"),
        {},
        *(NONE, "no endpoint: looked in the headers and 0.1 kB of page", None, ()),
    ),
    "Fossil takes it in Movable Type's manner": Case(
        FOSSIL,
        fossil(flerror("<boolean>0</boolean>", "Thanks for the ping")),
        *(SENT, "Thanks for the ping", "pingback", ("/xmlrpc.cgi",)),
    ),
    "Fossil does not, in the same manner": Case(
        FOSSIL,
        fossil(flerror("<boolean>1</boolean>", "No")),
        *(FAILED, "it gave no reason (fault 0: No)", "pingback", ("/xmlrpc.cgi",)),
    ),
    "Fossil faults with HTTP 500": Case(
        FOSSIL,
        fossil(dumps(Fault(33, "Geschlossen"), methodresponse=True), 500),
        *(REFUSED, "it takes no pingbacks for that page (fault 33: Geschlossen)"),
        *("pingback", ("/xmlrpc.cgi",)),
    ),
}


def notice(request: Received) -> tuple[str, str | None]:
    """Source and target of a notice, as a program reads them; a trackback names no target."""
    if request.headers.get_content_type() == "text/xml":
        (source, target), method = loads(request.body)
        assert method == "pingback.ping"
        return str(source), str(target)
    form = parse_qs(request.body.decode("ascii"), strict_parsing=True)
    if "url" in form:
        assert form["title"] == [TOLD.title]
        return form["url"][0], None
    return form["source"][0], form["target"][0]


def spoken(page: Page, url: str) -> Page:
    """A page with the program's own URL in it."""
    if isinstance(page, str):
        return page.replace("SITE", url)
    assert isinstance(page, Answer)
    headers = [(name, value.replace("SITE", url)) for name, value in page.headers]
    return replace(page, headers=headers)


def tell(case: Case, program: Site, folder: Path) -> Mention:
    """Tell a program of a link to its post."""
    program.pages |= {"/post": spoken(case.post, program.url)}
    mention = Mention("rye.html", "rye.md", SOURCE, f"{program.url}/post", excerpt=TOLD)
    state = State(folder / "linkbacks.jsonl")
    # Pauses that do not end in time are left to a later run.
    [told] = Delivery(samples.config(check_online=False), state, print).run([mention], 60)
    return told


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_blog_program_is_told_or_left_with_the_right_outcome_and_reason(
    case: Case, tmp_path: Path
) -> None:
    with Site(dict(case.endpoints)) as program:
        told = tell(case, program, tmp_path)

    assert (told.outcome, told.answer, told.protocol) == (case.outcome, case.answer, case.protocol)
    assert told.status_url == (program.url + case.status_url if case.status_url else None)
    posts = [request for request in program.requests if request.method == "POST"]
    assert tuple(request.path for request in posts) == case.asked
    assert {notice(post) for post in posts} <= {(SOURCE, told.target), (SOURCE, None)}
    # One look at the post; where an answer leads to is not looked at.
    assert [request.path for request in program.requests if request.method == "GET"] == ["/post"]


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].outcome is FAILED])
def test_what_may_pass_is_tried_again_later(name: str, tmp_path: Path) -> None:
    with Site(dict(CASES[name].endpoints)) as program:
        told = tell(CASES[name], program, tmp_path)

    assert told.next_attempt is not None
    assert told.next_attempt > datetime.now(UTC)
    assert told.attempts == (0 if "pause" in CASES[name].answer else 1), "a pause is no attempt"


def test_each_of_ten_programs_and_more_is_told_when_it_does_not_refuse() -> None:
    told = {name.split()[0] for name, case in CASES.items() if case.outcome is SENT}

    assert told == {name.split()[0] for name in CASES}
    assert len(told) >= 10
