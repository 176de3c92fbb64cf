"""Planned workouts: what was planned for which day. Durations are hours, distances metres, days have no zone.

A workout is planned for the day that its selection moved it to, else for the one it was planned for originally; and it
is part of the plan until it is deselected.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from fitness.db.connection import fetch_all, fetch_one, fetch_page
from fitness.db.history import merges, versions
from fitness.db.history.merges import Merge
from fitness.db.paging import Cursor
from fitness.db.selections import IS_SELECTED, selection_of
from fitness.errors import Conflict, found


@dataclass
class PlannedWorkoutRow:
    """A planned workout as it is now, without what a person chose of it and what was done of it."""

    id: int
    title: str
    workout_type: str
    description: str | None
    originally_planned_day: date
    planned_duration_hours: float | None
    planned_distance_meters: float | None
    coach_comments: str | None
    tss: float | None
    intensity_factor: float | None
    is_custom: bool
    version: int
    last_edited_at: datetime | None
    last_edited_by: str | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    conflicts: dict[str, Any] | None


@dataclass
class PlannedWorkout(PlannedWorkoutRow):
    """A planned workout with the day it is planned for now, its selection, and what fulfils it (None: nothing yet)."""

    current_day: date
    selection: dict[str, Any]
    done: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class PlannedWorkoutVersion:
    """A planned workout as one of its versions left it, and who changed it when and why."""

    history_id: int
    planned_workout_id: int
    version_number: int
    change_type: str
    title: str
    workout_type: str
    description: str | None
    originally_planned_day: date
    planned_duration_hours: float | None
    planned_distance_meters: float | None
    coach_comments: str | None
    tss: float | None
    intensity_factor: float | None
    is_custom: bool
    changed_at: datetime
    changed_by: str | None
    change_reason: str | None
    changeset_id: int | None


PLANNED_WORKOUTS = versions.Versioned(
    noun="Planned workout",
    table="planned_workouts",
    history="planned_workouts_history",
    key="planned_workout_id",
    id_type="bigint",
    row=PlannedWorkoutRow,
    version_row=PlannedWorkoutVersion,
    editable=(
        "title",
        "workout_type",
        "description",
        "originally_planned_day",
        "planned_duration_hours",
        "planned_distance_meters",
        "coach_comments",
        "tss",
        "intensity_factor",
        "is_custom",
    ),
    merged=True,
)

CURRENT_DAY: LiteralString = "coalesce(s.current_plan_day, r.originally_planned_day)"
JOIN_PLAN: LiteralString = """
    LEFT JOIN workout_selections AS s ON s.user_id = %(user_id)s AND s.workout_id = r.id
    LEFT JOIN plan_links AS l ON l.user_id = %(user_id)s AND l.planned_workout_id = r.id
"""
"""What belongs to planned workouts `r`: selections `s`, and links `l` to what was done."""

_COLUMNS: LiteralString = f"""
    {PLANNED_WORKOUTS.columns}, {CURRENT_DAY} AS current_day, {selection_of("r.id")} AS selection,
    CASE
        WHEN l.planned_workout_id IS NOT NULL
        THEN json_build_object('run_id', l.run_id, 'workout_id', l.workout_id)
    END AS done
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which planned workouts to list; None means any. `start` and `end` are days planned for now, both included."""

    start: date | None = None
    end: date | None = None
    workout_type: str | None = None
    selected: bool | None = None
    include_deleted: bool = False


def get_planned_workout_by_id(planned_workout_id: int, *, include_deleted: bool = False) -> PlannedWorkout | None:
    """Return one of the user's planned workouts, or None when there is none or it is someone else's."""
    return fetch_one(
        PlannedWorkout,
        f"""
        SELECT {_COLUMNS}
        FROM planned_workouts AS r {JOIN_PLAN}
        WHERE r.user_id = %(user_id)s
          AND r.id = %(planned_workout_id)s
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
        """,
        planned_workout_id=planned_workout_id,
        include_deleted=include_deleted,
    )


def list_planned_workouts(
    filters: Filters, *, limit: int = 50, after: Cursor | None = None
) -> tuple[list[PlannedWorkout], Cursor | None]:
    """Return a page of planned workouts in the order of their days, and the cursor of the next, None at the end."""
    items, last_day = fetch_page(
        PlannedWorkout,
        f"""
        SELECT {_COLUMNS}, {CURRENT_DAY}::text
        FROM planned_workouts AS r {JOIN_PLAN}
        WHERE r.user_id = %(user_id)s
          AND (%(start)s::date IS NULL OR {CURRENT_DAY} >= %(start)s)
          AND (%(end)s::date IS NULL OR {CURRENT_DAY} <= %(end)s)
          AND (%(workout_type)s::text IS NULL OR lower(r.workout_type) = lower(%(workout_type)s))
          AND (%(selected)s::boolean IS NULL OR {IS_SELECTED} = %(selected)s)
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
          AND (%(key)s::date IS NULL OR ({CURRENT_DAY}, r.id) > (%(key)s::date, %(id)s::bigint))
        ORDER BY {CURRENT_DAY}, r.id
        LIMIT %(limit)s
        """,
        limit=limit,
        start=filters.start,
        end=filters.end,
        workout_type=filters.workout_type,
        selected=filters.selected,
        include_deleted=filters.include_deleted,
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_day, str(items[-1].id)) if last_day is not None else None


def create_planned_workout(
    values: Mapping[str, Any], *, client_uuid: UUID | None = None, changed_by: str | None
) -> tuple[PlannedWorkout, bool]:
    """Store a planned workout and its original version; return it, and whether it is new.

    It is not when its `client_uuid` stored it before; raises Conflict when that was another one.
    """
    values = dict.fromkeys(PLANNED_WORKOUTS.editable) | dict(values)
    row = fetch_one(
        PlannedWorkoutRow,
        f"""
        INSERT INTO planned_workouts AS r (user_id, client_uuid, {PLANNED_WORKOUTS.snapshot})
        VALUES (%(user_id)s, %(client_uuid)s, {PLANNED_WORKOUTS.snapshot_values})
        ON CONFLICT DO NOTHING
        RETURNING {PLANNED_WORKOUTS.columns}
        """,
        client_uuid=client_uuid,
        **values,
    )
    if row is not None:
        versions.add(PLANNED_WORKOUTS, row, versions.Change(changed_by))
    planned_workout_id = row.id if row else _stored_before(client_uuid, values)
    stored = found(get_planned_workout_by_id(planned_workout_id, include_deleted=True), "Planned workout")
    return stored, row is not None


def _stored_before(client_uuid: UUID | None, values: Mapping[str, Any]) -> int:
    first_id = fetch_one(
        int,
        """
        SELECT id
        FROM planned_workouts
        WHERE user_id = %(user_id)s
          AND client_uuid = %(client_uuid)s
        """,
        client_uuid=client_uuid,
    )
    original = versions.get_version(PLANNED_WORKOUTS, first_id, 1)
    assert first_id is not None
    assert original is not None
    if any(getattr(original, field) != values[field] for field in PLANNED_WORKOUTS.editable):
        raise Conflict("This client_uuid was used for another planned workout")
    return first_id


class ToldPlannedWorkout(NamedTuple):
    """A planned workout as a provider tells it; `values` are the columns that it says something of.

    Providers have no ids: `external_id` is made of the day, the title, and the `number` among those of both.
    """

    external_id: str
    number: int
    values: Mapping[str, Any]


_TOLD: LiteralString = """unnest(%(external_ids)s::text[], %(numbers)s::int[], %(values)s::jsonb[])
          AS new (external_id, number, said)"""

_TOLD_FIELDS: list[LiteralString] = [field for field in PLANNED_WORKOUTS.editable if field != "is_custom"]


def _arrays_of(told: Sequence[ToldPlannedWorkout]) -> dict[str, list[Any]]:
    """Return the parameters of _TOLD."""
    return {
        "external_ids": [one.external_id for one in told],
        "numbers": [one.number for one in told],
        "values": [Jsonb(one.values) for one in told],
    }


def bulk_create_planned_workouts(
    told: Sequence[ToldPlannedWorkout], *, changed_by: str | None, changeset_id: int | None
) -> int:
    """Store those of the planned workouts that are new, with their original versions; return how many were.

    One that is there already, be it deleted, is left as it is; and one of the same day and title that a person made
    is the same.
    """
    ids = fetch_all(
        int,
        f"""
        INSERT INTO planned_workouts AS r (user_id, external_id, provider_values, is_custom, {", ".join(_TOLD_FIELDS)})
        SELECT %(user_id)s, new.external_id, new.said, false, {", ".join([f"v.{field}" for field in _TOLD_FIELDS])}
        FROM {_TOLD}
        CROSS JOIN LATERAL jsonb_populate_record(NULL::planned_workouts, new.said) AS v
        WHERE new.number > (
            SELECT count(*)
            FROM planned_workouts AS own
            WHERE own.user_id = %(user_id)s
              AND own.originally_planned_day = v.originally_planned_day
              AND own.title = v.title
              AND own.external_id IS NULL
              AND own.deleted_at IS NULL
        )
        ON CONFLICT DO NOTHING
        RETURNING r.id
        """,
        **_arrays_of(told),
    )
    versions.add_all(PLANNED_WORKOUTS, ids, versions.Change(changed_by, changeset_id=changeset_id))
    return len(ids)


def compare_with_provider(told: Sequence[ToldPlannedWorkout]) -> list[Merge]:
    """Lock and compare those of the planned workouts that are here and of which the provider says something new."""
    return merges.compare(
        PLANNED_WORKOUTS, _TOLD, same="o.external_id = new.external_id", theirs="new.said", **_arrays_of(told)
    )


def take_from_provider(compared: Collection[Merge], *, changed_by: str, changeset_id: int) -> None:
    """Make what the comparison found true, as for runs."""
    merges.take(PLANNED_WORKOUTS, compared, changed_by=changed_by, changeset_id=changeset_id)
