"""Changesets: list, read, revert."""

from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db.history import changesets, undo
from fitness.errors import found
from fitness.schemas.base import PageQuery, page_of
from fitness.schemas.changesets import ChangesetSchema, RevertedSchema, RevertQuery
from fitness.web.blueprint import Blueprint, numbered_page

blp = Blueprint("changesets", __name__, url_prefix="/changesets", description="Imports and bulk edits as a whole")


@blp.route("")
class Changesets(MethodView):
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(ChangesetSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List changesets

        Newest first.
        """
        return numbered_page(
            query,
            "changeset_id",
            lambda limit, before: changesets.list_changesets(limit=limit, before=before),
        )


@blp.route("/<int:changeset_id>")
class ChangesetItem(MethodView):
    @blp.response(200, ChangesetSchema)
    def get(self, changeset_id: int) -> Any:
        """Read one changeset"""
        return found(changesets.get_changeset(changeset_id), "Changeset")


@blp.route("/<int:changeset_id>/revert")
class ChangesetRevert(MethodView):
    @blp.arguments(RevertQuery, location="query")
    @blp.response(200, RevertedSchema)
    def post(self, query: dict[str, Any], changeset_id: int) -> Any:
        """Revert a changeset

        Takes back what it changed, field by field: a field that was changed since then stays, and `problems` names it,
        unless `force` is true. A record that it created is deleted, unless you edited it or another changeset changed
        it too. The next import or sync brings back what a revert took away. The revert is a changeset too: to redo what
        it took back, revert it. Reverting again gives the same answer.
        """
        return undo.revert_changeset(changeset_id, actor=actor(), **query)
