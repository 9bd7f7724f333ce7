"""Gathering: the received mentions of all origins, asked once a build and beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from pelican_linkbacks.addresses import printable
from pelican_linkbacks.background import quiet_logs, unswept
from pelican_linkbacks.config import Config
from pelican_linkbacks.received import copies, origins
from pelican_linkbacks.received.batch import Batch, Broken


@dataclass
class _Errand:
    """One origin that is asked in a thread of its own."""

    name: str
    last: Batch
    given: Batch | None = None
    problem: str = "it did not answer in time"
    thread: threading.Thread | None = None


@dataclass
class Gathering:
    """What the origins have, as far as they tell in time.

    Args:
        config: of the outermost site.
        sites: SITEURLs that are ours.

    Attributes:
        problems: a sentence for each origin that gave nothing, once ``finish`` was called.
    """

    config: Config
    sites: Sequence[str]
    problems: list[str] = field(default_factory=list)
    _errands: list[_Errand] = field(default_factory=list)
    _before: dict[str, Batch] = field(default_factory=dict)

    @property
    def origins(self) -> tuple[str, ...]:
        """The names of those that are asked: by default our own receiver, if there is one."""
        if self.config.received is not None:
            return tuple(dict.fromkeys(self.config.received))
        return (self.config.endpoint,) if self.config.endpoint else ()

    def start(self) -> None:
        """Begin to ask, and come back at once."""
        names = self.origins
        self._before = copies.load(copies.beside(self.config.state_file)) if names else {}
        for name in names:
            errand = _Errand(name, self._before.get(name, Batch()))
            errand.thread = threading.Thread(target=self._ask, args=(errand,), daemon=True)
            self._errands.append(errand)
            errand.thread.start()

    def finish(self, seconds: float) -> list[bytes]:
        """All that they have, as lines (see ``own_receiver``); of those that can't be read, what
        they gave last.

        Args:
            seconds: to wait at most for those that have not answered yet.
        """
        end = time.monotonic() + seconds
        kept: dict[str, Batch] = {}
        for errand in self._errands:
            if errand.thread:
                errand.thread.join(max(0.0, end - time.monotonic()))
            given = errand.given
            if given is None:
                self.problems.append(self._complaint(errand))
            batch = given or errand.last
            if batch != Batch():
                kept[errand.name] = batch
        if kept != self._before:
            self._keep(kept)
        return [line for batch in kept.values() for line in batch.lines]

    def _ask(self, errand: _Errand) -> None:
        try:
            with quiet_logs(), unswept():
                ask = origins.named(errand.name, self.config, self.sites)
                errand.given = ask(errand.last)
        except Broken as error:
            errand.problem = str(error)
        except Exception as error:  # noqa: BLE001 - a thread would print its traceback
            errand.problem = (
                f"an error in pelican_linkbacks itself, {type(error).__name__}: {error}"
            )

    def _complaint(self, errand: _Errand) -> str:
        known = len(errand.last.lines)
        instead = "none of it is shown"
        if known:
            last = "mention that it had last is" if known == 1 else "mentions that it had last are"
            instead = f"the {known} {last} shown"
        return f"{printable(errand.name)}, of LINKBACKS_RECEIVED: {errand.problem}; {instead}."

    def _keep(self, kept: dict[str, Batch]) -> None:
        file = copies.beside(self.config.state_file)
        try:
            copies.save(file, kept)
        except OSError as error:
            self.problems.append(f"{file} can't be written ({error.strerror or error}).")
