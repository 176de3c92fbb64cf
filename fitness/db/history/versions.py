"""Change, delete and restore records; `reading` has their versions.

A write is an `UPDATE … RETURNING`, which locks the record and increments its version, and an `INSERT` of the returned
row into the history: versions are consecutive, and concurrent writes lose none. The history table has a full snapshot
per version and is append-only. The time of a version is that of the record's last change.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, LiteralString

from fitness.db.bound import store_late, store_versions, with_operators_reason, write_id
from fitness.db.connection import fetch_all, fetch_one
from fitness.db.fields import listed, size
from fitness.db.history import reading
from fitness.db.history.versioned import R, V, Versioned
from fitness.db.later import start
from fitness.db.writes import Late
from fitness.errors import Invalid, NotFound, PreconditionFailed

_MANY = 100
"""From how many versions on the program does not wait while they are stored."""


@dataclass(frozen=True, slots=True)
class Change:
    """The author, reason and changeset of a write."""

    changed_by: str | None
    reason: str | None = None
    changeset_id: int | None = None

    @property
    def stored_reason(self) -> str | None:
        """The reason, after the operator's if the operator makes the change."""
        return with_operators_reason(self.reason)


def edit(
    kind: Versioned[R, V],
    id: Any,
    updates: Mapping[str, Any],
    change: Change,
    *,
    if_tags: Collection[str] | None = None,
    amend: bool = True,
    write_parts: Callable[[R], None] | None = None,
    resolves: Collection[str] = (),
) -> R:
    """Change the given editable columns of a record and its parts, and store the result as its next version.

    With `amend`, an edit without a reason may become part of the previous version, if the noun supports it. An edit
    resolves the conflicts of the fields that it changes, and of the parts in `resolves`. Raises Invalid for a field
    that cannot be edited, NotFound if the record is missing or deleted, PreconditionFailed if `if_tags` is given
    without the record's tag, and the errors of the noun's check.
    """
    protected = sorted(updates.keys() - set(kind.editable))
    if protected:
        raise Invalid(
            f"These fields cannot be edited: {', '.join(protected)}",
            errors={field: ["This field cannot be edited"] for field in protected},
        )
    if not updates and write_parts is None:
        raise Invalid("Send at least one field to change", errors={})
    assignments: list[LiteralString] = [_assigned(field) for field in kind.editable if field in updates]
    if kind.follows_provider:
        assignments.append("conflicts = nullif(r.conflicts - %(resolved)s::text[], '{}')")
    record = write(
        kind,
        id,
        assignments,
        change,
        values={**updates, "resolved": [*updates, *resolves]},
        if_tags=if_tags,
        amend=amend and change.stored_reason is None and change.changeset_id is None,
        write_parts=write_parts,
    )
    kind.check([id], updates.keys())
    return record


def _assigned(field: LiteralString) -> LiteralString:
    return field + " = %(" + field + ")s"


def delete(kind: Versioned[R, V], id: Any, change: Change, *, if_tags: Collection[str] | None = None) -> R:
    """Mark a record as deleted, as its next version; raises the errors of `edit`."""
    return write(kind, id, ["deleted_at = now()"], change, if_tags=if_tags)


def restore(
    kind: Versioned[R, V],
    id: Any,
    version_number: int,
    *,
    changed_by: str | None,
    if_tags: Collection[str] | None = None,
) -> R:
    """Create a new version equal to an earlier one; a deleted record becomes active again.

    Repeated, it changes nothing, and returns the record. Raises NotFound if the record or version does not exist, and
    the other errors of `edit`.
    """
    version = reading.require_version(kind, id, version_number)
    assignments: list[LiteralString] = [*map(_assigned, kind.editable), "deleted_at = NULL"]
    if kind.follows_provider:
        assignments.append("conflicts = NULL")
    change = Change(changed_by, f"Restored to version {version_number}{kind.lost(version)}")
    if (restored := _lock_restored(kind, id, change)) is not None:
        return restored

    def put_back(record: R) -> None:
        kind.put_back_parts({record.id: version_number})
        kind.use_live([record.id], change)

    record = write(
        kind,
        id,
        assignments,
        change,
        values={
            field: None if field in kind.cleared_on_restore else getattr(version, field) for field in kind.editable
        },
        if_tags=if_tags,
        deleted_too=True,
        write_parts=put_back,
        reread=True,
    )
    kind.check([id], kind.editable)
    return record


def _lock_restored(kind: Versioned[R, V], id: Any, change: Change) -> R | None:
    """Lock a record, and return it if its latest version is this restore; otherwise None."""
    record = fetch_one(
        kind.row,
        kind.sql(
            "SELECT {columns} FROM {table} AS r WHERE r.user_id = %(user_id)s AND r.id = %(record_id)s FOR UPDATE"
        ),
        record_id=id,
    )
    latest: Any = record and reading.get_version(kind, id, record.version)
    same = latest and (latest.changed_by, latest.change_reason, latest.changeset_id) == (
        change.changed_by,
        change.stored_reason,
        None,
    )
    return record if same else None


def write(
    kind: Versioned[R, V],
    id: Any,
    assignments: Collection[LiteralString],
    change: Change,
    *,
    values: Mapping[str, Any] | None = None,
    if_tags: Collection[str] | None = None,
    amend: bool = False,
    deleted_too: bool = False,
    write_parts: Callable[[R], None] | None = None,
    reread: bool = False,
) -> R:
    """Lock and change a record, increment its version, let `write_parts` change its parts, and store the version.

    Raises NotFound and PreconditionFailed like `edit`.
    """
    update = kind.sql(
        """
        UPDATE {table} AS r
        SET {assignments}
        WHERE r.user_id = %(user_id)s
          AND r.id = %(record_id)s
          AND (%(deleted_too)s OR r.deleted_at IS NULL)
          AND (%(if_tags)s::text[] IS NULL OR {tag} = ANY(%(if_tags)s))
        RETURNING {columns}
        """,
        assignments=kind.counted_up(*assignments, amend=amend, parts_stay=write_parts is None),
    )
    given = {**(values or {}), "record_id": id, "changed_by": change.changed_by, "deleted_too": deleted_too}
    tags = None if if_tags is None else list(if_tags)
    while (record := fetch_one(kind.row, update, **given, if_tags=tags)) is None:
        # It has just come back, or got the tag that is meant, if this raises nothing.
        _refuse_unless_meant(kind, id, tags, deleted_too=deleted_too)
    if write_parts:
        write_parts(record)
    if reread:
        add_all(kind, [record.id], change)
    else:
        add(kind, record, change)
    return record


def _refuse_unless_meant(kind: Versioned[R, V], id: Any, if_tags: Collection[str] | None, *, deleted_too: bool) -> None:
    """Raise NotFound or PreconditionFailed, as `write` does, for the record as it is now."""
    current = fetch_one(
        str,
        kind.sql(
            """
            SELECT {tag}
            FROM {table} AS r
            WHERE r.user_id = %(user_id)s
              AND r.id = %(record_id)s
              AND (%(deleted_too)s OR r.deleted_at IS NULL)
            """
        ),
        record_id=id,
        deleted_too=deleted_too,
    )
    if current is None:
        raise NotFound(f"{kind.noun} not found")
    if if_tags is not None and current not in if_tags:
        raise PreconditionFailed(current)


def add(kind: Versioned[R, V], record: R, change: Change) -> None:
    """Store the record, as returned by a write, as a version."""
    if kind.parts:
        add_all(kind, [record.id], change, amend=kind.is_amended(record))
        return
    snapshot = {field: getattr(record, field) for field in kind.snapshot}
    deleted = record.version > 1 and record.deleted_at is not None
    store_late(
        kind.sql(
            """
            INSERT INTO {history} AS h (
                user_id, {key}, version_number, change_type, {snapshot}, changed_at, changed_by, change_reason,
                changeset_id, write_id
            )
            VALUES (
                %(user_id)s, %(record_id)s, %(version_number)s, %(change_type)s, {snapshot_values}, %(changed_at)s,
                %(changed_by)s, %(change_reason)s, %(changeset_id)s, %(write_id)s
            )
            """
        ),
        Late(
            kind.path,
            kind.history,
            kind.key,
            record.id,
            record.version,
            deleted,
            size(kind.version_row, "h"),
            len(repr(snapshot)),
        ),
        **snapshot,
        record_id=record.id,
        version_number=record.version,
        change_type="original" if record.version == 1 else "deletion" if deleted else "edit",
        changed_at=record.last_edited_at or record.created_at,
        changed_by=change.changed_by,
        change_reason=change.stored_reason,
        changeset_id=change.changeset_id,
        write_id=write_id(),
    )


def add_all(kind: Versioned[R, V], ids: Collection[Any], change: Change, *, amend: bool = False) -> None:
    """Store the current state of many records as a version each, in one statement.

    With `amend` the versions already exist, and are replaced. The database stores many while the program goes on.
    """
    store_versions(
        _amended(kind) if amend else _added(kind),
        kind.path,
        amended=amend,
        ids=list(ids),
        changed_by=change.changed_by,
        change_reason=change.stored_reason,
        changeset_id=change.changeset_id,
        write_id=write_id(),
    )
    if len(ids) >= _MANY:
        start()


_WRITTEN: LiteralString = """
    unnest(%(ids)s::{id_type}[]) AS written (written_id)
    CROSS JOIN LATERAL (
        SELECT *
        FROM {table} AS t
        WHERE t.user_id = %(user_id)s AND t.id = written_id
        LIMIT 1
    ) AS r
"""
"""The records with the given ids.

LIMIT makes the planner look up each record by its key. Without statistics for a new user, it would read all records of
the user for every thousand of an import. An INSERT has it in WITH: a sharded database refuses LIMIT in LATERAL there.
"""


@cache
def _added(kind: Versioned[R, V]) -> LiteralString:
    # In a cluster, WITH lets the coordinator number the versions; a worker, which has the records, has other numbers.
    return kind.sql(
        """
        INSERT INTO {history} AS h (
            user_id, {key}, version_number, change_type, {snapshot}, {repeated} changed_at, changed_by, change_reason,
            changeset_id, write_id
        )
        WITH new AS MATERIALIZED (
            SELECT r.id, r.version,
                CASE
                    WHEN r.version = 1 THEN 'original' WHEN r.deleted_at IS NULL THEN 'edit' ELSE 'deletion'
                END AS change_type,
                {snapshot_of_record}, {repeated} coalesce(r.last_edited_at, r.created_at) AS changed_at
            FROM {written} {repeated_from}
        )
        SELECT %(user_id)s, new.*, %(changed_by)s, %(change_reason)s, %(changeset_id)s, %(write_id)s
        FROM new
        RETURNING {stored}
        """,
        written=kind.sql(_WRITTEN),
        stored=_stored(kind),
    )


@cache
def _stored(kind: Versioned[R, V]) -> LiteralString:
    """Return the columns of a `writes.Version`, of a version `h`."""
    return "h.history_id, " + size(kind.version_row, "h") + " AS size, h.change_type = 'deletion' AS is_deletion"


@cache
def _amended(kind: Versioned[R, V]) -> LiteralString:
    """Return the statement that replaces versions; RETURNING has the row of before only as one of FROM."""
    replaced = (*kind.editable, *kind.parts, "changed_at", "write_id")
    return kind.sql(
        """
        UPDATE {history} AS h
        SET begun_at = coalesce(h.begun_at, h.changed_at), {replaced}
        FROM (
            SELECT r.id, r.version, {state}, coalesce(r.last_edited_at, r.created_at) AS changed_at,
                %(write_id)s::bigint AS write_id
            FROM {written}
            OFFSET 0
        ) AS state
        JOIN {history} AS before
          ON before.user_id = %(user_id)s AND before.{key} = state.id AND before.version_number = state.version
        WHERE h.user_id = %(user_id)s
          AND before.user_id = %(user_id)s
          AND h.history_id = before.history_id
        RETURNING h.history_id, {size} - {size_before} AS size, h.change_type = 'deletion' AS is_deletion
        """,
        replaced=listed(replaced, "{0} = state.{0}"),
        state=", ".join([listed(kind.editable, "r.{}"), *kind.parts_of_record]),
        written=kind.sql(_WRITTEN),
        size=size(kind.version_row, "h"),
        size_before=size(kind.version_row, "before"),
    )


def write_all(
    kind: Versioned[R, V],
    assignments: LiteralString,
    condition: LiteralString,
    change: Change,
    *,
    use_live: bool = False,
    **params: Any,
) -> list[Any]:
    """Change all records `r` that meet the condition, and store a version of each; return their ids.

    Records are locked in the order of their ids, so that two such writes at once do not wait for each other. Without
    assignments, the version has what other statements have changed, such as only parts of the records. With `use_live`,
    fields that contradict other records are cleared, and what the records use is made live.
    """
    ids = fetch_all(
        str,
        kind.sql(
            """
            UPDATE {table} AS r
            SET {assignments}
            WHERE r.user_id = %(user_id)s
              AND r.id = ANY(ARRAY(
                  SELECT r.id
                  FROM {table} AS r
                  WHERE r.user_id = %(user_id)s
                    AND {condition}
                  ORDER BY r.id
                  FOR NO KEY UPDATE
              ))
            RETURNING r.id
            """,
            assignments=kind.counted_up(*filter(None, (assignments,)), parts_stay=bool(assignments) and not use_live),
            condition=condition,
        ),
        **params,
        changed_by=change.changed_by,
    )
    if ids:
        if use_live:
            kind.mend(ids)
            kind.use_live(ids, change)
        add_all(kind, ids, change)
    return ids
