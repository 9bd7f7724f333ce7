"""Advertised page: whether one of our pages says where it can be told, to every kind of reader.

Some programs read a page as we do. Those by the word of Pingback's specification look for one
pattern; WordPress looks for some letters and takes what follows, as was observed of its releases.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from pelican_linkbacks import reading
from pelican_linkbacks.doctor.complaint import Complaint
from pelican_linkbacks.doctor.finding import Level
from pelican_linkbacks.doctor.source_page import as_asked
from pelican_linkbacks.links import READ_LIMIT
from pelican_linkbacks.mention import Endpoint
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import PROTOCOLS, pingback, rdf, trackback, webmention
from pelican_linkbacks.urls import key, spelt_alike

HEADERS = {pingback.NAME: "X-Pingback", webmention.NAME: "Link"}
"""The header in which a page can name its endpoint, by the protocol's name."""

SERVERS = {
    "nginx": "for nginx, write 'include' with the path of linkbacks.nginx.conf into the server "
    "block, its add_header lines into each location that has some of its own, and reload nginx",
    "apache": "for Apache, upload .htaccess too, set AllowOverride FileInfo and load mod_headers",
    "netlify": "for Netlify and Cloudflare Pages, let _headers be at the top of what is uploaded",
}
"""What makes a server read its header file."""

LONGEST = 120
"""Characters that are shown of what a page says."""

_PATTERN = re.compile(rb'<link rel="pingback" href="([^"]+)" ?/?>')
"""The specification's own (section 2.2)."""

UPLOAD = "Build, and upload the output; if you have, something changes the pages after the build."

MISSING = {
    name: Complaint(Level.WRONG, f"Does not say where it takes {name}s", UPLOAD)
    for name in PROTOCOLS
}
REDIRECTS = Complaint(
    Level.NOTE,
    "Redirects, and WordPress, which asks a linked page for its headers first, follows no redirect "
    "there",
    "Spell ARTICLE_URL as your server does.",
)
TWICE = Complaint(
    Level.NOTE,
    "Names its pingback endpoint twice",
    "Leave one tag, in the theme or in what changes the pages after the build.",
)
AT_ODDS = Complaint(
    Level.WRONG,
    "With pingback tags that differ, of which each program takes another",
    "Leave the one with the endpoint of your settings.",
)
WITHOUT_RDF = Complaint(
    Level.WRONG,
    "Names its trackback URL in a link only, without the RDF of TrackBack's specification",
    "If the link is your theme's own, take it out, and the build inserts both; else keep what "
    "makes pages smaller after the build from dropping comments.",
)
SEVERAL_RDF = Complaint(
    Level.WRONG,
    "With several RDF descriptions, so that a program may take another page's",
    "Let the theme write none, and the build inserts the one that is right.",
)


def complaints(
    page: Page, endpoints: Mapping[str, str], header_files: Collection[str]
) -> list[Complaint]:
    """All that is to be said of a page that takes linkbacks, each once.

    Args:
        page: what its public URL answered.
        endpoints: where the settings have it told, by the protocol's name.
        header_files: the kinds of servers that are to send headers.
    """
    if page.status != 200:
        text = f"Takes linkbacks by the site's list, and answers HTTP {page.status}"
        return [Complaint(Level.WRONG, text, "Build, and upload the output.")]
    found = list(_of_headers(page, endpoints, header_files))
    if as_asked(page.url) != as_asked(page.asked):
        found.append(REDIRECTS)
    for name, endpoint in endpoints.items():
        found += _of_endpoint(page, name, endpoint)
    if pingback.NAME in endpoints:
        found += _of_pingback_tags(page, endpoints[pingback.NAME])
    if trackback.NAME in endpoints:
        found += _of_rdf(page)
    return list(dict.fromkeys(found))


def pings(page: Page) -> list[str]:
    """The trackback URLs that a page's RDF names."""
    return [described.ping for described in rdf.descriptions(page.body[:READ_LIMIT])]


def by_wordpress(body: bytes) -> str:
    """The pingback endpoint that WordPress reads in a page without the header; "" if none."""
    double = body.find(b'rel="pingback"')
    # Like WordPress, we see none that is the very first thing.
    place, quote = (double, b'"') if double > 0 else (body.find(b"rel='pingback'"), b"'")
    href = body.find(b"href=", place) if place > 0 else -1
    start = href + len(b'href="')
    end = body.find(quote, start) if href >= 0 else -1
    return body[start:end].decode("utf-8", "replace") if end > 0 else ""


def _of_headers(
    page: Page, endpoints: Mapping[str, str], header_files: Collection[str]
) -> Iterator[Complaint]:
    absent = [
        header for name, header in HEADERS.items() if name in endpoints and not _sent(page, name)
    ]
    if header_files and absent:
        advice = "; ".join(words for kind, words in SERVERS.items() if kind in header_files)
        yield Complaint(
            Level.WRONG,
            f"Comes without what LINKBACKS_HEADER_FILES is for ({' and '.join(absent)})",
            f"{advice[:1].upper()}{advice[1:]}.",
        )


def _sent(page: Page, name: str) -> Endpoint | None:
    """What the headers alone say."""
    return PROTOCOLS[name].discover(replace(page, body=b""))


def _written(page: Page, name: str) -> Endpoint | None:
    """What the page alone says."""
    others = [(key, value) for key, value in page.headers if key.lower() == "content-type"]
    return PROTOCOLS[name].discover(replace(page, headers=tuple(others)))


def _of_endpoint(page: Page, name: str, endpoint: str) -> Iterator[Complaint]:
    sent, written = _sent(page, name), _written(page, name)
    # Where RDF is about another page, that is said instead.
    if not sent and not written and not (name == trackback.NAME and pings(page)):
        yield MISSING[name]
    if sent and key(sent.url) != key(endpoint):
        yield Complaint(
            Level.WRONG,
            f"Names {_short(sent.url)} for {name}s in {sent.found_by}, not the endpoint of your "
            "settings",
            "Let your server send the one of the header file that the build writes, or none.",
        )
    if written and key(written.url) != key(endpoint):
        yield Complaint(
            Level.WRONG,
            f"Names {_short(written.url)} for {name}s by {written.found_by}, not the endpoint of "
            "your settings",
            f"If this is your theme's own, take it out, or name it in LINKBACKS_{name.upper()}_"
            "ENDPOINT; else build, and upload the output.",
        )


def _of_pingback_tags(page: Page, endpoint: str) -> Iterator[Complaint]:
    tags = [tag.url for tag in reading.related(page, pingback.NAME, ("link",)) if tag.href]
    if len(tags) > 1:
        yield AT_ODDS if len(set(tags)) > 1 else TWICE
    if not tags or key(tags[0]) != key(endpoint):
        return
    body = page.body[:READ_LIMIT]
    # Whoever reads the header first, as both of these do, does not come to the tag.
    level = Level.NOTE if _sent(page, pingback.NAME) else Level.WRONG
    advice = (
        f"It has to be written as {pingback.markup(endpoint)}, by the theme and by whatever "
        "changes the pages after the build."
    )
    seen = by_wordpress(body)
    if seen != endpoint:
        what = f"in which WordPress reads {_short(seen)}" if seen else "that WordPress can't read"
        yield Complaint(level, f"With a pingback tag {what}", advice)
        return
    match = _PATTERN.search(body)
    if not match or match[1] != endpoint.encode():
        text = "With a pingback tag that programs miss which look for the specification's pattern"
        yield Complaint(level, text, advice)


def _of_rdf(page: Page) -> Iterator[Complaint]:
    described = list(rdf.descriptions(page.body[:READ_LIMIT]))
    if len(described) > 1:
        yield SEVERAL_RDF
    elif not described and _written(page, trackback.NAME):
        yield WITHOUT_RDF
    elif described and spelt_alike(described[0].identifier) != spelt_alike(page.asked):
        yield Complaint(
            Level.WRONG,
            f"With RDF that is about {_short(described[0].identifier)}, not about this page",
            "Build with the SITEURL of the published site, and upload the output.",
        )


def _short(url: str) -> str:
    return url if len(url) <= LONGEST else f"{url[: LONGEST - 1]}…"
