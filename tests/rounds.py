"""Rounds of a game: a blog has 200 mentions to tell, and whatever tells them is killed."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pelican_linkbacks.mention import Outcome
from pelican_linkbacks.state import State
from tests.blog import Blog
from tests.children import Child, build, send
from tests.verifiers import MENTION, Verifiers

ARTICLES, BLOGS, WORKERS, LATENCY = 20, 10, 8, 0.01
MENTIONS = ARTICLES * BLOGS
KILLS_A_ROUND = 8

SENDS = 0.5
"""Before this moment a run is killed by the clock, and later after a number of notices. The last of
them is that number for a sixth of those kills: what a run does at its end takes little time."""

AFTER = 0.05
"""Seconds at most from a notice to the kill, in which it is accepted and answered, or not."""


@dataclass
class Tally:
    """What has been counted over all rounds.

    Attributes:
        kills: where they hit.
        rounds: of which kind.
        lost: mentions that nobody accepted, or of which the state does not know it.
        twice: how often a mention was accepted once more.
        unexplained: how often without a kill that had swallowed the answer.
        swallowed: how many answers, at most, each kill may have swallowed.
    """

    kills: Counter[str] = field(default_factory=Counter)
    rounds: Counter[str] = field(default_factory=Counter)
    lost: list[MENTION] = field(default_factory=list)
    twice: int = 0
    unexplained: int = 0
    swallowed: list[int] = field(default_factory=lambda: [0])

    def __str__(self) -> str:
        where = ", ".join(f"{number} {phase}" for phase, number in sorted(self.kills.items()))
        kinds = ", ".join(f"{number} {kind}" for kind, number in self.rounds.items())
        return (
            f"{self.kills.total()} kills ({where}) in {self.rounds.total()} rounds ({kinds}) of "
            f"{MENTIONS} mentions each: {len(self.lost)} lost, {self.twice} accepted twice, "
            f"{self.unexplained} of these without a kill that swallowed the answer; under way at "
            f"one kill: at most {max(self.swallowed)} ({WORKERS} workers)."
        )


class Round:
    """A blog with 200 mentions to tell, whose runs are killed until all is told.

    Args:
        folder: an empty one.
        tally: where the counts go.
        chance: for the moments.
    """

    def __init__(self, folder: Path, tally: Tally, chance: random.Random) -> None:
        self.blog = Blog(folder)
        self.blogs = Verifiers(BLOGS, LATENCY)
        self.blog.settings["LINKBACKS_WORKERS"] = WORKERS
        self.run: Callable[[Blog], Child] = build
        self.mentions = {
            (f"{self.blog.web.url}/{n}.html", blog.post(n % 5))
            for n in range(ARTICLES)
            for blog in self.blogs.blogs
        }
        self._tally = tally
        self._chance = chance
        self._swallowed: Counter[MENTION] = Counter()

    def first_builds(self) -> None:
        """There is no state, and the output is the live site."""
        self.write_links()
        # Emptied first or not: what the live site carried must not be forgotten.
        self.blog.settings["DELETE_OUTPUT_DIRECTORY"] = self._chance.random() < 0.5

    def builds(self) -> None:
        """The links are added to articles that are online already."""
        for number in range(ARTICLES):
            self.blog.write(str(number), "Text")
        assert build(self.blog).status == 0
        self.write_links()

    def sends(self) -> None:
        """A build has queued the links, and the command tells them."""
        self.builds()
        self.blog.settings["LINKBACKS_SEND"] = False
        assert build(self.blog).status == 0
        self.run = send

    def write_links(self) -> None:
        for number in range(ARTICLES):
            self.blog.write(str(number), self.blogs.links(number % 5))

    def kill_one(self, moment: float, shortest: float) -> bool:
        """Begin a run and kill it, if it has not ended before.

        Args:
            moment: from 0, its start, to 1, its end; there must be something to tell.
            shortest: seconds of a run that has nothing to tell.
        """
        before = self._content()
        accepted = sum(len(blog.accepted) for blog in self.blogs.blogs)
        left = round(MENTIONS * self.share_left)
        seconds, number = shortest * moment / SENDS, 0
        if moment > SENDS:
            # How far it has come, since a clock says little of that on a busy machine.
            number = max(1, round(left * min(1, 1.2 * (moment - SENDS) / (1 - SENDS))))
            seconds = AFTER * self._chance.random()
        has_come = self._watch_for(number)
        child = self.run(self.blog)
        if number:
            has_come.wait(60)
        if not child.kill_after(seconds):
            assert child.status == 0, child.said
            return False
        state = State.load(self.blog.state_file)
        content = self._content()
        phase = "starting to send" if self.run is send else child.phase
        if sum(len(blog.accepted) for blog in self.blogs.blogs) > accepted:
            phase = "telling" if self.share_left else "ending"
        self._tally.kills[phase] += 1
        if content != before and state.exists:
            # First stands each known mention once, in order; then what this run has added.
            lines = content.splitlines(keepends=True)[1 + len(state.mentions()) :]
            added = [json.loads(line) for line in lines if line.endswith(b"\n")]
            intents = {(r["source"], r["target"]) for r in added if "asked_at" in r}
            unanswered = {(m.source, m.target) for m in state.mentions() if m.asked_at}
            self._swallowed.update(intents & unanswered)
            self._tally.swallowed.append(len(intents & unanswered))
        return True

    def end(self) -> None:
        """Let one run end, and count."""
        child = self.run(self.blog)
        assert child.status == 0, child.said
        accepted = self.blogs.accepted()
        known = {(m.source, m.target): m.outcome for m in self.blog.mentions()}
        for mention in self.mentions:
            if not accepted[mention] or known.get(mention) is not Outcome.SENT:
                self._tally.lost.append(mention)
        assert accepted.keys() <= self.mentions
        for mention, times in accepted.items():
            self._tally.twice += times - 1
            self._tally.unexplained += max(times - 1 - self._swallowed[mention], 0)

    @property
    def share_left(self) -> float:
        """How much of all there is to tell the state takes for untold."""
        mentions = State.load(self.blog.state_file).mentions()
        return 1 - sum(mention.outcome is Outcome.SENT for mention in mentions) / MENTIONS

    def _watch_for(self, number: int) -> threading.Event:
        """What is set when so many notices of the next run have come in."""
        has_come, others = threading.Event(), iter(range(number - 1))
        for blog in self.blogs.blogs:
            blog.on_notice = lambda: None if next(others, None) is not None else has_come.set()
        return has_come

    def _content(self) -> bytes:
        file = self.blog.state_file
        return file.read_bytes() if file.exists() else b""


Kind = Callable[[Round], None]

KINDS: tuple[Kind, ...] = (Round.builds, Round.first_builds, Round.sends)


class Rounds:
    """Makes rounds, each with servers of its own.

    Args:
        folder: an empty one.
        tally: where the counts go.
        chance: for the moments.
    """

    def __init__(self, folder: Path, tally: Tally, chance: random.Random) -> None:
        self._folder = folder
        self._tally = tally
        self._chance = chance
        self._lengths: dict[Kind, float] = {}

    @contextmanager
    def begun(self, kind: Kind) -> Iterator[Round]:
        """A round in which nothing is told yet."""
        folder = self._folder / str(len(list(self._folder.iterdir())))
        this = Round(folder, self._tally, self._chance)
        with this.blog.web, this.blogs:
            kind(this)
            yield this

    def length(self, kind: Kind) -> float:
        """How many seconds a run takes that has nothing to tell."""
        if kind not in self._lengths:
            with self.begun(kind) as this:
                assert this.run(this.blog).status == 0
                start = time.monotonic()
                assert this.run(this.blog).status == 0
                self._lengths[kind] = time.monotonic() - start
        return self._lengths[kind]

    def play(self, kind: Kind, moments: list[float]) -> None:
        """Kill runs until much is told, and let the last one end.

        Args:
            kind: what happens before.
            moments: when to kill, in parts of the length of a run; those used are taken out.
        """
        shortest = self.length(kind)
        with self.begun(kind) as this:
            # After the late ones little is left to be told.
            for moment in sorted(moments[:KILLS_A_ROUND], key=lambda moment: moment > 0.9):
                if this.share_left and this.kill_one(moment, shortest):
                    moments.remove(moment)
            this.end()
        self._tally.rounds[kind.__name__.replace("_", " ")] += 1
