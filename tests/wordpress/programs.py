"""Programs that the bench runs, as a user who may do little, and their ends."""

import os
import pwd
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# mariadbd and php-fpm refuse to run as root. Whoever isn't root stays himself.
USER = "www-data"


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Return as soon as the condition holds; a TimeoutError says what never came."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} seconds in vain: {what}")
        time.sleep(0.05)


def fetch(url: str) -> None:
    """Ask for a page, without a proxy; an OSError if it isn't there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(url, timeout=30).close()


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed."""
    done = subprocess.run(command, env=env, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")
    return done.stdout


def run_as_user(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """Run a program like run(), without the powers of root."""
    return run("setpriv", *_unprivileged(), *command, env=env)


def give_away(path: Path) -> None:
    """Let the user that the programs run as own a file or folder."""
    if os.geteuid() == 0:
        entry = pwd.getpwnam(USER)
        os.chown(path, entry.pw_uid, entry.pw_gid)


@contextmanager
def running(log: Path, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server that runs while the block does, and not longer than this process.

    It has to stay in the foreground. What it prints goes to the log.
    """
    last_wish = ("--pdeathsig", "TERM")
    with log.open("ab") as output:
        # Some servers open their log anew, as the user they have become.
        give_away(log)
        server = subprocess.Popen(
            ["setpriv", *last_wish, *_unprivileged(), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_for_server(server: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    """Wait until a server answers; one that doesn't is quoted in the error."""

    def ready_or_gone() -> bool:
        return server.poll() is not None or ready()

    try:
        wait_until(ready_or_gone, log.stem)
    except TimeoutError as error:
        raise RuntimeError(f"{error}: {log.read_text(errors='replace')}") from error
    if server.poll() is not None:
        raise RuntimeError(f"{log.stem} ended: {log.read_text(errors='replace')}")


def _unprivileged() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    return (f"--reuid={USER}", f"--regid={USER}", "--clear-groups")
