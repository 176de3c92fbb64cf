"""Records of Hevy, and what may be stored of them."""

from datetime import UTC, datetime

from fitness.providers.hevy.client import pages
from fitness.readers.records import ParsedSet
from tests.standins.hevy import sample

WHEN = datetime(2025, 10, 29, 22, 31, 48, tzinfo=UTC)
ID = "0f6c1a52-2e4b-4d1c-9b7e-6a1f0c9d2b11"
SAMPLE_WORKOUTS = [workout for page in (1, 2) for workout in sample(f"hevy_workouts_page{page}.json")["workouts"]]


def set_of(**values):
    """Return a set in kg that says nothing but these."""
    return ParsedSet("normal", None, "kg", None, None, None, None, None, None)._replace(**values)


def assert_storable(workout):
    """Check a workout against the ranges of the tables."""
    assert workout.title is None or 0 < len(workout.title) <= 200
    assert workout.end_ts is None or workout.end_ts >= workout.start_ts
    for note in [workout.title, workout.notes, *(block.note for block in workout.exercises)]:
        assert note is None or (note.encode() and "\0" not in note)
    for block in workout.exercises:
        assert block.name == block.name.strip() != ""
        for one in block.sets:
            assert one.set_type in {"normal", "warmup", "failure", "dropset"} and one.weight_unit in {"kg", "lb"}
            assert one.weight is None or -5000 <= one.weight <= 5000
            assert one.reps is None or (0 <= one.reps <= 100_000 and type(one.reps) is int)
            assert one.rpe is None or 0 <= one.rpe <= 10
            assert one.duration_seconds is None or 0 < one.duration_seconds <= 3_600_000
            assert one.distance_miles is None or 0 <= one.distance_miles <= 1000
            assert one.superset_id is None or 0 <= one.superset_id <= 1_000_000


def all_of(fetch):
    return [item for page in pages(fetch) for item in page.items]
