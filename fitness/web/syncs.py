"""The sync route, the same for every provider."""

from typing import Any, Protocol

from flask.views import MethodView

from fitness.auth import actor, user_id
from fitness.schemas.imports import SyncQuery, SyncReportSchema
from fitness.sync.report import Report
from fitness.web.blueprint import Blueprint
from fitness.web.uploads import answer_of, report_of


class Sync(Protocol):
    """A function that fetches a user's records from a provider, stores them, and counts them in the report."""

    def __call__(self, user_id: int, report: Report, *, actor: str, full_sync: bool, allow_deletes: bool) -> None: ...


def add_sync(blp: Blueprint, *, summary: str, description: str, sync: Sync) -> None:
    """Serve `/sync`."""

    @blp.route("/sync")
    class SyncNow(MethodView):
        @blp.own_transactions
        @blp.can_wait
        @blp.scope("import")
        @blp.arguments(SyncQuery, location="query")
        @blp.response(200, SyncReportSchema)
        @blp.alt_response(409, "CONFLICT")
        @blp.alt_response(429, "TOO_MANY_REQUESTS")
        @blp.alt_response(502, "BAD_GATEWAY")
        @blp.doc(summary=summary, description=description)
        def post(self, query: dict[str, Any]) -> Any:
            report = report_of(query, "sync")
            options = {name: query[name] for name in ("full_sync", "allow_deletes")}
            sync(user_id(), report, actor=actor(), **options)
            return answer_of(report, SyncReportSchema)
