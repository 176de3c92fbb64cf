"""Changesets: list, read, revert."""

from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db.history import changesets
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
    @blp.alt_response(409, "CONFLICT")
    def post(self, query: dict[str, Any], changeset_id: int) -> Any:
        """Revert a changeset

        Restores each record to its version before the changeset and deletes the records that the changeset created.
        Records changed since then stay as they are and are listed, unless `force` is true. The revert is a changeset
        too and can be reverted.
        """
        return changesets.revert_changeset(changeset_id, actor=actor(), force=query["force"])
