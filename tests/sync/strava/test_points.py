"""Points of activities are fetched from Strava in the background, for those who want them."""

import dataclasses
import io
import json

import pytest

from fitness.sync import schedule
from tests.connecting import status, sync
from tests.samples import ACTIVITIES as FILES
from tests.standins.server import Answer, Fault
from tests.standins.strava import API, BAD_GATEWAY, NOT_JSON, SCOPE_MISSING, TOO_MANY, UNAUTHORIZED, make_activity
from tests.sync.strava.reports import on, read, run_id, versions

STREAMS = f"{API}/activities/"
SECONDS = 600


@pytest.fixture
def settings(settings):
    return dataclasses.replace(settings, sync_interval_minutes=60)


@pytest.fixture
def fetch(app, owner):
    """Let a quarter of an hour pass, and fetch what is due."""

    def fetch():
        owner.execute("UPDATE sync_metadata SET ended_at = ended_at - interval '16 minutes', retry_at = NULL")
        schedule.sync_due(app)

    return fetch


@pytest.fixture
def runs(client, ada, strava):
    """Let there be runs with streams, and sync them."""

    def runs(*numbers):
        strava.add(*map(make_activity, numbers))
        for number in numbers:
            strava.add_streams(make_activity(number)["id"], **streams())
        assert sync(client, ada.headers).status_code == 200

    return runs


def streams(**changes):
    """Return ten minutes at 3 m/s by the metre, of which the athlete stands the last one."""
    way = [min(3.0 * second, 3.0 * (SECONDS - 60)) for second in range(SECONDS)]
    return {
        "time": list(range(SECONDS)),
        "latlng": [[41.9 + metres / 111_195, -87.6] for metres in way],
        "distance": way,
        "heartrate": [140 + second % 2 for second in range(SECONDS)],
        "moving": [second <= SECONDS - 60 for second in range(SECONDS)],
    } | changes


def want(client, person, wants=True):
    changed = client.patch("/v1/users/me", json={"sync_points": wants}, headers=person.headers)
    assert (changed.status_code, changed.json["sync_points"]) == (200, wants)


def asked(strava):
    """Return the numbers of the runs whose streams were asked for."""
    return [
        int(one.path.split("/")[-2]) - make_activity(0)["id"] for one in strava.asked(STREAMS) if "streams" in one.path
    ]


def test_nobody_is_asked_for_points_without_the_setting(client, ada, strava, runs, fetch):
    runs(1)

    fetch()

    assert asked(strava) == []
    assert status(client, ada.headers)["points_left"] is None


def test_points_come_newest_first_and_are_nobodys_edit(client, ada, strava, runs, fetch):
    runs(1, 2)
    want(client, ada)
    assert status(client, ada.headers)["points_left"] == 2

    fetch()

    assert asked(strava) == [2, 1]
    assert [(kind, by) for _, kind, by, _ in versions(client, ada, 1)] == [("original", "alice"), ("edit", "Strava")]
    run = read(client, ada, 1)
    assert (run["avg_heart_rate"], run["max_heart_rate"], run["elapsed"]) == (141, None, None)
    points = client.get(f"/v1/runs/{run_id(1)}/points", headers=ada.headers).json
    assert (points["count"], points["start"], points["heart_rate"][:2]) == (SECONDS, run["datetime_utc"], [140, 141])
    analysis = client.get(f"/v1/runs/{run_id(1)}/analysis?unit=km", headers=ada.headers).json
    assert (analysis["pauses"], analysis["best_efforts"]["1 km"]) == ([[540.0, 599.0]], 333.3)
    assert status(client, ada.headers)["points_left"] == 0


def test_what_has_points_or_has_none_at_strava_is_not_asked_for_again(client, ada, strava, runs, fetch):
    runs(1, 2, 3)
    strava.streams.pop(make_activity(2)["id"])
    strava.add_streams(make_activity(3)["id"], time=[], distance=[])
    want(client, ada)

    fetch()
    fetch()
    sync(client, ada.headers, full_sync=True)
    fetch()

    assert asked(strava) == [3, 2, 1]
    assert read(client, ada, 1)["points_id"]
    assert (read(client, ada, 2)["points_id"], read(client, ada, 3)["points_id"]) == (None, None)


def test_a_run_with_points_of_a_file_is_left_alone(client, ada, strava, fetch):
    file = (FILES / "same_run" / "watch.fit").read_bytes()
    client.post("/v1/imports", data={"file": (io.BytesIO(file), "watch.fit")}, headers=ada.headers)
    strava.add(make_activity(1, start_date="2025-11-02T12:05:31Z", distance=8046.7, moving_time=2712))
    assert sync(client, ada.headers).json["joined"] == 1
    want(client, ada)

    fetch()

    assert asked(strava) == []


def test_a_run_of_another_source_gets_the_points_of_strava_that_joined(client, ada, strava, fetch):
    table = b"Date,Distance (km),Time\n2020-01-01T07:00:00Z,3.1,17:13\n"
    form = {"file": (io.BytesIO(table), "mine.csv"), "timezone": "UTC"}
    asked_for = client.post("/v1/imports", data=form, headers=ada.headers).json["questions"][0]["mapping"]
    form = {"file": (io.BytesIO(table), "mine.csv"), "timezone": "UTC", "mapping": json.dumps(asked_for)}
    assert client.post("/v1/imports", data=form, headers=ada.headers).json["created"] == 1
    strava.add(make_activity(1))
    strava.add_streams(make_activity(1)["id"], **streams())
    assert sync(client, ada.headers).json["joined"] == 1
    want(client, ada)

    fetch()

    (run,) = client.get("/v1/runs", headers=ada.headers).json["items"]
    assert (run["source"], bool(run["points_id"])) == ("CSV", True)


@pytest.mark.parametrize("limits", [(8, 1000), (100, 8)])
def test_a_quarter_of_each_limit_is_left_to_syncs(client, ada, strava, runs, fetch, limits):
    runs(1, 2, 3, 4)
    want(client, ada)
    strava.read_limits, strava.used = limits, (4, 4)

    fetch()

    assert asked(strava) == [4, 3]
    assert (status(client, ada.headers)["points_left"], status(client, ada.headers)["last_error"]) == (2, None)
    strava.read_limits = (100, 1000)
    fetch()
    assert status(client, ada.headers)["points_left"] == 0


@pytest.mark.parametrize(
    ("fault", "asked_again", "says"),
    [
        (Fault(TOO_MANY), False, None),
        (Fault(Answer(429, b"<html>")), False, None),
        (Fault(SCOPE_MISSING), False, "You did not grant access to this"),
        (Fault(UNAUTHORIZED), True, None),
        (Fault(BAD_GATEWAY), True, None),
        (Fault(NOT_JSON), True, None),
        (Fault(Answer(200, b"{}"), cut=True), True, None),
        (Fault(cut=True), True, None),
    ],
)
def test_whatever_strava_answers_no_run_is_lost(client, ada, strava, runs, fetch, fault, asked_again, says):
    runs(1, 2)
    want(client, ada)
    strava.fail(on(STREAMS, fault))

    fetch()

    assert (len(asked(strava)) > 1) == asked_again
    error = status(client, ada.headers)["last_error"]
    assert (error or "").startswith(f"Points of activities: {says}" if says else "")
    fetch()
    assert status(client, ada.headers)["points_left"] == 0
    assert all(read(client, ada, number)["points_id"] for number in (1, 2))


def test_three_failures_in_a_row_stop_it_until_the_next_time(client, ada, strava, runs, fetch):
    runs(*range(1, 6))
    want(client, ada)
    strava.fail(*[on(STREAMS, Fault(BAD_GATEWAY))] * 3)

    fetch()

    assert asked(strava) == [5, 4, 3]
    assert status(client, ada.headers)["last_error"] == "Points of activities: Strava answered with status 502"


@pytest.mark.parametrize("how", ["disconnected", "switched off"])
def test_what_ends_it_ends_it_at_once(client, ada, strava, runs, fetch, owner, how):
    runs(1, 2, 3)
    want(client, ada)

    def end(_, right):
        answer = right()
        if how == "switched off":
            want(client, ada, wants=False)
        else:
            assert client.delete("/v1/oauth/strava", headers=ada.headers).status_code == 204
        return answer

    strava.fail(on(STREAMS, Fault(end)))

    fetch()

    assert asked(strava) == [3]
    assert owner.execute("SELECT count(*) FROM runs WHERE points_id IS NOT NULL").fetchone() == (0,)
    assert status(client, ada.headers)["last_error"] is None


def test_a_reverted_fetch_takes_the_points_away_and_they_come_again(client, ada, strava, runs, fetch):
    runs(1)
    want(client, ada)
    fetch()
    changeset = versions(client, ada, 1)[-1][3]

    assert client.post(f"/v1/changesets/{changeset}/revert", headers=ada.headers).status_code == 200

    assert read(client, ada, 1)["points_id"] is None
    fetch()
    assert read(client, ada, 1)["points_id"]


def test_an_edited_start_moves_no_point(client, ada, strava, runs, fetch):
    runs(1)
    start = read(client, ada, 1)["datetime_utc"]
    later = {"datetime_utc": "2020-01-01T09:00:00Z"}
    assert client.patch(f"/v1/runs/{run_id(1)}", json=later, headers=ada.headers).status_code == 200
    want(client, ada)

    fetch()

    assert client.get(f"/v1/runs/{run_id(1)}/points", headers=ada.headers).json["start"] == start
    assert read(client, ada, 1)["datetime_utc"] == later["datetime_utc"]


def test_points_of_a_later_file_count_and_its_revert_leaves_those_of_strava(client, ada, strava, fetch):
    strava.add(make_activity(1, start_date="2025-11-02T12:05:31Z", distance=8046.7, moving_time=2712))
    strava.add_streams(make_activity(1)["id"], **streams())
    sync(client, ada.headers)
    want(client, ada)
    fetch()
    of_strava = read(client, ada, 1)["points_id"]
    file = (FILES / "same_run" / "watch.fit").read_bytes()

    report = client.post("/v1/imports", data={"file": (io.BytesIO(file), "watch.fit")}, headers=ada.headers).json

    assert (report["joined"], read(client, ada, 1)["points_id"] == of_strava) == (1, False)
    reverted = client.post(f"/v1/changesets/{report['changeset_id']}/revert", headers=ada.headers)
    assert reverted.status_code == 200
    assert read(client, ada, 1)["points_id"] == of_strava


def test_removed_points_are_not_fetched_again_even_after_a_revert(client, ada, strava, runs, fetch):
    runs(1)
    want(client, ada)
    fetch()
    assert client.delete(f"/v1/runs/{run_id(1)}/points", headers=ada.headers).status_code == 204
    changeset = versions(client, ada, 1)[-1][3]
    assert client.post(f"/v1/changesets/{changeset}/revert", headers=ada.headers).status_code == 200

    fetch()

    assert (asked(strava), read(client, ada, 1)["points_id"]) == ([1], None)


def test_points_that_a_person_took_away_are_asked_for_once(client, ada, strava, runs, fetch):
    runs(1)
    want(client, ada)
    fetch()
    assert client.post(f"/v1/runs/{run_id(1)}/restore/1", headers=ada.headers).status_code == 200
    assert read(client, ada, 1)["points_id"] is None

    for _ in range(3):
        fetch()

    assert asked(strava) == [1, 1]
    assert read(client, ada, 1)["points_id"] is None
    assert status(client, ada.headers)["points_left"] == 0


def test_a_run_whose_id_strava_cannot_have_stops_no_other(client, ada, strava, runs, fetch, make_run):
    runs(1)
    make_run(ada, id="strava_2021-05-06", source="Strava")
    want(client, ada)

    fetch()

    assert asked(strava) == [1]
    assert status(client, ada.headers)["points_left"] == 0


def test_a_run_that_changes_meanwhile_keeps_its_changes(client, ada, strava, runs, fetch):
    runs(1, 2, 3)
    want(client, ada)
    edit, delete = client.patch, client.delete

    def change(request, right):
        answer = right()
        number = asked(strava)[-1]
        if number == 2:
            delete(f"/v1/runs/{run_id(2)}", headers=ada.headers)
        else:
            edit(f"/v1/runs/{run_id(number)}", json={"duration": 500, "type": "Treadmill Run"}, headers=ada.headers)
        return answer

    strava.fail(*[on(STREAMS, Fault(change))] * 3)

    fetch()
    fetch()

    assert asked(strava) == [3, 2, 1]
    assert [bool(read(client, ada, number)["points_id"]) for number in (1, 3)] == [True, True]
    assert [one[1] for one in versions(client, ada, 2)] == ["original", "deletion"]
    assert read(client, ada, 3)["duration"] == 500


@pytest.fixture
def rides(client, ada, strava):
    """Let there be rides, hikes and swims with streams, and sync them; return {number: workout}."""

    def rides(**sports):
        some = [make_activity(int(name[1:]), type=sport, sport_type=sport) for name, sport in sports.items()]
        strava.add(*some)
        for one in some:
            strava.add_streams(one["id"], **streams())
        assert sync(client, ada.headers).status_code == 200
        items = client.get("/v1/workouts", headers=ada.headers).json["items"]
        return {int(one["title"].split()[-1]): one for one in items}

    return rides


def test_rides_and_swims_get_points_with_the_runs_newest_first(client, ada, strava, rides, fetch):
    workouts = rides(_1="Ride", _2="Run", _3="Swim", _4="Hike")
    want(client, ada)
    assert status(client, ada.headers)["points_left"] == 4

    fetch()

    assert asked(strava) == [4, 3, 2, 1]
    assert status(client, ada.headers)["points_left"] == 0
    for before in workouts.values():
        now = client.get(f"/v1/workouts/{before['id']}", headers=ada.headers).json
        points = client.get(f"/v1/workouts/{before['id']}/points", headers=ada.headers).json
        assert (now["version"], points["count"], points["start"]) == (2, SECONDS, before["start_ts"])
        untouched = ("title", "start_ts", "end_ts", "cardio_session", "notes", "external_id", "source")
        assert {name: now[name] for name in untouched} == {name: before[name] for name in untouched}
    fetch()
    assert len(asked(strava)) == 4


def test_a_ride_without_streams_is_asked_for_once(client, ada, strava, rides, fetch):
    rides(_1="Ride")
    strava.streams.clear()
    want(client, ada)

    for _ in range(2):
        fetch()

    assert asked(strava) == [1]
    assert status(client, ada.headers)["points_left"] == 0


def test_removed_points_of_a_ride_stay_away(client, ada, strava, rides, fetch):
    path = f"/v1/workouts/{rides(_1='Ride')[1]['id']}"
    want(client, ada)
    fetch()

    assert client.delete(f"{path}/points", headers=ada.headers).status_code == 204
    fetch()

    assert (asked(strava), client.get(f"{path}/points", headers=ada.headers).status_code) == ([1], 410)
