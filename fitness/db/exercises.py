"""Exercises: each user's own, and the catalog that everybody finds without making them.

Whoever uses a catalog exercise gets an own copy of it, so that what refers to exercises stays within the user. The
copy has an id of its own and remembers the catalog's, which therefore goes on naming the exercise. Names are told
apart by `lower(name)`, as PostgreSQL makes it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

from fitness.db.connection import columns, execute, fetch_all, fetch_one, fetch_page
from fitness.db.constraints import CONFLICTS
from fitness.db.history import versions
from fitness.db.paging import Cursor
from fitness.errors import Conflict, NotFound, Unavailable

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


@dataclass
class OwnExercise(Exercise):
    """One of the user's own exercises, as it is shown among those of the catalog."""

    is_system: bool


@dataclass
class ListedExercise:
    """An exercise of the catalog (`is_system`), which has neither version nor times, or one of the user's own."""

    id: UUID
    name: str
    body_part: str | None
    modality: str | None
    notes: str | None
    version: int | None
    last_edited_at: datetime | None
    last_edited_by: str | None
    deleted_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    is_system: bool


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
    id_type="uuid",
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


@dataclass(frozen=True, slots=True)
class Filters:
    """Which exercises to list; None means any. `name` is a part of it, and upper or lower case does not matter."""

    name: str | None = None
    body_part: str | None = None
    modality: str | None = None
    include_deleted: bool = False


_OWN: LiteralString = f"""
    SELECT {columns(Exercise, "r")}, false AS is_system
    FROM exercises AS r
    WHERE r.user_id = %(user_id)s
      AND (%(include_deleted)s OR r.deleted_at IS NULL)
"""
_CATALOG: LiteralString = """
    SELECT c.id, c.name, c.body_part, c.modality, NULL::text AS notes, NULL::integer AS version,
        NULL::timestamptz AS last_edited_at, NULL::text AS last_edited_by, NULL::timestamptz AS deleted_at,
        NULL::timestamptz AS created_at, NULL::timestamptz AS updated_at, true AS is_system
    FROM exercise_catalog AS c
"""
# A planner without numbers of the user expects a single own exercise, and for NOT EXISTS would look at each pair of a
# catalog exercise and an own one. What NOT IN selects, it hashes.
_REST_OF_CATALOG: LiteralString = f"""
    {_CATALOG}
    WHERE c.id NOT IN (
        SELECT r.catalog_id
        FROM exercises AS r
        WHERE r.user_id = %(user_id)s
          AND r.catalog_id IS NOT NULL
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
      )
      AND lower(c.name) NOT IN (SELECT lower(r.name) FROM ({_OWN}) AS r)
"""
SOURCES: dict[str, LiteralString] = {
    "catalog": _CATALOG,
    "own": _OWN,
    "rest of catalog": _REST_OF_CATALOG,
    "all": f"{_OWN} UNION ALL {_REST_OF_CATALOG}",
}
"""Where exercises are listed from. The catalog's are without those that an own one listed stands for, but in `catalog`,
which is the only one for somebody who is not logged in."""


def list_exercises(
    source: str, filters: Filters, *, limit: int = 50, after: Cursor | None = None
) -> tuple[list[ListedExercise], Cursor | None]:
    """Return a page of a source's exercises by name, and the cursor of the next page, None at the end."""
    page: LiteralString = "AND (lower(e.name), e.id) > (%(key)s, %(id)s::uuid)" if after else ""
    items, last_key = fetch_page(
        ListedExercise,
        f"""
        SELECT {columns(ListedExercise, "e")}, lower(e.name)
        FROM ({SOURCES[source]}) AS e
        WHERE (%(name)s::text IS NULL OR strpos(lower(e.name), lower(%(name)s)) > 0)
          AND (%(body_part)s::text IS NULL OR lower(e.body_part) = lower(%(body_part)s))
          AND (%(modality)s::text IS NULL OR e.modality = %(modality)s)
          {page}
        ORDER BY lower(e.name), e.id
        LIMIT %(limit)s
        """,
        limit=limit,
        name=filters.name,
        body_part=filters.body_part,
        modality=filters.modality,
        include_deleted=filters.include_deleted,
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_key, str(items[-1].id)) if last_key is not None else None


def get_body_parts(source: str) -> list[str]:
    """Return the body parts of a source's exercises by name, as the catalog writes them where it has them."""
    return fetch_all(
        str,
        f"""
        SELECT DISTINCT ON (lower(e.body_part)) e.body_part
        FROM ({SOURCES[source]}) AS e
        WHERE e.body_part IS NOT NULL
        ORDER BY lower(e.body_part), e.is_system DESC, e.body_part
        """,
        include_deleted=False,
    )


def get_own_exercise_by_id(exercise_id: UUID, *, include_deleted: bool = False) -> OwnExercise | None:
    """Return one of the user's own exercises, or None."""
    return fetch_one(
        OwnExercise,
        f"""
        SELECT {columns(OwnExercise, "e")}
        FROM ({_OWN}) AS e
        WHERE e.id = %(exercise_id)s
        """,
        exercise_id=exercise_id,
        include_deleted=include_deleted,
    )


def get_catalog_exercise_by_id(exercise_id: UUID) -> ListedExercise | None:
    """Return an exercise of the catalog, or None."""
    return fetch_one(
        ListedExercise,
        f"""
        {_CATALOG}
        WHERE c.id = %(exercise_id)s
        """,
        exercise_id=exercise_id,
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
    ids = _make([new], change, as_spelled=True) or versions.write_all(
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
        raise Conflict(CONFLICTS["uq_exercises_user_name_lower"])
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
        _bring_back([use.own_id for use in found if use.own_id and use.deleted], change)
        _make([NewExercise(use.name) for use in found if use.name and not use.own_id], change)
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


def find_exercises(told: Collection[NewExercise]) -> dict[NewExercise, UUID]:
    """Return the user's own exercise, be it deleted, for each that a provider told, where there is one.

    It is the one of that external id, whatever its name is now, or else the one of that name, which is found by its
    external id from now on.
    """
    return _known_by_external_id(told, _find_told(told))


def list_unheard_of(told: Collection[NewExercise]) -> list[NewExercise]:
    """Return those exercises that neither the user nor the catalog has."""
    return [
        one for one, use in zip(told, _find_told(told), strict=True) if use.own_id is None and use.catalog_id is None
    ]


def use_told_exercises(
    told: Collection[NewExercise], *, changed_by: str | None, changeset_id: int | None = None
) -> dict[NewExercise, UUID]:
    """Return the id of the user's own exercise for each that a provider told, making what is missing.

    They are found as `find_exercises` does. A deleted one comes back as it was; a new one is as the catalog has it, or
    else as it was told.
    """
    change = versions.Change(changed_by, changeset_id=changeset_id)
    for _ in range(ATTEMPTS):
        uses = _find_told(told)
        if all(use.own_id and not use.deleted for use in uses):
            return _known_by_external_id(told, uses)
        _bring_back({use.own_id for use in uses if use.own_id and use.deleted}, change)
        _make([one for one, use in zip(told, uses, strict=True) if use.own_id is None], change)
    raise Unavailable


@dataclass(frozen=True, slots=True)
class _Told:
    """The own exercise for one that was told, whether that has no external id, and the catalog's of that name."""

    own_id: UUID | None
    deleted: bool
    nameless: bool
    catalog_id: UUID | None


def _find_told(told: Collection[NewExercise]) -> list[_Told]:
    """Return what is known of each of the exercises, in their order."""
    return fetch_all(
        _Told,
        """
        SELECT coalesce(k.id, n.id) AS own_id, coalesce(k.deleted_at, n.deleted_at) IS NOT NULL AS deleted,
            k.id IS NULL AND n.external_id IS NULL AS nameless, c.id AS catalog_id
        FROM unnest(%(names)s::text[], %(external_ids)s::text[]) WITH ORDINALITY AS told (name, external_id, place)
        LEFT JOIN exercises AS k
          ON k.user_id = %(user_id)s AND k.external_id = told.external_id
        LEFT JOIN exercises AS n
          ON n.user_id = %(user_id)s AND k.id IS NULL AND lower(n.name) = lower(told.name)
        LEFT JOIN exercise_catalog AS c
          ON lower(c.name) = lower(told.name)
        ORDER BY told.place
        """,
        names=[one.name for one in told],
        external_ids=[one.external_id for one in told],
    )


def _known_by_external_id(told: Collection[NewExercise], uses: Collection[_Told]) -> dict[NewExercise, UUID]:
    """Return the ids of those that are there, and note the external ids of those that were found by name."""
    named = {use.own_id: one.external_id for one, use in zip(told, uses, strict=True) if use.nameless}
    named = {own_id: external_id for own_id, external_id in named.items() if own_id and external_id}
    if named:
        execute(
            """
            UPDATE exercises AS r
            SET external_id = named.external_id
            FROM unnest(%(ids)s::uuid[], %(external_ids)s::text[]) AS named (exercise_id, external_id)
            WHERE r.user_id = %(user_id)s
              AND r.id = named.exercise_id
              AND r.external_id IS NULL
            """,
            ids=list(named),
            external_ids=list(named.values()),
        )
    return {one: use.own_id for one, use in zip(told, uses, strict=True) if use.own_id}


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


def _make(new: Collection[NewExercise], change: versions.Change, *, as_spelled: bool = False) -> list[UUID]:
    """Store those of the exercises whose names are not there, with their original versions; return their ids.

    What another request is storing at the moment is waited for; the order of the names keeps two from waiting for each
    other. The catalog's word wins unless `as_spelled`. A copy remembers of what it is one, but for a second
    one, made after the first was renamed.
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
