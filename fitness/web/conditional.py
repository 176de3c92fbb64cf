"""ETags of lists, metrics and statistics: `If-None-Match` answers 304 without running the view.

The tag is made of what such an answer can depend on: the user and the counter of the user's writes, the address with
its query, the local day, and the version of this program. The counter comes with the check of the session.
"""

import hashlib
from collections.abc import Callable, Collection
from functools import wraps
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, request

from fitness.auth import asker, is_logged_in
from fitness.errors import etag
from fitness.times import is_time_zone

IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "ETag of an earlier answer; if nothing has changed since, the response is 304 without a body",
    "example": '"0f3ad8c41b7e9a2265d1c0b7"',
}
"""The header, as a parameter in the API description."""

_VERSION = version("fitness")


def tagged(view: Callable[..., Response], *, methods: Collection[str]) -> Callable[..., Response]:
    """Add the tag to answers of a view that have none of their own."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        response = view(*args, **kwargs)
        if request.method in methods and is_logged_in() and "ETag" not in response.headers and (tag := current_tag()):
            response.headers["ETag"] = etag(tag)
        return response

    return run


def unchanged() -> Response | None:
    """Return the response to a request whose client has the answer already; None if it is to be made."""
    known = request.if_none_match
    if not known or known.star_tag:
        return None
    tag = current_tag()
    if tag is None or not known.contains_weak(tag):
        return None
    response = current_app.response_class(status=304, mimetype="application/json")
    response.headers["ETag"] = etag(tag)
    return response


def current_tag() -> str | None:
    """Return the tag of the answer to this request, or None if its time zone does not exist."""
    known = asker()
    zone = request.args.get("time_zone") or known.time_zone or "UTC"
    if not is_time_zone(zone):
        return None
    today = known.asked_at.astimezone(ZoneInfo(zone)).date()
    parts = (known.user_id, known.epoch, known.position, today, request.path, request.query_string, _VERSION)
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()
