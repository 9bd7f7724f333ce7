"""Settings: what the author has set, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator

from pelican_linkbacks import report
from pelican_linkbacks.doctor.case import Case
from pelican_linkbacks.doctor.finding import Finding, Level
from pelican_linkbacks.predecessor import PLUGIN_NAMES
from pelican_linkbacks.urls import silence

OURS = frozenset({"pelican_linkbacks", "pelican_linkbacks.plugin"})


def examine(case: Case) -> Iterator[Finding]:
    """Look at the settings."""
    yield from _loading(case)
    for problem in case.problems:
        yield Finding("settings", Level.WRONG, problem, "Until then no build queues or sends.")
    wrong = []
    for level, text, advice in _remarks(case):
        wrong.append(level)
        yield Finding("settings", level, text, advice)
    if not case.problems and Level.WRONG not in wrong:
        number = report.count(len(case.given), "LINKBACKS_* setting")
        yield Finding("settings", Level.WELL, f"SITEURL is {case.config.siteurl}, {number}.")


def _loading(case: Case) -> Iterator[Finding]:
    names = {plugin if isinstance(plugin, str) else _name(plugin) for plugin in case.plugins}
    if not names & OURS:
        yield Finding(
            "plugin",
            Level.WRONG,
            "pelican_linkbacks is not in PLUGINS, so no build does anything for linkbacks.",
            'Add "pelican_linkbacks" to PLUGINS in the settings of the published site.',
        )
    else:
        yield Finding("plugin", Level.WELL, "pelican_linkbacks is in PLUGINS.")
    if rivals := sorted(names & PLUGIN_NAMES):
        yield Finding(
            "plugin",
            Level.WRONG,
            f"{rivals[0]} is in PLUGINS too, which would tell the same blogs, so that "
            "pelican_linkbacks does nothing.",
            f"Take {rivals[0]} out of PLUGINS: what it has told is known here.",
        )


def _name(plugin: object) -> str:
    return str(getattr(plugin, "__name__", ""))


def _remarks(case: Case) -> Iterator[tuple[Level, str, str]]:
    config = case.config
    if why := silence(config):
        yield (
            Level.WRONG,
            f"{why}: nothing is queued or sent.",
            "Name the settings of the published site with -s, or set SITEURL there.",
        )
    if not config.send:
        yield (
            Level.NOTE,
            "LINKBACKS_SEND is False: a build only queues.",
            f"To tell what is queued, run: {report.LATER}",
        )
    elif config.time_budget <= config.request_timeout:
        yield (
            Level.WRONG,
            f"LINKBACKS_TIME_BUDGET ({config.time_budget:g} s) is not longer than "
            f"LINKBACKS_REQUEST_TIMEOUT ({config.request_timeout:g} s): no build sends anything.",
            f"Make it longer; until then, run: {report.LATER}",
        )
    if not config.protocols:
        yield (
            Level.WRONG,
            "LINKBACKS_PROTOCOLS is empty: nobody is ever told.",
            "Name the protocols that may be used, or leave it out for all of them.",
        )
    if not config.first_run_days:
        yield (
            Level.WRONG,
            "LINKBACKS_FIRST_RUN_DAYS is 0: every new article is taken for an old one, and its "
            "links are not told.",
            "Give it at least the days between your builds.",
        )
    if not config.check_online:
        yield (
            Level.NOTE,
            "LINKBACKS_CHECK_ONLINE is False: blogs are told before your page is seen online, and "
            "refuse what is not there yet.",
            "Leave it out, unless your server turns robots away.",
        )
    if config.cert_verify is False:
        yield (
            Level.WRONG,
            "LINKBACKS_CERT_VERIFY is False: any server can pass itself off as another.",
            "Leave it out, or name a CA bundle in it.",
        )
