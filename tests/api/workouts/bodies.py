"""Bodies of workouts."""

from fitness.schemas.workouts import CardioSessionSchema

SQUATS = [
    {"exercise_name": "Squat", "set_index": 1, "weight": 225, "reps": 5},
    {"exercise_name": "Squat", "set_index": 2, "weight": 225, "reps": 5},
]
NO_SESSION = dict.fromkeys(CardioSessionSchema().fields)
"""A cardio session that says nothing."""
CARDIO = {"distance_miles": 3.1, "duration_seconds": 1800, "speed_mph": 6.2}
PUSH_UPS = {"exercise_type": "push-up", "reps_count": 25, "duration_seconds": 180}


def strength(**fields):
    return {
        "workout_type": "STRENGTH",
        "title": "Leg day",
        "start_ts": "2026-02-16T15:00:00Z",
        "strength_sets": SQUATS,
        **fields,
    }
