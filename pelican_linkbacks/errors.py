"""Exceptions, told apart by what the caller does next."""


class LinkbackError(Exception):
    """Anything this package raises on purpose; its text is one sentence fit to be shown."""


class SettingsError(LinkbackError):
    """The author's settings are wrong: do nothing in this run and say so.

    Attributes:
        problems: one sentence for each wrong setting.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class StateError(LinkbackError):
    """The state file can't be used: send nothing and leave the file as it is."""


class StateBusy(StateError):
    """Another run holds the state file: leave the work to the next run."""


class Unreachable(LinkbackError):
    """A URL gave no usable answer, which may pass: try again later."""


class TimedOut(Unreachable):
    """A URL gave no whole answer in time: asking its host again in this run costs as much again."""


class Forbidden(LinkbackError):
    """A URL that must never be asked (a private address, another scheme): don't try again."""


class BuildError(LinkbackError):
    """Pelican can't build the site: nothing can be said of its articles until that is mended."""


class TooOften(Unreachable):
    """A server that we have asked often enough for now: ask it later, and count this as nothing.

    Attributes:
        seconds: how much later.
    """

    def __init__(self, text: str, seconds: float) -> None:
        super().__init__(text)
        self.seconds = seconds


class DatabaseError(LinkbackError):
    """The receiver's database can't be used: nothing was stored, and what was is still there."""
