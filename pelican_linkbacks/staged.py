"""Staged commands: those that rehearse a build first. Their docstrings are their help."""

from __future__ import annotations

import argparse

from pelican_linkbacks import plan as plans
from pelican_linkbacks import report
from pelican_linkbacks.backfill import old, queue
from pelican_linkbacks.commands import tell
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import SettingsError, StateError
from pelican_linkbacks.moves import site_has_moved
from pelican_linkbacks.news import News
from pelican_linkbacks.outbox import known_state
from pelican_linkbacks.rehearsal import rehearsed
from pelican_linkbacks.settings import find
from pelican_linkbacks.state import State
from pelican_linkbacks.storage import locked
from pelican_linkbacks.terminal import complain, say
from pelican_linkbacks.urls import silence

PUBLISHED = "name the settings of the published site with -s."


def plan(config: Config, arguments: argparse.Namespace) -> int:
    """Show what a build would do now, and why, article by article.

    It builds your site into a temporary folder, which it throws away, and compares
    that with the state file. Nobody is told anything, and no file of yours is
    written. Your other plugins run as in any build. If there is no state file, your
    public site is asked which links it carries already, as the first build does.

    The exit status is 1 if the site or an article can't be built, or if the state
    file can't be read.
    """
    if why := silence(config):
        say(f"A build would queue and send nothing: {why}; {PUBLISHED}")
        return 0
    state = State.load(config.state_file)
    with rehearsed(_settings_file(arguments)) as rehearsal:
        news, _ = rehearsal.diff(state)
    for line in plans.lines(news, state, config, rehearsal.now):
        say(line)
    return _complain_of(rehearsal.problems)


def backfill(config: Config, arguments: argparse.Namespace) -> int:
    """Tell old links, which no build tells by itself.

    Old are the links that were there before the plugin was, and those that were
    first seen in an old article. Those that you leave out by a setting are not
    told, and none that was told already. To see what would be told, use --dry-run.

    It builds your site into a temporary folder first, to know its articles, so it
    needs their files. Then it sends as send does, with the same exit status; that
    is 1 also if the site or an article can't be built.
    """
    if why := silence(config):
        raise SettingsError([f"{why}; {PUBLISHED}"])
    state = known_state(config)
    if site_has_moved(state, config.siteurl):
        raise StateError(next(report.addresses(News(), state, config.siteurl)).strip())
    with rehearsed(_settings_file(arguments)) as rehearsal:
        _, diff = rehearsal.diff(state)
    articles, since = rehearsal.articles, arguments.since
    failed = _complain_of(rehearsal.problems)
    if arguments.dry_run:
        mentions = old(known_state(config), articles, diff, since)
        for article, listed in report.by_article(mentions).items():
            say(article)
            for mention in listed:
                say(f"  would be told: {mention.target}")
        say(
            f"{report.count(len(mentions), 'old link')} would be told; nothing was sent or written."
        )
        return failed
    with locked(config.state_file):
        state = known_state(config)
        mentions = queue(state, articles, diff, since)
        state.save()
    if not mentions:
        say("There is no old link to be told.")
        return failed
    return tell(config, mentions) or failed


def _settings_file(arguments: argparse.Namespace) -> str:
    return str(arguments.settings or find())


def _complain_of(problems: list[str]) -> int:
    for problem in problems:
        complain(problem)
    return 1 if problems else 0
