"""The feed of changes: all versions of all nouns, in the order in which their transactions were committed.

A version's place is the position of its transaction, see `fitness.db.writes`, then the noun, then how far its history
id is behind the first one of the transaction: the versions of a record are in their order, and no place says how many
versions others have stored. Positions become visible in their order, so nothing can appear behind a place that was
read. Only a growing version of a live workout moves: each edit takes it to a new place, at the end.
"""

import secrets
from typing import Any, LiteralString, NamedTuple

from fitness.db import activity_files, activity_points, activity_sources, added_sets
from fitness.db.bound import note_growth
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import size
from fitness.db.history.reading import LONG
from fitness.db.history.records import KINDS
from fitness.db.history.versioned import Versioned
from fitness.db.paging import fetch_page


class Place(NamedTuple):
    """The place of a version in the feed; places compare in the order of the feed."""

    position: int
    noun: str
    offset: int


START = Place(0, "", 0)
"""The place before all versions."""


def place_of(position: int, noun: str, history_id: int) -> Place:
    """Return the place of a version from the number of its row, which cursors of earlier releases hold."""
    first_id = fetch_one(
        int,
        """
        SELECT first_id
        FROM writes
        WHERE user_id = %(user_id)s
          AND position = %(position)s
          AND noun = %(noun)s
        """,
        position=position,
        noun=noun,
    )
    return Place(position, noun, 0 if first_id is None else history_id - first_id)


def list_changes(after: Place, *, limit: int, with_records: bool) -> tuple[list[dict[str, Any]], Place]:
    """Return up to `limit` versions behind a place, and the place to go on from.

    Each has `noun`, `id`, `version`, `change_type`, `changed_at`, `changeset_id`, and `record`: the record as it was in
    this version, or None if not asked for. There are fewer than `limit` at the end of the feed, and where records are
    large; none only at the end.
    """
    found: list[tuple[Place, dict[str, Any]]] = []
    while len(found) < limit and (writes := _next_writes(after, limit - len(found))):
        to = Place(*writes[-1])
        cut: list[Place] = []
        for noun in {noun for _, noun, _ in writes}:
            of_noun, more = _fetch(KINDS[noun], after, to, limit, with_records=with_records)
            found += of_noun
            cut += [of_noun[-1][0]] if more else []
        after = min([to, *cut])
        if cut:
            found = [one for one in found if one[0] <= after]
            break
    found = sorted(found, key=lambda one: one[0])[:limit]
    return [change for _, change in found], found[-1][0] if len(found) == limit else after


def _next_writes(after: Place, versions: int) -> list[tuple[int, str, int]]:
    """Return the places of the last versions of the next writes: enough for so many versions, or all."""
    return fetch_all(
        tuple,
        """
        SELECT w.position, w.noun, w.last_offset
        FROM (
            SELECT n.position, n.noun, n.last_offset,
                sum(n.versions) OVER (ORDER BY n.position, n.noun) - n.versions AS versions_before
            FROM (
                SELECT position, noun, last_id - first_id AS last_offset, versions
                FROM writes
                WHERE user_id = %(user_id)s
                  AND (position, noun) >= (%(position)s, %(noun)s)
                  AND ((position, noun) > (%(position)s, %(noun)s) OR last_id - first_id > %(offset)s)
                  AND noun = ANY(%(nouns)s)
                ORDER BY position, noun
                LIMIT %(limit)s
            ) AS n
        ) AS w
        WHERE w.versions_before < %(limit)s
        ORDER BY w.position, w.noun
        """,
        position=after.position,
        noun=after.noun,
        offset=after.offset,
        nouns=list(KINDS),
        limit=versions,
    )


def _fetch(
    kind: Versioned[Any, Any], after: Place, to: Place, limit: int, *, with_records: bool
) -> tuple[list[tuple[Place, dict[str, Any]]], bool]:
    """Return the first versions of a noun behind one place and up to another, with their places, and if more follow."""
    held = (*kind.snapshot, *kind.parts) if with_records else ()
    # The history ids are those of the write, with some of other writes that ran at the same time.
    rows, last = fetch_page(
        _row,
        kind.sql(
            """
            SELECT w.position, h.history_id - w.first_id, h.change_type, h.changed_at, h.changeset_id, h.{key},
                h.version_number {values}, h.history_id::text
            FROM writes AS w
            CROSS JOIN LATERAL (
                SELECT *
                FROM {history} AS t
                WHERE t.user_id = %(user_id)s
                  AND t.history_id > CASE
                    WHEN (w.position, w.noun) = (%(position)s, %(noun)s) THEN w.first_id + %(offset)s
                    ELSE w.first_id - 1
                  END
                  AND t.history_id <= w.last_id
                  AND t.write_id = w.write_id
                ORDER BY t.history_id
                LIMIT %(limit)s
            ) AS h
            WHERE w.user_id = %(user_id)s
              AND w.noun = '{path}'
              AND (w.position, w.noun) >= (%(position)s, %(noun)s)
              AND (w.position, w.noun) <= (%(to_position)s, %(to_noun)s)
            ORDER BY w.position, h.history_id
            LIMIT %(limit)s
            """,
            path=kind.path,
            values="".join([", h." + name for name in held]),
        ),
        position=after.position,
        noun=after.noun,
        offset=after.offset,
        to_position=to.position,
        to_noun=to.noun,
        limit=limit,
        long=[name for name in held if name in (*LONG, *kind.parts)],
    )
    names = ("id", "version", *held)
    found = [
        (
            Place(row[0], kind.path, row[1]),
            {
                "noun": kind.path,
                "id": row[5],
                "version": row[6],
                "change_type": row[2],
                "changed_at": row[3],
                "changeset_id": row[4],
                "record": dict(zip(names, row[5:], strict=True)) if with_records else None,
            },
        )
        for row in rows
    ]
    return found, last is not None


def _row(*values: Any) -> tuple[Any, ...]:
    return values


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
        epoch=new_epoch(),
    )


def count_loaded() -> None:
    """Count the versions and added sets that an archive has brought to an empty account."""
    for kind in KINDS.values():
        versions, total = fetch_all(
            tuple,
            kind.sql(
                """
                SELECT count(*), coalesce(sum({size}), 0)::bigint
                FROM {history} AS h
                WHERE h.user_id = %(user_id)s
                """,
                size=size(kind.version_row, "h"),
            ),
        )[0]
        note_growth(versions, total)
    note_growth(0, sum(table.get_size() for table in (added_sets, activity_points, activity_files, activity_sources)))


BEGIN_EPOCH: LiteralString = """
    INSERT INTO change_counters (user_id, epoch)
    SELECT user_id, %(epoch)s
    FROM users
    ON CONFLICT (user_id) DO UPDATE SET epoch = excluded.epoch
"""


def begin_epoch() -> None:
    """Begin a new epoch for all users: cursors and ETags of before no longer hold (system transaction)."""
    execute(BEGIN_EPOCH, epoch=new_epoch())


def new_epoch() -> int:
    return secrets.randbits(62) + 1
