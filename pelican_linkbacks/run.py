"""Run: one build of a site and its subsites, from its articles to the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from pelican_linkbacks import fingerprint, report
from pelican_linkbacks.config import Config
from pelican_linkbacks.delivery import Delivery
from pelican_linkbacks.diff import Diff, News, is_old
from pelican_linkbacks.digests import Digests
from pelican_linkbacks.live import Live
from pelican_linkbacks.mention import UNTOLD, Article, Mention, Outcome
from pelican_linkbacks.moves import site_has_moved
from pelican_linkbacks.protocols import trackback
from pelican_linkbacks.retries import due
from pelican_linkbacks.state import State, locked

Say = Callable[[str], None]


@dataclass
class Run:
    """What one build gathers until its outermost site is done.

    Attributes:
        config: settings of the outermost site.
        sites: SITEURLs of this build, the outermost first.
        articles: published sources, as they were written.
        now: when the build began (UTC).
    """

    config: Config
    sites: list[str]
    articles: list[Article] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _live: Live | None = None
    _spent: float = 0.0

    def ask_feeds(self, feeds: Sequence[str]) -> None:
        """With no state: ask the live site's feeds what they carry, before anything is written."""
        if not self.config.state_file.exists():
            self._live = self._live or Live(self.config, self._left)
            with self._on_the_clock():
                self._live.ask_feeds(feeds)

    @property
    def asks(self) -> bool:
        """Whether the live site has to tell what it carries, since no state does."""
        return self._live is not None

    def ask_pages(self, articles: Sequence[Article]) -> None:
        """With no state: ask the live pages of young articles, before any page is written."""
        if self._live:
            young = [a for a in articles if not is_old(a, self.config, self.now)]
            with self._on_the_clock():
                self._live.ask_pages(young)

    def finish(self, say: Say, detail: Say) -> None:
        """Diff, queue, send and report.

        Args:
            say: prints one line that every author sees.
            detail: prints one line for those who want to know more.

        Raises:
            StateError: the state can't be used, or is in use.
        """
        with locked(self.config.state_file):
            if fingerprint.is_known(self.config, self._fingerprint()):
                self._tell_read(0, detail)
                say(report.summary(0, [], State(self.config.state_file)))
                return
            state = State.load(self.config.state_file)
            news = self._diff(state, detail)
            state.save()
            settled: list[Mention] = []
            moved = site_has_moved(state, self.config.siteurl)
            if self.config.send and not moved:
                try:
                    delivery = Delivery(self.config, state, say)
                    settled = delivery.run(due(state, self.now), self._left())
                finally:
                    state.save()
            if not moved and not any(m.outcome in UNTOLD for m in state.mentions()):
                fingerprint.keep(self.config, self._fingerprint())
        for mention in settled:
            detail(report.line(mention))
        say(report.summary(len(news.came_to[Outcome.QUEUED]), settled, state))
        for hint in report.hints(news, settled, state, self.config):
            say(hint)

    def _diff(self, state: State, detail: Say) -> News:
        ours = [*self.sites, *state.sites, *state.former]
        digests = Digests(self.config, list(dict.fromkeys(ours)))
        live = self._live or Live(self.config, self._left)
        diff = Diff(self.config, self.now, digests.targets, cache(trackback.excerpt), live.carried)
        news = diff.apply(state, self.articles, self.sites)
        digests.save()
        self._tell_read(digests.parsed, detail)
        return news

    def _tell_read(self, parsed: int, detail: Say) -> None:
        detail(f"Linkbacks: {len(self.articles)} articles, {parsed} of them read for links")

    def _fingerprint(self) -> str:
        return fingerprint.take(self.config, self.sites, self.articles)

    def _left(self) -> float:
        return self.config.time_budget - self._spent

    @contextmanager
    def _on_the_clock(self) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self._spent += time.monotonic() - start
