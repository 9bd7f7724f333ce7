"""The rehearsal: a real build of which nothing is left, with whatever settings and plugins."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from multiprocessing import util
from pathlib import Path

import pytest
from pelican.plugins.i18n_subsites import i18n_subsites

from tests.blog import AGED, Blog, forget_plugins
from tests.command import Command, Done
from tests.neighbour import Neighbour

Snapshot = dict[str, tuple[bytes, int]]


def snapshot(folder: Path) -> Snapshot:
    """All files below a folder, to the byte and the last change, and all folders."""
    files = {str(f): (f.read_bytes(), f.stat().st_mtime_ns) for f in folder.rglob("*.*")}
    return files | {str(f): (b"", f.stat().st_mtime_ns) for f in folder.rglob("*") if f.is_dir()}


@pytest.fixture(autouse=True)
def stage(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    # What runs processes makes a folder of its own for good, with the first of them.
    util.get_temp_dir()
    stage = tmp_path_factory.mktemp("stage")
    monkeypatch.setenv("TMPDIR", str(stage))
    monkeypatch.setattr(tempfile, "tempdir", str(stage))
    return stage


@pytest.fixture
def subsites(blog: Blog) -> Iterator[Blog]:
    """A blog with a German site below the English one."""
    blog.settings["PLUGINS"] = ["pelican_linkbacks", "i18n_subsites"]
    blog.settings["I18N_SUBSITES"] = {"de": {"SITENAME": "Das Blog"}}
    yield blog
    # It forgets this by itself, unless a build breaks off in the middle.
    i18n_subsites._MAIN_SETTINGS = None


def check_untouched(blog: Blog, command: Command, stage: Path) -> Done:
    """Plan in this process and in one of its own: no file may be another than before."""
    blog.save_settings()
    forget_plugins()
    before = snapshot(blog.folder)
    done = command("plan")
    assert snapshot(blog.folder) == before
    apart = blog.module("pelican_linkbacks", "plan")
    assert snapshot(blog.folder) == before
    assert (apart.returncode, apart.stdout.splitlines()) == (done.status, done.out)
    assert apart.stderr.splitlines() == done.err
    assert list(stage.iterdir()) == []
    return done


# What is left alone.


def test_before_the_first_build_nothing_is_made(
    blog: Blog, neighbour: Neighbour, command: Command, stage: Path
) -> None:
    blog.write("one", neighbour.link())
    done = check_untouched(blog, command, stage)
    assert done.status == 0
    assert not blog.state_file.exists()
    assert not neighbour.requests


def test_after_a_build_no_file_is_written_with_whatever_would_be_new(
    blog: Blog, neighbour: Neighbour, command: Command, stage: Path
) -> None:
    blog.write("one", neighbour.link(1))
    blog.write("two", neighbour.link(2))
    blog.build()
    blog.write("one", neighbour.link(3))
    (blog.content / "two.md").unlink()
    neighbour.requests.clear()
    done = check_untouched(blog, command, stage)
    assert (done.status, done.err) == (0, [])
    assert not neighbour.requests


def test_an_output_to_be_emptied_and_a_content_cache_stay_as_they_are(
    blog: Blog, neighbour: Neighbour, command: Command, stage: Path
) -> None:
    blog.settings |= {
        "DELETE_OUTPUT_DIRECTORY": True,
        "CACHE_CONTENT": True,
        "LOAD_CONTENT_CACHE": True,
    }
    blog.write("one", neighbour.link(1))
    blog.build()
    (blog.output / "notes.txt").write_text("These are my notes.")
    blog.write("one", f"{neighbour.link(1)} {neighbour.link(2)}")
    done = check_untouched(blog, command, stage)
    assert f"  would be told: {neighbour.post(2)} (a new link)" in done.out


def test_a_subsite_with_folders_of_its_own_is_built_elsewhere(
    subsites: Blog, neighbour: Neighbour, command: Command, stage: Path
) -> None:
    subsites.settings["I18N_SUBSITES"]["de"] |= {
        "OUTPUT_PATH": str(subsites.folder / "deutsch"),
        "CACHE_PATH": str(subsites.folder / "cache" / "deutsch"),
        "DELETE_OUTPUT_DIRECTORY": True,
        "CACHE_CONTENT": True,
    }
    subsites.write("zwei", neighbour.link(2), lang="de")
    subsites.build()
    (subsites.folder / "deutsch" / "notes.txt").write_text("These are my notes.")
    subsites.write("drei", neighbour.link(3), lang="de")
    done = check_untouched(subsites, command, stage)
    assert done.out[:2] == [
        "de/drei.html",
        f"  would be told: {neighbour.post(3)} (a link in a new article)",
    ]


def test_what_an_earlier_run_noted_of_the_live_site_is_read_and_left_there(
    blog: Blog, neighbour: Neighbour, command: Command, stage: Path
) -> None:
    blog.plugin(
        "breaks",
        """
        from pelican import signals
        def stop(*_, **__):
            raise RuntimeError("The disk is full.")
        def register():
            signals.article_writer_finalized.connect(stop)
        """,
    )
    blog.write("one", neighbour.link())
    with pytest.raises(RuntimeError):
        blog.build()
    blog.settings["PLUGINS"].remove("breaks")
    # By now this page is online, and would be taken for the live one.
    assert (blog.output / "one.html").exists()
    blog.web.requests.clear()
    done = check_untouched(blog, command, stage)
    assert done.out[1] == (
        f"  would be told: {neighbour.post()} (the live site does not have it yet)"
    )
    assert not blog.web.requests


def test_what_the_linkbacks_plugin_has_left_in_the_cache_counts_and_stays(
    blog: Blog, neighbour: Neighbour, command: Command, stage: Path
) -> None:
    cache = blog.folder / "cache" / "pelican-plugin-linkbacks.json"
    cache.parent.mkdir()
    cache.write_text(json.dumps({"one": [neighbour.post()]}))
    blog.write("one", neighbour.link())
    assert check_untouched(blog, command, stage).out[1] == (
        f"  would be recorded as old: {neighbour.post()} (the linkbacks plugin has looked at it)"
    )


# What is built.


def test_with_no_state_the_live_site_is_asked(
    blog: Blog, neighbour: Neighbour, command: Command, stage: Path
) -> None:
    blog.write("one", f"{neighbour.link(1)} {neighbour.link(2)}")
    (blog.output / "one.html").write_text(f"<a href='{neighbour.post(1)}'>a</a>")
    assert check_untouched(blog, command, stage).out[:3] == [
        "one.html",
        f"  would be recorded as old: {neighbour.post(1)} (the live site has it already)",
        f"  would be told: {neighbour.post(2)} (the live site does not have it yet)",
    ]


def test_all_sites_of_a_blog_are_built(
    subsites: Blog, neighbour: Neighbour, command: Command, stage: Path
) -> None:
    subsites.write("one", f"[zwei]({subsites.web.url}/de/) {neighbour.link(1)}", lang="en")
    subsites.write("zwei", neighbour.link(2), lang="de")
    done = check_untouched(subsites, command, stage)
    assert [line for line in done.out if not line.startswith("  ")] == [
        "de/zwei.html",
        "one.html",
        "A build would tell of 2 links; nothing was sent or written.",
    ]


@pytest.mark.parametrize("plugins", [[], None], ids=["others", "default"])
def test_settings_that_do_not_name_the_plugin_are_planned_as_if_they_did(
    blog: Blog, neighbour: Neighbour, command: Command, plugins: list[str] | None
) -> None:
    blog.write("one", neighbour.link())
    blog.settings["PLUGINS"] = plugins
    blog.save_settings()
    done = command("plan")
    assert (done.status, done.err) == (0, [])
    assert done.out[1].startswith(f"  would be told: {neighbour.post()} ")


def test_other_plugins_change_articles_as_in_any_build(
    blog: Blog, neighbour: Neighbour, command: Command
) -> None:
    blog.plugin(
        "adds",
        f"""
        from pelican import signals
        def add(content):
            if content._content:
                content._content += '<a href="{neighbour.post(2)}">a</a>'
        def register():
            signals.content_object_init.connect(add)
        """,
    )
    blog.write("one", "Text")
    blog.save_settings()
    assert command("plan").out[1].startswith(f"  would be told: {neighbour.post(2)} ")


def test_nothing_of_the_build_is_seen(blog: Blog, neighbour: Neighbour, command: Command) -> None:
    blog.plugin(
        "talks",
        """
        import logging, sys, warnings
        from pelican import signals
        def talk(*_, **__):
            print("Hello")
            print("Hello", file=sys.stderr)
            warnings.warn("Careful", DeprecationWarning)
            logging.getLogger("pelican.talks").warning("Careful")
            logging.getLogger("talks").warning("Careful")
        def register():
            signals.finalized.connect(talk)
        """,
    )
    blog.write("one", neighbour.link())
    blog.save_settings()
    apart = blog.python("-m", "pelican_linkbacks", "plan")
    assert apart.stdout.startswith("one.html\n")
    assert (apart.returncode, apart.stderr) == (0, "")


def test_settings_that_add_to_lists_which_they_import_add_to_them_once(
    blog: Blog, neighbour: Neighbour, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.write("one", neighbour.link())
    blog.save_settings()
    Path("publishconf.py").write_text(
        "from pelicanconf import *\nPLUGINS += ['i18n_subsites']\nassert len(PLUGINS) == 2\n"
    )
    monkeypatch.syspath_prepend(str(blog.folder))
    assert command("plan").status == 0


def test_a_pelican_of_the_author_s_own_is_the_one_that_builds(blog: Blog, command: Command) -> None:
    (blog.folder / "own.py").write_text(
        "from pelican import Pelican\n"
        "class Own(Pelican):\n"
        "    def run(self):\n"
        "        raise ValueError('it is mine')\n"
    )
    blog.settings |= {"PELICAN_CLASS": "own.Own"}
    blog.save_settings()
    apart = blog.module("pelican_linkbacks", "plan")
    assert apart.stderr == ("pelican-linkbacks: The site can't be built: ValueError: it is mine\n")


# What goes wrong.


@pytest.mark.parametrize("when", ["initialized", "article_writer_finalized", "finalized"])
@pytest.mark.parametrize("raised", ["RuntimeError", "SystemExit"])
def test_a_plugin_that_raises_is_one_line(
    blog: Blog, command: Command, stage: Path, when: str, raised: str
) -> None:
    blog.plugin(
        "breaks",
        f"""
        from pelican import signals
        def stop(*_, **__):
            raise {raised}("no" + chr(10) + "more")
        def register():
            signals.{when}.connect(stop)
        """,
    )
    blog.write("one", "Text")
    done = check_untouched(blog, command, stage)
    assert (done.status, done.out) == (1, [])
    assert done.err == [f"pelican-linkbacks: The site can't be built: {raised}: no more"]


def test_articles_that_cannot_be_read_are_a_line_each_and_the_others_are_planned(
    blog: Blog, neighbour: Neighbour, command: Command, stage: Path
) -> None:
    blog.write("one", neighbour.link())
    blog.write("bad.rst", "`unfinished <", AGED, category="x")
    blog.write("worse", "Text", None, date="yesterday or so")
    done = check_untouched(blog, command, stage)
    assert done.status == 1
    assert done.out[-2] == "A build would tell of 1 link; nothing was sent or written."
    bad, worse = done.err
    assert bad.startswith("pelican-linkbacks: Could not process ./bad.rst")
    assert worse.startswith("pelican-linkbacks: Could not process ./worse.md")
    assert "'yesterday or so' is not a valid date" in worse


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"THEME": "nowhere"}, "Could not find the theme nowhere"),
        ({"PATH": "nowhere"}, "specify a path containing the content"),
        ({"PELICAN_CLASS": "nowhere.Own"}, "No module named 'nowhere'"),
    ],
    ids=["theme", "content", "class"],
)
def test_settings_with_which_nothing_can_be_built_are_one_line(
    blog: Blog, command: Command, stage: Path, settings: dict[str, str], why: str
) -> None:
    blog.settings |= settings
    done = check_untouched(blog, command, stage)
    assert (done.status, done.out, len(done.err)) == (1, [], 1)
    assert done.err[0].startswith("pelican-linkbacks: The site can't be built: ")
    assert why in done.err[0]


def test_a_wrong_setting_of_the_plugin_is_one_line(
    blog: Blog, command: Command, stage: Path
) -> None:
    blog.settings["LINKBACKS_WORKERS"] = 0
    done = check_untouched(blog, command, stage)
    assert (done.status, done.out) == (1, [])
    assert done.err == [
        "pelican-linkbacks: LINKBACKS_WORKERS is 0; it takes a whole number from 1 to 1000000."
    ]
