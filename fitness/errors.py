"""Errors of the domain, raised anywhere; `web/errors.py` answers them over HTTP."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

NOT_VALID = "The request is not valid"
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


def invalid_field(field: str, why: str) -> Invalid:
    """Return the error for a request in which one field is wrong."""
    return Invalid(NOT_VALID, errors={field: [why]})


def found(record: T | None, noun: str) -> T:
    """Return the record, or raise NotFound naming the noun when there is none."""
    if record is None:
        raise NotFound(f"{noun} not found")
    return record
