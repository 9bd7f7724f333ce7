"""Login: who may see and decide, by one password and a signed cookie."""

from __future__ import annotations

import math
import re
import time

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response

from pelican_linkbacks.receiver.parts import parts

SESSION_DAYS = 30
"""Days that a session lasts from its login, used or not."""

_PLACE = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path of ours with its query; what a browser could read as another host's URL is none."""

blueprint = Blueprint("login", __name__)


def required() -> Response | None:
    """Send whoever has not logged in to the login page; set before all requests of a blueprint."""
    if is_open():
        return None
    wanted = request.full_path.removesuffix("?") if request.method == "GET" else None
    return redirect(url_for("login.form", next=wanted), 303)


def is_open() -> bool:
    """Whether the request comes with a session that holds.

    A session ends by its age, by logging out, and when the password is changed.
    """
    until, version = session.get("until"), session.get("version")
    if not isinstance(until, (int, float)) or until <= time.time():
        return False
    return version is not None and version == parts().vault.session_version()


@blueprint.get("/login")
def form() -> str | Response:
    """The page that asks for the password."""
    if is_open():
        return _onwards()
    return _page()


@blueprint.post("/login")
def enter() -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Check the password; every attempt counts, so that guessing takes for ever."""
    vault = parts().vault
    wait = math.ceil(parts().rates.attempt(request.remote_addr or ""))
    if wait > 0:
        wrong = f"Too many attempts. Try again in {wait} second{'' if wait == 1 else 's'}."
        return _page(wrong), 429, {"Retry-After": str(wait)}
    if not vault.password_hash:
        return _page(), 403
    if not check_password_hash(vault.password_hash, request.form.get("password", "")):
        return _page("That is not the password."), 403
    # What an unknown visitor was given must not become a key.
    session.clear()
    session.permanent = True
    session["until"] = time.time() + SESSION_DAYS * 86_400
    session["version"] = vault.session_version()
    return _onwards()


@blueprint.post("/logout")
def leave() -> Response:
    """End the session."""
    session.clear()
    return redirect(url_for("login.form"), 303)


def _page(wrong: str = "") -> str:
    has_password = bool(parts().vault.password_hash)
    return render_template("login.html", wrong=wrong, has_password=has_password, next=_wanted())


def _wanted() -> str:
    wanted = request.values.get("next", "")
    return wanted if _PLACE.fullmatch(wanted) else ""


def _onwards() -> Response:
    wanted = _wanted()
    return redirect(request.root_path + wanted if wanted else url_for("pages.mentions"), 303)
