"""Config: every ``LINKBACKS_*`` setting, its default and its check."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from pelican_linkbacks import __version__, checks, places
from pelican_linkbacks.errors import SettingsError

PREFIX = "LINKBACKS_"
PROTOCOL_NAMES = ("webmention", "pingback", "trackback")
HEADER_FILES = ("netlify", "apache", "nginx")

MOST = 1_000_000
"""The largest number that a setting takes; far larger ones, and infinity, are more than dates and
sockets can bear."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _number(kind: str, least: float) -> tuple[Callable[[Any], Any], str]:
    types = int if kind == "whole number" else (int, float)

    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, types) or not least <= value <= MOST:
            raise ValueError
        return value

    return check, f"a {kind} from {least} to {MOST}"


def _path(value: Any) -> str:
    return checks.path(str(value) if isinstance(value, Path) else value)


def _bundle(value: Any) -> bool | str:
    if isinstance(value, bool):
        return value
    if not Path(_path(value)).is_file():
        raise ValueError
    return str(value)


def _listed(value: Any) -> Iterable[Any]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValueError
    return value


def _choices(known: tuple[str, ...]) -> Callable[[Any], tuple[str, ...]]:
    def check(value: Any) -> tuple[str, ...]:
        names = tuple(_listed(value))
        if any(name not in known for name in names):
            raise ValueError
        return tuple(dict.fromkeys(names))

    return check


def _each(check: Callable[[Any], str]) -> Callable[[Any], tuple[str, ...]]:
    """One value, or a list of them."""

    def check_all(value: Any) -> tuple[str, ...]:
        single = isinstance(value, (str, Path))
        return tuple(dict.fromkeys(check(item) for item in ([value] if single else _listed(value))))

    return check_all


def _patterns(value: Any) -> tuple[re.Pattern[str], ...]:
    single = isinstance(value, (str, re.Pattern))
    patterns = [re.compile(item) for item in ([value] if single else _listed(value))]
    if any(not isinstance(item.pattern, str) for item in patterns):
        raise ValueError
    return tuple(patterns)


def _networks(value: Any) -> tuple[Network, ...]:
    # As text, for a bare number would be taken for an address.
    return tuple(ipaddress.ip_network(str(item), strict=False) for item in _listed(value))


def _setting(default: Any, check: Callable[[Any], Any], takes: str) -> Any:
    return field(default=default, metadata={"check": check, "takes": takes})


_FLAG: tuple[Callable[[Any], bool], str] = (_boolean, "True or False")
_URL_OR_NONE: tuple[Callable[[Any], str], str] = (checks.url, "an http(s) URL, or None")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of one run, checked; ``from_settings`` makes it.

    The first part comes from Pelican's own settings, the rest are the ``LINKBACKS_*`` names.

    Attributes:
        siteurl: SITEURL of the outermost site, without a final slash; "" in development.
        content: Pelican's PATH.
        output: OUTPUT_PATH of the outermost site.
        cache: CACHE_PATH.
        request_timeout, time_budget: seconds.
    """

    siteurl: str
    content: Path
    output: Path
    cache: Path

    send: bool = _setting(True, *_FLAG)
    check_online: bool = _setting(True, *_FLAG)
    protocols: tuple[str, ...] = _setting(
        PROTOCOL_NAMES, _choices(PROTOCOL_NAMES), f"a list of names out of {PROTOCOL_NAMES}"
    )
    cachepath: str = _setting("linkbacks.jsonl", _path, "the path of a file")
    ignored_urls_pattern: tuple[re.Pattern[str], ...] = _setting(
        (), _patterns, "a regular expression, a list of them, or None"
    )
    skip_nofollow: bool = _setting(False, *_FLAG)
    first_run_days: float = _setting(30, *_number("number of days", 0))
    request_timeout: float = _setting(10, *_number("number of seconds", 0.1))
    time_budget: float = _setting(60, *_number("number of seconds", 0))
    workers: int = _setting(64, *_number("whole number", 1))
    per_host: int = _setting(2, *_number("whole number", 1))
    max_attempts: int = _setting(6, *_number("whole number", 1))
    useragent: str | None = _setting(None, checks.text, "a line of text, or None")
    cert_verify: bool | str = _setting(True, _bundle, "True, False or the path of a CA bundle")
    allow_networks: tuple[Network, ...] = _setting(
        (), _networks, 'a list of networks such as "127.0.0.0/8"'
    )
    proxy: str | None = _setting(None, *_URL_OR_NONE)
    pages: bool = _setting(False, *_FLAG)
    endpoint: str | None = _setting(
        None,
        checks.base_url,
        'an http(s) URL without "?", "#" and HTML entities such as "&amp;", or None',
    )
    webmention_endpoint: str | None = _setting(None, *_URL_OR_NONE)
    pingback_endpoint: str | None = _setting(
        None, checks.verbatim_url, 'an http(s) URL without HTML entities such as "&amp;", or None'
    )
    trackback_endpoint: str | None = _setting(
        None,
        checks.trackback_url,
        "an http(s) URL with {path} or {slug} in it and no other braces, or None",
    )
    show_trackback_url: bool = _setting(False, *_FLAG)
    header_files: tuple[str, ...] = _setting(
        (), _choices(HEADER_FILES), f"a list of names out of {HEADER_FILES}"
    )
    received: tuple[str, ...] | None = _setting(
        None,
        _each(checks.origin),
        '"receiver:URL", "feed:URL", "webmention.io", "webmention.io:URL", an http(s) URL, the '
        "path of a file, a list of these, or None",
    )
    show: bool = _setting(True, *_FLAG)
    rel: str = _setting("nofollow ugc", checks.text, "the rel of shown links, as text")
    follow: tuple[str, ...] = _setting(
        (), _each(checks.host), 'a list of host names such as "blog.example"'
    )
    database: str | None = _setting(None, _path, "a path or an SQLAlchemy URL, or None")
    targets: str | None = _setting(None, _path, "a path or a URL, or None")
    retention_days: float = _setting(30, *_number("number of days", 0))
    webhook: str | None = _setting(None, *_URL_OR_NONE)
    mail: str | None = _setting(
        None, checks.mail_url, "smtp[s]://[USER:PASSWORD@]HOST[:PORT]/?to=ADDRESS, or None"
    )

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Config:
        """Read Pelican's settings.

        Args:
            settings: as ``pelican.settings.read_settings`` gives them, its paths absolute.

        Raises:
            SettingsError: with one sentence for each ``LINKBACKS_*`` name that is unknown, and
                for each value that its setting does not take.
        """
        known = {PREFIX + f.name.upper(): f for f in fields(cls) if f.metadata}
        given = {name: value for name, value in settings.items() if f"{name}_".startswith(PREFIX)}
        problems = []
        values = {}
        for name, value in given.items():
            if name not in known:
                problems.append(_unknown(name, known))
            elif not (value is None and known[name].default in (None, ())):
                metadata = known[name].metadata
                try:
                    values[known[name].name] = metadata["check"](value)
                except (ValueError, TypeError, re.error) as error:
                    problems.append(_wrong(name, value, metadata["takes"], error))
        if problems:
            raise SettingsError(problems)
        return cls(
            siteurl=str(settings.get("SITEURL") or "").rstrip("/"),
            content=Path(settings["PATH"]),
            output=Path(settings["OUTPUT_PATH"]),
            cache=Path(settings["CACHE_PATH"]),
            **values,
        )

    @cached_property
    def state_file(self) -> Path:
        """Where the state stands; see ``places.state_file``."""
        return places.state_file(self.content, self.cachepath)

    @property
    def user_agent(self) -> str:
        """The User-Agent of every request; "Webmention" in it as the Recommendation (3.1) asks."""
        about = f"Webmention; +{self.siteurl}" if self.siteurl else "Webmention"
        return self.useragent or f"pelican-linkbacks/{__version__} ({about})"

    def __deepcopy__(self, memo: object) -> Config:
        return self

    def __reduce__(self) -> tuple[type[str], tuple[()]]:
        # Pelican pickles its settings with every article it caches, and never reads this one
        # back. Were it pickled whole, that cache could not be loaded any more by a Pelican that
        # runs without this plugin.
        return (str, ())


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "see the list of settings in the README."
    return f"{name} is not a setting of pelican_linkbacks; {hint}"


def _wrong(name: str, value: object, takes: str, error: Exception) -> str:
    # An error is read by more people than the settings are.
    bare = re.sub("(?<=://).*@", "…@", repr(value))
    shown = bare if len(bare) <= 80 else bare[:79] + "…"
    detail = f" ({error})" if str(error) else ""
    return f"{name} is {shown}{detail}; it takes {takes}."
