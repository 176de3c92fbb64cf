"""The exercises and sets of a workout in progress; those of a finished one are corrected by `put_execution`.

Every change creates or amends a version of the workout, and raises the errors of `workouts.change_content`.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any, LiteralString, cast
from uuid import UUID, uuid4

from fitness.db import added_sets, exercise_names, exercises, workout_parts, workouts
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import columns, listed, names_of
from fitness.db.history import reading
from fitness.db.history.versions import Change
from fitness.db.workout_parts import EXECUTION, GIVEN, StrengthSet
from fitness.db.workouts import Workout, WorkoutRow
from fitness.errors import Invalid, NotFound, found, invalid_field
from fitness.ranges import LAST_POSITION, MOST_SETS

NOUN = "Exercise execution"


def get_execution(workout_id: UUID, exercise_id: UUID) -> dict[str, Any] | None:
    """Return an exercise of a workout with its sets, as JSON, or None."""
    return fetch_one(
        cast("type[dict[str, Any]]", object),
        "SELECT "
        + EXECUTION
        + """
        FROM exercise_executions AS e
        JOIN exercises AS x
          ON x.user_id = %(user_id)s AND x.id = e.exercise_id
        JOIN workouts AS r
          ON r.user_id = %(user_id)s AND r.id = e.workout_id
        WHERE e.user_id = %(user_id)s
          AND e.workout_id = %(workout_id)s
          AND e.exercise_id = %(exercise_id)s
          AND r.deleted_at IS NULL
        """,
        workout_id=workout_id,
        exercise_id=exercise_id,
    )


def put_execution(
    workout_id: UUID,
    exercise_id: UUID,
    sets: Collection[Mapping[str, Any]],
    *,
    note: str | None,
    change: Change,
    if_tags: Collection[str] | None = None,
    keep_finished: bool = False,
) -> tuple[WorkoutRow, UUID]:
    """Add an exercise to the workout, or replace it, with these sets; return the workout and the user's own exercise.

    With `keep_finished`, the workout may also be finished. Raises NotFound if the exercise does not exist, and Invalid
    if there are too many sets.
    """
    by_id, _ = exercises.use_exercises([exercise_id], [], changed_by=change.changed_by)
    own_id = by_id[exercise_id]
    is_new = get_execution(workout_id, own_id) is None

    def write() -> None:
        execute(
            """
            INSERT INTO exercise_executions (user_id, workout_id, exercise_id, execution_order, note)
            SELECT %(user_id)s, %(workout_id)s, %(exercise_id)s, coalesce(max(e.execution_order), 0) + 1, %(note)s
            FROM exercise_executions AS e
            WHERE e.user_id = %(user_id)s AND e.workout_id = %(workout_id)s
            ON CONFLICT (user_id, workout_id, exercise_id)
            DO UPDATE SET note = excluded.note, updated_at = excluded.updated_at
            """,
            workout_id=workout_id,
            exercise_id=own_id,
            note=note,
        )
        positions = fetch_all(
            int,
            """
            DELETE FROM strength_sets
            WHERE user_id = %(user_id)s
              AND workout_id = %(workout_id)s
              AND exercise_id = %(exercise_id)s
            RETURNING position
            """,
            workout_id=workout_id,
            exercise_id=own_id,
        )
        # The sets take the place of the old ones, and later sets move; sets of a new exercise come last.
        position = min(positions, default=LAST_POSITION)
        placed = [{**one, "position": position} for one in workout_parts.numbered(sets)]
        given = workout_parts.as_json([{"exercise_id": own_id, "sets": placed}])
        workout_parts.insert_sets(GIVEN, workout_id=workout_id, executions=given)
        _number_positions(workout_id)

    workout = workouts.change_content(workout_id, change, if_tags, write, amend=is_new, keep_finished=keep_finished)
    return workout, own_id


def restore_execution(
    workout_id: UUID,
    exercise_id: UUID,
    version_number: int,
    *,
    changed_by: str | None,
    if_tags: Collection[str] | None = None,
) -> tuple[WorkoutRow, UUID]:
    """Make an exercise of the workout, with its sets and their ids, as it was in a version; all others stay.

    One that was removed comes back as the last one, its sets where they were. Returns the workout and the exercise,
    which is another one if it was merged since. Raises NotFound if the version, or the exercise in it, does not exist.
    """
    version = reading.require_version(workouts.WORKOUTS, workout_id, version_number)
    of_exercise = [one for one in version.exercise_executions if one["exercise_id"] == str(exercise_id)]
    _require(len(of_exercise), NOUN)
    change = Change(changed_by, f"Exercise restored to version {version_number}")

    def write() -> None:
        places = fetch_all(int, _DELETE, workout_id=workout_id, exercise_id=exercise_id) or fetch_all(
            int,
            """
            SELECT coalesce(max(execution_order), 0) + 1
            FROM exercise_executions
            WHERE user_id = %(user_id)s
              AND workout_id = %(workout_id)s
            """,
            workout_id=workout_id,
        )
        workout_parts.insert_all({workout_id: [{**of_exercise[0], "execution_order": places[0]}]})
        _number_positions(workout_id)
        workouts.WORKOUTS.use_live([workout_id], change)

    workout = workouts.change_content(workout_id, change, if_tags, write)
    return workout, exercise_names.get_merged().get(exercise_id, exercise_id)


def set_note(
    workout_id: UUID,
    exercise_id: UUID,
    note: str | None,
    *,
    change: Change,
    if_tags: Collection[str] | None = None,
) -> WorkoutRow:
    """Change the note on an exercise of the workout; None clears it. Raises NotFound if it is not in the workout."""

    def write() -> None:
        changed = execute(
            """
            UPDATE exercise_executions
            SET note = %(note)s, updated_at = now()
            WHERE user_id = %(user_id)s
              AND workout_id = %(workout_id)s
              AND exercise_id = %(exercise_id)s
            """,
            workout_id=workout_id,
            exercise_id=exercise_id,
            note=note,
        )
        _require(changed, NOUN)

    return workouts.change_content(workout_id, change, if_tags, write)


def delete_execution(
    workout_id: UUID, exercise_id: UUID, *, change: Change, if_tags: Collection[str] | None = None
) -> WorkoutRow:
    """Remove an exercise and its sets from the workout. Raises NotFound if it is not in the workout."""

    def write() -> None:
        _require(len(fetch_all(int, _DELETE, workout_id=workout_id, exercise_id=exercise_id)), NOUN)

    return workouts.change_content(workout_id, change, if_tags, write, amend=False)


_DELETE: LiteralString = """
    DELETE FROM exercise_executions
    WHERE user_id = %(user_id)s
      AND workout_id = %(workout_id)s
      AND exercise_id = %(exercise_id)s
    RETURNING execution_order
"""


def reorder_executions(
    workout_id: UUID, exercise_ids: Collection[UUID], *, change: Change, if_tags: Collection[str] | None = None
) -> WorkoutRow:
    """Reorder the exercises of the workout. Raises Invalid unless each is listed exactly once."""

    def write() -> None:
        present = fetch_all(
            UUID,
            """
            SELECT exercise_id
            FROM exercise_executions
            WHERE user_id = %(user_id)s
              AND workout_id = %(workout_id)s
            """,
            workout_id=workout_id,
        )
        if sorted(exercise_ids) != sorted(present):
            raise invalid_field("exercise_ids", "List each exercise of the workout exactly once")
        execute(
            """
            UPDATE exercise_executions AS e
            SET execution_order = o.place, updated_at = now()
            FROM unnest(%(exercise_ids)s::uuid[]) WITH ORDINALITY AS o (exercise_id, place)
            WHERE e.user_id = %(user_id)s
              AND e.workout_id = %(workout_id)s
              AND e.exercise_id = o.exercise_id
            """,
            workout_id=workout_id,
            exercise_ids=list(exercise_ids),
        )
        _number_positions(workout_id, by_exercise=True)

    return workouts.change_content(workout_id, change, if_tags, write)


def _number_positions(workout_id: UUID, *, by_exercise: bool = False) -> None:
    """Renumber the positions of all sets of the workout in their order, or, with `by_exercise`, exercise by exercise.

    Raises Invalid if there are too many.
    """
    numbers = fetch_all(
        int,
        """
        UPDATE strength_sets AS s
        SET position = n.place
        FROM (
            SELECT t.id, row_number() OVER (
                ORDER BY CASE WHEN %(by_exercise)s THEN e.execution_order END, t.position, e.execution_order,
                    t.set_index
            ) AS place
            FROM strength_sets AS t
            JOIN exercise_executions AS e
              ON e.user_id = %(user_id)s AND e.workout_id = %(workout_id)s AND e.exercise_id = t.exercise_id
            WHERE t.user_id = %(user_id)s AND t.workout_id = %(workout_id)s
        ) AS n
        WHERE s.user_id = %(user_id)s
          AND s.id = n.id
        RETURNING s.position
        """,
        workout_id=workout_id,
        by_exercise=by_exercise,
    )
    if len(numbers) > MOST_SETS:
        raise _too_many()


def _too_many() -> Invalid:
    return invalid_field("sets", f"A workout can have at most {MOST_SETS} sets")


def _require(changed: int, noun: str) -> None:
    if not changed:
        raise NotFound(f"{noun} not found")


_SET_FIELDS = names_of(StrengthSet, without=("id", "position"))
_REST = names_of(StrengthSet, without=("id", "position", "set_index"))
_RETURNED = columns(StrengthSet, "s")
_ADD_SET: LiteralString = """
    INSERT INTO strength_sets AS s (user_id, id, workout_id, exercise_id, position, set_index, {names})
    SELECT %(user_id)s, %(id)s, %(workout_id)s, %(exercise_id)s, coalesce(max(t.position), 0) + 1,
        coalesce(%(set_index)s, max(t.set_index) FILTER (WHERE t.exercise_id = %(exercise_id)s) + 1, 1),
        {values}
    FROM strength_sets AS t
    WHERE t.user_id = %(user_id)s AND t.workout_id = %(workout_id)s
    HAVING count(*) < %(most)s
      AND EXISTS (
        SELECT
        FROM exercise_executions AS e
        WHERE e.user_id = %(user_id)s AND e.workout_id = %(workout_id)s AND e.exercise_id = %(exercise_id)s
      )
    RETURNING {returned}
    """.format(names=listed(_REST), values=listed(_REST, "%({})s"), returned=_RETURNED)


def add_set(
    workout_id: UUID,
    exercise_id: UUID,
    one: Mapping[str, Any],
    *,
    set_id: UUID | None = None,
    change: Change,
    if_tags: Collection[str] | None = None,
) -> tuple[WorkoutRow, StrengthSet]:
    """Add a set to an exercise of the workout; return both. Without a `set_index` it gets the next number.

    Raises NotFound if the exercise is not in the workout, and Invalid if there are too many sets.
    """
    added: list[StrengthSet] = []

    def write() -> None:
        row = fetch_one(
            StrengthSet,
            _ADD_SET,
            **{field: one.get(field) for field in _SET_FIELDS},
            id=set_id or uuid4(),
            workout_id=workout_id,
            exercise_id=exercise_id,
            most=MOST_SETS,
        )
        if row is None:
            found(get_execution(workout_id, exercise_id), NOUN)
            raise _too_many()
        added.append(row)

    workout = workouts.change_content(workout_id, change, if_tags, write)
    return workout, added[0]


def add_set_once(
    client_uuid: UUID,
    request: str,
    workout_id: UUID,
    exercise_id: UUID,
    one: Mapping[str, Any],
    *,
    change: Change,
    if_tags: Collection[str] | None = None,
) -> tuple[WorkoutRow | Workout, StrengthSet | dict[str, Any], bool]:
    """Add a set with the `client_uuid` as its id, or find the one that it added before; return also whether it is new.

    `request` tells requests apart. Raises Conflict when the `client_uuid` added another set, else as `add_set` does.
    """
    if not added_sets.claim(client_uuid, request):
        answer = added_sets.get_answer(client_uuid, request)
        return found(workouts.get_workout_by_id(workout_id, include_deleted=True), "Workout"), answer, False
    workout, added = add_set(workout_id, exercise_id, one, set_id=client_uuid, change=change, if_tags=if_tags)
    added_sets.keep_answer(client_uuid, asdict(added))
    return workout, added, True


def update_set(
    workout_id: UUID,
    exercise_id: UUID,
    set_id: UUID,
    updates: Mapping[str, Any],
    *,
    change: Change,
    if_tags: Collection[str] | None = None,
) -> tuple[WorkoutRow, StrengthSet]:
    """Change the given fields of a set; return its workout and the set. Raises NotFound if the set does not exist."""
    changed: list[StrengthSet] = []
    assignments = listed([field for field in _SET_FIELDS if field in updates], "{0} = %({0})s")

    def write() -> None:
        row = fetch_one(
            StrengthSet,
            f"""
            UPDATE strength_sets AS s
            SET {assignments}, updated_at = now()
            WHERE s.user_id = %(user_id)s
              AND s.id = %(set_id)s
              AND s.workout_id = %(workout_id)s
              AND s.exercise_id = %(exercise_id)s
            RETURNING {_RETURNED}
            """,
            **updates,
            workout_id=workout_id,
            exercise_id=exercise_id,
            set_id=set_id,
        )
        changed.append(found(row, "Set"))

    if not updates:
        raise Invalid("Send at least one field to change", errors={})
    workout = workouts.change_content(workout_id, change, if_tags, write)
    return workout, changed[0]


def delete_set(
    workout_id: UUID,
    exercise_id: UUID,
    set_id: UUID,
    *,
    change: Change,
    if_tags: Collection[str] | None = None,
) -> WorkoutRow:
    """Remove a set from the workout. Raises NotFound if the set does not exist."""

    def write() -> None:
        deleted = execute(
            """
            DELETE FROM strength_sets
            WHERE user_id = %(user_id)s
              AND id = %(set_id)s
              AND workout_id = %(workout_id)s
              AND exercise_id = %(exercise_id)s
            """,
            workout_id=workout_id,
            exercise_id=exercise_id,
            set_id=set_id,
        )
        _require(deleted, "Set")

    return workouts.change_content(workout_id, change, if_tags, write, amend=False)
