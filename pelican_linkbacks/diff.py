"""Is this new? The one place that answers: a build's articles, diffed with the state.

What is told can't be unsaid, so whatever may have been told before, or was only seen first because
something else than the article changed, is recorded as old and never sent by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pelican_linkbacks import moves
from pelican_linkbacks.config import Config
from pelican_linkbacks.links import RULES, Target
from pelican_linkbacks.mention import NAMED, UNTOLD, Article, Excerpt, Mention, Outcome
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import is_under, key

MANY = 20
"""More new mentions than this in old articles at once are held: no author edits like that."""

Carried = Callable[[Article], frozenset[str] | None]
"""The keys of the links that the live page of an article carries; None if it can't be asked."""


@dataclass(slots=True)
class News:
    """What one diff has put into the state.

    Attributes:
        came_to: the mentions that have come to each outcome.
        moved: how many articles the state now knows by another URL.
        siteurl: SITEURL by which the state knew the site until now, if that has changed.
    """

    came_to: dict[Outcome, list[Mention]] = field(default_factory=lambda: defaultdict(list))
    moved: int = 0
    siteurl: str | None = None


@dataclass(frozen=True, slots=True)
class Diff:
    """The rules by which a build's articles are compared with a state.

    Attributes:
        config: settings of the outermost site.
        now: the time of this run (aware).
        targets: what an article links to.
        excerpt: what a trackback says of an article.
        carried: what the live site carries; asked only when there is no state.
    """

    config: Config
    now: datetime
    targets: Callable[[Article], Sequence[Target]]
    excerpt: Callable[[Article], Excerpt]
    carried: Carried

    def apply(self, state: State, articles: Iterable[Article], sites: Sequence[str]) -> News:
        """Bring a state up to date with the articles of this run.

        Args:
            state: is changed, but not saved.
            articles: all published sources of this run.
            sites: the SITEURLs of this run, the outermost first.
        """
        news, surge = News(), []
        present = moves.one_a_file(state, articles)
        news.moved = moves.follow(state, present)
        known = state.by_article()
        for article in present:
            seen = known.get(article.path, {})
            wanted = {key(link.url): link for link in self._wanted(article)}
            is_known = article.path in state.articles
            for place, link in wanted.items():
                if place in seen:
                    self._update(state, news, article, seen[place], link)
                    continue
                if _is_known_by_other_scheme(place, seen, wanted):
                    continue
                outcome = self._first(state, article, link, is_known=is_known)
                mention = self._fresh(article, link, outcome)
                if outcome is Outcome.QUEUED and self._is_old(article):
                    surge.append(mention)
                else:
                    self._put(state, news, mention)
            for place in seen.keys() - wanted.keys():
                self._withdraw(state, news, seen[place])
            state.articles[article.path] = article.file
        for mention in surge:
            held = replace(mention, outcome=Outcome.HELD) if len(surge) > MANY else mention
            self._put(state, news, held)
        here = {article.path for article in present}
        for path in known.keys() - here:
            for mention in known[path].values():
                if is_under(mention.source, sites):
                    self._withdraw(state, news, mention)
        self._sign(state, news, sites)
        return news

    def _wanted(self, article: Article) -> list[Target]:
        if not article.send:
            return []
        ignored = None if "trackback" in self.config.protocols else "LINKBACKS_PROTOCOLS"
        trackbacks = (Target(url, ignored, named=True) for url in article.trackbacks)
        return [*self.targets(article), *trackbacks]

    def _first(self, state: State, article: Article, link: Target, *, is_known: bool) -> Outcome:
        """The outcome of a mention that the state does not know."""
        if link.ignored:
            return Outcome.SKIPPED
        if article.is_page and not state.pages:
            return Outcome.OLD
        if is_known:
            return Outcome.QUEUED if state.rules == RULES else Outcome.OLD
        if self._is_old(article):
            return Outcome.OLD
        if state.exists:
            return Outcome.QUEUED
        carried = self.carried(article)
        if carried is None:
            return Outcome.UNDECIDED
        return Outcome.OLD if key(link.url) in carried else Outcome.QUEUED

    def _update(
        self, state: State, news: News, article: Article, mention: Mention, link: Target
    ) -> None:
        outcome = mention.outcome
        if outcome in UNTOLD and link.ignored:
            outcome = Outcome.SKIPPED
        elif outcome is Outcome.UNDECIDED:
            outcome = Outcome.OLD if self._is_old(article) else Outcome.QUEUED
        elif outcome is Outcome.WITHDRAWN and not link.ignored:
            outcome = Outcome.QUEUED
        elif outcome is Outcome.SKIPPED and not mention.attempts and not link.ignored:
            # Skipped at sending time has attempts; this one a setting left out until now.
            outcome = Outcome.OLD
        if outcome in UNTOLD:
            mention = self._as_written(mention, article, link)
        if outcome is mention.outcome:
            state.put(mention)
        else:
            answer = _reason(link, outcome)
            self._put(state, news, replace(mention, outcome=outcome, answer=answer))

    def _fresh(self, article: Article, link: Target, outcome: Outcome) -> Mention:
        mention = Mention(article.path, article.file, article.url, link.url, outcome)
        mention = replace(mention, first_seen=self.now, answer=_reason(link, outcome))
        return self._as_written(mention, article, link) if outcome in UNTOLD else mention

    def _as_written(self, mention: Mention, article: Article, link: Target) -> Mention:
        """A mention that is not told yet, with what is to be told as it stands now."""
        mention = replace(mention, source=article.url, target=link.url)
        if "trackback" in self.config.protocols:
            mention = replace(mention, excerpt=self.excerpt(article))
        if link.named:
            mention = replace(mention, protocol="trackback", endpoint=link.url, found_by=NAMED)
        return mention

    def _withdraw(self, state: State, news: News, mention: Mention) -> None:
        if mention.outcome in UNTOLD:
            gone = replace(mention, outcome=Outcome.WITHDRAWN, answer="the link is gone")
            self._put(state, news, gone)

    def _put(self, state: State, news: News, mention: Mention) -> None:
        state.put(mention)
        news.came_to[mention.outcome].append(mention)

    def _is_old(self, article: Article) -> bool:
        return is_old(article, self.config, self.now)

    def _sign(self, state: State, news: News, sites: Sequence[str]) -> None:
        if state.exists and state.siteurl != self.config.siteurl:
            news.siteurl = state.siteurl
        if not moves.site_has_moved(state, self.config.siteurl):
            gone = [site for site in state.sites if not is_under(site, sites)]
            state.former = tuple(dict.fromkeys([*state.former, *gone]))
            state.siteurl, state.sites = self.config.siteurl, tuple(dict.fromkeys(sites))
        state.pages = self.config.pages
        state.rules = RULES


def is_old(article: Article, config: Config, now: datetime) -> bool:
    """Whether an article is older than LINKBACKS_FIRST_RUN_DAYS; one without a date is."""
    return article.date is None or now - article.date > timedelta(days=config.first_run_days)


def _is_known_by_other_scheme(
    place: str, seen: Mapping[str, Mention], wanted: Mapping[str, Target]
) -> bool:
    """Whether a link is one that was decided before and only went from http to https, or back."""
    scheme, rest = place.split(":", 1)
    other = f"{'http' if scheme == 'https' else 'https'}:{rest}"
    decided = other in seen and seen[other].outcome not in UNTOLD | {Outcome.WITHDRAWN}
    return decided and other not in wanted


def _reason(link: Target, outcome: Outcome) -> str | None:
    return f"left out by {link.ignored}" if outcome is Outcome.SKIPPED else None
