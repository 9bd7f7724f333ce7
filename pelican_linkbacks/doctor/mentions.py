"""Mentions: what the state says is still on its way, and what never gets there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pelican_linkbacks import report
from pelican_linkbacks.doctor.case import Case
from pelican_linkbacks.doctor.finding import Finding, Level
from pelican_linkbacks.mention import DUE, Mention, Outcome
from pelican_linkbacks.moves import site_has_moved
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import host_of, silence

STATUS = "To see them, run: pelican-linkbacks status"


def examine(case: Case) -> Iterator[Finding]:
    """Look at what the state knows; without a state there is nothing."""
    state = case.state
    if state is None or not state.exists:
        return
    mentions = state.mentions()
    told = sum(mention.outcome is Outcome.SENT for mention in mentions)
    known = f"{report.count(len(state.articles), 'article')}, {report.count(len(mentions), 'link')}"
    yield Finding("links", Level.WELL, f"{known}, {told} of them told.")
    for level, text, advice in _remarks(case, state, mentions):
        yield Finding("links", level, text, advice)


def _remarks(case: Case, state: State, mentions: list[Mention]) -> Iterator[tuple[Level, str, str]]:
    siteurl = case.config.siteurl
    if not silence(case.config) and site_has_moved(state, siteurl):
        yield (
            Level.WRONG,
            f"SITEURL is {siteurl}, but the state is of {state.siteurl}: nothing is sent.",
            "If the site has moved for good, run: pelican-linkbacks moved",
        )
    homes = {host_of(site) for site in state.sites}
    due = [mention for mention in mentions if mention.outcome in DUE]
    lost = [m for m in due if host_of(m.source) not in {*homes, host_of(siteurl)}]
    if lost:
        yield (
            Level.WRONG,
            f"{report.count(len(lost), 'link')} can never be told: {lost[0].source} is at "
            "none of this site's addresses.",
            "Build the site with its own SITEURL; what is left then, drop with: pelican-linkbacks "
            "forget URL",
        )
    found = Counter(mention.outcome for mention in mentions if mention not in lost)
    for outcome, (level, text, advice) in REMARKS.items():
        if found[outcome]:
            yield level, f"{report.count(found[outcome], 'link')} {text}", advice
    broken_off = [mention for mention in due if mention.asked_at]
    if broken_off and not case.is_busy:
        yield (
            Level.NOTE,
            f"A run was killed while it told {report.count(len(broken_off), 'link')}.",
            f"The next build tells them again, or: {report.NOW}",
        )


REMARKS = {
    Outcome.HELD: (
        Level.WRONG,
        "held, since it was so much at once.",
        "To tell them after all, run: pelican-linkbacks release",
    ),
    Outcome.QUEUED: (
        Level.NOTE,
        "left to the next run.",
        f"To tell them now, run: {report.NOW}",
    ),
    Outcome.WAITING: (
        Level.NOTE,
        "waiting for pages to come online.",
        f"After the upload, run: {report.LATER}",
    ),
    Outcome.UNDECIDED: (
        Level.NOTE,
        "that may be old: the live site could not be asked.",
        "The next build decides by the age of the articles.",
    ),
    Outcome.FAILED: (
        Level.NOTE,
        "that failed, and will be tried again when it is time.",
        STATUS,
    ),
    Outcome.GAVE_UP: (
        Level.NOTE,
        "given up after failing so often.",
        "To try them once more, run: pelican-linkbacks retry",
    ),
}
"""What is said of outcomes that are not the last word, or not the wanted one."""
