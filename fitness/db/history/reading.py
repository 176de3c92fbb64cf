"""Read the versions of records, see `fitness.db.history.versions`."""

from collections.abc import Collection
from typing import Any, LiteralString

from fitness.db.connection import fetch_all, fetch_one
from fitness.db.fields import names_of
from fitness.db.history.versioned import R, V, Versioned
from fitness.db.paging import fetch_page
from fitness.errors import NotFound


def get_history(
    kind: Versioned[R, V], id: Any, *, limit: int | None = None, before_version: int | None = None
) -> list[V]:
    """Return the versions of a record, even of a deleted one, newest first; empty if the record does not exist."""
    return fetch_all(
        kind.version_row,
        kind.sql(
            """
            SELECT {version_columns}
            FROM {history} AS h
            WHERE h.user_id = %(user_id)s
              AND h.{key} = %(record_id)s
              AND (%(before_version)s::bigint IS NULL OR h.version_number < %(before_version)s)
            ORDER BY h.version_number DESC
            LIMIT %(limit)s
            """
        ),
        record_id=id,
        limit=limit,
        before_version=before_version,
    )


LONG: tuple[LiteralString, ...] = ("notes", "description", "coach_comments", "user_notes", "retirement_notes")
"""Columns of versions that may be long, beside the parts."""


def list_history(
    kind: Versioned[R, V], id: Any, *, limit: int, before_version: int | None
) -> tuple[list[V], str | None]:
    """Return a page of the versions of a record, newest first, and the number of the last one if more follow."""
    names = names_of(kind.version_row)
    return fetch_page(
        kind.version_row,
        kind.sql(
            """
            SELECT {version_columns}, h.version_number::text
            FROM {history} AS h
            WHERE h.user_id = %(user_id)s
              AND h.{key} = %(record_id)s
              AND (%(before_version)s::bigint IS NULL OR h.version_number < %(before_version)s)
            ORDER BY h.version_number DESC
            LIMIT %(limit)s
            """
        ),
        limit=limit,
        long=[column for column in (*LONG, *kind.parts) if column in names],
        record_id=id,
        before_version=before_version,
    )


def get_version(kind: Versioned[R, V], id: Any, version_number: int) -> V | None:
    """Return one version of a record, or None."""
    return fetch_one(
        kind.version_row,
        kind.sql(
            """
            SELECT {version_columns}
            FROM {history} AS h
            WHERE h.user_id = %(user_id)s
              AND h.{key} = %(record_id)s
              AND h.version_number = %(version_number)s
            """
        ),
        record_id=id,
        version_number=version_number,
    )


def require_version(kind: Versioned[R, V], id: Any, version_number: int) -> V:
    """Return one version of a record; raises NotFound, which says whether the record or the version is unknown."""
    version = get_version(kind, id, version_number)
    if version is None:
        raise NotFound("Version not found" if latest_version_number(kind, id) else f"{kind.noun} not found")
    return version


def get_histories(kind: Versioned[R, V], ids: Collection[Any]) -> list[V]:
    """Return all versions of these records, each record's oldest first."""
    return fetch_all(
        kind.version_row,
        kind.sql(
            """
            SELECT {version_columns}
            FROM {history} AS h
            WHERE h.user_id = %(user_id)s
              AND h.{key} = ANY(%(ids)s)
            ORDER BY h.{key}, h.version_number
            """
        ),
        ids=list(ids),
    )


def get_versions(kind: Versioned[R, V], wanted: Collection[tuple[Any, int]]) -> list[V]:
    """Return the versions with these (record id, version number), in any order; missing ones are left out."""
    return fetch_all(
        kind.version_row,
        kind.sql(
            """
            SELECT {version_columns}
            FROM unnest(%(ids)s::{id_type}[], %(numbers)s::integer[]) AS wanted (record_id, number)
            CROSS JOIN LATERAL (
                SELECT *
                FROM {history} AS t
                WHERE t.user_id = %(user_id)s AND t.{key} = wanted.record_id AND t.version_number = wanted.number
                LIMIT 1
            ) AS h
            """
        ),
        ids=[record_id for record_id, _ in wanted],
        numbers=[number for _, number in wanted],
    )


def latest_version_number(kind: Versioned[R, V], id: Any) -> int | None:
    """Return the number of the latest version of a record, or None if the record does not exist."""
    return fetch_one(
        int,
        kind.sql(
            """
            SELECT max(version_number)
            FROM {history}
            WHERE user_id = %(user_id)s
              AND {key} = %(record_id)s
            """
        ),
        record_id=id,
    )
