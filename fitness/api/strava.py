"""Import a Strava export, sync with Strava, receive its webhook."""

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

blp = Blueprint("strava", __name__, url_prefix="/strava", description="Import and sync from Strava")
webhook_blp = Blueprint("strava_webhook", __name__, url_prefix="/strava", description=blp.description, public=True)

EXPORT_FIELDS = tuple(field for field in PROVIDER_FIELDS if field not in {"type", "avg_heart_rate"})
"""The export does not mark treadmill runs and rounds heart rates, so it never changes these fields of a known run."""


def _load(stream: BinaryIO, zone: ZoneInfo, actor: str, dry_run: bool) -> Report:
    """Load a Strava export. Its times are UTC, so the zone is not used."""
    return load_runs(parse_export(stream), Report(dry_run=dry_run), source="Strava", actor=actor, sent=EXPORT_FIELDS)


add_upload(
    blp,
    summary="Import a Strava export",
    description="""Send the whole ZIP archive or its activities.csv, from any year since 2018, in English or German.
Each run is imported once, with its shoe. Existing runs are updated, except fields that you have edited. Other
activities are counted as skipped; rows that cannot be read are listed. The file does not mark treadmill runs.""",
    load=_load,
)


add_sync(
    blp,
    summary="Sync with Strava",
    description="""Fetches activities that started since one week before the last successful sync, or all activities
with `full_sync`. Each page is stored when it is read, even if a later page fails. Each run is imported once, with its
shoe. Existing runs are updated, except fields that you have edited. Runs deleted at Strava are deleted here, unless you
have edited them. If that would delete more than a tenth of the runs in the fetched period, the response is 409; repeat
the call with `allow_deletes`. If Strava's rate limit stops the sync, `complete` is false and the next sync continues
there.""",
    sync=strava.sync_runs,
)


@webhook_blp.route("/webhook")
class Webhook(MethodView):
    @webhook_blp.arguments(SubscriptionQuery, location="query")
    @webhook_blp.response(200, ChallengeSchema)
    @webhook_blp.alt_response(403, "FORBIDDEN")
    def get(self, query: dict[str, str]) -> Any:
        """Confirm a subscription

        Strava calls this when the operator subscribes (`fitness webhook create`).
        """
        oauth.require_webhook_token("strava", query["verify_token"])
        return {"hub.challenge": query["challenge"]}

    @webhook_blp.arguments(StravaEventSchema)
    @webhook_blp.response(200, NotedSchema)
    @webhook_blp.alt_response(403, "FORBIDDEN")
    def post(self, event: dict[str, Any]) -> Any:
        """Receive an event from Strava

        Events are not signed, so their content is not trusted: the activity is fetched from Strava after the response.
        """
        for user_id in strava.note_event(event):
            background.submit(current_app._get_current_object(), strava.handle_events, user_id)  # pyright: ignore
        return {"noted": True}
