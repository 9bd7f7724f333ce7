"""A crowd that writes to a receiver in a process of its own, and what is seen of it meanwhile."""

from __future__ import annotations

import asyncio
import re
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import requests
from werkzeug.security import generate_password_hash

from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.entry import Status
from pelican_linkbacks.receiver.moderation import Moderation
from pelican_linkbacks.receiver.vault import Vault
from tests.receiver.reception import until
from tests.receiver.senders import Telling, crowd
from tests.receiver.server import Server
from tests.receiver.sources import ALLOWED, TRUE, VICTIM, Web

SETTINGS = f"LINKBACKS_ALLOW_NETWORKS = [{ALLOWED!r}]\n"
"""Of the receiver: half of this machine's own addresses are private to it."""

PASSWORD = "rye and water"
EVERY = 0.2
"""Seconds from one look at the moderation page to the next."""

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Load:
    """A crowd of senders and their web, from the beginning of the block to its end.

    Attributes:
        telling: what they do.
        web: the hosts that they name.
        true: the pages that link, of those that wait to be heard.
    """

    def __init__(self, server: Server, senders: int, mentions: int) -> None:
        self.web = Web()
        self.telling = Telling(server.port)
        self.true: set[str] = set()
        self._folder = server.folder
        self._numbers = senders, mentions
        self._tasks: dict[asyncio.Task[None], bool] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result(30)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    async def _begin(self) -> None:
        self._server = await self.web.start()
        for sender in crowd(self.web, *self._numbers):
            is_true = sender.kind in TRUE
            self.true |= {m.source for turn in sender.turns for m in turn if is_true}
            task = asyncio.create_task(self.telling.tell_all(sender))
            self._tasks[task] = is_true

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # What was aborted is closed by then.
        await asyncio.sleep(0.05)

    @property
    def are_all_told(self) -> bool:
        """Whether those who link have been heard, all of them."""
        return all(task.done() for task, is_true in self._tasks.items() if is_true)

    def wait(self, seconds: float) -> None:
        """Wait until all is told that links, and verified."""
        until(lambda: self.are_all_told, seconds)
        database = Database.open(self._folder / "linkbacks.sqlite3")
        moderation = Moderation(database)
        try:
            until(lambda: moderation.count(Status.PENDING) >= len(self.true), seconds)
        finally:
            database.close()

    def report(self, server: Server) -> Report:
        """What has become of all."""
        found = Counter(e.source for e in server.entries() if e.status is Status.PENDING)
        diary = self.telling.diary
        return Report(
            stored=len(self.true & found.keys()),
            missing=sorted(self.true - found.keys()),
            lost=sorted(url for url in self.true if diary.accepted[url] and not found[url]),
            false=sorted(found.keys() - self.true),
            repeated=sorted(url for url, times in found.items() if times > 1),
            asked=Counter(len(self.web.asked[url]) for url in self.true),
            twice=sorted(self.true & set(self.web.twice(diary.told))),
            breaches=self.web.breaches,
            victim=self.web.most(VICTIM),
            answers=diary.answers,
            slowest=diary.slowest,
        )


@dataclass(frozen=True)
class Report:
    """What has become of all that was told.

    Attributes:
        stored: how many pages that link are.
        missing: those that are not, lost: although they were accepted.
        false: stored pages that do not link.
        repeated: pages stored more than once.
        asked: how often pages that link were asked for, and how many of them.
        twice: those that were asked for more often than they were told.
        breaches: how often a private address was spoken to.
        victim: how often the victim was, at most in a minute.
        answers, slowest: as in ``senders.Diary``.
    """

    stored: int
    missing: list[str]
    lost: list[str]
    false: list[str]
    repeated: list[str]
    asked: Counter[int]
    twice: list[str]
    breaches: int
    victim: int
    answers: Counter[str]
    slowest: float


@dataclass
class Watch:
    """Somebody who is logged in and looks at the moderation page time and again.

    Attributes:
        seconds: that each answer took.
        memory: MB that the process holds, at as many times.
    """

    server: Server
    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._session = requests.Session()
        self._session.trust_env = False
        self._ask("/login", PASSWORD)
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(60)
        self._session.close()

    @property
    def median(self) -> float:
        """Seconds of the answer in the middle."""
        return statistics.median(self.seconds)

    @property
    def course(self) -> list[float]:
        """MB at the start, after each quarter, and so at the end."""
        last = len(self.memory) - 1
        return [self.memory[last * quarter // 4] for quarter in range(5)]

    def _look(self) -> None:
        pages = "/mentions", "/mentions?status=all", "/mentions?status=queued"
        while not self._over.wait(EVERY):
            start = time.monotonic()
            try:
                text = self._ask(pages[len(self.seconds) % len(pages)])
            except requests.RequestException as error:
                self.failures.append(type(error).__name__)
                continue
            self.seconds.append(time.monotonic() - start)
            self.memory.append(memory(self.server.pid))
            if 'action="/logout"' not in text:
                self.failures.append(text)

    def _ask(self, path: str, password: str = "") -> str:
        url = f"http://127.0.0.1:{self.server.port}{path}"
        response = self._session.get(url, timeout=60)
        if password:
            found = _TOKEN.search(response.text)
            assert found
            form = {"csrf_token": found[1], "password": password}
            response = self._session.post(url, data=form, timeout=60)
        response.raise_for_status()
        return response.text


def memory(process: int) -> float:
    """MB that a process holds."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def set_password(folder: Path) -> None:
    """Set the password of the receiver in a folder, by a way that is quick to compute."""
    database = Database.open(folder / "linkbacks.sqlite3")
    Vault(database).set_password_hash(generate_password_hash(PASSWORD, "pbkdf2:sha256:1"))
    database.close()
