"""Turn errors into HTTP responses: `{"detail": ...}`, with `errors` for 422 and `request_id` for 500.

For clients that accept `application/problem+json`, the same as problem details (RFC 9457), with a `code` for programs.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus

import psycopg
from flask import Flask, Response, g, jsonify, request
from marshmallow import ValidationError
from psycopg_pool import PoolTimeout
from psycopg_pool import TooManyRequests as PoolExhausted
from werkzeug.exceptions import HTTPException

from fitness.db.statements import ReadOnly
from fitness.errors import NOT_VALID, FitnessError, Invalid, NotFound, TookTooLong, TooLarge, Unavailable
from fitness.providers.client import ProviderError

logger = logging.getLogger(__name__)

DETAILS = {
    400: "The request cannot be read",
    404: "Not found",
    405: "Method not allowed",
    413: "The body is too large",
    415: "Send application/json",
}
"""Sentences for the errors that Flask raises."""

CODES = {
    400: "unreadable",
    404: NotFound.code,
    405: "method_not_allowed",
    413: TooLarge.code,
    415: "unsupported_media_type",
    422: Invalid.code,
    500: FitnessError.code,
}
"""Codes of the errors that Flask raises."""

PROBLEM = "application/problem+json"


def register(app: Flask) -> None:
    """Register the error handlers, which answer every error as JSON."""
    app.register_error_handler(FitnessError, _answer_fitness_error)
    app.register_error_handler(ProviderError, _answer_provider_error)
    app.register_error_handler(ValidationError, _answer_validation_error)
    app.register_error_handler(HTTPException, _answer_http_exception)
    for exhausted in (PoolTimeout, PoolExhausted, psycopg.OperationalError):
        app.register_error_handler(exhausted, _answer_unavailable)
    app.register_error_handler(ReadOnly, _answer_read_only)
    app.register_error_handler(psycopg.errors.DiskFull, _answer_disk_full)
    for too_long in (psycopg.errors.QueryCanceled, psycopg.errors.ConfigurationLimitExceeded):
        app.register_error_handler(too_long, _answer_too_long)
    app.register_error_handler(psycopg.DataError, _answer_data_error)
    app.register_error_handler(Exception, _answer_bug)


def _answer_fitness_error(error: FitnessError) -> Response:
    body: dict[str, object] = {"detail": error.detail}
    if error.errors is not None:
        body["errors"] = error.errors
    return _answer(body, error.status, error.code, error.headers)


def _answer_provider_error(error: ProviderError) -> Response:
    logger.warning("provider: %s", error.detail)
    return _answer_fitness_error(error)


def _answer_validation_error(error: ValidationError) -> Response:
    return _answer({"detail": NOT_VALID, "errors": error.normalized_messages()}, 422, Invalid.code)


def _answer_http_exception(error: HTTPException) -> Response:
    status = error.code or 500
    data = getattr(error, "data", None) or {}
    body: dict[str, object] = {"detail": data.get("message") or DETAILS.get(status) or error.description}
    if status == 422:
        body = {"detail": NOT_VALID, "errors": _by_field(data.get("messages") or {})}
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After", "Location"}}
    return _answer(body, status, CODES.get(status) or error.name.lower().replace(" ", "_"), headers)


def _by_field(messages: Mapping[str, object]) -> dict[str, object]:
    """Convert webargs' messages from {location: {field: [why]}} to {field: [why]}."""
    fields: dict[str, object] = {}
    for location, problems in messages.items():
        fields.update(problems if isinstance(problems, dict) else {location: problems})
    return fields


def _answer_data_error(error: psycopg.DataError) -> Response:
    """Answer 422 for a value that no column can hold, such as one from a forged cursor."""
    # Its message would repeat the value.
    logger.warning("value rejected by the database: %s", type(error).__name__)
    return _answer({"detail": "A value in the request is not valid", "errors": {}}, 422, Invalid.code)


def _answer_unavailable(error: Exception) -> Response:
    logger.error("database unavailable: %s", error)
    return _answer_fitness_error(Unavailable())


def _answer_read_only(error: ReadOnly) -> Response:
    logger.error("the database takes no changes: %s", error)
    return _answer_fitness_error(Unavailable("The database takes no changes now: nothing was stored"))


def _answer_disk_full(error: psycopg.errors.DiskFull) -> Response:
    logger.error("the disk of the database is full: %s", error)
    return _answer_fitness_error(Unavailable("The disk of the database is full"))


def _answer_too_long(error: psycopg.OperationalError) -> Response:
    logger.error("statement cancelled: %s", error)
    return _answer_fitness_error(TookTooLong())


def _answer_bug(error: Exception) -> Response:
    logger.error("unhandled error", exc_info=error)
    return _answer({"detail": "Internal server error", "request_id": g.get("request_id")}, 500, FitnessError.code)


def _answer(body: Mapping[str, object], status: int, code: str, headers: Mapping[str, str] | None = None) -> Response:
    if as_problem := _wants_problem():
        body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, **body}
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers or {})
    response.vary.add("Accept")
    if as_problem:
        response.mimetype = PROBLEM
    return response


def _wants_problem() -> bool:
    """Return whether the request names the media type of problem details; a wildcard such as `*/*` does not."""
    return any(name.lower() == PROBLEM and quality > 0 for name, quality in request.accept_mimetypes)
