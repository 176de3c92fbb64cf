"""What statements must know of time and of looking back; for looking back itself, see `as_of`."""

from datetime import datetime
from typing import LiteralString

from fitness.db.bound import bound_transaction, is_open
from fitness.db.connection import fetch_one

RUNS_BY_DATE: LiteralString = "runs_by_date"
"""The name of `runs` in a statement that looks back for those of a page by date, or of some days, see `as_of`."""
WORKOUTS_BY_DATE: LiteralString = "workouts_by_date"
"""The same for `workouts`."""
BY_ID: LiteralString = "runs_by_id"
"""The name of `runs` in one that looks back for a single run."""
WORKOUT_BY_ID: LiteralString = "workout_by_id"
"""The name of `workouts` in one that looks back for the workout `%(workout_id)s`, and reads the parts of no other."""
SETS_OF_EXERCISE: LiteralString = "sets_of_exercise"
"""The name of `strength_sets` in one that reads only those of the exercise `%(exercise_id)s`."""
EXECUTIONS_OF_EXERCISE: LiteralString = "executions_of_exercise"
"""The same for `exercise_executions`."""


def transaction_time() -> datetime:
    """Return when the bound transaction began, for a statement that may not ask for the time itself.

    A sharded database refuses functions such as `now()` in CASE and COALESCE.
    """
    began = fetch_one(datetime, "SELECT now()")
    assert began is not None
    return began


def looks_back_at() -> datetime | None:
    """Return the instant that the bound transaction looks back at; None if it sees the present, or is not open."""
    return bound_transaction().as_of if is_open() else None
