"""Records that files which do not say the sport have a part in, see `fitness.sync.files_without_sport`."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db.activity_search import NEAR
from fitness.db.best_sources import FILES
from fitness.db.connection import fetch_all
from fitness.db.history.deletions import deleted_by
from fitness.db.history.duplicates import is_different
from fitness.db.history.standing import BY_PERSON, JOIN_CHANGESET, is_said, stands
from fitness.db.history.versioned import Versioned
from fitness.db.runs import RUNS
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_compare import SESSION

Kind = Versioned[Any, Any]


def is_without_sport(id: LiteralString) -> LiteralString:
    """Return the SQL condition that no source that stands says the sport of the workout with this id."""
    return WORKOUTS.sql(
        """
        coalesce(
            (
                SELECT bool_and(coalesce(a.provider_values -> 'guessed' -> '{session}' ? 'sport', false))
                FROM activity_sources AS a
                WHERE a.user_id = %(user_id)s AND a.workout_id = {id} AND {stands}
            ),
            (
                SELECT o.provider_values -> 'guessed' -> '{session}' ? 'sport'
                FROM workouts AS o
                WHERE o.user_id = %(user_id)s AND o.id = {id}
            ),
            false
        )
        """,
        id=id,
        session=SESSION,
        stands=stands("a"),
    )


@dataclass(frozen=True, slots=True)
class InQuestion:
    """A record that may be of another noun now. `left`: it has given all that was said of it to another record."""

    id: Any
    left: bool


def list_runs(ids: Collection[str]) -> list[InQuestion]:
    """Return those of the runs that are live though no source says any more that they are runs.

    Nor does a person, who has neither made nor edited them, nor said that one is different from another run.
    """
    if not ids:
        return []
    return fetch_all(InQuestion, _RUNS, ids=list(ids), files=list(FILES))


def list_workouts(ids: Collection[Any], run_ids: Collection[str]) -> list[InQuestion]:
    """Return workouts of files that do not say the sport: those of `ids`, and those that start with one of the runs.

    Deleted ones are among them if such a file still says them. Those that a person made, edited or deleted are not.
    """
    if not (ids or run_ids):
        return []
    return fetch_all(InQuestion, _WORKOUTS, ids=list(ids), run_ids=list(run_ids), near=NEAR, files=list(FILES))


def _is_a_persons(kind: Kind) -> LiteralString:
    """Return the SQL condition that a version of a record `r` stands that a person made."""
    return kind.sql(
        """
        EXISTS (
            SELECT
            FROM {history} AS h {join_changeset}
            WHERE h.user_id = %(user_id)s AND h.{key} = r.id AND {by_person}
        )
        """,
        join_changeset=JOIN_CHANGESET,
        by_person=BY_PERSON,
    )


_RUNS: LiteralString = RUNS.sql(
    """
    SELECT r.id, NOT {is_said} AS left
    FROM unnest(%(ids)s::text[]) AS asked (asked_id)
    CROSS JOIN LATERAL (
        SELECT t.id, t.deleted_at
        FROM runs AS t
        WHERE t.user_id = %(user_id)s AND t.id = asked_id
        LIMIT 1
    ) AS r
    WHERE r.deleted_at IS NULL
      AND EXISTS (
        SELECT
        FROM activity_sources AS a
        WHERE a.user_id = %(user_id)s AND a.run_id = r.id
          AND a.source = ANY(%(files)s) AND a.provider_values -> 'guessed' ? 'type'
      )
      AND NOT EXISTS (
        SELECT
        FROM activity_sources AS a
        WHERE a.user_id = %(user_id)s AND a.run_id = r.id AND {stands}
          AND NOT (a.source = ANY(%(files)s) AND coalesce(a.provider_values -> 'guessed' ? 'type', false))
      )
      AND NOT {is_a_persons}
      AND NOT {is_different}
    ORDER BY r.id
    """,
    is_said=is_said(RUNS, "r.id"),
    stands=stands("a"),
    is_a_persons=_is_a_persons(RUNS),
    is_different=is_different(RUNS, "r.id"),
)
_WORKOUTS: LiteralString = WORKOUTS.sql(
    """
    SELECT r.id, r.joined IS NULL AND NOT EXISTS (
            SELECT FROM activity_keys AS k WHERE k.user_id = %(user_id)s AND k.workout_id = r.id
        ) AS left
    FROM (
        SELECT unnest(%(ids)s::uuid[]) AS id
        UNION
        SELECT w.id
        FROM unnest(%(run_ids)s::text[]) AS asked (asked_id)
        CROSS JOIN LATERAL (
            SELECT t.datetime_utc
            FROM runs AS t
            WHERE t.user_id = %(user_id)s AND t.id = asked_id
            LIMIT 1
        ) AS run
        CROSS JOIN LATERAL (
            SELECT t.id
            FROM workouts AS t
            WHERE t.user_id = %(user_id)s
              AND t.start_ts >= run.datetime_utc - %(near)s::interval
              AND t.start_ts <= run.datetime_utc + %(near)s::interval
            OFFSET 0
        ) AS w
    ) AS asked
    CROSS JOIN LATERAL (
        SELECT t.id, t.deleted_at, t.source, t.provider_values -> 'guessed' -> '{session}' ? 'sport' AS no_sport,
            (
                SELECT bool_or(a.provider_values -> 'guessed' -> '{session}' ? 'sport')
                FROM activity_sources AS a
                WHERE a.user_id = %(user_id)s AND a.workout_id = t.id
            ) AS joined
        FROM workouts AS t
        WHERE t.user_id = %(user_id)s AND t.id = asked.id
        LIMIT 1
    ) AS r
    WHERE r.source = ANY(%(files)s)
      AND coalesce(r.joined, r.no_sport)
      AND (r.deleted_at IS NULL OR ({deleted_by} <> 'person' AND {is_said}))
      AND NOT {is_a_persons}
    ORDER BY r.id
    """,
    session=SESSION,
    deleted_by=deleted_by(WORKOUTS),
    is_said=is_said(WORKOUTS, "r.id"),
    is_a_persons=_is_a_persons(WORKOUTS),
)
