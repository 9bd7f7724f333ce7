"""Builds of a blog that used the linkbacks plugin until now, and left it a cache of its making."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pelican.plugins.i18n_subsites import i18n_subsites

from pelican_linkbacks.places import CACHE_NAME
from tests.blog import AGED, YOUNG, Blog
from tests.neighbour import Neighbour

GENUINE = Path(__file__).with_name(CACHE_NAME).read_text(encoding="utf-8")

NOTHING = "Linkbacks: 0 new, 0 sent, 0 waiting, 0 without endpoint, 0 failed."
IMPORTED = (
    "  6 of these links had been told by the linkbacks plugin; 5 could not be told by it. To see "
    "why, run: pelican-linkbacks status; to tell all that is old: pelican-linkbacks backfill"
)
TOLD = ("ping/told", "mention/told#comments", "ping/again", "both/told", "both/half")
MISSED = ("ping/refused", "mention/broken", "both/refused", "missing")
NOWHERE = "plain/page"
GONE = "http://gone.example/gone"


def link(neighbour: Neighbour, *places: str) -> str:
    """Links in Markdown, to places of a neighbour or to URLs."""
    urls = (place if "://" in place else f"{neighbour.url}/{place}" for place in places)
    return " ".join(f"[a post]({url})" for url in urls)


def leave_cache(file: Path, neighbour: Neighbour) -> bytes:
    """Leave the cache of the linkbacks plugin in a file, as if it had told this neighbour."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(GENUINE.replace("https://blog.example", neighbour.url), encoding="utf-8")
    return file.read_bytes()


@pytest.fixture
def heir(blog: Blog, neighbour: Neighbour) -> Iterator[Blog]:
    """A blog whose links that plugin has looked at, before any of its pages was online."""
    blog.web.folder = blog.live
    rye = ("ping/told", "ping/refused", "mention/told#comments", "plain/page", GONE)
    blog.write("rye", link(neighbour, *rye), YOUNG, lang="en")
    blog.write("roggen", link(neighbour, "ping/told"), YOUNG, slug="rye", lang="de")
    blog.write("spelt", link(neighbour, "ping/again", "mention/broken"), AGED, lang="en")
    both = ("both/told", "both/half", "both/refused", "missing")
    blog.write("both", link(neighbour, *both), YOUNG, lang="en")
    leave_cache(blog.folder / "cache" / CACHE_NAME, neighbour)
    yield blog
    i18n_subsites._MAIN_SETTINGS = None


def outcomes(heir: Blog, neighbour: Neighbour) -> dict[str, str]:
    """What came of each link, without the address of the neighbour."""
    found = heir.outcomes().items()
    return {target.removeprefix(f"{neighbour.url}/"): outcome for target, outcome in found}


KNOWN = dict.fromkeys(TOLD, "sent") | dict.fromkeys((*MISSED, NOWHERE, GONE), "old")


# What is left alone.


def test_nobody_is_told_again_and_its_cache_is_left_as_it_is(
    heir: Blog, neighbour: Neighbour
) -> None:
    cache = heir.folder / "cache" / CACHE_NAME
    before = cache.read_bytes()
    heir.build()
    heir.upload()
    assert heir.build().said == [NOTHING]
    assert neighbour.requests == []
    assert cache.read_bytes() == before
    assert list(cache.parent.rglob("*.json")) == [cache, cache.parent / "linkbacks-digests.json"]


def test_nobody_is_told_again_of_old_articles_either(heir: Blog, neighbour: Neighbour) -> None:
    heir.settings["LINKBACKS_FIRST_RUN_DAYS"] = 0
    heir.build()
    assert outcomes(heir, neighbour) == KNOWN
    assert neighbour.requests == []


def test_a_link_that_the_article_has_no_longer_is_not_recorded(
    heir: Blog, neighbour: Neighbour
) -> None:
    for name in ("rye", "roggen", "spelt"):
        (heir.content / f"{name}.md").unlink()
    heir.build()
    assert set(outcomes(heir, neighbour)) == {"both/told", "both/half", "both/refused", "missing"}


def test_a_cache_that_no_link_is_in_changes_nothing(blog: Blog, neighbour: Neighbour) -> None:
    leave_cache(blog.folder / "cache" / CACHE_NAME, neighbour)
    blog.write("oats", neighbour.link("young"), YOUNG)
    blog.write("millet", neighbour.link("aged"), AGED)
    build = blog.build()
    assert build.said == [
        "Linkbacks: 1 new, 1 sent (1 pingback), 0 waiting, 0 without endpoint, 0 failed.",
        "  1 link that may be old is recorded and not told.",
    ]
    assert neighbour.told() == [(f"{blog.web.url}/oats.html", neighbour.post("young"))]


def test_links_that_it_has_not_seen_are_new_or_old_as_without_it(
    heir: Blog, neighbour: Neighbour
) -> None:
    heir.write("rye", f"{neighbour.link(1)} {link(neighbour, 'ping/told')}", YOUNG, lang="en")
    heir.write("spelt", f"{neighbour.link(2)} {link(neighbour, 'ping/again')}", AGED, lang="en")
    heir.write("oats", neighbour.link(3), YOUNG, lang="en")
    (heir.live / "oats.html").write_text(f"<a href='{neighbour.post(3)}'>a post</a>")
    heir.build()
    found = heir.outcomes()
    assert [found[neighbour.post(n)] for n in (1, 2, 3)] == ["waiting", "old", "old"]
    heir.upload()
    heir.build()
    assert neighbour.told() == [(f"{heir.web.url}/rye.html", neighbour.post(1))]


def test_a_link_that_a_setting_leaves_out_stays_out(heir: Blog, neighbour: Neighbour) -> None:
    heir.settings["LINKBACKS_IGNORED_URLS_PATTERN"] = "/both/"
    heir.build()
    both = {place: "skipped" for place in KNOWN if place.startswith("both/")}
    assert outcomes(heir, neighbour) == KNOWN | both


def test_once_there_is_a_state_its_cache_says_nothing(blog: Blog, neighbour: Neighbour) -> None:
    blog.build()
    leave_cache(blog.folder / "cache" / CACHE_NAME, neighbour)
    blog.write("rye", link(neighbour, "ping/told"), YOUNG)
    build = blog.build()
    assert build.summary.startswith("Linkbacks: 1 new, ")
    assert not any(CACHE_NAME in line for line in build.info)


@pytest.mark.parametrize("text", ["", "{", "[7]", '{"rye": 7}'])
def test_a_cache_that_can_not_be_read_stops_nothing(
    heir: Blog, neighbour: Neighbour, text: str
) -> None:
    cache = heir.folder / "cache" / CACHE_NAME
    cache.write_text(text)
    heir.upload()
    build = heir.build()
    assert build.problems == []
    assert len([line for line in build.info if CACHE_NAME in line]) == 1
    assert "sent" not in outcomes(heir, neighbour).values()
    assert cache.read_text() == text


# What it knew is known.


def test_what_it_told_and_what_it_could_not_tell_is_in_the_state_and_said(
    heir: Blog, neighbour: Neighbour
) -> None:
    build = heir.build()
    assert build.said == [
        NOTHING,
        IMPORTED,
        "  1 link that may be old is recorded and not told.",
    ]
    assert build.problems == []
    assert outcomes(heir, neighbour) == KNOWN
    sent = {
        (m.article, m.target.removeprefix(neighbour.url)) for m in heir.mentions() if m.protocol
    }
    assert sent == {
        ("both.html", "/both/half"),
        ("both.html", "/both/told"),
        ("rye-de.html", "/ping/told"),
        ("rye.html", "/mention/told#comments"),
        ("rye.html", "/ping/told"),
        ("spelt.html", "/ping/again"),
    }


def test_status_shows_what_it_could_not_tell_and_why(heir: Blog, neighbour: Neighbour) -> None:
    heir.build()
    shown = heir.module("pelican_linkbacks", "status").stdout
    for place in MISSED:
        assert f"{neighbour.url}/{place} (the linkbacks plugin " in shown
    assert f"{neighbour.url}/ping/told (told by the linkbacks plugin)" in shown
    assert f"{neighbour.url}/plain/page" not in shown


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_link_that_has_changed_its_scheme_since_is_the_same(
    heir: Blog, neighbour: Neighbour, scheme: str
) -> None:
    cache = heir.folder / "cache" / CACHE_NAME
    host = neighbour.url.removeprefix("http://")
    cache.write_text(cache.read_text().replace(neighbour.url, f"{scheme}://{host}"))
    heir.build()
    assert outcomes(heir, neighbour) == KNOWN


def test_of_subsites_the_caches_of_all_are_read(heir: Blog, neighbour: Neighbour) -> None:
    cache = heir.folder / "cache"
    (cache / "de").mkdir()
    (cache / CACHE_NAME).rename(cache / "de" / CACHE_NAME)
    heir.settings["PLUGINS"] = ["i18n_subsites", "pelican_linkbacks"]
    heir.settings["I18N_SUBSITES"] = {"de": {"SITENAME": "Das Blog"}}
    heir.build()
    assert outcomes(heir, neighbour) == KNOWN
    assert {"de/rye.html", "rye.html"} <= {mention.article for mention in heir.mentions()}
    assert neighbour.requests == []


def test_its_setting_is_kept_and_the_state_stands_beside_its_cache(
    blog: Blog, neighbour: Neighbour
) -> None:
    cache = blog.folder / "data" / "told.json"
    before = leave_cache(cache, neighbour)
    blog.settings["LINKBACKS_CACHEPATH"] = "data/told.json"
    blog.write("rye", link(neighbour, "ping/told"), YOUNG)
    assert blog.build().said == [
        NOTHING,
        "  1 of these links had been told by the linkbacks plugin.",
    ]
    blog.write("oats", neighbour.link(), YOUNG)
    assert blog.build().summary.startswith("Linkbacks: 1 new, 1 sent ")
    blog.state_file = blog.folder / "data" / "told.jsonl"
    assert set(blog.outcomes().values()) == {"sent"}
    assert cache.read_bytes() == before
    assert not (blog.folder / "linkbacks.jsonl").exists()


def test_a_cache_in_the_working_directory_is_found_and_the_state_stands_by_the_settings(
    blog: Blog,
    neighbour: Neighbour,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    before = leave_cache(elsewhere / "told.json", neighbour)
    blog.settings["LINKBACKS_CACHEPATH"] = "told.json"
    blog.write("rye", link(neighbour, "ping/told"), YOUNG)
    blog.save_settings()
    monkeypatch.chdir(elsewhere)
    assert blog.build().said == [
        NOTHING,
        "  1 of these links had been told by the linkbacks plugin.",
    ]
    assert (blog.folder / "told.jsonl").exists()
    assert [file.name for file in elsewhere.iterdir()] == ["told.json"]
    assert (elsewhere / "told.json").read_bytes() == before
    assert neighbour.requests == []


def test_a_fresh_clone_without_its_cache_has_the_same_state_file(
    blog: Blog, neighbour: Neighbour
) -> None:
    blog.settings["LINKBACKS_CACHEPATH"] = "told.json"
    blog.write("oats", neighbour.link(), YOUNG)
    blog.build()
    assert (blog.folder / "told.jsonl").exists()
    assert not (blog.folder / "told.json").exists()


# Both at once.


@pytest.mark.parametrize("name", ["linkbacks", "pelican.plugins.linkbacks"])
@pytest.mark.parametrize("is_first", [True, False])
def test_beside_that_plugin_this_one_does_nothing_and_says_why(
    blog: Blog, neighbour: Neighbour, name: str, is_first: bool
) -> None:
    blog.write("oats", neighbour.link(), YOUNG)
    blog.plugin("linkbacks", f"__name__ = {name!r}\n\ndef register():\n    pass\n")
    if is_first:
        blog.settings["PLUGINS"].reverse()
    build = blog.build()
    assert build.said == []
    assert build.problems == [
        f"PLUGINS has {name} and pelican_linkbacks, which would both tell the same blogs: remove "
        f"{name}. What it has told is known here. Until then pelican_linkbacks does nothing."
    ]
    assert neighbour.post() in (blog.output / "oats.html").read_text()
    assert not blog.state_file.exists()
    assert not neighbour.requests
    assert not blog.web.requests


def test_once_that_plugin_is_removed_what_is_new_is_told(blog: Blog, neighbour: Neighbour) -> None:
    blog.write("oats", neighbour.link(), YOUNG)
    blog.plugin("linkbacks", "def register():\n    pass\n")
    blog.build()
    blog.settings["PLUGINS"].remove("linkbacks")
    (blog.output / "oats.html").unlink()
    assert blog.build().summary.startswith("Linkbacks: 1 new, 1 sent ")


def test_a_plan_never_lets_that_plugin_run(blog: Blog) -> None:
    blog.plugin(
        "linkbacks",
        """
        from pathlib import Path
        from pelican import signals

        def tell(generators):
            Path(__file__).with_name("told").touch()

        def register():
            signals.all_generators_finalized.connect(tell)
        """,
    )
    blog.settings["PLUGINS"].remove("pelican_linkbacks")
    blog.save_settings()
    done = blog.module("pelican_linkbacks", "plan")
    assert not (blog.folder / "told").exists()
    assert done.returncode == 1
    assert "remove linkbacks" in done.stderr
