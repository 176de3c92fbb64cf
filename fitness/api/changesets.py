"""Changesets: list, read, revert."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db.history import changesets, records
from fitness.db.history.changesets import Changeset
from fitness.db.turns import take_turn
from fitness.errors import found
from fitness.schemas.base import PageQuery, page_of
from fitness.schemas.changesets import ChangesetSchema, RevertedSchema, RevertQuery
from fitness.schemas.records import ChangedRecordSchema, RecordsQuery
from fitness.sync import undoing
from fitness.web.blueprint import Blueprint, cursor_of, numbered_list, page
from fitness.web.preview import previewed

blp = Blueprint("changesets", __name__, url_prefix="/changesets", description="Imports and bulk edits as a whole")


def _shown(of: Sequence[Changeset]) -> list[dict[str, Any]]:
    redone = changesets.list_redone(of)
    return [{**asdict(one), "redoes": redone.get(one.changeset_id)} for one in of]


def page_of_changesets(query: dict[str, Any]) -> dict[str, Any]:
    """Return a page of changesets, newest first."""
    shown = numbered_list(query, "changeset_id", changesets.list_changesets)
    return {**shown, "items": _shown(shown["items"])}


@blp.route("")
class Changesets(MethodView):
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(ChangesetSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List changesets

        Newest first.
        """
        return page_of_changesets(query)


@blp.route("/<int:changeset_id>")
class ChangesetItem(MethodView):
    @blp.response(200, ChangesetSchema)
    def get(self, changeset_id: int) -> Any:
        """Read one changeset"""
        return _shown([found(changesets.get_changeset(changeset_id), "Changeset")])[0]


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
    @blp.for_operator(True)
    @blp.arguments(RevertQuery, location="query")
    @blp.response(200, RevertedSchema)
    def post(self, query: dict[str, Any], changeset_id: int) -> Any:
        """Revert a changeset

        Takes back what it changed, field by field: a field that was changed since then stays, and `problems` names it,
        unless `force` is true. A record that it created is deleted, unless you edited it or another changeset changed
        it too. The next import or sync brings back what a revert took away. The revert is a changeset too: to redo what
        it took back, revert it. Reverting again gives the same answer. With `dry_run`, nothing is stored, and `records`
        has what would change.
        """
        take_turn()
        reverted = undoing.revert_changeset(changeset_id, actor=actor(), force=query["force"])
        return previewed(asdict(reverted), query)
