"""Exercises: each user's own, and the catalog that everybody finds without making them.

Whoever uses a catalog exercise gets an own copy of it, so that what refers to exercises stays within the user. The
copy keeps the catalog's id, which therefore goes on naming the exercise. Names are told apart by `lower(name)`, as
PostgreSQL makes it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fitness.db import versions
from fitness.db.connection import fetch_all
from fitness.errors import NotFound, Unavailable

MODALITIES = ("BARBELL", "DUMBBELL", "CABLE", "MACHINE", "BODYWEIGHT")
"""What an exercise is done with."""


@dataclass
class Exercise:
    """One of the user's own exercises as it is now."""

    id: UUID
    name: str
    body_part: str | None
    modality: str | None
    notes: str | None
    version: int
    last_edited_at: datetime | None
    last_edited_by: str | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ExerciseVersion:
    """An exercise as one of its versions left it, and who changed it when and why."""

    history_id: int
    exercise_id: UUID
    version_number: int
    change_type: str
    name: str
    body_part: str | None
    modality: str | None
    notes: str | None
    changed_at: datetime
    changed_by: str | None
    change_reason: str | None
    changeset_id: int | None


EXERCISES = versions.Versioned(
    noun="Exercise",
    table="exercises",
    history="exercises_history",
    key="exercise_id",
    row=Exercise,
    version_row=ExerciseVersion,
    editable=("name", "body_part", "modality", "notes"),
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


def normal_name(name: str) -> str:
    """Return the name without blanks around it, and a single blank wherever it has some."""
    return " ".join(name.split())


ATTEMPTS = 3


def use_exercises(
    ids: Collection[UUID], names: Collection[str], *, changed_by: str | None
) -> tuple[dict[UUID, UUID], dict[str, UUID]]:
    """Return the id of the user's own exercise for each id and each name, making what is missing.

    An id is one of the user's own exercises or the catalog's; the catalog's stands for the name that it bears there.
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
        change = versions.Change(changed_by)
        _bring_back([use.own_id for use in found if use.own_id and use.deleted], change)
        _make({use.name for use in found if use.name and not use.own_id}, change)
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
        SELECT asked.id, asked.name, coalesce(o.id, n.id) AS own_id,
            o.id IS NULL AND n.deleted_at IS NOT NULL AS deleted
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
        LEFT JOIN exercises AS n
          ON n.user_id = %(user_id)s AND lower(n.name) = lower(asked.name)
        """,
        ids=list(set(ids)),
        names=list(names),
    )


def _bring_back(ids: Collection[UUID], change: versions.Change) -> None:
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


def _make(names: Collection[str], change: versions.Change) -> None:
    """Store those of the exercises that are not there, and their original versions.

    What another request is storing at the moment is waited for; the order of the names keeps two from waiting for each
    other. A copy cannot have the catalog's id when the user's copy of before was renamed.
    """
    if not names:
        return
    created = fetch_all(
        UUID,
        """
        INSERT INTO exercises AS r (user_id, id, name, body_part, modality)
        SELECT %(user_id)s, CASE WHEN o.id IS NULL THEN coalesce(c.id, gen_random_uuid()) ELSE gen_random_uuid() END,
            coalesce(c.name, new.name), c.body_part, c.modality
        FROM unnest(%(names)s::text[]) AS new (name)
        LEFT JOIN exercise_catalog AS c
          ON lower(c.name) = lower(new.name)
        LEFT JOIN exercises AS o
          ON o.user_id = %(user_id)s AND o.id = c.id
        ORDER BY lower(new.name)
        ON CONFLICT DO NOTHING
        RETURNING r.id
        """,
        names=list(names),
    )
    versions.add_all(EXERCISES, created, change)
