"""Activities that are no runs: a sync stores them as workouts, and follows those whose type changes at Strava."""

import io
from uuid import UUID, uuid5

import pytest

from fitness.sync.strava import sync_activity
from tests.connecting import sync
from tests.readers.strava import tables
from tests.standins.strava import ATHLETE_ID, make_activity
from tests.sync.strava.reports import ago, counts, listed, read, run_id, versions

PROVIDERS = UUID("5f0f7a5e-6d0c-4f5b-8c35-0b6a3f2d9e71")
"""Namespace of the ids of all workouts from providers."""

MILES_20 = pytest.approx(20, abs=1e-4)


def workout_id(number):
    return str(uuid5(PROVIDERS, f"strava:{16_000_000_000 + number}"))


def workouts(client, person, **query):
    items = client.get("/v1/workouts", query_string={"limit": 500, **query}, headers=person.headers).json["items"]
    return {workout["id"]: workout for workout in items}


def make_ride(number, **changes):
    ride = {"name": f"Ride {number}", "sport_type": "GravelRide", "type": "Ride", "distance": 32186.88}
    times = {"moving_time": 5400, "elapsed_time": 6000, "average_heartrate": 131.5, "gear_id": "b1"}
    return make_activity(number, **{**ride, **times, **changes})


def retype(strava, number, sport):
    strava.add({**strava.activities[ATHLETE_ID][16_000_000_000 + number], "sport_type": sport, "type": sport})


@pytest.fixture
def by_webhook(app, ada):
    """Look at an activity again, as after an event."""

    def look(number):
        with app.app_context():
            return sync_activity(ada.user_id, 16_000_000_000 + number)

    return look


def test_a_ride_becomes_a_cardio_workout(client, ada, strava):
    strava.add(make_activity(1), make_ride(2, sport_type="VirtualRide"))

    report = sync(client, ada.headers).json

    assert counts(report) == {"created": 2}
    (workout,) = workouts(client, ada).values()
    assert workout["id"] == workout_id(2)
    told = {
        "workout_type": "CARDIO", "title": "Ride 2", "source": "Strava", "external_id": "16000000002",
        "start_ts": "2020-01-01T08:00:00Z", "end_ts": "2020-01-01T09:40:00Z", "finished_at": "2020-01-01T09:40:00Z",
        "exercise_executions": [], "rep_session": None, "version": 1,
    }  # fmt: skip
    assert {field: workout[field] for field in told} == told
    assert workout["cardio_session"] == {
        "sport": "Virtual Ride", "distance_miles": MILES_20, "duration_seconds": 5400.0, "avg_heart_rate": 131.5,
        "speed_mph": None, "incline_percent": None, "ascent": None, "max_heart_rate": None, "avg_cadence": None,
        "avg_power": None, "temperature": None,
    }  # fmt: skip
    assert set(listed(client, ada)) == {run_id(1)}


def test_other_sports_are_outside_the_statistics_of_runs_and_inside_timeline_and_summary(client, ada, strava):
    strava.add(make_activity(1, distance=1609.344), make_ride(2))
    sync(client, ada.headers)

    def get(path, **query):
        return client.get(f"/v1/{path}", query_string=query, headers=ada.headers).json

    assert get("metrics/mileage/total", start="2020-01-01", end="2020-01-31")["miles"] == pytest.approx(1, abs=1e-4)
    timeline = get("timeline")["items"]
    assert [(one["kind"], one["type"], one["sport"], one["distance_miles"]) for one in timeline] == [
        ("workout", "CARDIO", "Gravel Ride", MILES_20), ("run", "Outdoor Run", None, pytest.approx(1, abs=1e-4)),
    ]  # fmt: skip
    total = get("summary", start="2020-01-01", end="2020-01-31")["total"]
    assert (total["runs"], total["workouts"]) == (1, 1)
    assert (round(total["run_miles"], 4), total["cardio_miles"]) == (1.0, MILES_20)


def test_the_same_again_changes_nothing_and_a_change_at_strava_follows(client, ada, strava, everything):
    strava.add(make_ride(1), make_activity(2))
    sync(client, ada.headers)
    before = everything()

    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 2}
    assert everything() == before

    strava.add(make_ride(1, name="Long ride", sport_type="Ride", average_heartrate=...))
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 1, "updated": 1}
    workout = workouts(client, ada)[workout_id(1)]
    assert (workout["title"], workout["version"]) == ("Long ride", 2)
    session = workout["cardio_session"]
    assert (session["sport"], session["distance_miles"], session["avg_heart_rate"]) == ("Ride", MILES_20, None)


def test_what_you_edited_stays(client, ada, strava):
    strava.add(make_ride(1))
    sync(client, ada.headers)
    path = f"/v1/workouts/{workout_id(1)}"
    client.patch(path, json={"finished_at": None}, headers=ada.headers)
    client.patch(path, json={"title": "Mine", "cardio_session": {"distance_miles": 21}}, headers=ada.headers)
    client.patch(f"{path}/finish", json={}, headers=ada.headers)

    strava.add(make_ride(1, name="Theirs", distance=16093.44))
    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"kept": 1}
    assert {one["field"] for one in report["conflicts"]} == {"title", "cardio_session"}
    workout = workouts(client, ada)[workout_id(1)]
    assert (workout["title"], workout["cardio_session"]["distance_miles"]) == ("Mine", 21.0)
    assert workout["conflicts"]["cardio_session"]["distance_miles"] == pytest.approx(10, abs=1e-4)

    client.patch(path, json={"finished_at": None}, headers=ada.headers)
    client.patch(path, json={"cardio_session": {"distance_miles": 10}}, headers=ada.headers)
    assert set(workouts(client, ada)[workout_id(1)]["conflicts"]) == {"title"}


def test_an_export_that_says_less_than_the_api_changes_nothing(client, ada, strava, everything):
    ride = {0: "16000000001", 1: "Jan 1, 2020, 7:00:00 AM", 2: "Ride 1", 3: "Ride", 4: "", 5: "6000", 6: "32.18",
            15: "6000.0", 16: "5400.0", 17: "32186.9", 31: "132.0"}  # fmt: skip
    export = tables.table(tables.cells_of(ride))
    strava.add(make_ride(1))
    sync(client, ada.headers)
    before = everything()

    upload = {"file": (io.BytesIO(export), "activities.csv")}
    report = client.post("/v1/strava/upload-csv", data=upload, headers=ada.headers).json

    assert counts(report) == {"unchanged": 1}
    assert everything() == before


@pytest.mark.parametrize("how", ["setting", "parameter"])
def test_who_does_not_want_other_sports_gets_runs_only(client, ada, strava, how):
    strava.add(make_activity(1), make_ride(2), make_ride(3, distance="far"))
    query = {"other_sports": False} if how == "parameter" else {}
    if how == "setting":
        client.patch("/v1/users/me", json={"import_other_sports": False}, headers=ada.headers)

    report = sync(client, ada.headers, **query).json

    assert counts(report) == {"created": 1, "skipped": 2}
    assert report["skipped_why"] == {"Not a run: “GravelRide”.": 2}
    assert workouts(client, ada) == {}
    asked = sync(client, ada.headers, full_sync=True, other_sports=True).json
    assert counts(asked) == {"created": 1, "unchanged": 1, "failed": 1}


def test_weight_training_becomes_a_strength_workout_without_sets(client, ada, strava):
    strava.add(make_activity(1, sport_type="WeightTraining", name="Gym", distance=0.0, moving_time=60))

    sync(client, ada.headers)

    (workout,) = workouts(client, ada).values()
    assert (workout["workout_type"], workout["title"]) == ("STRENGTH", "Gym")
    assert (workout["exercise_executions"], workout["cardio_session"]) == ([], None)


def test_one_changeset_has_runs_and_workouts_and_is_reverted_as_a_whole(client, ada, strava):
    strava.add(make_activity(1), make_ride(2), make_activity(3), make_ride(4))
    report = sync(client, ada.headers).json

    assert (report["found"], report["created"]) == (4, 4)
    changeset = client.get(f"/v1/changesets/{report['changeset_id']}", headers=ada.headers).json
    assert changeset["counts"]["created"] == 4
    reverted = client.post(f"/v1/changesets/{report['changeset_id']}/revert", headers=ada.headers).json
    assert (reverted["reverted"], reverted["kept"]) == (4, 0)
    assert (listed(client, ada), workouts(client, ada)) == ({}, {})


def test_a_dry_run_counts_the_same_and_stores_nothing(client, ada, strava, everything):
    strava.add(make_activity(1), make_ride(2), make_activity(3))
    sync(client, ada.headers)
    retype(strava, 1, "Hike")
    retype(strava, 2, "Walk")
    strava.add(make_ride(4))
    before = everything()

    dry = sync(client, ada.headers, full_sync=True, dry_run=True).json

    assert everything() == before
    real = sync(client, ada.headers, full_sync=True).json
    assert counts(real) == {"created": 2, "updated": 1, "unchanged": 1, "deleted": 1}
    assert dry == {**real, "changeset_id": None, "dry_run": True, "records": dry["records"]}


# Deleted at Strava


def test_a_workout_that_strava_has_no_more_is_deleted(client, ada, strava, twenty):
    strava.add(*map(make_ride, range(30, 50)))
    sync(client, ada.headers, full_sync=True)
    strava.remove(16_000_000_030)

    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 39, "deleted": 1}
    assert workout_id(30) not in workouts(client, ada)


def test_more_than_a_tenth_of_the_workouts_is_deleted_only_when_allowed(client, ada, strava, everything):
    strava.add(*map(make_ride, range(20)))
    sync(client, ada.headers)
    for number in (1, 2, 3):
        strava.remove(16_000_000_000 + number)
    before = everything()

    asks = sync(client, ada.headers, full_sync=True)

    assert asks.status_code == 409
    assert asks.json["detail"].startswith("This sync would delete 3 of 20 workouts, more than a tenth")
    assert {name: rows for name, rows in everything().items() if name != "sync_metadata"} == {
        name: rows for name, rows in before.items() if name != "sync_metadata"
    }
    assert counts(sync(client, ada.headers, full_sync=True, allow_deletes=True).json) == {"unchanged": 17, "deleted": 3}


def test_a_workout_that_was_only_not_listed_stays(client, ada, strava, monkeypatch):
    monkeypatch.setattr("fitness.sync.strava.MOST_ASKED_FOR", 20)
    strava.add(*map(make_ride, range(5)))
    sync(client, ada.headers)
    first = strava.activities[ATHLETE_ID].pop(16_000_000_000)

    def come_back(*_):
        strava.add(first)

    monkeypatch.setattr("fitness.sync.strava._look_up_gear", come_back)
    assert sync(client, ada.headers, full_sync=True).json["deleted"] == 0
    assert len(workouts(client, ada)) == 5


def test_the_webhook_brings_changes_and_deletes_of_workouts(client, ada, strava, by_webhook):
    strava.add(make_ride(1))
    by_webhook(1)
    assert workouts(client, ada)[workout_id(1)]["title"] == "Ride 1"

    strava.add(make_ride(1, name="Renamed", description="Windy"))
    by_webhook(1)
    workout = workouts(client, ada)[workout_id(1)]
    assert (workout["title"], workout["notes"]) == ("Renamed", "Windy")
    # A list of activities has no notes: they stay.
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 1}

    strava.remove(16_000_000_001)
    by_webhook(1)
    assert workouts(client, ada) == {}


# Another type


@pytest.fixture(params=["sync", "full sync", "webhook"])
def look_again(request, client, ada, by_webhook):
    """Look at an activity again, in each of the ways; return the counts."""

    def look(number):
        if request.param == "webhook":
            report = by_webhook(number)
            return {name: value for name, value in report.counts().items() if value and name != "found"}
        return counts(sync(client, ada.headers, full_sync=request.param == "full sync").json)

    return look


def recent(number, **changes):
    """Return an activity of yesterday, which each sync reads again."""
    return ago(number, days=1) | changes


def test_a_run_that_is_a_hike_now_is_deleted_and_a_workout_appears(client, ada, strava, look_again):
    strava.add(recent(1))
    sync(client, ada.headers)
    retype(strava, 1, "Hike")

    assert look_again(1) == {"created": 1, "deleted": 1}

    assert listed(client, ada) == {}
    assert [change for _, change, by, _ in versions(client, ada, 1) if by == "Strava"][-1:] == ["deletion"]
    workout = workouts(client, ada)[workout_id(1)]
    assert (workout["workout_type"], workout["cardio_session"]["sport"]) == ("CARDIO", "Hike")
    assert look_again(1) == {"unchanged": 1}


def test_a_run_that_you_edited_stays_with_a_conflict_and_no_workout_appears(client, ada, strava, look_again):
    strava.add(recent(1))
    sync(client, ada.headers)
    client.patch(f"/v1/runs/{run_id(1)}", json={"notes": "Mine"}, headers=ada.headers)
    retype(strava, 1, "Hike")

    for _ in range(2):
        assert look_again(1) == {"kept": 1}
        run = read(client, ada, 1)
        assert (run["notes"], run["deleted_at"], run["version"]) == ("Mine", None, 2)
        assert list(run["conflicts"]) == ["deleted_at"]
        assert workouts(client, ada) == {}

    retype(strava, 1, "Run")
    assert look_again(1) == {"unchanged": 1}
    assert read(client, ada, 1)["conflicts"] is None


def test_typed_back_the_run_returns_as_it_was_and_the_workout_goes(client, ada, strava, look_again):
    strava.add(recent(1))
    sync(client, ada.headers)
    before = read(client, ada, 1)
    retype(strava, 1, "Hike")
    look_again(1)
    retype(strava, 1, "Run")

    assert look_again(1)["deleted"] == 1

    assert workouts(client, ada) == {}
    run = read(client, ada, 1)
    told = ("datetime_utc", "type", "distance", "duration", "name", "notes", "shoe_id", "deleted_at", "conflicts")
    assert {field: run[field] for field in told} == {field: before[field] for field in told}

    retype(strava, 1, "Hike")
    assert look_again(1)["deleted"] == 1
    assert (listed(client, ada), list(workouts(client, ada))) == ({}, [workout_id(1)])


def test_a_workout_that_you_edited_stays_with_a_conflict_when_it_is_a_run_now(client, ada, strava, look_again):
    strava.add(recent(1, sport_type="Ride", type="Ride"))
    sync(client, ada.headers)
    client.patch(f"/v1/workouts/{workout_id(1)}", json={"notes": "Mine"}, headers=ada.headers)
    retype(strava, 1, "Run")

    assert look_again(1) == {"created": 1, "kept": 1}

    assert set(listed(client, ada)) == {run_id(1)}
    assert list(workouts(client, ada)[workout_id(1)]["conflicts"]) == ["deleted_at"]


def test_a_run_that_is_of_another_sport_now_is_deleted_even_if_those_are_not_wanted(client, ada, strava):
    strava.add(make_activity(1), make_activity(2))
    sync(client, ada.headers)
    retype(strava, 1, "Walk")

    report = sync(client, ada.headers, full_sync=True, other_sports=False).json

    assert counts(report) == {"deleted": 1, "skipped": 1, "unchanged": 1}
    assert (set(listed(client, ada)), workouts(client, ada)) == ({run_id(2)}, {})


def test_however_many_runs_are_of_another_sport_now_they_are_deleted_without_asking(client, ada, strava, twenty):
    for number in range(1, 11):
        retype(strava, number, "Hike")

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"created": 10, "deleted": 10, "unchanged": 10}


def test_a_ride_that_is_weight_training_now_changes_its_type(client, ada, strava):
    strava.add(make_ride(1))
    sync(client, ada.headers)
    retype(strava, 1, "WeightTraining")

    assert counts(sync(client, ada.headers, full_sync=True).json) == {"updated": 1}

    workout = workouts(client, ada)[workout_id(1)]
    assert (workout["workout_type"], workout["cardio_session"], workout["version"]) == ("STRENGTH", None, 2)
    restored = client.post(f"/v1/workouts/{workout_id(1)}/restore/1", headers=ada.headers).json
    assert (restored["workout_type"], restored["cardio_session"]["sport"]) == ("CARDIO", "Gravel Ride")
