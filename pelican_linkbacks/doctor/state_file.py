"""State file: where it stands, whether it can be used and whether it will last."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pelican_linkbacks.doctor.case import Case
from pelican_linkbacks.doctor.finding import Finding, Level
from pelican_linkbacks.doctor.repository import Keeping, keeping

ELSEWHERE = "Name another place in LINKBACKS_CACHEPATH."


def examine(case: Case) -> Iterator[Finding]:
    """Look at the state file and what lies beside it."""
    for level, text, advice in _remarks(case):
        yield Finding("state", level, text, advice)


def _remarks(case: Case) -> Iterator[tuple[Level, str, str]]:
    file = case.file
    if case.trouble or file is None:
        yield Level.WRONG, case.trouble, ""
    elif case.state and case.state.exists:
        yield Level.WELL, f"{file} can be read.", ""
    else:
        yield (
            Level.NOTE,
            f"There is no {file} yet.",
            "The first build of the published site makes it; keep it from then on.",
        )
    if file is None:
        return
    if file.resolve().is_relative_to(case.config.output.resolve()):
        yield (
            Level.WRONG,
            f"{file.name} is inside OUTPUT_PATH: a build with DELETE_OUTPUT_DIRECTORY deletes it, "
            "and everybody can read it.",
            ELSEWHERE,
        )
    if what := _read_only(file):
        yield Level.WRONG, f"{what} can't be written to: nothing is sent.", ELSEWHERE
    if case.is_busy:
        yield (
            Level.WRONG,
            f"Another run holds {file.name}: new links are left to the next run.",
            "Let it end, and look again.",
        )
    if file.is_file():
        yield from _kept(file)
    yield from _left_over(case, file)


def _read_only(file: Path) -> Path | None:
    """The state file, or the nearest folder above it, if it can't be written to."""
    if file.exists():
        return None if os.access(file, os.W_OK) and _is_open(file.parent) else file
    # Folders that are missing are made.
    folder = next(folder for folder in file.parents if folder.exists())
    return None if _is_open(folder) else folder


def _is_open(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _kept(file: Path) -> Iterator[tuple[Level, str, str]]:
    match keeping(file):
        case Keeping.IGNORED:
            yield (
                Level.NOTE,
                f"git ignores {file.name}: a fresh clone has forgotten what waits.",
                "Take it out of .gitignore, if it is not kept in another way.",
            )
        case Keeping.UNTRACKED:
            yield (
                Level.NOTE,
                f"{file.name} is not in git: a fresh clone has forgotten what waits.",
                f"If it is not kept in another way, run: git add {file.name}",
            )


def _left_over(case: Case, file: Path) -> Iterator[tuple[Level, str, str]]:
    new, live = (file.with_name(f"{file.name}.{suffix}") for suffix in ("new", "live"))
    if new.exists() and not case.is_busy:
        yield Level.NOTE, f"{new.name} was left by a run that was killed.", "Delete it."
    if live.exists() and not case.is_busy:
        is_first = case.state is not None and not case.state.exists
        yield (
            Level.NOTE,
            f"{live.name} was left by a first build that broke off.",
            "The next build goes on from it." if is_first else "Delete it.",
        )
