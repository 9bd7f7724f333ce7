"""Rehearsal: a real build into a temporary folder, of which nothing is left."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pelican import Pelican, signals
from pelican.settings import read_settings

import pelican_linkbacks
from pelican_linkbacks import plugin
from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import BuildError, LinkbackError
from pelican_linkbacks.run import Run, Say

WRITTEN = ("OUTPUT_PATH", "CACHE_PATH")
"""Settings that name folders into which Pelican writes."""

SWITCHED_OFF = ("DELETE_OUTPUT_DIRECTORY", "CACHE_CONTENT", "LOAD_CONTENT_CACHE")
"""Settings of no use in folders that are new, and thrown away."""


@dataclass
class Rehearsal(Run):
    """A run up to where it would diff, queue and send; its diff saves nothing.

    Attributes:
        is_complete: whether all of the site's articles are known.
        problems: what was logged as an error, in one line each; an article that can't be read is
            not among those of the run, as in any build.
    """

    is_rehearsal: bool = True
    is_complete: bool = False
    problems: list[str] = field(default_factory=list)

    def finish(self, say: Say, detail: Say) -> None:
        """Leave it at that."""
        self.is_complete = True


@contextmanager
def rehearsed(name: str) -> Iterator[Rehearsal]:
    """Build the site quietly; what was built is there for the length of the block.

    Nothing of the author's is written: neither output nor caches nor the state. With no state the
    live site is asked what it carries, as by any build.

    Args:
        name: the settings file of a site that may be a source (``urls.silence``). Its PLUGINS
            need not name this plugin.

    Raises:
        BuildError: Pelican or a plugin can't build the site.
    """
    with TemporaryDirectory(prefix="pelican-linkbacks-", ignore_cleanup_errors=True) as folder:
        stage = Path(folder)
        runs: list[Rehearsal] = []
        try:
            with _backstage() as problems:
                _build(name, stage, runs)
        except LinkbackError:
            raise
        except (Exception, SystemExit) as error:
            raise BuildError(_one_line(f"The site can't be built: {_named(error)}")) from error
        if not runs or not runs[0].is_complete:
            raise BuildError("; ".join(problems) or "The site can't be built: Pelican wrote none.")
        # Each site of a run reads all articles, in whatever order.
        runs[0].problems = sorted(set(problems))
        yield runs[0]


def _build(name: str, stage: Path, runs: list[Rehearsal]) -> None:
    _forget(Path(name).absolute().parent)
    usual = read_settings(name)
    settings = usual | {folder: str(stage / folder) for folder in WRITTEN}
    settings |= dict.fromkeys(SWITCHED_OFF, False)
    if settings["PLUGINS"] is None:
        plugin.register()
    else:
        # Once more does no harm where it is there already, and leaves it its place in the order.
        settings["PLUGINS"] = [*settings["PLUGINS"], pelican_linkbacks]

    def bring_on_stage(pelican: Pelican) -> None:
        """A subsite may name folders of its own."""
        for folder in WRITTEN:
            path = os.path.abspath(pelican.settings[folder])
            pelican.settings[folder] = _on_stage(path, usual[folder], stage / folder)
        pelican.output_path = pelican.settings["OUTPUT_PATH"]

    def make_run(config: Config, sites: list[str]) -> Rehearsal:
        """What earlier runs have left in the cache counts as in any build."""
        runs.append(Rehearsal(replace(config, cache=Path(usual["CACHE_PATH"])), sites))
        return runs[-1]

    plugin.rehearsals[stage / "OUTPUT_PATH"] = make_run
    try:
        with signals.initialized.connected_to(bring_on_stage):
            _class(settings["PELICAN_CLASS"])(settings).run()
    finally:
        del plugin.rehearsals[stage / "OUTPUT_PATH"]


def _forget(folder: Path) -> None:
    """Have Python read settings files anew: one that was read before may have added to the lists
    of another that it imports, and would add to them again."""
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "")
        if file.name.endswith("conf.py") and file.absolute().parent == folder:
            del sys.modules[name]


def _on_stage(path: str, usual: str, staged: Path) -> str:
    """Where what belongs into a folder is written to in a rehearsal: beside the rest, as usual."""
    folder = Path(path)
    if folder.is_relative_to(staged):
        return path
    if folder.is_relative_to(usual):
        return str(staged / folder.relative_to(usual))
    return str(staged.with_name("elsewhere") / folder.relative_to(folder.anchor))


def _class(given: Any) -> Any:
    """The class in PELICAN_CLASS, which may be its name."""
    if not isinstance(given, str):
        return given
    module, _, name = given.rpartition(".")
    return getattr(import_module(module), name)


class _Keeper(logging.Handler):
    def __init__(self, problems: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._problems = problems

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        # Pelican names what was raised in its debug mode only, if at all.
        error = sys.exc_info()[1]
        if error and str(error) not in text:
            text += f": {_named(error)}"
        self._problems.append(_one_line(text))


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


@contextmanager
def _backstage() -> Iterator[list[str]]:
    """Let nothing of a build be seen.

    Yields:
        What is logged as an error, as it happens; at the end also what our own plugin has printed,
        which has only trouble to tell where it does not come to its report.
    """
    problems: list[str] = []
    printed = io.StringIO()
    root, pelican = logging.getLogger(), logging.getLogger("pelican")
    handlers, root.handlers = root.handlers, [_Keeper(problems)]
    level = pelican.level
    pelican.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(printed), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield problems
    finally:
        root.handlers = handlers
        pelican.setLevel(level)
        lines = printed.getvalue().splitlines()
        problems += [line for line in lines if line.startswith("Linkbacks: ")]
