"""The state file: every mention that was ever seen, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pelican_linkbacks import records
from pelican_linkbacks.errors import StateError
from pelican_linkbacks.links import RULES
from pelican_linkbacks.mention import Mention, Outcome
from pelican_linkbacks.storage import Appender, appending, overwrite
from pelican_linkbacks.urls import key

VERSION = 1
ANSWER_LIMIT = 200

_PROGRESS = {outcome: rank for rank, outcome in enumerate(Outcome)}


@dataclass(slots=True)
class State:
    """Everything one state file says. Change it under ``storage.locked`` only.

    Attributes:
        path: the file.
        exists: whether the file was there; without it nothing is known of the past.
        siteurl: SITEURL that the mentions are told with; "" in a new state.
        sites: SITEURLs of the last run, subsites too.
        former: SITEURLs that were ours before a move.
        pages: whether Pelican's pages were looked at.
        rules: version of the rules by which links were read.
        articles: source file of each known article, by its PATH.
    """

    path: Path
    exists: bool = False
    siteurl: str = ""
    sites: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    pages: bool = False
    rules: int = RULES
    articles: dict[str, str] = field(default_factory=dict)
    _mentions: dict[tuple[str, str], Mention] = field(default_factory=dict)
    _in_order: bool = True
    _changed: bool = False
    _signed: tuple[dict[str, Any], dict[str, str]] | None = None

    @classmethod
    def load(cls, path: Path) -> State:
        """Read a state file; a missing one is a new state.

        Raises:
            StateError: if it can't be read, or is not one of ours.
        """
        state = cls(path)
        try:
            lines = path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return state
        except OSError as error:
            raise StateError(f"The state file {path} can't be read: {error.strerror}.") from error
        torn = bool(lines) and not lines[-1].endswith(b"\n")
        if torn:
            # A run that was killed while it wrote: what it had not written whole is not known.
            lines.pop()
        if not lines:
            raise StateError(records.objection(path, 1, b""))
        for number, record in enumerate(records.parse(lines), start=1):
            try:
                state._read(record, header=number == 1)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                why = records.objection(path, number, lines[number - 1])
                raise StateError(why) from error
        state._changed = torn or len(lines) > 1 + len(state._mentions) + len(state._bare())
        state._signed = state._header(), dict(state.articles)
        state.exists = True
        return state

    def mentions(self) -> list[Mention]:
        """All mentions, in the order in which they stand in the file at rest."""
        if not self._in_order:
            self._mentions = {place: self._mentions[place] for place in sorted(self._mentions)}
            self._in_order = True
        return list(self._mentions.values())

    def known(self, mention: Mention) -> Mention:
        """A mention as the state has it."""
        return self._mentions[_place(mention)]

    def by_article(self) -> dict[str, dict[str, Mention]]:
        """The mentions by the PATH of their article, then by the key of their target."""
        found: dict[str, dict[str, Mention]] = {}
        for (article, target), mention in self._mentions.items():
            found.setdefault(article, {})[target] = mention
        return found

    def put(self, mention: Mention) -> bool:
        """Set what is known of a mention, in memory; ``save`` writes it.

        Returns:
            Whether that is anything new.
        """
        if mention.answer and len(mention.answer) > ANSWER_LIMIT:
            mention = replace(mention, answer=mention.answer[: ANSWER_LIMIT - 1] + "…")
        place = _place(mention)
        known = self._mentions.get(place)
        if known == mention:
            return False
        self._in_order = self._in_order and known is not None
        self._mentions[place] = mention
        self.articles[mention.article] = mention.file
        self._changed = True
        return True

    def forget(self, mentions: Iterable[Mention], articles: Collection[str] = ()) -> None:
        """Drop mentions, and articles (PATHs) that have none left, in memory; ``save`` writes."""
        for mention in mentions:
            del self._mentions[_place(mention)]
        self.articles = {p: file for p, file in self.articles.items() if p not in articles}
        self._changed = True

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """Open the end of the file, where what comes of mentions is written as it happens.

        Raises:
            StateError: if it can't be written.
        """
        with appending(self.path) as file:
            yield Journal(self, file)

    def regroup(self, places: Mapping[str, tuple[str, str]]) -> None:
        """Articles have a new PATH or source file: what is known of them goes with them.

        Args:
            places: the new PATH and file of each such article, by its old PATH.
        """
        self._changed = True
        mentions, self._mentions = self._mentions, {}
        articles, self.articles = self.articles, {}
        for path, file in articles.items():
            new_path, new_file = places.get(path, (path, file))
            self.articles[new_path] = new_file
        for mention in mentions.values():
            path, file = places.get(mention.article, (mention.article, mention.file))
            self._merge(replace(mention, article=path, file=file))

    def save(self) -> None:
        """Put the file in order by an atomic replace; a state that has not changed is not touched.

        Raises:
            StateError: if it can't be written.
        """
        signed = self._header(), dict(self.articles)
        if self.exists and not self._changed and signed == self._signed:
            return
        bare = [{"article": path, "file": self.articles[path]} for path in sorted(self._bare())]
        mentions = map(records.from_mention, self.mentions())
        overwrite(self.path, records.lines([self._header(), *bare, *mentions]))
        self.exists, self._changed, self._signed = True, False, signed

    def _header(self) -> dict[str, Any]:
        header: dict[str, Any] = {"version": VERSION, "siteurl": self.siteurl, "sites": self.sites}
        header |= {"former": self.former} if self.former else {}
        return header | {"pages": self.pages, "rules": self.rules}

    def _bare(self) -> set[str]:
        return self.articles.keys() - {article for article, _ in self._mentions}

    def _read(self, record: dict[str, Any], *, header: bool) -> None:
        if header:
            if record["version"] > VERSION:
                raise StateError(
                    f"{self.path} was written by a newer pelican_linkbacks: upgrade this one. "
                    "Nothing is sent and the file is left alone."
                )
            self.siteurl, self.pages = str(record["siteurl"]), bool(record.get("pages"))
            self.sites = tuple(record.get("sites", ()))
            self.former = tuple(record.get("former", ()))
            self.rules = int(record.get("rules", RULES))
        elif "target" in record:
            self._merge(records.to_mention(record))
        elif "version" not in record:
            # Two branches merged line by line leave a second header, which says nothing new.
            self.articles[str(record["article"])] = str(record["file"])

    def _merge(self, mention: Mention) -> None:
        known = self._mentions.get(_place(mention))
        if known is None or _progress(mention) >= _progress(known):
            self.put(mention)


class Journal:
    """What comes of mentions, line by line at the end of a state file; ``State.journal`` opens it.

    Args:
        state: learns of it too.
        file: where the lines go.
    """

    def __init__(self, state: State, file: Appender) -> None:
        self._state = state
        self._file = file

    def record(self, mention: Mention) -> None:
        """Set what is known of a mention, and write it down if it is news.

        Raises:
            StateError: if it can't be written; nothing more must be told then.
        """
        if self._state.put(mention):
            known = self._state.known(mention)
            self._file.write(records.line(records.from_mention(known)))

    def take_back(self, mention: Mention) -> None:
        """Set what is known of a mention again that was recorded in vain, in memory; ``State.save``
        writes it."""
        self._state.put(mention)

    def sync(self) -> None:
        """Wait until all that was recorded is on the disk; see ``Appender.sync``."""
        self._file.sync()


def _place(mention: Mention) -> tuple[str, str]:
    return mention.article, key(mention.target)


def _progress(mention: Mention) -> tuple[int, int]:
    return _PROGRESS[mention.outcome], mention.attempts
