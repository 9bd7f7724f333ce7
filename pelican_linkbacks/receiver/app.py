"""App: the receiver's Flask application."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, render_template
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from pelican_linkbacks.config import Config, Network
from pelican_linkbacks.errors import DatabaseError
from pelican_linkbacks.protocols import forms
from pelican_linkbacks.receiver import export, login, notices, pages, rule_pages
from pelican_linkbacks.receiver.inbox import Inbox
from pelican_linkbacks.receiver.moderation import Moderation
from pelican_linkbacks.receiver.parts import CAPACITY, Parts, install, parts
from pelican_linkbacks.receiver.proxies import TrustedProxies
from pelican_linkbacks.receiver.rates import Rates
from pelican_linkbacks.receiver.rules import Rules
from pelican_linkbacks.receiver.targets import Targets
from pelican_linkbacks.receiver.vault import Vault
from pelican_linkbacks.receiver.verifiers import Verifiers

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What every answer says, unless it says otherwise."""

_PROBLEMS = {
    400: ("This can't be read", "Go back, load the page again, and try once more."),
    404: ("Nothing is here", "There is no such page."),
    405: ("Not in this way", "This place takes requests of another kind."),
    413: ("Too much", "No request may be larger than 64 kB."),
    500: ("Something went wrong", "The log of the receiver tells where. Try again later."),
    503: ("Not now", "The receiver can't use its database at the moment. Try again later."),
}
_BLUEPRINTS = (notices, export, login, pages, rule_pages)


def create(
    config: Config,
    inbox: Inbox,
    moderation: Moderation,
    rules: Rules,
    vault: Vault,
    targets: Targets,
    verifiers: Verifiers,
    rates: Rates,
    trusted: Sequence[Network] = (),
    *,
    capacity: int = CAPACITY,
) -> Flask:
    """Make the application.

    Views find what is given here by ``parts.parts()``.

    Args:
        config: LINKBACKS_ENDPOINT says under which path the world knows the application, and
            whether by https.
        inbox, moderation, rules, vault, targets, verifiers, rates: what it works with.
        trusted: the proxies in front of it that may say who the client is.
        capacity: as ``Parts.capacity``.

    Raises:
        DatabaseError: the database can't be used.
    """
    endpoint = urlsplit(config.endpoint or "")
    prefix = endpoint.path.rstrip("/")
    app = Flask(__name__)
    # Else a path with two slashes is led on to a URL with whatever host its client has named.
    app.url_map.merge_slashes = False
    app.config.from_mapping(
        SECRET_KEY=vault.session_key(),
        MAX_CONTENT_LENGTH=forms.LIMIT,
        PERMANENT_SESSION_LIFETIME=timedelta(days=login.SESSION_DAYS),
        SESSION_COOKIE_NAME="linkbacks",
        SESSION_COOKIE_PATH=prefix or "/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=endpoint.scheme == "https",
        SESSION_REFRESH_EACH_REQUEST=False,
        # A proxy may call this host by another name than its visitors do.
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    install(
        app,
        Parts(config, inbox, moderation, rules, vault, targets, verifiers, rates, capacity),
    )
    for module in _BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    CSRFProtect(app).exempt(notices.blueprint)
    _handle_errors(app)
    app.after_request(_guarded)
    # As Flask's own documentation puts middleware around an application.
    app.wsgi_app = TrustedProxies(app.wsgi_app, trusted, prefix)  # type: ignore[method-assign]
    return app


def _guarded(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _handle_errors(app: Flask) -> None:
    def refused(error: HTTPException) -> Response:
        # What a view says for people is kept; what a library says is for programmers.
        is_ours = error.description != type(error).description and not isinstance(error, CSRFError)
        said = (error.description or "") if is_ours else ""
        response = _problem(error.code or 500, said)
        allowed = [value for name, value in error.get_headers() if name == "Allow"]
        if allowed:
            response.headers["Allow"] = allowed[0]
        return response

    def unusable(error: DatabaseError) -> Response:
        parts().faults.tell(error)
        return _problem(503)

    def failed(error: Exception) -> Response:
        parts().faults.note(error, "a page was not shown")
        return _problem(500)

    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(DatabaseError, unusable)
    app.register_error_handler(Exception, failed)


def _problem(status: int, said: str = "") -> Response:
    title, usual = _PROBLEMS.get(status, _PROBLEMS[400 if status < 500 else 500])
    page = render_template("error.html", title=title, said=said or usual)
    return Response(page, status, content_type="text/html; charset=utf-8")
