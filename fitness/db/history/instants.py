"""What statements must know of time and of looking back; for looking back itself, see `as_of`."""

from datetime import date, datetime
from typing import LiteralString

from fitness.db.bound import bound_transaction, is_open
from fitness.db.connection import fetch_one

INSTANT: LiteralString = "%(as_of)s::timestamptz"
"""The parameter with the instant; it is added by the transaction, as the user's id is."""
_FEW_DAYS = 400
"""For how many days a statement that looks back reads the versions of their records alone, instead of all of them."""

RUNS_BY_DATE: LiteralString = "runs_by_date"
"""The name of `runs` in a statement that looks back for those of a page by date, or of some days, see `as_of`."""
WORKOUTS_BY_DATE: LiteralString = "workouts_by_date"
"""The same for `workouts`."""
ALL_WORKOUTS: LiteralString = "all_workouts"
"""The name of `workouts` in one that looks back for many of them and for their parts, and joins all by hashes."""
BY_ID: LiteralString = "runs_by_id"
"""The name of `runs` in one that looks back for a single run."""
WORKOUT_BY_ID: LiteralString = "workout_by_id"
"""The name of `workouts` in one that looks back for the workout `%(workout_id)s`, and reads the parts of no other."""
SETS_OF_EXERCISE: LiteralString = "sets_of_exercise"
"""The name of `strength_sets` in one that reads only those of the exercise `%(exercise_id)s`."""
WORKING_SETS: LiteralString = "working_sets"
"""The name of `strength_sets` in one that needs no warm-ups, and only the columns of which versions have arrays."""
WORKING_SETS_OF_EXERCISE: LiteralString = "working_sets_of_exercise"
"""The same in one that reads only those of the exercise `%(exercise_id)s`."""
WORKOUTS_WITH_EXERCISE: LiteralString = "workouts_with_exercise"
"""The name of `workouts` in one that looks back for those with the exercise `%(exercise_id)s`, by date."""


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


def looks_back_at_few(start: date | None, end: date | None) -> bool:
    """Return whether the bound transaction looks back, and the days, both included, are few enough to read by date."""
    instant = looks_back_at()
    return instant is not None and start is not None and ((end or instant.date()) - start).days < _FEW_DAYS


def runs_of(start: date | None, end: date | None) -> LiteralString:
    """Return the name of `runs` in a statement that reads only those of the days; None leaves an end open."""
    return RUNS_BY_DATE if looks_back_at_few(start, end) else "runs"
