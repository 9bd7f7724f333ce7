"""The cache of what articles link to: right or gone, never a reason to miss a link."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pelican_linkbacks.config import Config
from pelican_linkbacks.digests import FILE_NAME, Digests
from pelican_linkbacks.links import Target
from pelican_linkbacks.mention import Article

SITE = "https://us.example"
LINK = Target("https://neighbour.example/post")
ARTICLE = Article(
    "rye.html", "rye.md", f"{SITE}/rye.html", f'<a href="{LINK.url}">x</a>', date=None
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(siteurl=SITE, content=tmp_path, output=tmp_path, cache=tmp_path / "cache")


def read(config: Config, *articles: Article, sites: tuple[str, ...] = (SITE,)) -> Digests:
    digests = Digests(config, sites)
    for article in articles:
        digests.targets(article)
    digests.save()
    return digests


def test_an_unchanged_article_is_not_parsed_again(config: Config) -> None:
    assert read(config, ARTICLE).parsed == 1
    again = Digests(config, [SITE])
    assert again.targets(ARTICLE) == (LINK,)
    assert again.parsed == 0


def test_a_cache_that_has_not_changed_is_not_written_again(config: Config) -> None:
    read(config, ARTICLE)
    file = config.cache / FILE_NAME
    file.chmod(0o400)
    before = file.stat().st_mtime_ns
    read(config, ARTICLE)
    assert file.stat().st_mtime_ns == before


def test_a_changed_article_is_parsed(config: Config) -> None:
    read(config, ARTICLE)
    other = "https://friend.example/"
    changed = replace(ARTICLE, html=f'<a href="{other}">x</a>')
    assert Digests(config, [SITE]).targets(changed) == (Target(other),)


def test_a_setting_that_decides_which_links_count_makes_all_be_parsed(config: Config) -> None:
    read(config, ARTICLE)
    ignoring = replace(config, ignored_urls_pattern=(re.compile("neighbour"),))
    ignored = replace(LINK, ignored="LINKBACKS_IGNORED_URLS_PATTERN")
    assert Digests(ignoring, [SITE]).targets(ARTICLE) == (ignored,)
    assert Digests(replace(config, skip_nofollow=True), [SITE]).targets(ARTICLE) == (LINK,)
    assert read(replace(config, skip_nofollow=True), ARTICLE).parsed == 1


def test_other_sites_of_ours_make_all_be_parsed(config: Config) -> None:
    read(config, ARTICLE)
    assert Digests(config, [SITE, "https://neighbour.example"]).targets(ARTICLE) == ()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"rye.html": {}}', '{"rye.html": 1}'])
def test_a_broken_cache_is_as_good_as_none(config: Config, content: str) -> None:
    read(config, ARTICLE)
    (config.cache / FILE_NAME).write_text(content)
    assert Digests(config, [SITE]).targets(ARTICLE) == (LINK,)


def test_a_cache_that_can_not_be_written_is_done_without(config: Config) -> None:
    config.cache.touch()
    assert read(config, ARTICLE).parsed == 1


def test_articles_that_are_gone_leave_the_cache(config: Config) -> None:
    read(config, ARTICLE)
    read(config)
    assert (config.cache / FILE_NAME).read_text() == "{}"
