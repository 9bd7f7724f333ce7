"""Where the state stands, and where the linkbacks plugin's cache is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from pelican_linkbacks.places import CACHE_NAME, former_caches, state_file
from pelican_linkbacks.state import State

GENUINE = Path(__file__).with_name(CACHE_NAME).read_bytes()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The content folder of a site whose settings stand beside it."""
    folder = tmp_path / "site" / "content"
    folder.mkdir(parents=True)
    return folder


def test_a_state_file_stays_where_it_is_named(content: Path) -> None:
    state = State(content.parent / "told.cache")
    state.save()
    assert state_file(content, "told.cache") == state.path
    assert state_file(content, "new.cache") == content.parent / "new.cache"


def test_a_file_that_is_nobodys_cache_is_not_passed_over(content: Path) -> None:
    for text in ("", "{", '{"version": 1}', '{"a": "b"}', '{"a": {"b": 1}}', "[]", "rye"):
        (content.parent / "told.cache").write_text(text)
        assert state_file(content, "told.cache") == content.parent / "told.cache"


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("old.json", "old.jsonl"),
        ("data/old.json", "data/old.jsonl"),
        ("OLD.JSON", "OLD.jsonl"),
        ("/srv/old.json", "/srv/old.jsonl"),
    ],
)
def test_a_name_that_ends_in_json_gives_ours_whether_the_file_is_there_or_not(
    content: Path, name: str, own: str
) -> None:
    assert state_file(content, name) == content.parent / own


@pytest.mark.parametrize("text", [GENUINE, b"{}", b'{"rye": ["https://blog.example/"]}'])
def test_the_other_plugins_cache_under_any_name_is_no_state_file(
    content: Path, text: bytes
) -> None:
    cache = content.parent / "told"
    cache.write_bytes(text)
    own = content.parent / "told.jsonl"
    assert state_file(content, "told") == own
    own.touch()
    cache.unlink()
    assert state_file(content, "told") == own, "a fresh clone may have our file alone"


def test_without_a_name_its_cache_is_looked_for_in_cache_path_and_in_that_of_each_subsite(
    content: Path, tmp_path: Path
) -> None:
    for lang in ("de", "fr"):
        (tmp_path / "cache" / lang).mkdir(parents=True)
        (tmp_path / "cache" / lang / CACHE_NAME).touch()
    found = former_caches(content, "linkbacks.jsonl", tmp_path / "cache")
    assert list(found) == [tmp_path / "cache" / place / CACHE_NAME for place in ("", "de", "fr")]


def test_a_name_is_taken_from_the_working_directory_too(
    content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    usual = tmp_path / "cache" / CACHE_NAME
    found = former_caches(content, "old.json", tmp_path / "cache")
    assert list(found) == [tmp_path / "old.json", tmp_path / "site" / "old.json", usual]
    monkeypatch.chdir(content.parent)
    found = former_caches(content, "old.json", tmp_path / "cache")
    assert list(found) == [tmp_path / "site" / "old.json", usual]


def test_a_state_file_is_not_looked_at_for_a_cache(content: Path, tmp_path: Path) -> None:
    State(content.parent / "told.jsonl").save()
    found = former_caches(content, "told.jsonl", tmp_path / "cache")
    assert list(found) == [tmp_path / "cache" / CACHE_NAME]


def test_what_stands_under_a_name_like_ours_is_ours_or_a_mistake(
    content: Path, tmp_path: Path
) -> None:
    (content.parent / "told.jsonl").write_bytes(GENUINE)
    assert state_file(content, "told.jsonl") == content.parent / "told.jsonl"
    found = former_caches(content, "told.jsonl", tmp_path / "cache")
    assert list(found) == [tmp_path / "cache" / CACHE_NAME]
