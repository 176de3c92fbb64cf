"""Bodies of requests, and what records have that counts writes."""

from typing import Any

PLAN = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2026-03-01"}
CHANGES = {
    "runs": {"notes": "New"},
    "shoes": {"notes": "New"},
    "workouts": {"notes": "New"},
    "planned-workouts": {"description": "New"},
}
"""A change of each noun."""

COUNTED = ("version", "live_edits", "last_edited_at", "last_edited_by", "created_at", "updated_at")


def squats(**fields: Any) -> dict[str, Any]:
    sets = [{"exercise_name": "Squat", "weight": 100, "reps": 5}]
    return {"workout_type": "STRENGTH", "start_ts": "2026-02-16T15:00:00Z", "strength_sets": sets, **fields}
