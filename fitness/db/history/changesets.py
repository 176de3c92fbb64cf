"""Changesets: the changes of one import, sync, bulk edit, merge, decision, revert or rewind, reverted as a whole.

Each user's changesets have numbers of their own, from 1 on. A changeset has a larger number than those that were
committed before it began; a number that was rolled back may be left out.

A changeset stands unless it is reverted. A revert that is reverted itself does not count: that is a redo.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db.bound import uncounted, with_operators_reason
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import columns
from fitness.db.oauth_credentials import account_of


@dataclass(frozen=True, slots=True)
class Changeset:
    """One import, sync, bulk edit, …; `counts` says how many records it created, updated, ….

    `back_to` is the instant of a rewind.
    """

    changeset_id: int
    kind: str
    source: str | None
    actor: str | None
    reason: str | None
    counts: dict[str, int]
    reverts: int | None
    reverted_by: int | None
    back_to: datetime | None
    created_at: datetime


_SELECT: LiteralString = "SELECT " + columns(Changeset, "c") + " FROM changesets AS c"


@uncounted()
def create_changeset(
    kind: str,
    *,
    source: str | None = None,
    actor: str | None = None,
    reason: str | None = None,
    reverts: int | None = None,
    back_to: datetime | None = None,
) -> int:
    """Create a changeset and return its number; no revert runs until the transaction ends.

    Alone it is no change of the log: one that stays gets its counts, one without changes is deleted. That of a sync
    stores up to when the provider's records were here before it.
    """
    hold_off_reverts()
    values = {
        "kind": kind,
        "source": source,
        "actor": actor,
        "reason": with_operators_reason(reason),
        "reverts": reverts,
        "back_to": back_to,
    }
    changeset_id = None
    while changeset_id is None:  # another transaction has committed the same number since the statement began
        changeset_id = fetch_one(int, _CREATE, **values)
    return changeset_id


_CREATE: LiteralString = (
    """
    INSERT INTO changesets (
        user_id, changeset_id, kind, source, actor, reason, reverts, back_to, synced_before, account_id
    )
    SELECT %(user_id)s, n.number, %(kind)s, %(source)s, %(actor)s, %(reason)s, %(reverts)s, %(back_to)s,
        (
            SELECT m.last_synced_at
            FROM sync_metadata AS m
            WHERE m.user_id = %(user_id)s AND m.provider = lower(%(source)s) AND %(kind)s = 'sync'
        ),
        CASE WHEN %(kind)s = 'sync' THEN """
    + account_of("lower(%(source)s)")
    + """ END
    FROM (
        SELECT coalesce(max(c.changeset_id), 0) + generate_series(1, 1000000) AS number
        FROM changesets AS c
        WHERE c.user_id = %(user_id)s
    ) AS n
    WHERE pg_try_advisory_xact_lock(hashtextextended('changeset ' || n.number, %(user_id)s))
    LIMIT 1
    ON CONFLICT (user_id, changeset_id) DO NOTHING
    RETURNING changeset_id
    """
)
"""Creates a changeset with the user's next number, unless that was taken since the statement began.

Each transaction locks its number. The next one leaves it out instead of waiting, as an import may take minutes.
"""


def continue_changeset(changeset_id: int) -> bool:
    """Return whether a changeset of earlier transactions still stands; if so, no revert runs until this one ends."""
    hold_off_reverts()
    changeset = get_changeset(changeset_id)
    return changeset is not None and changeset.reverted_by is None


def hold_off_reverts() -> None:
    """Wait for a revert of the user, and let none begin until the transaction ends. Call it before locking records."""
    execute("SELECT pg_advisory_xact_lock_shared(hashtextextended('reverts', %(user_id)s))")


def hold_off_changesets() -> None:
    """Wait for all changesets of the user, and let none begin until the transaction ends."""
    execute("SELECT pg_advisory_xact_lock(hashtextextended('reverts', %(user_id)s))")


def set_counts(changeset_id: int, counts: Mapping[str, int], kept: Sequence[Mapping[str, Any]] = ()) -> None:
    """Store how many records the changeset created, updated, …, and what a revert kept."""
    execute(
        """
        UPDATE changesets
        SET counts = %(counts)s, kept = %(kept)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND changeset_id = %(changeset_id)s
        """,
        changeset_id=changeset_id,
        counts=Jsonb(dict(counts)),
        kept=Jsonb(list(kept)),
    )


def end_changeset(changeset_id: int, counts: Mapping[str, int], *, stays: bool) -> int | None:
    """Store the counts of a changeset, or delete it unless it `stays`; return its number, or None if it is deleted."""
    if stays:
        set_counts(changeset_id, counts)
        return changeset_id
    delete_changeset(changeset_id)
    return None


@uncounted()
def delete_changeset(changeset_id: int) -> None:
    """Delete a changeset that has changed nothing."""
    execute(
        """
        DELETE FROM changesets
        WHERE user_id = %(user_id)s
          AND changeset_id = %(changeset_id)s
        """,
        changeset_id=changeset_id,
    )


def get_changeset(changeset_id: int) -> Changeset | None:
    """Return one changeset, or None."""
    return fetch_one(
        Changeset,
        _SELECT
        + """
        WHERE c.user_id = %(user_id)s
          AND c.changeset_id = %(changeset_id)s
        """,
        changeset_id=changeset_id,
    )


def first_kind(changeset: Changeset) -> str:
    """Return the kind of what a changeset does, undoes or does again: of a revert, that of what it reverts."""
    if changeset.reverts is None:
        return changeset.kind
    first = get_changeset(min(_list_undone([changeset.changeset_id]).values()))  # what is reverted is older
    assert first is not None
    return first.kind


def list_redone(of: Collection[Changeset]) -> dict[int, int]:
    """Return {redo: changeset that it does again} of those that are redos: reverts of a revert that is no redo."""
    if all(one.reverts is None for one in of):
        return {}
    reverted = _list_undone([one.changeset_id for one in of])
    redone: dict[int, int] = {}
    for changeset_id, undone in reverted.items():  # what is reverted is older
        if undone in reverted and undone not in redone:
            redone[changeset_id] = reverted[undone]
    return redone


def _list_undone(ids: Collection[int]) -> dict[int, int]:
    """Return {revert: changeset that it reverts} of these changesets, and of those that they revert, oldest first."""
    return dict(
        fetch_all(
            tuple,
            """
            WITH RECURSIVE undone AS (
                SELECT c.changeset_id, c.reverts
                FROM changesets AS c
                WHERE c.user_id = %(user_id)s AND c.changeset_id = ANY(%(ids)s) AND c.reverts IS NOT NULL
                UNION
                SELECT c.changeset_id, c.reverts
                FROM undone AS u
                JOIN changesets AS c
                  ON c.user_id = %(user_id)s AND c.changeset_id = u.reverts
                WHERE c.reverts IS NOT NULL
            )
            SELECT changeset_id, reverts
            FROM undone
            ORDER BY changeset_id
            """,
            ids=list(ids),
        )
    )


def list_changesets(*, limit: int, before: int | None = None) -> list[Changeset]:
    """Return up to `limit` changesets with numbers below `before`, newest first."""
    return fetch_all(
        Changeset,
        _SELECT
        + """
        WHERE c.user_id = %(user_id)s
          AND (%(before)s::bigint IS NULL OR c.changeset_id < %(before)s)
        ORDER BY c.changeset_id DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        before=before,
    )


@dataclass(frozen=True, slots=True)
class _Status:
    """What says whether a changeset stands."""

    changeset_id: int
    reverts: int | None
    reverted_by: int | None
    back_to: datetime | None
    created_at: datetime


def settle() -> list[int]:
    """Store for each changeset the newest revert or rewind that reverts it and stands itself.

    Later changesets decide about earlier ones: the newest stands. Returns those for which another one decides now.
    """
    rows = fetch_all(
        _Status,
        "SELECT "
        + columns(_Status, "c")
        + """
        FROM changesets AS c
        WHERE c.user_id = %(user_id)s
        ORDER BY c.changeset_id DESC
        """,
    )
    reverts: dict[int, int] = {}
    rewinds: list[_Status] = []
    changed: dict[int, int | None] = {}
    for row in rows:
        rewound = [rewind.changeset_id for rewind in rewinds if rewind.back_to and rewind.back_to < row.created_at]
        reverted_by = max([*rewound, *filter(None, [reverts.get(row.changeset_id)])], default=None)
        if reverted_by != row.reverted_by:
            changed[row.changeset_id] = reverted_by
        if reverted_by is None and row.reverts is not None:
            reverts.setdefault(row.reverts, row.changeset_id)
        if reverted_by is None and row.back_to is not None:
            rewinds.append(row)
    execute(
        """
        UPDATE changesets AS c
        SET reverted_by = t.reverted_by, updated_at = now()
        FROM unnest(%(ids)s::bigint[], %(reverted_by)s::bigint[]) AS t (changeset_id, reverted_by)
        WHERE c.user_id = %(user_id)s
          AND c.changeset_id = t.changeset_id
        """,
        ids=list(changed),
        reverted_by=list(changed.values()),
    )
    return list(changed)


def withdraw_revert(changeset_id: int) -> None:
    """Delete a revert that has changed nothing."""
    execute(
        """
        UPDATE changesets
        SET reverts = NULL
        WHERE user_id = %(user_id)s
          AND changeset_id = %(changeset_id)s
        """,
        changeset_id=changeset_id,
    )
    settle()
    delete_changeset(changeset_id)
