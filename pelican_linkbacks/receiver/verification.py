"""Verification: whether a source really links to a target (W3C Webmention, section 3.2.2; Pingback
1.0, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from pelican_linkbacks.client import Client
from pelican_linkbacks.errors import Forbidden, TooOften, Unreachable
from pelican_linkbacks.links import READ_LIMIT
from pelican_linkbacks.manifest import Target
from pelican_linkbacks.page import Page
from pelican_linkbacks.prose import shortened, tidy
from pelican_linkbacks.reading import pause_asked
from pelican_linkbacks.receiver import evidence
from pelican_linkbacks.receiver.entry import Finding, Look, Texts
from pelican_linkbacks.receiver.evidence import Matches
from pelican_linkbacks.receiver.portrait import portrait, retouched

_PASSING = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.MISDIRECTED_REQUEST,
        HTTPStatus.LOCKED,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""Statuses 4xx that are not the last word."""

_LONGEST_TYPE = 60


def look(
    client: Client,
    source: str,
    target: Target,
    matches: Matches,
    offered: Texts | None = None,
    *,
    is_own: Callable[[str], bool] = lambda _: False,
) -> Look:
    """Look at a source, and at what is to be shown of it if it links.

    Args:
        client: fetches it.
        source: URL as it was told.
        target: the page of ours that it is said to link to.
        matches: whether a URL is that page's.
        offered: what the source told of itself, which is shown instead of what its page says.
        is_own: whether a URL is our own site's: a source that leads there proves nothing.

    Raises:
        TooOften: one of its servers was asked often enough; nothing was found out.
    """
    try:
        # A cache may still hold the page as it was before it linked.
        page = client.get(source, fresh=True, enough=_is_settled)
    except TooOften:
        raise
    except Unreachable as error:
        return Look(Finding.UNREACHABLE, f"It can't be reached: {error}.")
    except Forbidden as error:
        return Look(Finding.FORBIDDEN, f"It must not be asked: {error}.")
    if not _is_answered(page):
        return _unanswered(page)
    if matches(page.url) or is_own(page.url):
        return Look(Finding.NO_LINK, "It leads to our own site, which proves nothing.", page.url)
    found = evidence.find(page, matches)
    if found is None:
        return Look(Finding.NO_LINK, _missing(page, target), page.url)
    texts = retouched(portrait(page, found, matches), offered)
    return Look(Finding.LINKS, found.how, page.url, texts)


def _is_answered(page: Page) -> bool:
    return HTTPStatus.OK <= page.status < HTTPStatus.MULTIPLE_CHOICES


def _is_settled(page: Page) -> bool:
    """Whether an answer tells all that it can without its body."""
    return not (_is_answered(page) and evidence.is_readable(page.content_type))


def _unanswered(page: Page) -> Look:
    """What a status other than 2xx means; nothing that may pass is held against the source."""
    status = page.status
    how = f"It answers HTTP {status}."
    if status == HTTPStatus.GONE:
        return Look(Finding.GONE, how, page.url)
    is_final = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    if is_final and status not in _PASSING:
        return Look(Finding.NOT_FOUND, how, page.url)
    return Look(Finding.UNREACHABLE, how, page.url, pause=pause_asked(page) or None)


def _missing(page: Page, target: Target) -> str:
    if not evidence.is_readable(page.content_type):
        kind = shortened(tidy(page.content_type), _LONGEST_TYPE)
        return f"It is of the type {kind}, in which no link is looked for."
    if not page.body:
        return "Its page is empty."
    if len(page.body) > READ_LIMIT:
        limit = READ_LIMIT // 1024
        return f"Its first {limit} kB hold no link to {target.url}; no more is read."
    return f"Its page of {len(page.body) / 1000:.1f} kB holds no link to {target.url}."
