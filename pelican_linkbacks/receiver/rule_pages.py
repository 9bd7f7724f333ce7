"""Rule pages: where the author says what need not be asked again."""

from __future__ import annotations

import re

from flask import Blueprint, render_template, request, session, url_for
from werkzeug.wrappers import Response

from pelican_linkbacks.errors import DatabaseError, LinkbackError
from pelican_linkbacks.receiver import login
from pelican_linkbacks.receiver.decisions import Decisions, Done
from pelican_linkbacks.receiver.pages import answer
from pelican_linkbacks.receiver.parts import parts
from pelican_linkbacks.receiver.rules import Action
from pelican_linkbacks.urls import host_of

_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_HOST = re.compile(r"\w[\w.-]*(:[0-9]+)?")

blueprint = Blueprint("rule_pages", __name__)
blueprint.before_request(login.required)


@blueprint.get("/rules")
def rules() -> str:
    """All rules, and a form for another one."""
    return _page()


@blueprint.post("/rules")
def add() -> str | Response | tuple[str, int]:
    """Add a rule."""
    given = request.form.get("place", "").strip()
    try:
        action = _action(request.form.get("action", ""))
        place = ("", "") if action is Action.APPROVE_KNOWN else _place(given)
        done = Decisions(parts().moderation, parts().rules).add(action, *place)
    except DatabaseError:
        raise
    except (LinkbackError, ValueError) as error:
        return _page(wrong=str(error), given=given), 400
    return answer(done, url_for("rule_pages.rules"))


@blueprint.post("/rules/<int(max=999999999999999):number>/remove")
def remove(number: int) -> Response:
    """Remove a rule, and if ``revert`` is given what it has decided as well."""
    revert = bool(request.form.get("revert"))
    removed = parts().rules.remove(number, revert=revert)
    said = "The rule is removed." if removed else "That rule was gone already."
    if removed and revert:
        said = "The rule is removed; what it had decided waits for you."
    return answer(Done(said), url_for("rule_pages.rules"))


def _page(wrong: str = "", given: str = "") -> str:
    rules = parts().rules.all()
    return render_template(
        "rules.html",
        rules=[rule for rule in rules if rule.action is not Action.APPROVE_KNOWN],
        known=next((rule for rule in rules if rule.action is Action.APPROVE_KNOWN), None),
        wrong=wrong,
        given=given,
        done=session.pop("done", None),
    )


def _action(given: str) -> Action:
    if given not in set(Action):
        raise ValueError("Say whether to approve or to block.")
    return Action(given)


def _place(given: str) -> tuple[str, str]:
    """Host and path of what was typed, be it a host, a host with a path, or a URL.

    Raises:
        ValueError: with what to type instead.
    """
    host, slash, path = _SCHEME.sub("", given).partition("/")
    known = host_of(f"https://{host}")
    if not known or not _HOST.fullmatch(host):
        raise ValueError("Type a host such as blog.example, or one with a path: blog.example/jane.")
    return known, (slash + path.partition("?")[0].partition("#")[0]).rstrip("/")
