"""Planned workouts. Durations are hours, distances metres, days have no zone.

The current planned day is the day that the selection moved it to, otherwise the original day. A planned workout is part
of the plan until it is deselected.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from fitness.db import constraints
from fitness.db.connection import fetch_all, fetch_one, fetch_page
from fitness.db.history import duplicates, retries, versions
from fitness.db.history.bulk import Selection
from fitness.db.history.versioned import FILLED, Changed, Identified, Numbered, Recorded, Versioned
from fitness.db.paging import Cursor
from fitness.db.selections import IS_SELECTED, selection_of
from fitness.db.tables import Table
from fitness.errors import found


@dataclass
class PlannedWorkoutValues:
    """The columns of a planned workout that its versions hold, with their types."""

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
    duplicate_of: int | None = None


@dataclass
class PlannedWorkoutRow(Recorded, PlannedWorkoutValues, Identified):
    """A planned workout without its selection and its linked run or workout."""

    id: int
    conflicts: dict[str, Any] | None = None


@dataclass
class PlannedWorkout(PlannedWorkoutRow):
    """A planned workout with its current planned day, its selection, and what fulfils it, or None."""

    current_day: date = FILLED
    selection: dict[str, Any] = FILLED
    done: dict[str, Any] | None = None


@dataclass
class PlannedWorkoutVersion(Changed, PlannedWorkoutValues, Numbered):
    """A version of a planned workout."""

    planned_workout_id: int = FILLED


class _PlannedWorkouts(Versioned[PlannedWorkoutRow, PlannedWorkoutVersion]):
    def check(self, ids: Collection[int], changed: Collection[str]) -> None:
        duplicates.refuse_chains(self, ids, changed)

    def mend(self, ids: Collection[int]) -> Mapping[Any, tuple[str, str]]:
        return duplicates.unmark_chains(self, ids)

    def title(self, record: PlannedWorkoutValues) -> str:
        return record.title

    def occurred_at(self, record: PlannedWorkoutValues) -> date:
        return record.originally_planned_day


PLANNED_WORKOUTS = _PlannedWorkouts(
    noun="Planned workout",
    table="planned_workouts",
    history="planned_workouts_history",
    key="planned_workout_id",
    id_type="bigint",
    row=PlannedWorkoutRow,
    version_row=PlannedWorkoutVersion,
    follows_provider=True,
    refers_to_itself=("duplicate_of",),
    dependents=(
        duplicates.distinct_table("planned_workouts", "planned_workout_id", numbered=True),
        Table("workout_selections", numbered=True, numbers={"workout_id": "planned_workouts"}),
        Table("plan_links", ("planned_workout_id",), numbers={"planned_workout_id": "planned_workouts"}),
    ),
)

constraints.conflict("plan_links_run_id_key", detail="This run fulfils another planned workout")
constraints.conflict("plan_links_workout_id_key", detail="This workout fulfils another planned workout")

NOT_TWICE = duplicates.not_twice("planned_workouts", "r", "same.deleted_at IS NULL")
"""Condition that selects one of several duplicate planned workouts `r`: the one that is kept."""

CURRENT_DAY: LiteralString = "coalesce(s.current_plan_day, r.originally_planned_day)"
JOIN_PLAN: LiteralString = """
    LEFT JOIN workout_selections AS s ON s.user_id = %(user_id)s AND s.workout_id = r.id
    LEFT JOIN plan_links AS l ON l.user_id = %(user_id)s AND l.planned_workout_id = r.id
"""
"""Joins to planned workouts `r`: selections `s`, and links `l` to what was done."""

_COLUMNS = PLANNED_WORKOUTS.sql(
    """
    {columns}, {current_day} AS current_day, {selection} AS selection,
    CASE
        WHEN l.planned_workout_id IS NOT NULL
        THEN json_build_object('run_id', l.run_id, 'workout_id', l.workout_id)
    END AS done
    """,
    current_day=CURRENT_DAY,
    selection=selection_of("r.id"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of planned workouts; None means any. `start` and `end` are current planned days, both included."""

    start: date | None = None
    end: date | None = None
    workout_type: str | None = None
    selected: bool | None = None
    q: str | None = None
    include_deleted: bool = False
    include_duplicates: bool = True


_GET = PLANNED_WORKOUTS.sql(
    """
    SELECT {fields}
    FROM planned_workouts AS r {joins}
    WHERE r.user_id = %(user_id)s
      AND r.id = %(planned_workout_id)s
      AND (%(include_deleted)s OR r.deleted_at IS NULL)
    """,
    fields=_COLUMNS,
    joins=JOIN_PLAN,
)


def get_planned_workout_by_id(planned_workout_id: int, *, include_deleted: bool = False) -> PlannedWorkout | None:
    """Return one of the user's planned workouts, or None."""
    return fetch_one(PlannedWorkout, _GET, planned_workout_id=planned_workout_id, include_deleted=include_deleted)


_GET_MANY = PLANNED_WORKOUTS.sql(
    """
    SELECT {fields}
    FROM planned_workouts AS r {joins}
    WHERE r.user_id = %(user_id)s
      AND r.id = ANY(%(ids)s::bigint[])
    """,
    fields=_COLUMNS,
    joins=JOIN_PLAN,
)


def get_planned_workouts_by_ids(ids: Collection[int]) -> dict[int, PlannedWorkout]:
    """Return {id: planned workout} for the ids of the user's planned workouts, including deleted ones."""
    return {planned.id: planned for planned in fetch_all(PlannedWorkout, _GET_MANY, ids=list(ids))}


_MATCHES = PLANNED_WORKOUTS.sql(
    """
    (%(start)s::date IS NULL OR {current_day} >= %(start)s)
    AND (%(end)s::date IS NULL OR {current_day} <= %(end)s)
    AND (%(workout_type)s::text IS NULL OR lower(r.workout_type) = lower(%(workout_type)s))
    AND (%(selected)s::boolean IS NULL OR {is_selected} = %(selected)s)
    AND (%(include_deleted)s OR r.deleted_at IS NULL)
    AND (%(include_duplicates)s OR {not_twice})
    AND (%(q)s::text IS NULL OR strpos(
      lower(concat_ws(' ', r.title, r.description, r.coach_comments, s.user_notes)), lower(%(q)s)
    ) > 0)
    """,
    current_day=CURRENT_DAY,
    is_selected=IS_SELECTED,
    not_twice=NOT_TWICE,
)
"""Condition on planned workouts `r`, with `JOIN_PLAN`, that meet `Filters`."""

_LIST = PLANNED_WORKOUTS.sql(
    """
    SELECT {fields}, {current_day}::text
    FROM planned_workouts AS r {joins}
    WHERE r.user_id = %(user_id)s
      AND {matches}
      AND (%(key)s::date IS NULL OR ({current_day}, r.id) > (%(key)s::date, %(id)s::bigint))
    ORDER BY {current_day}, r.id
    LIMIT %(limit)s
    """,
    fields=_COLUMNS,
    joins=JOIN_PLAN,
    matches=_MATCHES,
    current_day=CURRENT_DAY,
)


def list_planned_workouts(
    filters: Filters, *, limit: int = 50, after: Cursor | None = None
) -> tuple[list[PlannedWorkout], Cursor | None]:
    """Return a page of planned workouts by day, and the cursor of the next page, or None at the end."""
    items, last_day = fetch_page(
        PlannedWorkout,
        _LIST,
        limit=limit,
        **asdict(filters),
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_day, str(items[-1].id)) if last_day is not None else None


def select_planned_workouts(filters: Filters) -> Selection:
    """Return the selection of the planned workouts that meet the filters, for a bulk edit."""
    return Selection(PLANNED_WORKOUTS, "planned_workouts AS r " + JOIN_PLAN, _MATCHES, asdict(filters))


def create_planned_workout(
    values: Mapping[str, Any], *, client_uuid: UUID | None = None, changed_by: str | None
) -> tuple[PlannedWorkout, bool]:
    """Store a planned workout and its first version; return it, and whether it is new.

    It is not new if its `client_uuid` stored it before. Raises Conflict if that one was different.
    """
    values = dict.fromkeys(PLANNED_WORKOUTS.editable) | dict(values)
    row = fetch_one(
        PlannedWorkoutRow,
        PLANNED_WORKOUTS.sql(
            """
            INSERT INTO planned_workouts AS r (user_id, client_uuid, {snapshot})
            VALUES (%(user_id)s, %(client_uuid)s, {snapshot_values})
            ON CONFLICT DO NOTHING
            RETURNING {columns}
            """
        ),
        client_uuid=client_uuid,
        **values,
    )
    if row is not None:
        versions.add(PLANNED_WORKOUTS, row, versions.Change(changed_by))
        stored_id = row.id
    else:
        stored_id = retries.find_stored(
            PLANNED_WORKOUTS, client_uuid, lambda first_id: retries.is_original(PLANNED_WORKOUTS, first_id, values)
        )
    stored = found(get_planned_workout_by_id(stored_id, include_deleted=True), PLANNED_WORKOUTS.noun)
    return stored, row is not None
