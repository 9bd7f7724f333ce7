"""Commands: what each of them does. Their docstrings are their help."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from pelican_linkbacks import orders, report, settings
from pelican_linkbacks.background import quiet
from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.discovery import explain
from pelican_linkbacks.doctor import examine, verdict
from pelican_linkbacks.errors import SettingsError
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.moves import move_site, site_has_moved
from pelican_linkbacks.outbox import Outbox, known_state
from pelican_linkbacks.receipts import Receipts, due
from pelican_linkbacks.state import State
from pelican_linkbacks.storage import locked
from pelican_linkbacks.terminal import export, say, show, watch
from pelican_linkbacks.urls import key, silence


def status(config: Config, arguments: argparse.Namespace) -> int:
    """Show what was told, what waits, and why, article by article.

    Old links, which are recorded and never told, are only counted, unless there
    is something to say of them. With an ARTICLE or a URL, all that is known of
    that one is shown, and nothing else.

    --json prints one array of objects with the keys source, target, outcome,
    protocol, endpoint, found_by, attempts, next_attempt, answer, first_seen and
    receipt: all links, old ones too, with times in UTC.

    The exit status is 1 if that ARTICLE or URL is not known, or if the state file
    can't be read.
    """
    state = known_state(config)
    which = _named(state, arguments.name, config)
    mentions = which.mentions if which else state.mentions()
    if arguments.json:
        export([report.as_json(mention) for mention in mentions])
        return 0
    show(report.by_article(m for m in mentions if which or not report.is_hidden(m)))
    articles = {mention.article for mention in mentions} | set((which or state).articles)
    say(f"{report.count(len(articles), 'article')}; mentions: {report.by_outcome(mentions)}.")
    return 0


def discover(config: Config, arguments: argparse.Namespace) -> int:
    """Show what a page advertises, and what a link to it would be told by.

    For when you wonder why a blog was not told, or was told by a protocol that
    you did not expect. Nobody is told anything by it.

    The exit status is 1 if there is no answer from that URL.
    """
    with quiet():
        for line in explain(Client(config).get(arguments.url), config.protocols):
            say(line)
    return 0


def doctor(config: Config, arguments: argparse.Namespace) -> int:
    """Look for whatever keeps links from being told, and say what to do about it.

    Looks at the settings, at the state file and at the newest pages of your live
    site, which are fetched as other blogs fetch them. Lines with "!" tell what is
    wrong, those with "-" what is worth knowing. Nothing is changed, and nobody
    else is asked or told.

    The exit status is 1 if anything is wrong.
    """
    findings = []
    for finding in examine(partial(settings.load, arguments.settings)):
        say(finding.line())
        findings.append(finding)
    say(verdict(findings))
    return 0 if all(finding.is_well for finding in findings) else 1


def send(config: Config, arguments: argparse.Namespace) -> int:
    """Tell what waits, however long it takes.

    You need it if you upload your site after the build: links are told only when
    the public page has them. It also tries again what has failed, where it is
    time for that. It works without your articles: the settings file and the
    state file are enough.

    The exit status is 0 if everything was told or has to wait for somebody
    else's server; 1 if pages of this site are still not online, if the state
    file can't be used, or if you interrupt it.
    """
    end = time.monotonic() + arguments.wait
    box = Outbox(config, say, watch)
    box.send()
    while (waiting := box.waiting()) and time.monotonic() < end:
        say(f"Waiting up to {end - time.monotonic():.0f} s: {waiting[0].answer}.")
        box.poll(waiting[0], end)
        box.send()
    return _sum_up(config, box, waiting)


def retry(config: Config, arguments: argparse.Namespace) -> int:
    """Tell once more what has failed, at once.

    Without ARTICLE or URL this is all that failed, that was asked for a pause or
    that was given up. With one, it is also what was refused or passed over, and
    what had no endpoint: for when you know that something has changed there.

    The exit status is that of send; and 1 if that ARTICLE or URL is not known.
    """
    with locked(config.state_file):
        state = known_state(config)
        which = _named(state, arguments.name, config)
        queued = orders.retry(state, which)
        state.save()
    if not queued:
        say(orders.nothing_to_retry(which))
        return 0
    return tell(config, queued)


def release(config: Config, arguments: argparse.Namespace) -> int:
    """Queue the links that were held because they were so many at once.

    More than 20 new links in old articles look like an accident. If they are
    none, release them, and tell them with send or with the next build.

    The exit status is 1 if the state file can't be used.
    """
    with locked(config.state_file):
        state = known_state(config)
        released = orders.release(state)
        state.save()
    say(f"{released} held links are queued now; to tell them, run: {report.NOW}")
    return 0


def receipts(config: Config, arguments: argparse.Namespace) -> int:
    """Ask what became of the links that were told: shown there, held, or hidden.

    Looks at the pages that you link to and at the feeds of their comments, and asks
    the receivers that tell it. Each link is asked about once a day at most, for 30
    days after it was told; status shows the answers.

    The exit status is 1 if the state file can't be used.
    """
    with locked(config.state_file):
        state = known_state(config)
        now = datetime.now(UTC)
        asked = Receipts(replace(config, siteurl=state.siteurl), say).run(due(state, now), now)
        for mention in asked:
            state.put(mention)
        state.save()
    if not asked:
        say("Nothing to ask: each link that was told within 30 days was asked about today.")
        return 0
    show(report.by_article(asked))
    counts = Counter(str(mention.receipt or "unknown") for mention in asked)
    say(f"{report.count(len(asked), 'link')}: {', '.join(f'{n} {w}' for w, n in counts.items())}.")
    return 0


def forget(config: Config, arguments: argparse.Namespace) -> int:
    """Drop what is known of an article or a link, as if no build had ever seen it.

    The next build takes those links for new and tells them, even if they were
    told before. A forgotten article is a new one too: if it is older than
    LINKBACKS_FIRST_RUN_DAYS, its links are recorded as old and not told.

    The exit status is 1 if that ARTICLE or URL is not known, or if the state file
    can't be used.
    """
    with locked(config.state_file):
        state = known_state(config)
        which = orders.named(state, arguments.name, config.content)
        consequence = orders.forget(state, which, config.first_run_days)
        state.save()
    say(consequence)
    return 0


def moved(config: Config, arguments: argparse.Namespace) -> int:
    """Take SITEURL as the address to which the site has moved for good.

    While SITEURL is at another host than the one the state file is of, nothing is
    sent: it may be a mere preview. This confirms that it is none. What was told
    from the former address stays told.

    The exit status is 1 if SITEURL is no public address, or if the state file
    can't be used.
    """
    if why := silence(config):
        raise SettingsError([f"{why}; name the settings of the published site with -s."])
    with locked(config.state_file):
        state = known_state(config)
        if not site_has_moved(state, config.siteurl):
            say(f"The state is of {state.siteurl} already; nothing to do.")
            return 0
        former = state.siteurl
        move_site(state, config.siteurl)
        state.save()
    say(f"The site has moved from {former} to {config.siteurl}; the next build sends again.")
    return 0


def tell(config: Config, queued: Sequence[Mention]) -> int:
    """Tell these mentions and no others, and report what came of it.

    Returns:
        The exit status.
    """
    places = {(mention.article, key(mention.target)) for mention in queued}
    box = Outbox(config, say, watch)
    box.send(lambda mention: (mention.article, key(mention.target)) in places)
    waiting = [m for m in box.settled if m.outcome is Outcome.WAITING and not m.removal]
    return _sum_up(config, box, waiting)


def _named(state: State, name: str | None, config: Config) -> orders.Named | None:
    return None if name is None else orders.named(state, name, config.content)


def _sum_up(config: Config, box: Outbox, waiting: Sequence[Mention]) -> int:
    say(report.summary(None, box.settled, known_state(config)))
    for why in dict.fromkeys(mention.answer for mention in waiting):
        say(f"  {why}")
    return 1 if waiting else 0
