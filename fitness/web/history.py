"""The history and restore routes of every noun of `fitness.db.nouns`."""

from collections.abc import Callable
from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db.history import versions
from fitness.db.history.versioned import Record, Versioned
from fitness.db.nouns import NOUNS
from fitness.errors import found
from fitness.schemas.base import PageQuery, Schema, page_of
from fitness.web.blueprint import IF_MATCH, Blueprint, if_match, numbered_page, with_etag

_served: set[Versioned[Any, Any]] = set()


def require_histories() -> None:
    """Raise LookupError for a noun whose history no blueprint serves."""
    if missing := [kind.noun for kind in NOUNS if kind not in _served]:
        raise LookupError(f"add_history is not called for: {', '.join(missing)}")


def add_history(
    blp: Blueprint,
    kind: Versioned[Any, Any],
    *,
    schema: type[Schema],
    version_schema: type[Schema],
    read: Callable[[Any], Record],
) -> None:
    """Add `/<id>/history`, `/<id>/history/<version>` and `/<id>/restore/<version>` for the records of a noun.

    `read` returns a record as the API shows it, by its id.
    """
    _served.add(kind)
    noun = kind.noun.lower()
    converter = {"uuid": "uuid", "bigint": "int"}.get(kind.id_type, "string")

    @blp.route(f"/<{converter}:{kind.key}>/history", endpoint=f"{noun}_history")
    class History(MethodView):
        @blp.arguments(PageQuery, location="query")
        @blp.response(200, page_of(version_schema))
        @blp.doc(
            summary=f"List the versions of a {noun}",
            description=f"Newest first. Also works for a deleted {noun}.",
        )
        def get(self, query: dict[str, Any], **path: Any) -> Any:
            record_id = path[kind.key]
            found(versions.latest_version_number(kind, record_id), kind.noun)
            return numbered_page(
                query,
                "version_number",
                lambda limit, before: versions.get_history(kind, record_id, limit=limit, before_version=before),
            )

    @blp.route(f"/<{converter}:{kind.key}>/history/<int:version>", endpoint=f"{noun}_version")
    class Version(MethodView):
        @blp.response(200, version_schema)
        @blp.doc(summary=f"Read one version of a {noun}")
        def get(self, version: int, **path: Any) -> Any:
            return found(versions.get_version(kind, path[kind.key], version), "Version")

    @blp.route(f"/<{converter}:{kind.key}>/restore/<int:version>", endpoint=f"{noun}_restore")
    class Restore(MethodView):
        @blp.response(200, schema)
        @blp.alt_response(409, "CONFLICT")
        @blp.doc(
            summary=f"Restore a version of a {noun}",
            description=f"Creates a new version with the same values. A deleted {noun} becomes active again.",
            parameters=[IF_MATCH],
        )
        def post(self, version: int, **path: Any) -> Any:
            versions.restore(kind, path[kind.key], version, changed_by=actor(), if_tags=if_match())
            return with_etag(read(path[kind.key]))
