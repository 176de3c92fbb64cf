"""Runs and workouts in Google Calendar."""

from typing import Any

from flask.views import MethodView

from fitness.auth import time_zone, user_id
from fitness.db.calendar import get_state, list_states
from fitness.db.connection import transaction
from fitness.errors import found
from fitness.schemas.base import DaysQuery, PageQuery, Schema, page_of
from fitness.schemas.calendar import CalendarReportSchema, RunSyncSchema, WorkoutSyncSchema
from fitness.sync.calendar import RUNS, WORKOUTS, Noun, remove_one, sync_all, sync_one
from fitness.sync.report import Report
from fitness.web.blueprint import Blueprint, cursor_of, page
from fitness.web.uploads import answer_of

blp = Blueprint("calendar", __name__, url_prefix="/sync", description="Runs and workouts in your Google Calendar")


def _add(noun: Noun[Any], schema: type[Schema]) -> None:
    """Add the calendar routes of a noun: list, list the failed ones, sync all, sync one, remove one, status of one."""
    kind = noun.mirrored.kind
    name = kind.noun.lower()
    item = f"/{name}s/<{'uuid' if kind.id_type == 'uuid' else 'string'}:{kind.key}>"

    def list_page(query: dict[str, Any], sync_status: str | None) -> Any:
        order = f"{name}s in the calendar"
        items, following = list_states(
            noun.mirrored,
            sync_status=sync_status,
            limit=query["limit"],
            after=cursor_of(query.get("cursor"), order),
        )
        return page(items, following and following.encode(order))

    @blp.route(f"/{name}s", endpoint=f"{name}s")
    class All(MethodView):
        @blp.arguments(PageQuery, location="query")
        @blp.response(200, page_of(schema))
        @blp.doc(summary=f"List the {name}s that were sent to the calendar", description="Newest first.")
        def get(self, query: dict[str, Any]) -> Any:
            return list_page(query, None)

        @blp.own_transactions
        @blp.arguments(DaysQuery, location="query")
        @blp.response(200, CalendarReportSchema)
        @blp.alt_response(409, "CONFLICT")
        @blp.alt_response(429, "TOO_MANY_REQUESTS")
        @blp.alt_response(502, "BAD_GATEWAY")
        @blp.doc(
            summary=f"Sync your {name}s to the calendar",
            description=f"""Sends the {name}s of the days from `start` to `end` that were never sent, failed, or have
changed since, and removes the events of deleted {name}s. If Google's rate limit stops the sync, `complete` is false and
the next sync continues there. Repeating a sync never creates a second event.""",
        )
        def post(self, query: dict[str, Any]) -> Any:
            report = Report("sync")
            zone = query.get("time_zone", time_zone())
            sync_all(noun, user_id(), report, start=query.get("start"), end=query.get("end"), time_zone=zone)
            return answer_of(report, CalendarReportSchema)

    @blp.route(f"/{name}s/failed", endpoint=f"{name}s_failed")
    class Failed(MethodView):
        @blp.arguments(PageQuery, location="query")
        @blp.response(200, page_of(schema))
        @blp.doc(
            summary=f"List the {name}s that could not be sent to the calendar",
            description="Newest first, each with the error. The next sync tries them again.",
        )
        def get(self, query: dict[str, Any]) -> Any:
            return list_page(query, "failed")

    @blp.route(item, endpoint=name)
    class One(MethodView):
        @blp.own_transactions
        @blp.response(200, schema)
        @blp.alt_response(409, "CONFLICT")
        @blp.alt_response(429, "TOO_MANY_REQUESTS")
        @blp.alt_response(502, "BAD_GATEWAY")
        @blp.doc(
            summary=f"Send one {name} to the calendar",
            description="Updates its event or creates one. Repeating it is safe.",
        )
        def post(self, **path: Any) -> Any:
            sync_one(noun, path[kind.key], user_id(), time_zone())
            with transaction(user_id()):
                return found(get_state(noun.mirrored, path[kind.key]), kind.noun)

        @blp.own_transactions
        @blp.response(204)
        @blp.alt_response(409, "CONFLICT")
        @blp.alt_response(429, "TOO_MANY_REQUESTS")
        @blp.alt_response(502, "BAD_GATEWAY")
        @blp.doc(
            summary=f"Remove one {name} from the calendar",
            description=f"Removes its event. Also works if the {name} is deleted or the event is already gone.",
        )
        def delete(self, **path: Any) -> None:
            remove_one(noun, path[kind.key], user_id())

    @blp.route(f"{item}/status", endpoint=f"{name}_status")
    class Status(MethodView):
        @blp.response(200, schema)
        @blp.doc(
            summary=f"Read the calendar state of one {name}",
            description="After an edit, the event is `behind` until the next sync.",
        )
        def get(self, **path: Any) -> Any:
            return found(get_state(noun.mirrored, path[kind.key]), kind.noun)


_add(RUNS, RunSyncSchema)
_add(WORKOUTS, WorkoutSyncSchema)
