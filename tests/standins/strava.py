"""A stand-in for Strava: OAuth with tokens that rotate, activities, gear, rate limits, webhook subscriptions."""

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.standins.server import Answer, Fault, Request, StandIn, json_answer

API = "/api/v3"
ACTIVITIES = f"{API}/athlete/activities"
TOKEN = "/oauth/token"
ALL_SCOPES = "read,activity:read_all,profile:read_all"
ATHLETE_ID = 40123456
MOST_PER_PAGE = 200
TOKEN_LIFE = timedelta(hours=6)

NOT_JSON = Answer(200, b'[{"id": 1', {"Content-Type": "application/json"})
EMPTY = json_answer([])
BAD_GATEWAY = Answer(502, b"<html><body>Bad Gateway</body></html>", {"Content-Type": "text/html"})


def refusal(
    status: int, resource: str, field: str, code: str, message: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    """Return an error in Strava's form."""
    error = {"resource": resource, "field": field, "code": code}
    return json_answer({"message": message, "errors": [error]}, status, headers)


UNAUTHORIZED = refusal(401, "Athlete", "access_token", "invalid", "Authorization Error")
SCOPE_MISSING = refusal(401, "AccessToken", "activity:read_permission", "missing", "Authorization Error")
SWITCHED_OFF = refusal(403, "Application", "Status", "Inactive", "Forbidden")
NOT_FOUND = refusal(404, "Activity", "", "not found", "Resource Not Found")
NO_STREAMS = refusal(404, "Stream", "", "not found", "Record Not Found")
TOO_MANY = refusal(429, "Application", "rate limit", "exceeded", "Rate Limit Exceeded")


def make_activity(number: int, **changes: Any) -> dict[str, Any]:
    """Return a made-up summary activity, a run in the shape of the samples; each number begins an hour after the last.

    Changes set keys; a change to `...` leaves the key out.
    """
    start = datetime(2020, 1, 1, 6, tzinfo=UTC) + timedelta(hours=number)
    metres = 3_000.0 + number % 97 * 100
    activity: dict[str, Any] = {
        "resource_state": 2,
        "athlete": {"id": ATHLETE_ID, "resource_state": 1},
        "name": f"Run {number}",
        "distance": metres,
        "moving_time": round(metres / 3),
        "elapsed_time": round(metres / 2.9),
        "total_elevation_gain": 12.6,
        "type": "Run",
        "sport_type": "Run",
        "workout_type": 0,
        "id": 16_000_000_000 + number,
        "start_date": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "start_date_local": f"{start - timedelta(hours=6):%Y-%m-%dT%H:%M:%SZ}",
        "timezone": "(GMT-06:00) America/Chicago",
        "utc_offset": -21600.0,
        "location_city": None,
        "location_state": None,
        "location_country": None,
        "achievement_count": 0,
        "kudos_count": 3,
        "comment_count": 0,
        "athlete_count": 1,
        "photo_count": 0,
        "map": {"id": f"a{number}", "summary_polyline": "gys~Ff|vuOdE|N~FpMlJzHnKpFzKfElL", "resource_state": 2},
        "trainer": False,
        "commute": False,
        "manual": False,
        "private": False,
        "visibility": "everyone",
        "flagged": False,
        "gear_id": None,
        "start_latlng": [41.8858, -87.613],
        "end_latlng": [41.88592, -87.61309],
        "average_speed": 3.0,
        "max_speed": 3.959,
        "has_heartrate": True,
        "average_heartrate": 140.0 + number % 20,
        "max_heartrate": 170.0,
        "heartrate_opt_out": False,
        "display_hide_heartrate_option": True,
        "elev_high": 183.0,
        "elev_low": 177.4,
        "upload_id": 17_000_000_000 + number,
        "upload_id_str": str(17_000_000_000 + number),
        "external_id": f"garmin_ping_{number}",
        "from_accepted_tag": False,
        "pr_count": 0,
        "total_photo_count": 0,
        "has_kudoed": False,
    }
    return {key: value for key, value in (activity | changes).items() if value is not ...}


def _streams(found: Mapping[str, list[Any]], query: Mapping[str, str]) -> dict[str, Any] | list[Any]:
    """Return the streams that are asked for, and that of distances, which Strava sends always."""
    asked = {*query["keys"].split(","), "distance"}
    streams = {
        name: {"data": values, "series_type": "distance", "original_size": len(values), "resolution": "high"}
        for name, values in found.items()
        if name in asked
    }
    by_type = query.get("key_by_type") == "true"
    return streams if by_type else [{"type": name, **stream} for name, stream in streams.items()]


def make_gear(gear_id: str, name: str) -> dict[str, Any]:
    """Return a made-up shoe in the shape of the samples."""
    brand, _, model = name.partition(" ")
    return {
        "id": gear_id,
        "primary": False,
        "name": name,
        "nickname": "",
        "resource_state": 3,
        "retired": False,
        "distance": 512204,
        "converted_distance": 318.3,
        "brand_name": brand,
        "model_name": model,
        "description": "",
        "notification_distance": 0,
    }


@dataclass(slots=True)
class _Grant:
    """What an athlete allowed: the tokens that are alive, and when each access token dies."""

    athlete_id: int
    scope: str
    refresh_token: str = ""
    access_tokens: dict[str, datetime] = field(default_factory=dict[str, datetime])


class StravaStandIn(StandIn):
    """Strava on loopback. All people share one application, its limits and its faults.

    Change attributes with `self.lock` held while requests are under way.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self.now = now
        self.client_id, self.client_secret = "12345", "5ec2e7"
        self.athlete_id = ATHLETE_ID
        """Who says yes on the page that asks."""
        self.granted: str | None = None
        """The scope that is granted there, None for what is asked for; "" refuses."""
        self.limits: tuple[int, int] = (200, 2000)
        self.read_limits: tuple[int, int] = (100, 1000)
        self.used = (0, 0)
        self.headers_missing = False
        self.switched_off = False
        self.activities: dict[int, dict[int, dict[str, Any]]] = {}
        """By athlete and id."""
        self.gear: dict[str, dict[str, Any]] = {}
        self.streams: dict[int, dict[str, list[Any]]] = {}
        """By id of the activity, the values of each stream."""
        self.subscriptions: dict[int, dict[str, Any]] = {}
        self._codes: dict[str, _Grant] = {}
        self.grants: list[_Grant] = []
        self._numbers = count(1)

    @property
    def addresses(self) -> dict[str, str]:
        """What the client wants to know."""
        return {
            "api_url": f"{self.url}{API}",
            "authorize_url": f"{self.url}/oauth/authorize",
            "token_url": f"{self.url}{TOKEN}",
            "revoke_url": f"{self.url}/oauth/revoke",
        }

    # --- filling it, and making it fail

    def add(self, *activities: dict[str, Any], athlete_id: int = ATHLETE_ID) -> None:
        """Let an athlete have these activities, in the place of those with the same ids."""
        with self.lock:
            self.activities.setdefault(athlete_id, {}).update({activity["id"]: activity for activity in activities})

    def add_streams(self, activity_id: int, **values: list[Any]) -> None:
        """Let an activity have these values at each of its points."""
        with self.lock:
            self.streams[activity_id] = values

    def remove(self, activity_id: int, athlete_id: int = ATHLETE_ID) -> None:
        """Let an activity be gone."""
        with self.lock:
            del self.activities[athlete_id][activity_id]

    def add_gear(self, *gear: dict[str, Any]) -> None:
        """Let there be these shoes and bikes."""
        with self.lock:
            self.gear.update({one["id"]: one for one in gear})

    def new_code(self, scope: str = ALL_SCOPES) -> str:
        """Return a code as a callback brings it."""
        with self.lock:
            code = f"c0de{next(self._numbers):036d}"
            self._codes[code] = _Grant(self.athlete_id, scope)
            return code

    def connect(self, scope: str = ALL_SCOPES) -> tuple[str, str]:
        """Return an access and a refresh token of one who has just connected."""
        with self.lock:
            tokens = self._issue(self._codes.pop(self.new_code(scope)))
            return tokens["access_token"], tokens["refresh_token"]

    def expire_access(self) -> None:
        """Let all access tokens be dead; they can be refreshed."""
        with self.lock:
            for grant in self.grants:
                grant.access_tokens.clear()

    def end_connections(self) -> None:
        """Let all tokens be dead for good, as when people have revoked the access."""
        with self.lock:
            self.grants.clear()

    def repeat_page(self) -> None:
        """Let the next page of activities, when it is not the first, be the one before it."""

        def page_before(request: Request, _: Callable[[], Answer]) -> Answer:
            page = max(1, int(request.query["page"]) - 1)
            return self.answer(replace(request, query={**request.query, "page": str(page)}))

        self.fail(Fault(page_before, on=ACTIVITIES))

    # --- answering

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(f"{API}/push_subscriptions"):
            # Without the lock: this asks the callback, which may ask here again.
            application = request.form if request.method == "POST" else request.query
            return self._refuse_application(application) or self._subscription(request)
        with self.lock:
            return self._limited(request) if request.path.startswith(f"{API}/") else self._oauth(request)

    def _oauth(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET", "/oauth/authorize":
                return self._authorize(request.query)
            case "POST", "/oauth/token":
                return self._token(request.form)
            case "POST", "/oauth/revoke":
                return self._revoke(request)
            case "POST", "/oauth/deauthorize":
                grant = self._grant_of(request.form.get("access_token", ""))
                if grant is None:
                    return UNAUTHORIZED
                self.grants.remove(grant)
                return json_answer({"access_token": request.form["access_token"]})
            case _:
                return Answer(404, b"<html>Not found</html>", {"Content-Type": "text/html"})

    def _revoke(self, request: Request) -> Answer:
        """End a connection for the application, by either of its tokens; a token that is unknown gets no error."""
        application = b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {application}":
            return refusal(401, "Application", "", "invalid", "Authorization Error")
        token = request.form.get("token", "")
        self.grants = [
            grant for grant in self.grants if token != grant.refresh_token and token not in grant.access_tokens
        ]
        return Answer(200)

    def _authorize(self, query: Mapping[str, str]) -> Answer:
        """Say yes or no at once, in the place of the person."""
        if query.get("client_id") != self.client_id or query.get("response_type") != "code":
            return refusal(400, "Application", "client_id", "invalid", "Bad Request")
        scope = query.get("scope", "read") if self.granted is None else self.granted
        back = {"state": query.get("state", "")}
        back |= {"code": self.new_code(scope), "scope": scope} if scope else {"error": "access_denied"}
        return Answer(302, headers={"Location": f"{query['redirect_uri']}?{urlencode(back)}"})

    def _token(self, form: Mapping[str, str]) -> Answer:
        if refused := self._refuse_application(form):
            return refused
        if form.get("grant_type") == "authorization_code":
            grant = self._codes.pop(form.get("code", ""), None)
            if grant is None:
                return refusal(400, "AuthorizationCode", "code", "invalid", "Bad Request")
            athlete = {"id": grant.athlete_id, "username": None, "resource_state": 2, "firstname": "Test"}
            return json_answer(self._issue(grant) | {"athlete": athlete})
        wanted = form.get("refresh_token")
        grant = next((grant for grant in self.grants if wanted and grant.refresh_token == wanted), None)
        if grant is None:
            return refusal(400, "RefreshToken", "refresh_token", "invalid", "Bad Request")
        return json_answer(self._issue(grant))

    def _refuse_application(self, form: Mapping[str, str]) -> Answer | None:
        if form.get("client_id") != self.client_id:
            return refusal(400, "Application", "client_id", "invalid", "Bad Request")
        if form.get("client_secret") != self.client_secret:
            return refusal(401, "Application", "", "invalid", "Authorization Error")
        return None

    def _issue(self, grant: _Grant) -> dict[str, Any]:
        """Give a new refresh token, the old one being dead now, and the access token, a new one in its last hour."""
        if grant not in self.grants:
            self.grants.append(grant)
        grant.refresh_token = f"c0ffee{next(self._numbers):034d}"
        now = self.now()
        fresh = [token for token, end in grant.access_tokens.items() if end - now > timedelta(hours=1)]
        token = fresh[-1] if fresh else f"a11ce{next(self._numbers):035d}"
        end = grant.access_tokens.setdefault(token, now + TOKEN_LIFE)
        return {
            "token_type": "Bearer",
            "access_token": token,
            "expires_at": math.ceil(end.timestamp()),
            "expires_in": math.ceil((end - now).total_seconds()),
            "refresh_token": grant.refresh_token,
        }

    def _grant_of(self, access_token: str) -> _Grant | None:
        now = self.now()
        for grant in self.grants:
            if grant.access_tokens.get(access_token, now) > now:
                return grant
        return None

    def _limited(self, request: Request) -> Answer:
        """Answer a call to the API when it is within the limits; it counts towards the day also when it is not."""
        limits = [min(pair) for pair in zip(self.limits, self.read_limits, strict=True)]
        over = any(used >= limit for used, limit in zip(self.used, limits, strict=True))
        self.used = (self.used[0] + 1, self.used[1] + 1)
        answer = TOO_MANY if over else self._data(request)
        return answer if self.headers_missing else replace(answer, headers={**answer.headers, **self._rate_headers()})

    def _rate_headers(self) -> dict[str, str]:
        def pair(numbers: tuple[int, int]) -> str:
            return f"{numbers[0]},{numbers[1]}"

        return {
            "x-ratelimit-limit": pair(self.limits),
            "X-RateLimit-Usage": pair(self.used),
            "X-ReadRateLimit-Limit": pair(self.read_limits),
            "x-readratelimit-usage": pair(self.used),
        }

    def _data(self, request: Request) -> Answer:
        grant = self._grant_of(request.headers.get("authorization", "").removeprefix("Bearer "))
        if grant is None:
            return UNAUTHORIZED
        if self.switched_off:
            return SWITCHED_OFF
        scopes = set(grant.scope.split(","))
        own = [
            activity
            for activity in self.activities.get(grant.athlete_id, {}).values()
            if "activity:read_all" in scopes or activity.get("visibility") != "only_me"
        ]
        match request.method, request.path.removeprefix(f"{API}/").split("/"):
            case "GET", ["athlete"]:
                return json_answer({"id": grant.athlete_id, "resource_state": 2})
            case "GET", ["gear", gear_id]:
                if "profile:read_all" not in scopes:
                    return refusal(401, "AccessToken", "profile:read_permission", "missing", "Authorization Error")
                found = self.gear.get(gear_id)
                return json_answer(found) if found else NOT_FOUND
            case "GET", ["athlete", "activities"] | ["activities", *_] if not scopes & {
                "activity:read",
                "activity:read_all",
            }:
                return SCOPE_MISSING
            case "GET", ["athlete", "activities"]:
                return self._page(own, request.query)
            case "GET", ["activities", activity_id, "streams"]:
                found = self.streams.get(int(activity_id)) if int(activity_id) in {one["id"] for one in own} else None
                return NO_STREAMS if found is None else json_answer(_streams(found, request.query))
            case "GET", ["activities", activity_id]:
                found = next((activity for activity in own if str(activity["id"]) == activity_id), None)
                return json_answer(self._detail(found)) if found else NOT_FOUND
            case _:
                return NOT_FOUND

    def _page(self, activities: list[dict[str, Any]], query: Mapping[str, str]) -> Answer:
        """Answer with a page, newest first, but oldest first when only `after` is given."""
        after, before = query.get("after"), query.get("before")
        if after and int(after) > self.now().timestamp():
            return refusal(400, "Application", "after", "future", "Bad Request")
        page, per_page = int(query.get("page", "1")), int(query.get("per_page", "30"))
        if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
            return refusal(400, "Application", "per_page", "invalid", "Bad Request")
        found = [
            activity
            for activity in activities
            if (not after or activity["start_date"] > _written(after))
            and (not before or activity["start_date"] < _written(before))
        ]
        found.sort(key=lambda activity: activity["start_date"], reverse=not after or bool(before))
        return json_answer(found[(page - 1) * per_page : page * per_page])

    def _detail(self, activity: dict[str, Any]) -> dict[str, Any]:
        gear = self.gear.get(activity.get("gear_id") or "")
        more = {"resource_state": 3, "description": None, "calories": 371.0, "splits_metric": [], "laps": []}
        return more | activity | {"resource_state": 3} | ({"gear": gear} if gear else {})

    def _subscription(self, request: Request) -> Answer:
        """Subscribe to webhooks, of which an application has one, after asking its callback as Strava does."""
        if request.method == "GET":
            with self.lock:
                return json_answer(list(self.subscriptions.values()))
        if request.method == "DELETE":
            with self.lock:
                gone = self.subscriptions.pop(int(request.path.rpartition("/")[2]), None)
            return Answer(204) if gone else refusal(404, "PushSubscription", "id", "not found", "Not Found")
        with self.lock:
            if self.subscriptions:
                return refusal(400, "PushSubscription", "", "already exists", "Bad Request")
        challenge = "15f7d1a91c1f40f8a748fd134752feb3"
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": request.form["verify_token"]}
        echo = httpx.get(request.form["callback_url"], params=query, timeout=2)
        if echo.status_code != 200 or echo.json() != {"hub.challenge": challenge}:
            return refusal(400, "PushSubscription", "callback url", "not verifiable", "Bad Request")
        with self.lock:
            written = f"{self.now():%Y-%m-%dT%H:%M:%SZ}"
            subscription: dict[str, Any] = {
                "id": 298_000 + next(self._numbers),
                "resource_state": 2,
                "application_id": int(self.client_id),
                "callback_url": request.form["callback_url"],
                "created_at": written,
                "updated_at": written,
            }
            self.subscriptions[subscription["id"]] = subscription
            return json_answer(subscription, 201)


def _written(seconds: str) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
