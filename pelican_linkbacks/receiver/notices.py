"""Notices: the endpoints that other blogs tell of their links, and what they may ask afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Response

from pelican_linkbacks.errors import DatabaseError
from pelican_linkbacks.manifest import Target
from pelican_linkbacks.notice import Answer, Malformed, Verdict
from pelican_linkbacks.protocols import pingback, trackback, webmention
from pelican_linkbacks.receiver import admission
from pelican_linkbacks.receiver.admission import Ruling
from pelican_linkbacks.receiver.entry import Entry, Status
from pelican_linkbacks.receiver.parts import parts

TOO_LARGE = "A notice has at most 64 kB."
FAILED = "Something went wrong here, and the author can read of it. Try again later."
POST_ONLY = "This is where other blogs tell of their links. It takes POST requests only.\n"

_TEXT = "text/plain; charset=utf-8"
_SAID = {
    Status.QUEUED: "queued",
    Status.PENDING: "held",
    Status.APPROVED: "shown",
    # Whoever was turned away need not know.
    Status.DISMISSED: "held",
    Status.SPAM: "held",
    Status.REMOVED: "gone",
}

blueprint = Blueprint("notices", __name__)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How one protocol says what is not about a single notice."""

    answer: Callable[..., Answer]
    malformed: Callable[[Malformed], Answer]
    failed: Callable[[], Answer]


@blueprint.get("/webmention")
def form() -> str:
    """A form for people whose blog can't send webmentions."""
    return render_template("webmention.html")


@blueprint.post("/webmention")
def take_webmention() -> Response:
    """Take a webmention (W3C Recommendation, section 3.2)."""

    def work(body: bytes, content_type: str) -> Answer:
        ruling = admission.rule(parts(), webmention.notice(body, content_type))
        location = _status_url(ruling.entry) if ruling.entry else None
        words, pause = ruling.said, ruling.pause
        return webmention.answer(ruling.verdict, words, location=location, retry_after=pause)

    return _respond(_WEBMENTION, work)


@blueprint.post("/pingback")
def take_pingback() -> Response:
    """Take a pingback, or tell those of a page (Pingback 1.0, section 3)."""

    def work(body: bytes, _: str) -> Answer:
        call = pingback.call(body)
        if call.method == pingback.LISTING:
            return _pingbacks(pingback.listed(call))
        return _said(pingback.answer, admission.rule(parts(), pingback.notice(call)))

    return _respond(_PINGBACK, work)


@blueprint.get("/pingback")
def explain() -> Response:
    """Say what this is to whoever follows the URL with a browser."""
    return Response(POST_ONLY, 405, {"Allow": "POST"}, content_type=_TEXT)


@blueprint.post("/trackback/", defaults={"place": ""})
@blueprint.post("/trackback/<path:place>")
def take_trackback(place: str) -> Response:
    """Take a trackback of the page with a path (TrackBack 1.2, "Sending a TrackBack Ping")."""

    def work(body: bytes, content_type: str) -> Answer:
        if not parts().targets.ready:
            return trackback.answer(Verdict.BUSY, retry_after=admission.NOT_READY)
        target = _target(place)
        if target is None:
            return replace(trackback.answer(Verdict.NO_TARGET), status=404)
        notice = trackback.notice(body, content_type, target.url)
        return _said(trackback.answer, admission.rule(parts(), notice))

    return _respond(_TRACKBACK, work)


@blueprint.get("/trackback/<path:place>")
def show(place: str) -> Response:
    """Lead whoever follows a trackback URL with a browser to its page."""
    target = _target(place)
    if target is None:
        raise NotFound
    return redirect(target.url)


@blueprint.get("/status/<token>")
def status(token: str) -> Response:
    """What has become of a webmention (section 3.2): queued, held, shown or gone."""
    entry = parts().inbox.by_token(token)
    said = _SAID[entry.status] if entry else "gone"
    return Response(f"{said}\n", 200 if entry else 404, content_type=_TEXT)


@blueprint.get("/health")
def health() -> tuple[Response, int]:
    """Whether notices can be stored, for whatever watches over this server."""
    try:
        return jsonify(status="ok", queued=parts().inbox.queued()), 200
    except DatabaseError as error:
        parts().faults.tell(error)
        return jsonify(status="the database can't be used"), 503


def _respond(manner: _Manner, work: Callable[[bytes, str], Answer]) -> Response:
    """Answer a notice in the manner of its protocol, whatever happens."""
    wait = parts().rates.notice(request.remote_addr or "")
    if wait > 0:
        return _response(manner.answer(Verdict.TOO_OFTEN, retry_after=wait))
    try:
        answer = work(request.get_data(), request.content_type or "")
    except RequestEntityTooLarge:
        answer = replace(manner.answer(Verdict.MALFORMED, TOO_LARGE), status=413)
    except Malformed as error:
        answer = manner.malformed(error)
    except DatabaseError as error:
        parts().faults.tell(error)
        answer = manner.answer(Verdict.BUSY)
    except Exception as error:  # noqa: BLE001 - a sender understands its own protocol only
        parts().faults.note(error, "a notice was not taken")
        answer = manner.failed()
    return _response(answer)


def _response(answer: Answer) -> Response:
    return Response(
        answer.body, answer.status, dict(answer.headers), content_type=answer.content_type
    )


def _said(answer: Callable[..., Answer], ruling: Ruling) -> Answer:
    return answer(ruling.verdict, ruling.said, retry_after=ruling.pause)


def _pingbacks(url: str) -> Answer:
    if not parts().targets.ready:
        return pingback.answer(Verdict.BUSY, retry_after=admission.NOT_READY)
    target = parts().targets.find(url)
    if target is None:
        return _said(pingback.answer, admission.unknown(parts(), url))
    shown = parts().inbox.approved(target.path)
    return pingback.listing(entry.source for entry in shown if entry.protocol == pingback.NAME)


def _target(place: str) -> Target | None:
    return parts().targets.at(quote(place))


def _status_url(entry: Entry) -> str:
    endpoint = parts().config.endpoint
    if endpoint:
        return f"{endpoint.rstrip('/')}/status/{entry.token}"
    return url_for("notices.status", token=entry.token, _external=True)


_WEBMENTION = _Manner(
    webmention.answer,
    lambda error: webmention.answer(Verdict.MALFORMED, str(error)),
    lambda: replace(webmention.answer(Verdict.MALFORMED, FAILED), status=500),
)
_PINGBACK = _Manner(
    pingback.answer,
    lambda error: pingback.fault(
        error.code if isinstance(error, pingback.BadCall) else pingback.GENERIC, str(error)
    ),
    lambda: pingback.fault(pingback.GENERIC, FAILED),
)
_TRACKBACK = _Manner(
    trackback.answer,
    lambda error: trackback.answer(Verdict.MALFORMED, str(error)),
    lambda: trackback.answer(Verdict.MALFORMED, FAILED),
)
