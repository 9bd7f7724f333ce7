"""News: what one diff of a build's articles with the state has found."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from pelican_linkbacks.mention import Mention, Outcome


class Change(NamedTuple):
    """A mention that has come to its outcome, and the reason in words for people."""

    mention: Mention
    why: str


@dataclass(slots=True)
class News:
    """What one diff has put into the state.

    Attributes:
        came_to: the mentions that have come to each outcome, and why.
        removed: those that were told and whose link is gone, which is to be told as well.
        moved: how many articles the state now knows by another URL.
        siteurl: SITEURL by which the state knew the site until now, if that has changed.
    """

    came_to: dict[Outcome, list[Change]] = field(default_factory=lambda: defaultdict(list))
    removed: list[Change] = field(default_factory=list)
    moved: int = 0
    siteurl: str | None = None

    @property
    def new(self) -> int:
        """How many links are to be told for the first time."""
        return sum(not change.mention.removal for change in self.came_to[Outcome.QUEUED])
