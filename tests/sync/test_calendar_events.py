"""The events of runs and workouts."""

import dataclasses
import json
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from fitness.db.runs import Run
from fitness.db.workouts import Workout
from fitness.sync.calendar_events import LONGEST_DESCRIPTION, event_ids, event_of_run, event_of_workout
from tests.standins.google import DATA

RUN = Run(
    id="strava_16321877401",
    datetime_utc=datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC),
    type="Outdoor Run",
    distance=5.004,
    duration=2712.0,
    source="Strava",
    avg_heart_rate=143.2,
    shoe_id=None,
    name=None,
    notes=None,
    version=1,
    last_edited_at=None,
    last_edited_by=None,
    deleted_at=None,
    created_at=datetime(2025, 11, 2, tzinfo=UTC),
    updated_at=datetime(2025, 11, 2, tzinfo=UTC),
    conflicts=None,
    duplicate_of=None,
)
WORKOUT = Workout(
    id=UUID("0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11"),
    workout_type="STRENGTH",
    title="Push day",
    start_ts=datetime(2026, 2, 16, 15, tzinfo=UTC),
    end_ts=datetime(2026, 2, 16, 16, 5, tzinfo=UTC),
    finished_at=datetime(2026, 2, 16, 16, 5, tzinfo=UTC),
    calories_burned=None,
    notes="Felt strong",
    source="Manual",
    external_id=None,
    version=1,
    live_edits=0,
    last_edited_at=None,
    last_edited_by=None,
    deleted_at=None,
    created_at=datetime(2026, 2, 16, tzinfo=UTC),
    updated_at=datetime(2026, 2, 16, tzinfo=UTC),
    conflicts=None,
    exercise_executions=[{"exercise_name": "Squat", "sets": [{}, {}]}, {"exercise_name": "Plank", "sets": [{}]}],
    cardio_session=None,
    rep_session=None,
)


# What an event is made of


def test_the_event_of_a_run_is_that_of_the_sample():
    sample = json.loads((DATA / "google_event_insert_body.json").read_text())
    # The sample counts the breaks, of which a run here knows nothing.
    expected = {**sample, "end": {"dateTime": "2025-11-02T06:50:43-06:00", "timeZone": "America/Chicago"}}
    del expected["id"]

    event = event_of_run(RUN, "America/Chicago")

    assert {**event, "description": sample["description"]} == expected
    assert event["description"] == "45:12, 9:02 /mi, HR 143"


@pytest.mark.parametrize(
    ("changes", "summary", "description"),
    [
        ({"name": "Morning run", "notes": "Windy"}, "Morning run 5.0 mi", "45:12, 9:02 /mi, HR 143\nWindy"),
        ({"type": "Treadmill Run", "avg_heart_rate": None}, "Treadmill run 5.0 mi", "45:12, 9:02 /mi"),
        ({"distance": 0.0, "duration": 3661.0}, "Run", "1:01:01, HR 143"),
    ],
)
def test_an_event_says_what_the_run_says(changes, summary, description):
    event = event_of_run(dataclasses.replace(RUN, **changes), "UTC")

    assert (event["summary"], event["description"]) == (summary, description)


def test_an_event_ends_after_it_begins_and_is_no_longer_than_google_takes():
    event = event_of_run(dataclasses.replace(RUN, duration=0.0, notes="n" * 10_000), "UTC")

    assert event["start"]["dateTime"] == "2025-11-02T12:05:31+00:00"
    assert event["end"]["dateTime"] == "2025-11-02T12:06:31+00:00"
    assert len(event["description"]) == LONGEST_DESCRIPTION


@pytest.mark.parametrize(
    ("changes", "summary", "description"),
    [
        ({}, "Push day", "Squat: 2 sets\nPlank: 1 set\nFelt strong"),
        (
            {
                "workout_type": "CARDIO",
                "title": None,
                "notes": None,
                "exercise_executions": [],
                "cardio_session": {"distance_miles": 3.1, "duration_seconds": 1800.0},
            },
            "Cardio",
            "3.1 mi, 30:00",
        ),
        (
            {
                "workout_type": "REPS",
                "title": None,
                "notes": None,
                "exercise_executions": [],
                "rep_session": {"exercise_type": "push-up", "reps_count": 25, "duration_seconds": 180},
            },
            "Reps",
            "25 x push-up, 3:00",
        ),
    ],
)
def test_an_event_says_what_was_done_in_a_workout(changes, summary, description):
    event = event_of_workout(dataclasses.replace(WORKOUT, **changes), "Europe/Berlin")

    assert (event["summary"], event["description"]) == (summary, description)
    assert event["start"] == {"dateTime": "2026-02-16T16:00:00+01:00", "timeZone": "Europe/Berlin"}
    assert event["end"] == {"dateTime": "2026-02-16T17:05:00+01:00", "timeZone": "Europe/Berlin"}
    assert event["extendedProperties"] == {"private": {"fitnessWorkoutId": str(WORKOUT.id)}}


def test_ids_are_always_the_same_and_nobody_elses_and_google_takes_them():
    ids = list(event_ids(42, "run", "strava_16321877401"))

    assert ids == list(event_ids(42, "run", "strava_16321877401"))
    assert all(re.fullmatch("[a-v0-9]{5,1024}", one) for one in ids)
    others = [event_ids(*who) for who in ((43, "run", "strava_16321877401"), (42, "workout", "strava_16321877401"))]
    everybody = ids + [one for other in others for one in other]
    assert len(everybody) == len(set(everybody)) > len(ids) > 1
