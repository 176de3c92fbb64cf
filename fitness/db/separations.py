"""Separations: sources that a person has taken out of a record, so that they have a record of their own.

A separation is a changeset. What its sources say, their keys and their files belong to the new record as long as it
stands, and to the first one while it is reverted; `follow` moves them. The two records are marked as different as long
as it stands: they are not suggested as the same, and an activity of either never joins another record by its start.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.history.duplicates import forget_different, remember_different
from fitness.db.history.standing import stands
from fitness.db.history.versioned import Versioned
from fitness.db.moved_sources import Place, move
from fitness.db.nouns import NOUNS

Kind = Versioned[Any, Any]

KIND = "separation"
"""The kind of these changesets."""


@dataclass(frozen=True, slots=True)
class Separation:
    """That sources, by their keys, were taken out of the record `id`; they are in `new_id` while it stands."""

    changeset_id: int
    id: Any
    new_id: Any
    keys: list[str]
    stands: bool


def list_separations(kind: Kind) -> list[Separation]:
    """Return all separations of a noun's records, oldest first."""
    return fetch_all(
        Separation,
        kind.sql(
            """
            SELECT s.changeset_id, s.{key} AS id, s.new_{key} AS new_id, array_agg(s.key ORDER BY s.key) AS keys,
                bool_and({stands}) AS stands
            FROM separations AS s
            WHERE s.user_id = %(user_id)s
              AND s.{key} IS NOT NULL
            GROUP BY s.changeset_id, s.{key}, s.new_{key}
            ORDER BY s.changeset_id
            """,
            stands=stands("s"),
        ),
    )


def list_decided(kind: Kind, changesets: Collection[int]) -> list[Separation]:
    """Return the separations among these changesets."""
    decided = set(changesets)
    return [one for one in list_separations(kind) if one.changeset_id in decided]


def find_between(kind: Kind, id: Any, other_id: Any) -> int | None:
    """Return the changeset of the newest separation of two records that stands, or None."""
    ids = {id, other_id}
    between = [one.changeset_id for one in list_separations(kind) if one.stands and {one.id, one.new_id} == ids]
    return max(between, default=None)


def begin(kind: Kind, separation: Separation) -> None:
    """Store a separation, and move what belongs to its sources."""
    execute(
        kind.sql(
            """
            INSERT INTO separations (user_id, changeset_id, key, {key}, new_{key})
            SELECT %(user_id)s, %(changeset_id)s::bigint, named.key, %(record_id)s::{id_type}, %(new_id)s::{id_type}
            FROM unnest(%(keys)s::text[]) AS named (key)
            ON CONFLICT DO NOTHING
            """
        ),
        changeset_id=separation.changeset_id,
        record_id=separation.id,
        new_id=separation.new_id,
        keys=separation.keys,
    )
    _keep_removed_points(separation)
    _part(kind, separation)


def follow(changesets: Collection[int]) -> None:
    """Move what belongs to sources to where it belongs, now that changesets were reverted or stand again.

    A source that joined the new record later goes back with the others, and is a part of the separation from then on.
    """
    if not _any_is_separation(changesets):
        return
    for kind in NOUNS:
        if kind.joins:
            separations = list_separations(kind)
            for one in reversed(separations):
                if not one.stands:
                    _unite(kind, one)
            for one in separations:
                if one.stands:
                    _part(kind, one)


def _any_is_separation(changesets: Collection[int]) -> bool:
    query = """
        SELECT EXISTS (
            SELECT FROM separations WHERE user_id = %(user_id)s AND changeset_id = ANY(%(changesets)s)
        )
        """
    return bool(fetch_one(bool, query, changesets=list(changesets)))


def _part(kind: Kind, one: Separation) -> None:
    move(Place(kind, one.id), Place(kind, one.new_id), one.keys)
    remember_different(kind, one.id, one.new_id)


def _unite(kind: Kind, one: Separation) -> None:
    execute(kind.sql(_ADD_LATER), record_id=one.new_id, new_id=one.id, changeset_id=one.changeset_id)
    move(Place(kind, one.new_id), Place(kind, one.id))
    forget_different(kind, one.id, one.new_id)


_ADD_LATER: LiteralString = """
    INSERT INTO separations (user_id, changeset_id, key, {key}, new_{key})
    SELECT DISTINCT a.user_id, %(changeset_id)s::bigint, a.key, %(new_id)s::{id_type}, %(record_id)s::{id_type}
    FROM activity_sources AS a
    WHERE a.user_id = %(user_id)s
      AND a.{key} = %(record_id)s
    ON CONFLICT DO NOTHING
    """


def _keep_removed_points(one: Separation) -> None:
    """Let points that were removed from the first record not come back with the new one."""
    execute(
        """
        INSERT INTO removed_points (user_id, record_id, points_id)
        SELECT r.user_id, %(new_id)s::text, r.points_id
        FROM removed_points AS r
        WHERE r.user_id = %(user_id)s
          AND r.record_id = %(record_id)s
        ON CONFLICT DO NOTHING
        """,
        record_id=str(one.id),
        new_id=str(one.new_id),
    )
