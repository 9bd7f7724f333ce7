"""The figures of showing: what it adds to a build that mentions stand under its articles.

    python -m bench.showing [--rounds N] [--articles N] [--mentions N]

The kinds of build take turns, each in a process of its own, on the same site. What counts is the
time in which our hooks compute, and the threads that they begin, over the same of the rest of the
build: a thread that asks an origin computes while the build does, and both wait for whatever else
runs on this machine.

What it costs to ask at all, which for one over HTTP is mostly to load what speaks it, is measured
with an origin that has nothing, and what the mentions add by comparison with that. The first build
with them makes the sections of all articles, later ones those of the articles that have new ones.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.builds import WORDS, Kind, Took, build, write_site
from pelican_linkbacks.received import own_receiver, sections

FILE = "received.json"
COPIES = "linkbacks.received.json"
LINKS = 8
"""In each article, as in the other builds."""

NEW = 10
"""Mentions that are new since the build before."""

NOBODY = "nobody asked"
NONE = "no mentions"
FIRST, FEW, SAME = "the first build with them", f"{NEW} of them new", "none of them new"


def received(articles: int, mentions: int, edition: int) -> bytes:
    """A list as our own receiver publishes it: blogs that link to our articles, in random order.
    Another edition has some others in it, each of another article."""
    dice = random.Random(2)
    items = []
    for number in range(mentions):
        source = f"https://h{number % 997}.example/{number}/a-loaf-of-my-own/"
        if number < NEW:
            source += f"{edition}/"
        moment = (
            f"{2010 + number % 15}-0{1 + number % 9}-{10 + number % 19}T10:{number % 60:02}:00Z"
        )
        items.append(
            {
                "target": f"https://us.invalid/loaf-{number % articles}.html",
                "id": number,
                "protocol": ("webmention", "pingback", "trackback")[number % 3],
                "kind": ("mention", "mention", "mention", "reply", "like")[number % 5],
                "source": source,
                "url": source,
                "title": f"{' '.join(dice.choices(WORDS, k=5))} & more — {number}",
                "author": f"Baker {number % 997}",
                "excerpt": f"… {' '.join(dice.choices(WORDS, k=40))} …",
                "published": moment,
                "received": moment,
                "updated": moment,
            }
        )
    dice.shuffle(items)
    return own_receiver.document(json.dumps(item).encode() for item in items)


class Site:
    """A blog in a folder, and a receiver on loopback that knows again what it gave.

    Args:
        folder: to write it into.
        articles: how many it has.
        mentions: how many they have together.
    """

    def __init__(self, folder: Path, articles: int, mentions: int) -> None:
        self._folder = folder
        self._articles, self._mentions = articles, mentions
        self._body = b""
        self._edition = 0
        write_site(folder, articles, LINKS)
        self.build(NOBODY)

    def build(self, name: str, received: str = "") -> Took:
        """Build once."""
        return build(self._folder, Kind(name, received=received))

    def forget(self) -> None:
        """Lose what builds before have received."""
        for file in (self._folder / COPIES, self._folder / "cache" / sections.FILE_NAME):
            file.unlink(missing_ok=True)

    def receive(self, *, some: bool) -> None:
        """Have another list, at the receiver and in a file: an empty one, or some in it."""
        self._edition += 1
        mentions = self._mentions if some else 0
        self._body = received(self._articles, mentions, self._edition)
        (self._folder / FILE).write_bytes(self._body)

    def shown(self) -> int:
        """The mentions that the pages show."""
        pages = (self._folder / "output").glob("loaf-*.html")
        return sum(page.read_bytes().count(b'<li class="h-cite') for page in pages)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The URL of the list."""

        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                etag = f'"{site._edition}"'
                known = self.headers["If-None-Match"] == etag
                self.send_response(304 if known else 200)
                self.send_header("ETag", etag)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "0" if known else str(len(site._body)))
                self.end_headers()
                if not known:
                    self.wfile.write(site._body)

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/{FILE}"
            finally:
                server.shutdown()
                thread.join()


def measure(rounds: int, articles: int, mentions: int) -> None:
    """Print what each kind of build takes."""
    took: dict[tuple[str, str], list[Took]] = {}
    with tempfile.TemporaryDirectory() as name:
        site = Site(Path(name), articles, mentions)
        with site.served() as url:
            for _ in range(rounds):
                took.setdefault((NOBODY, ""), []).append(site.build(NOBODY))
                for where, origin in (("by HTTP", url), ("in a file", FILE)):
                    for kind in (NONE, FIRST, FEW, SAME):
                        if kind in {NONE, FIRST}:
                            site.forget()
                        if kind != SAME:
                            site.receive(some=kind != NONE)
                        took.setdefault((kind, where), []).append(site.build(kind, origin))
        shown = site.shown()
    print(f"{shown} mentions shown in {articles} articles; medians of {rounds} rounds")
    print(f"  {'':36}{'whole build':>11}{'computing':>11}{'adds':>9}{'of it, they':>13}")
    for (kind, where), builds in took.items():
        name = f"{kind}, {where}" if where else kind
        whole = statistics.median(one.seconds for one in builds)
        computing = statistics.median(one.computing for one in builds)
        print(f"  {name:36}{whole:10.2f}s{computing:10.2f}s", end="")
        print(f"{_added(builds, took[NOBODY, '']):9.2%}", end="")
        print(f"{_added(builds, took[NONE, where]):13.2%}" if where else "")
        for hook in sorted(set().union(*(one.hooks for one in builds))):
            spent = statistics.median(one.hooks.get(hook, (0.0, 0.0))[1] for one in builds)
            if spent >= 0.001:
                print(f"      {hook:40}{spent * 1000:8.0f} ms")


def _added(builds: Iterable[Took], others: Iterable[Took]) -> float:
    """What builds take more than those of the same rounds without something, over the rest of the
    build."""
    both = zip(builds, others, strict=True)
    return statistics.median(_share(one) - _share(other) for one, other in both)


def _share(took: Took) -> float:
    """What our hooks compute, over the rest."""
    ours = sum(computing for _, computing in took.hooks.values())
    return ours / (took.computing - ours)


def main(arguments: Iterable[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.showing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="builds of each kind (default: 5)")
    parser.add_argument("--articles", type=int, default=1000, help="default: 1000")
    parser.add_argument("--mentions", type=int, default=10_000, help="default: 10000")
    options = parser.parse_args(arguments if arguments is None else list(arguments))
    measure(options.rounds, options.articles, options.mentions)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
