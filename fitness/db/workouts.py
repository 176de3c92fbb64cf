"""Workouts with their lifts, cardio or rep sessions. Instants are UTC."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from fitness.db import activity_points, constraints, exercise_names, exercises, workout_parts, workout_sessions
from fitness.db.connection import fetch_all, fetch_one
from fitness.db.fields import names_of
from fitness.db.history import duplicates, versions
from fitness.db.history.instants import WORKOUT_BY_ID, looks_back_at, transaction_time
from fitness.db.history.versioned import FILLED, Changed, Identified, Numbered, Recorded, Versioned
from fitness.db.tables import Table
from fitness.db.workout_changes import compare_executions
from fitness.db.workout_sessions import SESSIONS, CardioSession
from fitness.db.workouts_compare import CONTENT
from fitness.errors import WorkoutFinished, found, invalid_field


@dataclass
class WorkoutValues:
    """The columns of a workout that its versions hold, except its parts, with their types.

    `time_zone` is as for runs.
    """

    workout_type: str
    title: str | None
    start_ts: datetime
    end_ts: datetime | None
    finished_at: datetime | None
    calories_burned: float | None
    notes: str | None
    source: str
    duplicate_of: UUID | None = None
    device: str | None = None
    points_id: str | None = None
    time_zone: dict[str, str] | None = None


@dataclass
class WorkoutRow(Recorded, WorkoutValues, Identified):
    """A workout without its parts; `finished_at` is None while it is in progress."""

    id: UUID
    external_id: str | None = None
    live_edits: int = FILLED
    conflicts: dict[str, Any] | None = None


@dataclass
class Workout(WorkoutRow):
    """A workout with its parts, each as the JSON of its rows."""

    exercise_executions: list[dict[str, Any]] = FILLED
    cardio_session: dict[str, Any] | None = None
    rep_session: dict[str, Any] | None = None


@dataclass
class WorkoutVersion(Changed, WorkoutValues, Numbered):
    """A version of a workout with all its parts."""

    workout_id: UUID = FILLED
    exercise_executions: list[dict[str, Any]] = FILLED
    cardio_session: dict[str, Any] | None = None
    rep_session: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Fill in the fields of a session that versions of before lack."""
        if self.cardio_session is not None:
            self.cardio_session = dict.fromkeys(names_of(CardioSession)) | self.cardio_session


class _Workouts(Versioned[WorkoutRow, WorkoutVersion]):
    """The history of workouts: while a workout is in progress, consecutive edits by one person amend one version.

    `live_edits` counts the edits in the current version; it is 0 if that version cannot be amended.
    """

    parts = workout_parts.PARTS
    compared_parts = workout_parts.COMPARED
    repeated = tuple(workout_parts.WORKING_SETS)
    repeated_from = workout_parts.JOIN_WORKING_SETS
    with_base = """
        external_id = CASE
            WHEN m.values_after ->> 'external_id' = r.external_id AND NOT m.values_before ? 'external_id' THEN NULL
            WHEN m.values_before ? 'external_id' AND r.external_id IS NULL
                AND NOT EXISTS (
                    SELECT
                    FROM workouts AS o
                    WHERE o.user_id = %(user_id)s AND o.source = r.source
                      AND o.external_id = m.values_before ->> 'external_id'
                )
            THEN m.values_before ->> 'external_id'
            ELSE r.external_id
        END,
    """
    tag = "r.version || CASE WHEN r.live_edits > 0 THEN '.' || r.live_edits ELSE '' END"

    def check(self, ids: Collection[UUID], changed: Collection[str]) -> None:
        duplicates.refuse_chains(self, ids, changed)

    def mend(self, ids: Collection[UUID]) -> Mapping[Any, tuple[str, str]]:
        return duplicates.unmark_chains(self, ids)

    def title(self, record: WorkoutValues) -> str:
        return record.title or f"{record.workout_type.capitalize()} workout"

    def lost(self, version: WorkoutVersion) -> str:
        return activity_points.lost(version.workout_id, version.points_id)

    def occurred_at(self, record: WorkoutValues) -> datetime:
        return record.start_ts

    def change_of(self, field: str, before: Any, after: Any) -> Any:
        if field == CONTENT:
            return compare_executions(before or [], after or []) or None
        return super().change_of(field, before, after)

    def put_back_parts(self, version_numbers: Mapping[UUID, int]) -> None:
        workout_parts.put_back(version_numbers)

    def use_live(self, ids: Collection[UUID], change: versions.Change) -> None:
        used = fetch_all(
            UUID,
            """
            SELECT DISTINCT e.exercise_id
            FROM exercise_executions AS e
            JOIN workouts AS w
              ON w.user_id = %(user_id)s AND w.id = e.workout_id AND w.deleted_at IS NULL
            WHERE e.user_id = %(user_id)s
              AND e.workout_id = ANY(%(ids)s)
            """,
            ids=list(ids),
        )
        merged = exercise_names.get_merged()
        if any(exercise_id in merged for exercise_id in used):
            workout_parts.merge_exercises(ids, merged)
        exercises.bring_back({merged.get(exercise_id, exercise_id) for exercise_id in used}, change)

    def next_version(self, *, amend: bool) -> LiteralString:
        if not amend:
            return "version = r.version + 1, live_edits = 0"
        amends = """
            r.finished_at IS NULL AND r.live_edits > 0 AND r.last_edited_by IS NOT DISTINCT FROM %(changed_by)s
        """
        return f"""
            version = r.version + CASE WHEN {amends} THEN 0 ELSE 1 END,
            live_edits = CASE WHEN {amends} THEN r.live_edits + 1 WHEN r.finished_at IS NULL THEN 1 ELSE 0 END
        """

    def is_amended(self, record: WorkoutRow) -> bool:
        return record.live_edits > 1


WORKOUTS = _Workouts(
    noun="Workout",
    table="workouts",
    history="workouts_history",
    key="workout_id",
    id_type="uuid",
    row=WorkoutRow,
    version_row=WorkoutVersion,
    snapshot_only=("source",),
    follows_provider=True,
    joins=True,
    refers_to_itself=("duplicate_of",),
    together=("start_ts", "end_ts", "finished_at"),
    with_parts=("workout_type",),
    dependents=(
        duplicates.distinct_table("workouts", "workout_id"),
        Table("synced_workouts", numbered=True),
        Table("exercise_executions", ("workout_id", "exercise_id")),
        Table("strength_sets"),
        Table("added_sets", ("client_uuid",)),
        Table("cardio_sessions"),
        Table("rep_sessions"),
    ),
)


def not_twice(workout: LiteralString) -> LiteralString:
    """Return the condition that selects one of several duplicates `workout`: the one that is kept."""
    return duplicates.not_twice("workouts", workout, "same.deleted_at IS NULL AND same.finished_at IS NOT NULL")


def counted(workout: LiteralString) -> LiteralString:
    """Return the condition that statistics count a `workout`: not deleted, finished, and duplicates only once."""
    return workout + ".deleted_at IS NULL AND " + workout + ".finished_at IS NOT NULL AND " + not_twice(workout)


constraints.invalid("workouts_end_ts_check", field="end_ts", why="Must not be before start_ts")

WORKOUT_COLUMNS: LiteralString = ", ".join(
    (WORKOUTS.columns, *(expression + " AS " + column for column, expression in workout_parts.PARTS.items()))
)


_SELECT: LiteralString = "SELECT " + WORKOUT_COLUMNS + " FROM "


def get_workout_by_id(workout_id: UUID, *, include_deleted: bool = False) -> Workout | None:
    """Return one of the user's workouts with its parts, or None."""
    return fetch_one(
        Workout,
        _SELECT
        + (WORKOUT_BY_ID if looks_back_at() else "workouts")
        + """ AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = %(workout_id)s
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
        """,
        workout_id=workout_id,
        include_deleted=include_deleted,
    )


def get_workouts_by_ids(ids: Collection[UUID]) -> dict[UUID, Workout]:
    """Return {workout id: workout} for the ids of the user's workouts, including deleted ones."""
    workouts = fetch_all(
        Workout,
        _SELECT
        + """workouts AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
        """,
        ids=list(ids),
    )
    return {workout.id: workout for workout in workouts}


def update_workout(
    workout_id: UUID,
    updates: Mapping[str, Any],
    *,
    changed_by: str | None,
    change_reason: str | None = None,
    if_tags: Collection[str] | None = None,
    keep_finished: bool = False,
) -> Workout:
    """Change the given fields and sessions of a workout, and return it.

    Finishing starts a new version, and so does reopening with `finished_at` None. Raises WorkoutFinished for a session
    of a finished workout, unless `keep_finished`, Invalid for a session of another workout type, and the errors of
    `versions.edit`.
    """
    sessions = {part: updates[part] for part in SESSIONS if part in updates}
    own_fields = {field: value for field, value in updates.items() if field not in sessions}

    def write_sessions(workout: WorkoutRow) -> None:
        _require_unfinished(workout, keep_finished=keep_finished)
        for part, session in sessions.items():
            workout_type = SESSIONS[part].workout_type
            if workout.workout_type != workout_type:
                raise invalid_field(part, f"Only allowed for workouts of type {workout_type}")
            workout_sessions.write_session(workout.id, part, session)

    versions.edit(
        WORKOUTS,
        workout_id,
        own_fields,
        versions.Change(changed_by, change_reason),
        if_tags=if_tags,
        amend=own_fields.get("finished_at") is None,
        write_parts=write_sessions if sessions else None,
        resolves=list(sessions),
    )
    return found(get_workout_by_id(workout_id), "Workout")


def change_content(
    workout_id: UUID,
    change: versions.Change,
    if_tags: Collection[str] | None,
    write: Callable[[], None],
    *,
    amend: bool = True,
    keep_finished: bool = False,
) -> WorkoutRow:
    """Let `write` change the parts of a workout in progress, and store the version.

    What takes something away does not `amend`, so that the version before still has it. Raises WorkoutFinished if the
    workout is finished, unless `keep_finished`, and NotFound and PreconditionFailed like `versions.edit`.
    """

    def write_unfinished(workout: WorkoutRow) -> None:
        _require_unfinished(workout, keep_finished=keep_finished)
        write()

    return versions.edit(
        WORKOUTS,
        workout_id,
        {},
        change,
        if_tags=if_tags,
        amend=amend,
        write_parts=write_unfinished,
        resolves=["exercise_executions"],
    )


def _require_unfinished(workout: WorkoutRow, *, keep_finished: bool) -> None:
    if workout.finished_at is not None and not keep_finished:
        raise WorkoutFinished


def finish_workout(
    workout_id: UUID, *, finished_at: datetime | None, changed_by: str | None, if_tags: Collection[str] | None = None
) -> Workout:
    """Finish a workout at the given time, or now if it is live; no-op if finished.

    That also is the end of a live workout, if it has none. One that was reopened is finished as it was before.
    """
    workout = found(get_workout_by_id(workout_id), "Workout")
    if workout.finished_at is not None and finished_at in {None, workout.finished_at}:
        return workout
    versions.write(
        WORKOUTS,
        workout_id,
        [
            "finished_at = coalesce(%(finished_at)s, %(finished_before)s, %(now)s)",
            """
            end_ts = coalesce(r.end_ts, CASE
                WHEN %(finished_before)s::timestamptz IS NULL
                THEN greatest(coalesce(%(finished_at)s, %(now)s), r.start_ts)
            END)
            """,
        ],
        versions.Change(changed_by),
        values={
            "finished_at": finished_at,
            "finished_before": _finished_before(workout_id),
            "now": transaction_time(),
        },
        if_tags=if_tags,
    )
    return found(get_workout_by_id(workout_id), "Workout")


def _finished_before(workout_id: UUID) -> datetime | None:
    """Return when a workout was finished before it was reopened; None if it never was."""
    return fetch_one(
        datetime,
        """
        SELECT h.finished_at
        FROM workouts_history AS h
        WHERE h.user_id = %(user_id)s
          AND h.workout_id = %(workout_id)s
          AND h.finished_at IS NOT NULL
        ORDER BY h.version_number DESC
        LIMIT 1
        """,
        workout_id=workout_id,
    )
