"""Pages: where the author sees what came in, and decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from pelican_linkbacks.receiver import login, wording
from pelican_linkbacks.receiver.decisions import Decisions, Done, version
from pelican_linkbacks.receiver.entry import Entry, Status
from pelican_linkbacks.receiver.moderation import Counts
from pelican_linkbacks.receiver.parts import parts

PAGE = 50
"""Entries on one page."""

_NUMBER = re.compile(r"[0-9]{1,15}")
_LONGEST_WORDS = 200

blueprint = Blueprint("pages", __name__)
blueprint.before_request(login.required)
blueprint.add_app_template_global(wording.speaker)
blueprint.add_app_template_filter(version)
for _filter in wording.FILTERS:
    blueprint.add_app_template_filter(_filter)


@blueprint.app_context_processor
def site() -> dict[str, str]:
    """What every page says of the site it belongs to."""
    return {"site": wording.host(parts().config.siteurl)}


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to look at the entries.

    Attributes:
        key: its name in the URL.
        label: its name on the page.
        status: of this status only; None for any.
        flagged, proposed: only those with a flag or a proposal.
    """

    key: str
    label: str
    status: Status | None = None
    flagged: bool = False
    proposed: bool = False

    def number(self, counts: Counts) -> int:
        """How many entries it shows."""
        if self.flagged:
            return counts.flagged
        if self.proposed:
            return counts.proposals
        return counts.statuses[self.status] if self.status else sum(counts.statuses.values())

    @property
    def conditions(self) -> dict[str, Any]:
        """Its arguments of ``Moderation.find``."""
        return {"status": self.status, "flagged": self.flagged, "proposed": self.proposed}


TABS = (
    Tab("pending", "Waiting", Status.PENDING),
    Tab("approved", "Shown", Status.APPROVED),
    Tab("flagged", "Need a look", flagged=True),
    Tab("changed", "Changed", proposed=True),
    Tab("dismissed", "Dismissed", Status.DISMISSED),
    Tab("spam", "Spam", Status.SPAM),
    Tab("removed", "Taken back", Status.REMOVED),
    Tab("queued", "Being checked", Status.QUEUED),
    Tab("all", "All"),
)
ALWAYS = frozenset({"pending", "approved", "dismissed", "spam", "all"})
"""Tabs that are there even with nothing in them."""


@blueprint.get("/")
def start() -> Response:
    """The way in."""
    return redirect(url_for("pages.mentions"))


@blueprint.get("/mentions")
def mentions() -> str:
    """The list of entries: ``status`` names a tab, ``q`` words to search for, ``page`` a page."""
    moderation, tab, words = parts().moderation, _tab(), _words()
    found = moderation.count(words=words, **tab.conditions)
    last = max(ceil(found / PAGE), 1)
    page = min(max(_whole("page"), 1), last)
    offset = (page - 1) * PAGE
    counts = moderation.counts()
    return render_template(
        "mentions.html",
        entries=moderation.find(words=words, offset=offset, limit=PAGE, **tab.conditions),
        article=_article,
        tabs=[
            (each, each.number(counts))
            for each in TABS
            if each.key in ALWAYS or each is tab or each.number(counts)
        ],
        tab=tab,
        labels={each.status: each.label for each in TABS},
        words=words,
        found=found,
        first=offset + 1,
        page=page,
        here={"status": tab.key, "q": words or None, "page": page if page > 1 else None},
        last=last,
        done=session.pop("done", None),
    )


@blueprint.post("/mentions")
def decide() -> Response:
    """Carry out what a button of the list says, and show the list again."""
    order = request.form.get("do", "")
    if order == "undo":
        rules = _numbers("rule")
        done: Done | None = _decisions().undo(_numbers("pick"), rules[0] if rules else None)
    else:
        shown = dict(zip(_numbers("shown"), request.form.getlist("read"), strict=False))
        done = _decisions().carry_out(order, _numbers("pick"), shown)
    if done is None:
        abort(400, "There is no such button on this page.")
    return answer(done)


@blueprint.get("/mentions/<int(max=999999999999999):number>")
def entry(number: int) -> str:
    """One entry, with its words to change."""
    found = _entry(number)
    return render_template("entry.html", entry=found, article=_article(found))


@blueprint.post("/mentions/<int(max=999999999999999):number>")
def edit(number: int) -> Response:
    """Change the words of an entry."""
    status = _entry(number).status
    title, excerpt = (" ".join(request.form.get(name, "").split()) for name in ("title", "excerpt"))
    changed = parts().moderation.edit(number, title, excerpt)
    done = Done("The text is changed." if changed else "Nothing has changed.", changed)
    return answer(done, url_for("pages.mentions", status=status))


@blueprint.get("/forget")
def forget() -> str:
    """Asks whether a source is to be forgotten: ``source`` is its URL."""
    source = request.args.get("source", "").strip()
    return render_template("forget.html", source=source, usable=bool(wording.web(source)))


@blueprint.post("/forget")
def erase() -> Response:
    """Forget a source."""
    source = request.form.get("source", "").strip()
    if not wording.web(source):
        abort(400, "A source is named by its URL, starting with http:// or https://.")
    erased = parts().moderation.forget(source)
    return answer(Done(f"{wording.number(erased, 'mention')} erased; that page is kept out."))


def answer(done: Done, place: str | None = None) -> Response:
    """Go on to a page that says what was done.

    Args:
        done: that.
        place: its URL; None for the list that the author came from.
    """
    session["done"] = {"said": done.said, "numbers": list(done.numbers), "rule": done.rule}
    status, words, page = (request.args.get(name) for name in ("status", "q", "page"))
    here = url_for("pages.mentions", status=status, q=words, page=page)
    return redirect(place or here, 303)


def _decisions() -> Decisions:
    return Decisions(parts().moderation, parts().rules)


def _entry(number: int) -> Entry:
    found = parts().moderation.entry(number)
    if found is None:
        abort(404, "That mention is gone: its sender took it back, or it was erased.")
    return found


def _article(entry: Entry) -> str:
    """The title of the article that an entry leads to; its URL if nobody knows the title."""
    target = parts().targets.find(entry.target)
    return (target.title if target else "") or wording.place(entry.target)


def _tab() -> Tab:
    asked = request.args.get("status")
    return next((tab for tab in TABS if tab.key == asked), TABS[0])


def _words() -> str:
    return " ".join(request.args.get("q", "").split())[:_LONGEST_WORDS]


def _whole(name: str) -> int:
    given = request.args.get(name, "")
    return int(given) if _NUMBER.fullmatch(given) else 1


def _numbers(name: str) -> list[int]:
    """The whole numbers that a form gives under a name."""
    return [int(given) for given in request.form.getlist(name) if _NUMBER.fullmatch(given)]
