"""One activity from several sources is one record, in whatever order they come; each can be reverted alone."""

import io

import pytest

from tests.samples import ACTIVITIES, DATA

SAME_RUN = ACTIVITIES / "same_run"
WATCH, TCX, GPX = SAME_RUN / "watch.fit", SAME_RUN / "garmin_connect.tcx", SAME_RUN / "strava_17405838535.gpx"
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


def test_a_file_of_a_run_that_is_here_joins_it_and_says_why(send, run):
    send(STRAVA)

    report = send(WATCH)

    assert (report["created"], report["joined"], report["failed"]) == (0, 1, 0)
    assert report["remarks"] == [
        {
            "row": 1,
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


def test_a_run_that_a_person_deleted_stays_deleted(client, alice, send, get, run):
    send(STRAVA)
    client.delete(f"/v1/runs/{ON_STRAVA}", headers=alice.headers)

    report = send(WATCH)

    assert (report["created"], report["deleted_here"], report["deleted_here_ids"]) == (0, 1, [ON_STRAVA])
    get(f"/runs/{OF_WATCH}", 404)
    assert send(WATCH, restore_deleted=True)["updated"] == 1
    assert run()["id"] == ON_STRAVA


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
