"""The figures of delivery: against a bare client, and with blogs that misbehave.

    python -m bench.delivery [--rounds N] [--profile]

Both are given the same requests: our pages, each target, each endpoint. The bare client knows
the endpoints beforehand; it reads each answer whole and does nothing else: no discovery, no
address check, no deadline, no state. Both open a connection for each request, and keep the same
limits, LINKBACKS_WORKERS in all and LINKBACKS_PER_HOST to one host. The bare client asks all our
pages first, then all targets, then all endpoints, dealt out so that its workers hardly ever wait
for a host; what these limits and the latency alone would take is printed beside it.
"""

from __future__ import annotations

import argparse
import cProfile
import http.client
import io
import pstats
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import requests

from bench.blogosphere import FAULTS, OURS, TALKATIVE, Blogosphere, Plan, Report, blogs
from pelican_linkbacks import background
from pelican_linkbacks.config import Config
from pelican_linkbacks.delivery import Delivery
from pelican_linkbacks.mention import Excerpt, Mention, Outcome
from pelican_linkbacks.protocols import PROTOCOLS
from pelican_linkbacks.state import State

HOSTS, ENTRIES, LATENCY = 100, 10, 0.05

Ask = tuple[str, str, bytes | None, str]
"""Method, URL, body and its content type."""

Client = Callable[[Ask, str], None]


@dataclass(slots=True)
class TimedState(State):
    """A state that notes when each outcome came.

    Attributes:
        times: moment (monotonic) and host of the target, for each.
    """

    times: list[tuple[float, str]] = field(default_factory=list)

    def put(self, mention: Mention) -> bool:
        """As always, and note the time of what is no mere plan."""
        if mention.outcome is not Outcome.QUEUED:
            self.times.append((time.monotonic(), urlsplit(mention.target).hostname or ""))
        return State.put(self, mention)


def config(plan: Plan, folder: Path) -> Config:
    """The defaults, but that loopback is allowed."""
    networks = (ip_network("127.0.0.0/8"),)
    return Config(
        siteurl=plan.url(OURS),
        content=folder / "content",
        output=folder / "output",
        cache=folder / "cache",
        allow_networks=networks,
    )


def mentions(plan: Plan) -> list[Mention]:
    """All links of a plan, as a build queues them."""
    told = Excerpt("Rye", "More water than wheat wants. " * 8, "Bread and rye")
    names = [(source.rpartition("/")[2], source, target) for source, target in plan.links()]
    return [Mention(name, name, source, target, excerpt=told) for name, source, target in names]


@dataclass
class Run:
    """One delivery: seconds in all, seconds until each host was done, outcomes."""

    seconds: float
    done: dict[str, float]
    outcomes: Counter[Outcome]


def deliver(plan: Plan) -> Run:
    """Deliver all of a plan with a new state file; only ``Delivery.run`` is timed."""
    with tempfile.TemporaryDirectory() as name:
        settings = config(plan, Path(name))
        state = TimedState(settings.state_file, siteurl=settings.siteurl, sites=(settings.siteurl,))
        for mention in mentions(plan):
            state.put(mention)
        state.save()
        queued = state.mentions()
        start = time.monotonic()
        settled = Delivery(settings, state, print).run(queued)
        seconds = time.monotonic() - start
    done = {host: moment - start for moment, host in state.times}
    return Run(seconds, done, Counter(mention.outcome for mention in settled))


def ask_bare(plan: Plan, client: Client) -> float:
    """Make the requests of a delivery with a bare client; seconds."""
    settings = config(plan, Path("nowhere"))
    hosts = (OURS, *(blog.address for blog in plan.blogs))
    limits = {host: threading.Semaphore(settings.per_host) for host in hosts}

    def ask(asked: Ask) -> None:
        with limits[urlsplit(asked[1]).hostname or ""]:
            client(asked, settings.user_agent)

    start = time.monotonic()
    with ThreadPoolExecutor(settings.workers) as pool:
        for phase in bare_requests(plan):
            for _ in pool.map(ask, phase):
                pass
    return time.monotonic() - start


def bare_requests(plan: Plan) -> tuple[list[Ask], list[Ask], list[Ask]]:
    """Our pages, the targets, the notices; neighbours in each list are at different hosts."""
    preferred = {blog.address: blog.preferred for blog in plan.blogs}
    notices: list[Ask] = []
    for mention in mentions(plan):
        address = urlsplit(mention.target).hostname or ""
        protocol = preferred[address]
        if protocol:
            number = mention.target.rpartition("/")[2]
            paths = {"webmention": "webmention", "pingback": "xmlrpc.php"}
            path = paths.get(protocol, f"trackback/{number}")
            request = PROTOCOLS[protocol].request(mention)
            url = f"{plan.url(address)}/{path}"
            notices.append(("POST", url, request.body, request.content_type))
    sources = dict.fromkeys(source for source, _ in plan.links())
    targets = dict.fromkeys(target for _, target in plan.links())
    return [_get(url) for url in sources], [_get(url) for url in targets], notices


def _get(url: str) -> Ask:
    return "GET", url, None, ""


def with_http_client(asked: Ask, agent: str) -> None:
    """The least that Python can do for a request."""
    method, url, body, content_type = asked
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    headers = {"User-Agent": agent, "Connection": "close"}
    connection.request(method, parts.path, body, headers | _type(content_type))
    connection.getresponse().read()
    connection.close()


def with_requests(asked: Ask, agent: str) -> None:
    """The least that one writes with requests."""
    method, url, body, content_type = asked
    headers = {"User-Agent": agent, "Connection": "close"} | _type(content_type)
    requests.request(method, url, data=body, headers=headers, timeout=10)


def _type(content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type} if content_type else {}


def against_bare(rounds: int) -> None:
    """Print how long a delivery takes, and the same requests from bare clients, in turn."""
    plan = Plan(blogs(HOSTS, TALKATIVE), ENTRIES, latency=LATENCY)
    times: dict[str, list[float]] = {"Delivery.run": [], "requests": [], "http.client": []}
    with Blogosphere(plan) as sphere:
        for _ in range(rounds):
            run = deliver(sphere.plan)
            report = sphere.report()
            check(sphere.plan, run.outcomes, report)
            times["Delivery.run"].append(run.seconds)
            times["requests"].append(ask_bare(sphere.plan, with_requests))
            check(sphere.plan, None, sphere.report())
            times["http.client"].append(ask_bare(sphere.plan, with_http_client))
            check(sphere.plan, None, sphere.report())
    notices = HOSTS * ENTRIES
    print(f"{notices} notices to {HOSTS} hosts at {LATENCY * 1000:.0f} ms an answer")
    ours = times["Delivery.run"]
    print(f"  {'':14}{'median':>8}{'least':>8}{'most':>8}   Delivery.run takes")
    for name, seconds in times.items():
        ratio = statistics.median(o / s for o, s in zip(ours, seconds, strict=True))
        figures = "".join(f"{f(seconds):7.2f}s" for f in (statistics.median, min, max))
        print(f"  {name:14}{figures}   {ratio:.2f} times that")
    print(f"  the limits and the latency alone: {floor(sphere.plan):.2f}s")
    print(f"  requests a notice, to others: {report.to_others() / notices:.2f}")
    print(f"  most at once to one host: {max(report.at_once.values())}")


def floor(plan: Plan) -> float:
    """Seconds that no client can beat: its workers are always busy, and so is our own site."""
    settings = config(plan, Path("nowhere"))
    in_all = (plan.sources + 2 * len(plan.links())) * plan.latency / settings.workers
    # The last of our pages is followed by a target and a notice.
    return max(in_all, (plan.sources / settings.per_host + 2) * plan.latency)


def check(plan: Plan, outcomes: Counter[Outcome] | None, report: Report) -> None:
    """Figures count only if everything was told, and accepted."""
    due = len(plan.links())
    accepted, rejected = len(report.accepted), report.rejected[:1]
    if accepted != due or rejected or (outcomes and outcomes[Outcome.SENT] != due):
        raise SystemExit(f"{accepted} of {due} notices were accepted: {outcomes} {rejected}")


def with_faults(rounds: int) -> None:
    """Print how long the sound hosts take, with and without one in ten that is not."""
    sound = blogs(HOSTS * 9 // 10, TALKATIVE)
    faulty = blogs(HOSTS // 10, TALKATIVE, FAULTS, first=len(sound))
    plans = {
        "without": Plan(sound, ENTRIES, latency=LATENCY),
        "with one faulty host in ten": Plan(sound + faulty, ENTRIES, latency=LATENCY),
    }
    # The same number of faulty targets, each at a host of its own: nothing keeps these apart.
    many = blogs(HOSTS, TALKATIVE, FAULTS, first=len(sound))
    plans["with one faulty target in ten"] = Plan(sound, ENTRIES, latency=LATENCY, strays=many)
    times: dict[str, list[float]] = {name: [] for name in plans}
    whole: dict[str, list[float]] = {name: [] for name in plans}
    with ExitStack() as stack:
        spheres = {n: stack.enter_context(Blogosphere(plan)) for n, plan in plans.items()}
        for _ in range(rounds):
            for name, sphere in spheres.items():
                run = deliver(sphere.plan)
                # This also makes it forget: it takes no notice twice.
                told = Counter(urlsplit(n.target).hostname for n in sphere.report().accepted)
                if any(told[blog.address] != ENTRIES for blog in sound):
                    raise SystemExit(f"a sound host was not told: {run.outcomes}")
                times[name].append(max(run.done[blog.address] for blog in sound))
                whole[name].append(run.seconds)
    total = len(sound) * ENTRIES
    print(f"{total} notices to {len(sound)} sound hosts; a faulty one {', '.join(FAULTS)}")
    print(f"  {'medians':32}{'sound ones told':>16}{'whole run':>12}")
    for name in plans:
        done, took = statistics.median(times[name]), statistics.median(whole[name])
        print(f"  {name:32}{done:15.2f}s{took:11.2f}s")


def profiled() -> None:
    """Print where a delivery's processor time goes, in all threads."""
    plan = Plan(blogs(HOSTS, TALKATIVE), ENTRIES, latency=LATENCY)
    main = cProfile.Profile(time.thread_time)
    with Blogosphere(plan) as sphere, _threads_profiled() as profiles:
        main.enable()
        deliver(sphere.plan)
        main.disable()
    out = io.StringIO()
    stats = pstats.Stats(main, *profiles, stream=out)
    for order in ("cumulative", "tottime"):
        stats.sort_stats(order).print_stats(30)
    print(out.getvalue())


@contextmanager
def _threads_profiled() -> Iterator[list[cProfile.Profile]]:
    """Profile what Delivery does in threads; a profile sees only the thread it is enabled in."""
    profiles: list[cProfile.Profile] = []
    plain = background.in_thread

    async def in_thread(work: Callable[[], Any]) -> Any:
        def profiled_work() -> Any:
            profile = cProfile.Profile(time.thread_time)
            profiles.append(profile)
            return profile.runcall(work)

        return await plain(profiled_work)

    with mock.patch("pelican_linkbacks.delivery.in_thread", in_thread):
        yield profiles


def main(arguments: Iterable[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.delivery", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each kind (default: 5)")
    parser.add_argument("--profile", action="store_true", help="where the time goes, instead")
    options = parser.parse_args(arguments if arguments is None else list(arguments))
    if options.profile:
        profiled()
    else:
        against_bare(options.rounds)
        with_faults(min(options.rounds, 3))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
