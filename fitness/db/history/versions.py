"""Versions: what every record that keeps a history has in common.

A write is `UPDATE … RETURNING`, which locks the record and counts its version up, then the history row of what it
returned: versions are consecutive, and none is lost when two writes meet. The history table holds a full snapshot
per version, and is only ever added to.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, LiteralString, Protocol, TypeVar

from fitness.db.connection import columns, execute, fetch_all, fetch_one
from fitness.errors import Invalid, NotFound, PreconditionFailed


class Record(Protocol):
    """What the rows of every versioned table have."""

    @property
    def id(self) -> Any: ...
    @property
    def version(self) -> int: ...
    @property
    def deleted_at(self) -> datetime | None: ...


R = TypeVar("R", bound=Record)
V = TypeVar("V")


def tag(record: Record) -> str:
    """Return what tells this state of a record from its others: the version, and of a live one its edits so far."""
    edits = getattr(record, "live_edits", 0)
    return f"{record.version}.{edits}" if edits else str(record.version)


@dataclass(frozen=True)
class Parts:
    """Rows of other tables that belong to a record and are in its versions, as JSON.

    `columns` gives each column of the history the SQL expression that makes it of a record `r`.
    `put_back` replaces the rows of each of these records by those that the given version of it holds.
    """

    columns: Mapping[LiteralString, LiteralString]
    put_back: Callable[[Mapping[Any, int]], None]


@dataclass(frozen=True)
class Versioned(Generic[R, V]):
    """A table whose records keep their history: its names, its two row types, and the fields that a version holds.

    `editable` fields are what an edit may change and a restore brings back; `kept` ones are only written down.
    `void` ones are null in every record that is not deleted: a restore clears them.
    `in_use` is the SQL condition under which a revert must not delete a record `r`.
    `live` is the SQL condition under which a record `r` is being written at this moment, edit by edit: consecutive
    edits by hand are one version then, and the table counts them in `live_edits`.
    `merged` records follow a provider where no person has changed them; a person's word settles its `conflicts`.
    `checks` of a field raise Conflict when the records of these ids, as an edit, a restore or a revert has just left
    the field, contradict others.
    """

    noun: str
    table: LiteralString
    history: LiteralString
    key: LiteralString
    row: type[R]
    version_row: type[V]
    editable: tuple[LiteralString, ...]
    kept: tuple[LiteralString, ...] = ()
    void: tuple[LiteralString, ...] = ()
    in_use: LiteralString = "false"
    id_type: LiteralString = "text"
    live: LiteralString | None = None
    merged: bool = False
    checks: Mapping[LiteralString, Callable[[Collection[Any]], None]] = field(default_factory=dict)
    parts: Parts = field(default_factory=lambda: Parts({}, lambda _: None))

    @cached_property
    def columns(self) -> LiteralString:
        return columns(self.row, "r")

    @cached_property
    def version_columns(self) -> LiteralString:
        return columns(self.version_row, "h")

    @cached_property
    def snapshot(self) -> LiteralString:
        """The fields that a version holds, as a list of columns."""
        return ", ".join((*self.editable, *self.kept, *self.parts.columns))

    @cached_property
    def snapshot_of_record(self) -> LiteralString:
        """The same as expressions of a record `r`."""
        return ", ".join((*(f"r.{column}" for column in (*self.editable, *self.kept)), *self.parts.columns.values()))

    @cached_property
    def snapshot_values(self) -> LiteralString:
        return ", ".join(f"%({field})s" for field in (*self.editable, *self.kept))

    @cached_property
    def grow(self) -> LiteralString:
        """What becomes of the version that a live record has already."""
        columns = (*self.editable, *self.parts.columns, "changed_at")
        grown = ", ".join(f"{column} = excluded.{column}" for column in columns)
        return f"ON CONFLICT (user_id, {self.key}, version_number) DO UPDATE SET {grown}"

    @cached_property
    def tag(self) -> LiteralString:
        """What the function `tag` returns, of a record `r`."""
        if self.live is None:
            return "r.version::text"
        return "r.version || CASE WHEN r.live_edits > 0 THEN '.' || r.live_edits ELSE '' END"

    def count_up(self, *, grow: bool = False) -> LiteralString:
        """The assignments that make the next version of a record `r`, or let that of a live one grow."""
        version: LiteralString = "version = r.version + 1"
        if self.live:
            live: LiteralString = f"({self.live})" if grow else "false"
            grows: LiteralString = (
                f"{live} AND r.live_edits > 0 AND r.last_edited_by IS NOT DISTINCT FROM %(changed_by)s"
            )
            version = f"""
            version = r.version + CASE WHEN {grows} THEN 0 ELSE 1 END,
            live_edits = CASE WHEN {grows} THEN r.live_edits + 1 WHEN {live} THEN 1 ELSE 0 END"""
        return f"{version}, last_edited_at = now(), last_edited_by = %(changed_by)s, updated_at = now()"

    @cached_property
    def assign_all(self) -> LiteralString:
        return ", ".join(f"{field} = %({field})s" for field in self.editable)


@dataclass(frozen=True, slots=True)
class Change:
    """Who makes a write, why, and as part of which changeset."""

    changed_by: str | None
    reason: str | None = None
    changeset_id: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that a revert left alone, and why."""

    id: str
    detail: str


def edit(
    kind: Versioned[R, V],
    id: Any,
    updates: Mapping[str, Any],
    change: Change,
    *,
    if_tags: Collection[str] | None = None,
    grow: bool = True,
    write_parts: Callable[[R], None] | None = None,
    settles: Collection[str] = (),
) -> R:
    """Change the given editable fields of a record and its parts, and keep the result as its next version.

    An edit of a live record that needs no reason becomes part of the version that the edits before it made, if `grow`.
    Conflicts with a provider end where a person has their say: of the fields, and of the parts that `settles` names.
    Raises Invalid for a field that cannot be edited, NotFound for a record that is absent or deleted,
    PreconditionFailed when `if_tags` is given and the record's tag is not among them, and what the kind's checks raise.
    """
    protected = sorted(updates.keys() - set(kind.editable))
    if protected:
        raise Invalid(
            f"These fields cannot be edited: {', '.join(protected)}",
            errors={field: ["This field cannot be edited"] for field in protected},
        )
    if not updates and write_parts is None:
        raise Invalid("There is no field to change", errors={})
    assignments: list[LiteralString] = [f"{field} = %({field})s" for field in kind.editable if field in updates]
    if kind.merged:
        assignments.append("conflicts = nullif(r.conflicts - %(settled)s::text[], '{}')")
    record = write(
        kind,
        id,
        ", ".join(assignments),
        change,
        values={**updates, "settled": [*updates, *settles]},
        if_tags=if_tags,
        grow=grow and change.reason is None and change.changeset_id is None,
        write_parts=write_parts,
    )
    for checked in kind.checks.keys() & updates.keys():
        kind.checks[checked]([id])
    return record


def delete(kind: Versioned[R, V], id: Any, change: Change, *, if_tags: Collection[str] | None = None) -> R:
    """Mark a record as deleted, which is a version too; raises as `edit` does."""
    return write(kind, id, "deleted_at = now()", change, if_tags=if_tags)


def restore(
    kind: Versioned[R, V],
    id: Any,
    version_number: int,
    *,
    changed_by: str | None,
    if_tags: Collection[str] | None = None,
) -> R:
    """Make a new version equal to an earlier one, and bring the record back if it was deleted.

    Raises NotFound when there is no such record or version, and else as `edit` does.
    """
    version = get_version(kind, id, version_number)
    if version is None:
        raise NotFound("Version not found" if latest_version_number(kind, id) else f"{kind.noun} not found")
    record = write(
        kind,
        id,
        f"{kind.assign_all}, deleted_at = NULL{', conflicts = NULL' if kind.merged else ''}",
        Change(changed_by, f"Restored to version {version_number}"),
        values={field: None if field in kind.void else getattr(version, field) for field in kind.editable},
        if_tags=if_tags,
        deleted_too=True,
        write_parts=lambda record: kind.parts.put_back({record.id: version_number}),
    )
    for check in kind.checks.values():
        check([id])
    return record


def write(
    kind: Versioned[R, V],
    id: Any,
    assignments: LiteralString,
    change: Change,
    *,
    values: Mapping[str, Any] | None = None,
    if_tags: Collection[str] | None = None,
    grow: bool = False,
    deleted_too: bool = False,
    write_parts: Callable[[R], None] | None = None,
) -> R:
    """Lock and change a record, count its version up, let `write_parts` change its parts, and keep what came of it.

    With `grow` a live record's version takes the change in. Raises NotFound and PreconditionFailed as `edit` does.
    """
    record = fetch_one(
        kind.row,
        f"""
        UPDATE {kind.table} AS r
        SET {assignments}{", " if assignments else ""}{kind.count_up(grow=grow)}
        WHERE r.user_id = %(user_id)s
          AND r.id = %(record_id)s
          AND (%(deleted_too)s OR r.deleted_at IS NULL)
          AND (%(if_tags)s::text[] IS NULL OR {kind.tag} = ANY(%(if_tags)s))
        RETURNING {kind.columns}
        """,
        **(values or {}),
        record_id=id,
        changed_by=change.changed_by,
        deleted_too=deleted_too,
        if_tags=None if if_tags is None else list(if_tags),
    )
    if record is None:
        raise _why_not_written(kind, id, deleted_too)
    if write_parts:
        write_parts(record)
    add(kind, record, change)
    return record


def _why_not_written(kind: Versioned[R, V], id: Any, deleted_too: bool) -> Exception:
    current = fetch_one(
        str,
        f"""
        SELECT {kind.tag}
        FROM {kind.table} AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = %(record_id)s
          AND (%(deleted_too)s OR r.deleted_at IS NULL)
        """,
        record_id=id,
        deleted_too=deleted_too,
    )
    return NotFound(f"{kind.noun} not found") if current is None else PreconditionFailed(current)


def add(kind: Versioned[R, V], record: R, change: Change) -> None:
    """Keep the record, as the write that returned it left it, as a version."""
    if kind.parts.columns:
        add_all(kind, [record.id], change, grow=getattr(record, "live_edits", 0) > 1)
        return
    execute(
        f"""
        INSERT INTO {kind.history} (
            user_id, {kind.key}, version_number, change_type, {kind.snapshot}, changed_by, change_reason, changeset_id
        )
        VALUES (
            %(user_id)s, %(record_id)s, %(version_number)s, %(change_type)s, {kind.snapshot_values}, %(changed_by)s,
            %(change_reason)s, %(changeset_id)s
        )
        """,
        **{field: getattr(record, field) for field in (*kind.editable, *kind.kept)},
        record_id=record.id,
        version_number=record.version,
        change_type="original" if record.version == 1 else "deletion" if record.deleted_at else "edit",
        changed_by=change.changed_by,
        change_reason=change.reason,
        changeset_id=change.changeset_id,
    )


def add_all(kind: Versioned[R, V], ids: Collection[Any], change: Change, *, grow: bool = False) -> None:
    """Keep many records, as this transaction left them, as a version each, in one statement.

    With `grow` the version is there already, and takes in what the record is now.
    The limit makes the planner look each record up by its key. Of a user who is new it knows no numbers, and would
    read all their records for every thousand of an import.
    """
    execute(
        f"""
        INSERT INTO {kind.history} (
            user_id, {kind.key}, version_number, change_type, {kind.snapshot}, changed_by, change_reason, changeset_id
        )
        SELECT r.user_id, r.id, r.version,
            CASE WHEN r.version = 1 THEN 'original' WHEN r.deleted_at IS NULL THEN 'edit' ELSE 'deletion' END,
            {kind.snapshot_of_record}, %(changed_by)s, %(change_reason)s, %(changeset_id)s
        FROM unnest(%(ids)s::{kind.id_type}[]) AS written (written_id)
        CROSS JOIN LATERAL (
            SELECT *
            FROM {kind.table} AS t
            WHERE t.user_id = %(user_id)s AND t.id = written_id
            LIMIT 1
        ) AS r
        {kind.grow if grow else ""}
        """,
        ids=list(ids),
        changed_by=change.changed_by,
        change_reason=change.reason,
        changeset_id=change.changeset_id,
    )


def write_all(
    kind: Versioned[R, V], assignments: LiteralString, condition: LiteralString, change: Change, **params: Any
) -> list[Any]:
    """Change all records `r` that meet the condition, each into its next version; return their ids."""
    ids = fetch_all(
        str,
        f"""
        UPDATE {kind.table} AS r
        SET {assignments}, {kind.count_up()}
        WHERE r.user_id = %(user_id)s
          AND {condition}
        RETURNING r.id
        """,
        **params,
        changed_by=change.changed_by,
    )
    if ids:
        add_all(kind, ids, change)
    return ids


def revert(kind: Versioned[R, V], changeset_id: int, change: Change, *, force: bool) -> tuple[int, list[Kept]]:
    """Take each record that a changeset touched back to the version before it; a created one is deleted.

    Records written since are left alone, unless `force`; created ones that are in use are left alone in any case.
    Returns how many went back, and those left alone. Raises what the kind's checks raise.
    """
    params = {"reverted_id": changeset_id, "force": force}
    deleted = write_all(
        kind,
        "deleted_at = now()",
        f"""
        r.deleted_at IS NULL
          AND NOT ({kind.in_use})
          AND EXISTS (
            SELECT
            FROM {_touched(kind)} AS t
            WHERE t.id = r.id AND t.first = 1 AND (%(force)s OR t.last = r.version)
          )
        """,
        change,
        **params,
    )
    before = ", ".join(f"{field} = h.{field}" for field in kind.editable)
    rows = fetch_all(
        tuple,
        f"""
        UPDATE {kind.table} AS r
        SET {before}, deleted_at = CASE WHEN h.change_type = 'deletion' THEN now() END, {kind.count_up()}
        FROM {_touched(kind)} AS t
        JOIN {kind.history} AS h
          ON h.user_id = %(user_id)s AND h.{kind.key} = t.id AND h.version_number = t.first - 1
        WHERE r.user_id = %(user_id)s
          AND r.id = t.id
          AND (%(force)s OR t.last = r.version)
        RETURNING r.id, h.version_number
        """,
        **params,
        changed_by=change.changed_by,
    )
    returned = dict(rows)
    kind.parts.put_back(returned)
    add_all(kind, returned, change)
    for check in kind.checks.values():
        check(returned)
    kept = fetch_all(
        Kept,
        f"""
        SELECT r.id::text AS id,
            CASE
                WHEN r.version <> t.last AND NOT %(force)s THEN 'Changed since, it is at version ' || r.version
                ELSE 'Still in use'
            END AS detail
        FROM {_touched(kind)} AS t
        JOIN {kind.table} AS r
          ON r.user_id = %(user_id)s AND r.id = t.id
        WHERE r.user_id = %(user_id)s
          AND r.id <> ALL(%(done)s)
          AND NOT (%(force)s AND r.deleted_at IS NOT NULL)
        ORDER BY r.id
        """,
        **params,
        done=[*deleted, *returned],
    )
    return len(deleted) + len(returned), kept


def _touched(kind: Versioned[R, V]) -> LiteralString:
    """The records that the changeset `reverted_id` wrote, with the first and last version it made of each."""
    return f"""(
            SELECT {kind.key} AS id, min(version_number) AS first, max(version_number) AS last
            FROM {kind.history}
            WHERE user_id = %(user_id)s
              AND changeset_id = %(reverted_id)s
            GROUP BY {kind.key}
        )"""


def get_history(
    kind: Versioned[R, V], id: Any, *, limit: int | None = None, before_version: int | None = None
) -> list[V]:
    """Return a record's versions, newest first, also those of a deleted record; empty when there is none."""
    return fetch_all(
        kind.version_row,
        f"""
        SELECT {kind.version_columns}
        FROM {kind.history} AS h
        WHERE h.user_id = %(user_id)s
          AND h.{kind.key} = %(record_id)s
          AND (%(before_version)s::bigint IS NULL OR h.version_number < %(before_version)s)
        ORDER BY h.version_number DESC
        LIMIT %(limit)s
        """,
        record_id=id,
        limit=limit,
        before_version=before_version,
    )


def get_version(kind: Versioned[R, V], id: Any, version_number: int) -> V | None:
    """Return one version of a record, or None."""
    return fetch_one(
        kind.version_row,
        f"""
        SELECT {kind.version_columns}
        FROM {kind.history} AS h
        WHERE h.user_id = %(user_id)s
          AND h.{kind.key} = %(record_id)s
          AND h.version_number = %(version_number)s
        """,
        record_id=id,
        version_number=version_number,
    )


def latest_version_number(kind: Versioned[R, V], id: Any) -> int | None:
    """Return the number of a record's newest version, or None when there is no such record."""
    return fetch_one(
        int,
        f"""
        SELECT max(version_number)
        FROM {kind.history}
        WHERE user_id = %(user_id)s
          AND {kind.key} = %(record_id)s
        """,
        record_id=id,
    )
