"""The history and restore routes of every noun of `fitness.db.nouns`."""

from collections.abc import Callable, Mapping
from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db.history import reading, versions
from fitness.db.history.blame import get_blame
from fitness.db.history.changes import changes_of, with_changes
from fitness.db.history.versioned import Record, Versioned
from fitness.db.nouns import NOUNS
from fitness.errors import found
from fitness.schemas.base import PageQuery, Schema, page_of
from fitness.schemas.history import (
    BlameSchema,
    DiffQuery,
    WorkoutBlameSchema,
    changes_schema,
    diff_schema,
    version_with_changes,
)
from fitness.web.blueprint import IF_MATCH, Blueprint, if_match, numbered_page, with_etag

_served: dict[Versioned[Any, Any], Schema] = {}


def require_histories() -> None:
    """Raise LookupError for a noun whose history no blueprint serves."""
    if missing := [kind.noun for kind in NOUNS if kind not in _served]:
        raise LookupError(f"add_history is not called for: {', '.join(missing)}")


def round_versions(records: Mapping[str, list[Any]]) -> None:
    """Round the values of versions, {noun: records} with nouns such as `runs`, as their histories do."""
    for kind, schema in _served.items():
        schema.dump(records.get(kind.path))


def item_path(kind: Versioned[Any, Any]) -> str:
    """Return the part of addresses that is the id of a noun's record: `/<uuid:workout_id>`."""
    converter = {"uuid": "uuid", "bigint": "int"}.get(kind.id_type, "string")
    return f"/<{converter}:{kind.key}>"


def add_history(
    blp: Blueprint,
    kind: Versioned[Any, Any],
    *,
    schema: type[Schema],
    version_schema: type[Schema],
    read: Callable[[Any], Record],
) -> None:
    """Add `/<id>/history`, `/<id>/history/<version>`, `/<id>/diff`, `/<id>/blame` and `/<id>/restore/<version>`.

    `read` returns a record as the API shows it, by its id.
    """
    _served[kind] = version_schema()
    noun = kind.noun.lower()
    item = item_path(kind)
    changes_shown = changes_schema(kind, version_schema)
    version_shown = version_with_changes(changes_shown, version_schema)

    @blp.route(f"{item}/history", endpoint=f"{noun}_history")
    class History(MethodView):
        @blp.arguments(PageQuery, location="query")
        @blp.response(200, page_of(version_shown))
        @blp.doc(
            summary=f"List the versions of a {noun}",
            description=f"""Newest first, each with what changed in it against the version before. Also works for a
deleted {noun}.""",
        )
        def get(self, query: dict[str, Any], **path: Any) -> Any:
            record_id = path[kind.key]
            found(reading.latest_version_number(kind, record_id), kind.noun)

            def fetch(limit: int, before: int | None) -> tuple[list[Any], bool]:
                shown, last = reading.list_history(kind, record_id, limit=limit, before_version=before)
                older = [reading.get_version(kind, record_id, int(last) - 1)] if last else []
                return with_changes(kind, [*shown, *older])[: len(shown)], last is not None

            return numbered_page(query, "version_number", fetch)

    @blp.route(f"{item}/history/<int:version>", endpoint=f"{noun}_version")
    class Version(MethodView):
        @blp.response(200, version_shown)
        @blp.doc(summary=f"Read one version of a {noun}")
        def get(self, version: int, **path: Any) -> Any:
            after = reading.require_version(kind, path[kind.key], version)
            before = reading.get_version(kind, path[kind.key], version - 1)
            return {**vars(after), "changes": changes_of(kind, before, after)}

    @blp.route(f"{item}/diff", endpoint=f"{noun}_diff")
    class Diff(MethodView):
        @blp.arguments(DiffQuery, location="query")
        @blp.response(200, diff_schema(changes_shown, version_schema))
        @blp.doc(
            summary=f"Compare two versions of a {noun}",
            description="""`changes` has the fields that differ, each as `[before, after]`. The versions may be in
either order: from a newer to an older one, they are what a restore would change.""",
        )
        def get(self, query: dict[str, Any], **path: Any) -> Any:
            record_id = path[kind.key]
            newest = found(reading.latest_version_number(kind, record_id), kind.noun)
            to = query.get("to", newest)
            since = query.get("from", max(to - 1, 0))

            def version_of(number: int) -> Any:
                if number == 0:
                    return None
                return found(reading.get_version(kind, record_id, number), f"Version {number}")

            return {"from": since, "to": to, "changes": changes_of(kind, version_of(since), version_of(to))}

    @blp.route(f"{item}/blame", endpoint=f"{noun}_blame")
    class Blame(MethodView):
        @blp.response(200, WorkoutBlameSchema if kind.parts else BlameSchema)
        @blp.doc(
            summary=f"Read who set each field of a {noun}",
            description="""For each field, its value, and the version that put it there: who, when, why, and the
changeset and provider if an import or sync did.""",
        )
        def get(self, **path: Any) -> Any:
            return found(get_blame(kind, path[kind.key]), kind.noun)

    @blp.route(f"{item}/restore/<int:version>", endpoint=f"{noun}_restore")
    class Restore(MethodView):
        @blp.for_operator(True)
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
