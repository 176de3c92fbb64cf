"""Runs that two sources have recorded: found, marked as the same, or marked as different."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString

from fitness.db.connection import execute, fetch_all, fetch_one, fetch_page
from fitness.db.history import versions
from fitness.db.paging import Cursor
from fitness.db.runs import RUN_COLUMNS, RUNS, Run
from fitness.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two runs that may be the same: `run_id` is the one to mark as a duplicate of the other.

    `score` is from 0 to 1; `minutes_apart` is None if a time of day is unknown.
    """

    run_id: str
    duplicate_of: str
    score: float
    minutes_apart: float | None


def list_suggestions(
    *, time_zone: str, limit: int = 50, after: Cursor | None = None
) -> tuple[list[Suggestion], Cursor | None]:
    """Return a page of runs that may be duplicates, newest first, and the cursor of the next page.

    Each run is listed with its best match. Two runs match if they start within 10 minutes of each other, and differ by
    at most 5 % or 0.1 miles in distance and 10 % or 2 minutes in duration; those of one source must also overlap in
    time. MapMyFitness has no time of day: its runs match those of other sources on the same day in `time_zone`.

    The score is the mean of three values, for start time, distance and duration. Each is 1 if equal and falls linearly
    to 0 at the largest allowed difference; an unknown time counts as 0.5. The duplicate is the run without a time of
    day, otherwise the one without a heart rate, otherwise the one that is not from Strava,
    otherwise the one whose id sorts last.
    """
    page: LiteralString = "AND (r.datetime_utc, r.id) < (%(key)s::timestamptz, %(id)s)" if after else ""
    items, last_key = fetch_page(
        Suggestion,
        _suggested("r.id, other.id, other.score, other.minutes_apart, r.datetime_utc::text")
        + page
        + """
        ORDER BY r.datetime_utc DESC, r.id DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        time_zone=time_zone,
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_key, items[-1].run_id) if last_key is not None else None


def count_suggestions(*, time_zone: str) -> int:
    """Return the number of runs that may be duplicates."""
    return fetch_one(int, _suggested("count(*)"), time_zone=time_zone) or 0


def _suggested(columns: LiteralString) -> LiteralString:
    """Return the beginning of a statement on runs `r` that may be duplicates, each with its best match `other`."""
    # OFFSET 0 stops inlining: the span is computed before the condition that uses it. Inside the condition it seems
    # expensive, and without statistics of a new user the planner would then compare all pairs of runs.
    return (
        "SELECT "
        + columns
        + """
        FROM runs AS r
        CROSS JOIN LATERAL (
            SELECT date_trunc('day', r.datetime_utc AT TIME ZONE %(time_zone)s) AS day
        ) AS local
        CROSS JOIN LATERAL (
            SELECT
                CASE r.source
                    WHEN 'MapMyFitness' THEN local.day AT TIME ZONE %(time_zone)s
                    ELSE r.datetime_utc - interval '10 minutes'
                END AS earliest,
                CASE r.source
                    WHEN 'MapMyFitness'
                    THEN (local.day + interval '1 day') AT TIME ZONE %(time_zone)s - interval '1 microsecond'
                    ELSE r.datetime_utc + interval '10 minutes'
                END AS latest
            OFFSET 0
        ) AS span
        CROSS JOIN LATERAL (
            SELECT o.id, near.minutes_apart,
                (coalesce(1 - near.minutes_apart / 10, 0.5) + near.distance + near.duration) / 3 AS score
            FROM runs AS o
            CROSS JOIN LATERAL (
                SELECT
                    CASE
                        WHEN r.source <> 'MapMyFitness'
                        THEN abs(extract(epoch FROM o.datetime_utc - r.datetime_utc))::float8 / 60
                    END AS minutes_apart,
                    1 - abs(o.distance - r.distance) / greatest(0.05 * greatest(o.distance, r.distance), 0.1)
                        AS distance,
                    1 - abs(o.duration - r.duration) / greatest(0.1 * greatest(o.duration, r.duration), 120)
                        AS duration
            ) AS near
            WHERE o.user_id = %(user_id)s
              AND o.datetime_utc BETWEEN span.earliest AND span.latest
              AND (
                o.source <> r.source
                OR near.minutes_apart * 60
                  < CASE WHEN o.datetime_utc < r.datetime_utc THEN o.duration ELSE r.duration END
              )
              AND (o.source <> 'MapMyFitness', o.avg_heart_rate IS NOT NULL, o.source = 'Strava', r.id COLLATE "C")
                > (r.source <> 'MapMyFitness', r.avg_heart_rate IS NOT NULL, r.source = 'Strava', o.id COLLATE "C")
              AND o.deleted_at IS NULL
              AND o.duplicate_of IS NULL
              AND near.distance >= 0
              AND near.duration >= 0
              AND NOT EXISTS (
                SELECT
                FROM distinct_runs AS d
                WHERE d.user_id = %(user_id)s AND d.run_id = least(r.id, o.id) AND d.other_run_id = greatest(r.id, o.id)
              )
            ORDER BY score DESC, o.id
            LIMIT 1
        ) AS other
        WHERE r.user_id = %(user_id)s
          AND r.deleted_at IS NULL
          AND r.duplicate_of IS NULL
        """
    )


def mark_duplicate(
    run_id: str, other_id: str, *, changed_by: str | None, if_tags: Collection[str] | None = None
) -> Run:
    """Mark a run as a duplicate of another, and return it; if it is already marked like this, nothing changes.

    Raises NotFound if one of the two is missing or deleted, Invalid if they are the same run, Conflict if the other one
    is a duplicate itself or this one has duplicates, and PreconditionFailed like `versions.edit`.
    """
    run, other = _lock(run_id, other_id)
    if other.deleted_at:
        raise NotFound("Run not found")
    execute(
        """
        DELETE FROM distinct_runs
        WHERE user_id = %(user_id)s
          AND run_id = least(%(run_id)s, %(other_id)s)
          AND other_run_id = greatest(%(run_id)s, %(other_id)s)
        """,
        run_id=run_id,
        other_id=other_id,
    )
    if run.duplicate_of == other_id:
        return run
    change = versions.Change(changed_by, f"Marked as a duplicate of {other_id}")
    return versions.edit(RUNS, run_id, {"duplicate_of": other_id}, change, if_tags=if_tags)


def mark_different(
    run_id: str, other_id: str, *, changed_by: str | None, if_tags: Collection[str] | None = None
) -> Run:
    """Store that two runs are different, unmark either one that is a duplicate of the other, and return the first.

    The other run may be deleted. Raises NotFound, Invalid and PreconditionFailed like `mark_duplicate`.
    """
    run, other = _lock(run_id, other_id)
    execute(
        """
        INSERT INTO distinct_runs (user_id, run_id, other_run_id)
        VALUES (%(user_id)s, least(%(run_id)s, %(other_id)s), greatest(%(run_id)s, %(other_id)s))
        ON CONFLICT DO NOTHING
        """,
        run_id=run_id,
        other_id=other_id,
    )
    unmarked, change = {"duplicate_of": None}, versions.Change(changed_by, "Not the same run")
    if other.duplicate_of == run_id and not other.deleted_at:
        versions.edit(RUNS, other_id, unmarked, change)
    if run.duplicate_of == other_id:
        return versions.edit(RUNS, run_id, unmarked, change, if_tags=if_tags)
    return run


def _lock(run_id: str, other_id: str) -> tuple[Run, Run]:
    """Lock and return two runs, in the order of their ids, so that crossing requests do not deadlock.

    Raises NotFound if one is missing or the first is deleted, Invalid if they are the same run.
    """
    locked = fetch_all(
        Run,
        f"""
        SELECT {RUN_COLUMNS}
        FROM runs AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
        ORDER BY r.id
        FOR UPDATE
        """,
        ids=[run_id, other_id],
    )
    by_id = {run.id: run for run in locked}
    if not {run_id, other_id} <= by_id.keys() or by_id[run_id].deleted_at:
        raise NotFound("Run not found")
    if run_id == other_id:
        why = "A run cannot be a duplicate of itself"
        raise Invalid(why, errors={"run_id": [why]})
    return by_id[run_id], by_id[other_id]
