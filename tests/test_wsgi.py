"""WSGI: the receiver under a server that only knows how to import it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pelican_linkbacks import manifest
from pelican_linkbacks.receiver.database import Database
from pelican_linkbacks.receiver.inbox import Inbox
from tests.apart import environment
from tests.receiver.reception import RYE, OtherBlog
from tests.receiver.server import SETTINGS

IN_TWO_PROCESSES = """
import os, sys, threading
from pelican_linkbacks.wsgi import application
from werkzeug.test import Client

def tell(source):
    data = {"source": source, "target": sys.argv[1]}
    assert Client(application).post("/webmention", data=data).status_code in {201, 202}
    assert threading.active_count() > 1

tell(sys.argv[2])
child = os.fork()
if not child:
    assert threading.active_count() == 1
    tell(sys.argv[3])
else:
    assert os.waitpid(child, 0)[1] == 0
    tell(sys.argv[4])
"""
"""A server that forks when it has answered a request already."""


def python(folder: Path, code: str, *arguments: str, **known: str) -> subprocess.Popen[str]:
    """Run a program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment() | known,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The folder of a site with its settings file."""
    (tmp_path / "content").mkdir()
    (tmp_path / "pelicanconf.py").write_text(SETTINGS, encoding="utf-8")
    manifest.write(tmp_path, [RYE])
    return tmp_path


def test_without_settings_the_import_says_what_is_missing(tmp_path: Path) -> None:
    process = python(tmp_path, "import pelican_linkbacks.wsgi")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "no publishconf.py or pelicanconf.py in this folder" in said.splitlines()[-1]


def test_a_database_that_cannot_be_used_is_said_at_the_import(site: Path) -> None:
    (site / "linkbacks.sqlite3").write_text("no database at all, but some text\n" * 40)
    process = python(site, "import pelican_linkbacks.wsgi")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "can't be used" in said.splitlines()[-1]


def test_the_settings_file_may_be_named_by_the_environment(site: Path, tmp_path: Path) -> None:
    (site / "pelicanconf.py").rename(site / "other.py")
    code = (
        "from pelican_linkbacks.wsgi import application\n"
        "from werkzeug.test import Client\n"
        "assert Client(application).get('/health').status_code == 200\n"
    )
    process = python(site, code, PELICAN_LINKBACKS_SETTINGS="other.py")
    assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 0


def test_the_environment_names_the_proxies_that_are_believed(site: Path) -> None:
    code = (
        "from pelican_linkbacks.wsgi import application\n"
        "from werkzeug.test import Client\n"
        "def refused(client):\n"
        "    told = {'X-Forwarded-For': client}\n"
        "    answer = Client(application).post('/webmention', data={}, headers=told,\n"
        "        environ_base={'REMOTE_ADDR': '10.1.2.3'})\n"
        "    return answer.status_code == 429\n"
        "assert not any([refused(f'198.51.100.{n}') for n in range(70)])\n"
        "assert any([refused('198.51.100.200') for _ in range(70)])\n"
    )
    process = python(site, code, PELICAN_LINKBACKS_TRUSTED_PROXY="::1 10.0.0.0/8")
    assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 0


def test_a_proxy_that_is_no_address_is_said_at_the_import(site: Path) -> None:
    process = python(site, "import pelican_linkbacks.wsgi", PELICAN_LINKBACKS_TRUSTED_PROXY="me")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "PELICAN_LINKBACKS_TRUSTED_PROXY: 'me' does not appear to be" in said.splitlines()[-1]


def test_a_server_may_fork_between_two_requests(site: Path) -> None:
    with OtherBlog() as one, OtherBlog() as two, OtherBlog() as three:
        process = python(site, IN_TWO_PROCESSES, RYE.url, one.post, two.post, three.post)
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0
    database = Database.open(site / "linkbacks.sqlite3")
    entries = [Inbox(database).entry(number) for number in (1, 2, 3)]
    database.close()
    assert [entry.source for entry in entries if entry] == [one.post, two.post, three.post]


def test_a_server_finds_it_by_its_name(site: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "waitress", "--port=0", "pelican_linkbacks.wsgi:application"],
        cwd=site,
        env=environment(),
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr
    try:
        assert "Serving on" in process.stderr.readline()
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
