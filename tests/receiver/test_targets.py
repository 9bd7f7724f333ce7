"""Which pages of ours can be told, as the manifest says."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pelican_linkbacks import manifest
from pelican_linkbacks.client import Client
from pelican_linkbacks.manifest import Target
from pelican_linkbacks.receiver.targets import REFRESHED_EVERY, Targets
from tests.samples import config
from tests.servers import Answer, Received, Site

RYE = Target("https://us.example/rye.html", "rye.html", "Rye", "en", True)
BREAD = Target("https://us.example/2026/bread/", "2026/bread/", "Bread", "en", False)
FRENCH = Target("https://fr.example/seigle", "https://fr.example/seigle", "Seigle", "fr", True)


def body(*targets: Target) -> str:
    return json.dumps({"version": 1, "targets": [target._asdict() for target in targets]})


def known(
    where: Path | str, siteurl: str = "https://us.example", clock: Callable[[], float] = lambda: 0.0
) -> Targets:
    return Targets(str(where), Client(config()), siteurl, clock)


@pytest.fixture
def targets(tmp_path: Path) -> Targets:
    manifest.write(tmp_path, [RYE, BREAD, FRENCH])
    return known(tmp_path / manifest.NAME)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rye.html",
        "https://us.example",
        "https://us.example/",
        "https://us.example/index.html",
        "https://us.example/rye.htm",
        "https://us.example/rye?page=2",
        "https://us.example/rye.html?page=2",
        "https://us.example/RYE.html",
        "https://us.example:8080/rye.html",
        "https://fr.example/rye.html",
        "ftp://us.example/rye.html",
        "https://us.example/2026/bread/index.htm",
        "https://[us.example/rye.html",
    ],
)
def test_another_page_is_no_target(targets: Targets, url: str) -> None:
    assert targets.find(url) is None


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://us.example/rye.html", RYE),
        ("http://us.example/rye.html", RYE),
        ("HTTPS://US.example:443/rye.html", RYE),
        ("https://us.example/rye.html#crust", RYE),
        ("https://us.example/%72ye.html", RYE),
        ("https://us.example/rye", RYE),
        ("https://us.example/rye/#crust", RYE),
        ("https://us.example/2026/bread/", BREAD),
        ("https://us.example/2026/bread", BREAD),
        ("https://us.example/2026/bread/index.html", BREAD),
        ("https://us.example/2026/bread/index.html#crust", BREAD),
        ("https://fr.example/seigle", FRENCH),
    ],
)
def test_a_page_is_found_by_every_spelling_of_its_url(
    targets: Targets, url: str, target: Target
) -> None:
    assert targets.find(url) == target
    assert targets.is_same(target, url)
    assert not targets.is_same(FRENCH if target is RYE else RYE, url)


@pytest.mark.parametrize(
    "path", ["", "rye", "/rye.html", "https%3A%2F%2Ffr.example", "../rye.html"]
)
def test_another_path_leads_to_no_target(targets: Targets, path: str) -> None:
    assert targets.at(path) is None


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("rye.html", RYE),
        ("%72ye.html", RYE),
        ("2026/bread/", BREAD),
        ("2026/bread", BREAD),
        ("2026%2Fbread%2F", BREAD),
        ("https%3A%2F%2Ffr.example%2Fseigle", FRENCH),
        ("https://fr.example/seigle", FRENCH),
        ("https:/fr.example/seigle", FRENCH),
    ],
)
def test_a_page_is_found_by_its_path(targets: Targets, path: str, target: Target) -> None:
    assert targets.at(path) == target


def test_the_path_of_a_page_may_hold_what_looks_encoded(tmp_path: Path) -> None:
    page = Target("https://us.example/100%2541.html", "100%2541.html", "", "en", True)
    manifest.write(tmp_path, [page])
    targets = known(tmp_path / manifest.NAME)
    assert targets.at("100%2541.html") == page
    assert targets.at("100A.html") is None


@pytest.mark.parametrize(
    ("url", "siteurl", "is_own"),
    [
        ("https://us.example/about.html", "https://us.example", True),
        ("http://us.example/about.html", "https://us.example", True),
        ("https://fr.example/seigle", "https://us.example", True),
        ("https://fr.example/other", "https://us.example", False),
        ("https://us.example.evil.example/", "https://us.example", False),
        ("https://us.example/blogger/", "https://us.example/blog", False),
        ("https://us.example/blog/about", "https://us.example/blog", True),
        ("https://us.example/about.html", "", True),
        ("https://fr.example/other", "", True),
        ("https://blog.example/", "", False),
    ],
)
def test_what_is_ours_is_judged_by_siteurl_or_by_the_hosts_of_our_pages(
    tmp_path: Path, url: str, siteurl: str, is_own: bool
) -> None:
    manifest.write(tmp_path, [RYE, FRENCH])
    assert known(tmp_path / manifest.NAME, siteurl).is_own(url) is is_own


def test_a_changed_file_is_read_at_once(tmp_path: Path) -> None:
    manifest.write(tmp_path, [RYE])
    targets = known(tmp_path / manifest.NAME)
    assert targets.find(BREAD.url) is None
    manifest.write(tmp_path, [BREAD])
    assert targets.find(BREAD.url) == BREAD
    assert targets.find(RYE.url) is None


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    manifest.write(tmp_path, [RYE])
    file = tmp_path / manifest.NAME
    targets = known(file)
    assert targets.ready
    stamp, content = file.stat(), file.read_bytes()
    # The same size, inode and time.
    file.write_bytes(content.replace(b"rye.html", b"RYE.html"))
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert targets.find(RYE.url) == RYE


BROKEN = [
    "",
    "[]",
    "null",
    "{",
    '{"version": 1}',
    '{"version": 1, "targets": 3}',
    '{"version": 2, "targets": []}',
    '{"version": 1, "targets": ["rye.html"]}',
    body(RYE)[:-20],
    body(RYE._replace(url="rye.html")),
    body(RYE).replace("true", '"yes"'),
    body(RYE).replace('"Rye"', "3"),
    "[" * 100_000,
    b"\xff\xfe\xff".decode("latin-1"),
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_manifest_leaves_the_last_good_one_in_force(
    tmp_path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / manifest.NAME
    manifest.write(tmp_path, [RYE])
    targets = known(file)
    assert targets.ready
    file.write_text(broken, encoding="utf-8")
    for _ in range(3):
        assert targets.find(RYE.url) == RYE
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert str(file) in record.getMessage()
    manifest.write(tmp_path, [BREAD])
    assert targets.find(BREAD.url) == BREAD


def test_without_any_manifest_nobody_is_known_until_there_is_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    targets = known(tmp_path / manifest.NAME)
    for _ in range(3):
        assert not targets.ready
        assert targets.find(RYE.url) is None
        assert targets.at(RYE.path) is None
    assert targets.is_own("https://us.example/about.html")
    assert not targets.is_own("https://blog.example/")
    (record,) = caplog.records
    assert "No such file" in record.getMessage()
    manifest.write(tmp_path, [RYE])
    assert targets.ready
    assert targets.find(RYE.url) == RYE


def test_while_a_build_empties_its_output_the_pages_stay_known(tmp_path: Path) -> None:
    manifest.write(tmp_path, [RYE])
    targets = known(tmp_path / manifest.NAME)
    assert targets.ready
    (tmp_path / manifest.NAME).unlink()
    assert targets.find(RYE.url) == RYE


class Online:
    """A manifest at a URL, with an ETag, and the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.content = body(RYE)
        self.status = 200
        self.statuses: list[int] = []
        self.site = Site({"/manifest": self.answer})

    def answer(self, received: Received) -> Answer:
        tag = f'"{hash(self.content)}"'
        is_known = received.headers["If-None-Match"] == tag
        status = 304 if is_known and self.status == 200 else self.status
        self.statuses.append(status)
        return Answer("" if status == 304 else self.content, status, [("ETag", tag)])

    def refresh(self, targets: Targets) -> None:
        self.now += REFRESHED_EVERY
        targets.refresh()


def test_a_url_is_asked_by_refresh_alone(caplog: pytest.LogCaptureFixture) -> None:
    online = Online()
    with online.site as site:
        targets = known(f"{site.url}/manifest", clock=lambda: online.now)
        assert not targets.ready
        assert targets.find(RYE.url) is None
        assert targets.at(RYE.path) is None
        assert not targets.is_own("https://blog.example/")
        assert site.requests == []
        targets.refresh()
        assert targets.find(RYE.url) == RYE
        assert len(site.requests) == 1
    assert not caplog.records


def test_a_url_is_asked_once_a_minute_at_most() -> None:
    online = Online()
    with online.site as site:
        targets = known(f"{site.url}/manifest", clock=lambda: online.now)
        targets.refresh()
        online.now += REFRESHED_EVERY - 1
        targets.refresh()
        assert len(site.requests) == 1
        online.now += 1
        targets.refresh()
        assert len(site.requests) == 2


def test_a_url_is_read_again_only_if_it_has_changed() -> None:
    online = Online()
    with online.site as site:
        targets = known(f"{site.url}/manifest", clock=lambda: online.now)
        targets.refresh()
        online.refresh(targets)
        assert targets.find(RYE.url) == RYE
        online.content = body(BREAD)
        online.refresh(targets)
        online.refresh(targets)
        assert online.statuses == [200, 304, 200, 304]
        assert targets.find(BREAD.url) == BREAD
        assert targets.find(RYE.url) is None


def test_a_url_that_fails_leaves_the_last_good_manifest_in_force(
    caplog: pytest.LogCaptureFixture,
) -> None:
    online = Online()
    with online.site as site:
        targets = known(f"{site.url}/manifest", clock=lambda: online.now)
        targets.refresh()
        failures: list[dict[str, Any]] = [
            {"status": 500},
            {"status": 404},
            {"status": 200, "content": "<p>Hello</p>"},
        ]
        for failure in failures:
            vars(online).update(failure)
            online.refresh(targets)
            online.refresh(targets)
            assert targets.find(RYE.url) == RYE
    online.refresh(targets)
    assert targets.find(RYE.url) == RYE
    assert len(caplog.records) == 4


def test_a_manifest_of_many_thousand_pages_is_read_whole() -> None:
    pages = [
        RYE._replace(url=f"https://us.example/{n}.html", path=f"{n}.html") for n in range(20_000)
    ]
    with Site({"/manifest": body(*pages)}) as site:
        targets = known(f"{site.url}/manifest")
        targets.refresh()
        assert targets.find("https://us.example/19999.html") == pages[-1]
