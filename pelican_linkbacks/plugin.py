"""Plugin: Pelican's signals, and what a build does for linkbacks at each of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.generators import ArticlesGenerator, PagesGenerator
from pelican.log import FatalLogger, console
from pelican.utils import clean_output_dir

from pelican_linkbacks.addresses import printable
from pelican_linkbacks.background import unswept
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import BuildError, SettingsError, StateError
from pelican_linkbacks.feeds import feed_urls
from pelican_linkbacks.mention import Article
from pelican_linkbacks.predecessor import PLUGIN_NAMES
from pelican_linkbacks.run import Run
from pelican_linkbacks.sources import Generator, published, written
from pelican_linkbacks.urls import silence

logger = logging.getLogger(__name__)

KEY = "LINKBACKS"
"""Where Pelican's settings hold our Config; None after an error in them.

i18n_subsites builds each subsite by a Pelican of its own that inherits these settings: a Config
that is there already belongs to the outermost site of the run.
"""

_runs: dict[Path, Run] = {}
"""By OUTPUT_PATH of the outermost site; taken out when that site is finished."""

rehearsals: dict[Path, Callable[[Config, list[str]], Run]] = {}
"""By OUTPUT_PATH of the outermost site: what makes a run that neither writes nor tells."""

_unemptied: dict[str, Pelican] = {}
"""By OUTPUT_PATH: those whose output is emptied a little later than usual."""


def register() -> None:
    """Connect to Pelican's signals."""
    signals.initialized.connect(configure)
    signals.get_generators.connect(begin)
    signals.article_generator_finalized.connect(look_around)
    signals.article_writer_finalized.connect(collect_articles)
    signals.page_writer_finalized.connect(collect_pages)
    signals.finalized.connect(finish)


def configure(pelican: Pelican) -> None:
    """Read the settings, once for a site and all its subsites."""
    if isinstance(pelican.settings.get(KEY, ""), Config | None):
        if run := _run(pelican.settings):
            run.sites.append(pelican.settings["SITEURL"])
        return
    config, problems = None, []
    try:
        config = Config.from_settings(pelican.settings)
    except SettingsError as error:
        problems = error.problems
    if rivals := PLUGIN_NAMES.intersection(pelican.settings["PLUGINS"]):
        config, problems = None, [*problems, _both(min(rivals))]
        if Path(pelican.settings["OUTPUT_PATH"]) in rehearsals:
            # There it has no cache, and would tell every link again.
            raise BuildError(problems[-1])
    pelican.settings[KEY] = config
    for problem in problems:
        logger.error("%s", problem)


def begin(pelican: Pelican) -> None:
    """Before Pelican empties its output, which may be the live site itself."""
    config = pelican.settings.get(KEY)
    # A build that broke off leaves things behind (autoreload goes on after an error).
    if left := _unemptied.pop(pelican.output_path, None):
        left.delete_outputdir = True
    if config is None or silence(config):
        return
    if is_outermost(pelican, config):
        make_run = rehearsals.get(config.output, Run)
        _runs[config.output] = make_run(config, [config.siteurl])
    run = _runs[config.output]
    with without_harm():
        run.ask_feeds(feed_urls(pelican.settings))
    if run.asks and pelican.delete_outputdir:
        # Its pages are still to be asked, and Pelican has not read yet which of them are young.
        pelican.delete_outputdir = False
        _unemptied[pelican.output_path] = pelican


def look_around(generator: ArticlesGenerator) -> None:
    """When the articles are read, and nothing is written."""
    run = _run(generator.settings)
    if run and run.asks:
        with without_harm():
            sources = published(generator, run.config.siteurl, run.is_young)
            run.ask_pages([Article(s.path, s.file, s.url, "", s.date) for s in sources])
    if pelican := _unemptied.pop(generator.output_path, None):
        pelican.delete_outputdir = True
        _empty(pelican)


def collect_articles(generator: ArticlesGenerator, writer: object) -> None:
    """Take the articles as they were written."""
    if run := _run(generator.settings):
        _collect(generator, run)


def collect_pages(generator: PagesGenerator, writer: object) -> None:
    """Take the pages too, if the author wants that."""
    if (run := _run(generator.settings)) and run.config.pages:
        _collect(generator, run)


def finish(pelican: Pelican) -> None:
    """When the outermost site is written: find what is new, and tell it."""
    config = pelican.settings.get(KEY)
    if config is None or not is_outermost(pelican, config):
        return
    if why := silence(config):
        logger.info("Linkbacks: %s; nothing is queued or sent.", why)
        return
    if run := _runs.pop(config.output, None):
        with without_harm(), unswept():
            run.finish(say, lambda line: logger.info("%s", line))


def _both(rival: str) -> str:
    return (
        f"PLUGINS has {rival} and pelican_linkbacks, which would both tell the same blogs: remove "
        f"{rival}. What it has told is known here. Until then pelican_linkbacks does nothing."
    )


def _empty(pelican: Pelican) -> None:
    """Empty the output as Pelican would have done, unless the content stands in it."""
    output, content = (Path(path).resolve() for path in (pelican.output_path, pelican.path))
    if not content.is_relative_to(output):
        clean_output_dir(pelican.output_path, pelican.output_retention)


def _run(settings: Mapping[str, Any]) -> Run | None:
    config = settings.get(KEY)
    return _runs.get(config.output) if config else None


def is_outermost(pelican: Pelican, config: Config) -> bool:
    return Path(pelican.settings["OUTPUT_PATH"]) == config.output


@contextmanager
def without_harm() -> Iterator[None]:
    """A build never fails because of linkbacks; so this is not logged, which --fatal minds."""
    try:
        with _tolerant():
            yield
    except StateError as error:
        say(f"Linkbacks: {error}")
    except Exception as error:
        say(
            f"Linkbacks: an error in pelican_linkbacks itself, {type(error).__name__}: {error}. "
            "The site is built; run pelican with -D to see where it happened."
        )
        logger.debug("Linkbacks: the error", exc_info=True)


@contextmanager
def _tolerant() -> Iterator[None]:
    """Pelican 4.9 makes even those warnings of libraries fatal that their loggers hold back."""
    fatal = getattr(FatalLogger, "warnings_fatal", False)
    FatalLogger.warnings_fatal = False
    try:
        yield
    finally:
        FatalLogger.warnings_fatal = fatal


def say(line: str) -> None:
    """Print a line as Pelican prints its "Done", but take nothing in it for markup."""
    console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


def _collect(generator: Generator, run: Run) -> None:
    problems: list[str] = []
    # Without all of its articles a run would take the links of the others for removed.
    del _runs[run.config.output]
    with without_harm():
        run.articles += written(generator, run.config.siteurl, problems)
        _runs[run.config.output] = run
    for problem in problems:
        logger.error("%s", problem)
