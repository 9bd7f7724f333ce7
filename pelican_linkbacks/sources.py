"""Sources: what Pelican's generators publish, as our articles."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from pelican.contents import Article as PelicanArticle
from pelican.contents import Content
from pelican.contents import Page as PelicanPage
from pelican.generators import ArticlesGenerator, PagesGenerator

from pelican_linkbacks import metadata
from pelican_linkbacks.mention import Article
from pelican_linkbacks.urls import absolute, is_under, path_under

Generator: TypeAlias = ArticlesGenerator | PagesGenerator


_USUAL = frozenset({PelicanArticle, PelicanPage})

_SIMPLE = re.compile(r"(?:[^{}]|\{slug\}|\{date:[^{}]*\})*+")
"""A pattern of URLs that names nothing but the slug and the date, as most do."""


class Source(NamedTuple):
    """One article or page that is published.

    Attributes:
        content: as Pelican has it.
        path, file, url, date, is_page: as those of ``Article``.
    """

    content: Content
    path: str
    file: str
    url: str
    date: datetime | None
    is_page: bool


_final: WeakKeyDictionary[Generator, list[Source]] = WeakKeyDictionary()


def published(
    generator: Generator, siteurl: str, wanted: Callable[[datetime | None], bool] = lambda _: True
) -> Iterator[Source]:
    """What a generator publishes under an address of its site, and not only in the future.

    Without its text: asking for that before it is written would fix it for good, since Pelican
    remembers the answer, while other plugins may still change it.

    Args:
        generator: the one that publishes.
        siteurl: SITEURL of the outermost site.
        wanted: whether what has a certain date is wanted at all: to find out where the rest stands
            takes longer.
    """
    is_page = isinstance(generator, PagesGenerator)
    contents = generator.pages if is_page else generator.articles
    kind = "PAGE" if is_page else "ARTICLE"
    # Asking each article for its save_as would take longer than all the rest.
    named = all(generator.settings[f"{kind}{lang}_SAVE_AS"] for lang in ("", "_LANG"))
    home, now = generator.settings["SITEURL"], datetime.now(UTC)
    folder = os.path.abspath(generator.settings["PATH"])
    for content in [*contents, *generator.translations]:
        date: datetime | None = getattr(content, "date", None)
        if (date and date > now) or not wanted(date):
            continue
        may_be_unnamed = not named or hasattr(content, "override_save_as")
        if may_be_unnamed and not content.save_as:
            continue
        url = absolute(home, relative_url(content))
        if url.startswith(f"{home}/") or is_under(url, [home]):
            path = path_under(siteurl, url)
            # An article that a plugin made from no file is known by its PATH alone.
            file = _relative(content, folder) or path
            yield Source(content, path, file, url, date, is_page)


def final(generator: Generator, siteurl: str) -> list[Source]:
    """The same once their URLs no longer change, which is when the first of them is written."""
    if generator not in _final:
        _final[generator] = list(published(generator, siteurl))
    return _final[generator]


def written(generator: Generator, siteurl: str, problems: list[str]) -> Iterator[Article]:
    """What a generator has published, with its text.

    Args:
        generator: the one that has.
        siteurl: SITEURL of the outermost site.
        problems: gets a sentence for each line of metadata that is wrong.
    """
    home, blog_name = generator.settings["SITEURL"], generator.settings["SITENAME"]
    for source in final(generator, siteurl):
        content = source.content
        send, _, wrong = metadata.directions(content.metadata.get("linkbacks"))
        trackbacks, more = metadata.trackbacks(content.metadata.get("trackbacks"))
        problems += [f"{source.file}: {problem}" for problem in (*wrong, *more)]
        yield Article(
            source.path,
            source.file,
            source.url,
            content.get_content(home),
            source.date,
            is_page=source.is_page,
            send=send,
            trackbacks=trackbacks,
            title=content.title,
            summary=content.metadata.get("summary"),
            blog_name=blog_name,
            slug=getattr(content, "slug", ""),
        )


def relative_url(content: Content) -> str:
    """A published content's URL relative to its SITEURL; Pelican's own way to find that out is
    long, since it looks for the path of the source whether the setting names it or not."""
    is_usual = type(content) in _USUAL and content.status == "published"
    if is_usual and not hasattr(content, "override_url"):
        kind = type(content).__name__.upper()
        lang = "" if content.in_default_lang else "LANG_"
        pattern = str(content.settings[f"{kind}_{lang}URL"])
        if _SIMPLE.fullmatch(pattern) and hasattr(content, "date"):
            return pattern.format(slug=content.slug, date=content.date)
    return str(content.url)


def _relative(content: Content, folder: str) -> str | None:
    """A source's file relative to Pelican's PATH; Pelican's own way to find that out is long."""
    file = content.source_path
    if file and file.startswith(folder + "/") and os.path.normpath(file) == file:
        return str(file[len(folder) + 1 :])
    relative: str | None = content.relative_source_path
    return relative
