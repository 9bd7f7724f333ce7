"""How times, numbers and URLs are written on the pages."""

from __future__ import annotations

import time

import pytest

from pelican_linkbacks.receiver import wording


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://blog.example/post/", "blog.example/post"),
        ("http://BLOG.example:80/", "blog.example"),
        ("https://blog.example/?p=1", "blog.example?p=1"),
        ("https://blog.example/\u202egnp.exe", "blog.example/\\u202egnp.exe"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("https://[", "https://["),
    ],
)
def test_a_url_is_shown_by_host_and_path(url: str, shown: str) -> None:
    assert wording.place(url) == shown


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example", "ftp://a.example/", "data:,x", "", "https://"]
)
def test_what_is_no_web_page_is_no_link(url: str) -> None:
    assert wording.web(url) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (7_200, "2 hours ago"),
        (86_400, "1 day ago"),
        (6 * 86_400, "6 days ago"),
    ],
)
def test_a_recent_time_is_told_from_now(seconds: float, words: str) -> None:
    assert wording.ago(time.time() - seconds) == words


def test_an_older_time_is_told_by_its_date() -> None:
    assert wording.ago(1_700_000_000) == "14 Nov 2023"
    assert wording.moment(1_700_000_000) == "14 Nov 2023, 22:13 UTC"
    assert wording.machine_time(1_700_000_000) == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("2026-11-21", "21 Nov 2026"),
        ("2026-11-21T23:30:00-05:00", "21 Nov 2026"),
        ("0001-01-01", "1 Jan 1"),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_a_date_of_a_page_is_its_day_there(published: str, shown: str) -> None:
    assert wording.day(published) == shown


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 mentions"), (1, "1 mention"), (1_234, "1,234 mentions")]
)
def test_numbers_agree_with_their_things(count: int, words: str) -> None:
    assert wording.number(count, "mention") == words
