"""Exercises: each user's own ones, and the shared catalog.

Using a catalog exercise copies it to the user's own exercises, so that references stay within one user. The copy has
its own id and stores the catalog's id, so that the catalog's id can still be used for it. Names are compared without
case, by PostgreSQL's `lower(name)`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString, NamedTuple
from uuid import UUID

from fitness.db import constraints
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import listed
from fitness.db.history import versions
from fitness.db.history.deletions import taken_away
from fitness.db.history.versioned import FILLED, Changed, Identified, Numbered, Recorded, Versioned
from fitness.errors import Conflict, NotFound, Unavailable
from fitness.names import normal_name

MODALITIES = ("BARBELL", "DUMBBELL", "CABLE", "MACHINE", "BODYWEIGHT")
"""The equipment of exercises."""


@dataclass
class ExerciseValues:
    """The columns of an exercise that its versions hold, with their types."""

    name: str
    body_part: str | None
    modality: str | None
    notes: str | None


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


EXERCISES = Versioned(
    noun="Exercise",
    table="exercises",
    history="exercises_history",
    key="exercise_id",
    row=Exercise,
    version_row=ExerciseVersion,
    id_type="uuid",
    same_name="lower(o.name) = lower(p.name)",
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
constraints.conflict("uq_exercises_user_name_lower", detail=NAME_TAKEN)


OWN = EXERCISES.sql(
    """
    SELECT {columns}, false AS is_system
    FROM exercises AS r
    WHERE r.user_id = %(user_id)s
      AND (%(include_deleted)s OR r.deleted_at IS NULL)
    """
)
"""The user's own exercises, as the API shows them together with those of the catalog."""


def get_own_exercise_by_id(exercise_id: UUID, *, include_deleted: bool = False) -> OwnExercise | None:
    """Return one of the user's own exercises, or None."""
    return fetch_one(
        OwnExercise,
        OWN + " AND r.id = %(exercise_id)s",
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


def create_exercise(new: NewExercise, *, changed_by: str | None) -> UUID:
    """Store an own exercise and its first version, or restore a deleted one with the same name and the given fields.

    Raises Conflict if an exercise with this name already exists.
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
    """Return the id of the user's own exercise for each id and each name; create missing ones.

    An id is that of an own exercise or of a catalog exercise. A catalog id means the user's copy, otherwise the own
    exercise with the same name. For a name, a deleted exercise is restored unchanged; a new one is copied from the
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
    return fetch_all(_Use, _FIND, ids=list(set(ids)), names=list(names))


# Those with the name that a revert took away count as missing.
_FIND = EXERCISES.sql(
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
          ON n.user_id = %(user_id)s AND lower(n.name) = lower(asked.name) AND NOT {taken_away}
    """,
    taken_away=taken_away(EXERCISES, "n"),
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
        ORDER BY lower(name)
        FOR UPDATE
        """,
        ids=list(ids),
    )
    versions.write_all(
        EXERCISES, "deleted_at = NULL", "r.id = ANY(%(ids)s) AND r.deleted_at IS NOT NULL", change, ids=list(ids)
    )


def make(new: Collection[NewExercise], change: versions.Change, *, as_spelled: bool = False) -> list[UUID]:
    """Store the exercises whose names are new, or of exercises that a revert took away; return their ids.

    Waits for other requests that store the same names; all use the same order, so that they do not deadlock. The
    catalog's spelling and columns win, unless `as_spelled`. A copy gets the `catalog_id` of its original, except a
    second copy, made after the first one was renamed.
    """
    if not new:
        return []
    params = {
        "names": [exercise.name for exercise in new],
        "body_parts": [exercise.body_part for exercise in new],
        "modalities": [exercise.modality for exercise in new],
        "notes": [exercise.notes for exercise in new],
        "external_ids": [exercise.external_id for exercise in new],
        "as_spelled": as_spelled,
    }
    if any(params["external_ids"]):
        execute(_FREE_EXTERNAL_IDS, external_ids=params["external_ids"])
    made = fetch_all(UUID, _MAKE_ANEW, **params, changed_by=change.changed_by)
    created = [*made, *fetch_all(UUID, _INSERT, **params)]
    if created:
        versions.add_all(EXERCISES, created, change)
    return created


_NEW: LiteralString = """
        SELECT CASE WHEN %(as_spelled)s THEN new.name ELSE coalesce(c.name, new.name) END AS name,
            CASE WHEN %(as_spelled)s THEN coalesce(new.body_part, c.body_part)
                ELSE coalesce(c.body_part, new.body_part) END AS body_part,
            CASE WHEN %(as_spelled)s THEN coalesce(new.modality, c.modality)
                ELSE coalesce(c.modality, new.modality) END AS modality,
            new.notes, new.external_id, c.id AS catalog_id
        FROM unnest(
            %(names)s::text[], %(body_parts)s::text[], %(modalities)s::text[], %(notes)s::text[],
            %(external_ids)s::text[]
        ) AS new (name, body_part, modality, notes, external_id)
        LEFT JOIN exercise_catalog AS c
          ON lower(c.name) = lower(new.name)
"""
"""The new exercises of `make`, with what the catalog knows of them."""

_INSERT = EXERCISES.sql(
    """
    INSERT INTO exercises AS r (user_id, catalog_id, name, body_part, modality, notes, external_id)
    SELECT %(user_id)s, CASE WHEN k.id IS NULL THEN new.catalog_id END, new.name, new.body_part, new.modality,
        new.notes, new.external_id
    FROM ({new}) AS new
    LEFT JOIN exercises AS k
      ON k.user_id = %(user_id)s AND k.catalog_id = new.catalog_id
    ORDER BY lower(new.name)
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
      AND lower(r.name) = lower(new.name)
      AND {taken_away}
    RETURNING r.id
    """,
    assignments=EXERCISES.counted_up(
        listed(("name", "body_part", "modality", "notes", "external_id"), "{0} = new.{0}"), "deleted_at = NULL"
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
