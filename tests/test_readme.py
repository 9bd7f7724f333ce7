"""README and changelog: valid, and true of what they name."""

from __future__ import annotations

import re
import subprocess
import sys
from configparser import ConfigParser
from dataclasses import fields
from pathlib import Path

import pytest

from pelican_linkbacks import hearing
from pelican_linkbacks.cli import _parser
from pelican_linkbacks.config import PREFIX, Config
from tests import readme

ROOT = readme.FILE.parent
COMMAND = re.compile(r"pelican-linkbacks ((?:received )?[a-z]+)")


@pytest.mark.parametrize("name", ["README.rst", "CHANGELOG.rst"])
def test_they_are_compiled_without_a_warning(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "docutils", "--strict", str(ROOT / name)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_table_of_settings_has_a_row_for_each() -> None:
    text = readme.FILE.read_text(encoding="utf-8")
    listed = re.findall(rf"^``{PREFIX}(\w+)`` ", text.partition("\nSettings\n")[2], re.MULTILINE)
    known = [field.name.upper() for field in fields(Config) if field.metadata]
    assert set(listed) == set(known)


def test_the_tables_of_packages_have_a_row_for_each() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = setup["options.extras_require"]
    wanted = setup["options"]["install_requires"] + extras["receiver"] + extras["postgresql"]
    text = readme.FILE.read_text(encoding="utf-8").partition("\nRequirements\n")[2]
    rows = re.findall(r"^([a-z][\w-]+) {3,}\S", text, re.MULTILINE)
    assert rows == [re.split(r"[ \[]", line)[0] for line in wanted.split("\n") if line]


def test_every_command_that_is_named_is_one() -> None:
    text = readme.FILE.read_text(encoding="utf-8")
    for words in set(COMMAND.findall(text)) | set(COMMAND.findall(hearing.RECEIVED)):
        with pytest.raises(SystemExit) as exit:
            _parser().parse_args([*words.split(), "--help"])
        assert exit.value.code == 0, words


def test_the_settings_of_a_receiver_are_what_they_take(tmp_path: Path) -> None:
    text = readme.block("SITEURL = ")
    texts = [text, *(text for text in readme.blocks() if text.startswith("LINKBACKS_"))]
    told = "os.environ"
    for text in texts:
        values: dict[str, object] = {"PATH": "", "OUTPUT_PATH": "", "CACHE_PATH": ""}
        if told not in text:
            exec(text, values)
        Config.from_settings(values)
    assert len(texts) >= 5
