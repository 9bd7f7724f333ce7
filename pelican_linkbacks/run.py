"""Run: one build of a site and its subsites, from its articles to the report.

What speaks to the network is imported when it is needed: most builds find nothing new and ask
nobody anything, and it takes longer to import than all that they do.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pelican_linkbacks import fingerprint, predecessor, report
from pelican_linkbacks.config import Config
from pelican_linkbacks.diff import Diff, is_old
from pelican_linkbacks.digests import Digests
from pelican_linkbacks.errors import StateBusy, StateError
from pelican_linkbacks.links import keys_on_page
from pelican_linkbacks.mention import UNTOLD, Article, Mention
from pelican_linkbacks.moves import site_has_moved
from pelican_linkbacks.news import News
from pelican_linkbacks.places import former_caches
from pelican_linkbacks.protocols import trackback
from pelican_linkbacks.retries import due, patience
from pelican_linkbacks.state import State
from pelican_linkbacks.storage import locked

if TYPE_CHECKING:
    from pelican_linkbacks.live import Live

Say = Callable[[str], None]

UNKEPT = (
    "Nor could it be kept what the live site carries: mend that before these pages are online, or "
    "the next build takes their links for old."
)
"""For a first build; without a state and without that, no later one can tell what is new."""


@dataclass
class Run:
    """What one build gathers until its outermost site is done.

    Attributes:
        config: settings of the outermost site.
        sites: SITEURLs of this build, the outermost first.
        articles: published sources, as they were written.
        now: when the build began (UTC).
        is_rehearsal: whether nothing may be written, not even into caches.
    """

    config: Config
    sites: list[str]
    articles: list[Article] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_rehearsal: bool = False
    _live: Live | None = None
    _recalled: bool = False
    _kept: bool = False
    _spent: float = 0.0

    def ask_feeds(self, feeds: Sequence[str]) -> None:
        """With no state: ask the live site's feeds what they carry, before anything is written."""
        # A folder that can't even be looked into is spoken of at the end.
        if not os.path.exists(self.config.state_file):
            if self._live is None:
                from pelican_linkbacks.live import Live

                self._live = Live(self.config, self._left)
                self._recalled = self._recall(self._live)
            if not self._recalled:
                with self._on_the_clock():
                    self._live.ask_feeds(feeds)

    @property
    def asks(self) -> bool:
        """Whether the live site has to tell what it carries, since no state does."""
        return self._live is not None

    def is_young(self, date: datetime | None) -> bool:
        """Whether the live page of an article of that date is to be asked."""
        return not is_old(date, self.config, self.now)

    def ask_pages(self, young: Sequence[Article]) -> None:
        """With no state: ask the live pages of young articles, before any page is written."""
        if self._live and not self._recalled:
            with self._on_the_clock():
                self._live.ask_pages(young)
            # Another first run may have written its pages while these were asked.
            self._recalled = self._recall(self._live)
            if not self._recalled and not self.is_rehearsal:
                self._kept = any(self._live.keep(file, self.now) for file in self._notes)

    def finish(self, say: Say, detail: Say) -> None:
        """Diff, queue, send and report.

        Args:
            say: prints one line that every author sees.
            detail: prints one line for those who want to know more.

        Raises:
            StateError: the state can't be used, or is in use.
        """
        try:
            self._finish(say, detail)
        except StateBusy:
            raise
        except StateError as error:
            if self._kept or self._recalled or os.path.exists(self.config.state_file):
                raise
            raise StateError(f"{error} {UNKEPT}") from error

    def _finish(self, say: Say, detail: Say) -> None:
        with locked(self.config.state_file):
            if fingerprint.is_known(self.config, self._fingerprint()):
                self._tell_read(0, detail)
                say(report.summary(0, [], State(self.config.state_file)))
                return
            state = State.load(self.config.state_file)
            is_first = not state.exists
            news, _ = self.diff(state, detail)
            state.save()
            for file in self._notes:
                with suppress(OSError):
                    file.unlink()
            settled: list[Mention] = []
            moved = site_has_moved(state, self.config.siteurl)
            if self.config.send and not moved:
                try:
                    settled = self._deliver(state, say)
                finally:
                    state.save()
            if not moved and not any(m.outcome in UNTOLD for m in state.mentions()):
                fingerprint.keep(self.config, self._fingerprint())
        for mention in settled:
            detail(report.line(mention))
        say(report.summary(news.new, settled, state))
        if is_first and (line := predecessor.summary(news)):
            say(line)
        for hint in report.hints(news, settled, state, self.config, is_first=is_first):
            say(hint)

    def diff(self, state: State, detail: Say = lambda _: None) -> tuple[News, Diff]:
        """Bring a state up to date with the articles; nothing is saved.

        Returns:
            What was found, and by which rules.
        """
        ours = [*self.sites, *state.sites, *state.former]
        digests = Digests(self.config, list(dict.fromkeys(ours)))
        excerpt = cache(trackback.excerpt)
        past = predecessor.Predecessor(self._former_caches(state), detail).past
        diff = Diff(
            self.config,
            self.now,
            digests.targets,
            excerpt,
            self._live.carried if self._live else lambda _: None,
            self._built,
            past,
            self._live.has if self._live else lambda _: False,
        )
        news = diff.apply(state, self.articles, self.sites)
        if not self.is_rehearsal:
            digests.save()
        self._tell_read(digests.parsed, detail)
        return news, diff

    def _deliver(self, state: State, say: Say) -> list[Mention]:
        budget = self._left()
        mentions = due(state, self.now, patience(self.config, budget))
        if not mentions:
            return []
        from pelican_linkbacks.delivery import Delivery

        return Delivery(self.config, state, say).run(mentions, budget)

    def _former_caches(self, state: State) -> Iterator[Path]:
        """What the linkbacks plugin knew is asked for only where no state knows better."""
        if not state.exists:
            config = self.config
            yield from former_caches(config.content, config.cachepath, config.cache)

    def _built(self, article: Article) -> frozenset[str]:
        """The links on the page of an article, which may be the theme's too."""
        file = self.config.output / unquote(article.path)
        try:
            page = (file / "index.html" if file.is_dir() else file).read_bytes()
        except OSError:
            page = article.html.encode("utf-8", "surrogatepass")
        return keys_on_page(page, None)

    def _tell_read(self, parsed: int, detail: Say) -> None:
        detail(f"Linkbacks: {len(self.articles)} articles, {parsed} of them read for links")

    def _fingerprint(self) -> str:
        return fingerprint.take(self.config, self.sites, self.articles)

    @property
    def _notes(self) -> tuple[Path, Path]:
        """Where what the live site carries is kept until there is a state: if the state can't be
        written, the cache may still be."""
        state_file = self.config.state_file
        beside = state_file.with_name(f"{state_file.name}.live")
        return beside, self.config.cache / "linkbacks-live.json"

    def _recall(self, live: Live) -> bool:
        return any(live.recall(file, self.now) for file in self._notes)

    def _left(self) -> float:
        return self.config.time_budget - self._spent

    @contextmanager
    def _on_the_clock(self) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self._spent += time.monotonic() - start
