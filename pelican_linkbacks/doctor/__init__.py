"""The doctor: what keeps a site's links from being told, or others from telling it, and what to do.

One module for each thing that is examined. None of them changes anything, nobody is told anything,
and nobody is asked but the author's own site and the endpoints that he names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pelican_linkbacks.doctor import advertised, live_site, mentions, settings, state_file
from pelican_linkbacks.doctor.case import Case
from pelican_linkbacks.doctor.finding import Finding, Level
from pelican_linkbacks.errors import SettingsError

EXAMINATIONS: dict[str, Callable[[Case], Iterator[Finding]]] = {
    "settings": settings.examine,
    "state": state_file.examine,
    "links": mentions.examine,
    "site": live_site.examine,
    "endpoints": advertised.examine,
}
"""By what they are about, in the order in which they are made."""


def examine(read: Callable[[], Mapping[str, Any]]) -> Iterator[Finding]:
    """Look at everything.

    Args:
        read: gives Pelican's settings, their paths absolute; raises SettingsError if it can't.

    Yields:
        What was found, as soon as it is; an error of our own is a finding too.
    """
    try:
        case = Case.of(read())
    except SettingsError as error:
        for problem in error.problems:
            yield Finding("settings", Level.WRONG, problem)
        return
    except Exception as error:  # noqa: BLE001 - whatever a settings file may hold
        yield _failed("settings", error)
        return
    for subject, examination in EXAMINATIONS.items():
        try:
            yield from examination(case)
        except Exception as error:  # noqa: BLE001 - one examination that fails stops no other
            yield _failed(subject, error)


def _failed(subject: str, error: Exception) -> Finding:
    why = f"This could not be examined: {type(error).__name__}: {error}."
    return Finding(subject, Level.WRONG, why)


def verdict(findings: Iterable[Finding]) -> str:
    """One line that says how much there is to look at."""
    wrong = sum(not finding.is_well for finding in findings)
    if not wrong:
        return "All is well."
    return f"{wrong} thing{'' if wrong == 1 else 's'} to look at."
