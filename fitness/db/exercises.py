"""Exercises: each user's own ones, and the shared catalog.

Using a catalog exercise copies it to the user's own exercises, so that references stay within one user. The copy has
its own id and stores the catalog's id, so that the catalog's id can still be used for it.
For what a name leads to, see `exercise_names`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from fitness.db import constraints
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.exercise_names import MERGED, lead_here, lead_if_new
from fitness.db.fields import listed
from fitness.db.history import versions
from fitness.db.history.deletions import taken_away
from fitness.db.history.named import Named
from fitness.db.history.versioned import FILLED, Changed, Identified, Numbered, Recorded
from fitness.db.tables import Table
from fitness.errors import Conflict, NotFound, Unavailable
from fitness.names import name_key, normal_name

ASSISTED: LiteralString = r"~* '\massisted\M'"
"""The condition, after a name, that it says by itself that the weights of the exercise are assistance."""

MODALITIES = ("BARBELL", "DUMBBELL", "CABLE", "MACHINE", "BODYWEIGHT")
"""The equipment of exercises."""


@dataclass
class ExerciseValues:
    """The columns of an exercise that its versions hold, with their types.

    `is_assisted`: whether its weights are assistance; None: if the name says so, see ASSISTED.
    """

    name: str
    body_part: str | None
    modality: str | None
    notes: str | None
    is_assisted: bool | None
    merged_into: UUID | None


@dataclass
class Exercise(Recorded, ExerciseValues, Identified):
    """One of the user's own exercises."""

    id: UUID


@dataclass
class OwnExercise(Exercise):
    """One of the user's own exercises, as the API shows it together with those of the catalog."""

    is_system: bool = FILLED


@dataclass
class ExerciseVersion(Changed, ExerciseValues, Numbered):
    """A version of an exercise."""

    exercise_id: UUID = FILLED


class _Exercises(Named[Exercise, ExerciseVersion]):
    def check(self, ids: Collection[Any], changed: Collection[str]) -> None:
        super().check(ids, changed)
        if "name" in changed:
            lead_here(ids)

    def mend(self, ids: Collection[Any]) -> Mapping[Any, tuple[str, str]]:
        taken = super().mend(ids)
        lead_here(ids)
        return taken

    def complete(self) -> None:
        super().complete()
        former = fetch_all(
            tuple,
            """
            SELECT h.name, h.exercise_id
            FROM exercises_history AS h
            WHERE h.user_id = %(user_id)s
            ORDER BY h.history_id DESC
            """,
        )
        lead_here(fetch_all(UUID, "SELECT id FROM exercises WHERE user_id = %(user_id)s"))
        lead_if_new({name_key(name): exercise_id for name, exercise_id in reversed(former)})


EXERCISES = _Exercises(
    noun="Exercise",
    table="exercises",
    history="exercises_history",
    key="exercise_id",
    row=Exercise,
    version_row=ExerciseVersion,
    id_type="uuid",
    cleared_on_restore=("merged_into",),
    same_name="lower(o.name) = lower(p.name)",
    refers_to_itself=("merged_into",),
    dependents=(Table("exercise_names", ("name_key",)),),
    in_use="""
        EXISTS (
            SELECT
            FROM exercise_executions AS u
            JOIN workouts AS w
              ON w.user_id = %(user_id)s AND w.id = u.workout_id AND w.deleted_at IS NULL
            WHERE u.user_id = %(user_id)s AND u.exercise_id = r.id
        )
    """,
)

NAME_TAKEN = "An exercise with this name already exists"
constraints.conflict("exercises_name_key_key", "uq_exercises_user_name_lower", detail=NAME_TAKEN)


def get_own_exercise_by_id(exercise_id: UUID, *, include_deleted: bool = False) -> OwnExercise | None:
    """Return one of the user's own exercises, or None."""
    return fetch_one(
        OwnExercise,
        EXERCISES.sql(
            """
            SELECT {columns}, false AS is_system
            FROM exercises AS r
            WHERE r.user_id = %(user_id)s
              AND r.id = %(exercise_id)s
              AND (%(include_deleted)s OR r.deleted_at IS NULL)
            """
        ),
        exercise_id=exercise_id,
        include_deleted=include_deleted,
    )


class NewExercise(NamedTuple):
    """A new exercise; fields that are None are taken from the catalog exercise with its name.

    `external_id` is the name of a provider, a colon, and the provider's id.
    """

    name: str
    body_part: str | None = None
    modality: str | None = None
    notes: str | None = None
    external_id: str | None = None
    is_assisted: bool | None = None


def create_exercise(new: NewExercise, *, changed_by: str | None) -> UUID:
    """Store an own exercise and its first version, or restore a deleted one with the same name and the given fields.

    Raises Conflict if an exercise with this name already exists.
    """
    change = versions.Change(changed_by)
    ids = make([new], change, as_spelled=True) or versions.write_all(
        EXERCISES,
        """
        name = %(name)s, body_part = coalesce(%(body_part)s, r.body_part),
        modality = coalesce(%(modality)s, r.modality), notes = coalesce(%(notes)s, r.notes),
        is_assisted = coalesce(%(is_assisted)s, r.is_assisted), deleted_at = NULL
        """,
        "r.name_key = %(name_key)s AND r.deleted_at IS NOT NULL AND r.merged_into IS NULL",
        change,
        name_key=name_key(new.name),
        **new._asdict(),
    )
    if not ids:
        raise Conflict(NAME_TAKEN)
    return ids[0]


ATTEMPTS = 3


def use_exercises(
    ids: Collection[UUID], names: Collection[str], *, changed_by: str | None, changeset_id: int | None = None
) -> tuple[dict[UUID, UUID], dict[str, UUID]]:
    """Return the id of the user's own exercise for each id and each name; create missing ones.

    An id is that of an own exercise or of a catalog exercise. A catalog id means the user's copy, otherwise the own
    exercise that its name leads to. For a name, a deleted exercise is restored unchanged; a new one is copied from the
    catalog if it has the name, otherwise it has only the name. Raises NotFound for an unknown id, and for the id of a
    deleted own exercise.
    """
    asked = {name: normal_name(name) for name in names}
    for _ in range(ATTEMPTS):
        found = _find(ids, set(asked.values()))
        if any(use.name is None and use.own_id is None for use in found):
            raise NotFound("Exercise not found")
        if all(use.own_id is not None and not use.deleted for use in found):
            by_id = {use.id: use.own_id for use in found if use.id and use.own_id}
            by_name = {use.name: use.own_id for use in found if use.name and use.own_id and not use.id}
            return by_id, {name: by_name[normal] for name, normal in asked.items()}
        change = versions.Change(changed_by, changeset_id=changeset_id)
        bring_back([use.own_id for use in found if use.own_id and use.deleted], change)
        make([NewExercise(use.name) for use in found if use.name and not use.own_id], change)
    # In each attempt, another request renamed or deleted an exercise between two statements.
    raise Unavailable


@dataclass(frozen=True, slots=True)
class _Use:
    """A requested id or name, its name in the catalog if it is an id, and the id of the own exercise."""

    id: UUID | None
    name: str | None
    own_id: UUID | None
    deleted: bool


def _find(ids: Collection[UUID], names: Collection[str]) -> list[_Use]:
    return fetch_all(_Use, _FIND, ids=list(set(ids)), names=list(names), keys=list(map(name_key, names)))


# Those that a revert took away count as missing.
_FIND: LiteralString = MERGED + EXERCISES.sql(
    """
        SELECT asked.id, asked.name, own.id AS own_id, own.deleted_at IS NOT NULL AS deleted
        FROM (
            SELECT i.id, c.name, lower(c.name) AS name_key
            FROM unnest(%(ids)s::uuid[]) AS i (id)
            LEFT JOIN exercise_catalog AS c
              ON c.id = i.id
            UNION ALL
            SELECT NULL, a.name, a.name_key
            FROM unnest(%(names)s::text[], %(keys)s::text[]) AS a (name, name_key)
        ) AS asked
        LEFT JOIN exercises AS o
          ON o.user_id = %(user_id)s AND o.id = asked.id AND o.deleted_at IS NULL
        LEFT JOIN exercises AS k
          ON k.user_id = %(user_id)s AND k.catalog_id = asked.id
            AND (k.deleted_at IS NULL OR k.merged_into IS NOT NULL)
        LEFT JOIN exercise_names AS n
          ON n.user_id = %(user_id)s AND n.name_key = asked.name_key
        LEFT JOIN merged AS m
          ON m.merged_id = coalesce(o.id, k.id, n.exercise_id)
        LEFT JOIN exercises AS own
          ON own.user_id = %(user_id)s AND own.id = coalesce(m.into_id, o.id, k.id, n.exercise_id) AND NOT {taken_away}
    """,
    taken_away=taken_away(EXERCISES, "own"),
)


def bring_back(ids: Collection[UUID], change: versions.Change) -> None:
    """Restore deleted exercises, locked in the order of their names, so that requests do not deadlock."""
    if not ids:
        return
    fetch_all(
        UUID,
        """
        SELECT id
        FROM exercises
        WHERE user_id = %(user_id)s
          AND id = ANY(%(ids)s)
        ORDER BY name_key
        FOR UPDATE
        """,
        ids=list(ids),
    )
    versions.write_all(
        EXERCISES,
        "deleted_at = NULL, merged_into = NULL",
        "r.id = ANY(%(ids)s) AND r.deleted_at IS NOT NULL",
        change,
        ids=list(ids),
    )


def make(new: Collection[NewExercise], change: versions.Change, *, as_spelled: bool = False) -> list[UUID]:
    """Store the exercises whose names are new, or of exercises that a revert took away; return their ids.

    Waits for other requests that store the same names; all use the same order, so that they do not deadlock. The
    catalog's spelling and columns win, unless `as_spelled`. A copy gets the `catalog_id` of its original, except a
    second copy, which a person created after the first one was renamed.
    """
    if not new:
        return []
    params = {
        "names": [exercise.name for exercise in new],
        "keys": [name_key(exercise.name) for exercise in new],
        "body_parts": [exercise.body_part for exercise in new],
        "modalities": [exercise.modality for exercise in new],
        "notes": [exercise.notes for exercise in new],
        "external_ids": [exercise.external_id for exercise in new],
        "are_assisted": [exercise.is_assisted for exercise in new],
        "as_spelled": as_spelled,
    }
    if any(params["external_ids"]):
        execute(_FREE_EXTERNAL_IDS, external_ids=params["external_ids"])
    made = fetch_all(UUID, _MAKE_ANEW, **params, changed_by=change.changed_by)
    created = [*made, *fetch_all(UUID, _INSERT, **params)]
    if created:
        lead_here(created)
        versions.add_all(EXERCISES, created, change)
    return created


_NEW: LiteralString = f"""
        SELECT CASE WHEN %(as_spelled)s THEN new.name ELSE coalesce(c.name, new.name) END AS name, new.name_key,
            CASE WHEN %(as_spelled)s THEN coalesce(new.body_part, c.body_part)
                ELSE coalesce(c.body_part, new.body_part) END AS body_part,
            CASE WHEN %(as_spelled)s THEN coalesce(new.modality, c.modality)
                ELSE coalesce(c.modality, new.modality) END AS modality,
            new.notes, new.external_id, coalesce(new.is_assisted, nullif(new.name {ASSISTED}, false)) AS is_assisted,
            c.id AS catalog_id
        FROM unnest(
            %(names)s::text[], %(keys)s::text[], %(body_parts)s::text[], %(modalities)s::text[], %(notes)s::text[],
            %(external_ids)s::text[], %(are_assisted)s::boolean[]
        ) AS new (name, name_key, body_part, modality, notes, external_id, is_assisted)
        LEFT JOIN exercise_catalog AS c
          ON lower(c.name) = new.name_key
"""
"""The new exercises of `make`, with what the catalog knows of them."""

_INSERT = EXERCISES.sql(
    """
    INSERT INTO exercises AS r (
        user_id, catalog_id, name, name_key, body_part, modality, notes, external_id, is_assisted
    )
    SELECT %(user_id)s, CASE WHEN k.id IS NULL THEN new.catalog_id END, new.name, new.name_key, new.body_part,
        new.modality, new.notes, new.external_id, new.is_assisted
    FROM ({new}) AS new
    LEFT JOIN exercises AS k
      ON k.user_id = %(user_id)s AND k.catalog_id = new.catalog_id
    ORDER BY new.name_key
    ON CONFLICT DO NOTHING
    RETURNING r.id
    """,
    new=_NEW,
)

_MAKE_ANEW = EXERCISES.sql(
    """
    UPDATE exercises AS r
    SET {assignments}
    FROM ({new}) AS new
    WHERE r.user_id = %(user_id)s
      AND r.name_key = new.name_key
      AND {taken_away}
    RETURNING r.id
    """,
    assignments=EXERCISES.counted_up(
        listed(("name", "body_part", "modality", "notes", "external_id", "is_assisted"), "{0} = new.{0}"),
        "merged_into = NULL, deleted_at = NULL",
    ),
    new=_NEW,
    taken_away=taken_away(EXERCISES),
)

_FREE_EXTERNAL_IDS = EXERCISES.sql(
    """
    UPDATE exercises AS r
    SET external_id = NULL
    WHERE r.user_id = %(user_id)s
      AND r.external_id = ANY(%(external_ids)s)
      AND {taken_away}
    """,
    taken_away=taken_away(EXERCISES),
)
