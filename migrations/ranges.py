"""Check constraints on every instant, day, number and length of text in the rows of people.

They are those of `fitness.ranges` and of the schemas, as they were when a migration was written: a test compares them.
"""

import logging
from collections.abc import Iterator
from typing import NamedTuple

from alembic import op
from sqlalchemy import text

logger = logging.getLogger(__name__)

SUFFIX = "_range"

INSTANT = "{0} >= '1900-01-01 UTC' AND {0} < '2200-01-01 UTC'"
DAY = "{0} >= '1900-01-01' AND {0} < '2200-01-01'"

BILLION = 1_000_000_000
NUMBERS: dict[str, tuple[int, int]] = {
    "attempt": (0, BILLION),
    "avg_heart_rate": (20, 300),
    "birth_month": (1, 12),
    "birth_year": (1900, 2100),
    "calories_burned": (0, 100_000),
    "distance": (0, 1000),
    "distance_miles": (0, 1000),
    "duration": (0, 3_600_000),
    "duration_seconds": (0, 3_600_000),
    "execution_order": (1, BILLION),
    "forced_reps": (0, 100_000),
    "incline_percent": (-100, 100),
    "intensity_factor": (0, 10),
    "lactate_threshold_heart_rate": (60, 250),
    "live_edits": (0, BILLION),
    "max_heart_rate": (60, 250),
    "planned_distance_meters": (0, 1_609_344),
    "planned_duration_hours": (0, 1000),
    "position": (0, BILLION),
    "reps": (0, 100_000),
    "reps_count": (0, 1_000_000),
    "resting_heart_rate": (20, 150),
    "rpe": (0, 10),
    "run_version": (0, BILLION),
    "set_index": (0, 10_000),
    "speed_mph": (0, 200),
    "superset_id": (0, 1_000_000),
    "tss": (0, 10_000),
    "version": (1, BILLION),
    "version_number": (1, BILLION),
    "weight": (-5000, 5000),
    "workout_version": (0, BILLION),
}
"""Column → lowest and highest value; not those of numbers that the database generates."""

LONGEST = 10_000
LENGTHS = {
    "body_part": 100,
    "change_reason": 2000,
    "email": 254,
    "name": 200,
    "profile_image_url": 2000,
    "reason": 2000,
    "time_of_day": 50,
    "title": 200,
    "workout_location": 200,
    "workout_type": 50,
}
"""Column → most characters, if not LONGEST."""


TABLES = (
    "users",
    "changesets",
    "bookmarks",
    "shoes",
    "shoes_history",
    "runs",
    "runs_history",
    "runs_merges",
    "distinct_runs",
    "synced_runs",
    "exercises",
    "exercises_history",
    "exercise_names",
    "workouts",
    "workouts_history",
    "workouts_merges",
    "distinct_workouts",
    "synced_workouts",
    "exercise_executions",
    "strength_sets",
    "cardio_sessions",
    "rep_sessions",
    "added_sets",
    "planned_workouts",
    "planned_workouts_history",
    "planned_workouts_merges",
    "distinct_planned_workouts",
    "workout_selections",
    "plan_links",
    "writes",
)
"""The tables of an archive, and the accounts."""


class Check(NamedTuple):
    """A constraint of a column; `holds` is its condition."""

    table: str
    column: str
    holds: str

    @property
    def name(self) -> str:
        return f"{self.table}_{self.column}{SUFFIX}"


def add() -> None:
    """Check what is written from now on."""
    for table in TABLES:
        added = [f"ADD CONSTRAINT {one.name} CHECK ({one.holds}) NOT VALID" for one in _checks(table)]
        if added:
            op.execute(f"ALTER TABLE {table} {', '.join(added)}")


def drop() -> None:
    for table in TABLES:
        dropped = [f"DROP CONSTRAINT {one.name}" for one in _checks(table)]
        if dropped:
            op.execute(f"ALTER TABLE {table} {', '.join(dropped)}")


def validate() -> None:
    """Check the rows that are there. A constraint that some of them break stays NOT VALID, and is reported."""
    for table in TABLES:
        checks = list(_checks(table))
        broken = _count_broken(table, checks)
        good = [f"VALIDATE CONSTRAINT {one.name}" for one in checks if not broken[one.name]]
        if good:
            op.execute(f"ALTER TABLE {table} {', '.join(good)}")
        for name, count in broken.items():
            if count:
                logger.warning("%d rows of %s break %s: see docs/security.md", count, table, name)


def _count_broken(table: str, checks: list[Check]) -> dict[str, int]:
    """Return the number of rows that break each constraint, counted in one scan."""
    counts = [f"count(*) FILTER (WHERE NOT ({one.holds}))" for one in checks]
    found = op.get_bind().execute(text(f"SELECT count(*), {', '.join(counts)} FROM {table}")).one()
    return {one.name: count for one, count in zip(checks, found[1:], strict=True)}


def _checks(table: str) -> Iterator[Check]:
    """Yield the constraints of a table, in the order of its columns; without those of columns that have a range."""
    found = op.get_bind().execute(
        text(
            """
            SELECT a.attname, format_type(a.atttypid, NULL)
            FROM pg_attribute AS a
            WHERE a.attrelid = CAST(:table AS regclass) AND a.attnum > 0 AND NOT a.attisdropped
              AND NOT EXISTS (
                SELECT FROM pg_constraint AS c
                WHERE c.conrelid = a.attrelid AND c.contype = 'c' AND c.conkey = ARRAY[a.attnum]
                  AND c.conname NOT LIKE :ours AND pg_get_constraintdef(c.oid) LIKE '%<=%'
              )
            ORDER BY a.attnum
            """
        ),
        {"table": table, "ours": f"%{SUFFIX}"},
    )
    for column, kind in found.all():
        if holds := _condition(column, kind):
            yield Check(table, column, holds)


def _condition(column: str, kind: str) -> str | None:
    """Return what holds for a column; None for one that needs no range, or that the database generates."""
    if kind == "timestamp with time zone":
        return INSTANT.format(column)
    if kind == "date":
        return DAY.format(column)
    if kind == "text":
        return f"char_length({column}) <= {LENGTHS.get(column, LONGEST)}"
    if column in NUMBERS:
        return "{} BETWEEN {} AND {}".format(column, *NUMBERS[column])
    return None
