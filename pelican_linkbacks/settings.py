"""Settings file: Pelican's, read as a build reads it, but without a site to build."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pelican.settings import DEFAULT_CONFIG, get_settings_from_file

from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import SettingsError

NAMES = ("publishconf.py", "pelicanconf.py")
"""Where the settings are looked for, in this order."""

FOLDERS = ("PATH", "OUTPUT_PATH", "CACHE_PATH")


def find() -> str | None:
    """The name of the settings file in this folder; None if there is none."""
    return next((name for name in NAMES if Path(name).is_file()), None)


def read(name: str | None = None) -> Config:
    """The settings of a file, ours.

    Raises:
        SettingsError: as ``load``, or what it says is wrong.
    """
    return Config.from_settings(load(name))


def load(name: str | None = None) -> dict[str, Any]:
    """The settings of a file, all of them, with their paths absolute.

    Pelican's own way of reading them demands that PATH and THEME are there, which they need not be
    where a site is only uploaded; and it sets the locale of the whole process.

    Args:
        name: the file; None for the one in this folder.

    Raises:
        SettingsError: there is no such file, or it can't be read.
    """
    name = name or find()
    if name is None or not Path(name).is_file():
        missing = f"{name} is not there" if name else f"no {' or '.join(NAMES)} in this folder"
        raise SettingsError([f"{missing}; name your Pelican settings file with -s."])
    if not name.endswith(".py"):
        raise SettingsError([f"{name} is no Python file; name your Pelican settings file with -s."])
    try:
        given = get_settings_from_file(name)
    except (Exception, SystemExit) as error:
        why = str(error) or type(error).__name__
        raise SettingsError([f"{name} can't be read: {why}"]) from error
    for folder in FOLDERS:
        if folder in given:
            given[folder] = _absolute(folder, given[folder], name)
    settings: dict[str, Any] = DEFAULT_CONFIG | given
    return settings


def _absolute(folder: str, value: object, name: str) -> str:
    """Where Pelican looks for a folder: relative to the settings file that names it."""
    if not isinstance(value, str | os.PathLike):
        raise SettingsError([f"{folder} is {value!r}; it takes the path of a folder."])
    if os.path.isabs(value):
        return str(value)
    return os.path.abspath(os.path.join(os.path.dirname(name), value))
