"""Conflicts: fields in which a provider and the person disagree, listed and decided."""

from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db.history import conflicts
from fitness.db.history.versioned import Versioned
from fitness.schemas.base import page_of
from fitness.schemas.conflicts import ConflictsQuery, DecidedSchema, DecisionSchema, FieldConflictSchema
from fitness.web.blueprint import IF_MATCH, Blueprint, cursor_of, etag_of, if_match, page
from fitness.web.history import item_path

blp = Blueprint("conflicts", __name__, url_prefix="", description="Fields in which a provider and you disagree")


@blp.route("/conflicts")
class Conflicts(MethodView):
    @blp.arguments(ConflictsQuery, location="query")
    @blp.response(200, page_of(FieldConflictSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List the conflicts with providers

        One item for each field that a provider changed after you had changed it, by noun, record and field, in pages.
        Your value stays until you decide. A field that you edit is decided, too.
        """
        order = f"conflicts {query.get('noun')}"
        after = cursor_of(query.pop("cursor", None), order)
        items, following = conflicts.list_conflicts(**query, after=after)
        return page(items, following and following.encode(order))


def _add(kind: Versioned[Any, Any]) -> None:
    """Add the route that decides a conflict of a record of this noun."""
    noun = kind.noun.lower()

    @blp.route(f"/{kind.path}{item_path(kind)}/conflicts/<field>", endpoint=f"{noun}_conflict")
    class Conflict(MethodView):
        @blp.for_operator(True)
        @blp.arguments(DecisionSchema)
        @blp.response(200, DecidedSchema)
        @blp.alt_response(409, "CONFLICT")
        @blp.doc(
            summary=f"Decide a conflict of a {noun}",
            description=f"""`mine` keeps your value, `theirs` stores the provider's. Either is a new version, which says
who decided, and when. For the field `deleted_at`, `theirs` deletes the {noun}, as the provider did. A revert of the
changeset brings the conflict back.""",
            parameters=[IF_MATCH],
        )
        def post(self, body: dict[str, Any], field: str, **path: Any) -> Any:
            take = body["take"]
            record, changeset_id = conflicts.decide(
                kind, path[kind.key], field, take=take, changed_by=actor(), if_tags=if_match()
            )
            answer = {
                "noun": kind.path,
                "id": record.id,
                "field": field,
                "take": take,
                "version": record.version,
                "changed": take != "mine",
                "changeset_id": changeset_id,
            }
            return answer, etag_of(record)


for _kind in conflicts.KINDS.values():
    _add(_kind)
