"""Digests: what each article links to, remembered so that an unchanged one is not parsed again.

A mere cache. The diff with the state is made anew in every run, so a cache that is lost, or belongs
to another state, costs time and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pelican_linkbacks import files, links
from pelican_linkbacks.config import Config
from pelican_linkbacks.links import Target
from pelican_linkbacks.mention import Article

FILE_NAME = "linkbacks-digests.json"


class Digests:
    """The targets of articles, by a digest of all that decides them.

    Args:
        config: for CACHE_PATH and the settings that decide which links count.
        sites: SITEURLs that are ours.

    Attributes:
        parsed: how many articles had to be parsed in this run.
    """

    def __init__(self, config: Config, sites: Sequence[str]) -> None:
        self.parsed = 0
        self._config = config
        self._sites = tuple(sites)
        self._file = config.cache / FILE_NAME
        self._known = _load(self._file)
        self._now: dict[str, dict[str, Any]] = {}
        self._salt = repr((self._sites, links.deciding(config))).encode()

    def targets(self, article: Article) -> tuple[Target, ...]:
        """What an article links to; see ``links.targets``."""
        digest = blake2b(self._salt + article.html.encode("utf-8", "surrogatepass")).hexdigest()
        known = self._known.get(article.path)
        if known is None or known.get("digest") != digest:
            self.parsed += 1
            found = links.targets(article.html, self._config, self._sites)
            listed = [[link.url, link.ignored] for link in found]
            self._now[article.path] = {"digest": digest, "targets": listed}
            return found
        self._now[article.path] = known
        return tuple(Target(url, ignored) for url, ignored in known["targets"])

    def save(self) -> None:
        """Write the cache, if anything changed; a cache that can't be written is done without."""
        if self._now != self._known:
            files.cache(self._file, json.dumps(self._now).encode("ascii"))


def _load(file: Path) -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(file.read_bytes())
        for entry in content.values():
            [Target(url, ignored) for url, ignored in entry["targets"]]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
    return dict(content)
