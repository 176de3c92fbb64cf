"""Domain errors, and the one place that makes them HTTP.

Query code raises the errors; `register` alone knows that they become `{"detail": ...}` answers.
"""

import logging
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

import psycopg
from flask import Flask, Response, g, jsonify
from marshmallow import ValidationError
from psycopg_pool import PoolTimeout
from psycopg_pool import TooManyRequests as PoolExhausted
from werkzeug.exceptions import HTTPException

from fitness.providers.client import (
    AccessExpired,
    ConnectionRefused,
    Misconfigured,
    NotThere,
    ProviderError,
    RateLimited,
    Rejected,
    Unreachable,
    Untrusted,
)

logger = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_AFTER_SECONDS = 2


class FitnessError(Exception):
    """What went wrong, in a sentence for a person, with the HTTP status and headers it is answered with."""

    status = 500

    def __init__(
        self,
        detail: str,
        *,
        errors: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})


class Unauthorized(FitnessError):
    """Nobody, or nobody who may still come in."""

    status = 401

    def __init__(self, detail: str = "Not logged in") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(FitnessError):
    """Whoever it is, they may not do this."""

    status = 403


class InsufficientScope(Forbidden):
    """Somebody, but by a personal access token that does not reach this far; `scope` None: none of them does."""

    def __init__(self, scope: str | None) -> None:
        detail = f"This token lacks the scope {scope}" if scope else "A personal access token does not do: log in"
        needed = f', scope="{scope}"' if scope else ""
        super().__init__(detail, headers={"WWW-Authenticate": f'Bearer error="insufficient_scope"{needed}'})


class NotFound(FitnessError):
    """There is no such record, or it is someone else's: the two look alike."""

    status = 404


class Conflict(FitnessError):
    """The change contradicts what is stored."""

    status = 409


class PreconditionFailed(FitnessError):
    """`If-Match` names another version than the current one."""

    status = 412

    def __init__(self, current_tag: str) -> None:
        super().__init__(
            f"The record is at version {current_tag} now",
            headers={"ETag": etag(current_tag)},
        )


class Invalid(FitnessError):
    """Well-formed, but not acceptable; `errors` says which field and why."""

    status = 422


class TooManyRequests(FitnessError):
    """A rate limit is used up for now."""

    status = 429

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("Too many requests", headers={"Retry-After": str(retry_after_seconds)})


class Unavailable(FitnessError):
    """The database cannot serve this request now; the same request may go through later."""

    status = 503

    def __init__(self, detail: str = "The database is busy or out of reach") -> None:
        super().__init__(detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def etag(tag: str) -> str:
    """Return the ETag header value of what tells a record's state."""
    return f'"{tag}"'


def found(record: T | None, noun: str) -> T:
    """Return the record, or raise NotFound naming the noun when there is none."""
    if record is None:
        raise NotFound(f"{noun} not found")
    return record


CONFLICTS = {
    "users_email_lower_key": "This e-mail address is already taken",
    "users_username_lower_key": "This username is already taken",
    "shoes_pkey": "There is already a shoe of this name",
    "shoes_user_id_name_key": "There is already a shoe of this name",
    "users_google_id_key": "This Google account is linked with another account",
    "uq_exercises_user_name_lower": "There is already an exercise of this name",
    "plan_links_run_id_key": "This run fulfils another planned workout",
    "plan_links_workout_id_key": "This workout fulfils another planned workout",
}
INVALID = {
    "runs_shoe_id_fkey": ("shoe_id", "There is no such shoe"),
    "strength_sets_set_index_key": ("set_index", "The exercise has a set of this set_index"),
    "workouts_end_ts_check": ("end_ts", "It ends before it starts"),
    "users_heart_rates_order_check": ("resting_heart_rate", "Must be lower than the maximum heart rate"),
}


def from_integrity_error(error: psycopg.IntegrityError) -> FitnessError | None:
    """Return the domain error that a known constraint stands for, or None when the violation is a bug of ours.

    Sharded databases append a shard number to the constraint's name; it is stripped before the look-up.
    """
    name = re.sub(r"_\d{4,}$", "", error.diag.constraint_name or "")
    if name in CONFLICTS:
        return Conflict(CONFLICTS[name])
    if name in INVALID:
        field, why = INVALID[name]
        return Invalid(why, errors={field: [why]})
    return None


PROVIDER_STATUS: dict[type[ProviderError], int] = {
    AccessExpired: 409,
    ConnectionRefused: 409,
    Misconfigured: 503,
    NotThere: 502,
    RateLimited: 429,
    Rejected: 502,
    Unreachable: 502,
    Untrusted: 401,
}
"""How a provider's failure is answered: 409 when the person must connect again, 503 when the operator must act."""

DETAILS = {
    400: "The request cannot be read",
    404: "There is nothing at this address",
    405: "This address does not answer this method",
    413: "The body is too large",
    415: "Send application/json",
}
"""What the framework's own refusals mean, for a person."""


def register(app: Flask) -> None:
    """Answer every error as JSON: `detail`, for 422 also `errors`, for 500 also `request_id`."""
    app.register_error_handler(FitnessError, _answer_fitness_error)
    app.register_error_handler(ProviderError, _answer_provider_error)
    app.register_error_handler(ValidationError, _answer_validation_error)
    app.register_error_handler(HTTPException, _answer_http_exception)
    for exhausted in (PoolTimeout, PoolExhausted, psycopg.OperationalError):
        app.register_error_handler(exhausted, _answer_unavailable)
    app.register_error_handler(psycopg.DataError, _answer_data_error)
    app.register_error_handler(Exception, _answer_bug)


def _answer_fitness_error(error: FitnessError) -> Response:
    body: dict[str, object] = {"detail": error.detail}
    if error.errors is not None:
        body["errors"] = error.errors
    return _answer(body, error.status, error.headers)


def _answer_provider_error(error: ProviderError) -> Response:
    logger.warning("provider: %s", error.detail)
    headers = {}
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(max(1, math.ceil((error.retry_at - datetime.now(UTC)).total_seconds())))
    return _answer({"detail": error.detail}, PROVIDER_STATUS[type(error)], headers)


def _answer_validation_error(error: ValidationError) -> Response:
    return _answer({"detail": "The request is not valid", "errors": error.normalized_messages()}, 422)


def _answer_http_exception(error: HTTPException) -> Response:
    status = error.code or 500
    data = getattr(error, "data", None) or {}
    body: dict[str, object] = {"detail": data.get("message") or DETAILS.get(status) or error.description}
    if status == 422:
        body = {"detail": "The request is not valid", "errors": _by_field(data.get("messages") or {})}
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After", "Location"}}
    return _answer(body, status, headers)


def _by_field(messages: Mapping[str, object]) -> dict[str, object]:
    """Return webargs' messages, which come as {location: {field: [why]}}, as {field: [why]}."""
    fields: dict[str, object] = {}
    for location, problems in messages.items():
        fields.update(problems if isinstance(problems, dict) else {location: problems})
    return fields


def _answer_data_error(error: psycopg.DataError) -> Response:
    """A value that no column can hold, such as a forged cursor's: the client's fault, not ours."""
    # Its message would repeat the value.
    logger.warning("value refused by the database: %s", type(error).__name__)
    return _answer({"detail": "A value in the request is not valid", "errors": {}}, 422)


def _answer_unavailable(error: Exception) -> Response:
    logger.error("database unavailable: %s", error)
    return _answer_fitness_error(Unavailable())


def _answer_bug(error: Exception) -> Response:
    logger.error("unhandled error", exc_info=error)
    return _answer({"detail": "Something went wrong on our side", "request_id": g.get("request_id")}, 500)


def _answer(body: Mapping[str, object], status: int, headers: Mapping[str, str] | None = None) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers or {})
    return response
