"""Rates: how often anybody may ask, and how often anybody is asked by us."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv6Address, ip_address

from pelican_linkbacks.addresses import Address, literal

MINUTE = 60.0
"""Seconds that every rate is counted over."""

_EVERYBODY = ""


class Rates:
    """How often something may happen in any minute, of this process.

    Every method counts one more and returns 0, or counts nothing and returns the seconds to wait.
    An IPv6 address counts as its network of 64 bits, for one customer has so many.

    Args:
        client: notices from one client.
        host: notices that name one source host.
        total: notices in all.
        login, logins: attempts to log in from one client, and in all.
        fetches: looks at one source host.
        visits: requests to one network address, whatever its names.
        clock: gives the time in seconds.
    """

    def __init__(
        self,
        *,
        client: int = 60,
        host: int = 60,
        total: int = 3_000,
        login: int = 5,
        logins: int = 30,
        fetches: int = 6,
        visits: int = 20,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._client = _Window(client)
        self._host = _Window(host)
        self._total = _Window(total)
        self._login = _Window(login)
        self._logins = _Window(logins)
        self._fetches = _Window(fetches)
        self._visits = _Window(visits)

    def notice(self, client: str) -> float:
        """A notice comes from a client's network address."""
        return self._count((self._client, _network(client)), (self._total, _EVERYBODY))

    def source(self, host: str) -> float:
        """A notice names a source at a host, in lower case; its port makes no difference."""
        return self._count((self._host, _bare(host)))

    def attempt(self, client: str) -> float:
        """Somebody tries to log in from a client's network address."""
        return self._count((self._login, _network(client)), (self._logins, _EVERYBODY))

    def fetch(self, host: str) -> float:
        """A source at a host is about to be looked at; its port makes no difference."""
        return self._count((self._fetches, _bare(host)))

    def visit(self, address: Address) -> float:
        """A request is about to go to a network address; ``Client`` takes this as its ``visit``.

        So neither many names nor redirects from many hosts can aim at one victim.
        """
        return self._count((self._visits, _network(str(address))))

    def _count(self, *counted: tuple[_Window, str]) -> float:
        with self._lock:
            now = self._clock()
            wait = max(window.wait(key, now) for window, key in counted)
            if wait <= 0:
                for window, key in counted:
                    window.add(key, now)
        return wait


class _Window:
    """When each of many keys was counted last, as far back as matters."""

    def __init__(self, most: int) -> None:
        self._most = most
        # In the order of their last time, so that the forgotten ones stand in front.
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until the key may be counted once more."""
        times = self._times.get(key)
        if not times or len(times) < self._most:
            return 0
        return max(times[0] + MINUTE - now, 0)

    def add(self, key: str, now: float) -> None:
        """Count a key."""
        self._times.setdefault(key, deque(maxlen=self._most)).append(now)
        self._times.move_to_end(key)
        while next(iter(self._times.values()))[-1] + MINUTE <= now:
            self._times.popitem(last=False)


def _bare(host: str) -> str:
    """What is counted of a host: without port, and the same for all spellings of an address."""
    # ``urls.host_of`` takes the brackets off an IPv6 address, and leaves its port.
    for name in (host, host.rpartition(":")[0]):
        if address := literal(name):
            return _network(str(address))
    return host.partition(":")[0].lower().removesuffix(".")


def _network(address: str) -> str:
    with suppress(ValueError):
        parsed = ip_address(address.partition("%")[0])
        if isinstance(parsed, IPv6Address):
            carried = parsed.ipv4_mapped or parsed.sixtofour
            return str(carried) if carried else str(int(parsed) >> 64)
    return address
