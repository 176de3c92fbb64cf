"""Your edits win: each field of a run follows its provider exactly as long as no person changed it."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitness.db import runs, runs_history, runs_import
from fitness.db.connection import transaction
from fitness.db.history import changesets, reading, versions
from fitness.db.runs import RUNS, NewRun

VALUES: dict[str, tuple[Any, ...]] = {
    "datetime_utc": tuple(datetime(2025, 11, day, 6, 30, tzinfo=UTC) for day in (1, 2, 3)),
    "type": ("Outdoor Run", "Treadmill Run"),
    "distance": (0.0, 5.0, 6.25, 6.251),
    "avg_heart_rate": (None, 140.0, 141.5),
    "name": (None, "Morning", "O'Brien's \"loop\" é"),
    "notes": (None, "Windy", "{}"),
}
SETS = st.fixed_dictionaries({field: st.sampled_from(values) for field, values in VALUES.items()})
TOLD = st.sets(st.sampled_from(sorted(VALUES)))
numbers = count()


def differ(one, other):
    return abs(one - other) > 0.001 if isinstance(one, float) and isinstance(other, float) else one != other


def from_provider(run_id, values):
    return NewRun(id=run_id, duration=1500.0, source="Strava", **values)


@pytest.fixture
def as_alice(alice):
    with transaction(alice.user_id):
        yield


# The fixtures hold for all examples: each has a run of its own.
@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=SETS, yours=SETS, theirs=SETS, told=TOLD)
def test_every_field_is_merged_by_itself(as_alice, base, yours, theirs, told):
    run_id = f"strava_{next(numbers)}"
    runs_import.bulk_create_runs([from_provider(run_id, base)], changed_by="alice")
    edited = {field: value for field, value in yours.items() if value != base[field]}
    if edited:
        runs_history.update_run_with_history(run_id, edited, changed_by="alice")
    changeset_id = changesets.create_changeset("sync", source="Strava")

    merges = runs_import.compare_with_provider([from_provider(run_id, theirs)], sent=told)
    runs_import.take_from_provider(merges, changed_by="Strava", changeset_id=changeset_id)

    changed = {field for field in told if differ(theirs[field], base[field])}
    taken = {field for field in changed if not differ(yours[field], base[field])}
    conflicts = {field for field in changed - taken if differ(yours[field], theirs[field])}
    run = runs.get_run_by_id(run_id)
    assert run is not None
    assert {field: getattr(run, field) for field in VALUES} == {
        field: theirs[field] if field in taken else yours[field] for field in VALUES
    }
    assert set(run.conflicts or {}) == conflicts
    assert run.version == 1 + bool(edited) + bool(taken)
    newest = reading.get_history(RUNS, run_id)[0]
    assert {field: getattr(newest, field) for field in VALUES} == {field: getattr(run, field) for field in VALUES}
    assert not taken or (newest.changed_by, newest.changeset_id) == ("Strava", changeset_id)
    # What was merged once is nothing new the second time.
    again = runs_import.compare_with_provider([from_provider(run_id, theirs)], sent=told)
    assert [(merge.taken, merge.conflicts) for merge in again] == []


def test_of_a_run_that_a_person_made_or_deleted_the_provider_says_nothing(as_alice):
    values = {field: alternatives[0] for field, alternatives in VALUES.items()}
    runs.create_run(from_provider("manual_1", values), changed_by="alice")
    runs_import.bulk_create_runs([from_provider("strava_deleted", values)], changed_by="alice")
    versions.delete(RUNS, "strava_deleted", versions.Change("alice"))
    changed = values | {"distance": 9.0}

    merges = runs_import.compare_with_provider(
        [from_provider(run_id, changed) for run_id in ("manual_1", "strava_deleted")]
    )

    assert merges == []


def test_a_conflict_stays_open_while_the_provider_changes_other_fields(as_alice):
    values = {field: alternatives[0] for field, alternatives in VALUES.items()}
    runs_import.bulk_create_runs([from_provider("strava_1", values)], changed_by="alice")
    runs_history.update_run_with_history("strava_1", {"distance": 7.0}, changed_by="alice")

    def say(**changes):
        changeset_id = changesets.create_changeset("sync", source="Strava")
        merges = runs_import.compare_with_provider([from_provider("strava_1", values | changes)])
        runs_import.take_from_provider(merges, changed_by="Strava", changeset_id=changeset_id)
        run = runs.get_run_by_id("strava_1")
        assert run is not None
        return run.conflicts

    assert say(distance=9.0) == {"distance": 9.0}
    assert say(distance=9.0, name="Renamed there") == {"distance": 9.0}
    assert say(distance=7.0, name="Renamed there") is None
