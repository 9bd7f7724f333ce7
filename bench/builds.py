"""The figures of a build: what the plugin adds to it.

    python -m bench.builds [--rounds N] [--articles N] [--links N]

The kinds of build take turns, each in a process of its own. What counts is the time inside our
own hooks over the rest of the same build; whole builds differ by some percent from themselves, and
are printed beside it. Nobody is asked anything: the site and all that it links to are names that
don't exist.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SETTINGS = """
import os
SITEURL = "https://us.invalid"
SITENAME = "Loaves"
PATH = "content"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
FEED_ALL_ATOM = "feeds/all.atom.xml"
PLUGINS = os.environ["BENCH_PLUGINS"].split()
if "BENCH_ENDPOINT" in os.environ:
    LINKBACKS_ENDPOINT = os.environ["BENCH_ENDPOINT"]
LINKBACKS_RECEIVED = os.environ.get("BENCH_RECEIVED", "").split()
"""
WORDS = ("bread", "rye", "flour", "water", "salt", "time", "oven", "crust", "crumb", "starter")

CLOCK = """
import functools, json, sys, threading, time
from blinker import Signal
spent = {}
within = threading.local()

def note(name, seconds, computing):
    known = spent.setdefault(name, [0.0, 0.0])
    known[0] += seconds
    known[1] += computing

def timed(hook):
    name = f"{hook.__module__.partition('.')[2]}.{hook.__name__}"
    @functools.wraps(hook)
    def run(*arguments, **named):
        start, computed, within.hook = time.perf_counter(), time.thread_time(), name
        try:
            return hook(*arguments, **named)
        finally:
            within.hook = ""
            note(name, time.perf_counter() - start, time.thread_time() - computed)
    return run

hooks = []
connect = Signal.connect

def listen(self, receiver, *arguments, **named):
    if receiver.__module__.startswith("pelican_linkbacks."):
        receiver = timed(receiver)
        hooks.append(receiver)  # signals hold them weakly
    return connect(self, receiver, *arguments, **named)

start_thread = threading.Thread.start

def start(self):
    if name := getattr(within, "hook", ""):
        run = self.run
        def counted():
            run()
            note(f"{name}, beside it", 0.0, time.thread_time())
        self.run = counted
    start_thread(self)

Signal.connect = listen
threading.Thread.start = start
from pelican import main
began, computed = time.perf_counter(), time.process_time()
main(["-s", "pelicanconf.py", "-q"])
print(json.dumps([time.perf_counter() - began, time.process_time() - computed, spent]))
"""
"""Builds the site in this folder, and prints the seconds that the build takes and those in which
it computes, and the same for each hook. A thread that a hook begins only computes."""


@dataclass(frozen=True)
class Kind:
    """A kind of build: is there a state, is the plugin there, does it advertise, and does it show
    what an origin has received?"""

    name: str
    plugin: bool = True
    first: bool = False
    advertises: bool = False
    received: str = ""


INJECTION = "advertising.mark"
"""The hook that puts tags and RDF into the pages; others find out what, and write the manifest."""

QUIET = Kind("nothing new")
ADVERTISING = Kind("nothing new, advertising", advertises=True)
KINDS = (
    Kind("without the plugin", plugin=False),
    Kind("first scan", first=True),
    QUIET,
    ADVERTISING,
)


def write_site(folder: Path, articles: int, links: int) -> None:
    """Write a site whose articles each have some paragraphs with a link."""
    dice = random.Random(1)
    (folder / "content").mkdir()
    (folder / "pelicanconf.py").write_text(SETTINGS)
    for number in range(articles):
        head = f"Title: Loaf {number}\nDate: {2010 + number % 15}-0{1 + number % 9}-11\n"
        head += f"Category: c{number % 7}\nSlug: loaf-{number}\n"
        paragraphs = (
            " ".join(dice.choices(WORDS, k=60))
            + f" [a post](https://h{(number * links + link) % 400}.invalid/{number}/{link})."
            for link in range(links)
        )
        text = "\n\n".join([head, *paragraphs])
        (folder / "content" / f"loaf-{number}.md").write_text(text)


@dataclass(frozen=True)
class Took:
    """What a build took, in seconds.

    Attributes:
        seconds: of the build.
        computing: those in which it had a processor.
        hooks: the same two for each hook of ours.
    """

    seconds: float
    computing: float
    hooks: dict[str, tuple[float, float]]


def build(folder: Path, kind: Kind) -> Took:
    """Build once."""
    if kind.first:
        (folder / "linkbacks.jsonl").unlink(missing_ok=True)
        shutil.rmtree(folder / "cache", ignore_errors=True)
    shutil.rmtree(folder / "output", ignore_errors=True)
    environment = {"BENCH_PLUGINS": "pelican_linkbacks" if kind.plugin else ""}
    if kind.advertises:
        environment["BENCH_ENDPOINT"] = "https://linkbacks.us.invalid"
    if kind.received:
        environment["BENCH_RECEIVED"] = kind.received
    done = subprocess.run(
        [sys.executable, "-c", CLOCK],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return Took(*json.loads(done.stdout.splitlines()[-1]))


def measure(rounds: int, articles: int, links: int) -> None:
    """Print what each kind of build takes."""
    whole: dict[Kind, list[float]] = {kind: [] for kind in KINDS}
    shares: dict[Kind, list[float]] = {kind: [] for kind in KINDS}
    hooks: dict[Kind, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    injections: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_site(folder, articles, links)
        for _ in range(rounds):
            for kind in KINDS:
                took = build(folder, kind)
                spent = {hook: seconds for hook, (seconds, _) in took.hooks.items()}
                ours = sum(spent.values())
                whole[kind].append(took.seconds)
                shares[kind].append(ours / (took.seconds - ours))
                hooks[kind].append(spent)
                if kind == ADVERTISING:
                    injections.append(spent[INJECTION] / (took.seconds - ours))
    print(f"{articles} articles with {links} links each; medians of {rounds} rounds")
    print(f"  {'':26}{'whole build':>12}{'in our hooks, over the rest':>30}")
    for kind in KINDS:
        seconds, share = statistics.median(whole[kind]), statistics.median(shares[kind])
        print(f"  {kind.name:26}{seconds:11.2f}s{share:29.2%}")
        for hook in sorted(set().union(*hooks[kind])):
            spent_there = statistics.median(spent.get(hook, 0.0) for spent in hooks[kind])
            if spent_there >= 0.001:
                print(f"      {hook:40}{spent_there * 1000:8.0f} ms")
    both = zip(shares[ADVERTISING], shares[QUIET], strict=True)
    added = statistics.median(advertising - quiet for advertising, quiet in both)
    print(f"  {'what advertising adds':26}{added:41.2%}")
    print(f"  {'the injection alone':26}{statistics.median(injections):41.2%}")


def main(arguments: Iterable[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.builds", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="builds of each kind (default: 5)")
    parser.add_argument("--articles", type=int, default=1000, help="default: 1000")
    parser.add_argument("--links", type=int, default=8, help="in each article (default: 8)")
    options = parser.parse_args(arguments if arguments is None else list(arguments))
    measure(options.rounds, options.articles, options.links)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
