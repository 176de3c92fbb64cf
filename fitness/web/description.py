"""The description of the API (OpenAPI): what is the same for all operations, and what follows from their paths."""

from collections.abc import Mapping
from http import HTTPStatus
from threading import Lock
from types import MappingProxyType
from typing import Any, NamedTuple

from apispec import APISpec, BasePlugin
from flask import Flask, Response, json
from flask_smorest import Api, Blueprint

from fitness.errors import NOT_VALID
from fitness.schemas.base import VERSION
from fitness.schemas.connections import PROVIDERS
from fitness.schemas.errors import FIELD_ERRORS, ErrorAnswerSchema, ProblemDetailsSchema
from fitness.web import log_position
from fitness.web.blueprint import ETAG, IF_MATCH
from fitness.web.conditional import IF_NONE_MATCH
from fitness.web.errors import PROBLEM
from fitness.web.idempotency import HEADER, REPLAYED
from fitness.web.introduction import INTRODUCTION
from fitness.web.operations import GROUPS, group_of, operation_id

Json = dict[str, Any]


def _header(description: str, example: Any, kind: str = "string") -> Json:
    return {"description": description, "schema": {"type": kind}, "example": example}


HEADERS = {
    REPLAYED: _header("`true`: the first answer to this `Idempotency-Key`, sent again", "true"),
    "ETag": _header("Version of the record, for `If-Match`; of other answers, a tag for `If-None-Match`", '"3"'),
    "Location": _header("Where to go, or the path of the new record", "/v1/runs/mmf_8700100201"),
    "Preference-Applied": _header("`respond-async`: the request became a job", "respond-async"),
    "RateLimit": _header("What is left of each limit that the call counted against", '"token-60s";r=599;t=42'),
    "RateLimit-Policy": _header("Calls (q) per seconds (w) of these limits", '"token-60s";q=600;w=60'),
    log_position.HEADER: _header(
        "Where reads run on a replica: what was written. A later read that sends it back sees that; browsers need not",
        "0/3A5F2C8",
    ),
    "Retry-After": _header("Seconds to wait before the next try", 30, "integer"),
}
"""The headers of responses, as components."""


def _refs(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


LIMITS = _refs("RateLimit", "RateLimit-Policy")
RETRY_AFTER = _refs("Retry-After")


class Shared(NamedTuple):
    """An error that operations refer to."""

    description: str
    detail: str
    code: str
    more: Mapping[str, Any] = MappingProxyType({})
    headers: Mapping[str, Any] = MappingProxyType({})


ERRORS = {
    "BAD_REQUEST": (400, Shared("The body cannot be read", "The request cannot be read", "unreadable")),
    "UNAUTHORIZED": (401, Shared("Not logged in", "Not logged in", "unauthorized")),
    "FORBIDDEN": (
        403,
        Shared(
            "Not allowed: the personal access token lacks the scope, or no such token is accepted here",
            "This token lacks the scope write",
            "insufficient_scope",
        ),
    ),
    "NOT_FOUND": (404, Shared("Not found, or the record of another person", "Run not found", "not_found")),
    "CONFLICT": (
        409,
        Shared(
            "The change conflicts with the stored data",
            "Another sync is running",
            "conflict",
            headers=RETRY_AFTER,
        ),
    ),
    "GONE": (
        410,
        Shared(
            "Gone: a cursor that no longer holds, an import that has expired, or points that were removed for good",
            "The database was restored since this cursor was made: read the feed again from its beginning",
            "cursor_expired",
        ),
    ),
    "PRECONDITION_FAILED": (
        412,
        Shared(
            "The record has another version now; `ETag` is its tag",
            "The record is now at version 4",
            "version_mismatch",
            headers=ETAG,
        ),
    ),
    "CONTENT_TOO_LARGE": (413, Shared("The body is too large", "The body is too large", "too_large")),
    "UNSUPPORTED_MEDIA_TYPE": (
        415,
        Shared("The content type is not supported", "Send application/json", "unsupported_media_type"),
    ),
    "UNPROCESSABLE_ENTITY": (
        422,
        Shared(
            "Not valid; `errors` has the problems of each field",
            NOT_VALID,
            "invalid",
            more={"errors": {"limit": ["Not a valid integer."]}},
        ),
    ),
    "TOO_MANY_REQUESTS": (
        429,
        Shared(
            "A rate limit is exceeded",
            "Too many requests",
            "too_many_requests",
            headers=RETRY_AFTER,
        ),
    ),
    "BAD_GATEWAY": (502, Shared("The provider failed", "Strava answered with status 500", "provider_error")),
    "SERVICE_UNAVAILABLE": (
        503,
        Shared(
            "The database is busy",
            "The database is busy or cannot be reached",
            "unavailable",
            headers=RETRY_AFTER,
        ),
    ),
    "GATEWAY_TIMEOUT": (
        504,
        Shared(
            "The request took too long",
            "This took too long and was stopped: ask for less, such as a shorter range of days",
            "took_too_long",
        ),
    ),
    "DEFAULT_ERROR": (
        500,
        Shared(
            "An error of this server",
            "Internal server error",
            "internal_error",
            more={"request_id": "7d3f2c7a9b1e4f60"},
        ),
    ),
}
"""The errors by the name that views give (`@blp.alt_response(409, "CONFLICT")`)."""

PATH_PARAMETERS: dict[str, Json] = {
    "bookmark_id": {"example": 3},
    "changeset_id": {"example": 12},
    "import_id": {"example": 4},
    "file_sha256": {"example": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    "field": {"example": "distance"},
    "job_id": {"example": 7},
    "exercise_id": {"example": "8a3ce2b4-5f0e-4c8e-8d35-2f6f0d1c7a90"},
    "other_planned_workout_id": {"example": 6},
    "other_run_id": {"example": "strava_16321877401"},
    "other_workout_id": {"example": "1a2b7f53-9c8e-4c0d-8f0e-3f6b2d9c5e77"},
    "passkey_id": {"example": 2},
    "planned_workout_id": {"example": 5},
    "provider": {"example": "strava", "schema": {"type": "string", "enum": list(PROVIDERS)}},
    "run_id": {"example": "mmf_8700100201"},
    "secret": {"example": "hJtXIZ2uSN5kbQfbtTNWbpdmhVkv8FJ-Dx8zJ0pIwkE"},
    "session_id": {"example": 4},
    "sha256": {"example": "7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a"},
    "set_id": {"example": "5b0f5d0e-7a55-4c2a-9d9b-0f6f0d1c7a90"},
    "shoe_id": {"example": "brooks_ghost_16"},
    "token_id": {"example": 3},
    "version": {"example": 2},
    "workout_id": {"example": "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11"},
}
"""What the description says of parameters of paths, beside their type."""


class Operations(BasePlugin):
    """Give each operation its id, its group and the headers of its responses."""

    spec: APISpec

    def init_spec(self, spec: APISpec) -> None:
        self.spec = spec

    def path_helper(
        self, path: str | None = None, operations: Json | None = None, parameters: Any = None, **_: Any
    ) -> None:
        for parameter in parameters:
            parameter.update(PATH_PARAMETERS.get(parameter["name"], {}))

    def operation_helper(self, path: str | None = None, operations: Json | None = None, **_: Any) -> None:
        assert path is not None
        for method, operation in (operations or {}).items():
            operation["tags"] = [group_of(path) or "Other"]
            is_list = "items" in self._answered(operation, "200")
            operation.setdefault("operationId", operation_id(method, path, is_list=is_list))
            self._declare_headers(method, operation)
            self._declare_unchanged(operation)

    def _declare_headers(self, method: str, operation: Json) -> None:
        """Declare ETag for versioned records, Location for new ones and redirects, the rest for whatever has it."""
        asked = {parameter.get("name") for parameter in operation.get("parameters", [])}
        creates = "201" in map(str, operation["responses"])
        for status, response in operation["responses"].items():
            if isinstance(response, str):  # a shared error
                continue
            headers = dict(response.get("headers", {}))
            version = self._answered(operation, str(status)).get("version", {})
            versioned = version.get("description") == VERSION["description"]
            if versioned or (IF_MATCH["name"] in asked and "content" in response):
                headers |= ETAG
            if str(status) == "302" or (versioned and creates):
                headers |= _refs("Location")
            if HEADER in asked:
                headers |= _refs(REPLAYED)
            if method != "get" and str(status).startswith("2"):
                headers |= _refs(log_position.HEADER)
            if "429" in map(str, operation["responses"]):
                headers |= LIMITS
            if headers:
                response["headers"] = headers

    def _declare_unchanged(self, operation: Json) -> None:
        """Declare 304 and the tag, except for records, whose ETag is their version."""
        parameters = operation.get("parameters", [])
        if IF_NONE_MATCH not in parameters:
            return
        response = next(answer for status, answer in operation["responses"].items() if str(status) == "200")
        if "ETag" in response.get("headers", {}):
            parameters.remove(IF_NONE_MATCH)
            return
        response["headers"] = {**response.get("headers", {}), **ETAG}
        operation["responses"]["304"] = {"description": "Nothing has changed", "headers": {**ETAG, **LIMITS}}

    def _answered(self, operation: Json, status: str) -> Json:
        """Return the properties of the JSON that an operation answers with a status."""
        response = {str(code): response for code, response in operation["responses"].items()}.get(status, {})
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        return self.spec.components.schemas.get(name, {}).get("properties", {})


class DescribedApi(Api):
    """The API with its description.

    The description is made when it is first asked for: that takes three times as long as all else that an application
    is made of.
    """

    ERROR_SCHEMA = ErrorAnswerSchema

    def __init__(self, app: Flask) -> None:
        self._flask = app
        self._undescribed: list[Blueprint] = []
        self._describing = Lock()
        tags = [{"name": group.name, "description": group.description} for group in GROUPS]
        info = {"description": INTRODUCTION.strip()}
        bearer = {"type": "http", "scheme": "bearer", "description": "An access token, or a personal access token"}
        components = {"securitySchemes": {"bearer": bearer}}
        options = {"info": info, "tags": tags, "components": components}
        super().__init__(app, spec_kwargs={"extra_plugins": [Operations()], **options})
        app.add_url_rule("/v1/openapi.json", "description", self._serve)

    def register_blueprint(self, blp: Blueprint, *, parameters: Any = None, **options: Any) -> None:
        self._flask.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._flask.register_blueprint(blp, **options)
        self._undescribed.append(blp)

    def _serve(self) -> Response:
        """Return the description."""
        return self._flask.response_class(self._description(), mimetype="application/json")

    def _description(self) -> str:
        """Return the description as JSON."""
        assert self.spec is not None
        with self._describing:
            while self._undescribed:
                blp = self._undescribed.pop(0)
                blp.register_views_in_doc(self, self._flask, self.spec, name=blp.name, parameters=None)
            return json.dumps(self.spec.to_dict())

    def _register_responses(self) -> None:
        super()._register_responses()
        assert self.spec is not None
        components = self.spec.components
        components.schema("FieldErrors", FIELD_ERRORS)
        for name, header in HEADERS.items():
            components.header(name, header)
        for name, (status, error) in ERRORS.items():
            components.response(name, _shared(status, error), lazy=True)


def _shared(status: int, error: Shared) -> Json:
    body = {"detail": error.detail, **error.more}
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": error.code, **body}
    content = {
        "application/json": {"schema": ErrorAnswerSchema, "example": body},
        PROBLEM: {"schema": ProblemDetailsSchema, "example": problem},
    }
    return {"description": error.description, "content": content, "headers": {**error.headers, **LIMITS}}
