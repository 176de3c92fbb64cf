"""The points of runs and workouts, what follows from them, and the files they came in."""

import gzip
import hashlib

import pytest

from tests.api.test_activity_files import RUN, WATCH, get, send
from tests.samples import ACTIVITIES

SHA256 = hashlib.sha256(WATCH.read_bytes()).hexdigest()


@pytest.fixture
def points(client, alice):
    """Alice has the run of a watch; return what reads its points."""
    send(client, alice, WATCH)
    return lambda **query: client.get(f"/v1/runs/{RUN}/points", query_string=query, headers=alice.headers)


def change(client, person, method, path, **kwargs):
    answer = client.open(f"/v1{path}", method=method, headers=person.headers, **kwargs)
    assert answer.status_code < 300, answer.json
    return answer.json


def test_points_come_in_columns_of_one_length(points):
    answer = points(most=100).json

    columns = {name: answer[name] for name in ("time", "lat", "lon", "altitude", "distance", "speed", "heart_rate")}
    assert {len(column) for column in columns.values()} == {100}
    assert (answer["count"] > 100, answer["most"], answer["power"]) == (True, 100, None)
    assert (answer["start"], columns["time"][0]) == ("2025-11-02T12:05:31Z", 0)
    assert columns["time"] == sorted(columns["time"])
    assert columns["distance"][-1] == pytest.approx(8047, abs=20)


def test_of_few_points_all_are_shown(points):
    answer = points(most=5000).json

    assert len(answer["time"]) == answer["count"]


@pytest.mark.parametrize("most", [1, 5001, "many"])
def test_so_many_points_are_not_shown(points, most):
    assert points(most=most).status_code == 422


def test_a_file_without_distances_has_those_between_positions(client, alice):
    send(client, alice, ACTIVITIES / "same_run" / "strava_17405838535.gpx")

    answer = get(client, alice, "/runs/gpx_20251102T120531Z/points").json

    assert answer["distance"][-1] == pytest.approx(8047, abs=50)
    assert 1 < answer["speed"][100] < 6


def test_a_run_without_points_says_so(client, alice, make_run):
    run = make_run(alice)

    for path in ("points", "analysis"):
        answer = client.get(
            f"/v1/runs/{run.id}/{path}", headers={**alice.headers, "Accept": "application/problem+json"}
        )
        assert (answer.status_code, answer.json["code"]) == (404, "points_missing")


def test_a_preview_keeps_nothing(client, alice, owner):
    send(client, alice, WATCH, dry_run=True)

    for table in ("activity_points", "activity_efforts", "activity_files", "record_files"):
        assert owner.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_the_same_file_again_is_kept_once(client, alice, owner):
    for content in (WATCH.read_bytes(), gzip.compress(WATCH.read_bytes())):
        send(client, alice, content)

    for table in ("activity_points", "activity_files", "record_files"):
        assert owner.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)


def test_an_analysis_says_what_follows_from_the_points(client, alice, points):
    change(client, alice, "PATCH", "/users/me", json={"max_heart_rate": 186, "resting_heart_rate": 50, "sex": "female"})

    answer = get(client, alice, f"/runs/{RUN}/analysis?unit=km").json

    assert [split["distance"] for split in answer["splits"]] == [*[1000] * 8, 46.7]
    assert sum(split["seconds"] for split in answer["splits"]) == pytest.approx(2790 - 82, abs=2)
    assert answer["pauses"] == [[1400, 1482]]
    assert {"400 m", "1 km", "1 mile"} <= answer["best_efforts"].keys()
    assert [zone["from"] for zone in answer["zones"]] == [None, 112, 131, 149, 168]
    assert answer["trimp_from_points"] > 0
    assert len(answer["route"]) == 100
    assert all(part["start"] >= 0 for part in answer["laps"])


def test_splits_are_in_the_unit_of_the_profile(client, alice, points):
    in_miles = get(client, alice, f"/runs/{RUN}/analysis").json
    change(client, alice, "PATCH", "/users/me", json={"units": "kilometres"})
    in_kilometres = get(client, alice, f"/runs/{RUN}/analysis").json

    assert (in_miles["splits"][0]["distance"], in_kilometres["splits"][0]["distance"]) == (1609.3, 1000)


def test_without_heart_rates_in_the_profile_there_are_no_zones(client, alice, points):
    answer = get(client, alice, f"/runs/{RUN}/analysis").json

    assert (answer["zones"], answer["trimp_from_points"]) == (None, None)


def test_workouts_have_points_too(client, alice):
    send(client, alice, ACTIVITIES / "fit" / "ride_edge820.fit")
    (ride,) = get(client, alice, "/workouts").json["items"]

    answer = get(client, alice, f"/workouts/{ride['id']}/points")
    analysis = get(client, alice, f"/workouts/{ride['id']}/analysis")

    assert (answer.status_code, answer.json["points_id"]) == (200, ride["points_id"])
    assert analysis.json["splits"]
    assert get(client, alice, f"/workouts/{ride['id']}/originals").json["items"][0]["kind"] == "FIT"


def test_the_best_efforts_of_all_runs_name_their_runs(client, alice, points):
    efforts = get(client, alice, "/metrics/best-efforts").json["items"]
    none = get(client, alice, "/metrics/best-efforts?start=2025-11-03").json["items"]

    assert [one["effort"] for one in efforts][:3] == ["400 m", "1 km", "1 mile"]
    assert {one["run_id"] for one in efforts} == {RUN}
    assert [one["seconds"] for one in efforts] == sorted(one["seconds"] for one in efforts)
    assert none == []


def test_the_file_comes_back_byte_for_byte(client, alice):
    send(client, alice, gzip.compress(WATCH.read_bytes()), name="packed.fit.gz")

    (original,) = get(client, alice, f"/runs/{RUN}/originals").json["items"]
    answer = get(client, alice, f"/runs/{RUN}/originals/{SHA256}")

    assert (original["sha256"], original["kind"], original["size"]) == (SHA256, "FIT", len(WATCH.read_bytes()))
    assert answer.data == WATCH.read_bytes()
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{SHA256}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_of_another_record_is_not_found(client, alice, make_run):
    send(client, alice, WATCH)
    run = make_run(alice)

    assert get(client, alice, f"/runs/{run.id}/originals/{SHA256}").status_code == 404
    assert client.delete(f"/v1/runs/{run.id}/originals/{SHA256}", headers=alice.headers).status_code == 404
    assert get(client, alice, f"/runs/{RUN}/originals/{SHA256}").status_code == 200


def test_points_are_there_after_an_edit_a_restore_a_revert_and_a_redo(client, alice):
    changeset = send(client, alice, WATCH)["changeset_id"]
    path = f"/runs/{RUN}/points"
    before = get(client, alice, path).json

    change(client, alice, "PATCH", f"/runs/{RUN}", json={"distance": 3.0})
    assert get(client, alice, path).json == before
    change(client, alice, "POST", f"/runs/{RUN}/restore/1")
    assert get(client, alice, path).json == before
    revert = change(client, alice, "POST", f"/changesets/{changeset}/revert?force=true")["changeset_id"]
    assert get(client, alice, path).status_code == 404
    change(client, alice, "POST", f"/changesets/{revert}/revert")
    assert get(client, alice, path).json == before


def test_points_removed_for_good_are_gone_and_come_back_only_with_the_file(client, alice, points):
    assert client.delete(f"/v1/runs/{RUN}/points", headers=alice.headers).status_code == 204

    gone = points()
    assert gone.status_code == 410
    assert gone.json["detail"] == "The points were removed for good; import the file again to have them back"
    assert get(client, alice, f"/runs/{RUN}/analysis").status_code == 410
    assert get(client, alice, "/metrics/best-efforts").json["items"] == []
    assert client.delete(f"/v1/runs/{RUN}/points", headers=alice.headers).status_code == 404
    send(client, alice, WATCH)
    assert points().status_code == 200


def test_a_restore_says_that_points_are_gone(client, alice, points):
    change(client, alice, "PATCH", f"/runs/{RUN}", json={"distance": 3.0})
    client.delete(f"/v1/runs/{RUN}/points", headers=alice.headers)

    change(client, alice, "POST", f"/runs/{RUN}/restore/1")

    newest = get(client, alice, f"/runs/{RUN}/history").json["items"][0]
    assert newest["change_reason"] == "Restored to version 1, whose points were removed for good"


def test_points_of_two_records_stay_for_the_other_one(client, alice, make_run, owner, points):
    """Both the record and its versions lose them; the last of the two takes them along."""
    points_id = get(client, alice, f"/runs/{RUN}").json["points_id"]
    other = make_run(alice, points_id=points_id)
    efforts = get(client, alice, "/metrics/best-efforts").json["items"]

    assert client.delete(f"/v1/runs/{RUN}/points", headers=alice.headers).status_code == 204

    assert points().status_code == 410
    assert get(client, alice, f"/runs/{other.id}/points").status_code == 200
    assert {one["run_id"] for one in efforts} != {other.id}
    assert {one["run_id"] for one in get(client, alice, "/metrics/best-efforts").json["items"]} == {other.id}
    change(client, alice, "PATCH", f"/runs/{RUN}", json={"distance": 3.0})
    restored = change(client, alice, "POST", f"/runs/{RUN}/restore/1")
    newest = get(client, alice, f"/runs/{RUN}/history").json["items"][0]
    assert newest["change_reason"] == "Restored to version 1, whose points were removed for good", restored
    assert client.delete(f"/v1/runs/{RUN}/points", headers=alice.headers).status_code == 404
    assert client.delete(f"/v1/runs/{other.id}/points", headers=alice.headers).status_code == 204
    for table in ("activity_points", "activity_efforts", "removed_points"):
        assert owner.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_an_import_brings_back_points_that_another_record_kept(client, alice, make_run, points):
    make_run(alice, points_id=get(client, alice, f"/runs/{RUN}").json["points_id"])
    client.delete(f"/v1/runs/{RUN}/points", headers=alice.headers)

    send(client, alice, WATCH)

    assert points().status_code == 200


def test_a_file_of_two_records_stays_for_the_other_one(client, alice, owner):
    chained = ACTIVITIES / "fit" / "made_chained_two_activities.fit"
    send(client, alice, chained)
    one, other = (f"/runs/{run['id']}" for run in get(client, alice, "/runs").json["items"])
    (original,) = get(client, alice, f"{one}/originals").json["items"]

    assert client.delete(f"/v1{one}/originals/{original['sha256']}", headers=alice.headers).status_code == 204

    assert get(client, alice, f"{one}/originals").json["items"] == []
    assert get(client, alice, f"{other}/originals").json["items"] == [original]
    assert client.delete(f"/v1{other}/originals/{original['sha256']}", headers=alice.headers).status_code == 204
    assert owner.execute("SELECT count(*) FROM activity_files").fetchone() == (0,)


def test_a_file_removed_for_good_is_gone(client, alice, points):
    assert client.delete(f"/v1/runs/{RUN}/originals/{SHA256}", headers=alice.headers).status_code == 204

    assert get(client, alice, f"/runs/{RUN}/originals").json["items"] == []
    assert get(client, alice, f"/runs/{RUN}/originals/{SHA256}").status_code == 404
    assert client.post(f"/v1/runs/{RUN}/reread", headers=alice.headers).status_code == 404
    assert points().status_code == 200


def test_a_file_that_says_the_same_is_read_again_without_a_version(client, alice, points):
    report = change(client, alice, "POST", f"/runs/{RUN}/reread")

    assert (report["unchanged"], report["changeset_id"]) == (1, None)


def test_a_better_reader_makes_a_version_that_is_nobodys_edit(client, alice, owner, points):
    change(client, alice, "PATCH", f"/runs/{RUN}", json={"distance": 3.0})
    # As an earlier reader would have read it.
    owner.execute(
        """
        UPDATE runs
        SET ascent = NULL, avg_cadence = 41, provider_values = provider_values - 'ascent' || '{"avg_cadence": 41}'
        """
    )

    report = change(client, alice, "POST", f"/runs/{RUN}/reread")

    run = get(client, alice, f"/runs/{RUN}").json
    newest = get(client, alice, f"/runs/{RUN}/history").json["items"][0]
    assert report["updated"] == 1
    assert (run["ascent"], run["avg_cadence"], run["distance"]) == (21, 82, 3.0)
    assert (newest["version_number"], newest["changed_by"]) == (3, "FIT")


def test_ascent_and_calories_are_edited_and_what_was_measured_is_not(client, alice, points):
    edited = change(client, alice, "PATCH", f"/runs/{RUN}", json={"ascent": 30, "calories": None})
    refused = client.patch(f"/v1/runs/{RUN}", json={"points_id": None, "elapsed": 1}, headers=alice.headers)

    assert (edited["ascent"], edited["calories"]) == (30, None)
    assert refused.json["errors"] == {name: ["This field cannot be edited"] for name in ("points_id", "elapsed")}
    again = send(client, alice, WATCH)
    assert (again["unchanged"], get(client, alice, f"/runs/{RUN}").json["ascent"]) == (1, 30)


def test_points_and_files_count_for_the_quota_until_they_are_removed(client, alice, make_run):
    def stored():
        return get(client, alice, "/users/me/usage").json["bytes"]

    make_run(alice, datetime_utc="2025-11-01T12:00:00Z")
    before = stored()
    report = send(client, alice, WATCH)
    full = stored()
    client.delete(f"/v1/runs/{RUN}/points", headers=alice.headers)
    client.delete(f"/v1/runs/{RUN}/originals/{SHA256}", headers=alice.headers)

    assert report["created"] == 1
    assert full > before + len(gzip.compress(WATCH.read_bytes()))
    assert before < stored() < before + 2000


def test_laps_of_a_file_without_points_are_shown(client, alice):
    send(client, alice, ACTIVITIES / "tcx" / "made_empty_fitbit.tcx")
    (run,) = get(client, alice, "/runs").json["items"]

    analysis = get(client, alice, f"/runs/{run['id']}/analysis").json

    assert run["points_id"] is None
    assert [(lap["start"], lap["seconds"]) for lap in analysis["laps"]] == [(0, run["duration"])]
    assert (analysis["splits"], analysis["best_efforts"], analysis["route"]) == ([], {}, None)
    assert get(client, alice, f"/runs/{run['id']}/points").status_code == 404
    (file,) = get(client, alice, f"/runs/{run['id']}/originals").json["items"]
    assert file["laps"] == 1
    client.delete(f"/v1/runs/{run['id']}/originals/{file['sha256']}", headers=alice.headers)
    assert get(client, alice, f"/runs/{run['id']}/analysis").status_code == 404


def test_laps_of_a_file_are_counted_when_it_is_read_again(client, alice, owner):
    send(client, alice, WATCH)
    (counted,) = get(client, alice, f"/runs/{RUN}/originals").json["items"]
    owner.execute("UPDATE record_files SET laps = NULL")  # as an earlier version stored it
    (before,) = get(client, alice, f"/runs/{RUN}/originals").json["items"]

    report = client.post(f"/v1/runs/{RUN}/reread", headers=alice.headers).json

    assert (before["laps"], report["changeset_id"]) == (None, None)
    assert get(client, alice, f"/runs/{RUN}/originals").json["items"] == [counted]
    assert counted["laps"] == len(get(client, alice, f"/runs/{RUN}/analysis").json["laps"]) > 0
