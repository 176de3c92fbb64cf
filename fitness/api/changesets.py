"""Changesets: list, read, revert."""

from dataclasses import asdict
from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db.connection import discard
from fitness.db.history import changesets, records
from fitness.errors import found
from fitness.schemas.base import PageQuery, page_of
from fitness.schemas.changesets import ChangesetSchema, RevertedSchema, RevertQuery
from fitness.schemas.records import ChangedRecordSchema, RecordsQuery
from fitness.web.blueprint import Blueprint, cursor_of, numbered_page, page

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


@blp.route("/<int:changeset_id>/records")
class ChangesetRecords(MethodView):
    @blp.arguments(RecordsQuery, location="query")
    @blp.response(200, page_of(ChangedRecordSchema))
    def get(self, query: dict[str, Any], changeset_id: int) -> Any:
        """List the records of a changeset

        What it did to each: planned workouts first, then workouts, exercises, runs and shoes, each by id, in pages.
        `changes` has the fields that it changed; for a new record, all that are set. What others changed between two
        pages of a sync is left out.
        """
        order = f"records of {changeset_id} {query.get('noun')} {query.get('what')}"
        after = cursor_of(query.pop("cursor", None), order)
        items, following = records.list_records(changeset_id, **query, after=after)
        return page(items, following and following.encode(order))


@blp.route("/<int:changeset_id>/revert")
class ChangesetRevert(MethodView):
    @blp.arguments(RevertQuery, location="query")
    @blp.response(200, RevertedSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, query: dict[str, Any], changeset_id: int) -> Any:
        """Revert a changeset

        Restores each record to its version before the changeset and deletes the records that the changeset created.
        Records changed since then stay as they are and are listed, unless `force` is true. The revert is a changeset
        too and can be reverted. With `dry_run`, nothing is stored, and `records` has what would change.
        """
        after = cursor_of(query.get("cursor"), records.PREVIEW)
        reverted = asdict(changesets.revert_changeset(changeset_id, actor=actor(), force=query["force"]))
        if not query["dry_run"]:
            return {**reverted, "dry_run": False, "records": None}
        items, following = records.list_records(
            reverted["changeset_id"], limit=query["limit"], after=after, preview=True
        )
        discard()
        previewed = page(items, following and following.encode(records.PREVIEW))
        return {**reverted, "changeset_id": None, "dry_run": True, "records": previewed}
