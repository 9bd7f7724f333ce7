"""Network addresses: which of them may be spoken to, and which of them a name leads to."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from pelican_linkbacks.config import Network
from pelican_linkbacks.errors import TimedOut, Unreachable

Address = IPv4Address | IPv6Address
AddressInfo = tuple[
    socket.AddressFamily,
    socket.SocketKind,
    int,
    str,
    tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
]
Lookup = Callable[[str, int], Sequence[AddressInfo]]
Visit = Callable[[Address], float]
"""Counts a request to an address and returns 0, or returns the seconds for which there must be
none."""

# The IANA registries of special-purpose addresses, and what RFC 7526 and RFC 3879 took out of
# use. Written out because ``ipaddress.is_global`` differs between releases of Python and holds
# 64:ff9b:1::/48, 192.88.99.0/24 and fec0::/10, among others, for global.
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
)
_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_LOOPBACK = IPv4Address("127.0.0.1")


def printable(text: str) -> str:
    """The text with whatever could steer a terminal, or turn its writing round, escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def literal(host: str) -> Address | None:
    """The address that a host name spells, found without asking anybody.

    Takes every form that a resolver takes: ``127.0.0.1``, ``127.1``, ``2130706433``,
    ``0177.0.0.1``, ``0x7f.1``, ``::1``, ``[::1]``, ``fe80::1%eth0``.

    Args:
        host: a host as it stands in a URL, with or without its brackets.

    Returns:
        None if it is a name.
    """
    text = host.removeprefix("[").removesuffix("]")
    try:
        return IPv6Address(text) if ":" in text else _ipv4(text.removesuffix("."))
    except (ValueError, OverflowError):
        return None


def _ipv4(text: str) -> IPv4Address:
    """Read an IPv4 address as inet_aton(3) does: one to four numbers, the last fills the rest."""
    *heads, last = (_number(part) for part in text.split("."))
    return IPv4Address(bytes(heads) + last.to_bytes(max(4 - len(heads), 1), "big"))


def _number(digits: str) -> int:
    # int() alone would take signs, spaces, underscores and the digits of other scripts.
    if not (digits.isascii() and digits.isalnum()):
        raise ValueError
    if digits[:2] in {"0x", "0X"}:
        return int(digits[2:] or "0", 16)
    return int(digits, 8 if digits.startswith("0") else 10)


def is_allowed(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Whether an address may be spoken to.

    Global unicast addresses may. An IPv6 address that carries an IPv4 address to which it is
    translated on its way (mapped, 6to4, NAT64) may if the one it carries may; Teredo, the
    IPv4-compatible ones and NAT64's local prefix (RFC 8215) may not at all.

    Args:
        address: the address.
        allowed: networks that may be spoken to although they are not global.
    """
    if any(address in network for network in allowed):
        return True
    if isinstance(address, IPv6Address):
        carried = _carried(address)
        if carried is not None:
            return is_allowed(carried, allowed)
        if address not in _GLOBAL_UNICAST:
            return False
    return not any(address in network for network in _SPECIAL)


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


def is_private_name(host: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether the mere text of a host tells that it is private; asks nobody.

    Args:
        host: a host as it stands in a URL.
        allowed: networks that count as public; ``localhost`` does if 127.0.0.1 does.
    """
    name = host.removesuffix(".").lower()
    is_local = name == "localhost" or name.endswith(".localhost")
    address = _LOOPBACK if is_local else literal(host)
    return address is not None and not is_allowed(address, allowed)


def look_up(host: str, port: int) -> Sequence[AddressInfo]:
    """Ask the system's resolver; blocks for as long as that likes."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def resolve(
    host: str, port: int, timeout: float, lookup: Lookup = look_up
) -> Sequence[AddressInfo]:
    """The addresses of a host, in the order in which to try them.

    Args:
        host: a name, or an address in any form that ``literal`` takes.
        port: the port to put into the result.
        timeout: seconds to wait for an answer.
        lookup: who is asked for the addresses of a name.

    Raises:
        Unreachable: the name is not known, or nobody could tell in time.
    """
    address = literal(host)
    if address is not None:
        # In its usual form, so that no resolver reads another address from it than we did.
        answer = _answer(look_up, str(address), port)
    else:
        answers: queue.SimpleQueue[Sequence[AddressInfo] | OSError] = queue.SimpleQueue()
        # A daemon, for nothing can interrupt it: if its answer comes too late, nobody listens.
        threading.Thread(
            target=lambda: answers.put(_answer(lookup, host, port)), daemon=True
        ).start()
        try:
            answer = answers.get(timeout=timeout)
        except queue.Empty:
            raise TimedOut(f"the name {printable(host)} was not looked up in time") from None
    if isinstance(answer, OSError) and answer.errno == socket.EAI_AGAIN:
        raise Unreachable(f"the name {printable(host)} can't be looked up at the moment")
    if isinstance(answer, OSError) or not answer:
        raise Unreachable(f"the name {printable(host)} is not known")
    return answer


def _answer(lookup: Lookup, host: str, port: int) -> Sequence[AddressInfo] | OSError:
    try:
        return lookup(host, port)
    except OSError as error:
        return error
    except ValueError:
        # No name could be written so: an empty label, one that is too long, a NUL in it.
        return []


def address_of(info: AddressInfo) -> Address:
    """The address in one result of ``resolve``."""
    return ip_address(info[4][0])
