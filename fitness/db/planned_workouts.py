"""Planned workouts. Durations are hours, distances metres, days have no zone.

What a person makes of one, its selection, and the run or workout that fulfils it, its link, are columns like all
others, so that every version has them. The current planned day is the day that the selection moved it to, otherwise the
original day. A planned workout is part of the plan until it is deselected.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import listed
from fitness.db.history import duplicates, retries, versions
from fitness.db.history.bulk import Selection
from fitness.db.history.versioned import FILLED, Changed, Identified, Numbered, Recorded, Versioned, tag
from fitness.db.paging import Cursor, fetch_page
from fitness.db.planned_workout_numbers import take_numbers
from fitness.errors import Conflict, found

SELECTION: Mapping[LiteralString, LiteralString] = {
    "is_selected": "isSelected",
    "current_plan_day": "currentPlanDay",
    "time_of_day": "timeOfDay",
    "workout_location": "workoutLocation",
    "user_notes": "userNotes",
}
"""Column of the selection → name in its JSON, which the calendar page uses."""

LINK: tuple[LiteralString, ...] = ("run_id", "workout_id")
"""Columns of what fulfils a planned workout: one of them, or none."""


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
    is_selected: bool = True
    current_plan_day: date | None = None
    time_of_day: str | None = None
    workout_location: str | None = None
    user_notes: str | None = None
    run_id: str | None = None
    workout_id: UUID | None = None


@dataclass
class PlannedWorkoutRow(Recorded, PlannedWorkoutValues, Identified):
    """A planned workout, as stored."""

    id: int
    conflicts: dict[str, Any] | None = None


@dataclass
class PlannedWorkout(PlannedWorkoutRow):
    """A planned workout with its current planned day, its selection as JSON, and what fulfils it, or None."""

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
        if not set(LINK).isdisjoint(changed) and (taken := _list_taken(ids)):
            raise Conflict(next(why for _, why in taken.values()))

    def mend(self, ids: Collection[int]) -> Mapping[Any, tuple[str, str]]:
        taken = _list_taken(ids)
        if taken:
            execute(_UNLINK, ids=list(taken))
        return {**duplicates.unmark_chains(self, ids), **taken}

    def complete(self) -> None:
        """Take over the selections and links of an archive of before they were columns, as a version each."""
        for copy in (_COPY_SELECTIONS, _COPY_LINKS):
            execute(copy)
        versions.write_all(self, "", _HAD_ROWS, versions.Change(None, "Selection and link of the archive"))

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
    together=LINK,
    refers_to_itself=("duplicate_of",),
    dependents=(duplicates.distinct_table("planned_workouts", "planned_workout_id", numbered=True),),
)


def _list_taken(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return {id: (field, why)} of those of these planned workouts whose run or workout fulfils another one.

    Deleted ones do not count. A unique index would also refuse what a revert makes right by its end, such as two links
    that change places. The lock makes a concurrent link wait, and then see this one. It is taken last, after rows.
    """
    execute("SELECT pg_advisory_xact_lock(hashtextextended('plan links', %(user_id)s))")
    rows = fetch_all(tuple, _TAKEN, ids=list(ids))
    return {id: (field, f"This {field.removesuffix('_id')} fulfils another planned workout") for id, field in rows}


_TAKEN: LiteralString = """
    SELECT r.id, CASE WHEN r.run_id IS NULL THEN 'workout_id' ELSE 'run_id' END
    FROM planned_workouts AS r
    WHERE r.user_id = %(user_id)s
      AND r.id = ANY(%(ids)s)
      AND r.deleted_at IS NULL
      AND num_nonnulls(r.run_id, r.workout_id) > 0
      AND EXISTS (
        SELECT
        FROM planned_workouts AS o
        WHERE o.user_id = %(user_id)s
          AND (o.run_id = r.run_id OR o.workout_id = r.workout_id)
          AND o.deleted_at IS NULL
          AND o.id <> r.id
          AND (o.id < r.id OR o.id <> ALL(%(ids)s))
      )
"""

_UNLINK: LiteralString = """
    UPDATE planned_workouts
    SET run_id = NULL, workout_id = NULL
    WHERE user_id = %(user_id)s
      AND id = ANY(%(ids)s)
"""

_COPY: LiteralString = """
    UPDATE planned_workouts AS r
    SET {assignments}
    FROM {table} AS o
    WHERE o.user_id = %(user_id)s
      AND r.user_id = %(user_id)s
      AND r.id = o.{key}
"""
_COPY_SELECTIONS = _COPY.format(
    assignments=listed(SELECTION, "{0} = o.{0}"), table="workout_selections", key="workout_id"
)
_COPY_LINKS = _COPY.format(assignments=listed(LINK, "{0} = o.{0}"), table="plan_links", key="planned_workout_id")
_HAD_ROWS: LiteralString = """
    r.id IN (
        SELECT workout_id FROM workout_selections WHERE user_id = %(user_id)s
        UNION ALL
        SELECT planned_workout_id FROM plan_links WHERE user_id = %(user_id)s
    )
"""

NOT_TWICE = duplicates.not_twice("planned_workouts", "r", "same.deleted_at IS NULL")
"""Condition that selects one of several duplicate planned workouts `r`: the one that is kept."""

CURRENT_DAY: LiteralString = "coalesce(r.current_plan_day, r.originally_planned_day)"

_COLUMNS = PLANNED_WORKOUTS.sql(
    """
    {columns}, {current_day} AS current_day, json_build_object('workoutId', r.id, {selection}) AS selection,
    CASE
        WHEN num_nonnulls({link}) > 0
        THEN json_build_object('run_id', r.run_id, 'workout_id', r.workout_id)
    END AS done
    """,
    current_day=CURRENT_DAY,
    selection=", ".join(["'" + name + "', r." + column for column, name in SELECTION.items()]),
    link=listed(LINK, "r.{}"),
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
    FROM planned_workouts AS r
    WHERE r.user_id = %(user_id)s
      AND r.id = %(planned_workout_id)s
      AND (%(include_deleted)s OR r.deleted_at IS NULL)
    """,
    fields=_COLUMNS,
)


def get_planned_workout_by_id(planned_workout_id: int, *, include_deleted: bool = False) -> PlannedWorkout | None:
    """Return one of the user's planned workouts, or None."""
    return fetch_one(PlannedWorkout, _GET, planned_workout_id=planned_workout_id, include_deleted=include_deleted)


_GET_MANY = PLANNED_WORKOUTS.sql(
    """
    SELECT {fields}
    FROM planned_workouts AS r
    WHERE r.user_id = %(user_id)s
      AND r.id = ANY(%(ids)s::bigint[])
    """,
    fields=_COLUMNS,
)


def get_planned_workouts_by_ids(ids: Collection[int]) -> dict[int, PlannedWorkout]:
    """Return {id: planned workout} for the ids of the user's planned workouts, including deleted ones."""
    return {planned.id: planned for planned in fetch_all(PlannedWorkout, _GET_MANY, ids=list(ids))}


_MATCHES = PLANNED_WORKOUTS.sql(
    """
    (%(start)s::date IS NULL OR {current_day} >= %(start)s)
    AND (%(end)s::date IS NULL OR {current_day} <= %(end)s)
    AND (%(workout_type)s::text IS NULL OR lower(r.workout_type) = lower(%(workout_type)s))
    AND (%(selected)s::boolean IS NULL OR r.is_selected = %(selected)s)
    AND (%(include_deleted)s OR r.deleted_at IS NULL)
    AND (%(include_duplicates)s OR {not_twice})
    AND (%(q)s::text IS NULL OR strpos(
      lower(concat_ws(' ', r.title, r.description, r.coach_comments, r.user_notes)), lower(%(q)s)
    ) > 0)
    """,
    current_day=CURRENT_DAY,
    not_twice=NOT_TWICE,
)
"""Condition on planned workouts `r` that meet `Filters`."""

_LIST = PLANNED_WORKOUTS.sql(
    """
    SELECT {fields}, {current_day}::text
    FROM planned_workouts AS r
    WHERE r.user_id = %(user_id)s
      AND {matches}
      AND (%(key)s::date IS NULL OR ({current_day}, r.id) > (%(key)s::date, %(id)s::bigint))
    ORDER BY {current_day}, r.id
    LIMIT %(limit)s
    """,
    fields=_COLUMNS,
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
        long=("description", "coach_comments", "user_notes"),
        **asdict(filters),
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_day, str(items[-1].id)) if last_day is not None else None


def select_planned_workouts(filters: Filters) -> Selection:
    """Return the selection of the planned workouts that meet the filters, for a bulk edit."""
    return Selection(PLANNED_WORKOUTS, "planned_workouts AS r", _MATCHES, asdict(filters))


def change_planned_workout(
    planned_workout_id: int,
    updates: Mapping[str, Any],
    *,
    changed_by: str | None,
    if_tags: Collection[str] | None = None,
) -> PlannedWorkout:
    """Change columns of the selection or the link, as a version, unless they have these values; return the record.

    Raises the errors of `versions.edit`.
    """
    planned = found(get_planned_workout_by_id(planned_workout_id), PLANNED_WORKOUTS.noun)
    is_meant = if_tags is None or tag(planned) in if_tags
    if is_meant and all(getattr(planned, column) == value for column, value in updates.items()):
        return planned
    versions.edit(PLANNED_WORKOUTS, planned_workout_id, updates, versions.Change(changed_by), if_tags=if_tags)
    return found(get_planned_workout_by_id(planned_workout_id), PLANNED_WORKOUTS.noun)


def create_planned_workout(
    values: Mapping[str, Any], *, client_uuid: UUID | None = None, changed_by: str | None
) -> tuple[PlannedWorkout, bool]:
    """Store a planned workout and its first version; return it, and whether it is new.

    It is not new if its `client_uuid` stored it before. Raises Conflict if that one was different.
    """
    values = {**dict.fromkeys(PLANNED_WORKOUTS.editable), "is_selected": True, **values}
    (number,) = take_numbers(1)
    row = fetch_one(
        PlannedWorkoutRow,
        PLANNED_WORKOUTS.sql(
            """
            INSERT INTO planned_workouts AS r (user_id, id, client_uuid, {snapshot})
            VALUES (%(user_id)s, %(number)s, %(client_uuid)s, {snapshot_values})
            ON CONFLICT DO NOTHING
            RETURNING {columns}
            """
        ),
        number=number,
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
