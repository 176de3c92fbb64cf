"""Import planned workouts of a provider: store new ones, merge known ones, see `merges`."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_all
from fitness.db.fields import listed, names_of
from fitness.db.history import bases, deletions, merges, versions
from fitness.db.history.deletions import Deleted
from fitness.db.history.merges import Merge
from fitness.db.planned_workout_numbers import take_numbers
from fitness.db.planned_workouts import LINK, PLANNED_WORKOUTS, SELECTION, PlannedWorkoutValues


class ProviderPlannedWorkout(NamedTuple):
    """A planned workout as a provider sent it; `values` has the columns that it sent.

    Providers have no ids: `external_id` is made from day, title, and `number`, which counts those with the same day and
    title.
    """

    external_id: str
    number: int
    values: Mapping[str, Any]


_SENT: LiteralString = """unnest(%(external_ids)s::text[], %(numbers)s::int[], %(values)s::jsonb[])
          WITH ORDINALITY AS new (external_id, number, sent, place)"""

_OWN_FIELDS: tuple[LiteralString, ...] = ("duplicate_of", *SELECTION, *LINK)
"""Columns that no file has, with which every planned workout begins as the database says."""

_PROVIDER_FIELDS = names_of(PlannedWorkoutValues, without=("is_custom", *_OWN_FIELDS))

_IS_NEW: LiteralString = """
    new.number > (
        SELECT count(*)
        FROM planned_workouts AS own
        WHERE own.user_id = %(user_id)s
          AND own.originally_planned_day = v.originally_planned_day
          AND own.title = v.title
          AND own.external_id IS NULL
          AND own.deleted_at IS NULL
    )
"""
"""Condition that a sent planned workout is not one that the person has created."""

_INSERT = PLANNED_WORKOUTS.sql(
    """
    INSERT INTO planned_workouts AS r (user_id, id, external_id, provider_values, is_custom, {names})
    SELECT %(user_id)s, (%(ids)s::bigint[])[row_number() OVER (ORDER BY new.place)], new.external_id, new.sent, false,
        {values}
    FROM {new}
    CROSS JOIN LATERAL jsonb_populate_record(NULL::planned_workouts, new.sent) AS v
    WHERE {is_new}
      AND NOT EXISTS (
        SELECT
        FROM planned_workouts AS known
        WHERE known.user_id = %(user_id)s AND known.external_id = new.external_id
      )
    ON CONFLICT DO NOTHING
    RETURNING r.id
    """,
    names=listed(_PROVIDER_FIELDS),
    values=listed(_PROVIDER_FIELDS, "v.{}"),
    new=_SENT,
    is_new=_IS_NEW,
)

_MAKE_ANEW = PLANNED_WORKOUTS.sql(
    """
    UPDATE planned_workouts AS r
    SET {assignments}
    FROM {new}
    CROSS JOIN LATERAL jsonb_populate_record(NULL::planned_workouts, new.sent) AS v
    WHERE r.user_id = %(user_id)s
      AND r.external_id = new.external_id
      AND r.id = ANY(%(ids)s)
      AND {is_new}
    RETURNING r.id
    """,
    assignments=PLANNED_WORKOUTS.counted_up(
        listed(_PROVIDER_FIELDS, "{0} = v.{0}"),
        listed(_OWN_FIELDS, "{} = DEFAULT"),
        "provider_values = new.sent, conflicts = NULL, is_custom = false, deleted_at = NULL",
    ),
    new=_SENT,
    is_new=_IS_NEW,
)


def _arrays_of(sent: Sequence[ProviderPlannedWorkout]) -> dict[str, list[Any]]:
    """Return the parameters of _SENT."""
    return {
        "external_ids": [one.external_id for one in sent],
        "numbers": [one.number for one in sent],
        "values": [Jsonb(one.values) for one in sent],
    }


def follow_moves(sent: Sequence[ProviderPlannedWorkout]) -> None:
    """Give the planned workouts that were moved to another day the external ids with which they are sent now.

    `sent` is a whole file. A planned workout was moved if the file lacks it, although it covers its day, and has a new
    one with the same values on another day; if several of them have these values, nobody knows which was moved.
    """
    execute(
        f"""
        WITH new AS MATERIALIZED (
            SELECT external_id, sent - 'originally_planned_day' AS planned,
                (sent ->> 'originally_planned_day')::date AS day
            FROM {_SENT}
        ), lacking AS (
            SELECT p.id, p.provider_values
            FROM planned_workouts AS p
            WHERE p.user_id = %(user_id)s
              AND p.deleted_at IS NULL
              AND p.external_id IS NOT NULL
              AND p.external_id <> ALL(%(external_ids)s)
              AND (p.provider_values ->> 'originally_planned_day')::date
                BETWEEN (SELECT min(day) FROM new) AND (SELECT max(day) FROM new)
        ), pairs AS (
            SELECT lacking.id, new.external_id, count(*) OVER (PARTITION BY lacking.id) AS new_ones,
                count(*) OVER (PARTITION BY new.external_id) AS old_ones
            FROM new
            JOIN lacking
              ON lacking.provider_values ->> 'title' = new.planned ->> 'title'
             AND lacking.provider_values @> new.planned
            WHERE NOT EXISTS (
                SELECT
                FROM planned_workouts AS p
                WHERE p.user_id = %(user_id)s AND p.external_id = new.external_id
            )
        )
        UPDATE planned_workouts AS p
        SET external_id = pairs.external_id
        FROM pairs
        WHERE p.user_id = %(user_id)s
          AND p.id = pairs.id
          AND pairs.new_ones = 1
          AND pairs.old_ones = 1
        """,
        **_arrays_of(sent),
    )


def bulk_create_planned_workouts(
    sent: Sequence[ProviderPlannedWorkout], *, changed_by: str | None, changeset_id: int | None
) -> int:
    """Store the planned workouts that are new, with their first versions; return their number.

    Existing ones, even deleted ones, do not change; one with the same day and title that a person created counts as
    existing.
    """
    ids = fetch_all(int, _INSERT, **_arrays_of(sent), ids=take_numbers(len(sent)))
    versions.add_all(PLANNED_WORKOUTS, ids, versions.Change(changed_by, changeset_id=changeset_id))
    return len(ids)


def find_deleted_planned_workouts(sent: Sequence[ProviderPlannedWorkout], *, restore_deleted: bool) -> Deleted:
    """Lock those of the sent planned workouts that are deleted, and return them, see `deletions`."""
    ids = fetch_all(
        int,
        """
        SELECT r.id
        FROM planned_workouts AS r
        WHERE r.user_id = %(user_id)s
          AND r.external_id = ANY(%(external_ids)s)
          AND r.deleted_at IS NOT NULL
        """,
        external_ids=[one.external_id for one in sent],
    )
    return deletions.find_deleted(PLANNED_WORKOUTS, ids, restore_deleted=restore_deleted)


def make_planned_workouts_anew(
    sent: Sequence[ProviderPlannedWorkout], ids: Collection[int], *, changed_by: str | None, changeset_id: int | None
) -> int:
    """Store those with these ids, which a revert took away, as if they were new; return their number."""
    if not ids:
        return 0
    first = {one.external_id: one for one in reversed(sent)}  # if one is sent twice, the first counts
    with bases.noted(PLANNED_WORKOUTS, changeset_id, dict.fromkeys(ids, _PROVIDER_FIELDS)):
        made = fetch_all(int, _MAKE_ANEW, **_arrays_of(list(first.values())), ids=list(ids), changed_by=changed_by)
    versions.add_all(PLANNED_WORKOUTS, made, versions.Change(changed_by, changeset_id=changeset_id))
    return len(made)


def compare_with_provider(sent: Sequence[ProviderPlannedWorkout]) -> list[Merge]:
    """Lock and compare the existing planned workouts for which the provider sent new values."""
    return merges.compare(
        PLANNED_WORKOUTS, _SENT, same="o.external_id = new.external_id", theirs="new.sent", **_arrays_of(sent)
    )


def take_from_provider(compared: Collection[Merge], *, changed_by: str, changeset_id: int) -> None:
    """Store the result of the comparison, as for runs."""
    merges.take(PLANNED_WORKOUTS, compared, changed_by=changed_by, changeset_id=changeset_id)
