"""Announcing: telling the author of what waits for him, and his builds of what is to be shown."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from pelican_linkbacks.client import Client
from pelican_linkbacks.config import Config
from pelican_linkbacks.connection import tls_context
from pelican_linkbacks.errors import Forbidden, LinkbackError, Unreachable
from pelican_linkbacks.mention import Request
from pelican_linkbacks.receiver.entry import Entry, Status
from pelican_linkbacks.receiver.mailing import Mailing
from pelican_linkbacks.receiver.moderation import Moderation
from pelican_linkbacks.receiver.vault import MAIL, REBUILD, Vault
from pelican_linkbacks.urls import host_of

TOGETHER = 30.0
"""Seconds to wait for more, once there is something to tell."""

MAIL_PAUSE = 15 * 60.0
"""Seconds between two mails at least."""

FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
"""Seconds until what has failed is tried again, at first and at most."""

MOST_ATTEMPTS = 29
"""Tries until it is given up, after about a day."""

MOST_LISTED = 20
"""Entries that one mail tells of."""

LEASE = 300.0

_log = logging.getLogger(__name__)


class Announcer:
    """Calls LINKBACKS_WEBHOOK when what is shown has changed, and writes to LINKBACKS_MAIL.

    Several processes may share the chores of one vault: each is done once.

    Args:
        config: settings.
        vault: knows what is to be told.
        moderation: knows what waits for the author.
        client: calls the webhook.
        clock: that of the vault.
    """

    def __init__(
        self,
        config: Config,
        vault: Vault,
        moderation: Moderation,
        client: Client,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._vault = vault
        self._moderation = moderation
        self._client = client
        self._clock = clock
        self._worker = uuid.uuid4().hex
        tls = partial(tls_context, config.cert_verify)
        self._mailing = Mailing(config.mail, tls, config.request_timeout) if config.mail else None

    def announce(self) -> None:
        """Tell what is to be told by now.

        What fails is tried again for about a day.

        Raises:
            DatabaseError: the database can't be used.
        """
        if self._config.webhook:
            self._do(REBUILD, partial(self._call, self._config.webhook))
        if self._mailing:
            done = self._vault.chore(MAIL).done
            if done is None or done + MAIL_PAUSE <= self._clock():
                self._do(MAIL, partial(self._write, self._mailing))

    def _do(self, name: str, work: Callable[[], bool]) -> None:
        before = self._clock() - TOGETHER
        chore = self._vault.claim_chore(name, self._worker, LEASE, before)
        if chore is None:
            return
        try:
            is_done = work()
        except (Unreachable, Forbidden) as error:
            self._put_off(name, chore.attempts, error)
        else:
            (self._vault.done if is_done else self._vault.drop_chore)(name, self._worker)

    def _put_off(self, name: str, attempts: int, error: LinkbackError) -> None:
        if attempts + 1 >= MOST_ATTEMPTS:
            _log.error("%s; given up", error)
            self._vault.drop_chore(name, self._worker)
            return
        if not attempts:
            _log.error("%s; tried again for a day", error)
        pause = min(FIRST_PAUSE * 2**attempts, LONGEST_PAUSE)
        self._vault.put_off(name, self._worker, pause)

    def _call(self, url: str) -> bool:
        body = json.dumps({"event": "linkbacks changed", "site": self._config.siteurl})
        try:
            # The author names this host himself. Its path is often a secret: it is not logged.
            request = Request(body.encode(), "application/json")
            page = self._client.post(url, request, own=True)
        except LinkbackError as error:
            raise Unreachable(f"LINKBACKS_WEBHOOK: {error}") from error
        if not HTTPStatus.OK <= page.status < HTTPStatus.MULTIPLE_CHOICES:
            raise Unreachable(f"LINKBACKS_WEBHOOK: {host_of(url)} answers {page.status}")
        return True

    def _write(self, mailing: Mailing) -> bool:
        """Write what waits; False if nothing does by now."""
        number = self._moderation.count(Status.PENDING)
        if not number:
            return False
        what = "1 linkback waits" if number == 1 else f"{number} linkbacks wait"
        lines = [f"{what} for your decision.", ""]
        for entry in self._moderation.find(Status.PENDING, limit=MOST_LISTED):
            lines += _described(entry)
        if number > MOST_LISTED:
            lines += [f"And {number - MOST_LISTED} more.", ""]
        here = f"{self._config.endpoint.rstrip('/')}/" if self._config.endpoint else ""
        lines.append(f"Decide: {here or 'pelican-linkbacks received list --status pending'}")
        mailing.send(f"{what} for you" + self._of_site(), lines)
        return True

    def _of_site(self) -> str:
        host = host_of(self._config.siteurl)
        return f" at {host}" if host else ""


def _described(entry: Entry) -> list[str]:
    texts = entry.texts
    by = f" ({texts.author})" if texts.author else ""
    lines = [f"{texts.title or host_of(entry.source)}{by}", f"  {entry.source}"]
    lines.append(f"  {texts.kind} of {entry.target}")
    if texts.excerpt:
        lines.append(f"  {texts.excerpt}")
    return [*lines, ""]
