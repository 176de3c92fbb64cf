"""Lists of exercises, own and catalog, by name."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import LiteralString
from uuid import UUID

from fitness.db.connection import fetch_all, fetch_one
from fitness.db.exercises import EXERCISES
from fitness.db.fields import columns
from fitness.db.paging import Cursor, fetch_page
from fitness.names import name_key


@dataclass
class ListedExercise:
    """A catalog exercise (`is_system`), without version and times, or one of the user's own."""

    id: UUID
    name: str
    body_part: str | None
    modality: str | None
    notes: str | None
    is_assisted: bool | None
    merged_into: UUID | None
    version: int | None
    last_edited_at: datetime | None
    last_edited_by: str | None
    deleted_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    is_system: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of exercises; None means any. `name` is a part of the name, see `fitness.names.name_key`."""

    name: str | None = None
    body_part: str | None = None
    modality: str | None = None
    q: str | None = None
    include_deleted: bool = False


_OWN = EXERCISES.sql(
    """
    SELECT {columns}, false AS is_system, r.name_key
    FROM exercises AS r
    WHERE r.user_id = %(user_id)s
      AND (%(include_deleted)s OR r.deleted_at IS NULL)
    """
)
_CATALOG: LiteralString = """
    SELECT c.id, c.name, c.body_part, c.modality, NULL::text AS notes, NULL::boolean AS is_assisted,
        NULL::uuid AS merged_into, NULL::integer AS version, NULL::timestamptz AS last_edited_at,
        NULL::text AS last_edited_by, NULL::timestamptz AS deleted_at, NULL::timestamptz AS created_at,
        NULL::timestamptz AS updated_at, true AS is_system, lower(c.name) AS name_key
    FROM exercise_catalog AS c
"""
# NOT IN uses a hash. With NOT EXISTS and without statistics for the user, the planner expects a single own exercise,
# and compares all pairs of catalog and own exercises.
_REST_OF_CATALOG: LiteralString = (
    _CATALOG
    + """
    WHERE c.id NOT IN (
        SELECT r.catalog_id
        FROM exercises AS r
        WHERE r.user_id = %(user_id)s
          AND r.catalog_id IS NOT NULL
          AND (%(include_deleted)s OR r.deleted_at IS NULL OR r.merged_into IS NOT NULL)
      )
      AND lower(c.name) NOT IN (
        SELECT r.name_key
        FROM exercises AS r
        WHERE r.user_id = %(user_id)s
          AND r.name_key IS NOT NULL
          AND (%(include_deleted)s OR r.deleted_at IS NULL OR r.merged_into IS NOT NULL)
      )
"""
)
SOURCES: dict[str, LiteralString] = {
    "catalog": _CATALOG,
    "own": _OWN,
    "rest of catalog": _REST_OF_CATALOG,
    "all": _OWN + " UNION ALL " + _REST_OF_CATALOG,
}
"""Sources of lists. The catalog exercises leave out those of which the user has an own one, except in `catalog`, the
only source without a login."""


def list_exercises(
    source: str, filters: Filters, *, limit: int = 50, after: Cursor | None = None
) -> tuple[list[ListedExercise], Cursor | None]:
    """Return a page of a source's exercises by name, and the cursor of the next page, or None at the end."""
    items, last_key = fetch_page(
        ListedExercise,
        _page_query(source, paged=after is not None),
        limit=limit,
        long=("notes",),
        name=filters.name and name_key(filters.name),
        body_part=filters.body_part,
        modality=filters.modality,
        q=filters.q,
        include_deleted=filters.include_deleted,
        key=after and after.key,
        id=after and after.id,
    )
    return items, Cursor(last_key, str(items[-1].id)) if last_key is not None else None


@cache
def _page_query(source: str, *, paged: bool) -> LiteralString:
    return """
        SELECT {columns}, lower(e.name)
        FROM ({source}) AS e
        WHERE (%(name)s::text IS NULL OR strpos(e.name_key, %(name)s) > 0)
          AND (%(body_part)s::text IS NULL OR lower(e.body_part) = lower(%(body_part)s))
          AND (%(modality)s::text IS NULL OR e.modality = %(modality)s)
          AND (%(q)s::text IS NULL OR strpos(lower(concat_ws(' ', e.name, e.notes)), lower(%(q)s)) > 0)
          {page}
        ORDER BY lower(e.name), e.id
        LIMIT %(limit)s
        """.format(
        columns=columns(ListedExercise, "e"),
        source=SOURCES[source],
        page="AND (lower(e.name), e.id) > (%(key)s, %(id)s::uuid)" if paged else "",
    )


def get_body_parts(source: str) -> list[str]:
    """Return the body parts of a source's exercises by name, in the catalog's spelling if it has them."""
    return fetch_all(
        str,
        """
        SELECT DISTINCT ON (lower(e.body_part)) e.body_part
        FROM ("""
        + SOURCES[source]
        + """) AS e
        WHERE e.body_part IS NOT NULL
        ORDER BY lower(e.body_part), e.is_system DESC, e.body_part
        """,
        include_deleted=False,
    )


def get_catalog_exercise_by_id(exercise_id: UUID) -> ListedExercise | None:
    """Return a catalog exercise, or None."""
    return fetch_one(
        ListedExercise,
        "SELECT " + columns(ListedExercise, "e") + " FROM (" + _CATALOG + ") AS e WHERE e.id = %(exercise_id)s",
        exercise_id=exercise_id,
    )
