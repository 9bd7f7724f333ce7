"""Finding: one thing that the doctor has seen, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pelican_linkbacks.addresses import printable


class Level(Enum):
    """How a finding is to be taken; the value is what its line begins with."""

    WELL = "  "
    NOTE = "- "
    WRONG = "! "


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was seen.

    Attributes:
        subject: what was examined, in a word.
        level: as it should be, worth knowing, or wrong.
        text: what was seen, in whole sentences.
        advice: what to do; "" if there is nothing to do.
    """

    subject: str
    level: Level
    text: str
    advice: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing has to be done; true of what is only worth knowing as well."""
        return self.level is not Level.WRONG

    def line(self) -> str:
        """The finding in one line, fit to be printed."""
        words = " ".join(filter(None, (self.text, self.advice)))
        return printable(f"{self.level.value}{self.subject}: {words}")
