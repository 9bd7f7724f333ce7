"""RDF: the TrackBack descriptions embedded in a page (TrackBack 1.2, "Auto-Discovery")."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "trackback": "http://madskills.com/public/xml/rss/module/trackback/",
}

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 can't hold in any spelling (section 2.2)."""

_PLAIN = re.compile(r"[\w .,:;!?/=+%@#~()-]*", re.ASCII)
"""Nothing that markup has to escape, as most URLs and titles are: seen before it is escaped."""

_OPENED = (
    "<!--\n<rdf:RDF"
    + "".join(f'\n    xmlns:{name}="{uri}"' for name, uri in NAMESPACES.items())
    + ">\n<rdf:Description\n"
)

_START, _END = (
    re.compile(rb"<rdf:RDF\b", re.IGNORECASE),
    re.compile(rb"</rdf:RDF\s*>", re.IGNORECASE),
)
_AMPERSAND = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)(\w+;)?",
    re.DOTALL,
)
_DECLARED = re.compile(r"\sxmlns:([\w.-]+)\s*=")
_PREFIX = re.compile(r"[</\s]([A-Za-z][\w.-]{0,30}):\w")


@dataclass(frozen=True, slots=True)
class Description:
    """One entry that a page describes.

    Attributes:
        identifier: URL of the entry: ``dc:identifier``, or else ``rdf:about``.
        ping: its trackback URL.
    """

    identifier: str
    ping: str


def comment(identifier: str, title: str, ping: str) -> str:
    """One description as it stands in a page, inside a comment of HTML; ASCII only.

    Args:
        identifier: canonical URL of the entry.
        title: its title in plain text.
        ping: its trackback URL.
    """
    about = _attribute(identifier)
    return (
        f'{_OPENED}    rdf:about="{about}"\n    dc:identifier="{about}"\n'
        f'    dc:title="{_attribute(title)}"\n    trackback:ping="{_attribute(ping)}" />\n'
        "</rdf:RDF>\n-->"
    )


def _attribute(value: str) -> str:
    """A text as an attribute's value that can't end the comment it stands in.

    A second hyphen is written as a reference, in URLs too: so XML gives the very URL back, while
    percent-encoding it would name another one.
    """
    if "--" not in value and _PLAIN.fullmatch(value):
        return value
    escaped = html.escape(_NO_XML.sub("\ufffd", value)).replace("--", "-&#45;")
    return escaped.encode("ascii", "xmlcharrefreplace").decode()


def descriptions(body: bytes) -> Iterator[Description]:
    """The descriptions in a page that have a trackback URL, in comments or bare.

    A block that can't be read hides no other.
    """
    for block in _blocks(body):
        root = _parsed(block)
        for element in root.iter() if root is not None else ():
            if _local(element.tag) == "description":
                said = _said(element)
                identifier = said.get("identifier") or _about(element)
                if identifier and said.get("ping"):
                    yield Description(identifier, said["ping"])


def _blocks(body: bytes) -> Iterator[bytes]:
    place = 0
    while (start := _START.search(body, place)) and (end := _END.search(body, start.end())):
        # Of two starts before an end, the first block was never closed.
        *_, last = _START.finditer(body, start.start(), end.start())
        yield body[last.start() : end.end()]
        place = end.end()


def _parsed(block: bytes) -> Element | None:
    text = block.decode("utf-8", "replace")
    prefixes = set(_PREFIX.findall(text)) - {"xml", "xmlns"}
    declared = set(_DECLARED.findall(text.partition(">")[0]))
    missing = (
        f' xmlns:{name}="{NAMESPACES.get(name.lower(), name)}"' for name in prefixes - declared
    )
    length = len("<rdf:RDF")
    mended = _AMPERSAND.sub(_spelt_out, text[:length] + "".join(missing) + text[length:])
    try:
        root: Element = fromstring(mended, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    return root


def _spelt_out(entity: re.Match[str]) -> str:
    """A raw "&" as XML wants it, an entity of HTML as the character it stands for."""
    if entity[0].startswith("<"):
        # What stands in CDATA is meant as it is.
        return entity[0]
    return html.escape(html5.get(entity[1], entity[0]) if entity[1] else entity[0])


def _said(element: Element) -> dict[str, str]:
    """Attributes and child elements alike, by their local names in lower case."""
    said = {_local(child.tag): (child.text or "").strip() or _resource(child) for child in element}
    return said | {_local(name): value.strip() for name, value in element.attrib.items()}


def _resource(element: Element) -> str:
    named = (value for name, value in element.attrib.items() if _local(name) == "resource")
    return next(named, "").strip()


def _about(element: Element) -> str:
    # There is a trackback:about too, for what an entry has told of itself elsewhere.
    foreign = f"{{{NAMESPACES['trackback']}}}"
    named = (
        value
        for name, value in element.attrib.items()
        if _local(name) == "about" and not name.startswith(foreign)
    )
    return next(named, "").strip()


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()
