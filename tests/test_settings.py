"""The settings file as the command reads it: as a build does, without a site to build."""

from __future__ import annotations

import locale
from pathlib import Path

import pytest
from pelican.settings import read_settings

from pelican_linkbacks.config import Config
from pelican_linkbacks.errors import SettingsError
from pelican_linkbacks.settings import read

LAYOUTS = {
    "beside the content": ("pelicanconf.py", "PATH = 'content'\n"),
    "in the content": ("content/pelicanconf.py", "PATH = '.'\n"),
    "in a folder of its own": ("conf/publishconf.py", "PATH = '../content'\n"),
    "absolute": ("conf/publishconf.py", "PATH = HERE + '/content'\nOUTPUT_PATH = HERE + '/www'\n"),
    "with more dots": ("conf/publishconf.py", "PATH = HERE + '/conf/../content'\n"),
    "without a path": ("pelicanconf.py", "SITENAME = 'x'\n"),
    "elsewhere and without a path": ("conf/publishconf.py", "SITENAME = 'x'\n"),
    "with a name for the state": (
        "pelicanconf.py",
        "PATH = 'content'\nLINKBACKS_CACHEPATH = '../state/of-ours.jsonl'\n",
    ),
    "with other folders": ("pelicanconf.py", "PATH = 'content'\nCACHE_PATH = 'tmp/../cache'\n"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_pelican: None) -> Path:
    """A folder to work in, with a content folder."""
    (tmp_path / "content").mkdir()
    (tmp_path / "conf").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("name", "text"), LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("is_absolute", [False, True])
def test_every_place_is_that_of_a_build_with_the_same_file(
    folder: Path, name: str, text: str, *, is_absolute: bool
) -> None:
    (folder / name).write_text(f"HERE = {str(folder)!r}\n{text}")
    given = str(folder / name) if is_absolute else name
    built = Config.from_settings(read_settings(given))
    ours = read(given)
    assert (ours.content, ours.output, ours.cache) == (built.content, built.output, built.cache)
    assert ours.state_file == built.state_file


def test_neither_content_nor_theme_have_to_be_there(folder: Path) -> None:
    (folder / "content").rmdir()
    (folder / "pelicanconf.py").write_text("PATH = 'content'\nTHEME = 'nowhere'\n")
    assert read().state_file == folder / "linkbacks.jsonl"


def test_the_locale_of_the_process_is_left_alone(folder: Path) -> None:
    (folder / "pelicanconf.py").write_text("LOCALE = 'C.UTF-8'\n")
    before = locale.setlocale(locale.LC_ALL)
    read()
    assert locale.setlocale(locale.LC_ALL) == before


@pytest.mark.parametrize("folder_setting", ["PATH", "OUTPUT_PATH", "CACHE_PATH"])
@pytest.mark.parametrize("value", [None, 5, ["content"]])
def test_what_is_no_folder_is_an_error_that_names_its_setting(
    folder: Path, folder_setting: str, value: object
) -> None:
    (folder / "pelicanconf.py").write_text(f"{folder_setting} = {value!r}\n")
    with pytest.raises(SettingsError) as caught:
        read()
    assert caught.value.problems == [
        f"{folder_setting} is {value!r}; it takes the path of a folder."
    ]


def test_a_path_may_be_a_path_object(folder: Path) -> None:
    (folder / "pelicanconf.py").write_text("from pathlib import Path\nPATH = Path('content')\n")
    assert read().content == folder / "content"


@pytest.mark.parametrize("text", ["raise SystemExit", "raise SystemExit('no key')", "1/0"])
def test_a_file_that_ends_by_itself_is_an_error_that_names_it(folder: Path, text: str) -> None:
    (folder / "pelicanconf.py").write_text(text)
    with pytest.raises(SettingsError, match=r"^pelicanconf\.py can't be read: .+"):
        read()


def test_what_is_no_python_file_is_said_to_be_none(folder: Path) -> None:
    (folder / "settings.toml").write_text("")
    with pytest.raises(SettingsError, match=r"^settings\.toml is no Python file; name your "):
        read("settings.toml")
