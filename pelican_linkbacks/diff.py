"""Is this new? The one place that answers: a build's articles, diffed with the state.

What is told can't be unsaid, so whatever may have been told before, or was only seen first because
something else than the article changed, is recorded as old and never sent by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from pelican_linkbacks import moves, removals
from pelican_linkbacks.config import Config
from pelican_linkbacks.links import RULES, Target
from pelican_linkbacks.mention import NAMED, UNTOLD, Article, Excerpt, Mention, Outcome
from pelican_linkbacks.news import Change, News
from pelican_linkbacks.state import State
from pelican_linkbacks.urls import is_under, key, other_scheme

MANY = 20
"""More new mentions than this in old articles at once are held: no author edits like that."""

Carried = Callable[[Article], frozenset[str] | None]
"""The keys of the links that the live page of an article carries; None if it can't be asked."""

Built = Callable[[Article], frozenset[str]]
"""The keys of all links on the page of an article as this run has built it."""

Online = Callable[[Article], bool]
"""Whether the live site has an article."""

Past = Callable[[Article, Mention], Change | None]
"""A mention as another plugin has left it; None if that knows nothing of it."""


@dataclass(frozen=True, slots=True)
class Diff:
    """The rules by which a build's articles are compared with a state.

    Attributes:
        config: settings of the outermost site.
        now: the time of this run (aware).
        targets: what an article links to.
        excerpt: what a trackback says of an article.
        carried: what the live site carries; asked only when there is no state.
        built: what the pages of this run carry; asked only for links that are gone.
        past: what was told before there was a state; asked only when there is none.
        online: whether the live site has an article; asked only when there is no state.
    """

    config: Config
    now: datetime
    targets: Callable[[Article], Sequence[Target]]
    excerpt: Callable[[Article], Excerpt]
    carried: Carried
    built: Built
    past: Past = lambda *_: None
    online: Online = lambda _: False

    def apply(self, state: State, articles: Iterable[Article], sites: Sequence[str]) -> News:
        """Bring a state up to date with the articles of this run.

        Args:
            state: is changed, but not saved.
            articles: all published sources of this run.
            sites: the SITEURLs of this run, the outermost first.
        """
        news = News()
        surge: list[Change] = []
        present = moves.one_a_file(state, articles)
        news.moved = moves.follow(state, present)
        known = state.by_article()
        for article in present:
            seen = known.get(article.path, {})
            wanted = {key(link.url): link for link in self.wanted(article)}
            is_known = article.path in state.articles
            is_aged = is_old(article.date, self.config, self.now)
            for place, link in wanted.items():
                if place in seen:
                    self._update(state, news, article, seen[place], link)
                    continue
                if seen and _is_known_by(other_scheme(place), seen, wanted):
                    continue
                outcome, why = self._first(state, article, link, is_known, is_aged)
                change = Change(self._fresh(article, link, outcome), why)
                if not state.exists and not link.ignored:
                    change = self.past(article, change.mention) or change
                    outcome = change.mention.outcome
                if outcome is Outcome.QUEUED and is_aged:
                    surge.append(change)
                else:
                    self._put(state, news, change)
            for place in seen.keys() - wanted.keys():
                self._is_gone(state, news, seen[place], sites, article, wanted)
            state.articles[article.path] = article.file
        here = {article.path for article in present}
        for path in known.keys() - here:
            for mention in known[path].values():
                self._is_gone(state, news, mention, sites)
        self._put_many(state, news, surge, "new links in old articles")
        self._put_many(state, news, news.removed, "links that are gone")
        self._sign(state, news, sites)
        return news

    def wanted(self, article: Article) -> list[Target]:
        """What an article asks to be told: its links, and the trackback URLs it names."""
        if not article.send:
            return []
        ignored = None if "trackback" in self.config.protocols else "LINKBACKS_PROTOCOLS"
        trackbacks = (Target(url, ignored, named=True) for url in article.trackbacks)
        return [*self.targets(article), *trackbacks]

    def _first(
        self, state: State, article: Article, link: Target, is_known: bool, is_aged: bool
    ) -> tuple[Outcome, str]:
        """The outcome of a mention that the state does not know, and why."""
        if link.ignored:
            return Outcome.SKIPPED, f"left out by {link.ignored}"
        if article.is_page and not state.pages:
            return Outcome.OLD, "a page that is seen for the first time"
        if is_known:
            if state.rules == RULES:
                return Outcome.QUEUED, "a new link"
            return Outcome.OLD, "found by other rules than before"
        if is_aged:
            return Outcome.OLD, f"the article is older than {self.config.first_run_days:g} days"
        if state.exists:
            return Outcome.QUEUED, "a link in a new article"
        carried = self.carried(article)
        if carried is None:
            return Outcome.UNDECIDED, "the live site could not be asked whether it is new"
        if key(link.url) in carried:
            return Outcome.OLD, "the live site has it already"
        if link.named and self.online(article):
            # A page does not show which trackback URLs its article names.
            return Outcome.OLD, "the live site has the article already"
        return Outcome.QUEUED, "the live site does not have it yet"

    def _update(
        self, state: State, news: News, article: Article, mention: Mention, link: Target
    ) -> None:
        outcome, why = mention.outcome, ""
        if mention.removal:
            mention, why = removals.taken_back(mention), "the link is there again"
            outcome = mention.outcome
        elif outcome is Outcome.UNDECIDED:
            is_aged = is_old(article.date, self.config, self.now)
            outcome = Outcome.OLD if is_aged else Outcome.QUEUED
            why = "decided by the age of the article"
        elif outcome is Outcome.WITHDRAWN and not link.ignored:
            outcome, why = Outcome.QUEUED, "the link is there again"
            mention = replace(mention, attempts=0)
        elif outcome is Outcome.SKIPPED and not mention.attempts and not link.ignored:
            # Skipped at sending time has attempts; this one a setting left out until now.
            outcome, why = Outcome.OLD, "left out by a setting until now"
        if outcome in UNTOLD and link.ignored:
            outcome, why = Outcome.SKIPPED, f"left out by {link.ignored}"
        if outcome in UNTOLD:
            mention = self.as_written(mention, article, link)
        if why:
            answer = _answer(link, outcome)
            self._put(state, news, Change(replace(mention, outcome=outcome, answer=answer), why))
        else:
            state.put(mention)

    def _fresh(self, article: Article, link: Target, outcome: Outcome) -> Mention:
        mention = Mention(
            article.path,
            article.file,
            article.url,
            link.url,
            outcome,
            first_seen=self.now,
            answer=_answer(link, outcome),
        )
        return self.as_written(mention, article, link) if outcome in UNTOLD else mention

    def as_written(self, mention: Mention, article: Article, link: Target) -> Mention:
        """A mention that is not told yet, with what is to be told as it stands now."""
        mention = replace(mention, source=article.url, target=link.url)
        if "trackback" in self.config.protocols:
            mention = replace(mention, excerpt=self.excerpt(article))
        if link.named:
            mention = replace(mention, protocol="trackback", endpoint=link.url, found_by=NAMED)
        return mention

    def _is_gone(
        self,
        state: State,
        news: News,
        mention: Mention,
        sites: Sequence[str],
        article: Article | None = None,
        wanted: Mapping[str, Target] = MappingProxyType({}),
    ) -> None:
        """An article no longer links to a target, or is gone itself (None)."""
        is_ours = is_under(mention.source, sites)
        if removal := removals.of(mention):
            place = key(mention.target)
            is_kept = article and (
                not article.send or other_scheme(place) in wanted or place in self.built(article)
            )
            if is_ours and not is_kept:
                news.removed.append(Change(removal, "the link is gone"))
        elif mention.outcome in UNTOLD and not mention.removal and (article or is_ours):
            gone = replace(mention, outcome=Outcome.WITHDRAWN, answer="the link is gone")
            self._put(state, news, Change(gone, "the link is gone"))

    def _put_many(self, state: State, news: News, changes: list[Change], what: str) -> None:
        """Put what is held if it is too much at once."""
        for change in changes:
            if len(changes) > MANY:
                held = replace(change.mention, outcome=Outcome.HELD)
                change = Change(held, f"so many {what} at once")
            self._put(state, news, change)

    def _put(self, state: State, news: News, change: Change) -> None:
        state.put(change.mention)
        news.came_to[change.mention.outcome].append(change)

    def _sign(self, state: State, news: News, sites: Sequence[str]) -> None:
        if state.exists and state.siteurl != self.config.siteurl:
            news.siteurl = state.siteurl
        if not moves.site_has_moved(state, self.config.siteurl):
            gone = [site for site in state.sites if not is_under(site, sites)]
            state.former = tuple(dict.fromkeys([*state.former, *gone]))
            state.siteurl, state.sites = self.config.siteurl, tuple(dict.fromkeys(sites))
        state.pages = self.config.pages
        state.rules = RULES


def is_old(date: datetime | None, config: Config, now: datetime) -> bool:
    """Whether an article of a date is older than LINKBACKS_FIRST_RUN_DAYS; without one it is."""
    return date is None or now - date > timedelta(days=config.first_run_days)


def _is_known_by(other: str, seen: Mapping[str, Mention], wanted: Mapping[str, Target]) -> bool:
    """Whether a link was decided before under another key, which is no longer there."""
    is_decided = other in seen and seen[other].outcome not in UNTOLD | {Outcome.WITHDRAWN}
    return is_decided and other not in wanted


def _answer(link: Target, outcome: Outcome) -> str | None:
    return f"left out by {link.ignored}" if outcome is Outcome.SKIPPED else None
