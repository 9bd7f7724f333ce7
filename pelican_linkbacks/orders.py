"""Orders: what the author has the state do by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from pelican_linkbacks.errors import LinkbackError
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.report import by_outcome, count, label
from pelican_linkbacks.retries import anew
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import host_of, is_under, key, path_under

FAILURES = frozenset({Outcome.FAILED, Outcome.GAVE_UP})
"""What is tried again without being named."""

DENIALS = frozenset({Outcome.REFUSED, Outcome.NONE})
"""What is final, and tried again only where it is named."""


@dataclass(frozen=True, slots=True)
class Named:
    """What the state knows by one name.

    Attributes:
        name: as the author wrote it.
        articles: the PATHs of the articles that are meant; none if it is a target.
        mentions: those of these articles, or those of this target.
    """

    name: str
    articles: frozenset[str]
    mentions: Sequence[Mention]


def named(state: State, name: str, content: Path) -> Named:
    """What an author means by an ARTICLE or a URL.

    Args:
        state: where it is looked for.
        name: an article's PATH, its source file (relative to the content folder, or as a shell
            completes it), its URL, or the URL of a target.
        content: Pelican's PATH.

    Raises:
        LinkbackError: the state knows nothing by this name.
    """
    url = key(name) if host_of(name) else None
    path = _path(state, name)
    files = {name, _file(name, content)}
    articles = {p for p, file in state.articles.items() if _plain(p) == path or file in files}
    articles |= {m.article for m in state.mentions() if key(m.source) == url}
    mentions = [
        mention
        for mention in state.mentions()
        if mention.article in articles or key(mention.target) == url
    ]
    if not name or not (articles or mentions):
        raise LinkbackError(
            f"{name or 'An empty name'} is not known: the state has no article and no link of that "
            "name. See what it has with: pelican-linkbacks status"
        )
    return Named(name, frozenset(articles), mentions)


def retry(state: State, which: Named | None) -> list[Mention]:
    """Queue once more what has failed, as if it was never tried.

    Args:
        state: is changed, but not saved.
        which: what is meant, also what was refused or passed over; None for all that failed.

    Returns:
        The mentions that are queued now.
    """
    queued = [
        anew(mention)
        for mention in (which.mentions if which else state.mentions())
        if mention.outcome in FAILURES or (which and _is_denied(mention))
    ]
    for mention in queued:
        state.put(mention)
    return queued


def nothing_to_retry(which: Named | None) -> str:
    """Why there is nothing to be told once more, in a sentence."""
    if which is None:
        return "Nothing has failed; there is nothing to tell once more."
    if len(which.mentions) == 1:
        known = f"is {label(which.mentions[0])} already"
    else:
        known = f"has links, but none that has failed: {by_outcome(which.mentions)}"
    if not which.mentions:
        known = "has no links"
    return f"{which.name} {known}; there is nothing to tell once more."


def forget(state: State, which: Named, first_run_days: float) -> str:
    """Drop mentions, and articles that are named, as if no build had ever seen them.

    Args:
        state: is changed, but not saved.
        which: what is meant.
        first_run_days: LINKBACKS_FIRST_RUN_DAYS.

    Returns:
        What that means for the next build, in a sentence.
    """
    state.forget(which.mentions, which.articles)
    links = count(len(which.mentions), "link")
    if not which.articles:
        return f"{links} to {which.name} forgotten: what is there still is new to the next build."
    return (
        f"{count(len(which.articles), 'article')} and {links} forgotten: new to the next build, "
        f"which tells what is not older than {first_run_days:g} days."
    )


def release(state: State) -> int:
    """Queue what was held because it was so much at once.

    Args:
        state: is changed, but not saved.

    Returns:
        How many mentions that are.
    """
    held = [mention for mention in state.mentions() if mention.outcome is Outcome.HELD]
    for mention in held:
        state.put(replace(mention, outcome=Outcome.QUEUED))
    return len(held)


def _is_denied(mention: Mention) -> bool:
    # What a setting left out has no attempts, and is left out by it still.
    is_passed_over = mention.outcome is Outcome.SKIPPED and mention.attempts > 0
    return mention.outcome in DENIALS or is_passed_over


def _path(state: State, name: str) -> str:
    """The PATH that a name is, or that it is the URL of."""
    return _plain(path_under(state.siteurl, name) if is_under(name, state.sites) else name)


def _plain(path: str) -> str:
    return unquote(path).strip("/")


def _file(name: str, content: Path) -> str | None:
    file, folder = Path(name).absolute(), content.absolute()
    return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else None
