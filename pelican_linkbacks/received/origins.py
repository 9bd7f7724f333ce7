"""Origins: where received mentions come from, as LINKBACKS_RECEIVED names them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path

from pelican_linkbacks import places
from pelican_linkbacks.config import Config
from pelican_linkbacks.received import own_receiver
from pelican_linkbacks.received.batch import Ask, Batch, Broken, sound
from pelican_linkbacks.urls import host_of, silence

_OF_A_SITE = frozenset({"feed", "webmention.io"})
"""Asked for what concerns a site; the others give all that they have."""


def named(name: str, config: Config, sites: Sequence[str]) -> Ask:
    """The origin that LINKBACKS_RECEIVED names.

    Args:
        name: "receiver:URL", a URL, "feed:URL", "webmention.io" or the path of a file.
        config: for the client, and the folder that the path is relative to.
        sites: SITEURLs that are ours.
    """
    kind, _, rest = name.partition(":")
    if not (kind in _OF_A_SITE or host_of(rest if kind == "receiver" else name)):
        return lambda last: _file(places.beside(config.content) / name, last)
    if kind in _OF_A_SITE and silence(config):
        # What belongs to another site than the real one would take the place of the copy.
        return lambda last: last
    # What speaks HTTP takes long to import, and a build that reads a file needs none of it.
    from pelican_linkbacks.received import remote

    if kind == "feed":
        return lambda last: remote.entries(config, rest, last, sites)
    if kind == "webmention.io":
        return lambda _: remote.service(config, rest)
    return lambda last: remote.receiver(config, rest if kind == "receiver" else name, last)


def _file(path: Path, last: Batch) -> Batch:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Broken(f"it can't be read ({error.strerror or error})") from error
    digest = blake2b(content, digest_size=16).hexdigest()
    if digest == last.etag:
        return last
    return Batch(sound(partial(own_receiver.listed, known=last.lines), content), digest)
