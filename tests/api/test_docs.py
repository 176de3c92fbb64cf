"""The API's description: valid, complete, true of every answer, and readable without any outside host."""

import dataclasses
import io
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
import jsonschema_rs
import pytest
from flask.testing import FlaskClient
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from fitness.app import create_app
from fitness.config import Settings
from fitness.connections import oauth
from fitness.db import connection
from fitness.db.webhook_subscriptions import set_subscription_id
from tests.google_browser import begin_login, say_yes
from tests.samples import DATA
from tests.standins.google import GoogleStandIn
from tests.standins.hevy import KEY, HevyStandIn
from tests.standins.strava import StravaStandIn

EXPORT = DATA / "mapmyfitness.csv"
STRAVA_EXPORT = EXPORT.with_name("strava_export_activities.csv")
ACCOUNT = {"email": "ada@example.com", "username": "ada", "name": "Ada", "password": "a long pass phrase"}
RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
METHODS = {"get", "post", "put", "patch", "delete"}
PUBLIC = {
    "/v1/auth/signup",
    "/v1/auth/login",
    "/v1/auth/refresh",
    "/v1/auth/google/login",
    "/v1/auth/google/callback",
    "/v1/health",
    "/v1/health/db",
    "/v1/oauth/{provider}/callback",
    "/v1/strava/webhook",
}

Spec = dict[str, Any]


@pytest.fixture
def settings(settings: Settings) -> Iterator[Settings]:
    """The providers are stand-ins."""
    with StravaStandIn() as strava, HevyStandIn.of_samples() as hevy, GoogleStandIn() as google:
        google.person["email"] = ACCOUNT["email"]
        addresses = {f"strava_{name}": address for name, address in strava.addresses.items()}
        application = {"strava_client_id": strava.client_id, "strava_client_secret": strava.client_secret}
        yield dataclasses.replace(settings, **addresses, **application, hevy_api_url=hevy.url, **google.settings)


@pytest.fixture
def spec(client: FlaskClient) -> Spec:
    answer = client.get("/v1/openapi.json")
    assert answer.json is not None
    return answer.json


def operations(spec: Spec) -> Iterator[tuple[str, str, Spec]]:
    """Yield every (method, path, operation) of the description."""
    for path, item in spec["paths"].items():
        for method in METHODS & item.keys():
            yield method.upper(), path, item[method]


def resolved(spec: Spec, part: Spec) -> Spec:
    """Return what a reference refers to."""
    while "$ref" in part:
        kind, name = part["$ref"].split("/")[-2:]
        part = spec["components"][kind][name]
    return part


def filled(path: str) -> str:
    """Return a path with ids that nobody has."""
    uuids = re.sub(r"\{(exercise_id)\}", "00000000-0000-4000-8000-000000000000", path)
    numbers = r"\{(version|changeset_id|token_id|planned_workout_id)\}"
    return re.sub(r"\{\w+\}", "nobodys", re.sub(numbers, "999999", uuids))


# The description


def test_the_description_is_valid_openapi(spec):
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(spec)] == []
    assert spec["openapi"].startswith("3.1")


def test_every_address_is_described(app, spec):
    described = {(method, path) for method, path, _ in operations(spec)}
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {method.upper() for method in METHODS}
        if rule.rule.startswith("/v1/") and rule.rule != "/v1/openapi.json"
    }

    assert described == served


def test_every_operation_says_what_it_does_and_answers(spec):
    incomplete = []
    for method, path, operation in operations(spec):
        good = {code: resolved(spec, answer) for code, answer in operation["responses"].items() if code < "400"}
        bodies = [
            answer.get("content", {}).get("application/json", {})
            for code, answer in good.items()
            if code < "204" and "application/zip" not in answer.get("content", {})
        ]
        if not (operation.get("summary") and good and all("schema" in body and body.get("example") for body in bodies)):
            incomplete.append((method, path))

    assert incomplete == []


def test_every_operation_names_its_errors_in_the_one_shape(spec):
    error = {"$ref": "#/components/schemas/Error"}
    missing = []
    for method, path, operation in operations(spec):
        expected = {"503"} | ({"401"} if path not in PUBLIC else set()) | ({"404"} if "{" in path else set())
        expected |= {"403", "429"} if path not in PUBLIC else set()
        expected |= {"400", "413", "415", "422"} if "requestBody" in operation else set()
        missing += [(method, path, code) for code in expected - operation["responses"].keys()]
        missing += [
            (method, path, code)
            for code, answer in operation["responses"].items()
            if code >= "400" and resolved(spec, answer)["content"]["application/json"]["schema"] != error
        ]

    assert missing == []


def test_every_example_is_what_its_schema_allows(spec):
    wrong = []
    for method, path, operation in operations(spec):
        parts = [operation.get("requestBody", {}), *operation["responses"].values()]
        for part in parts:
            for body in resolved(spec, part).get("content", {}).values():
                if "example" in body and not validator(spec, body["schema"]).is_valid(body["example"]):
                    wrong.append((method, path, body["example"]))

    assert wrong == []


def test_every_json_body_has_an_example_that_is_accepted(spec, client):
    """But for what it refers to: the account, the session, the shoe of an example do not exist."""
    bodies = [
        (method, path, operation["requestBody"]["content"]["application/json"]["example"])
        for method, path, operation in operations(spec)
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    client.post("/v1/auth/signup", json=ACCOUNT)
    access_token = client.post("/v1/auth/login", json={"username": "ada", "password": ACCOUNT["password"]}).json[
        "access_token"
    ]
    headers = {"Authorization": f"Bearer {access_token}"}

    answers = {
        (method, path): client.open(filled(path), method=method, json=body, headers=headers)
        for method, path, body in bodies
    }

    assert {at: answer.json for at, answer in answers.items() if answer.status_code in {400, 415, 500}} == {}


# Its truth


def validator(spec: Spec, schema: Spec) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({**schema, "components": spec["components"]}, validate_formats=True)


@dataclasses.dataclass
class Tour:
    """Sends requests, and holds each answer against what the description says of it."""

    client: FlaskClient
    spec: Spec
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    seen: set[tuple[str, str]] = dataclasses.field(default_factory=set)

    def __call__(self, method: str, path: str, *ids: Any, query: str = "", **kwargs: Any) -> Any:
        names = re.findall(r"\{\w+\}", path)
        address = path
        for name, value in zip(names, ids, strict=True):
            address = address.replace(name, str(value))
        request = {"headers": self.headers, "buffered": True, **kwargs}
        answer = self.client.open(address + query, method=method, **request)
        self.hold(method, path, answer)
        return answer.json if answer.data and answer.is_json else answer.data

    def hold(self, method: str, path: str, answer: Any) -> None:
        described = self.spec["paths"][path][method.lower()]["responses"]
        assert str(answer.status_code) in described, (method, path, answer.status_code, answer.data)
        content = resolved(self.spec, described[str(answer.status_code)]).get("content")
        if answer.status_code < 400:
            self.seen.add((method, path))
        if content is None:
            assert answer.data == b""
        elif answer.content_type == "application/zip":
            assert answer.content_type in content
        else:
            assert answer.content_type == "application/json"
            validator(self.spec, content["application/json"]["schema"]).validate(answer.json)


@pytest.fixture
def tour(client: FlaskClient, spec: Spec) -> Tour:
    return Tour(client, spec)


def test_a_tour_through_all_of_the_api_answers_what_is_described(tour, spec, app, bob):
    tour("GET", "/v1/health")
    tour("GET", "/v1/health/db")
    tokens = tour("POST", "/v1/auth/signup", json=ACCOUNT)
    tokens = tour("POST", "/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    login = {"username": "ada", "password": ACCOUNT["password"]}
    tokens = tour("POST", "/v1/auth/login", json=login)
    tour.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    for path in ("/v1/auth/me", "/v1/users/me"):
        tour("GET", path)
        tour("PATCH", path, json={"time_zone": "Europe/Berlin", "max_heart_rate": 186, "units": "kilometres"})
    made = tour("POST", "/v1/auth/tokens", json={"name": "Watch", "scopes": ["read"]})
    tour("GET", "/v1/auth/tokens", headers={"Authorization": f"Bearer {made['token']}"})
    tour("GET", "/v1/auth/tokens")
    tour("DELETE", "/v1/auth/tokens/{token_id}", made["id"])

    shoe = tour("POST", "/v1/shoes", json={"name": "Brooks Ghost 16", "notes": "For long runs"})["id"]
    other = tour("POST", "/v1/shoes", json={"name": "Old ones"})["id"]
    tour("PATCH", "/v1/shoes/{shoe_id}", shoe, json={"retired_at": "2025-12-01", "retirement_notes": "Worn out"})

    full = {**RUN, "avg_heart_rate": 149.5, "shoe_id": other, "name": "Morning run", "notes": "Windy"}
    uuid = {"client_uuid": "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11"}
    run = tour("POST", "/v1/runs", json={**full, **uuid})["id"]
    tour("POST", "/v1/runs", json={**full, **uuid})
    tour("POST", "/v1/runs", json={**full, **uuid, "distance": 6})
    tour("POST", "/v1/runs", json=RUN)
    for path in ("/v1/runs", "/v1/runs/details"):
        tour("GET", path, query="?limit=1&sort_by=shoes")
    tour("GET", "/v1/runs/{run_id}", run)
    tour(
        "PATCH",
        "/v1/runs/{run_id}",
        run,
        json={"distance": 5.5, "avg_heart_rate": None, "change_reason": "GPS was off"},
    )
    tour("PATCH", "/v1/runs/{run_id}", run, json={"distance": 5}, headers={**tour.headers, "If-Match": '"1"'})
    tour("GET", "/v1/runs/{run_id}/history", run)
    tour("GET", "/v1/runs/{run_id}/history/{version}", run, 1)
    tour("DELETE", "/v1/runs/{run_id}", run)
    tour("GET", "/v1/runs", query="?only_deleted=true")
    tour("POST", "/v1/runs/{run_id}/restore/{version}", run, 1)

    merge = tour("POST", "/v1/shoes/{shoe_id}/merge", other, json={"into": shoe})["changeset_id"]
    tour("GET", "/v1/shoes", query="?include_deleted=true")
    tour("GET", "/v1/shoes/{shoe_id}", shoe)
    tour("GET", "/v1/shoes/{shoe_id}/history", shoe)
    tour("GET", "/v1/shoes/{shoe_id}/history/{version}", shoe, 2)
    tour("POST", "/v1/shoes/{shoe_id}/restore/{version}", shoe, 1)
    tour("POST", "/v1/changesets/{changeset_id}/revert", merge)
    tour("DELETE", "/v1/shoes/{shoe_id}", shoe)

    for path in ("/v1/exercises", "/v1/exercises/system", "/v1/exercises/body-parts", "/v1/exercises/modalities"):
        tour("GET", path)
        tour("GET", path, headers={})
    exercise = tour("POST", "/v1/exercises", json={"name": "Zercher Carry", "modality": "BARBELL"})["id"]
    tour("POST", "/v1/exercises", json={"name": "zercher carry"})
    system = tour("GET", "/v1/exercises/system", query="?name=bench press")["items"][0]["id"]
    tour("GET", "/v1/exercises", query="?name=carry&source=own")
    tour("GET", "/v1/exercises/{exercise_id}", system, headers={})
    tour("PATCH", "/v1/exercises/{exercise_id}", exercise, json={"notes": "Slowly", "change_reason": "Form"})
    tour("PUT", "/v1/exercises/{exercise_id}", exercise, json={"name": "Zercher Walk"})
    tour("PUT", "/v1/exercises/{exercise_id}", exercise, json={"name": "X"}, headers={**tour.headers, "If-Match": "1"})
    tour("GET", "/v1/exercises/{exercise_id}", exercise)
    tour("DELETE", "/v1/exercises/{exercise_id}", exercise)
    tour("GET", "/v1/exercises/my-exercises", query="?include_deleted=true")
    tour("GET", "/v1/exercises/{exercise_id}/history", exercise)
    tour("GET", "/v1/exercises/{exercise_id}/history/{version}", exercise, 2)
    tour("POST", "/v1/exercises/{exercise_id}/restore/{version}", exercise, 1)

    upload = {"file": (io.BytesIO(EXPORT.read_bytes()), "export.csv"), "timezone": "America/New_York"}
    changeset = tour("POST", "/v1/mmf/upload-csv", data=upload)["changeset_id"]
    upload["file"] = (io.BytesIO(EXPORT.read_bytes()), "export.csv")
    tour("POST", "/v1/mmf/upload-csv", query="?dry_run=true", data=upload)
    told = tour("GET", "/v1/runs", query="?source=MapMyFitness")["items"][0]
    imported, marking = told["id"], "/v1/runs/{run_id}/duplicate-of"
    same = {field: told[field] for field in RUN}
    kept = tour("POST", "/v1/runs", json=same)["id"]
    assert tour("GET", "/v1/runs/duplicates", query="?limit=1")["items"][0]["duplicate_of"]["id"] == kept
    tour("PUT", marking, imported, json={"run_id": kept})
    tour("PUT", marking, kept, json={"run_id": imported})
    tour("PUT", marking, kept, json={"run_id": kept})
    tour("DELETE", f"{marking}/{{other_run_id}}", imported, kept)
    tour("DELETE", f"{marking}/{{other_run_id}}", kept, kept)
    tour("PATCH", "/v1/runs/{run_id}", imported, json={"notes": "edited since"})
    tour("GET", "/v1/changesets", query="?limit=1")
    tour("GET", "/v1/changesets/{changeset_id}", changeset)
    tour("POST", "/v1/changesets/{changeset_id}/revert", changeset)
    tour("POST", "/v1/changesets/{changeset_id}/revert", changeset)
    archive = {"file": (io.BytesIO(STRAVA_EXPORT.read_bytes()), "activities.csv")}
    tour("POST", "/v1/strava/upload-csv", data=archive)
    lifts = {"file": (io.BytesIO(STRAVA_EXPORT.with_name("hevy_export.csv").read_bytes()), "workouts.csv")}
    tour("POST", "/v1/hevy/upload-csv", data=lifts)

    connect = tour("GET", "/v1/oauth/{provider}/authorize-url", "strava")["url"]
    tour("GET", "/v1/oauth/{provider}/authorize", "strava")
    back = urlsplit(httpx.get(connect).headers["Location"]).query
    tour("GET", "/v1/oauth/{provider}/callback", "strava", query=f"?{back}", headers={})
    tour("GET", "/v1/oauth/{provider}/callback", "strava", query=f"?{back}", headers={})
    tour("GET", "/v1/oauth/{provider}/status", "strava")
    tour("POST", "/v1/strava/sync")
    tour("POST", "/v1/strava/sync", query="?full_sync=true&allow_deletes=true")
    tour("POST", "/v1/hevy/sync")
    connect = tour("GET", "/v1/oauth/{provider}/authorize-url", "google")["url"]
    back = urlsplit(httpx.get(connect).headers["Location"]).query
    tour("GET", "/v1/oauth/{provider}/callback", "google", query=f"?{back}", headers={})
    tour("POST", "/v1/sync/runs/{run_id}", run)
    tour("GET", "/v1/sync/runs/{run_id}/status", run)
    tour("POST", "/v1/sync/runs", query="?start=2025-11-01&end=2025-11-30")
    tour("GET", "/v1/sync/runs", query="?limit=1")
    tour("GET", "/v1/sync/runs/failed")
    tour("DELETE", "/v1/sync/runs/{run_id}", run)
    tour("PUT", "/v1/oauth/hevy/key", json={"key": KEY})
    tour("POST", "/v1/hevy/sync", query="?dry_run=true")
    tour("POST", "/v1/hevy/sync")
    tour("DELETE", "/v1/oauth/{provider}", "hevy")
    tour("DELETE", "/v1/oauth/{provider}", "strava")
    confirm = {"hub.mode": "subscribe", "hub.challenge": "15f7d1a9", "hub.verify_token": "wrong"}
    tour("GET", "/v1/strava/webhook", query=f"?{urlencode(confirm)}", headers={})
    confirm["hub.verify_token"] = oauth.webhook_token("strava", app.config["SETTINGS"])
    tour("GET", "/v1/strava/webhook", query=f"?{urlencode(confirm)}", headers={})
    event = {"object_type": "activity", "object_id": 7, "owner_id": 8, "subscription_id": 9, "aspect_type": "create"}
    tour("POST", "/v1/strava/webhook", json=event, headers={})
    with connection.system_transaction():
        set_subscription_id("strava", 9)
    tour("POST", "/v1/strava/webhook", json=event, headers={})

    opened = {"workout_type": "STRENGTH", "start_ts": "2026-02-16T15:00:00Z", "in_progress": True}
    sets = [{"exercise_name": "Squat", "weight": 225, "reps": 5}, {"exercise_name": "Plank", "duration_seconds": 60}]
    workout = tour("POST", "/v1/workouts", json={**opened, **uuid, "strength_sets": sets})["workout_id"]
    tour("POST", "/v1/workouts", json={**opened, **uuid, "strength_sets": sets})
    tour("POST", "/v1/workouts", json={**opened, **uuid})
    ran = {"distance_miles": 3.1, "duration_seconds": 1800, "speed_mph": 6.2}
    cardio = {"workout_type": "CARDIO", "start_ts": "2026-02-17T15:00:00Z", "cardio_session": ran}
    cardio = tour("POST", "/v1/workouts", json=cardio)["workout_id"]
    counted = {"exercise_type": "push-up", "reps_count": 25, "duration_seconds": 180}
    tour("POST", "/v1/workouts", json={"workout_type": "REPS", "calories_burned": 12.5, "rep_session": counted})
    both = [one["exercise_id"] for one in tour("GET", "/v1/workouts/{workout_id}", workout)["exercise_executions"]]
    execution = "/v1/workouts/{workout_id}/exercise-executions/{exercise_id}"
    put = {"note": "Paused", "sets": [{"weight": 100, "weight_unit": "kg"}]}
    own = tour("PUT", execution, workout, system, json=put)["exercise_id"]
    tour("PATCH", execution, workout, own, json={"note": None})
    tour("GET", execution, workout, own)
    added = tour("POST", f"{execution}/sets", workout, own, json={"weight": 95, "reps": 8, "rpe": 9.5})["id"]
    tour("PATCH", f"{execution}/sets/{{set_id}}", workout, own, added, json={"reps": 7})
    tour("DELETE", f"{execution}/sets/{{set_id}}", workout, own, added)
    tour(
        "PATCH",
        "/v1/workouts/{workout_id}/exercise-executions/reorder",
        workout,
        json={"exercise_ids": [own, *both]},
    )
    tour("DELETE", execution, workout, both[1])
    tour("PATCH", "/v1/workouts/{workout_id}/finish", workout, json={"finished_at": "2026-02-16T16:05:00Z"})
    tour("POST", f"{execution}/sets", workout, own, json={"weight": 95})
    tour("PATCH", "/v1/workouts/{workout_id}", workout, json={"notes": "Felt strong", "change_reason": "Forgotten"})
    tour("PATCH", "/v1/workouts/{workout_id}", cardio, json={"title": "x"}, headers={**tour.headers, "If-Match": '"7"'})
    tour("GET", "/v1/workouts", query="?workout_type=CARDIO&limit=1")
    tour("GET", "/v1/workouts/{workout_id}/history", workout)
    tour("GET", "/v1/workouts/{workout_id}/history/{version}", workout, 1)
    tour("POST", "/v1/sync/workouts")
    tour("POST", "/v1/sync/workouts/{workout_id}", workout)
    tour("GET", "/v1/sync/workouts/{workout_id}/status", workout)
    tour("GET", "/v1/sync/workouts")
    tour("GET", "/v1/sync/workouts/failed")
    tour("DELETE", "/v1/sync/workouts/{workout_id}", workout)
    tour("DELETE", "/v1/workouts/{workout_id}", workout)
    tour("POST", "/v1/workouts/{workout_id}/restore/{version}", workout, 1)
    plan = {"file": (io.BytesIO(STRAVA_EXPORT.with_name("trainingpeaks_plan.csv").read_bytes()), "plan.csv")}
    tour("POST", "/v1/planned-workouts/import", data=plan)
    session = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2025-11-02", "tss": 60}
    planned = tour("POST", "/v1/planned-workouts", json={**session, **uuid})["id"]
    tour("POST", "/v1/planned-workouts", json={**session, **uuid})
    tour("POST", "/v1/planned-workouts", json={**session, **uuid, "tss": 61})
    item = "/v1/planned-workouts/{planned_workout_id}"
    tour("PUT", "/v1/selections/{planned_workout_id}", planned, json={"currentPlanDay": "2025-11-03"})
    tour("POST", "/v1/selections/{planned_workout_id}", planned, json={"timeOfDay": "morning"})
    tour("GET", "/v1/planned-workouts", query="?start=2025-11-01&selected=true&workout_type=run&limit=2")
    tour("PATCH", item, planned, json={"planned_duration_hours": 1, "change_reason": "Longer"})
    tour("PATCH", item, planned, json={"tss": 1}, headers={**tour.headers, "If-Match": '"1"'})
    tour("GET", f"{item}/candidates", planned)
    tour("PUT", f"{item}/done", planned, json={"run_id": run})
    other_planned = tour("POST", "/v1/planned-workouts", json=session)["id"]
    tour("PUT", f"{item}/done", other_planned, json={"run_id": run})
    tour("PUT", f"{item}/done", other_planned, json={"workout_id": cardio})
    tour("GET", item, planned)
    tour("GET", "/v1/plan/adherence", query="?start=2025-11-01&end=2025-11-30")
    tour("DELETE", f"{item}/done", planned)
    tour("DELETE", "/v1/selections/{planned_workout_id}", planned)
    tour("DELETE", item, planned)
    tour("GET", f"{item}/history", planned)
    tour("GET", f"{item}/history/{{version}}", planned, 1)
    tour("POST", f"{item}/restore/{{version}}", planned, 1)
    tour("GET", "/v1/users/me/stats", query="?start=2020-01-01")
    tour("GET", "/v1/exercises/{exercise_id}/stats", exercise)
    tour("GET", "/v1/exercises/{exercise_id}/sets", exercise)
    tour("GET", "/v1/metrics/reps", query="?days=7&exercise_type=push-up")

    tour("GET", "/v1/auth/google/login", headers={})
    callback, as_json = "/v1/auth/google/callback", {"Accept": "application/json"}
    back = urlsplit(say_yes(begin_login(tour.client))).query
    link_token = tour("GET", callback, query=f"?{back}", headers=as_json)["link_token"]
    tour("POST", "/v1/auth/google/link", json={"link_token": link_token}, headers={})
    tour("POST", "/v1/auth/google/link", json={"link_token": link_token})
    for headers in (as_json, {}):
        back = urlsplit(say_yes(begin_login(tour.client))).query
        tour("GET", callback, query=f"?{back}", headers=headers)
    tour("DELETE", "/v1/auth/google")
    for path in (
        "/v1/metrics/seconds/total",
        "/v1/metrics/mileage/total",
        "/v1/metrics/mileage/by-day",
        "/v1/metrics/mileage/by-week",
        "/v1/metrics/mileage/by-month",
        "/v1/metrics/mileage/rolling-by-day",
        "/v1/metrics/mileage/by-shoe",
        "/v1/metrics/records",
        "/v1/metrics/streaks",
        "/v1/metrics/trimp/by-day",
        "/v1/metrics/training-load/by-day",
        "/v1/timeline",
        "/v1/summary",
    ):
        tour("GET", path)
    tour("PATCH", "/v1/users/me", json={"resting_heart_rate": 50})
    tour("GET", "/v1/metrics/trimp/by-day")
    tour("GET", "/v1/metrics/training-load/by-day")

    archive = tour("GET", "/v1/users/me/export")
    tour("POST", "/v1/users/me/import", data={"file": (io.BytesIO(archive), "fitness.zip")})
    old, new = ACCOUNT["password"], "another pass phrase"
    tour("PUT", "/v1/auth/password", json={"current_password": old, "new_password": new})
    tour("PUT", "/v1/auth/email", json={"current_password": new, "email": "ada@example.org"})
    tour("PUT", "/v1/auth/email", json={"current_password": new, "email": bob.email})
    tour("POST", "/v1/auth/logout")
    leaving = {"current_password": old}
    for number, (method, path) in enumerate(
        (("DELETE", "/v1/users/me"), ("DELETE", "/v1/auth/me"), ("POST", "/v1/auth/deactivate"))
    ):
        account = {"email": f"carol{number}@example.com", "name": "Carol", "password": old}
        tokens = tour("POST", "/v1/auth/signup", json=account)
        tour.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        tour("POST", "/v1/users/me/import", data={"file": (io.BytesIO(archive), "fitness.zip")})
        tour(method, path, json=leaving)

    assert {(method, path) for method, path, _ in operations(spec)} - tour.seen == set()


def test_every_refusal_is_described(tour, spec, alice):
    refusals = 0
    for method, path, operation in operations(spec):
        requests: list[dict[str, Any]] = [
            {},
            {"headers": alice.headers},
            {"headers": alice.headers, "query_string": "nonsense=1"},
        ]
        if "requestBody" in operation:
            body = {"headers": alice.headers, "content_type": "application/json"}
            requests += [{**body, "data": data} for data in (b"{", b"[]", b'{"nonsense": 1}', b"x" * 1_100_000)]
            requests += [{**body, "data": b"{}", "content_type": "text/plain"}]
        for request in requests:
            answer = tour.client.open(filled(path), method=method, buffered=True, **request)
            tour.hold(method, path, answer)
            refusals += answer.status_code >= 400

    assert refusals > 100


# The other addresses


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_every_described_address_answers_without_v1_and_with_api_the_same(client, spec, alice, make_run, prefix):
    make_run(alice)
    differing = []
    for method, path, _ in operations(spec):
        for headers in ({}, alice.headers if method == "GET" else {}):
            first, second = (
                client.open(one, method=method, headers=headers, buffered=True)
                for one in (filled(path), filled(path).replace("/v1", prefix, 1))
            )
            if (first.status_code, first.data) != (second.status_code, second.data):
                differing.append((method, path, first.status_code, second.status_code))

    assert differing == []


def test_the_documented_addresses_of_the_description_and_its_page(client):
    assert client.get("/openapi.json").json == client.get("/v1/openapi.json").json
    assert client.get("/docs").headers["Location"].endswith("/docs/")


# The page


def test_the_page_and_all_it_loads_come_from_here(client):
    page = client.get("/docs", follow_redirects=True, buffered=True)
    assets = re.findall(r"""<(?:script|link|img)\b[^>]*\b(?:src|href)=["']([^"']*)["']""", page.text)
    answers = {asset: client.get(urljoin("/docs/", asset), buffered=True) for asset in assets}

    assert page.status_code == 200
    assert len(assets) >= 4
    assert [asset for asset in assets if re.match(r"(\w+:)?//", asset)] == []
    assert {asset: answer.status_code for asset, answer in answers.items()} == dict.fromkeys(assets, 200)
    styles = "".join(answer.text for asset, answer in answers.items() if asset.endswith(".css"))
    assert re.findall(r"""(?:url\(|@import)\s*["']?(?:https?:)?//[^"')]*""", styles) == []


def test_the_page_asks_no_outside_host_about_the_description(client):
    page = client.get("/docs/", buffered=True).text
    script = "".join(re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL))

    assert '"url": "/v1/openapi.json"' in script
    # Left out, the page asks a validator on the internet whether the description is valid.
    assert '"validatorUrl": null' in script
    assert set(re.findall(r"https?://[^/\"']+", script)) <= {"http://localhost"}


# Other origins


@pytest.fixture
def client_with_cors(settings) -> Iterator[FlaskClient]:
    yield create_app(dataclasses.replace(settings, cors_origins=("https://dash.example.com",))).test_client()
    connection.close_pool()


def test_a_page_of_an_allowed_origin_may_call_and_see_what_it_needs(client_with_cors):
    answer = client_with_cors.get("/v1/health", headers={"Origin": "https://dash.example.com"})

    assert answer.headers["Access-Control-Allow-Origin"] == "https://dash.example.com"
    assert {"ETag", "Retry-After", "X-Request-ID"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/v1/runs/x", "/runs/x", "/api/runs/x"])
def test_a_page_of_an_allowed_origin_may_ask_before_it_edits(client_with_cors, path):
    answer = client_with_cors.options(
        path,
        headers={
            "Origin": "https://dash.example.com",
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization, content-type, if-match",
        },
    )

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://dash.example.com"
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "if-match"))


def test_errors_may_be_read_by_an_allowed_origin_too(client_with_cors):
    answer = client_with_cors.get("/v1/runs", headers={"Origin": "https://dash.example.com"})

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, "https://dash.example.com")


def test_other_origins_get_no_leave(client_with_cors):
    for origin in ("https://evil.example.com", "http://dash.example.com", "https://dash.example.com.evil.com", "null"):
        answer = client_with_cors.get("/v1/health", headers={"Origin": origin})

        assert "Access-Control-Allow-Origin" not in answer.headers


def test_without_the_setting_no_origin_gets_leave(client):
    answer = client.get("/v1/health", headers={"Origin": "https://dash.example.com"})

    assert "Access-Control-Allow-Origin" not in answer.headers
