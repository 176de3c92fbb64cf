"""Runs: create, list, read, edit, delete, history, restore."""

from typing import Any
from uuid import uuid4

from flask.views import MethodView

from fitness.auth import actor, set_own_zone
from fitness.db import runs, runs_list
from fitness.db.history import versions
from fitness.db.history.bulk import Selection
from fitness.db.runs import RUNS, NewRun, Run
from fitness.db.runs_list import Filters
from fitness.errors import found
from fitness.schemas.base import Line, RecordQuery, page_of
from fitness.schemas.runs import (
    RUN_ID,
    BulkRunChangesSchema,
    NewRunSchema,
    RunChangesSchema,
    RunDetailsQuery,
    RunDetailsSchema,
    RunFilters,
    RunSchema,
    RunsQuery,
    RunTotalsQuery,
    RunTotalsSchema,
    RunVersionSchema,
)
from fitness.web.activity_points import add_points
from fitness.web.blueprint import IF_MATCH, Blueprint, cursor_of, etag_of, if_match, page, with_etag
from fitness.web.bulk import add_bulk
from fitness.web.history import add_history
from fitness.web.record_sources import add_sources

blp = Blueprint("runs", __name__, url_prefix="/runs", description="Your own runs")


@blp.route("")
class Runs(MethodView):
    @blp.arguments(RunsQuery, location="query")
    @blp.response(200, page_of(RunSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List runs

        Newest first by default, in pages. Days are local to `time_zone`; missing values sort last.
        """
        return _page(runs_list.list_runs, query)

    @blp.arguments(NewRunSchema)
    @blp.response(201, RunSchema)
    @blp.alt_response(200, schema=RunSchema, description="The same `client_uuid` and run were sent before")
    @blp.alt_response(409, "CONFLICT")
    def post(self, fields: dict[str, Any]) -> Any:
        """Add a run

        Repeating the call with the same `client_uuid` returns 200 and the run stored the first time, or 409 if the body
        differs.
        """
        new = NewRun(id=f"manual_{fields.get('client_uuid') or uuid4()}", source="Manual", **fields)
        run, is_new = runs.create_run(new, changed_by=actor())
        return run, 201 if is_new else 200, {**etag_of(run), "Location": f"/v1/runs/{run.id}"}


def _page(list_page: Any, query: dict[str, Any]) -> Any:
    limit, cursor = query.pop("limit"), query.pop("cursor", None)
    sort_by, sort_order = query.pop("sort_by"), query.pop("sort_order")
    order = f"{sort_by} {sort_order}"
    set_own_zone(query)
    items, following = list_page(
        Filters(**query),
        sort_by=sort_by,
        descending=sort_order == "desc",
        limit=limit,
        after=cursor_of(cursor, order),
    )
    return page(items, following and following.encode(order))


@blp.route("/details")
class RunsDetails(MethodView):
    @blp.arguments(RunDetailsQuery, location="query")
    @blp.response(200, page_of(RunDetailsSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List runs with shoe, calendar state and TRIMP"""
        return _page(runs_list.list_run_details, query)


@blp.route("/totals")
class RunTotals(MethodView):
    @blp.arguments(RunTotalsQuery, location="query")
    @blp.response(200, RunTotalsSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up runs

        The number, distance and duration of the runs that the list has with these filters.
        """
        set_own_zone(query)
        return runs_list.get_run_totals(Filters(**query))


@blp.route("/<run_id>")
class RunItem(MethodView):
    @blp.arguments(RecordQuery, location="query")
    @blp.response(200, RunSchema)
    def get(self, query: dict[str, Any], run_id: str) -> Any:
        """Read one run"""
        return with_etag(found(runs.get_run_by_id(run_id, **query), "Run"))

    @blp.for_operator(True)
    @blp.arguments(RunChangesSchema)
    @blp.response(200, RunSchema)
    @blp.doc(parameters=[IF_MATCH])
    def patch(self, changes: dict[str, Any], run_id: str) -> Any:
        """Correct one run

        Only the fields you send change; null clears a field. The history keeps the earlier version.
        """
        change = versions.Change(actor(), changes.pop("change_reason", None))
        return with_etag(versions.edit(RUNS, run_id, changes, change, if_tags=if_match()))

    @blp.response(204)
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, run_id: str) -> None:
        """Delete one run

        Its history stays; to undo the deletion, restore a version.
        """
        versions.delete(RUNS, run_id, versions.Change(actor()), if_tags=if_match())


def _read(run_id: str) -> Run:
    return found(runs.get_run_by_id(run_id), "Run")


def _select(filters: dict[str, Any]) -> Selection:
    set_own_zone(filters)
    return runs_list.select_runs(Filters(**filters))


add_bulk(
    blp,
    RUNS,
    id_field=Line(metadata=RUN_ID),
    filters=RunFilters,
    changes=BulkRunChangesSchema,
    example={"filters": {"source": "MapMyFitness", "without_shoe": True}, "changes": {"shoe_id": "brooks_ghost_16"}},
    select=_select,
)
add_history(blp, RUNS, schema=RunSchema, version_schema=RunVersionSchema, read=_read)
add_points(blp, RUNS)
add_sources(blp, RUNS)
