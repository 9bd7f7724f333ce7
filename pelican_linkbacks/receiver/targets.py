"""Targets: which pages of ours can be told, as the manifest of the last build says."""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pelican_linkbacks import manifest
from pelican_linkbacks.addresses import printable
from pelican_linkbacks.client import Client
from pelican_linkbacks.errors import LinkbackError
from pelican_linkbacks.manifest import Target
from pelican_linkbacks.page import Page
from pelican_linkbacks.urls import HTML, host_of, is_under, spelt_alike

REFRESHED_EVERY = 60.0
"""Seconds between two requests for a manifest at a URL."""

LARGEST = 16 * 1024 * 1024
"""Bytes of a manifest: some hundred thousand pages."""

_INDEX = "/index.html"
_SLASHES = re.compile(r"//+")

_log = logging.getLogger(__name__)


class Targets:
    """The pages of the manifest; many threads may share it.

    A manifest that can't be read leaves the last good one in force, and is logged once.

    Args:
        where: path or http(s) URL of the manifest. A file is read as soon as it has changed, a
            URL only by ``refresh``, at most once a minute.
        client: who fetches it.
        siteurl: SITEURL, or "" if nobody knows it.
        clock: gives the time in seconds.
    """

    def __init__(
        self, where: str, client: Client, siteurl: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._where = where
        self._is_remote = where.startswith(("http://", "https://"))
        self._client = client
        self._siteurl = siteurl
        self._clock = clock
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._problem = ""
        self._stamp: tuple[int, int, int] | None = None
        self._page: Page | None = None
        self._asked: float | None = None

    @property
    def ready(self) -> bool:
        """Whether a manifest could be read at all; else nobody can be told anything."""
        return self._current() is not None

    def find(self, url: str) -> Target | None:
        """The page of ours that a URL names.

        Neither its scheme, a fragment, a final slash or ``index.html``, nor which characters are
        percent-encoded makes a difference; a query does. A final ``.html`` may be left out, for
        some hosts of static sites redirect to the URL without it.
        """
        known = self._current()
        if known is None:
            return None
        spelling = _spelling(url)
        return known.by_url.get(spelling) or known.by_url.get(f"{spelling}{HTML}")

    def at(self, path: str) -> Target | None:
        """The page of ours with a path, as it stands in a trackback URL (percent-encoded)."""
        known = self._current()
        if known is None:
            return None
        return known.by_path.get(unquote(path)) or known.by_plain_path.get(_plain(path))

    def is_same(self, target: Target, url: str) -> bool:
        """Whether a URL names that page, as ``find`` compares them."""
        ours, theirs = _spelling(target.url), _spelling(url)
        return ours in {theirs, f"{theirs}{HTML}"}

    def is_own(self, url: str) -> bool:
        """Whether a URL is one of our own site's: under SITEURL, or one of our pages.

        Without a SITEURL, every page at the host of one of our pages is.
        """
        known = self._current()
        if self._siteurl and is_under(url, [self._siteurl]):
            return True
        if known is None:
            return False
        return self.find(url) is not None or (not self._siteurl and host_of(url) in known.hosts)

    def refresh(self) -> None:
        """Ask for a manifest at a URL again, unless that was done less than a minute ago.

        Does nothing for a file.
        """
        if not self._is_remote:
            return
        with self._lock:
            now = self._clock()
            if self._asked is not None and 0 <= now - self._asked < REFRESHED_EVERY:
                return
            self._asked = now
        self._try(self._fetch)

    def _current(self) -> _Known | None:
        if not self._is_remote:
            with self._lock:
                self._try(self._reread)
        return self._known

    def _try(self, read: Callable[[], None]) -> None:
        try:
            read()
        except LinkbackError as error:
            if self._problem != str(error):
                self._problem = str(error)
                kept = "the one before stays in force" if self._known else "no notice is taken yet"
                _log.error("%s; %s.", error, kept)
        else:
            self._problem = ""

    def _reread(self) -> None:
        path = Path(self._where)
        try:
            stamp = _stamp(path)
            if stamp == self._stamp:
                return
            body = path.read_bytes()
        except OSError as error:
            self._stamp = None
            reason = error.strerror or "it can't be read"
            raise LinkbackError(
                f"The list of pages {printable(self._where)}, which builds write: {reason}"
            ) from None
        # A broken one is not read again before it has changed.
        self._stamp = stamp
        self._known = _read(body, self._where)

    def _fetch(self) -> None:
        page = self._client.get(self._where, own=True, seen=self._page, most=LARGEST)
        if page.status == HTTPStatus.NOT_MODIFIED:
            return
        if page.status != HTTPStatus.OK:
            raise LinkbackError(f"{printable(self._where)} answers HTTP {page.status}")
        self._known = _read(page.body, self._where)
        self._page = page


@dataclass(slots=True)
class _Known:
    """The pages of one manifest, by what is asked for."""

    by_url: dict[str, Target] = field(default_factory=dict)
    by_path: dict[str, Target] = field(default_factory=dict)
    by_plain_path: dict[str, Target] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)


def _stamp(path: Path) -> tuple[int, int, int]:
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size, found.st_ino


def _spelling(url: str) -> str:
    return spelt_alike(url).removesuffix(_INDEX).rstrip("/")


def _plain(path: str) -> str:
    # Some proxies make one slash of two.
    return _SLASHES.sub("/", unquote(path)).rstrip("/")


def _read(body: bytes, where: str) -> _Known:
    try:
        content = json.loads(body)
        version = content["version"]
        targets = [_target(told) for told in content["targets"]] if version == 1 else []
    except (ValueError, KeyError, TypeError, RecursionError):
        raise LinkbackError(f"{printable(where)} is no list of pages as builds write it") from None
    if version != manifest.VERSION:
        raise LinkbackError(f"{printable(where)} is a list of pages of another version")
    known = _Known()
    for target in targets:
        known.by_url.setdefault(_spelling(target.url), target)
        known.by_path.setdefault(target.path, target)
        known.by_plain_path.setdefault(_plain(target.path), target)
        known.hosts.add(host_of(target.url))
    return known


def _target(told: dict[str, Any]) -> Target:
    target = Target(**{name: told[name] for name in Target._fields})
    *texts, is_open = target
    if not all(isinstance(text, str) for text in texts) or not isinstance(is_open, bool):
        raise TypeError
    if not host_of(target.url):
        raise ValueError
    return target
