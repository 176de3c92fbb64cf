"""Where a record comes from: the files, accounts and persons that say it, since when, and why they joined."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from fitness.db.activity_keys import FILE, key_of_id
from fitness.db.activity_sources import BY_HAND, find_maker
from fitness.db.best_sources import FILES
from fitness.db.connection import fetch_all
from fitness.db.history.standing import list_joined, stands
from fitness.db.history.versioned import Versioned

Kind = Versioned[Any, Any]


@dataclass(frozen=True, slots=True)
class RecordSource:
    """A source of a record, under its key, by the changeset that brought it first; `reason` says why it joined.

    `known_by` says in words what it knows the activity by. `first`: the record was made of it. `originals` are the
    hashes of its files that are kept.
    """

    key: str
    source: str
    known_by: str
    changeset_id: int | None
    created_at: datetime
    reason: str | None
    first: bool
    originals: list[str]


@dataclass(frozen=True, slots=True)
class Other:
    """A record that is kept apart from another one: by the changeset that separated them, or as the person said so."""

    id: Any
    changeset_id: int | None


def list_sources(kind: Kind, id: Any) -> list[RecordSource]:
    """Return the sources of a record that are not reverted, in the order in which they came; none if it is missing."""
    alone: list[dict[str, Any]] = fetch_all(dict, kind.sql(_ALONE), record_id=id, text_id=str(id))
    if not alone:
        return []
    record = alone[0]
    by_hand = record["source"] == BY_HAND
    if not list_joined(kind, [id]):
        of_file = record["file_key"] if record["source"] in FILES else None
        return [_of(record, key=of_file or key_of_id(id), first=True)]
    rows: list[dict[str, Any]] = fetch_all(dict, kind.sql(_JOINED, stands=stands("a")), record_id=id, text_id=str(id))
    first = None if by_hand else find_maker({row["key"]: row["source"] for row in rows}, record["source"], id)
    sources = [_of(row, key=row["key"], first=row["key"] == first) for row in rows]
    return [_of({**record, "originals": []}, key=key_of_id(id), first=True), *sources] if by_hand else sources


def _of(row: dict[str, Any], *, key: str, first: bool) -> RecordSource:
    names = ("source", "changeset_id", "created_at", "reason", "originals")
    return RecordSource(key, known_by=_known_by(row["source"], key), first=first, **{name: row[name] for name in names})


def _known_by(source: str, key: str) -> str:
    if source == BY_HAND:
        return "entered by hand"
    return "the content of the file" if key.startswith(FILE) else "the id of the activity there"


_ORIGINALS: LiteralString = """
    SELECT l.sha256
    FROM record_files AS l
    WHERE l.user_id = %(user_id)s AND l.record_id = %(text_id)s
"""
_ALONE: LiteralString = (
    """
    SELECT r.source, v.changeset_id, r.created_at, NULL AS reason, k.file_key,
        ARRAY("""
    + _ORIGINALS
    + """ ORDER BY l.created_at, l.sha256) AS originals
    FROM {table} AS r
    JOIN {history} AS v
      ON v.user_id = %(user_id)s AND v.{key} = r.id AND v.version_number = 1
    CROSS JOIN LATERAL (
        SELECT min(a.key) AS file_key
        FROM activity_keys AS a
        WHERE a.user_id = %(user_id)s AND a.{key} = r.id AND a.key LIKE 'file:%%'
    ) AS k
    WHERE r.user_id = %(user_id)s
      AND r.id = %(record_id)s
    """
)
_JOINED: LiteralString = (
    """
    SELECT s.key, s.source, s.changeset_id, s.created_at,
        (SELECT k.reason FROM activity_keys AS k WHERE k.user_id = %(user_id)s AND k.key = s.key) AS reason,
        ARRAY("""
    + _ORIGINALS
    + """
              AND EXISTS (
                SELECT
                FROM activity_keys AS k
                WHERE k.user_id = %(user_id)s
                  AND k.key IN ('file:' || l.sha256, 'file:' || l.sha256 || '#' || l.place)
                  AND s.key IN (k.key, k.source_key)
              )
            ORDER BY l.created_at, l.sha256
        ) AS originals
    FROM (
        SELECT a.key, min(a.source) AS source, min(a.changeset_id) AS changeset_id, min(a.created_at) AS created_at
        FROM activity_sources AS a
        WHERE a.user_id = %(user_id)s
          AND a.{key} = %(record_id)s
          AND {stands}
        GROUP BY a.key
    ) AS s
    ORDER BY s.changeset_id, s.created_at, s.key
    """
)


def list_apart(kind: Kind, id: Any) -> list[Other]:
    """Return the records that are marked as different from this one, and the separations that did so."""
    return fetch_all(
        Other,
        kind.sql(
            """
            SELECT o.id,
                (
                    SELECT max(s.changeset_id)
                    FROM separations AS s
                    WHERE s.user_id = %(user_id)s
                      AND %(record_id)s::{id_type} IN (s.{key}, s.new_{key})
                      AND o.id IN (s.{key}, s.new_{key})
                      AND {stands}
                ) AS changeset_id
            FROM (
                SELECT CASE WHEN d.{key} = %(record_id)s::{id_type} THEN d.other_{key} ELSE d.{key} END AS id
                FROM distinct_{table} AS d
                WHERE d.user_id = %(user_id)s
                  AND %(record_id)s::{id_type} IN (d.{key}, d.other_{key})
            ) AS o
            WHERE EXISTS (
                SELECT FROM {table} AS r WHERE r.user_id = %(user_id)s AND r.id = o.id AND r.deleted_at IS NULL
            )
            ORDER BY o.id
            """,
            stands=stands("s"),
        ),
        record_id=id,
    )
