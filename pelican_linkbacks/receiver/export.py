"""Export: what is shown of all that was received, for whoever builds the site."""

from __future__ import annotations

import json

from flask import Blueprint, request
from werkzeug.wrappers import Response

from pelican_linkbacks.received import own_receiver
from pelican_linkbacks.receiver.entry import Entry
from pelican_linkbacks.receiver.parts import parts
from pelican_linkbacks.receiver.wording import machine_time

blueprint = Blueprint("export", __name__)


@blueprint.get("/received.json")
def received() -> Response:
    """All approved entries; an empty 304 to whoever has them already (RFC 9110, section 13.1.2)."""
    inbox = parts().inbox
    # Asked before the entries: were one approved in between, it would be fetched once more.
    tag = f"{own_receiver.VERSION}-{inbox.version()}"
    response = Response(content_type="application/json")
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
    else:
        lines = (json.dumps(exported(entry)).encode("ascii") for entry in inbox.approved())
        response.set_data(own_receiver.document(lines))
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    # It is public: scripts of the site may show it too.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def exported(entry: Entry) -> dict[str, str | int]:
    """An entry as ``received.json`` tells it: that begins with the target and ends with a text, by
    which ``own_receiver.listed`` knows it."""
    texts = entry.texts
    return {
        "target": entry.target,
        "id": entry.id,
        "protocol": entry.protocol,
        "kind": texts.kind,
        "source": entry.source,
        "url": texts.url or entry.source,
        "title": texts.title,
        "author": texts.author,
        "excerpt": texts.excerpt,
        "published": texts.published,
        "received": machine_time(entry.received),
        "updated": machine_time(entry.updated),
    }
