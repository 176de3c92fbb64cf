"""Bodies that are pieces of a file, by the header `Content-Range`."""

import re
from typing import Any

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from fitness.errors import TooLarge, invalid_field
from fitness.sync.drop_files import Piece

HEADER = "Content-Range"
MOST_BYTES = 8 * 1024 * 1024
_RANGE = re.compile("bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")

CONTENT_RANGE: dict[str, Any] = {
    "in": "header",
    "name": HEADER,
    "schema": {"type": "string"},
    "description": "Which bytes of the file the body has; without it, the body is the whole file",
    "example": "bytes 0-8388607/20000000",
}
"""The header, as a parameter in the API description."""

CONTENT: dict[str, Any] = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
"""The body, in the API description."""


JSON_FILE: dict[str, Any] = {"schema": {"type": "object"}, "example": {"data": {"workouts": []}}}
"""A body that is a JSON file, in the API description."""


def whole_body() -> bytes:
    """Return the body of the request; raises RequestEntityTooLarge."""
    body = request.get_data()
    # A body without a Content-Length is cut at this size without an error, so it may have been longer.
    if len(body) == request.max_content_length:
        raise RequestEntityTooLarge
    return body


def most_bytes() -> int:
    """Return how large a piece may be."""
    return min(MOST_BYTES, current_app.config["SETTINGS"].max_upload_bytes)


def piece_of_request() -> Piece:
    """Return the piece in the body of the request.

    Raises TooLarge, and Invalid if the header cannot be read or names another number of bytes than the body has.
    """
    content = _content()
    text = request.headers.get(HEADER)
    if text is None:
        return Piece(0, content, len(content))
    named = _RANGE.fullmatch(text.strip())
    first, last, size = map(int, named.groups()) if named else (0, 0, 0)
    if not first <= last < size:
        raise invalid_field(HEADER, "Must be bytes FIRST-LAST/SIZE, such as bytes 0-8388607/20000000")
    if last - first + 1 != len(content):
        raise invalid_field(HEADER, f"Names {last - first + 1:,} bytes, and the body has {len(content):,}")
    return Piece(first, content, size)


def _content() -> bytes:
    # One more byte shows that a body without a Content-Length is longer than allowed.
    most = most_bytes()
    request.max_content_length = most + 1
    content = b"" if (request.content_length or 0) > most else request.get_data()
    if len(content) > most or (request.content_length or 0) > most:
        raise TooLarge(f"A piece may have {most:,} bytes: send the file in several, each with its {HEADER}")
    return content
