"""The feed of changes: all versions of all nouns, in the order in which their transactions were committed.

A version's place is the position of its transaction, see `fitness.db.writes`, then the noun, then the history id: the
versions of a record are in their order. Positions become visible in their order, so nothing can appear behind a place
that was read. Only a growing version of a live workout moves: each edit takes it to a new place, at the end.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fitness.db.connection import execute, fetch_all
from fitness.db.fields import listed
from fitness.db.history.records import KINDS
from fitness.db.history.versioned import Versioned


class Place(NamedTuple):
    """The place of a version in the feed; places compare in the order of the feed."""

    position: int
    noun: str
    history_id: int


START = Place(0, "", 0)
"""The place before all versions."""


@dataclass(frozen=True, slots=True)
class _Write:
    """The versions of one noun that one transaction stored."""

    position: int
    noun: str
    write_id: int
    first_id: int
    last_id: int
    versions: int

    def behind(self, after: Place) -> int:
        """Return the history id behind which its versions were not read yet."""
        return after.history_id if (self.position, self.noun) == after[:2] else self.first_id - 1


def list_changes(after: Place, *, limit: int, with_records: bool) -> tuple[list[dict[str, Any]], Place]:
    """Return up to `limit` versions behind a place, and the place to go on from.

    Each has `noun`, `id`, `version`, `change_type`, `changed_at`, `changeset_id`, and `record`: the record as it was in
    this version, or None if not asked for. There are fewer than `limit` only at the end of the feed.
    """
    found: list[tuple[Place, dict[str, Any]]] = []
    while len(found) < limit and (writes := _next_writes(after, limit - len(found))):
        found += _versions_of(writes, after, limit - len(found), with_records=with_records)
        last = writes[-1]
        after = found[-1][0] if len(found) == limit else Place(last.position, last.noun, last.last_id)
    return [change for _, change in found], after


def _next_writes(after: Place, versions: int) -> list[_Write]:
    """Return the next writes behind a place: enough for so many versions, or all."""
    writes = fetch_all(
        _Write,
        """
        SELECT w.position, w.noun, w.write_id, w.first_id, w.last_id, w.versions
        FROM writes AS w
        WHERE w.user_id = %(user_id)s
          AND (w.position, w.noun) >= (%(position)s, %(noun)s)
          AND w.noun = ANY(%(nouns)s)
        ORDER BY w.position, w.noun
        LIMIT %(limit)s
        """,
        position=after.position,
        noun=after.noun,
        nouns=list(KINDS),
        limit=versions + 1,
    )
    if writes and (writes[0].position, writes[0].noun, writes[0].last_id) <= after:
        del writes[0]
    enough = 0
    for number, write in enumerate(writes, 1):
        enough += write.versions
        if enough >= versions:
            return writes[:number]
    return writes


def _versions_of(
    writes: Sequence[_Write], after: Place, limit: int, *, with_records: bool
) -> list[tuple[Place, dict[str, Any]]]:
    """Return the first versions of these writes behind a place, each with its place."""
    found = [
        (Place(row.pop("position"), noun, row.pop("history_id")), _shaped(KINDS[noun], row, with_record=with_records))
        for noun in {write.noun for write in writes}
        for row in _fetch(
            KINDS[noun], [write for write in writes if write.noun == noun], after, limit, with_records=with_records
        )
    ]
    return sorted(found, key=lambda one: one[0])[:limit]


def _fetch(
    kind: Versioned[Any, Any], writes: Sequence[_Write], after: Place, limit: int, *, with_records: bool
) -> list[dict[str, Any]]:
    # The range of history ids is that of the write, with some of other writes that ran at the same time.
    return fetch_all(
        dict,
        kind.sql(
            """
            SELECT w.position, h.history_id, h.{key} AS id, h.version_number AS version, h.change_type, h.changed_at,
                h.changeset_id {values}
            FROM unnest(%(positions)s::bigint[], %(write_ids)s::bigint[], %(behind)s::bigint[], %(last_ids)s::bigint[])
              AS w (position, write_id, behind, last_id)
            CROSS JOIN LATERAL (
                SELECT *
                FROM {history} AS t
                WHERE t.user_id = %(user_id)s
                  AND t.history_id > w.behind
                  AND t.history_id <= w.last_id
                  AND t.write_id = w.write_id
                ORDER BY t.history_id
                LIMIT %(limit)s
            ) AS h
            """,
            values=", " + listed((*kind.snapshot, *kind.parts), "h.{}") if with_records else "",
        ),
        positions=[write.position for write in writes],
        write_ids=[write.write_id for write in writes],
        behind=[write.behind(after) for write in writes],
        last_ids=[write.last_id for write in writes],
        limit=limit,
    )


def _shaped(kind: Versioned[Any, Any], row: dict[str, Any], *, with_record: bool) -> dict[str, Any]:
    """Return a version as the feed shows it."""
    record = None
    if with_record:
        values = {name: row.pop(name) for name in (*kind.snapshot, *kind.parts)}
        record = {"id": row["id"], "version": row["version"], **values}
    return {"noun": kind.path, **row, "record": record}


def place_loaded() -> None:
    """Give the versions of a loaded archive their places, and begin a new epoch.

    An archive of before the feed has no places: its versions come first, as one write.
    """
    for kind in KINDS.values():
        execute(
            kind.sql(
                """
                INSERT INTO writes (user_id, position, noun, write_id)
                SELECT %(user_id)s, 0, '{path}', 0
                WHERE EXISTS (SELECT FROM {history} AS h WHERE h.user_id = %(user_id)s AND h.write_id = 0)
                ON CONFLICT DO NOTHING
                """,
                path=kind.path,
            )
        )
        execute(
            kind.sql(
                """
                UPDATE writes AS w
                SET first_id = h.first_id, last_id = h.last_id, versions = h.versions
                FROM (
                    SELECT write_id, min(history_id) AS first_id, max(history_id) AS last_id, count(*) AS versions
                    FROM {history}
                    WHERE user_id = %(user_id)s
                    GROUP BY write_id
                ) AS h
                WHERE w.user_id = %(user_id)s
                  AND w.noun = '{path}'
                  AND w.write_id = h.write_id
                """,
                path=kind.path,
            )
        )
    execute(
        """
        INSERT INTO change_counters AS c (user_id, position, epoch)
        SELECT %(user_id)s, coalesce(max(w.position), 0), %(epoch)s
        FROM writes AS w
        WHERE w.user_id = %(user_id)s
        ON CONFLICT (user_id) DO UPDATE
        SET position = greatest(c.position, excluded.position), epoch = excluded.epoch
        """,
        epoch=_new_epoch(),
    )


def begin_epoch() -> None:
    """Begin a new epoch for all users: cursors and ETags of before no longer hold (system transaction)."""
    execute(
        """
        INSERT INTO change_counters (user_id, epoch)
        SELECT user_id, %(epoch)s
        FROM users
        ON CONFLICT (user_id) DO UPDATE SET epoch = excluded.epoch
        """,
        epoch=_new_epoch(),
    )


def _new_epoch() -> int:
    return secrets.randbits(62) + 1
