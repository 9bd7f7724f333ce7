"""Showing: what others say of the articles of one build, for their theme and in their pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from jinja2 import Environment, Template, TemplateError
from markupsafe import escape
from pelican.contents import Content
from pelican.generators import PelicanTemplateNotFound
from pelican.utils import DateFormatter

from pelican_linkbacks import __version__, display
from pelican_linkbacks.config import Config
from pelican_linkbacks.display import NOTHING, Conversation
from pelican_linkbacks.received import placing
from pelican_linkbacks.received.gathering import Gathering
from pelican_linkbacks.received.sections import Sections, recipe
from pelican_linkbacks.received.shown import Shown, shown
from pelican_linkbacks.received.words import words
from pelican_linkbacks.sources import Generator

_PACKAGE = Path(__file__).parent
_CLOCK = re.compile(r"%[^A-Za-z]*[EO]?[cfHIklMnpPrRsSTXzZ]")
"""What a form of dates says of more than the day."""


class Showing:
    """What others say of a site and its subsites; begins to ask for it.

    Args:
        config: of the outermost site.
        is_rehearsal: whether nobody is to be asked and nothing written.

    Attributes:
        complaint: what is wrong with the template of the site, or "".
    """

    complaint = ""

    def __init__(self, config: Config, *, is_rehearsal: bool) -> None:
        self._config = config
        self._gathering = Gathering(config, [config.siteurl])
        self._rel = escape(config.rel)
        self._found: dict[str, list[bytes]] | None = {} if is_rehearsal else None
        self._templates: WeakKeyDictionary[Generator, Any] = WeakKeyDictionary()
        self._sections = Sections(config.cache)
        self._looks: dict[object, bytes] = {}
        if not is_rehearsal:
            self._gathering.start()

    @property
    def has_origins(self) -> bool:
        """Whether the settings name anybody who could tell."""
        return bool(self._gathering.origins)

    @property
    def problems(self) -> list[str]:
        """A sentence for each origin that gave nothing."""
        return self._gathering.problems

    def conversation(self, url: str) -> Conversation:
        """The mentions of an article, the oldest first.

        Waits for those who have not told yet, once, as long as one request may take.

        Args:
            url: where the article is published.
        """
        if self._found is None:
            seconds = min(self._config.request_timeout, self._config.time_budget)
            lines = self._gathering.finish(seconds)
            self._found = placing.by_place(lines, self._config.siteurl)
        if not self._found:
            return NOTHING
        known = placing.of(self._found, url, self._config.siteurl)
        return Conversation(known, self._shown) if known else NOTHING

    def section(self, generator: Generator, content: Content) -> bytes:
        """The HTML that shows the mentions of an article, in its language; empty if none of them
        can be shown.

        Made by the ``linkbacks.html`` of the site or of its theme, if there is one.

        Args:
            generator: the one that has written the article.
            content: the article, with its ``linkbacks``.
        """
        if generator not in self._templates:
            self._templates[generator] = self._template(generator)
        if template := self._templates[generator]:
            try:
                return _made(template, generator, content, generator.context)
            except Exception as error:  # noqa: BLE001 - the author's template may raise anything
                self._complain(error)
                self._templates[generator] = None
        make = partial(_made_by_ours, generator, content)
        look = self._look(generator, content)
        return self._sections.get(look, content.linkbacks.lines, make) if look else make()

    def finish(self) -> None:
        """Remember what was made for the next build."""
        self._sections.save()

    def _look(self, generator: Generator, content: Content) -> bytes | None:
        """All but its mentions that decides how our own template shows those of an article; None
        if that can't be told."""
        strftime = generator.env.filters["strftime"]
        if not isinstance(strftime, DateFormatter):
            # What the author has put in its place may write dates in another way tomorrow.
            return None
        own = (content.lang, content.date_format, content.timezone, strftime.locale)
        if own not in self._looks:
            shared = (__version__, recipe(_PACKAGE), self._config.rel, self._config.follow)
            self._looks[own] = repr((own, shared)).encode("utf-8", "surrogatepass")
        return self._looks[own]

    def _shown(self, lines: Sequence[bytes]) -> list[Shown]:
        rel, follow = self._rel, self._config.follow
        made = (shown(mention, rel, follow) for mention in placing.in_order(lines))
        return [mention for mention in made if mention]

    def _template(self, generator: Generator) -> Any:
        """That of the site or of its theme; None if there is none that can be used."""
        try:
            return generator.get_template("linkbacks")
        except PelicanTemplateNotFound:
            return None
        except TemplateError as error:
            self._complain(error)
            return None

    def _complain(self, error: Exception) -> None:
        self.complaint = (
            f"the linkbacks.html of this site can't be used ({type(error).__name__}: {error}); "
            "mentions are shown as without it."
        )


def _made_by_ours(generator: Generator, content: Content) -> bytes:
    return _made(_own_template(), generator, content, {})


@cache
def _own_template() -> Template:
    return Environment().from_string(display.TEMPLATE)


def _made(template: Any, generator: Generator, content: Content, known: Mapping[str, Any]) -> bytes:
    mentions = content.linkbacks.mentions()
    if not mentions:
        return b""
    html = template.render(
        known,
        mentions=mentions,
        words=words(content.lang),
        article=content,
        day=_days(generator.env.filters["strftime"], content),
    )
    return str(html).strip().encode("utf-8", "replace")


def _days(strftime: Any, content: Content) -> Callable[[datetime], str]:
    """Writes moments as the site writes the dates of its articles, in its time."""
    zone, form = content.timezone, content.date_format
    if _CLOCK.search(form):
        return lambda when: str(strftime(when.astimezone(zone), form))
    return lambda when: _written(strftime, when.astimezone(zone).date(), form)


@lru_cache(maxsize=1024)
def _written(strftime: Any, day: date, form: str) -> str:
    # To set the locale there and back takes longer than all else that is done for a mention.
    return str(strftime(datetime(day.year, day.month, day.day), form))
