"""A receiver that keeps secrets, and people who should not get at them."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import requests
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from pelican_linkbacks.notice import Notice
from pelican_linkbacks.receiver.entry import Entry, Finding, Look, Status, Texts
from tests.receiver.author import Author, receiver_of_an_author, set_password, tell
from tests.receiver.reception import RYE, SITEURL, Receiver

SECRET = "hush"
"""Stands in whatever nobody but the author may see."""

LOUD = "https://loud.example/post"
"""The source that is shown."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "MENTION")

FIELDS: dict[str, Any] = {
    "do": ["approve:1", "undo"],
    "pick": list(range(1, 12)),
    "shown": list(range(1, 12)),
    "rule": "1",
    "revert": "yes",
    "title": "x",
    "excerpt": "x",
    "action": "approve",
    "place": "evil.example",
    "source": f"{SITEURL}/own.html",
    "target": f"{SITEURL}/nowhere.html",
    "url": f"{SITEURL}/own.html",
}
"""What all forms take, and some."""


@contextmanager
def strongroom(folder: Path, **settings: Any) -> Iterator[Receiver]:
    """A receiver with an entry of each status, each with secrets; only LOUD is shown."""
    with receiver_of_an_author(folder, **settings) as receiver:
        hurry_nobody(receiver)
        receiver.rules.add("block", f"{SECRET}-rule.example", f"/{SECRET}")
        receiver.moderation.forget(f"https://{SECRET}-forgotten.example/")
        numbers = {status: _secret(receiver, status) for status in Status}
        receiver.moderation.dismiss([numbers[Status.DISMISSED]])
        receiver.moderation.spam([numbers[Status.SPAM]])
        receiver.moderation.approve([numbers[Status.APPROVED], numbers[Status.REMOVED]])
        _look_again(receiver, numbers[Status.REMOVED], Finding.GONE)
        # What is shown has secrets too: what its page says now, and what it said before.
        _look_again(receiver, numbers[Status.APPROVED], Finding.LINKS)
        receiver.moderation.edit(numbers[Status.APPROVED], "Loud", "Loud words")
        found = {entry.status for entry in receiver.entries()}
        assert found == set(Status)
        yield receiver


def hurry_nobody(receiver: Receiver) -> None:
    """Let no sender wait for a look, for nobody looks."""
    receiver.verifiers._is_started = False


def _secret(receiver: Receiver, status: Status) -> int:
    if status is Status.APPROVED:
        return tell(receiver, LOUD, Texts("Loud", "Lou", "Loud words", url=LOUD)).id
    source = f"https://{SECRET}-{status}.example/{SECRET}-post"
    if status is Status.QUEUED:
        said = Notice("trackback", source, RYE.url, *[f"{SECRET} {status}"] * 3)
        return receiver.inbox.take(said, RYE).entry.id
    title, author, excerpt = (f"{SECRET} {status} {name}" for name in ("a", "b", "c"))
    return tell(receiver, source, Texts(title, author, excerpt), how=f"The {SECRET}.").id


def _look_again(receiver: Receiver, number: int, finding: Finding) -> None:
    entry = receiver.moderation.entry(number)
    assert entry
    receiver.inbox.take(Notice("webmention", entry.source, entry.target), RYE)
    claim = receiver.inbox.claim("a test", only=number)
    assert claim
    texts = Texts(f"{SECRET} now", f"{SECRET} now", f"{SECRET} now")
    is_there = finding is Finding.LINKS
    look = Look(finding, f"The {SECRET}.", entry.source, texts if is_there else None)
    receiver.inbox.settle(claim, look, receiver.rules)


def one(receiver: Receiver, status: Status) -> Entry:
    """The entry of a status."""
    (entry,) = receiver.entries(status)
    return entry


def secrets(receiver: Receiver) -> list[str]:
    """All words that must not be in any answer to an intruder."""
    vault = receiver.vault
    tokens = [entry.token for entry in receiver.entries()]
    return [SECRET, *tokens, vault.session_key().hex(), vault.password_hash]


def tells(response: requests.Response) -> str:
    """All that an answer says, headers included, however it is encoded."""
    said = f"{response.headers}\n{response.content.decode('utf-8', 'replace')}"
    return f"{said}\n{unquote(said)}\n{said.casefold()}"


def dump(receiver: Receiver, *but: str) -> dict[str, list[Any]]:
    """All rows of all tables, but for those named."""
    database = sqlite3.connect(receiver.folder / "linkbacks.sqlite3")
    try:
        found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: sorted(map(repr, database.execute(f"SELECT * FROM {name}")))
            for (name,) in found
            if name not in but
        }
    finally:
        database.close()


def paths(receiver: Receiver) -> list[str]:
    """Every route of the application, with what there is in the place of what varies."""
    found = set()
    for rule in receiver.app.url_map.iter_rules():
        for value in ("1", "2", RYE.path, "style.css", "%2e%2e%2fapp.py"):
            found.add(re.sub("<[^>]+>", value, rule.rule))
    return sorted(found)


def _signed(app: Flask, **session: Any) -> str:
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer
    return str(signer.dumps(session))


def _stranger(receiver: Receiver) -> Author:
    return Author(receiver)


def _forger(receiver: Receiver) -> Author:
    intruder = Author(receiver)
    real = _signed(receiver.app, until=time.time() + 900, version=1)
    intruder.session.cookies.set("linkbacks", real.rpartition(".")[0] + "." + "A" * 27)
    return intruder


def _other_key(receiver: Receiver) -> Author:
    other = Flask("another")
    other.secret_key = b"another key"
    version = receiver.vault.session_version()
    intruder = Author(receiver)
    cookie = _signed(other, until=time.time() + 900, version=version, csrf_token="x")
    intruder.session.cookies.set("linkbacks", cookie)
    return intruder


def _before_the_password_changed(receiver: Receiver) -> Author:
    intruder = Author(receiver)
    intruder.sign_in()
    set_password(receiver)
    return intruder


def _logged_out(receiver: Receiver) -> Author:
    author, intruder = Author(receiver), Author(receiver)
    author.sign_in()
    intruder.session.cookies.update(author.session.cookies)
    author.submit("/logout")
    return intruder


def _expired(receiver: Receiver) -> Author:
    intruder = Author(receiver)
    version = receiver.vault.session_version()
    cookie = _signed(receiver.app, until=time.time() - 1, version=version)
    intruder.session.cookies.set("linkbacks", cookie)
    return intruder


def _odd(receiver: Receiver) -> Author:
    """Of the right key, but not of our making."""
    intruder = Author(receiver)
    cookie = _signed(receiver.app, until="always", version=[1], name={"a": 1}, done={"x": 1})
    intruder.session.cookies.set("linkbacks", cookie)
    return intruder


def _huge(receiver: Receiver) -> Author:
    intruder = Author(receiver)
    intruder.session.cookies.set("linkbacks", "A" * 60_000)
    return intruder


INTRUDERS = {
    "a stranger": _stranger,
    "a forger": _forger,
    "with a cookie of another key": _other_key,
    "from before the password changed": _before_the_password_changed,
    "with a copy of a session that is over": _logged_out,
    "with an expired session": _expired,
    "with an odd session": _odd,
    "with a huge cookie": _huge,
}
"""Who makes each of them, given the receiver."""
