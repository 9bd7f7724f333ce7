"""The figures of reception: a crowd that writes to a receiver, every third of them hostile.

python -m bench.reception [--senders N] [--mentions N]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.receiver.load import SETTINGS, Load, Watch, memory, set_password
from tests.receiver.server import Server

LONGEST = 1800.0
"""Seconds after which all must be verified."""


def measure(senders: int, mentions: int) -> None:
    """Print what becomes of so many mentions."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        set_password(folder)
        with Server(folder, settings=SETTINGS) as server:
            idle = memory(server.pid)
            begin = time.monotonic()
            with Watch(server) as watch, Load(server, senders, mentions) as load:
                load.wait(LONGEST)
            took = time.monotonic() - begin
            complaints = server.end()[1]
            report = load.report(server)
    asked = ", ".join(f"{times}x: {pages}" for times, pages in sorted(report.asked.items()))
    answers = ", ".join(f"{number} {said}" for said, number in report.answers.most_common())
    course = ", ".join(f"{size:.0f}" for size in watch.course)
    page = f"median {watch.median:.3f} s, slowest {max(watch.seconds):.3f} s"
    faults = len(report.lost), len(report.false), len(report.repeated)
    lines = {
        "pages stored": f"{report.stored} of {len(load.true)} that link",
        "lost, false, repeated": ", ".join(map(str, faults)),
        "fetches of a page": f"{asked}; more often than told: {len(report.twice)}",
        "private addresses": f"spoken to {report.breaches} times",
        "the victim": f"asked {report.victim} times a minute at most",
        "answers": f"{answers}; slowest {report.slowest:.2f} s",
        "memory in MB": f"{idle:.0f} idle; {course} by quarters; peak {max(watch.memory):.0f}",
        "moderation page": f"{page}; {len(watch.seconds)} answers, {len(watch.failures)} failures",
        "all verified after": f"{took:.1f} s",
        "the receiver's log": complaints or "nothing",
    }
    print(f"{senders} senders, {mentions} mentions, every third hostile")
    for name, said in lines.items():
        print(f"  {name:24}{said}")


def main(arguments: Iterable[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.reception", description=__doc__)
    parser.add_argument("--senders", type=int, default=200, help="at once (default: 200)")
    parser.add_argument("--mentions", type=int, default=2000, help="in all (default: 2000)")
    options = parser.parse_args(arguments if arguments is None else list(arguments))
    measure(options.senders, options.mentions)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
