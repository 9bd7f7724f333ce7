"""Advertising: Pelican's signals, and its pages as those that say where they can be told."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.contents import Content
from pelican.generators import ArticlesGenerator

from pelican_linkbacks import header_files, manifest, markup, metadata, prose
from pelican_linkbacks.background import unswept
from pelican_linkbacks.config import Config
from pelican_linkbacks.display import NOTHING, Beside, Conversation
from pelican_linkbacks.endpoints import Endpoints
from pelican_linkbacks.manifest import Target
from pelican_linkbacks.marking import Marking
from pelican_linkbacks.plugin import KEY, is_outermost, rehearsals, say, without_harm
from pelican_linkbacks.protocols import pingback, trackback, webmention
from pelican_linkbacks.showing import Showing
from pelican_linkbacks.sources import Generator, Source, final
from pelican_linkbacks.urls import host_of

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Offer:
    """What an article's own page is to say.

    Attributes:
        endpoints: where it can be told; none if the author wants that.
        path: the file, when it is written.
        siteurl: the address of the site in its links; only where something is to stand beside it.
        conversation: what others say of it.
    """

    source: Source
    endpoints: dict[str, str]
    conversation: Conversation
    path: str = ""
    siteurl: str = ""


@dataclass
class _Build:
    """A site and its subsites.

    Attributes:
        generator: the one whose articles or pages are being written.
        unwritten: what it is still to write, by the identity of the content.
        written: what it has written.
        targets: what all have written.
    """

    config: Config
    endpoints: Endpoints | None
    marking: Marking
    showing: Showing
    generator: Generator | None = None
    unwritten: dict[int, _Offer] = field(default_factory=dict)
    written: list[_Offer] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)


_builds: dict[Path, _Build] = {}
"""By OUTPUT_PATH of the outermost site; taken out when that site is finished."""


def register() -> None:
    """Connect to Pelican's signals.

    What is to be done for each article is done for all of them at once, before and after they are
    written: between two articles Pelican does so much else that each time would take five times
    as long.
    """
    signals.initialized.connect(come_last)
    signals.get_generators.connect(begin)
    signals.article_generator_write_article.connect(offer)
    signals.page_generator_write_page.connect(offer)
    signals.content_written.connect(note)
    signals.article_writer_finalized.connect(mark)
    signals.page_writer_finalized.connect(mark)
    signals.finalized.connect(restore)


def come_last(pelican: Pelican) -> None:
    """After all plugins are registered: be the last of them when the site is finished."""
    signals.finalized.disconnect(finish)
    signals.finalized.connect(finish)


def begin(pelican: Pelican) -> None:
    """Before anything is read or written: begin to ask what others say.

    A site without an absolute address does not advertise: it does not know its pages' URLs.
    """
    config = pelican.settings.get(KEY)
    if config and is_outermost(pelican, config):
        _builds.pop(config.output, None)
        with without_harm():
            endpoints = Endpoints.named(config) if host_of(config.siteurl) else None
            showing = Showing(config, is_rehearsal=config.output in rehearsals)
            if endpoints or showing.has_origins:
                marking = Marking(alone=len(pelican.plugins) == 1)
                _builds[config.output] = _Build(config, endpoints, marking, showing)


def offer(generator: Generator, content: Content) -> None:
    """Before the first article of a generator is written, when all URLs are final.

    Tells the theme the trackback URLs, and what others say.
    """
    build = _build(generator.settings)
    if build and build.generator is not generator:
        build.generator = generator
        if isinstance(generator, ArticlesGenerator) or build.config.pages:
            # After an error of ours no page says anything, rather than each the same error.
            del _builds[build.config.output]
            with without_harm(), unswept():
                build.unwritten = _offers(build, generator)
                _builds[build.config.output] = build


def note(path: str, context: Mapping[str, Any]) -> None:
    """After any file is written.

    The first that is written of an article is its own page. Another plugin may write it in other
    forms.
    """
    if build := _build(context):
        # What was there before, if anything, is overwritten now.
        build.marking.forget(path)
        content = context.get("article") or context.get("page")
        if offer := build.unwritten.pop(id(content), None):
            offer.path = path
            build.written.append(offer)
            if build.config.show_trackback_url or offer.conversation is not NOTHING:
                # With RELATIVE_URLS each page has its own.
                offer.siteurl = offer.source.content.get_siteurl()


def mark(generator: Generator, writer: object) -> None:
    """When all articles are written: let their pages say where they can be told."""
    if build := _build(generator.settings):
        written, build.written, build.unwritten = build.written, [], {}
        with without_harm(), unswept():
            for offer in written:
                _mark(build, generator, offer)


def restore(pelican: Pelican) -> None:
    """When a site is finished: before the plugins that come after this one, ..."""
    if build := _build(pelican.settings):
        with without_harm():
            build.marking.restore()


def finish(pelican: Pelican) -> None:
    """... and after them."""
    restore(pelican)
    config = pelican.settings.get(KEY)
    if config and is_outermost(pelican, config):
        with without_harm():
            if build := _builds.pop(config.output, None):
                build.showing.finish()
                _tell(build)
                if build.endpoints:
                    _list(build)
                shared = build.endpoints.shared if build.endpoints else {}
                paths = [target.path for target in build.targets if target.open]
            else:
                shared, paths = {}, []
            named = shared.get(webmention.NAME), shared.get(pingback.NAME)
            for problem in header_files.write(config.output, config.header_files, *named, paths):
                say(f"Linkbacks: {problem}")


def _build(settings: Mapping[str, Any]) -> _Build | None:
    # Called twice for each article.
    config = settings.get(KEY) if _builds else None
    return _builds.get(config.output) if config else None


def _offers(build: _Build, generator: Generator) -> dict[int, _Offer]:
    offers = {}
    for source in final(generator, build.config.siteurl):
        content, endpoints = source.content, {}
        if build.endpoints:
            _, is_open, _ = metadata.directions(content.metadata.get("linkbacks"))
            endpoints = build.endpoints.of(source.path, content.slug) if is_open else {}
        if ping := endpoints.get(trackback.NAME):
            content.trackback_url = ping
        content.linkbacks = build.showing.conversation(source.url)
        offers[id(content)] = _Offer(source, endpoints, content.linkbacks)
    return offers


def _mark(build: _Build, generator: Generator, offer: _Offer) -> None:
    content, url, endpoints = offer.source.content, offer.source.url, offer.endpoints
    title = prose.plain_title(content.title)
    build.targets.append(Target(url, offer.source.path, title, content.lang, bool(endpoints)))
    ping = endpoints.get(trackback.NAME) if build.config.show_trackback_url else None
    conversation = offer.conversation if build.config.show else NOTHING
    beside = None
    if ping or conversation is not NOTHING:
        section = partial(build.showing.section, generator, content)
        beside = Beside(_printed(offer), ping, conversation, section).put
    if endpoints or beside:
        pieces = markup.pieces(endpoints, url, title)
        build.marking.mark(offer.path, url, pieces, beside)


def _printed(offer: _Offer) -> bytes:
    """An article as the theme has printed it: Pelican remembers that; empty if it can't be told."""
    try:
        html: str = offer.source.content.get_content(offer.siteurl)
    except Exception:  # noqa: BLE001 - plugins add to what makes it
        return b""
    return html.encode("utf-8", "replace")


def _list(build: _Build) -> None:
    """Write the manifest."""
    try:
        manifest.write(build.config.output, build.targets)
    except OSError as error:
        say(
            f"Linkbacks: {build.config.output / manifest.NAME} can't be written "
            f"({error.strerror}); a receiver knows the pages of the last build only."
        )


def _tell(build: _Build) -> None:
    for remark in (*build.showing.problems, *build.marking.remarks):
        logger.info("Linkbacks: %s", remark)
    for complaint in (build.showing.complaint, build.marking.complaint):
        if complaint:
            say(f"Linkbacks: {complaint}")
