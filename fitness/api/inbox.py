"""The inbox: what waits for a decision."""

from typing import Any

from flask.views import MethodView

from fitness.auth import time_zone
from fitness.db import inbox
from fitness.schemas.base import ZoneQuery
from fitness.schemas.inbox import InboxSchema
from fitness.web.blueprint import Blueprint

blp = Blueprint("inbox", __name__, url_prefix="/inbox", description="What waits for your decision")


@blp.route("")
class Inbox(MethodView):
    @blp.arguments(ZoneQuery, location="query")
    @blp.response(200, InboxSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Count what waits for your decision

        Conflicts with providers, runs that may be duplicates, and records that could not be sent to the calendar.
        """
        return inbox.get_inbox(time_zone=query.get("time_zone", time_zone()))
