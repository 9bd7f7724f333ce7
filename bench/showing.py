"""The figures of showing: what it adds to a build that mentions stand under its articles.

    python -m bench.showing [--rounds N] [--articles N] [--mentions N]

The kinds of build take turns, each in a process of its own, on the same site. What counts is the
time in which our hooks compute, and the threads that they begin, over the same of the rest of the
build: a thread that asks an origin computes while the build does, and both wait for whatever else
runs on this machine.
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
from pelican_linkbacks.received import own_receiver

FILE = "received.json"
ETAG = '"loaf"'
COPIES = "linkbacks.received.json"
LINKS = 8
"""In each article, as in the other builds."""

NOTHING = "nothing received"
ANEW = "a list that is new"
AGAIN = "a list that has not changed"


def received(articles: int, mentions: int) -> bytes:
    """A list as our own receiver publishes it: blogs that link to our articles, in random order."""
    dice = random.Random(2)
    items = []
    for number in range(mentions):
        source = f"https://h{number % 997}.example/{number}/a-loaf-of-my-own/"
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


@contextmanager
def serving(body: bytes) -> Iterator[str]:
    """A receiver on loopback that has one list, and knows it again; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["If-None-Match"] == ETAG
            self.send_response(304 if known else 200)
            self.send_header("ETag", ETAG)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "0" if known else str(len(body)))
            self.end_headers()
            if not known:
                self.wfile.write(body)

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
    body = received(articles, mentions)
    with tempfile.TemporaryDirectory() as name, serving(body) as url:
        folder = Path(name)
        write_site(folder, articles, LINKS)
        (folder / FILE).write_bytes(body)
        kinds = (
            Kind(NOTHING),
            Kind(ANEW, received=url),
            Kind(AGAIN, received=url),
            Kind("a file that is new", received=FILE),
            Kind("a file that has not changed", received=FILE),
        )
        took: dict[Kind, list[Took]] = {kind: [] for kind in kinds}
        build(folder, kinds[0])
        for _ in range(rounds):
            (folder / COPIES).unlink(missing_ok=True)
            for kind in kinds:
                took[kind].append(build(folder, kind))
        pages = [page.read_bytes() for page in (folder / "output").glob("loaf-*.html")]
    shown = sum(page.count(b'<li class="h-cite') for page in pages)
    print(f"{shown} mentions shown in {articles} articles; medians of {rounds} rounds")
    print(f"  {'':29}{'whole build':>12}{'computing':>11}{'our part of it':>16}{'adds':>9}")
    idle = [_share(one) for one in took[kinds[0]]]
    for kind in kinds:
        shares = [_share(one) for one in took[kind]]
        adds = statistics.median(share - none for share, none in zip(shares, idle, strict=True))
        whole = statistics.median(one.seconds for one in took[kind])
        computing = statistics.median(one.computing for one in took[kind])
        print(f"  {kind.name:29}{whole:11.2f}s{computing:10.2f}s", end="")
        print(f"{statistics.median(shares):16.2%}{adds:9.2%}")
        for hook in sorted(set().union(*(one.hooks for one in took[kind]))):
            spent = statistics.median(one.hooks.get(hook, (0.0, 0.0))[1] for one in took[kind])
            if spent >= 0.001:
                print(f"      {hook:40}{spent * 1000:8.0f} ms")


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
