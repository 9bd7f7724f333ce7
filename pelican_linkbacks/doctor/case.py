"""Case: what the doctor looks at, read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pelican_linkbacks.config import PREFIX, Config
from pelican_linkbacks.errors import SettingsError, StateBusy, StateError
from pelican_linkbacks.state import State
from pelican_linkbacks.storage import locked
from pelican_linkbacks.urls import silence


@dataclass(frozen=True, slots=True)
class Case:
    """One site.

    Attributes:
        config: its settings, without those that are wrong.
        given: names of its ``LINKBACKS_*`` settings.
        problems: one sentence for each wrong setting.
        plugins: what Pelican's PLUGINS holds, names or modules; letters if that is one name.
        file: the state file; None if no file can be named so.
        state: what it says, a new state if there is no file; None if it can't be read.
        trouble: why it can't be used, or "".
        is_busy: whether another run holds it.
    """

    config: Config
    given: tuple[str, ...]
    problems: tuple[str, ...]
    plugins: tuple[object, ...]
    file: Path | None
    state: State | None
    trouble: str = ""
    is_busy: bool = False

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Case:
        """Read what is to be known of a site without asking anybody.

        Args:
            settings: Pelican's, its paths absolute.
        """
        config, given, problems = _read(settings)
        plugins = settings.get("PLUGINS")
        plugins = tuple(plugins) if isinstance(plugins, Iterable) else ()
        file, state, is_busy, trouble = None, None, False, ""
        try:
            file = config.state_file
            state = State.load(file)
            is_busy = _is_held(file)
        except StateError as error:
            trouble = str(error)
        except (OSError, ValueError) as error:
            # Not all that can be written as a path can be one.
            trouble = f"LINKBACKS_CACHEPATH does not name a usable file: {error}."
        return cls(config, given, problems, plugins, file, state, trouble, is_busy)

    @property
    def siteurl(self) -> str:
        """SITEURL of the published site: that of the settings, else the one that the state knows;
        "" if neither does."""
        if not silence(self.config):
            return self.config.siteurl
        return self.state.siteurl if self.state else ""


def _read(settings: Mapping[str, Any]) -> tuple[Config, tuple[str, ...], tuple[str, ...]]:
    """What is right of some settings, the names of ours, and what is wrong with the others."""
    ours = {name: value for name, value in settings.items() if f"{name}_".startswith(PREFIX)}
    others = {name: value for name, value in settings.items() if name not in ours}
    right, problems = dict(others), []
    for name, value in ours.items():
        try:
            Config.from_settings(others | {name: value})
        except SettingsError as error:
            problems += error.problems
        else:
            right[name] = value
    return Config.from_settings(right), tuple(ours), tuple(problems)


def _is_held(file: Path) -> bool:
    # Without its lock file nobody holds the state, and to ask would make that file.
    if not file.with_name(f"{file.name}.lock").is_file():
        return False
    try:
        with locked(file):
            return False
    except StateBusy:
        return True
