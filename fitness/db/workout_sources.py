"""From where statements read many workouts `w`, their sessions, and the sums of their sets: now, or looking back."""

from typing import LiteralString, NamedTuple

from fitness.db.history.instants import ALL_WORKOUTS, WORKOUTS_BY_DATE, looks_back_at

SESSIONS: LiteralString = """
    LEFT JOIN cardio_sessions AS cardio ON cardio.user_id = %(user_id)s AND cardio.workout_id = w.id
    LEFT JOIN rep_sessions AS rep ON rep.user_id = %(user_id)s AND rep.workout_id = w.id
"""
"""The sessions of workouts `w`; a workout has at most one of each."""
# LIMIT makes the planner look up each, also where it joins by hashes: a statement that looks back does so.
SESSIONS_OF_FEW: LiteralString = """
    LEFT JOIN LATERAL (
        SELECT c.duration_seconds, c.distance_miles, c.avg_heart_rate, c.sport
        FROM cardio_sessions AS c
        WHERE c.user_id = %(user_id)s AND c.workout_id = w.id
        LIMIT 1
    ) AS cardio ON true
    LEFT JOIN LATERAL (
        SELECT c.duration_seconds, c.exercise_type, c.reps_count
        FROM rep_sessions AS c
        WHERE c.user_id = %(user_id)s AND c.workout_id = w.id
        LIMIT 1
    ) AS rep ON true
"""
"""The same of few workouts, such as those of a page."""

_SUMS: LiteralString = """
    count(*) AS sets, coalesce(sum(s.reps), 0) AS reps,
    coalesce(sum(greatest(s.pounds, 0) * s.reps), 0) AS volume_pounds
"""
# LATERAL sums the sets of each workout by itself. In a subquery that is joined, the planner would sum the sets of all
# workouts for each workout when it expects few workouts.
LIFTED: LiteralString = f"""
    CROSS JOIN LATERAL (
        SELECT {_SUMS}
        FROM weighed AS s
        WHERE s.workout_id = w.id
    ) AS lifted
"""
"""The sums of the sets of workouts `w`, from the CTE `weighed`."""
_LIFTED_BY_ALL: LiteralString = f"""
    LEFT JOIN (
        SELECT s.workout_id, {_SUMS}
        FROM weighed AS s
        GROUP BY s.workout_id
    ) AS lifted
      ON lifted.workout_id = w.id
"""
"""The same of many in a statement that looks back, which joins by hashes; null for a workout without sets."""


class Sources(NamedTuple):
    """The name of the table of workouts `w`; the joins of their `cardio` and `rep`, of those of a page, of `lifted`."""

    workouts: LiteralString
    sessions: LiteralString
    sessions_of_page: LiteralString
    lifted: LiteralString


_NOW = Sources("workouts", SESSIONS, SESSIONS_OF_FEW, LIFTED)
_ALL_THEN = Sources(ALL_WORKOUTS, SESSIONS, SESSIONS, _LIFTED_BY_ALL)
_FEW_THEN = Sources(WORKOUTS_BY_DATE, SESSIONS_OF_FEW, SESSIONS_OF_FEW, LIFTED)


def sources(*, by_date: bool) -> Sources:
    """Return the sources; `by_date`: those of a statement that looks back for few days, or for a page by date."""
    if not looks_back_at():
        return _NOW
    return _FEW_THEN if by_date else _ALL_THEN
