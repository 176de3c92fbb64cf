"""Import a Strava export, sync with Strava, receive its webhook."""

from typing import Any

from flask import current_app
from flask.views import MethodView

from fitness.accounts import limits
from fitness.connections import oauth
from fitness.readers.strava_export import READER
from fitness.schemas.strava import ChallengeSchema, NotedSchema, StravaEventSchema, SubscriptionQuery
from fitness.sync import background, strava
from fitness.web.blueprint import Blueprint
from fitness.web.syncs import add_sync
from fitness.web.uploads import add_upload

blp = Blueprint("strava", __name__, url_prefix="/strava", description="Import and sync from Strava")
webhook_blp = Blueprint("strava_webhook", __name__, url_prefix="/strava", description=blp.description, public=True)

EVENTS_OF_NETWORK = "300 per minute"
EVENTS_OF_ATHLETE = "30 per hour"
"""Events whose activities are fetched at once."""

add_upload(
    blp,
    READER,
    summary="Import a Strava export",
    description="""Send the whole ZIP archive or its activities.csv, from any year since 2018, in English, German,
French or Spanish. Each run is imported once, with its shoe, and each activity of another sport as a workout, unless
`other_sports` or your setting `import_other_sports` is false. Existing records are updated, except fields that you
have edited, and fields that an older export does not have. A run whose type is another sport now is deleted, unless
you have edited it, and the other way round. Rows that cannot be read are listed. If two columns contradict each
other, the possible value is taken, and `remarks` names the row. The file does not mark treadmill runs.""",
)


add_sync(
    blp,
    summary="Sync with Strava",
    description="""Fetches activities that started since one week before the last successful sync, or all activities
with `full_sync`. Each page is stored when it is read, even if a later page fails. Each run is imported once, with its
shoe, and each activity of another sport as a workout, unless `other_sports` or your setting `import_other_sports` is
false. Existing records are updated, except fields that you have edited. Records deleted at Strava are deleted here,
unless you have edited them, and so is a run whose type is another sport now, and the other way round. If the deletes
at Strava would delete more than a tenth of the runs or workouts in the fetched period, the response is 409; repeat
the call with `allow_deletes`. If Strava's rate limit stops the sync, `complete` is false and the next sync continues
there.""",
    sync=strava.sync_activities,
)


@webhook_blp.route("/webhook/<secret>")
class Webhook(MethodView):
    @webhook_blp.arguments(SubscriptionQuery, location="query")
    @webhook_blp.response(200, ChallengeSchema)
    @webhook_blp.alt_response(403, "FORBIDDEN")
    def get(self, query: dict[str, str], secret: str = "") -> Any:
        """Confirm a subscription

        Strava calls this when the operator subscribes (`fitness webhook create`).
        """
        oauth.require_webhook_token("strava", query["verify_token"])
        return {"hub.challenge": query["challenge"]}

    @webhook_blp.arguments(StravaEventSchema)
    @webhook_blp.response(200, NotedSchema)
    @webhook_blp.alt_response(403, "FORBIDDEN")
    @webhook_blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, event: dict[str, Any], secret: str = "") -> Any:
        """Receive an event from Strava

        Events are not signed: the address that they are sent to ends with a secret, and their content is not trusted,
        but the activity is fetched from Strava after the response. The response is the same whether anybody here is
        connected with the athlete or not. If an athlete has very many events, the next sync fetches the activities.
        """
        limits.limit_network("webhook", EVENTS_OF_NETWORK)
        strava.require_subscription(event["subscription_id"], secret)
        at_once = limits.has_left("webhook", EVENTS_OF_ATHLETE, f"athlete {event['owner_id']}")
        for user_id in strava.note_event(event):
            if at_once:
                background.submit(current_app._get_current_object(), strava.handle_events, user_id)  # pyright: ignore
        return {"noted": True}


# For subscriptions of before addresses had a secret.
webhook_blp.add_alias("/webhook", Webhook)
