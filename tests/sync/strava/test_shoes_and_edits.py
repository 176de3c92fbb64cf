"""Shoes follow Strava; what a person changed or deleted stays."""

import pytest

from tests.connecting import connect, sync
from tests.standins.server import Answer, Fault
from tests.standins.strava import API, TOO_MANY, make_activity, make_gear
from tests.sync.strava.reports import counts, listed, read, run_id, versions

TEN_MILES = 9.999975145
"""16,093.44 m, of which Strava's API tells decimetres."""


# Shoes


@pytest.mark.parametrize("why", ["hidden", "not allowed"])
def test_shoes_that_strava_does_not_show_leave_runs_without_and_take_none_off(client, ada, strava, why):
    strava.add_gear(make_gear("g1", "Brooks Ghost 16"))
    strava.add(make_activity(1, gear_id="g1"))
    sync(client, ada.headers)
    shoe_id = read(client, ada, 1)["shoe_id"]
    if why == "hidden":
        strava.gear.clear()
    else:
        strava.granted = "read,activity:read_all"
        connect(client, ada.headers)
    strava.add(make_activity(1, gear_id="g1", name="Renamed"), make_activity(2, gear_id="g1"))

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"created": 1, "updated": 1}
    assert (read(client, ada, 1)["name"], read(client, ada, 1)["shoe_id"]) == ("Renamed", shoe_id)
    assert shoe_id is not None
    assert read(client, ada, 2)["shoe_id"] is None


def test_shoes_changed_and_taken_off_at_strava_are_so_here(client, ada, strava):
    strava.add_gear(make_gear("g1", "Brooks Ghost 16"), make_gear("g2", "Hoka Speedgoat 5"))
    strava.add(make_activity(1, gear_id="g1"), make_activity(2, gear_id="g1"), make_activity(3))
    sync(client, ada.headers)
    strava.add(make_activity(1, gear_id="g2"), make_activity(2), make_activity(3, gear_id="g2"))

    assert counts(sync(client, ada.headers, full_sync=True).json) == {"updated": 3}

    worn = [read(client, ada, number)["shoe_id"] for number in (1, 2, 3)]
    assert worn == ["hoka_speedgoat_5", None, "hoka_speedgoat_5"]


@pytest.mark.parametrize(("answer", "code"), [(Answer(500), 502), (Answer(200, b"{}"), 502), (TOO_MANY, 200)])
def test_shoes_that_cannot_be_had_now_hold_their_page_back_until_they_can(
    client, owner, ada, strava, two_a_page, answer, code
):
    strava.add_gear(make_gear("g1", "Brooks Ghost 16"))
    strava.add(make_activity(1), make_activity(2), make_activity(3, gear_id="g1"), make_activity(4))
    strava.fail(Fault(answer, on=f"{API}/gear"))

    assert sync(client, ada.headers).status_code == code

    assert set(listed(client, ada)) == {run_id(1), run_id(2)}
    owner.execute("UPDATE sync_metadata SET retry_at = NULL")
    assert sync(client, ada.headers).json["created"] == 2
    assert read(client, ada, 3)["shoe_id"] == "brooks_ghost_16"


def test_bikes_are_not_asked_for(client, ada, strava):
    strava.add(make_activity(1, sport_type="Ride", type="Ride", gear_id="b1"))

    sync(client, ada.headers)

    assert strava.asked(f"{API}/gear") == []


# Your edits


def test_what_you_changed_stays_and_is_told_and_the_rest_follows_strava(client, ada, strava):
    strava.add(make_activity(1), make_activity(2), make_activity(3))
    sync(client, ada.headers)
    for number in (1, 2):
        client.patch(f"/v1/runs/{run_id(number)}", json={"distance": 6.2}, headers=ada.headers)
    strava.add(
        make_activity(1, distance=16093.44, name="Renamed"),
        make_activity(2, distance=16093.44),
        make_activity(3, distance=16093.44),
    )

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"updated": 2, "kept": 1}
    conflict = {"field": "distance", "yours": 6.2, "theirs": TEN_MILES}
    assert sorted(report["conflicts"], key=lambda one: one["id"]) == [
        {"id": run_id(1), **conflict},
        {"id": run_id(2), **conflict},
    ]
    runs = [read(client, ada, number) for number in (1, 2, 3)]
    assert [(run["distance"], run["name"], run["version"], run["conflicts"]) for run in runs] == [
        (6.2, "Renamed", 3, {"distance": 10}),
        (6.2, "Run 2", 2, {"distance": 10}),
        (10, "Run 3", 2, None),
    ]
    assert versions(client, ada, 1)[1:] == [
        (2, "edit", "alice", None),
        (3, "edit", "Strava", report["changeset_id"]),
    ]


def test_a_run_that_you_deleted_stays_deleted_whatever_strava_says(client, ada, strava):
    strava.add(make_activity(1), make_activity(2))
    sync(client, ada.headers)
    client.delete(f"/v1/runs/{run_id(1)}", headers=ada.headers)
    strava.add(make_activity(1, name="Renamed"))

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"unchanged": 1, "deleted_here": 1}
    assert set(listed(client, ada)) == {run_id(2)}
    assert len(versions(client, ada, 1)) == 2
