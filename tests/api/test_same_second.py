"""Files that say nothing of an activity but its start and its sport."""

import io
from itertools import permutations

import pytest

from fitness.readers import activity_records

SPORTS = ("running", "cycling", "walking")
POINT = '<trkpt lat="30.0" lon="{}"><time>2025-11-02T12:{:02}:31Z</time></trkpt>'


def track(sport):
    """Return a track of half an hour that begins in the same second, the faster the sport, the longer."""
    step = 0.001 * (1 + SPORTS.index(sport))
    return f"<trk><type>{sport}</type><trkseg>{''.join(POINT.format(n * step, n) for n in range(30))}</trkseg></trk>"


def gpx(*sports):
    """Return a file with a track of each sport."""
    tracks = "".join(map(track, sports))
    return f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{tracks}</gpx>'.encode()


@pytest.fixture
def send(call):
    def send(*sports):
        query = {"other_sports": "true"}
        return call("POST", "/imports", data={"file": (io.BytesIO(gpx(*sports)), "a.gpx")}, query_string=query)

    return send


@pytest.fixture
def sports(call):
    """Return the sports of all live records."""

    def sports():
        rides = [one["cardio_session"]["sport"] for one in call("GET", "/workouts")["items"]]
        return sorted([*rides, *("Run" for _ in call("GET", "/runs")["items"])])

    return sports


@pytest.mark.parametrize("order", list(permutations(SPORTS)), ids=" ".join)
def test_activities_of_different_sports_from_the_same_second_on_all_exist(call, send, sports, order):
    made = [send(sport)["changeset_id"] for sport in order]
    assert sports() == ["Ride", "Run", "Walk"]
    assert [send(sport)["changeset_id"] for sport in order] == [None, None, None]

    undone = call("POST", f"/changesets/{made[1]}/revert")["changeset_id"]
    assert len(sports()) == 2
    call("POST", f"/changesets/{undone}/revert")
    assert sports() == ["Ride", "Run", "Walk"]


def test_activities_of_one_file_from_the_same_second_on_all_exist(send, sports):
    assert send(*SPORTS)["created"] == 3
    assert sports() == ["Ride", "Run", "Walk"]


def test_a_ride_stored_under_its_start_alone_by_an_earlier_release_is_found_again(call, send, sports, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr(activity_records, "_with_sport", lambda start, activity: start)
        assert send("cycling")["created"] == 1
    again = send("cycling")
    assert (again["created"], again["unchanged"]) == (0, 1)
    assert send("walking")["created"] == 1
    assert sports() == ["Ride", "Walk"]
