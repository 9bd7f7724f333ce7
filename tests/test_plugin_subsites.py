"""One blog in several languages, each with a site of its own, by the plugin i18n_subsites."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pelican.plugins.i18n_subsites import i18n_subsites

from tests.blog import AGED, Blog
from tests.neighbour import Neighbour

ORDERS = [["i18n_subsites", "pelican_linkbacks"], ["pelican_linkbacks", "i18n_subsites"]]


@pytest.fixture(params=ORDERS, ids="-".join)
def sites(request: pytest.FixtureRequest, blog: Blog) -> Iterator[Blog]:
    """A blog whose German articles have a site below the English one."""
    blog.settings["PLUGINS"] = request.param
    blog.settings["I18N_SUBSITES"] = {"de": {"SITENAME": "Das Blog"}}
    yield blog
    # It forgets this by itself, unless a build breaks off in the middle.
    i18n_subsites._MAIN_SETTINGS = None


def test_each_sites_articles_are_told_by_their_own_address_and_remembered_in_one_state(
    sites: Blog, neighbour: Neighbour
) -> None:
    sites.write("one", neighbour.link(1), lang="en")
    sites.write("zwei", neighbour.link(2), lang="de")
    sites.build()
    assert neighbour.told() == [
        (f"{sites.web.url}/de/zwei.html", neighbour.post(2)),
        (f"{sites.web.url}/one.html", neighbour.post(1)),
    ]
    assert [m.article for m in sites.mentions()] == ["de/zwei.html", "one.html"]
    assert list(sites.folder.rglob("*.jsonl")) == [sites.state_file]


def test_one_line_sums_up_the_whole_run(sites: Blog, neighbour: Neighbour) -> None:
    sites.write("one", neighbour.link(1), lang="en")
    sites.write("zwei", neighbour.link(2), lang="de")
    build = sites.build()
    assert build.said == [
        "Linkbacks: 2 new, 2 sent (2 pingback), 0 waiting, 0 without endpoint, 0 failed."
    ]
    assert "Linkbacks: 2 articles, 2 of them read for links" in build.info


def test_a_second_run_says_and_asks_nothing(sites: Blog, neighbour: Neighbour) -> None:
    sites.write("one", neighbour.link(1), lang="en")
    sites.write("zwei", neighbour.link(2), lang="de")
    sites.build()
    before = sites.state_file.read_bytes()
    sites.web.requests.clear()
    neighbour.requests.clear()
    assert sites.build().summary.startswith("Linkbacks: 0 new, 0 sent, ")
    assert sites.state_file.read_bytes() == before
    assert not sites.web.requests
    assert not neighbour.requests


def test_links_between_the_sites_are_not_told(sites: Blog, neighbour: Neighbour) -> None:
    sites.write("one", f"[zwei]({{filename}}zwei.md) {neighbour.link(1)}", lang="en")
    sites.write(
        "zwei", f"[one]({sites.web.url}/one.html) [one]({{filename}}one.md) Text", lang="de"
    )
    sites.build()
    assert sites.outcomes() == {neighbour.post(1): "sent"}


def test_links_between_sites_at_two_hosts_are_not_told(sites: Blog, neighbour: Neighbour) -> None:
    german = sites.web.url.replace("127.0.0.1", "localhost")
    sites.settings["I18N_SUBSITES"]["de"]["SITEURL"] = german
    sites.write("one", f"[zwei]({german}/zwei.html) {neighbour.link(1)}", lang="en")
    sites.write("zwei", f"[one]({sites.web.url}/one.html) Text", lang="de")
    sites.build()
    assert sites.outcomes() == {neighbour.post(1): "sent"}


def test_an_article_that_stands_in_both_sites_is_told_of_once(
    sites: Blog, neighbour: Neighbour
) -> None:
    sites.settings["I18N_UNTRANSLATED_ARTICLES"] = "keep"
    sites.write("one", neighbour.link(1), lang="en")
    sites.build()
    assert (sites.output / "de" / "one-en.html").exists()
    assert neighbour.told() == [(f"{sites.web.url}/one.html", neighbour.post(1))]
    sites.build()
    assert len(neighbour.notices) == len(sites.mentions()) == 1


def test_two_translations_of_an_article_are_each_told_of(sites: Blog, neighbour: Neighbour) -> None:
    sites.write("one", neighbour.link(1), lang="en")
    sites.write("eins", neighbour.link(1), slug="one", lang="de")
    sites.build()
    assert neighbour.told() == [
        (f"{sites.web.url}/de/one.html", neighbour.post(1)),
        (f"{sites.web.url}/one.html", neighbour.post(1)),
    ]


def test_subsites_that_are_switched_on_later_tell_nothing_again(
    sites: Blog, neighbour: Neighbour
) -> None:
    plugins = sites.settings["PLUGINS"]
    sites.settings["PLUGINS"] = ["pelican_linkbacks"]
    sites.write("one", neighbour.link(1), lang="en")
    sites.write("eins", neighbour.link(1), slug="one", lang="de")
    sites.build()
    assert len(neighbour.notices) == 2
    sites.settings["PLUGINS"] = plugins
    assert sites.build().summary.startswith("Linkbacks: 0 new, 0 sent, ")
    assert len(neighbour.notices) == 2
    assert [m.article for m in sites.mentions()] == ["de/one.html", "one.html"]


def test_what_the_live_subsite_carries_already_is_not_told(
    sites: Blog, neighbour: Neighbour
) -> None:
    sites.write("zwei", neighbour.link(2), lang="de")
    sites.write("one", "Text", lang="en")
    (sites.output / "de").mkdir()
    (sites.output / "de" / "zwei.html").write_text(f"<a href='{neighbour.post(2)}'>a</a>")
    sites.build()
    assert sites.outcomes() == {neighbour.post(2): "old"}
    assert not neighbour.requests


def test_a_site_without_a_public_address_is_quiet_with_its_subsites(
    sites: Blog, neighbour: Neighbour
) -> None:
    sites.settings["SITEURL"] = ""
    sites.write("one", neighbour.link(1), lang="en")
    sites.write("zwei", neighbour.link(2), lang="de")
    build = sites.build()
    assert build.said == []
    assert len([line for line in build.info if line.startswith("Linkbacks: ")]) == 1
    assert not sites.state_file.exists()
    assert not neighbour.requests


def test_a_wrong_setting_is_told_once_for_all_sites(sites: Blog, neighbour: Neighbour) -> None:
    sites.settings["LINKBACKS_WORKERS"] = 0
    sites.write("one", neighbour.link(1), lang="en")
    sites.write("zwei", neighbour.link(2), lang="de")
    assert len(sites.build().problems) == 1
    assert (sites.output / "de" / "zwei.html").exists()
    assert not neighbour.requests


def test_old_articles_of_all_sites_are_recorded_only(sites: Blog, neighbour: Neighbour) -> None:
    sites.write("one", neighbour.link(1), AGED, lang="en")
    sites.write("zwei", neighbour.link(2), AGED, lang="de")
    sites.build()
    assert set(sites.outcomes().values()) == {"old"}
    assert not neighbour.requests
