"""Exercises: each user's own, and the catalog that everybody finds without making them.

Whoever uses a catalog exercise gets an own copy of it, so that what refers to exercises stays within the user. The
copy has an id of its own and remembers the catalog's, which therefore goes on naming the exercise. Names that
differ in upper and lower case alone are the same: `lower(name)` of PostgreSQL decides.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from fitness.db import constraints
from fitness.db.connection import fetch_all, fetch_one
from fitness.db.history import versions
from fitness.db.history.versioned import FILLED, Changed, Identified, Numbered, Recorded, Versioned
from fitness.errors import Conflict, NotFound, Unavailable

MODALITIES = ("BARBELL", "DUMBBELL", "CABLE", "MACHINE", "BODYWEIGHT")
"""What an exercise is done with."""


@dataclass
class ExerciseValues:
    """The columns of an exercise that its versions hold: the one list of them, with their types."""

    name: str
    body_part: str | None
    modality: str | None
    notes: str | None


@dataclass
class Exercise(Recorded, ExerciseValues, Identified):
    """One of the user's own exercises as it is now."""

    id: UUID


@dataclass
class OwnExercise(Exercise):
    """One of the user's own exercises, as it is shown among those of the catalog."""

    is_system: bool = FILLED


@dataclass
class ExerciseVersion(Changed, ExerciseValues, Numbered):
    """An exercise as one of its versions left it."""

    exercise_id: UUID = FILLED


EXERCISES = Versioned(
    noun="Exercise",
    table="exercises",
    history="exercises_history",
    key="exercise_id",
    row=Exercise,
    version_row=ExerciseVersion,
    id_type="uuid",
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

NAME_TAKEN = "There is already an exercise of this name"
constraints.conflict("uq_exercises_user_name_lower", detail=NAME_TAKEN)


def normal_name(name: str) -> str:
    """Return the name without blanks around it, and a single blank wherever it has some."""
    return " ".join(name.split())


OWN = EXERCISES.sql(
    """
    SELECT {columns}, false AS is_system
    FROM exercises AS r
    WHERE r.user_id = %(user_id)s
      AND (%(include_deleted)s OR r.deleted_at IS NULL)
    """
)
"""The user's own exercises, as they are shown among those of the catalog."""


def get_own_exercise_by_id(exercise_id: UUID, *, include_deleted: bool = False) -> OwnExercise | None:
    """Return one of the user's own exercises, or None."""
    return fetch_one(
        OwnExercise,
        OWN + " AND r.id = %(exercise_id)s",
        exercise_id=exercise_id,
        include_deleted=include_deleted,
    )


class NewExercise(NamedTuple):
    """An exercise to be stored; what it leaves open is taken from the catalog's exercise of its name.

    `external_id` is what a provider calls it, after the provider's name and a colon.
    """

    name: str
    body_part: str | None = None
    modality: str | None = None
    notes: str | None = None
    external_id: str | None = None


def create_exercise(new: NewExercise, *, changed_by: str | None) -> UUID:
    """Store an own exercise and its original version, or bring the deleted one of its name back with what is given.

    Raises Conflict when there is one of its name already.
    """
    change = versions.Change(changed_by)
    ids = make([new], change, as_spelled=True) or versions.write_all(
        EXERCISES,
        """
        name = %(name)s, body_part = coalesce(%(body_part)s, r.body_part),
        modality = coalesce(%(modality)s, r.modality), notes = coalesce(%(notes)s, r.notes), deleted_at = NULL
        """,
        "lower(r.name) = lower(%(name)s) AND r.deleted_at IS NOT NULL",
        change,
        **new._asdict(),
    )
    if not ids:
        raise Conflict(NAME_TAKEN)
    return ids[0]


ATTEMPTS = 3


def use_exercises(
    ids: Collection[UUID], names: Collection[str], *, changed_by: str | None, changeset_id: int | None = None
) -> tuple[dict[UUID, UUID], dict[str, UUID]]:
    """Return the id of the user's own exercise for each id and each name, making what is missing.

    An id is one of the user's own exercises or the catalog's, which stands for the user's copy of it, or else for the
    name that it bears there. A copy has an id of its own: nobody can name another's exercise.
    Of a name, a deleted exercise comes back as it was; one that was never there is the catalog's, or bare.
    Raises NotFound for an id that is neither, or of an own exercise that is deleted.
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
    # Another request renamed or deleted one of them between two statements, each time anew.
    raise Unavailable


@dataclass(frozen=True, slots=True)
class _Use:
    """An id or a name that was asked for, its name in the catalog if it is an id, and the own exercise for it."""

    id: UUID | None
    name: str | None
    own_id: UUID | None
    deleted: bool


def _find(ids: Collection[UUID], names: Collection[str]) -> list[_Use]:
    return fetch_all(
        _Use,
        """
        SELECT asked.id, asked.name, coalesce(o.id, k.id, n.id) AS own_id,
            o.id IS NULL AND k.id IS NULL AND n.deleted_at IS NOT NULL AS deleted
        FROM (
            SELECT i.id, c.name
            FROM unnest(%(ids)s::uuid[]) AS i (id)
            LEFT JOIN exercise_catalog AS c
              ON c.id = i.id
            UNION ALL
            SELECT NULL, a.name
            FROM unnest(%(names)s::text[]) AS a (name)
        ) AS asked
        LEFT JOIN exercises AS o
          ON o.user_id = %(user_id)s AND o.id = asked.id AND o.deleted_at IS NULL
        LEFT JOIN exercises AS k
          ON k.user_id = %(user_id)s AND k.catalog_id = asked.id AND k.deleted_at IS NULL
        LEFT JOIN exercises AS n
          ON n.user_id = %(user_id)s AND lower(n.name) = lower(asked.name)
        """,
        ids=list(set(ids)),
        names=list(names),
    )


def bring_back(ids: Collection[UUID], change: versions.Change) -> None:
    """Undelete exercises, locked in the order of their names: requests that meet wait, but not for each other."""
    if not ids:
        return
    fetch_all(
        UUID,
        """
        SELECT id
        FROM exercises
        WHERE user_id = %(user_id)s
          AND id = ANY(%(ids)s)
        ORDER BY lower(name)
        FOR UPDATE
        """,
        ids=list(ids),
    )
    versions.write_all(
        EXERCISES, "deleted_at = NULL", "r.id = ANY(%(ids)s) AND r.deleted_at IS NOT NULL", change, ids=list(ids)
    )


def make(new: Collection[NewExercise], change: versions.Change, *, as_spelled: bool = False) -> list[UUID]:
    """Store those of the exercises whose names are not there, with their original versions; return their ids.

    It waits for other requests that store the same names; all store them in one order, so that no two wait for each
    other. The catalog's spelling and columns win unless `as_spelled`. A copy keeps the `catalog_id` of its original,
    except a second copy, made after the first was renamed.
    """
    if not new:
        return []
    created = fetch_all(
        UUID,
        """
        INSERT INTO exercises AS r (user_id, catalog_id, name, body_part, modality, notes, external_id)
        SELECT %(user_id)s, CASE WHEN k.id IS NULL THEN c.id END,
            CASE WHEN %(as_spelled)s THEN new.name ELSE coalesce(c.name, new.name) END,
            CASE WHEN %(as_spelled)s THEN coalesce(new.body_part, c.body_part)
                ELSE coalesce(c.body_part, new.body_part) END,
            CASE WHEN %(as_spelled)s THEN coalesce(new.modality, c.modality)
                ELSE coalesce(c.modality, new.modality) END,
            new.notes, new.external_id
        FROM unnest(
            %(names)s::text[], %(body_parts)s::text[], %(modalities)s::text[], %(notes)s::text[],
            %(external_ids)s::text[]
        ) AS new (name, body_part, modality, notes, external_id)
        LEFT JOIN exercise_catalog AS c
          ON lower(c.name) = lower(new.name)
        LEFT JOIN exercises AS k
          ON k.user_id = %(user_id)s AND k.catalog_id = c.id
        ORDER BY lower(new.name)
        ON CONFLICT DO NOTHING
        RETURNING r.id
        """,
        names=[exercise.name for exercise in new],
        body_parts=[exercise.body_part for exercise in new],
        modalities=[exercise.modality for exercise in new],
        notes=[exercise.notes for exercise in new],
        external_ids=[exercise.external_id for exercise in new],
        as_spelled=as_spelled,
    )
    if created:
        versions.add_all(EXERCISES, created, change)
    return created
