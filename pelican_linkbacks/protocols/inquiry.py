"""Inquiry: asking a pingback server which pages it knows to link to one of its own.

The method ``pingback.extensions.getPingbacks`` is no part of Pingback 1.0, but WordPress and others
have it; WordPress lists those too that wait for their author's approval.
"""

from __future__ import annotations

from xmlrpc.client import dumps

from pelican_linkbacks import reading
from pelican_linkbacks.mention import Request
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols.pingback import LISTING


def request(target: str) -> Request:
    """The call that asks for the sources of all pingbacks of a page.

    Args:
        target: URL of that page.
    """
    call = dumps((target,), LISTING, encoding="utf-8")
    return Request(call.encode(), "text/xml; charset=utf-8")


def sources(page: Page) -> list[str]:
    """The sources in the answer to it; none in any other answer."""
    root = reading.xml_root(page.body, b"methodResponse")
    values = root.iterfind("params/param/value/array/data/value") if root is not None else ()
    return [reading.text(value) for value in values]
