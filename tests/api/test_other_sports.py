"""Uploads of exports with activities that are no runs: they become workouts."""

import io
from uuid import UUID, uuid5

import pytest

from tests.readers.mapmyfitness import tables as mapmyfitness
from tests.readers.strava import tables as strava
from tests.samples import DATA

PROVIDERS = UUID("5f0f7a5e-6d0c-4f5b-8c35-0b6a3f2d9e71")
"""Namespace of the ids of all workouts from providers."""
COUNTS = ("found", "created", "updated", "unchanged", "kept", "deleted", "skipped", "failed")


def send(client, person, path, content, **query):
    answer = client.post(
        f"/v1/{path}", data={"file": (io.BytesIO(content), "file.csv")}, query_string=query, headers=person.headers
    )
    assert answer.status_code == 200, answer.json
    return answer.json


def counts(report):
    """Return the counts that are not 0."""
    return {name: report[name] for name in COUNTS if report[name]}


def workouts(client, person):
    return {one["id"]: one for one in client.get("/v1/workouts", headers=person.headers).json["items"]}


def runs(client, person):
    return {one["id"]: one for one in client.get("/v1/runs", headers=person.headers).json["items"]}


def of_strava(*rows):
    """Return an export with a row for each kind, numbered from 7001, or for each (kind, changed cells)."""
    cells = []
    for number, row in enumerate(rows, 7001):
        kind, changes = (row, {}) if isinstance(row, str) else row
        changed = {0: str(number), 1: f"Nov {number - 7000}, 2025, 12:05:31 PM", 3: kind, **changes}
        cells.append([changed.get(place, cell) for place, cell in enumerate(strava.PLAIN)])
    return strava.table(*cells)


def of_mapmyfitness(*kinds):
    """Return an export with a row for each kind of workout, numbered from 7001."""
    rows = [
        {**mapmyfitness.PLAIN, "Activity Type": kind, "Link": f"http://www.mapmyfitness.com/workout/{number}"}
        for number, kind in enumerate(kinds, 7001)
    ]
    return mapmyfitness.table(*rows).encode()


FILES = {
    "strava": ("strava/upload-csv", of_strava, "strava_7001", uuid5(PROVIDERS, "strava:7001")),
    "mapmyfitness": ("mmf/upload-csv", of_mapmyfitness, "mmf_7001", uuid5(PROVIDERS, "mapmyfitness:7001")),
}


@pytest.fixture(params=FILES)
def upload(request, client, alice):
    """Upload an export of one service, with a row for each kind; return the counts."""
    path, write, _, _ = FILES[request.param]
    return lambda *kinds, **query: counts(send(client, alice, path, write(*kinds), **query))


@pytest.fixture
def ids(request, upload):
    """The ids of the activity in the first row, as a run and as a workout."""
    _, _, run_id, workout_id = FILES[request.node.callspec.params["upload"]]
    return run_id, str(workout_id)


def test_other_sports_of_a_file_become_workouts(client, alice, upload, ids):
    assert upload("Hike", "Run", "Swim") == {"found": 3, "created": 3}

    workout = workouts(client, alice)[ids[1]]
    assert (workout["workout_type"], workout["external_id"], workout["version"]) == ("CARDIO", "7001", 1)
    session = workout["cardio_session"]
    assert (session["sport"], session["duration_seconds"] > 1000, session["avg_heart_rate"] > 100) == (
        "Hike", True, True,
    )  # fmt: skip
    assert upload("Hike", "Run", "Swim") == {"found": 3, "unchanged": 3}


def test_a_file_without_other_sports_if_they_are_not_wanted(client, alice, upload):
    assert upload("Hike", "Run", other_sports=False) == {"found": 2, "created": 1, "skipped": 1}
    client.patch("/v1/users/me", json={"import_other_sports": False}, headers=alice.headers)
    assert upload("Hike", "Run") == {"found": 2, "unchanged": 1, "skipped": 1}
    assert workouts(client, alice) == {}
    assert upload("Hike", "Run", other_sports=True) == {"found": 2, "created": 1, "unchanged": 1}


def test_a_run_that_is_a_hike_in_a_later_file_is_deleted_and_a_workout_appears(client, alice, upload, ids):
    upload("Run", "Run")

    assert upload("Hike", "Run") == {"found": 2, "created": 1, "unchanged": 1, "deleted": 1}

    assert (ids[0] in runs(client, alice), list(workouts(client, alice))) == (False, [ids[1]])
    assert upload("Hike", "Run") == {"found": 2, "unchanged": 2}


def test_an_edited_run_that_is_a_hike_in_a_later_file_stays_with_a_conflict(client, alice, upload, ids):
    upload("Run")
    client.patch(f"/v1/runs/{ids[0]}", json={"name": "Mine"}, headers=alice.headers)

    assert upload("Hike") == {"found": 1, "kept": 1}

    run = runs(client, alice)[ids[0]]
    assert (run["name"], list(run["conflicts"]), workouts(client, alice)) == ("Mine", ["deleted_at"], {})
    assert upload("Run") == {"found": 1, "unchanged": 1}
    assert runs(client, alice)[ids[0]]["conflicts"] is None


def test_typed_back_in_a_later_file_the_run_returns_and_the_workout_goes(client, alice, upload, ids):
    upload("Run")
    before = runs(client, alice)[ids[0]]
    upload("Hike")

    assert upload("Run")["deleted"] == 1

    assert workouts(client, alice) == {}
    told = ("datetime_utc", "type", "distance", "duration", "name", "notes", "shoe_id", "conflicts")
    run = runs(client, alice)[ids[0]]
    assert {field: run[field] for field in told} == {field: before[field] for field in told}


def test_the_first_of_two_rows_of_an_activity_counts_whatever_their_types(client, alice):
    file = of_strava("Hike", ("Run", {0: "7001"}), ("Hike", {0: "7001"}))

    report = send(client, alice, "strava/upload-csv", file)

    assert counts(report) == {"found": 3, "created": 1, "skipped": 2}
    assert report["skipped_why"] == {"The same activity as row 2.": 2}


def test_a_swim_has_metres_in_both_columns_and_swapped_columns_are_found(client, alice):
    swim, swapped, empty = {6: "1,609", 17: "1609.344"}, {6: "16093.44", 17: "16.09"}, {6: "0", 17: "0.0"}

    report = send(client, alice, "strava/upload-csv", of_strava(("Swim", swim), ("Ride", swapped), ("Yoga", empty)))

    sessions = [one["cardio_session"] for one in workouts(client, alice).values()]
    assert {one["sport"]: one["distance_miles"] for one in sessions} == {
        "Swim": pytest.approx(1, abs=1e-4), "Ride": pytest.approx(10, abs=1e-4), "Yoga": None,
    }  # fmt: skip
    assert [(one["row"], one["id"]) for one in report["remarks"]] == [(3, str(uuid5(PROVIDERS, "strava:7002")))]


@pytest.mark.parametrize(("kind", "failed"), [("Ride", True), ("Run", True)])
def test_an_activity_without_a_date_is_named(client, alice, kind, failed):
    report = send(client, alice, "strava/upload-csv", of_strava((kind, {1: "?"})))

    assert [(one["row"], one["id"]) for one in report["problems"]] == [(2, "strava_7001")]


def test_one_changeset_has_the_runs_and_the_workouts_of_a_file(client, alice):
    report = send(client, alice, "imports", (DATA / "strava_export_activities.csv").read_bytes())

    reverted = client.post(f"/v1/changesets/{report['changeset_id']}/revert", headers=alice.headers).json

    assert reverted["reverted"] >= report["created"]
    assert (runs(client, alice), workouts(client, alice)) == ({}, {})
