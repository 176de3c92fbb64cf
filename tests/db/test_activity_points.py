"""Points and files of activities: stored once, read back as they were."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitness.db import activity_files, activity_points
from fitness.db.connection import fetch_all, transaction
from fitness.db.runs import RUNS
from fitness.readers import points_bytes
from fitness.readers.activity import Activity, Points
from fitness.readers.records import Original, ParsedRun
from fitness.readers.stored_points import stored_points
from fitness.sync.activity_points import files_stored, store_measured
from tests.readers.test_points_bytes import any_points

START = datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)


@pytest.fixture
def as_alice(alice):
    with transaction(alice.user_id):
        yield


def run_with(points, run_id="manual_1"):
    stored = stored_points(Activity(START, "running", points=points), with_efforts=True)
    assert stored is not None
    return ParsedRun(1, run_id, START, "Outdoor Run", 1, 1, points=stored), stored.id


# The fixture holds for all examples, each of which adds points of its own.
@settings(derandomize=True, deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(any_points().filter(len), min_size=1, max_size=5))
def test_a_chunk_of_points_is_read_back_as_it_was(as_alice, chunk):
    runs, ids = zip(*map(run_with, chunk), strict=True)

    store_measured([(run.id, run) for run in runs], ())

    stored = dict(fetch_all(tuple, "SELECT points_id, content FROM activity_points WHERE user_id = %(user_id)s"))
    assert [points_bytes.decode(stored[one]) for one in ids] == chunk


def test_points_packed_by_another_zlib_are_the_same(as_alice, monkeypatch):
    points = Points([1.5, 2.5, 4.0] * 50, heart_rate=[140, None, 141] * 50)
    first, first_id = run_with(points)
    monkeypatch.setattr(points_bytes, "_LEVEL", 1)
    second, second_id = run_with(points)
    assert first.points
    assert second.points
    assert first.points.content != second.points.content

    store_measured([(run.id, run) for run in (first, second)], ())

    assert first_id == second_id
    assert fetch_all(str, "SELECT points_id FROM activity_points WHERE user_id = %(user_id)s") == [first_id]


def test_points_of_a_record_are_those_that_it_names(alice, make_run):
    points = Points([1.5, 2.5], heart_rate=[140, None])
    run, points_id = run_with(points)
    with_points, without = make_run(alice, points_id=points_id), make_run(alice)

    with transaction(alice.user_id):
        store_measured([(run.id, run)], ())
        found = activity_points.get_points(RUNS, with_points.id)
        assert activity_points.get_points(RUNS, without.id) == activity_points.PointsOf(None)
        assert activity_points.get_points(RUNS, "manual_absent") is None

    assert found is not None
    assert found.content is not None
    assert points_bytes.decode(found.content) == points


def test_one_file_of_several_activities_is_stored_once(as_alice):
    originals = [Original("FIT", 64 * "a", b"the file", place, 2) for place in (1, 2)]
    runs = [ParsedRun(1, f"fit_{one.place}", START, "Outdoor Run", 1, 1, original=one) for one in originals]

    for _ in range(2):
        store_measured([(run.id, run) for run in runs], files_stored(runs)())

    assert [one.key for one in originals] == [f"file:{64 * 'a'}#1", f"file:{64 * 'a'}#2"]
    for run in runs:
        (file,) = activity_files.list_files(run.id)
        assert (file.sha256, file.kind, file.size) == (64 * "a", "FIT", 8)
        assert activity_files.get_content(run.id, file.sha256) == b"the file"
    assert fetch_all(int, "SELECT count(*) FROM activity_files WHERE user_id = %(user_id)s") == [1]
