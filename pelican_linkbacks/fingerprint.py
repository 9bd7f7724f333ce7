"""Fingerprint: whether anything at all has changed since a run that left nothing to do.

A mere short cut, past reading the state: it is taken only if the state file, the articles and the
settings are to the byte what they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from pelican_linkbacks import __version__, files
from pelican_linkbacks.config import Config
from pelican_linkbacks.links import deciding
from pelican_linkbacks.mention import Article

FILE_NAME = "linkbacks-fingerprint"


def take(config: Config, sites: Sequence[str], articles: Iterable[Article]) -> str:
    """The fingerprint of all that a diff depends on; "" if there is no state file to be read."""
    try:
        # The quickest there is: most processors have instructions for it.
        seen = sha256(config.state_file.read_bytes())
    except OSError:
        return ""
    seen.update(repr((__version__, config.siteurl, sites, deciding(config))).encode())
    seen.update(repr((config.protocols, config.pages)).encode())
    for article in articles:
        known_by = (article.path, article.file, article.url, article.is_page)
        said = (article.send, article.trackbacks, len(article.html))
        seen.update(repr((known_by, said)).encode())
        seen.update(article.html.encode("utf-8", "surrogatepass"))
    return seen.hexdigest()


def is_known(config: Config, fingerprint: str) -> bool:
    """Whether the last run that left nothing to do had this fingerprint."""
    try:
        return fingerprint != "" and _file(config).read_text(encoding="ascii") == fingerprint
    except (OSError, ValueError):
        return False


def keep(config: Config, fingerprint: str) -> None:
    """Remember the fingerprint of a run that left nothing to do; done without if that fails."""
    files.cache(_file(config), fingerprint.encode("ascii"))


def _file(config: Config) -> Path:
    return config.cache / FILE_NAME
