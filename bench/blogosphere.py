"""A blogosphere in a process of its own: our site, and many blogs that can be told.

Every blog has a loopback address to itself, 127.1.x.y (Linux takes all of 127.0.0.0/8 for
loopback), and all share one port. A blog verifies before it accepts, as WordPress does: it
fetches the source, and looks there for a title and the link.

    with Blogosphere(Plan(blogs(100))) as sphere:
        deliver(sphere.links)
        sphere.report().accepted
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

OURS = "127.1.0.1"
"""The address of our own site."""

HEADER, ANCHOR = "webmention by header", "webmention by <a>"
PINGBACK, LINK = "pingback by header", "pingback by <link>"
RDF = "trackback by RDF"

MIX: tuple[tuple[str, ...], ...] = (
    (HEADER,),
    (ANCHOR,),
    (PINGBACK,),
    (LINK,),
    (RDF,),
    (HEADER, LINK),
    (ANCHOR, PINGBACK, RDF),
    (PINGBACK, RDF),
    (LINK, RDF),
    (),
)
"""What blogs offer: WordPress with and without a webmention plugin, old ones, and the silent."""

TALKATIVE = MIX[:-1]
"""The same without the silent."""

SIZES = (4_000, 15_000, 30_000, 60_000, 150_000)
"""Bytes of the blogs' pages, in turn."""

FAULTS = ("hangs", "drips", "refuses", "floods", "redirects", "boasts", "babbles")
"""What may be wrong with a blog: it never answers; it answers by a byte a second; it takes no
connections; its pages go on for 50 MB after all they have to say (notices it takes as ever); it
redirects for ever; its headers have no end; it speaks no HTTP."""


@dataclass(frozen=True)
class Blog:
    """One host: what it offers on each of its pages, and what is wrong with it, if anything."""

    address: str
    offers: tuple[str, ...] = ()
    fault: str = ""

    @property
    def preferred(self) -> str | None:
        """The protocol it should be told by."""
        spoken = {offer.split()[0] for offer in self.offers}
        return next((p for p in ("webmention", "pingback", "trackback") if p in spoken), None)


@dataclass(frozen=True)
class Plan:
    """What to simulate.

    Attributes:
        blogs: the hosts.
        entries: pages of each.
        sources: pages of our site; the links to all entries are dealt out among them.
        latency: seconds before each answer.
        sizes: bytes of the blogs' pages, in turn.
        strays: more hosts, with one page each.
        port: which all share; set when it is known.
    """

    blogs: tuple[Blog, ...]
    entries: int = 10
    sources: int = 50
    latency: float = 0.0
    sizes: tuple[int, ...] = SIZES
    strays: tuple[Blog, ...] = ()
    port: int = 0

    def links(self) -> list[tuple[str, str]]:
        """Every source and target, so that neighbours in the list are at different hosts."""
        targets = [(blog, number) for number in range(self.entries) for blog in self.blogs]
        targets += [(blog, 0) for blog in self.strays]
        return [
            (f"{self.url(OURS)}/{index % self.sources}.html", self.entry(blog.address, number))
            for index, (blog, number) in enumerate(targets)
        ]

    def url(self, address: str) -> str:
        """The root of a host, without a final slash."""
        return f"http://{address}:{self.port}"

    def entry(self, address: str, number: int) -> str:
        """The URL of a blog's page."""
        return f"{self.url(address)}/entry/{number}"


@dataclass(frozen=True, order=True)
class Notice:
    """What a blog was told, and by which protocol."""

    protocol: str
    source: str
    target: str


@dataclass
class Report:
    """What the blogosphere has seen so far; verifications are left out.

    Attributes:
        accepted: the notices that were verified, in order.
        rejected: the others, with the reason.
        requests: by address, how often each "METHOD /path" was asked.
        at_once: by address, the most requests at one moment.
    """

    accepted: list[Notice] = field(default_factory=list)
    rejected: list[tuple[Notice, str]] = field(default_factory=list)
    requests: dict[str, Counter[str]] = field(default_factory=dict)
    at_once: Counter[str] = field(default_factory=Counter)

    def to_others(self) -> int:
        """How many requests went to blogs."""
        return sum(n.total() for address, n in self.requests.items() if address != OURS)


def blogs(
    count: int, mix: Sequence[tuple[str, ...]] = MIX, faults: Iterable[str] = (), first: int = 0
) -> tuple[Blog, ...]:
    """Blogs that offer what is in ``mix``, in turn, each with one of the faults, if any are given.

    Args:
        count: how many.
        mix: what they offer.
        faults: what is wrong with them.
        first: the number of the first; no two of one plan may have the same.
    """
    wrong = tuple(faults) or ("",)
    return tuple(
        Blog(f"127.1.{1 + n // 250}.{1 + n % 250}", mix[n % len(mix)], wrong[n % len(wrong)])
        for n in range(first, first + count)
    )


class Blogosphere:
    """Runs a plan in another process, so that it takes no time from who is measured here."""

    def __init__(self, plan: Plan) -> None:
        from bench.simulation import simulate  # it imports this module

        # Not forked: a test may have threads.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=simulate, args=(plan, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.plan: Plan = replace(plan, port=self._pipe.recv())

    def report(self) -> Report:
        """What was seen since the last report."""
        self._pipe.send("report")
        report: Report = self._pipe.recv()
        return report

    def heal(self) -> None:
        """End all faults."""
        self._pipe.send("heal")
        self._pipe.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join()
        self._process.close()
