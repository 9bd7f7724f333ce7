"""Endpoint answers: whether there is anybody where the settings say that we can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from pelican_linkbacks.addresses import is_private_name
from pelican_linkbacks.config import PREFIX
from pelican_linkbacks.doctor.case import Case
from pelican_linkbacks.doctor.complaint import Complaint, findings
from pelican_linkbacks.doctor.finding import Finding, Level
from pelican_linkbacks.endpoints import Endpoints
from pelican_linkbacks.manifest import NAME
from pelican_linkbacks.online import GONE
from pelican_linkbacks.page import Page
from pelican_linkbacks.protocols import trackback


def examine(
    case: Case, endpoints: Endpoints, seen: Mapping[str, Page | str], pings: Sequence[str]
) -> Iterator[Finding]:
    """Look at the endpoints as they are written, and at what they have answered to a mere GET.

    Args:
        case: the site.
        endpoints: those of its settings.
        seen: what URLs have answered, or why they did not.
        pings: the trackback URLs that were asked.
    """
    named = dict(endpoints.shared)
    if endpoints.trackback:
        named[trackback.NAME] = endpoints.trackback
    for name, url in named.items():
        for level, text, advice in _as_written(case, name, url):
            yield Finding("endpoints", level, text, advice)
    for name, url in endpoints.shared.items():
        if is_askable(case, url):
            yield _answered(case, name, url, seen.get(url))
    found: dict[Complaint, list[str]] = {}
    for url in pings:
        if why := _trouble(seen.get(url)):
            advice = (
                f"See whether the receiver runs and has read {case.siteurl}/{NAME} since, and "
                f"whether {_setting(case, trackback.NAME)} is right."
            )
            found.setdefault(Complaint(Level.WRONG, f"A trackback URL {why}", advice), []).append(
                url
            )
    if pings and not found:
        text = f"{pings[0]} answers, as the trackback URLs of all pages that were looked at."
        yield Finding("endpoints", Level.WELL, text)
    yield from findings("endpoints", found)


def is_askable(case: Case, url: str) -> bool:
    """Whether what an endpoint answers here says what it answers to others."""
    return not _is_private(case, url) or _is_private(case, case.siteurl)


def _as_written(case: Case, name: str, url: str) -> Iterator[tuple[Level, str, str]]:
    setting = _setting(case, name)
    if not is_askable(case, url):
        yield (
            Level.WRONG,
            f"{url} is a private address, which nobody else can reach.",
            f"Name a public one in {setting}, build, and upload the output.",
        )
    if case.siteurl.startswith("https:") and url.startswith("http:"):
        yield (
            Level.NOTE,
            f"{url} is not encrypted, though your site is.",
            f"If the receiver can be reached by https, name it so in {setting}.",
        )


def _answered(case: Case, name: str, url: str, answer: Page | str | None) -> Finding:
    if answer is None:
        text = f"There was no time for {url}."
        return Finding("endpoints", Level.NOTE, text)
    if why := _trouble(answer):
        advice = f"See whether the receiver runs, and whether {_setting(case, name)} is right."
        return Finding("endpoints", Level.WRONG, f"{url} {why}.", advice)
    status = answer.status if isinstance(answer, Page) else 0
    return Finding("endpoints", Level.WELL, f"{url} answers (HTTP {status}).")


def _trouble(answer: Page | str | None) -> str:
    """Why nobody can be told there; "" if that may well be: to a GET an endpoint may say that it
    takes POST only, or that something is missing."""
    if isinstance(answer, str):
        return f"does not answer ({answer})"
    if answer and (answer.status in GONE or answer.status >= 500):
        return f"answers HTTP {answer.status}"
    return ""


def _is_private(case: Case, url: str) -> bool:
    return is_private_name(urlsplit(url).hostname or "", case.config.allow_networks)


def _setting(case: Case, name: str) -> str:
    """The setting that an endpoint comes from."""
    own = f"{name}_endpoint"
    return f"{PREFIX}{(own if getattr(case.config, own) else 'endpoint').upper()}"
