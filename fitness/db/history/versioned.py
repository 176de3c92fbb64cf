"""The definition of a noun with history: its table, its history table, and its hooks.

Each such noun is a `Versioned` in its module of `fitness/db`, listed in `fitness.db.nouns`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Generic, LiteralString, Protocol, TypeVar

from fitness.db.fields import columns, listed, names_of
from fitness.db.tables import Table

FILLED: Any = None
"""Default of a column that the database always fills; a dataclass needs one after fields with defaults."""


@dataclass
class Identified:
    """The first columns of every versioned table; each noun narrows the type of `id`."""

    id: Any


# Rows of lists are plain dataclasses: frozen ones with slots take 6 times as long to create and 2 times to serialise.
@dataclass
class Recorded:
    """The last columns of every versioned table."""

    version: int = FILLED
    last_edited_at: datetime | None = FILLED
    last_edited_by: str | None = FILLED
    deleted_at: datetime | None = FILLED
    created_at: datetime = FILLED
    updated_at: datetime = FILLED


_HISTORY_ID: LiteralString = (
    "hashtextextended(h.{}::text || ' ' || h.version_number, 0) & 9007199254740991 AS history_id"
)
"""What is shown as the number of a version. The number of its row would tell how many versions all others have."""


@dataclass
class Numbered:
    """The first columns of every history table; `history_id` is a number that says nothing of others."""

    history_id: int
    version_number: int
    change_type: str


@dataclass
class Changed:
    """The last columns of every history table: who changed the record, when and why."""

    changed_at: datetime = FILLED
    changed_by: str | None = FILLED
    change_reason: str | None = FILLED
    changeset_id: int | None = FILLED


class Record(Protocol):
    """The fields that the rows of all versioned tables have."""

    @property
    def id(self) -> Any: ...
    @property
    def version(self) -> int: ...
    @property
    def last_edited_at(self) -> datetime | None: ...
    @property
    def deleted_at(self) -> datetime | None: ...
    @property
    def created_at(self) -> datetime: ...


R = TypeVar("R", bound=Record)
V = TypeVar("V")


def tag(record: Record) -> str:
    """Return the tag of a record, which changes with every write: `3`, or `3.2` after two edits of a live version."""
    edits = getattr(record, "live_edits", 0)
    return f"{record.version}.{edits}" if edits else str(record.version)


@dataclass(frozen=True, eq=False)
class Versioned(Generic[R, V]):
    """A noun whose records keep every version.

    The columns that a version holds are the fields that `row` and `version_row` share. A person may edit them, and a
    restore or a revert brings them back. The `snapshot_only` ones say what the record was made of: only a revert brings
    them back, of what made it anew.
    `cleared_on_restore`: columns that are null in every record that is not deleted.
    `follows_provider`: the table has the columns `provider_values` and `conflicts`, see `merges`, and there is a table
    of what changesets changed in them, see `bases`.
    `joins`: a record may be what several sources say together, see `fitness.db.activity_sources`.
    `together`: columns that a revert takes back only together, as they must not contradict each other.
    `with_parts`: columns that a revert takes back only if the parts do not stay, as they say what parts there may be.
    `same_name`: the SQL condition that a record `o` has the name that a version `p` has; no two records may.
    `in_use`: the SQL condition under which a revert must not delete a record `r`.
    `refers_to_itself`: columns that hold the id of another record of the noun.
    `dependents`: other tables with rows of these records, for archives.

    Below the fields are the hooks: a noun that needs one overrides it in a subclass, in its own module.
    """

    noun: str
    table: LiteralString
    history: LiteralString
    key: LiteralString
    row: type[R]
    version_row: type[V]
    id_type: LiteralString = "text"
    snapshot_only: tuple[LiteralString, ...] = ()
    cleared_on_restore: tuple[LiteralString, ...] = ()
    follows_provider: bool = False
    joins: bool = False
    together: tuple[LiteralString, ...] = ()
    with_parts: tuple[LiteralString, ...] = ()
    same_name: LiteralString = "false"
    in_use: LiteralString = "false"
    refers_to_itself: tuple[LiteralString, ...] = ()
    dependents: tuple[Table, ...] = ()

    parts: ClassVar[Mapping[LiteralString, LiteralString]] = {}
    """Hook: history columns that hold rows of other tables as JSON → the SQL that selects them for a record `r`."""

    repeated: ClassVar[tuple[LiteralString, ...]] = ()
    """Hook: history columns that repeat what the parts hold, so that looking back need not parse them.

    A version lacks them if an earlier release stored it, and they do not follow one that grows.
    """

    repeated_from: ClassVar[LiteralString] = ""
    """Hook: the join that gives a record `r` the columns in `repeated`."""

    compared_parts: ClassVar[Mapping[LiteralString, LiteralString]] = {}
    """Hook: part → the SQL of what a revert compares of its JSON `{0}`; otherwise all of it."""

    with_base: ClassVar[LiteralString] = ""
    """Hook: further assignments, each with a comma, when the base of merges goes back, see `bases`."""

    tag: ClassVar[LiteralString] = "r.version::text"
    """Hook: the SQL of the tag of a record `r`, equal to the function `tag`."""

    def check(self, ids: Collection[Any], changed: Collection[str]) -> None:
        """Hook: after these columns have changed, raise Conflict if records contradict others.

        It also stores columns that follow from the changed ones.
        """

    def use_live(self, ids: Collection[Any], change: Any) -> None:
        """Hook: make what these records use live, in the version being written: undeleted, or what it was merged into.

        `change` is the `versions.Change` with which deleted records come back.
        """

    def complete(self) -> None:
        """Hook: fill in what the records of an archive lack if an earlier version of this program wrote it."""

    def mend(self, ids: Collection[Any]) -> Mapping[Any, tuple[str, str]]:
        """Hook: clear fields of records that a revert has changed and that now contradict others.

        Returns {id: (field, why)}.
        """
        return {}

    def put_back_parts(self, version_numbers: Mapping[Any, int]) -> None:
        """Hook: replace the `parts` of each of these records with those in the given version."""

    def lost(self, version: V) -> str:
        """Hook: return what the reason of a restore says of things that a version names and that are gone."""
        return ""

    def change_of(self, field: str, before: Any, after: Any) -> Any:
        """Hook: return how the value of a field changed, `[before, after]`, or None if it did not."""
        return [before, after] if before != after else None

    def title(self, record: Any) -> str:
        """Hook: return what a person calls a record, or a version of it."""
        return record.name

    def occurred_at(self, record: Any) -> datetime | date | None:
        """Hook: return when that took place, or the day it is planned for; None if it has no time."""
        return None

    def next_version(self, *, amend: bool) -> LiteralString:
        """Hook: the SQL assignments that give a record `r` its next version.

        With `amend`, a noun may let the change become part of the version that the record has.
        """
        return "version = r.version + 1"

    def is_amended(self, record: R) -> bool:
        """Hook: return whether the write that returned this record amended its existing version."""
        return False

    @cached_property
    def path(self) -> LiteralString:
        """The noun as it is in addresses: `planned-workouts`."""
        return self.table.replace("_", "-")

    @cached_property
    def columns(self) -> LiteralString:
        """The columns of a record `r`, for `row`."""
        return columns(self.row, "r")

    @cached_property
    def snapshot(self) -> tuple[LiteralString, ...]:
        """The columns that a version holds, except its parts."""
        held = set(names_of(self.version_row))
        return tuple(name for name in names_of(self.row) if name in held)

    @cached_property
    def editable(self) -> tuple[LiteralString, ...]:
        """The columns that edits, restores and reverts can change."""
        return tuple(name for name in self.snapshot if name not in self.snapshot_only)

    @cached_property
    def parts_of_record(self) -> tuple[LiteralString, ...]:
        """The SQL of the parts of a record `r`, named like the columns of a version."""
        return tuple(expression + " AS " + part for part, expression in self.parts.items())

    @cached_property
    def _names(self) -> dict[str, LiteralString]:
        return {
            "table": self.table,
            "history": self.history,
            "merges": self.table + "_merges",
            "key": self.key,
            "id_type": self.id_type,
            "tag": self.tag,
            "in_use": self.in_use,
            "columns": self.columns,
            "version_columns": columns(self.version_row, "h").replace("h.history_id", _HISTORY_ID.format(self.key), 1),
            "snapshot": listed((*self.snapshot, *self.parts)),
            "snapshot_of_record": ", ".join((listed(self.snapshot, "r.{}"), *self.parts_of_record)),
            "repeated": "".join([name + ", " for name in self.repeated]),
            "repeated_from": self.repeated_from,
            "snapshot_values": listed(self.snapshot, "%({})s"),
        }

    def sql(self, template: LiteralString, **parts: LiteralString) -> LiteralString:
        """Return a statement: `template` with this noun's `{table}`, `{history}`, `{key}`, … and the given parts.

        It is put together once for the same arguments. Braces of JSON are doubled: `'{{}}'`.
        """
        return _statement(self, template, **parts)

    def counted_up(self, *assignments: LiteralString, amend: bool = False, parts_stay: bool = False) -> LiteralString:
        """Return the assignments plus those of every write: next version, who, when.

        `parts_stay`: the parts are not written. A record with parts keeps since when they are as they are; null is
        since its last change.
        """
        since: LiteralString = "coalesce(r.parts_changed_at, r.last_edited_at, r.created_at)" if parts_stay else "NULL"
        return ", ".join(
            (
                *assignments,
                *(("parts_changed_at = " + since,) if self.parts else ()),
                self.next_version(amend=amend),
                # A transaction may write after one that began later; the times of versions never go back.
                "last_edited_at = greatest(now(), r.last_edited_at, r.created_at), last_edited_by = %(changed_by)s",
                "updated_at = now()",
            )
        )


@lru_cache(maxsize=1024)
def _statement(kind: Versioned[Any, Any], template: LiteralString, **parts: LiteralString) -> LiteralString:
    return template.format(**kind._names, **parts)
