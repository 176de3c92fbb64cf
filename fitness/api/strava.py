"""Imports from Strava, its sync, and its webhook."""

from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from flask import current_app
from flask.views import MethodView

from fitness.connections import oauth
from fitness.db.runs import PROVIDER_FIELDS
from fitness.readers.strava import parse_export
from fitness.schemas.strava import ChallengeSchema, NotedSchema, StravaEventSchema, SubscriptionQuery
from fitness.sync import background, strava
from fitness.sync.report import Report
from fitness.sync.runs_import import load_runs
from fitness.web.blueprint import Blueprint
from fitness.web.syncs import add_sync
from fitness.web.uploads import add_upload

blp = Blueprint("strava", __name__, url_prefix="/strava", description="Imports from Strava")
webhook_blp = Blueprint("strava_webhook", __name__, url_prefix="/strava", description=blp.description, public=True)

EXPORT_FIELDS = tuple(field for field in PROVIDER_FIELDS if field not in {"type", "avg_heart_rate"})
"""The export does not tell a treadmill from a road, and rounds heart rates: it changes neither of a known run."""


def _load(stream: BinaryIO, zone: ZoneInfo, actor: str, dry_run: bool) -> Report:
    """Times are UTC in this file: the zone is not asked."""
    return load_runs(parse_export(stream), Report(dry_run=dry_run), source="Strava", actor=actor, sent=EXPORT_FIELDS)


add_upload(
    blp,
    summary="Import a Strava export",
    description="""The whole ZIP archive, or the activities.csv in it, of any year since 2018, in English or German.
Runs go in, once each, with their shoes; those that are here already follow the file in what you have not changed. Other
activities are counted as skipped, and rows that cannot be read are listed. The file does not tell a treadmill.""",
    load=_load,
)


add_sync(
    blp,
    summary="Sync with Strava",
    description="""Fetches what began since a week before the last sync that ended well, or with `full_sync` all there
is, page by page; each page that was read is stored, whatever happens to the next. Runs go in, once each, with their
shoes; those that are here already follow Strava in what you have not changed. Runs that Strava has no more are deleted
here, unless you have edited them; for more than a tenth of those covered the answer is 409, until `allow_deletes` says
that this is right. Strava's limits stop a sync cleanly: it is not `complete` then, and the next one goes on there.""",
    sync=strava.sync_runs,
)


@webhook_blp.route("/webhook")
class Webhook(MethodView):
    @webhook_blp.arguments(SubscriptionQuery, location="query")
    @webhook_blp.response(200, ChallengeSchema)
    @webhook_blp.alt_response(403, "FORBIDDEN")
    def get(self, query: dict[str, str]) -> Any:
        """Confirm a subscription

        Strava asks when the operator subscribes (`fitness webhook create`).
        """
        oauth.require_webhook_token("strava", query["verify_token"])
        return {"hub.challenge": query["challenge"]}

    @webhook_blp.arguments(StravaEventSchema)
    @webhook_blp.response(200, NotedSchema)
    @webhook_blp.alt_response(403, "FORBIDDEN")
    def post(self, event: dict[str, Any]) -> Any:
        """Hear that something changed

        Events are not signed, so one is but a hint to look: the activity is fetched from Strava after this answer.
        """
        for user_id in strava.note_event(event):
            background.submit(current_app._get_current_object(), strava.handle_events, user_id)  # pyright: ignore
        return {"noted": True}
