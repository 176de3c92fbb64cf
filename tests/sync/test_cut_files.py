"""Files that end before the activity did, and those that do not say the sport, are one with the whole of it."""

import io
from itertools import permutations
from uuid import UUID

import pytest

from fitness.db import connection, workouts
from fitness.db.connection import fetch_all
from fitness.readers.recognition import recognise
from tests.sync.one_run import ANSWERS, API, SAME_RUN

GPX = "strava_17405838535.gpx"


def read(content):
    reader = recognise(io.BytesIO(content))
    return reader.source, list(reader.parse(io.BytesIO(content), ANSWERS))


def first_part(name):
    content = (SAME_RUN / name).read_bytes()
    return content[: len(content) * 6 // 10]


def without_type(content):
    return content.replace(b"<type>running</type>", b"")


CUT = {
    "fit": first_part("watch.fit"),
    "tcx": first_part("garmin_connect.tcx"),
    "gpx": first_part(GPX),
    "gpx without a sport": without_type(first_part(GPX)),
}


@pytest.fixture
def with_cut(said):
    """What each file says of the one run, with a part of a file."""
    return lambda name: {**said, "cut": read(CUT[name])}


def live_workouts(log):
    with connection.transaction(log.user_id):
        return fetch_all(UUID, "SELECT w.id FROM workouts AS w WHERE w.user_id = %(user_id)s AND w.deleted_at IS NULL")


def said_in_end(log):
    """Return what a file that is cut does not know."""
    run = log.run()
    return {name: run[name] for name in ("distance", "duration", "elapsed", "calories", "avg_heart_rate", "type")}


@pytest.mark.parametrize("name", CUT)
def test_a_file_that_is_cut_is_one_with_the_whole_run_in_any_order(logs, with_cut, name):
    said = with_cut(name)
    whole = logs()
    for other in (API, GPX):
        whole.load(other)

    for order in permutations((API, GPX, "cut")):
        log = logs(said)
        for one in order:
            log.load(one)

        assert said_in_end(log) == said_in_end(whole), order
        assert log.run()["points_id"] == whole.run()["points_id"], order
        assert live_workouts(log) == [], order
        log.load("cut")  # which brings it anew where a whole file of the same id took the place of its workout
        assert log.load("cut").changeset_id is None, order
        assert said_in_end(log) == said_in_end(whole), order


def test_a_run_that_took_the_place_of_a_workout_gives_it_back_when_it_is_reverted(logs, with_cut):
    log = logs(with_cut("gpx without a sport"))
    log.load("cut")
    before = live_workouts(log)
    assert len(before) == 1

    report = log.load(API)
    assert (report.created, report.deleted, report.joined) == (1, 1, 1)
    reverts = log.revert([log.changesets[API]])
    assert live_workouts(log) == before
    log.revert(reverts)
    assert live_workouts(log) == []
    assert log.run()["points_id"]


def test_a_workout_that_was_edited_stays_beside_the_run(logs, with_cut):
    log = logs(with_cut("gpx without a sport"))
    log.load("cut")
    (id,) = live_workouts(log)
    with connection.transaction(log.user_id):
        workouts.update_workout(id, {"notes": "Mine"}, changed_by="ada")

    log.load(API)

    assert live_workouts(log) == [id]
    assert round(log.run()["distance"], 2) == 5.0


def test_what_is_cut_but_longer_is_another_run(logs, said):
    longer = (SAME_RUN / GPX).read_bytes().replace(b"</trkseg>", b"")
    source, [run] = read(longer)
    log = logs({**said, "longer": (source, [run._replace(keys=(), distance=9.0, duration=9000.0, elapsed=9000.0)])})
    log.load(API)

    report = log.load("longer")

    assert (report.created, report.joined) == (1, 0)
