"""Drops: imports of many files, which are sent one by one, and then loaded as one changeset.

A drop is `open` while files are sent, `loading` once some are loaded, `asking` if only files with questions are left,
and `done`. One that nobody has touched for an hour before it was done is `expired`: its files are deleted.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.own_numbers import new_number

EXPIRES: LiteralString = "interval '1 hour'"
"""How long an unfinished drop is kept after it was touched."""
KEPT: LiteralString = "interval '1 day'"
"""How long what came of a drop is kept."""
MOST_ENDED = 100
"""How many drops that have ended are kept of a user."""

MOST_ANSWERS = 100
"""How many answers are remembered of a kind of file: tables with headings of their own have one each."""

MOST_NAMES = 20
"""How many of the files of an unfinished drop are named."""

Answers = dict[str, dict[str, Any]]
"""The answers to questions of files: kind of file → question → answer; those of the kind "" are for all kinds."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A drop; `changeset_id` is that of what it changed so far, with these counts."""

    import_id: int
    state: str
    changeset_id: int | None
    counts: dict[str, int]
    answers: Answers
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UnfinishedDrop:
    """A drop that has neither ended nor expired: its number of files, the names of the first ones, and their bytes."""

    import_id: int
    state: str
    changeset_id: int | None
    created_at: datetime
    expires_at: datetime
    files: int
    names: list[str]
    size: int
    received: int


_COLUMNS: LiteralString = (
    "d.import_id, CASE WHEN d.state <> 'done' AND d.updated_at <= now() - "
    + EXPIRES
    + " THEN 'expired' ELSE d.state END AS state, d.changeset_id, d.counts, d.answers, d.created_at, d.updated_at + "
    + EXPIRES
    + " AS expires_at"
)


def hold_off_others() -> None:
    """Let no other drop begin, and no piece of one be stored, until the transaction ends, so that limits hold."""
    execute("SELECT pg_advisory_xact_lock(hashtextextended('drops', %(user_id)s))")


def create_drop() -> Drop:
    """Begin a drop. Of those that are done or have expired, only the last MOST_ENDED stay."""
    execute(
        """
        DELETE FROM drops AS d
        WHERE d.user_id = %(user_id)s
          AND d.import_id IN (
            SELECT e.import_id
            FROM drops AS e
            WHERE e.user_id = %(user_id)s
              AND (e.state = 'done' OR e.updated_at <= now() - """
        + EXPIRES
        + """)
            ORDER BY e.import_id DESC
            OFFSET %(most)s
          )
        """,
        most=MOST_ENDED,
    )
    import_id = new_number()
    execute(
        """
        INSERT INTO drops (user_id, import_id)
        OVERRIDING SYSTEM VALUE
        VALUES (%(user_id)s, %(import_id)s)
        """,
        import_id=import_id,
    )
    drop = get_drop(import_id)
    assert drop
    return drop


def get_drop(import_id: int) -> Drop | None:
    """Return a drop, or None."""
    return fetch_one(
        Drop,
        "SELECT " + _COLUMNS + " FROM drops AS d WHERE d.user_id = %(user_id)s AND d.import_id = %(import_id)s",
        import_id=import_id,
    )


def lock_drop(import_id: int) -> Drop | None:
    """Return a drop that nobody else changes until the transaction ends, or None."""
    return fetch_one(
        Drop,
        "SELECT "
        + _COLUMNS
        + " FROM drops AS d WHERE d.user_id = %(user_id)s AND d.import_id = %(import_id)s FOR UPDATE",
        import_id=import_id,
    )


_UNFINISHED: LiteralString = "d.user_id = %(user_id)s AND d.state <> 'done' AND d.updated_at > now() - " + EXPIRES


def count_unfinished() -> int:
    """Return how many drops have neither ended nor expired."""
    return fetch_one(int, "SELECT count(*) FROM drops AS d WHERE " + _UNFINISHED) or 0


def list_unfinished(*, limit: int, before: int | None = None) -> list[UnfinishedDrop]:
    """Return up to `limit` drops with numbers below `before` that have neither ended nor expired, newest first."""
    return fetch_all(
        UnfinishedDrop,
        """
        SELECT d.import_id, d.state, d.changeset_id, d.created_at, d.updated_at + """
        + EXPIRES
        + """ AS expires_at, f.files, f.names, f.size, f.received
        FROM drops AS d
        CROSS JOIN LATERAL (
            SELECT count(*) AS files,
                coalesce((array_agg(f.name ORDER BY f.number))[:%(most_names)s::integer], '{}') AS names,
                coalesce(sum(f.size), 0)::bigint AS size, coalesce(sum(f.received), 0)::bigint AS received
            FROM drop_files AS f
            WHERE f.user_id = %(user_id)s
              AND f.import_id = d.import_id
              AND f.container IS NULL
        ) AS f
        WHERE """
        + _UNFINISHED
        + """
          AND (%(before)s::bigint IS NULL OR d.import_id < %(before)s)
        ORDER BY d.import_id DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        before=before,
        most_names=MOST_NAMES,
    )


def touch_drop(import_id: int, state: str | None = None) -> None:
    """Keep a drop for another hour, in another state if one is given."""
    execute(
        """
        UPDATE drops
        SET state = coalesce(%(state)s, state), updated_at = now()
        WHERE user_id = %(user_id)s
          AND import_id = %(import_id)s
        """,
        import_id=import_id,
        state=state,
    )


def set_changeset(import_id: int, changeset_id: int | None, counts: Mapping[str, int]) -> None:
    """Store the changeset of what a drop changed so far, with its counts, and keep the drop for another hour."""
    execute(
        """
        UPDATE drops
        SET changeset_id = %(changeset_id)s, counts = %(counts)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND import_id = %(import_id)s
        """,
        import_id=import_id,
        changeset_id=changeset_id,
        counts=Jsonb(dict(counts)),
    )


def set_answers(import_id: int, answers: Answers) -> None:
    """Store all answers to the questions of a drop's files, and keep it for another hour."""
    execute(
        """
        UPDATE drops
        SET answers = %(answers)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND import_id = %(import_id)s
        """,
        import_id=import_id,
        answers=Jsonb(answers),
    )


def delete_drop(import_id: int) -> bool:
    """Delete a drop with its files; return whether it was there."""
    deleted = execute(
        "DELETE FROM drops WHERE user_id = %(user_id)s AND import_id = %(import_id)s", import_id=import_id
    )
    return deleted > 0


def delete_old_drops() -> None:
    """Delete the content of expired drops, and all of those of more than a day ago (system transaction)."""
    execute(
        """
        DELETE FROM drop_pieces AS p
        USING drops AS d
        WHERE d.user_id = p.user_id
          AND d.import_id = p.import_id
          AND d.updated_at <= now() - """
        + EXPIRES
    )
    execute("DELETE FROM drops WHERE updated_at <= now() - " + KEPT)


def list_answers() -> Answers:
    """Return the remembered answers to the questions of files, by kind."""
    return dict(fetch_all(tuple, "SELECT a.kind, a.answers FROM import_answers AS a WHERE a.user_id = %(user_id)s"))


def forget_answer(kind: str, key: str) -> bool:
    """Forget the answer to a question of a kind of file; return whether it was there."""
    return _forget_answers(kind, [key])


def _forget_answers(kind: str, keys: Sequence[str]) -> bool:
    """Forget answers to questions of a kind of file; return whether one of them was there."""
    forgotten = execute(
        """
        UPDATE import_answers
        SET answers = answers - %(keys)s::text[], used = used - %(keys)s::text[], updated_at = now()
        WHERE user_id = %(user_id)s
          AND kind = %(kind)s
          AND answers ?| %(keys)s::text[]
        """,
        kind=kind,
        keys=list(keys),
    )
    return forgotten > 0


def remember_answers(kind: str, answers: Mapping[str, Any]) -> None:
    """Remember answers to the questions of a kind of file, beside those to other questions.

    Of more than MOST_ANSWERS, those that have not been used for longest are forgotten.
    """
    row = fetch_one(
        tuple,
        """
        INSERT INTO import_answers AS a (user_id, kind, answers, used)
        VALUES (%(user_id)s, %(kind)s, %(answers)s, %(used)s)
        ON CONFLICT (user_id, kind) DO UPDATE
        SET answers = a.answers || excluded.answers, used = a.used || excluded.used, updated_at = excluded.updated_at
        RETURNING a.answers, a.used
        """,
        kind=kind,
        answers=Jsonb(dict(answers)),
        used=_used_now(answers),
    )
    assert row is not None
    remembered, used = row
    if len(remembered) > MOST_ANSWERS:
        by_use = sorted(remembered, key=lambda key: used.get(key, 0))
        _forget_answers(kind, by_use[:-MOST_ANSWERS])


def use_answers(kind: str, keys: Collection[str]) -> None:
    """Store that remembered answers were used now."""
    execute(
        """
        UPDATE import_answers
        SET used = used || %(used)s
        WHERE user_id = %(user_id)s
          AND kind = %(kind)s
        """,
        kind=kind,
        used=_used_now(keys),
    )


def _used_now(keys: Iterable[str]) -> Jsonb:
    return Jsonb(dict.fromkeys(keys, time.time()))
