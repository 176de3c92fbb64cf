"""The blueprint of all nouns: login and transaction, strict arguments, ETags of versions, documented errors."""

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial, wraps
from typing import Any, TypeVar, cast

import flask
import flask_smorest
from flask import Request, Response, request
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields
from webargs.core import missing
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict

from fitness.auth import Access, is_logged_in, login_required
from fitness.db.history.as_of import look_back
from fitness.db.history.versioned import Record, tag
from fitness.db.nouns import NOUNS
from fitness.db.paging import Cursor
from fitness.errors import Unauthorized, etag, invalid_field
from fitness.schemas.base import AsOfQuery, Flag
from fitness.schemas.jobs import JobWithResultSchema
from fitness.web.conditional import IF_NONE_MATCH, tagged, unchanged
from fitness.web.idempotency import IDEMPOTENCY_KEY, idempotent
from fitness.web.jobs import PREFER, respond_async
from fitness.web.joined import led_by_keys
from fitness.web.json_keys import require_single_keys
from fitness.web.log_position import shown_position
from fitness.web.pieces import CONTENT, CONTENT_RANGE, JSON_FILE, whole_body

IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": "ETag of the version to change; if it is not the current one, the response is 412",
    "example": '"3"',
}
"""The header that every change to a versioned record accepts, for `@blp.doc(parameters=[IF_MATCH])`."""

ETAG = {"ETag": {"$ref": "#/components/headers/ETag"}}
"""The headers of a response with an ETag, where neither `If-Match` nor the schema shows that: `headers=ETAG`."""


class Parser(FlaskParser):
    """A parser that rejects unknown fields in every location, so that a misspelt filter is not ignored."""

    DEFAULT_UNKNOWN_BY_LOCATION = {}  # noqa: RUF012 - declared by the parent

    def parse(self, argmap: Any, req: Request | None = None, *, location: str | None = None, **kwargs: Any) -> Any:
        """Load a request's arguments; parsed queries are cached, as clients repeat them."""
        if location == "query":
            return dict(_loaded_query(argmap, request.query_string))
        if location == "json":
            # Faster than the parent, which looks for hooks at every step; there are none.
            body = self.load_json(request, argmap)
            return argmap.load({} if body is missing else body)
        if location == "form":
            _refuse_repeated(request.form)
        return super().parse(argmap, req, location=location, **kwargs)

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the JSON body, or `missing` if it is empty; another content type answers 415.

        Raises Unreadable if an object has a key twice: which of its values is meant is not known.
        """
        content = whole_body()
        if not content:
            return missing
        body = req.get_json()
        require_single_keys(content)
        return body


def _refuse_repeated(sent: MultiDict[str, str]) -> None:
    """Raise ValidationError for what was sent more than once: which of the values is meant is not known."""
    if repeated := [name for name, values in sent.lists() if len(values) > 1]:
        raise ValidationError({name: ["Sent more than once"] for name in repeated})


@lru_cache(maxsize=1024)
def _loaded_query(schema: Schema, query_string: bytes) -> dict[str, Any]:
    """Load the request's query with the schema; `query_string` is the cache key. Raises ValidationError."""
    _refuse_repeated(request.args)
    query: dict[str, Any] = request.args.to_dict()
    for name, field in schema.fields.items():
        if isinstance(field, Flag):
            name = field.data_key or name
            word = query.get(name, "").lower()
            query |= {name: _FLAGS[word]} if word in _FLAGS else {}
    return cast("dict[str, Any]", schema.load(query))


_FLAGS = {"true": True, "false": False}


Method = TypeVar("Method", bound=Callable[..., Any])


class Blueprint(flask_smorest.Blueprint):
    """A blueprint whose views run as the logged-in user, in one transaction, unless the blueprint is public.

    A personal access token needs the scope `read` for GET and `write` for other methods; one of the operator may only
    read. Decorators mark methods that differ: `scope`, `login_optional`, `own_transactions`, `for_operator`. What GET
    answers has an ETag, see `fitness.web.conditional`, unless it is marked as `untagged`.
    """

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, public: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.public = public
        self.after_request(_keep_private)
        self._prepare_doc_cbks.append(self._document)

    def add_url_rule(self, rule: str, endpoint: Any = None, view_func: Any = None, *args: Any, **kwargs: Any) -> None:
        led = [partial(led_by_keys, kind=kind) for kind in NOUNS if kind.joins and re.search(f"[<:]{kind.key}>", rule)]
        if not self.public and isinstance(view_func, type) and issubclass(view_func, MethodView):
            marked = {name: _marks(getattr(view_func, name.lower())) for name in view_func.methods or ()}
            access = {name: _access(name, marks) for name, marks in marked.items()}
            if "GET" in access:
                access["HEAD"] = access["GET"]
            keyed = {name: rules.own_transactions for name, rules in access.items() if _takes_key(name, rules)}
            methods = {name for name, marks in marked.items() if marks.get("can_wait")}
            waits = [partial(respond_async, methods=methods)] if methods else []
            once = partial(idempotent, keyed=keyed)
            tags = partial(tagged, methods={name for name, rules in access.items() if rules.tagged})
            as_user = partial(login_required, access=access, unchanged=unchanged, shown_position=shown_position)
            view_func.decorators = [*led, once, tags, *waits, as_user]
        if "<" in rule:
            view_func = self._decorate_view_func_or_method_view(self.alt_response(404, "NOT_FOUND"), view_func)
        super().add_url_rule(rule, endpoint, view_func, *args, **kwargs)

    def add_alias(self, rule: str, view_func: type[MethodView]) -> None:
        """Serve a view of this blueprint at a second path, which the description does not list."""
        endpoint = f"{view_func.__name__}_alias"
        flask.Blueprint.add_url_rule(self, rule, endpoint, view_func.as_view(endpoint))

    @staticmethod
    def login_optional(method: Method) -> Method:
        """Mark a view's method: anonymous requests are allowed."""
        return _mark(method, login_optional=True)

    @staticmethod
    def own_transactions(method: Method) -> Method:
        """Mark a view's method: it opens its transactions itself, as it is slow between them."""
        return _mark(method, own_transactions=True)

    @staticmethod
    def untagged(method: Method) -> Method:
        """Mark a view's GET: its answer changes without a write of the user that counts, so it has no ETag."""
        return _mark(method, untagged=True)

    @staticmethod
    def can_wait(method: Method) -> Method:
        """Mark a view's method: its client need not wait, see `fitness.web.jobs`."""
        return _mark(method, can_wait=True)

    @staticmethod
    def takes_pieces(method: Method) -> Method:
        """Mark a view's method: its body is a file, or a piece of one, see `fitness.web.pieces`."""
        return _mark(method, takes_pieces=True)

    @staticmethod
    def takes_json_file(method: Method) -> Method:
        """Mark a view's method: the file of its form may also be its body, if it is JSON."""
        return _mark(method, takes_json_file=True)

    @staticmethod
    def scope(scope: str | None) -> Callable[[Method], Method]:
        """Mark a view's method with the scope that a personal access token needs; None: such tokens are refused."""
        return partial(_mark, scope=scope)

    @staticmethod
    def for_operator(allowed: bool) -> Callable[[Method], Method]:
        """Mark a view's method: whether the operator may call it for a user; its changes must be in the history."""
        return partial(_mark, for_operator=allowed)

    def arguments(self, schema: type[Schema], **kwargs: Any) -> Any:
        """Load arguments with the schema; one instance serves all requests, as creating one takes 0.2 ms."""
        if kwargs.get("location", "json") == "json":
            kwargs.setdefault("example", example_of(schema))
        with_arguments = super().arguments(schema(), **kwargs)
        if issubclass(schema, AsOfQuery):
            return lambda method: with_arguments(_looking_back(method))
        return with_arguments

    def response(self, status_code: Any, schema: Any = None, **kwargs: Any) -> Any:
        if schema is not None and not isinstance(schema, dict):
            kwargs.setdefault("example", example_of(schema))
        return super().response(status_code, schema, **kwargs)

    def alt_response(self, status_code: Any, response: str | None = None, *, schema: Any = None, **kwargs: Any) -> Any:
        if schema is not None:
            kwargs.setdefault("example", example_of(schema))
        return super().alt_response(status_code, response, schema=schema, **kwargs)

    def _document(self, doc: dict[str, Any], doc_info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
        """Document the errors that a view can answer, by its access rules, arguments and record."""
        responses = doc.setdefault("responses", {})
        names = {parameter["name"] for parameter in doc.get("parameters", []) if "name" in parameter}
        manual = doc_info.get("manual_doc", {}).get("parameters", [])
        if doc_info.get("takes_pieces"):
            doc.setdefault("parameters", []).append(CONTENT_RANGE)
            doc["requestBody"] = CONTENT
        if not self.public:
            asked = _access(method.upper(), doc_info)
            bearer = {"bearer": [asked.scope] if asked.scope else []}
            doc["security"] = [{}, bearer] if asked.login_optional else [bearer]
            responses |= {401: "UNAUTHORIZED", 403: "FORBIDDEN", 429: "TOO_MANY_REQUESTS"}
            if _takes_key(method.upper(), asked):
                doc.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
            if asked.tagged:
                doc.setdefault("parameters", []).append(IF_NONE_MATCH)
        if "requestBody" in doc:
            _join_form_and_files(doc)
            if doc_info.get("takes_json_file"):
                doc["requestBody"]["content"]["application/json"] = JSON_FILE
            responses |= {400: "BAD_REQUEST", 413: "CONTENT_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}
        if doc_info.get("can_wait"):
            doc.setdefault("parameters", []).append(PREFER)
            responses[202] = _accepted()
        if IF_MATCH in manual:
            responses[412] = "PRECONDITION_FAILED"
        if 422 in responses or "422" in responses or names:
            responses.pop("422", None)
            responses[422] = "UNPROCESSABLE_ENTITY"
        responses |= {503: "SERVICE_UNAVAILABLE", 504: "GATEWAY_TIMEOUT"}
        if manual:
            # Those of `doc` would replace the ones of the arguments and the headers.
            doc_info["manual_doc"]["parameters"] = [*doc.get("parameters", []), *manual]
        return doc


def _keep_private(response: Response) -> Response:
    """Forbid browsers and proxies to store an answer to somebody who is logged in, error or not."""
    if is_logged_in():
        response.headers["Cache-Control"] = "no-store"
    return response


def _mark(method: Method, **marks: Any) -> Method:
    """Add marks to a view's method."""
    vars(method).setdefault("_apidoc", {}).update(marks)
    return method


def _marks(method: Callable[..., Any]) -> dict[str, Any]:
    return getattr(method, "_apidoc", {})


def _access(name: str, marks: Mapping[str, Any]) -> Access:
    """Return the access rules of a view's method, from its HTTP name and its marks."""
    scope = marks.get("scope", "read" if name == "GET" else "write")
    own_transactions = marks.get("own_transactions", False)
    return Access(
        scope,
        login_optional=marks.get("login_optional", False),
        own_transactions=own_transactions,
        tagged=name == "GET" and not own_transactions and not marks.get("untagged", False),
        for_operator=marks.get("for_operator", scope == "read"),
    )


def _takes_key(name: str, access: Access) -> bool:
    """Return whether a view's method accepts an `Idempotency-Key`: one that writes, and whose answer has no secret.

    Methods that refuse personal access tokens deal with logins, passwords and tokens.
    """
    return name not in {"GET", "HEAD"} and access.scope is not None


def _looking_back(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view's method with a query `as_of` answer what the log said then; raises Invalid unless that is past."""

    @wraps(method)
    def run(self: MethodView, query: dict[str, Any], **path: Any) -> Any:
        instant = query.pop("as_of", None)
        if instant is not None:
            if not is_logged_in():
                raise Unauthorized
            look_back(instant, field="as_of")
        return method(self, query, **path)

    return run


def _join_form_and_files(doc: dict[str, Any]) -> None:
    """Document the files and the other fields of a form, two locations in webargs, as one body."""
    files = [parameter for parameter in doc.get("parameters", []) if parameter.get("in") == "files"]
    if files:
        doc["parameters"] = [parameter for parameter in doc["parameters"] if parameter not in files]
        parts = [*files, *doc["requestBody"]["content"].values()]
        body = {"schema": _joined(*(type(part["schema"]) for part in parts))}
        doc["requestBody"] = {"required": True, "content": {"multipart/form-data": body}}


@cache
def _joined(*parts: type[Schema]) -> type[Schema]:
    """Return one schema with the fields of all; the last one, with the most of them, names it."""
    name = parts[-1].__name__.removesuffix("Schema")
    return Schema.from_dict({name: field for part in parts for name, field in part().fields.items()}, name=name)


def _accepted() -> dict[str, Any]:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("Location", "Preference-Applied")}
    content = {"application/json": {"schema": JobWithResultSchema, "example": example_of(JobWithResultSchema)}}
    return {"description": "Accepted: ask the job for the result", "headers": headers, "content": content}


def example_of(schema: type[Schema] | Schema) -> dict[str, Any]:
    """Return an example of the schema, made of the examples of its fields."""
    instance = schema() if isinstance(schema, type) else schema
    return {
        field.data_key or name: _example_of_field(field)
        for name, field in instance.fields.items()
        if field.metadata.get("examples") or isinstance(field, fields.Nested | fields.List)
    }


def _example_of_field(field: fields.Field) -> Any:
    if examples := field.metadata.get("examples"):
        return examples[0]
    if isinstance(field, fields.List):
        return [_example_of_field(field.inner)]
    if isinstance(field, fields.Nested):
        return example_of(field.schema)
    return None


def with_etag(record: Record) -> tuple[Record, dict[str, str]]:
    """Return a versioned record and the ETag header of its version, as a view's response."""
    return record, etag_of(record)


def etag_of(record: Record) -> dict[str, str]:
    """Return the ETag header of a record."""
    return {"ETag": etag(tag(record))}


def if_match() -> list[str] | None:
    """Return the tags in the request's `If-Match`; None if it is absent or `*`.

    Tags that are weak or that this API never sends are left out, as they cannot match.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    return [tag for tag in request.if_match if tag and tag.isascii() and "\0" not in tag]


def page(items: list[Any], next_cursor: str | None) -> dict[str, Any]:
    """Return a page of a list as a view's response."""
    return {"items": items, "next_cursor": next_cursor}


def cursor_of(text: str | None, order: str, *, field: str = "cursor") -> Cursor | None:
    """Return the cursor from its text; raises Invalid if it is damaged or belongs to another order."""
    if text is None:
        return None
    try:
        return Cursor.decode(text, order)
    except ValueError as error:
        raise invalid_field(field, str(error)) from error


DIGITS_OF_BIGINT = 19


def numbered_page(
    query: dict[str, Any], number: str, fetch: Callable[[int, int | None], tuple[list[Any], bool]]
) -> dict[str, Any]:
    """Return a page of numbered records, newest first, as a view's response.

    `number` is the name of the number field, and of the cursor's order; `fetch(limit, before)` returns records, or
    dicts of their fields, with numbers below `before`, and whether more follow.
    """
    after = cursor_of(query.get("cursor"), number)
    if after and not (after.key.isdecimal() and len(after.key) < DIGITS_OF_BIGINT):
        raise invalid_field("cursor", "This cursor belongs to another list")
    items, more = fetch(query["limit"], int(after.key) if after else None)
    if not more:
        return page(items, None)
    last = items[-1]
    key = last[number] if isinstance(last, dict) else getattr(last, number)
    return page(items, Cursor(str(key), "").encode(number))


def numbered_list(query: dict[str, Any], number: str, fetch: Callable[..., list[Any]]) -> dict[str, Any]:
    """Return a page as `numbered_page` does; `fetch(limit=…, before=…)` returns up to `limit` records."""

    def fetch_page(limit: int, before: int | None) -> tuple[list[Any], bool]:
        # One more is fetched to know whether there is a next page.
        items = fetch(limit=limit + 1, before=before)
        return items[:limit], len(items) > limit

    return numbered_page(query, number, fetch_page)
