"""Merge one exercise into another."""

from uuid import UUID

from fitness.db import workout_parts
from fitness.db.connection import fetch_all
from fitness.db.exercises import EXERCISES
from fitness.db.history import record_merges, versions
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_import import wait_for_loads

CHUNK_WORKOUTS = 500


def merge_exercise(exercise_id: UUID, into_id: UUID, change: versions.Change) -> int:
    """Move all sets of one exercise to another and delete the first; return the number of changed workouts.

    Every changed workout gets a version, even a deleted one; later imports that name the merged exercise use the other
    one. Raises NotFound if one of the two is missing or deleted, Conflict if they are the same.
    """
    wait_for_loads()
    record_merges.lock_for_merge(EXERCISES, exercise_id, into_id)
    workout_ids = fetch_all(
        UUID,
        """
        SELECT w.id
        FROM workouts AS w
        WHERE w.user_id = %(user_id)s
          AND EXISTS (
            SELECT
            FROM exercise_executions AS e
            WHERE e.user_id = %(user_id)s AND e.workout_id = w.id AND e.exercise_id = %(exercise_id)s
          )
        ORDER BY w.id
        FOR UPDATE
        """,
        exercise_id=exercise_id,
    )
    for start in range(0, len(workout_ids), CHUNK_WORKOUTS):
        chunk = workout_ids[start : start + CHUNK_WORKOUTS]
        workout_parts.merge_exercises(chunk, {exercise_id: into_id})
        versions.write_all(WORKOUTS, "", "r.id = ANY(%(ids)s)", change, ids=chunk)
    record_merges.mark_merged(EXERCISES, exercise_id, into_id, change)
    return len(workout_ids)
