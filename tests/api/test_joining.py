"""One activity from several sources is one record, in whatever order they come; each can be reverted alone."""

import io
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from fitness.db import connection, imported_records
from fitness.db.history import provider_deletes
from fitness.db.runs import RUNS
from fitness.readers.other_sports import workout_id_of, workout_of
from fitness.readers.records import OtherSport, Zone
from fitness.sync.activities_import import load_activities
from fitness.sync.report import Report
from tests.samples import ACTIVITIES, DATA

SAME_RUN = ACTIVITIES / "same_run"
WATCH, TCX, GPX = SAME_RUN / "watch.fit", SAME_RUN / "garmin_connect.tcx", SAME_RUN / "strava_17405838535.gpx"
GARMIN, STRAVA_ZIP = SAME_RUN / "garmin_account_export.zip", SAME_RUN / "strava_export.zip"
STRAVA = DATA / "strava_export_activities.csv"
ON_STRAVA = "strava_16321877401"
OF_WATCH = "fit_3900000002_20251102T120531Z"


@pytest.fixture
def send(client, alice):
    """Send a file; return the report."""

    def send(path, **query):
        data = {"file": (io.BytesIO(path.read_bytes()), "a")}
        answer = client.post("/v1/imports", data=data, query_string=query, headers=alice.headers)
        assert answer.status_code == 200, answer.json
        return answer.json

    return send


@pytest.fixture
def get(client, alice):
    def get(path, status=200):
        answer = client.get(f"/v1{path}", headers=alice.headers)
        assert answer.status_code == status, answer.json
        return answer.json

    return get


@pytest.fixture
def revert(client, alice):
    def revert(report):
        path = f"/v1/changesets/{report['changeset_id']}/revert"
        answer = client.post(path, headers=alice.headers)
        assert answer.status_code == 200, answer.json
        return answer.json

    return revert


@pytest.fixture
def run(get):
    """The only run of 2 November."""

    def run():
        (item,) = get("/runs?start=2025-11-02&end=2025-11-02")["items"]
        return item

    return run


@pytest.mark.parametrize("name", ["made_truncated.fit", "made_no_session.fit"])
def test_a_cut_copy_of_a_run_joins_it(send, run, get, name):
    send(WATCH)
    before = run()

    report = send(ACTIVITIES / "fit" / name)

    assert (report["joined"], report["deleted"], report["created"]) == (1, 0, 0)
    fields = ("id", "type", "distance", "duration", "points_id")
    assert [run()[field] for field in fields] == [before[field] for field in fields]
    assert get("/workouts")["items"] == []
    assert send(WATCH)["changeset_id"] is None and send(ACTIVITIES / "fit" / name)["changeset_id"] is None


def test_a_file_of_a_run_that_is_here_joins_it_and_says_why(send, run):
    send(STRAVA)

    report = send(WATCH)

    assert (report["created"], report["joined"], report["failed"]) == (0, 1, 0)
    assert report["remarks"] == [
        {
            "row": None,
            "id": ON_STRAVA,
            "detail": "Joined with this record. Starts 0 s apart, distance 0.0% apart, time 0.0% apart.",
        }
    ]
    assert (run()["id"], run()["source"]) == (ON_STRAVA, "Strava")


def test_the_same_file_again_changes_nothing(send, run):
    send(STRAVA)
    send(WATCH)
    before = run()

    report = send(WATCH)

    assert (report["unchanged"], report["joined"], report["changeset_id"], report["remarks"]) == (1, 0, None, [])
    assert run() == before


def test_what_the_record_lacks_comes_from_the_newcomer(send, run):
    send(GPX)
    assert (run()["duration"], run()["shoe_id"]) == (2790, None)

    report = send(STRAVA)

    assert (report["joined"], report["updated"]) == (1, 1)
    assert (run()["source"], run()["duration"], run()["shoe_id"]) == ("GPX", 2712, "brooks_ghost_16")
    assert run()["name"] == "Easy miles, clocks went back"


@pytest.mark.parametrize("first", ["Strava", "FIT"])
def test_the_ids_of_all_that_joined_lead_to_the_record(client, alice, send, get, run, first):
    for path in (STRAVA, WATCH) if first == "Strava" else (WATCH, STRAVA):
        send(path)
    here = run()["id"]
    assert here == (ON_STRAVA if first == "Strava" else OF_WATCH)

    for id in (ON_STRAVA, OF_WATCH):
        assert get(f"/runs/{id}")["id"] == here
        assert get(f"/runs/{id}/history")["items"] == get(f"/runs/{here}/history")["items"]
        assert client.patch(f"/v1/runs/{id}", json={"notes": id}, headers=alice.headers).json["notes"] == id
        assert client.post(f"/v1/runs/{id}/restore/1", headers=alice.headers).json["id"] == here
    get("/runs/strava_1", 404)
    assert client.delete(f"/v1/runs/{ON_STRAVA}", headers=alice.headers).status_code == 204
    get(f"/runs/{OF_WATCH}", 404)


def test_what_a_person_edited_stays_without_a_conflict(client, alice, send, run):
    send(STRAVA)
    client.patch(f"/v1/runs/{ON_STRAVA}", json={"distance": 4.9, "name": "Sunday"}, headers=alice.headers)

    report = send(WATCH)

    assert (run()["distance"], run()["name"], run()["conflicts"]) == (4.9, "Sunday", None)
    assert report["conflicts"] == []


def test_a_run_that_a_person_entered_gets_what_it_lacks(client, alice, make_run, send, run):
    make_run(alice, id="manual_1", distance=5.0, duration=2712.0, notes="Mine")

    send(STRAVA)

    item = run()
    assert (item["id"], item["source"], item["distance"], item["notes"]) == ("manual_1", "Manual", 5.0, "Mine")
    assert (item["avg_heart_rate"], item["shoe_id"]) == (143, "brooks_ghost_16")


def test_of_a_run_that_a_person_entered_only_that_stays_when_all_that_joined_is_reverted(
    alice, make_run, send, revert, run
):
    make_run(alice, id="manual_1", distance=5.0, duration=2712.0, notes="Mine")
    before = run()
    reports = [send(WATCH), send(GPX)]
    assert run()["points_id"] and run()["name"]

    for report in reports:
        revert(report)

    fields = set(before) - {"version", "updated_at", "last_edited_at", "last_edited_by"}
    assert {name: run()[name] for name in fields} == {name: before[name] for name in fields}


def test_a_run_that_a_person_deleted_stays_deleted(client, alice, send, get, run):
    send(STRAVA)
    client.delete(f"/v1/runs/{ON_STRAVA}", headers=alice.headers)

    report = send(WATCH)

    assert (report["created"], report["deleted_here"], report["deleted_here_ids"]) == (0, 1, [ON_STRAVA])
    get(f"/runs/{OF_WATCH}", 404)
    assert send(WATCH, restore_deleted=True)["updated"] == 1
    assert run()["id"] == ON_STRAVA


def test_a_restored_run_gets_what_came_while_it_was_deleted_with_the_next_import(client, alice, send, run):
    send(STRAVA)
    client.delete(f"/v1/runs/{ON_STRAVA}", headers=alice.headers)
    send(WATCH)
    client.post(f"/v1/runs/{ON_STRAVA}/restore/1", headers=alice.headers)
    assert run()["points_id"] is None

    assert send(WATCH)["updated"] == 1
    assert run()["points_id"] is not None


def test_reverting_the_first_leaves_what_the_second_said(send, revert, run):
    first = send(STRAVA)
    send(GPX)

    revert(first)

    item = run()
    assert (item["id"], item["duration"], item["avg_heart_rate"], item["shoe_id"]) == (ON_STRAVA, 2790, 142.5, None)
    assert (item["name"], item["conflicts"]) == ("Easy miles", None)


def test_a_redo_brings_back_what_was_said(send, revert, run):
    first = send(STRAVA)
    second = send(GPX)
    before = run()
    reverted = [revert(first), revert(second)]
    redone = [revert(one) for one in reversed(reverted)]

    assert redone
    untold = ("version", "updated_at", "last_edited_at", "last_edited_by")
    assert {name: run()[name] for name in before if name not in untold} == {
        name: value for name, value in before.items() if name not in untold
    }


def test_reverting_all_leaves_nothing(send, revert, get):
    reports = [send(path) for path in (WATCH, GPX, TCX)]

    for report in (reports[1], reports[0], reports[2]):
        revert(report)

    assert get("/runs")["items"] == []
    get(f"/runs/{OF_WATCH}", 404)
    assert send(WATCH)["created"] == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_account_whose_export_holds_a_file_is_another_source_than_that_file(send, revert, get, run, order):
    paths = (GARMIN, WATCH)
    reports = {number: send(paths[number]) for number in order}

    assert [reports[number]["joined"] for number in order] == [0, 1]
    assert run()["name"] == "Chicago Running"
    assert [send(path)["changeset_id"] for path in paths] == [None, None]
    revert(reports[0])
    assert (run()["name"], run()["distance"], run()["duration"]) == (None, 5.0, 2712)
    revert(reports[1])
    assert get("/runs")["items"] == []


def test_a_run_of_which_only_a_later_change_counts_keeps_its_start_and_distance(send, revert, run):
    first = send(STRAVA)
    watch = send(WATCH)
    send(STRAVA_ZIP)
    before = run()

    for report in (first, watch):
        revert(report)

    assert {name: run()[name] for name in ("datetime_utc", "type", "distance", "duration", "points_id")} == {
        name: before[name] for name in ("datetime_utc", "type", "distance", "duration", "points_id")
    }
    send(STRAVA)
    assert run()["name"] == before["name"]


def test_a_rewind_takes_back_what_joined_later(client, alice, owner, send, run):
    send(GPX)
    before = run()
    (instant,) = owner.execute("SELECT clock_timestamp()").fetchone()
    send(STRAVA)

    answer = client.post("/v1/users/me/rewind", json={"to": instant.isoformat()}, headers=alice.headers)

    assert answer.status_code == 200, answer.json
    assert {name: run()[name] for name in ("name", "duration", "shoe_id")} == {
        name: before[name] for name in ("name", "duration", "shoe_id")
    }
    send(TCX)
    assert (run()["name"], run()["shoe_id"]) == ("Easy miles", None)


def test_records_of_a_source_are_removed_unless_another_source_has_them(alice, send, get, run):
    send(STRAVA)
    send(WATCH)

    with connection.transaction(alice.user_id):
        imported_records.delete_imported("Strava", actor="alice")

    assert [item["id"] for item in get("/runs")["items"]] == [ON_STRAVA]


# Workouts

STARTED = datetime(2025, 11, 3, 17, 0, tzinfo=UTC)


@pytest.fixture
def load(alice):
    """Load a ride as a source says it; return the report."""

    def load(source, id, *, start=STARTED, sport="Ride", miles=20.0, seconds=3600.0, keys=(), **fields):
        values = {"elapsed_seconds": 3700, "heart_rate": None, "title": None, "notes": None, **fields}
        workout = workout_of(1, source, id, sport, start, seconds=seconds, miles=miles, **values)._replace(keys=keys)
        report = Report(other_sports=True)
        with connection.transaction(alice.user_id):
            records = [OtherSport(1, f"{source}_{id}", sport, workout)]
            load_activities(records, report, source=source, actor="alice")
        return asdict(report)

    return load


@pytest.fixture
def ride(get):
    """The only workout, without what depends on the order or the time of its imports."""

    def ride():
        (item,) = get("/workouts")["items"]
        return get(f"/workouts/{item['id']}")

    return ride


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_ride_of_two_sources_is_one_workout(load, revert, ride, order):
    said = [
        lambda: load("Strava", "7", title="Evening Ride", miles=20.1),
        lambda: load("FIT", "x", heart_rate=131.0, start=STARTED + timedelta(seconds=1), keys=("file:1",)),
    ]
    reports = {number: said[number]() for number in order}

    assert [reports[number]["joined"] for number in order] == [0, 1]
    both = ride()
    assert (both["title"], both["cardio_session"]["avg_heart_rate"]) == ("Evening Ride", 131)
    assert (both["cardio_session"]["distance_miles"], both["start_ts"]) == (20.1, "2025-11-03T17:00:00Z")
    revert(reports[0])
    assert (ride()["title"], ride()["cardio_session"]["distance_miles"]) == (None, 20)
    assert ride()["cardio_session"]["avg_heart_rate"] == 131


def test_the_ids_of_workouts_that_joined_lead_to_the_record(load, get, ride):
    load("FIT", "x", keys=("file:1", "strava:7"))
    load("Strava", "7", start=STARTED + timedelta(minutes=5), miles=30)

    assert get(f"/workouts/{workout_id_of('Strava', '7')}")["id"] == ride()["id"] == str(workout_id_of("FIT", "x"))


@pytest.mark.parametrize(
    "other",
    [
        {"start": STARTED + timedelta(seconds=3)},
        {"sport": "Walk"},
        {"miles": 20.5, "seconds": 3700.0, "elapsed_seconds": 3800},
        {"source": "Strava"},
        {"source": "MapMyFitness"},
    ],
    ids=["starts later", "of another sport", "longer", "of one account", "without a time of day"],
)
def test_what_is_less_alike_does_not_join(load, get, other):
    load("Strava", "7")
    report = load(**{"source": "FIT", "id": "8", **other})

    assert (report["created"], report["joined"]) == (1, 0)
    assert len(get("/workouts")["items"]) == 2


def test_a_run_that_its_provider_deleted_stays_if_another_source_has_it(alice, send, run):
    send(STRAVA)
    send(WATCH)

    with connection.transaction(alice.user_id):
        gone = provider_deletes.find_gone(RUNS, source="Strava", condition="r.id = %(id)s", id=ON_STRAVA)

    assert gone == []


def test_what_a_source_said_before_another_one_joined_is_reverted_alone(load, revert, ride):
    load("Strava", "7", title="Ride")
    renamed = load("Strava", "7", title="Evening Ride")
    load("FIT", "x", keys=("file:1",))
    assert ride()["title"] == "Evening Ride"

    revert(renamed)

    assert ride()["title"] == "Ride"
    assert load("Strava", "7", title="Evening Ride")["updated"] == 1


def test_a_source_that_changes_what_it_says_is_followed_or_a_conflict(client, alice, load, ride):
    load("FIT", "x", keys=("file:1",))
    load("Strava", "7", title="Ride")
    path = f"/v1/workouts/{ride()['id']}"

    assert load("Strava", "7", title="Evening Ride")["updated"] == 1
    assert ride()["title"] == "Evening Ride"
    client.patch(path, json={"title": "Mine"}, headers=alice.headers)
    report = load("Strava", "7", title="Sunset")

    assert (ride()["title"], ride()["conflicts"]) == ("Mine", {"title": "Sunset"})
    assert (report["kept"], [one["field"] for one in report["conflicts"]]) == (1, ["title"])


def test_the_list_of_garmin_connect_joins_the_export_of_the_account(client, alice, send):
    send(GARMIN)
    form = {"timezone": "America/Chicago", "distance_unit": "mi"}
    listed = {"file": (io.BytesIO((SAME_RUN / "garmin_activities.csv").read_bytes()), "Activities.csv"), **form}

    report = client.post("/v1/imports", data=listed, headers=alice.headers).json

    assert (report["created"], report["joined"]) == (2, 1)
    runs = client.get("/v1/runs?start=2025-11-02&end=2025-11-02", headers=alice.headers).json["items"]
    assert len(runs) == 1


def test_what_a_later_file_of_a_source_adds_to_a_workout(load, ride):
    guessed = frozenset({"avg_heart_rate", "time_zone"})
    zone = Zone("-06:00", "file")
    load("Strava", "7", unsaid=guessed)

    load("Strava", "7", unsaid=guessed, heart_rate=131.0, time_zone=zone)

    assert (ride()["cardio_session"]["avg_heart_rate"], ride()["time_zone"]) == (131, zone._asdict())
    load("Strava", "7", unsaid=guessed, heart_rate=140.0, time_zone=Zone("+01:00", "file"))
    assert (ride()["cardio_session"]["avg_heart_rate"], ride()["time_zone"]) == (131, zone._asdict())
    load("Strava", "7", heart_rate=132.5, time_zone=Zone("America/Chicago", "provider"))
    assert (ride()["cardio_session"]["avg_heart_rate"], ride()["time_zone"]["name"]) == (132.5, "America/Chicago")


def test_a_source_counts_again_in_a_workout_that_an_edit_kept(client, alice, load, revert, ride):
    first = load("FIT", "x", heart_rate=131.0, keys=("file:1",))
    client.patch(f"/v1/workouts/{ride()['id']}", json={"notes": "Own"}, headers=alice.headers)
    revert(first)

    again = load("FIT", "x", heart_rate=131.0, keys=("file:1",))
    other = load("GPX", "y", miles=20.1, keys=("file:2",))

    assert (again["joined"], again["unchanged"]) == (1, 1)
    assert (ride()["cardio_session"]["avg_heart_rate"], ride()["cardio_session"]["distance_miles"]) == (131, 20)
    revert(other)
    assert (ride()["cardio_session"]["avg_heart_rate"], ride()["notes"]) == (131, "Own")
    assert load("FIT", "x", heart_rate=131.0, keys=("file:1",))["changeset_id"] is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_a_source_guesses_of_a_workout_counts_last(load, revert, ride, order):
    said = [
        lambda: load("Strava", "7", heart_rate=130.0, unsaid=frozenset({"avg_heart_rate", "sport", "time_zone"})),
        lambda: load("FIT", "x", sport="GravelRide", heart_rate=131.5, keys=("file:1",)),
    ]
    reports = {number: said[number]() for number in order}

    session = ride()["cardio_session"]
    assert (session["sport"], session["avg_heart_rate"]) == ("Gravel Ride", 131.5)
    revert(reports[1])
    session = ride()["cardio_session"]
    assert (session["sport"], session["avg_heart_rate"]) == ("Ride", 130)
