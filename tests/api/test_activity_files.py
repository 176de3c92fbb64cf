"""Files of single activities at POST /imports: previewed, stored, sent again, reverted."""

import gzip
import io

import pytest

from tests.readers.cuts import damaged
from tests.readers.fit import writer
from tests.samples import ACTIVITIES

WATCH = ACTIVITIES / "same_run" / "watch.fit"
RUN = "fit_3900000002_20251102T120531Z"


def send(client, person, content, *, name="activity.fit", **query):
    if not isinstance(content, bytes):
        content = content.read_bytes()
    data = {"file": (io.BytesIO(content), name)}
    answer = client.post("/v1/imports", data=data, query_string=query, headers=person.headers)
    assert answer.status_code == 200, answer.json
    return answer.json


def get(client, person, path):
    return client.get(f"/v1{path}", headers=person.headers)


def test_a_fit_file_becomes_a_run(client, alice):
    report = send(client, alice, WATCH)

    assert (report["found"], report["created"], report["problems"]) == (1, 1, [])
    assert report["files"] == [{"name": "activity.fit", "source": "FIT"}]
    assert (report["time_zone"], report["questions"]) == (None, [])
    run = get(client, alice, f"/runs/{RUN}").json
    assert (run["datetime_utc"], run["type"], run["source"]) == ("2025-11-02T12:05:31Z", "Outdoor Run", "FIT")
    assert run["distance"] == pytest.approx(5, abs=0.001)
    assert (run["duration"], run["avg_heart_rate"]) == (2712, 143)


def test_a_run_has_what_the_watch_measured(client, alice):
    send(client, alice, WATCH)

    run = get(client, alice, f"/runs/{RUN}").json

    measured = {
        "elapsed": 2790, "ascent": 21, "calories": 588, "max_heart_rate": 158, "avg_cadence": 82, "avg_power": None,
        "device": "Garmin 3113",
    }  # fmt: skip
    assert {name: run[name] for name in measured} == measured
    assert len(run["points_id"]) == 64


def test_a_preview_shows_the_run_and_stores_nothing(client, alice):
    report = send(client, alice, WATCH, dry_run=True)

    assert (report["created"], report["changeset_id"]) == (1, None)
    assert [record["id"] for record in report["records"]["items"]] == [RUN]
    assert get(client, alice, f"/runs/{RUN}").status_code == 404


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_the_same_file_again_changes_nothing(client, alice, packed):
    send(client, alice, WATCH)

    again = send(client, alice, packed(WATCH.read_bytes()), name="a name that says nothing")

    assert (again["unchanged"], again["changeset_id"]) == (1, None)


def test_an_import_of_a_file_can_be_reverted(client, alice):
    report = send(client, alice, WATCH)

    reverted = client.post(f"/v1/changesets/{report['changeset_id']}/revert", headers=alice.headers)

    assert reverted.status_code == 200
    assert get(client, alice, f"/runs/{RUN}").status_code == 404
    assert send(client, alice, WATCH)["created"] == 1


def test_what_a_person_edited_stays_when_the_file_comes_again(client, alice):
    send(client, alice, WATCH)
    client.patch(f"/v1/runs/{RUN}", json={"distance": 4.9, "name": "Sunday"}, headers=alice.headers)

    again = send(client, alice, WATCH)

    run = get(client, alice, f"/runs/{RUN}").json
    assert (run["distance"], run["name"]) == (4.9, "Sunday")
    assert (again["updated"], again["failed"]) == (0, 0)


def test_the_same_run_of_strava_is_no_duplicate_but_the_same_run(client, alice):
    strava = (ACTIVITIES.parent / "strava_export_activities.csv").read_bytes()
    send(client, alice, strava, name="activities.csv")
    send(client, alice, WATCH)

    assert get(client, alice, f"/runs/{RUN}").json["id"] == "strava_16321877401"
    assert get(client, alice, "/runs/duplicates").json["items"] == []


def test_a_treadmill_is_a_treadmill_run(client, alice):
    send(client, alice, ACTIVITIES / "fit" / "made_treadmill.fit")

    run = get(client, alice, "/runs/fit_3900000002_20251030T231002Z").json

    assert (run["type"], run["duration"]) == ("Treadmill Run", 2148)
    assert run["distance"] == pytest.approx(4, abs=0.001)


@pytest.mark.parametrize(
    ("name", "run_id", "source"),
    [
        ("strava_17405838535.gpx", "gpx_20251102T120531Z", "GPX"),
        ("garmin_connect.tcx", "tcx_20251102T120531Z", "TCX"),
    ],
)
def test_gpx_and_tcx_files_become_runs_too(client, alice, name, run_id, source):
    report = send(client, alice, ACTIVITIES / "same_run" / name, name="a")
    again = send(client, alice, gzip.compress((ACTIVITIES / "same_run" / name).read_bytes()), name="b")

    run = get(client, alice, f"/runs/{run_id}").json
    assert (run["source"], run["duration"], run["version"]) == (source, 2790, 1)
    assert (report["created"], again["unchanged"]) == (1, 1)
    assert run["distance"] == pytest.approx(5, abs=0.02)


@pytest.mark.parametrize("bomb", ["bomb_billion_laughs", "bomb_external_entity"])
def test_a_bomb_is_refused(client, alice, bomb):
    content = (ACTIVITIES / "gpx" / f"{bomb}.gpx").read_bytes()

    refused = client.post("/v1/imports", data={"file": (io.BytesIO(content), "a.gpx")}, headers=alice.headers)

    assert refused.status_code == 422
    assert refused.json["detail"] == "The file declares entities, which are not read."


@pytest.mark.parametrize("name", ["watch.fit", "strava_17405838535.gpx", "garmin_connect.tcx"])
def test_a_damaged_file_is_read_or_refused_in_words(client, alice, name):
    whole = (ACTIVITIES / "same_run" / name).read_bytes()

    for copy, _ in damaged(whole):
        data = {"file": (io.BytesIO(copy), name)}
        answer = client.post("/v1/imports?dry_run=true", data=data, headers=alice.headers)
        assert answer.status_code in (200, 422), answer.json
        assert answer.status_code == 200 or answer.json["detail"]
    assert send(client, alice, whole)["created"] == 1


def test_other_sports_become_workouts(client, alice):
    for name in ("ride_edge820", "walk_fenix5"):
        send(client, alice, ACTIVITIES / "fit" / f"{name}.fit")

    workouts = get(client, alice, "/workouts").json["items"]

    assert {(one["workout_type"], one["cardio_session"]["sport"], one["source"]) for one in workouts} == {
        ("CARDIO", "Ride", "FIT"),
        ("CARDIO", "Walk", "FIT"),
    }


def test_sets_of_a_watch_become_a_workout_with_exercises(client, alice):
    report = send(client, alice, ACTIVITIES / "fit" / "made_strength_sets.fit")

    (workout,) = get(client, alice, "/workouts").json["items"]
    workout = get(client, alice, f"/workouts/{workout['id']}").json
    assert workout["workout_type"] == "STRENGTH"
    assert [(one["exercise_name"], len(one["sets"])) for one in workout["exercise_executions"]] == [
        ("Barbell Bench Press", 3),
        ("Barbell Back Squat", 3),
        ("Unknown", 1),
    ]
    assert report["remarks"][0]["detail"] == "The exercises are what the watch guessed."


def test_a_start_in_the_future_is_a_problem_and_not_stored(client, alice):
    report = send(client, alice, ACTIVITIES / "fit" / "made_future_2040.fit")

    assert (report["created"], report["failed"], report["changeset_id"]) == (0, 1, None)
    assert report["problems"][0]["detail"].startswith("The start is in the future: 2040-01-01 00:00 UTC.")


def test_two_equal_activities_in_one_file_are_one(client, alice):
    report = send(client, alice, ACTIVITIES / "fit" / "broken_crc_second_of_chain.fit")

    assert (report["created"], report["skipped"]) == (1, 1)
    assert list(report["skipped_why"]) == [
        "The same activity as number 1. The checksum is wrong: some values may be damaged."
    ]


def test_what_is_no_activity_is_skipped_in_words(client, alice):
    report = send(client, alice, ACTIVITIES / "fit" / "not_activity_settings.fit")

    assert (report["found"], report["skipped_why"]) == (1, {"A FIT file of settings, not of an activity.": 1})


def test_what_is_broken_is_remarked_on(client, alice):
    report = send(client, alice, ACTIVITIES / "fit" / "made_bad_crc.fit")

    assert [remark["detail"] for remark in report["remarks"]] == ["The checksum is wrong: some values may be damaged."]


def test_a_run_that_is_a_ride_when_its_file_comes_again_becomes_a_workout(client, alice):
    run = writer.file(writer.activity(), writer.points(61), writer.session(sport=1))
    ride = writer.file(writer.activity(), writer.points(61), writer.session(sport=2))
    send(client, alice, run)

    report = send(client, alice, ride)
    back = send(client, alice, run)

    assert (report["created"], report["deleted"]) == (1, 1)
    assert (back["deleted"], get(client, alice, "/workouts").json["items"]) == (1, [])
    (item,) = get(client, alice, "/runs").json["items"]
    assert item["id"] == "fit_3900000001_20251102T120531Z"


def test_without_other_sports_a_ride_is_skipped_in_words(client, alice):
    report = send(client, alice, ACTIVITIES / "fit" / "ride_edge820.fit", other_sports=False)

    assert report["skipped_why"] == {"Not a run: “Ride”.": 1}
