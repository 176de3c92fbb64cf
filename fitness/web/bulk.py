"""The bulk edits of nouns, and of runs and workouts together."""

from collections.abc import Callable, Sequence
from typing import Any

from flask.views import MethodView
from marshmallow import Schema, fields

from fitness.auth import actor
from fitness.db.history import bulk
from fitness.db.history.bulk import Edited, Selection
from fitness.db.history.versioned import Versioned
from fitness.schemas.bulk import BulkReportSchema, bulk_schema
from fitness.web.blueprint import Blueprint
from fitness.web.preview import previewed

EXAMPLE = {"change_reason": "Clean-up", "dry_run": True}
"""The rest of an example request."""


def add_bulk(
    blp: Blueprint,
    kind: Versioned[Any, Any],
    *,
    id_field: fields.Field,
    filters: type[Schema],
    changes: type[Schema],
    example: dict[str, Any],
    select: Callable[[dict[str, Any]], Selection],
) -> None:
    """Add `/bulk`. `select` returns the selection of the records that meet loaded filters."""
    plural = kind.path.replace("-", " ")
    body_schema = bulk_schema(id_field, filters=filters, changes=changes)

    @blp.route("/bulk", endpoint=f"{kind.noun.lower()}_bulk")
    class Bulk(MethodView):
        @blp.arguments(body_schema, example={**example, **EXAMPLE})
        @blp.response(200, BulkReportSchema)
        @blp.doc(
            summary=f"Change or delete many {plural} at once",
            description=f"""Those with the `ids`, or all that the list has with the `filters`, which are the same as
there, except `include_deleted` and `only_deleted`; `{{}}` are all. Deleted {plural} are never selected. As with a
single edit, `null` clears a field. Those that have the values already get no version. It is one changeset: to undo it,
revert it. With `dry_run`, nothing is stored, and `records` has what would change.""",
        )
        def post(self, body: dict[str, Any]) -> Any:
            selection = bulk.of_ids(kind, body["ids"]) if "ids" in body else select(body["filters"])
            edited = edit_many([selection], body)
            return reported(edited, body, [id for _, id in edited.not_found])


def edit_many(selections: Sequence[Selection], body: dict[str, Any]) -> Edited:
    """Change or delete the selected records as a loaded bulk edit says."""
    updates = None if body["delete"] else body["changes"]
    return bulk.edit_many(selections, updates, actor=actor(), reason=body.get("change_reason"))


def reported(edited: Edited, body: dict[str, Any], not_found: list[Any]) -> dict[str, Any]:
    """Return the answer of a bulk edit."""
    answer = {
        "changeset_id": edited.changeset_id,
        "matched": edited.matched,
        "changed": edited.changed,
        "not_found": not_found,
    }
    return previewed(answer, body)
