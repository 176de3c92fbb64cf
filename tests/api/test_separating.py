"""Where a run or workout comes from, over HTTP, and sources that are taken out of it for good."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from fitness.db import connection
from fitness.readers.other_sports import workout_of
from fitness.readers.records import OtherSport, ParsedExercise, ParsedSet
from fitness.sync.activities_import import load_activities
from fitness.sync.report import Report
from tests import archives
from tests.samples import ACTIVITIES, DATA

SAME_RUN = ACTIVITIES / "same_run"
WATCH, TCX, GPX = SAME_RUN / "watch.fit", SAME_RUN / "garmin_connect.tcx", SAME_RUN / "strava_17405838535.gpx"
STRAVA = DATA / "strava_export_activities.csv"
ON_STRAVA = "strava_16321877401"
DAY = "/runs?start=2025-11-02&end=2025-11-02"


class Caller:
    """Calls of one person."""

    def __init__(self, client, person):
        self.client, self.person = client, person

    def __call__(self, method, path, status=200, **arguments) -> Any:
        answer = self.client.open(f"/v1{path}", method=method, headers=self.person.headers, **arguments)
        assert answer.status_code == status, answer.json
        return answer.json if answer.data else None

    def send(self, path):
        return self("POST", "/imports", data={"file": (io.BytesIO(path.read_bytes()), "a")})

    def sources(self, id=ON_STRAVA, noun="runs"):
        return {one["source"]: one for one in self("GET", f"/{noun}/{id}/sources")["items"]}

    def separate(self, *names, id=ON_STRAVA, noun="runs", status=200):
        here = self.sources(id, noun)
        keys = [here[name]["key"] for name in names]
        return self("POST", f"/{noun}/{id}/separate", status, json={"keys": keys})

    def revert(self, changeset_id):
        return self("POST", f"/changesets/{changeset_id}/revert")

    def ids(self):
        return sorted(run["id"] for run in self("GET", DAY)["items"])


@pytest.fixture
def call(client, alice):
    return Caller(client, alice)


@pytest.fixture
def joined(call):
    """A run of three sources."""
    for path in (STRAVA, WATCH, GPX):
        call.send(path)
    return call


def test_a_record_names_its_sources_and_why_they_joined(joined):
    strava, watch, gpx = joined("GET", f"/runs/{ON_STRAVA}/sources")["items"]

    assert (strava["source"], strava["key"], strava["first"]) == ("Strava", "strava:16321877401", True)
    assert (strava["reason"], strava["originals"], strava["changeset_id"]) == (None, [], 1)
    of_watch = sha256(WATCH.read_bytes()).hexdigest()
    assert (watch["source"], watch["key"], watch["originals"]) == ("FIT", f"file:{of_watch}", [of_watch])
    assert (watch["first"], watch["changeset_id"], watch["known_by"]) == (False, 2, "the content of the file")
    assert watch["reason"] == "Starts 0 s apart, distance 0.0% apart, time 0.0% apart."
    assert (gpx["source"], gpx["changeset_id"]) == ("GPX", 3)


def test_a_record_of_one_source_names_that_one(call, alice, make_run):
    call.send(WATCH)
    (run,) = call("GET", DAY)["items"]
    make_run(alice, id="manual_1")

    (watch,) = call("GET", f"/runs/{run['id']}/sources")["items"]
    (by_hand,) = call("GET", "/runs/manual_1/sources")["items"]

    assert (watch["source"], watch["first"], watch["reason"], watch["changeset_id"]) == ("FIT", True, None, 1)
    assert watch["originals"] == [watch["key"].removeprefix("file:")]
    assert (by_hand["source"], by_hand["known_by"], by_hand["changeset_id"]) == ("Manual", "entered by hand", None)


def laps_of(call, id):
    return {one["sha256"]: one["laps"] for one in call("GET", f"/runs/{id}/originals")["items"]}


def test_laps_of_a_file_stay_known_wherever_it_is(joined):
    laps = laps_of(joined, ON_STRAVA)

    made = joined.separate("FIT")
    apart = laps_of(joined, ON_STRAVA) | laps_of(joined, made["id"])
    joined.revert(made["changeset_id"])

    assert laps[sha256(WATCH.read_bytes()).hexdigest()] > 1
    assert apart == laps_of(joined, ON_STRAVA) == laps


def test_what_is_taken_out_is_a_run_of_its_own_with_its_file(joined):
    before = joined("GET", f"/runs/{ON_STRAVA}")

    made = joined.separate("FIT")

    run, other = joined("GET", f"/runs/{ON_STRAVA}"), joined("GET", f"/runs/{made['id']}")
    assert (other["source"], other["points_id"], other["name"]) == ("FIT", before["points_id"], None)
    assert run["points_id"] not in {None, before["points_id"]}
    assert list(joined.sources()) == ["Strava", "GPX"]
    assert list(joined.sources(made["id"])) == ["FIT"]
    files = [joined("GET", f"/runs/{id}/originals")["items"] for id in (ON_STRAVA, made["id"])]
    assert [[one["kind"] for one in some] for some in files] == [["GPX"], ["FIT"]]
    assert joined("GET", "/runs/fit_3900000002_20251102T120531Z")["id"] == made["id"]
    change = joined("GET", f"/changesets/{made['changeset_id']}")
    assert (change["kind"], change["counts"]) == ("separation", {"created": 1, "updated": 1})


def test_apart_they_neither_join_nor_are_suggested_again(joined):
    made = joined.separate("FIT")

    for path in (GPX, WATCH, STRAVA, WATCH):
        assert joined.send(path)["changeset_id"] is None
    assert joined.ids() == sorted([ON_STRAVA, made["id"]])
    assert joined("GET", "/runs/duplicates")["items"] == []
    assert joined("GET", f"/runs/{ON_STRAVA}/sources")["apart"] == [made]
    assert joined("GET", f"/runs/{made['id']}/sources")["apart"] == [{**made, "id": ON_STRAVA}]


def test_a_reverted_separation_gives_one_run_as_it_was(joined):
    before = joined("GET", f"/runs/{ON_STRAVA}")
    made = joined.separate("FIT")

    joined.revert(made["changeset_id"])

    after = joined("GET", f"/runs/{ON_STRAVA}")
    untold = {"version", "updated_at", "last_edited_at", "last_edited_by"}
    assert {name: after[name] for name in after if name not in untold} == {
        name: before[name] for name in before if name not in untold
    }
    assert joined("GET", f"/runs/{made['id']}")["id"] == ON_STRAVA
    assert len(joined("GET", f"/runs/{ON_STRAVA}/originals")["items"]) == 2
    assert joined("GET", f"/runs/{ON_STRAVA}/sources")["apart"] == []
    assert joined.send(WATCH)["changeset_id"] is None


def test_what_a_person_edited_stays_with_the_run(joined):
    joined("PATCH", f"/runs/{ON_STRAVA}", json={"distance": 4.5, "notes": "Mine"})

    made = joined.separate("FIT")
    joined("PATCH", f"/runs/{made['id']}", json={"name": "Of the watch"})

    run, other = joined("GET", f"/runs/{ON_STRAVA}"), joined("GET", f"/runs/{made['id']}")
    assert (run["distance"], run["notes"], other["distance"], other["notes"]) == (4.5, "Mine", 5, None)
    joined.revert(made["changeset_id"])
    assert joined("GET", f"/runs/{made['id']}")["name"] == "Of the watch"
    assert joined.sources().keys() == {"Strava", "FIT", "GPX"}


def test_removed_points_stay_removed_in_the_other_run(joined):
    joined("DELETE", f"/runs/{ON_STRAVA}/points", 204)

    made = joined.separate("FIT")

    joined("GET", f"/runs/{made['id']}/points", 410)


def test_a_separation_that_cannot_be_is_refused(joined):
    path = f"/runs/{ON_STRAVA}/separate"
    joined("POST", path, 422, json={"keys": ["file:0"]})
    joined("POST", path, 422, json={"keys": []})
    joined("POST", "/runs/strava_1/separate", 404, json={"keys": ["file:0"]})
    joined.separate("Strava", "FIT", "GPX", status=409)
    joined("DELETE", f"/runs/{ON_STRAVA}", 204)
    joined("POST", path, 404, json={"keys": ["strava:16321877401"]})


def test_of_a_run_that_a_person_entered_all_sources_can_leave(call, alice, make_run):
    make_run(alice, id="manual_1", distance=5.0, duration=2712.0, notes="Mine")
    call.send(WATCH)
    assert call("GET", "/runs/manual_1")["points_id"]

    call.separate("FIT", id="manual_1")

    assert call("GET", "/runs/manual_1")["points_id"] is None
    assert list(call.sources("manual_1")) == ["Manual"]
    assert len(call.ids()) == 2


def test_a_declined_suggestion_holds_after_a_revert(call, alice, make_run):
    entered = {"distance": 5.0, "duration": 2712.0, "datetime_utc": "2025-11-02T12:00:00Z"}
    make_run(alice, id="manual_1", **entered)
    report = call.send(WATCH)
    (suggested,) = call("GET", "/runs/duplicates")["items"]
    call("DELETE", f"/runs/{suggested['run']['id']}/duplicate-of/{suggested['duplicate_of']['id']}")
    call("PATCH", "/runs/manual_1", json={"datetime_utc": "2025-11-02T12:05:31Z"})  # now it is alike
    call.revert(report["changeset_id"])

    again = call.send(WATCH)

    assert (again["created"], again["joined"], len(call.ids())) == (1, 0, 2)


def test_a_declined_suggestion_can_be_suggested_again(call, alice, make_run):
    for id, minute in (("strava_1", 0), ("garmin_1", 5)):
        make_run(
            alice, id=id, source=id.split("_")[0].title(), distance=5.0, datetime_utc=f"2025-11-02T06:0{minute}:00Z"
        )
    call("DELETE", "/runs/strava_1/duplicate-of/garmin_1")
    assert call("GET", "/runs/duplicates")["items"] == []
    assert call("GET", "/runs/strava_1/sources")["apart"] == [{"id": "garmin_1", "changeset_id": None}]

    call("DELETE", "/runs/garmin_1/different-from/strava_1", 204)

    assert len(call("GET", "/runs/duplicates")["items"]) == 1
    call("DELETE", "/runs/garmin_1/different-from/strava_1", 204)
    call("DELETE", "/runs/garmin_1/different-from/strava_2", 404)


def test_only_a_revert_ends_a_separation(joined):
    made = joined.separate("FIT")

    answer = joined("DELETE", f"/runs/{ON_STRAVA}/different-from/{made['id']}", 409)

    assert answer["detail"] == f"Change {made['changeset_id']} has separated them: revert it to have one run again"


def test_an_archive_keeps_apart_what_was_separated(client, joined, bob):
    made = joined.separate("FIT")
    content = archives.export(client, joined.person.headers)
    assert archives.load(client, bob.headers, content).status_code == 200
    there = Caller(client, bob)

    for path in (WATCH, GPX, STRAVA):
        assert there.send(path)["changeset_id"] is None

    assert there.ids() == joined.ids() == sorted([ON_STRAVA, made["id"]])
    there.revert(made["changeset_id"])
    assert there.ids() == [ON_STRAVA]


def test_files_that_come_while_a_source_is_taken_out_change_nothing(app, joined):
    keys = [joined.sources()["FIT"]["key"]]

    def do(path):
        with app.test_client() as client:
            own = Caller(client, joined.person)
            if path is None:
                return own("POST", f"/runs/{ON_STRAVA}/separate", json={"keys": keys})["changeset_id"]
            return own.send(path)["changeset_id"]

    with ThreadPoolExecutor(5) as threads:
        done = list(threads.map(do, [WATCH, None, WATCH, None, GPX]))

    assert (done[0], done[2], done[4]) == (None, None, None)
    assert done[1] == done[3]
    assert len(joined.ids()) == 2


def test_a_workout_of_two_sources_is_taken_apart_with_its_sets_and_session(call, alice):
    def load(source, id, **fields):
        values = {"elapsed_seconds": 3700, "heart_rate": None, "title": None, "notes": None, **fields}
        start = datetime(2025, 11, 3, 17, tzinfo=UTC)
        workout = workout_of(1, source, id, "Ride", start, seconds=3600.0, miles=20.0, **values)
        with connection.transaction(alice.user_id):
            records = [OtherSport(1, id, "Ride", workout)]
            return load_activities(records, Report(other_sports=True), source=source, actor="alice")

    load("Strava", "7", title="Evening Ride")
    load("Garmin", "9", heart_rate=131.0)
    (ride,) = call("GET", "/workouts")["items"]
    assert ride["cardio_session"]["avg_heart_rate"] == 131

    made = call.separate("Garmin", id=ride["id"], noun="workouts")

    first, other = (call("GET", f"/workouts/{id}") for id in (ride["id"], made["id"]))
    assert (first["title"], first["cardio_session"]["avg_heart_rate"]) == ("Evening Ride", None)
    assert (other["title"], other["cardio_session"]["avg_heart_rate"], other["source"]) == (None, 131, "Garmin")
    assert load("Garmin", "9", heart_rate=131.0).changeset_id is None
    assert load("Garmin", "9", heart_rate=140.0).updated == 1
    assert call("GET", f"/workouts/{made['id']}")["cardio_session"]["avg_heart_rate"] == 140
    call.revert(made["changeset_id"])
    (ride,) = call("GET", "/workouts")["items"]
    assert (ride["title"], ride["cardio_session"]["avg_heart_rate"]) == ("Evening Ride", 140)


def test_sets_leave_a_workout_that_a_person_entered_with_their_source(call, alice):
    start = datetime(2025, 11, 3, 17, tzinfo=UTC)
    entered = {"workout_type": "STRENGTH", "start_ts": start.isoformat(), "end_ts": "2025-11-03T18:00:00Z"}
    id = call("POST", "/workouts", 201, json=entered)["workout_id"]
    one = ParsedSet("normal", 100.0, "kg", 5, None, None, None, None, None)
    workout = workout_of(
        1, "FIT", "x", "Workout", start, seconds=0, elapsed_seconds=3600, miles=None, heart_rate=None, title="Lifts",
        notes=None, lifting=True,
    )._replace(exercises=(ParsedExercise("Squat", None, None, (one,)),), keys=("file:1",))  # fmt: skip
    with connection.transaction(alice.user_id):
        report = load_activities([OtherSport(1, "x", "Workout", workout)], Report(), source="FIT", actor="alice")
    assert report.joined == 1
    assert len(call("GET", f"/workouts/{id}")["exercise_executions"]) == 1

    made = call.separate("FIT", id=id, noun="workouts")

    sets = [call("GET", f"/workouts/{one}")["exercise_executions"] for one in (id, made["id"])]
    assert [len(some) for some in sets] == [0, 1]
    call.revert(made["changeset_id"])
    assert len(call("GET", f"/workouts/{id}")["exercise_executions"]) == 1
    call.revert(report.changeset_id)
    assert call("GET", f"/workouts/{id}")["exercise_executions"] == []
