"""Changesets: list, read, revert."""

from typing import Any

from flask.views import MethodView

from fitness.api.blueprint import Blueprint, cursor_of, page
from fitness.auth import actor
from fitness.db import changesets
from fitness.db.paging import Cursor
from fitness.errors import found
from fitness.schemas.base import PageQuery, page_of
from fitness.schemas.changesets import ChangesetSchema, RevertedSchema, RevertQuery

blp = Blueprint("changesets", __name__, url_prefix="/changesets", description="Imports and bulk edits as a whole")


@blp.route("")
class Changesets(MethodView):
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(ChangesetSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List changesets

        Newest first.
        """
        after = cursor_of(query.get("cursor"), "changesets")
        limit = query["limit"]
        items = changesets.list_changesets(limit=limit + 1, before=int(after.key) if after else None)
        more = len(items) > limit
        following = Cursor(str(items[limit - 1].changeset_id), "").encode("changesets") if more else None
        return page(items[:limit], following)


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

        Each record it touched goes back to the version before it, and those it made are deleted. Records changed
        since are listed and left alone, unless `force`. The revert is a changeset too, and can be reverted.
        """
        return changesets.revert_changeset(changeset_id, actor=actor(), force=query["force"])
