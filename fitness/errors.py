"""Domain errors, which any code may raise; `web/errors.py` turns them into HTTP responses."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

NOT_VALID = "The request is not valid"
ACCOUNT_DELETED = "The account was deleted"
RETRY_AFTER_SECONDS = 2


class FitnessError(Exception):
    """An error with a sentence for a person, and the HTTP status and headers of its response.

    `code` is for programs: it never changes, while sentences may.
    """

    status = 500
    code = "internal_error"

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


class Unreadable(FitnessError):
    """The request is not well-formed; the sentence says where."""

    status = 400
    code = "unreadable"


class Unauthorized(FitnessError):
    """The request has no valid login or token."""

    status = 401
    code = "unauthorized"

    def __init__(self, detail: str = "Not logged in") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class SecondFactorNeeded(Unauthorized):
    """The password is right, but this account needs a code of its second factor as well."""

    code = "second_factor_needed"

    def __init__(self) -> None:
        super().__init__("Send a code of the second factor as well")


class Forbidden(FitnessError):
    """The current user may not do this."""

    status = 403
    code = "forbidden"


class InsufficientScope(Forbidden):
    """The personal access token lacks the scope; `scope` None: no personal access token is allowed here."""

    code = "insufficient_scope"

    def __init__(self, scope: str | None) -> None:
        detail = f"This token lacks the scope {scope}" if scope else "Personal access tokens cannot be used here"
        needed = f', scope="{scope}"' if scope else ""
        super().__init__(detail, headers={"WWW-Authenticate": f'Bearer error="insufficient_scope"{needed}'})


class ConfirmationNeeded(Forbidden):
    """The session may belong to a thief: its last login or confirmation is too long ago for this action."""

    code = "confirmation_needed"

    def __init__(self) -> None:
        super().__init__("This needs a recent login: confirm that it is you, or log in again")


class NotFound(FitnessError):
    """The record does not exist or belongs to another user; both look the same."""

    status = 404
    code = "not_found"


class PointsMissing(NotFound):
    """The record has no points."""

    code = "points_missing"


class PointsRemoved(FitnessError):
    """The record had points, which were removed for good."""

    status = 410
    code = "points_removed"

    def __init__(self) -> None:
        super().__init__("The points were removed for good; import the file again to have them back")


class Conflict(FitnessError):
    """The change conflicts with the stored data."""

    status = 409
    code = "conflict"


class WorkoutFinished(Conflict):
    """The sets and sessions of a finished workout are closed."""

    code = "workout_finished"

    def __init__(self) -> None:
        super().__init__("The workout is finished; set finished_at to null to change its sets or sessions")


class QuotaExceeded(Conflict):
    """The account has stored as much as it may."""

    code = "quota_exceeded"


class CursorExpired(FitnessError):
    """The cursor is of before the database was restored."""

    status = 410
    code = "cursor_expired"

    def __init__(self) -> None:
        super().__init__("The database was restored since this cursor was made: read the feed again from its beginning")


class ImportExpired(FitnessError):
    """The import was not finished in time."""

    status = 410
    code = "import_expired"

    def __init__(self) -> None:
        super().__init__("Nothing was sent to this import for an hour, so its files were deleted: begin a new one")


class PreconditionFailed(FitnessError):
    """`If-Match` does not match the current version."""

    status = 412
    code = "version_mismatch"

    def __init__(self, current_tag: str) -> None:
        super().__init__(
            f"The record is now at version {current_tag}",
            headers={"ETag": etag(current_tag)},
        )


class TooLarge(FitnessError):
    """The request has more than is allowed; the sentence says how much that is."""

    status = 413
    code = "too_large"


class Packed(FitnessError):
    """The body is compressed: it would be read as it is, and be no JSON or another file."""

    status = 415
    code = "unsupported_media_type"

    def __init__(self) -> None:
        super().__init__("Send the body without Content-Encoding", headers={"Accept-Encoding": "identity"})


class Invalid(FitnessError):
    """The request is well-formed but not valid; `errors` has the problems of each field."""

    status = 422
    code = "invalid"


class TooManyRequests(FitnessError):
    """A rate limit is exceeded."""

    status = 429
    code = "too_many_requests"

    def __init__(self, retry_after_seconds: int, detail: str = "Too many requests") -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


class Unavailable(FitnessError):
    """The database cannot serve this request now; the client may retry later."""

    status = 503
    code = "unavailable"

    def __init__(self, detail: str = "The database is busy or cannot be reached") -> None:
        super().__init__(detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


class TookTooLong(FitnessError):
    """A request or statement was stopped, as it took too long or too much space. Again it would take as long."""

    status = 504
    code = "took_too_long"

    def __init__(self) -> None:
        super().__init__("This took too long and was stopped: ask for less, such as a shorter range of days")


class Abandoned(FitnessError):
    """The client has left: its request was stopped, and nobody reads the response."""

    status = 408
    code = "abandoned"

    def __init__(self) -> None:
        super().__init__("The client has left")


def etag(tag: str) -> str:
    """Return the ETag header value for the tag of a record."""
    return f'"{tag}"'


def invalid_field(field: str, why: str) -> Invalid:
    """Return the error for one field that is not valid."""
    return Invalid(NOT_VALID, errors={field: [why]})


def found(record: T | None, noun: str) -> T:
    """Return the record, or raise NotFound with the noun if it is None."""
    if record is None:
        raise NotFound(f"{noun} not found")
    return record
