"""The SQL with which reverts compare a record field by field.

`r` is the record, `h` a version that the reverted changeset made, and `p` the version before that one. A unit is one
column, or several that go back only together; all parts of a record are one unit. Whether a record is deleted does not
go back in those of `%(live)s`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, LiteralString

from fitness.db.history.versioned import Versioned

Kind = Versioned[Any, Any]
Values = Sequence[LiteralString]

DELETED = "deleted_at"


@dataclass(frozen=True, slots=True)
class Unit:
    """Fields that go back together: their values now, as the changeset left them, and before it."""

    names: tuple[LiteralString, ...]
    now: tuple[LiteralString, ...]
    after: tuple[LiteralString, ...]
    before: tuple[LiteralString, ...]
    free: LiteralString = "true"

    @property
    def differs(self) -> LiteralString:
        """The condition that the unit is not as before."""
        return _differ(self.now, self.before)

    @property
    def goes_back(self) -> LiteralString:
        """The condition that the changeset changed the unit, and that it still is so, or `force`."""
        return _all(
            _differ(self.after, self.before),
            self.differs,
            "(%(force)s OR NOT " + _differ(self.now, self.after) + ")",
            self.free,
        )

    def stays(self) -> Iterator[LiteralString]:
        """Yield, for each field, its name if the changeset changed it, but the unit does not go back."""
        for name, now, after, before in zip(self.names, self.now, self.after, self.before, strict=True):
            changed = _all(_differ([after], [before]), _differ([now], [before]), "NOT " + self.goes_back)
            yield "CASE WHEN " + changed + " THEN '" + name + "' END"


def _differ(one: Values, other: Values) -> LiteralString:
    return "(" + " OR ".join([a + " IS DISTINCT FROM " + b for a, b in zip(one, other, strict=True)]) + ")"


def _all(*conditions: LiteralString) -> LiteralString:
    return "(" + " AND ".join(conditions) + ")"


@cache
def of_columns(kind: Kind) -> tuple[Unit, ...]:
    """Return the units of a noun's columns; whether it is deleted is the last one."""
    alone: list[tuple[LiteralString, ...]] = [(name,) for name in kind.editable if name not in kind.together]
    columns = [_unit(kind, names) for names in (kind.together, *alone) if names]
    deleted = Unit(
        (DELETED,),
        ("(r.deleted_at IS NOT NULL)",),
        ("(h.change_type = 'deletion')",),
        ("(p.change_type = 'deletion')",),
        _is_going(kind),
    )
    return (*columns, deleted)


def _is_going(kind: Kind) -> LiteralString:
    return "(r.id = ANY(%(live)s::" + kind.id_type + "[])) IS NOT TRUE"


def _unit(kind: Kind, names: tuple[LiteralString, ...]) -> Unit:
    cleared = set(names) & set(kind.cleared_on_restore)
    return Unit(
        names,
        tuple(["r." + name for name in names]),
        tuple(["h." + name for name in names]),
        tuple(["p." + name for name in names]),
        _all(_is_free(kind, names), _parts_go_back(kind, names), _is_going(kind) if cleared else "true"),
    )


def _parts_go_back(kind: Kind, names: Values) -> LiteralString:
    """Return the condition that no part stays as it is now, if these columns go back only with the parts.

    The parts go back first.
    """
    if not set(names) & set(kind.with_parts):
        return "true"
    parts = of_parts(kind)
    return "(%(force)s OR NOT " + _differ(parts.now, parts.after) + " OR NOT " + _differ(parts.now, parts.before) + ")"


def _is_free(kind: Kind, names: Values) -> LiteralString:
    """Return the condition that no other record has the name that would come back."""
    if "name" not in names or kind.same_name == "false":
        return "true"
    return kind.sql(
        """
        NOT EXISTS (
            SELECT
            FROM {table} AS o
            WHERE o.user_id = %(user_id)s AND o.id <> r.id AND {same_name}
        )
        """,
        same_name=kind.same_name,
    )


@cache
def of_source(kind: Kind) -> tuple[Unit, ...]:
    """Return the units of columns that say what a record was made of, which change only when it is made anew."""
    return tuple([Unit((name,), ("r." + name,), ("h." + name,), ("p." + name,)) for name in kind.snapshot_only])


@cache
def of_parts(kind: Kind) -> Unit:
    """Return the unit of a noun's parts; it has parts."""

    def compared(part: LiteralString, value: LiteralString) -> LiteralString:
        whole: LiteralString = "{0}"
        return kind.compared_parts.get(part, whole).format("(" + value + ")::jsonb")

    return Unit(
        tuple(kind.parts),
        tuple(compared(part, now) for part, now in kind.parts.items()),
        tuple(compared(part, "h." + part) for part in kind.parts),
        tuple(compared(part, "p." + part) for part in kind.parts),
    )


@cache
def values(kind: Kind) -> LiteralString:
    """Return all columns as they are when those that go back have gone back."""
    *columns, _ = of_columns(kind)
    is_deleted = _is_deleted(kind)
    back: list[LiteralString] = []
    for name, value in _going_back(columns):
        is_cleared = name in kind.cleared_on_restore
        back.append(("CASE WHEN " + is_deleted + " THEN " + value + " END" if is_cleared else value) + " AS " + name)
    return ", ".join([*back, made_values(kind)])


def _going_back(units: Sequence[Unit]) -> Iterator[tuple[LiteralString, LiteralString]]:
    """Yield the columns of units, each with its value when those that go back have gone back."""
    for unit in units:
        for name, now, before in zip(unit.names, unit.now, unit.before, strict=True):
            yield name, "CASE WHEN " + unit.goes_back + " THEN " + before + " ELSE " + now + " END"


def made_values(kind: Kind) -> LiteralString:
    """Return the columns of what a record was made of, and whether it is deleted, when those that go back have."""
    deleted: LiteralString = "CASE WHEN " + _is_deleted(kind) + " THEN coalesce(r.deleted_at, now()) END AS deleted_at"
    source: list[LiteralString] = [value + " AS " + name for name, value in _going_back(of_source(kind))]
    return ", ".join([*source, deleted])


def _is_deleted(kind: Kind) -> LiteralString:
    *_, deleted = of_columns(kind)
    return "(CASE WHEN " + deleted.goes_back + " THEN " + deleted.before[0] + " ELSE " + deleted.now[0] + " END)"


@cache
def any_goes_back(kind: Kind) -> LiteralString:
    """Return the condition that a column goes back."""
    return "(" + " OR ".join([unit.goes_back for unit in (*of_columns(kind), *of_source(kind))]) + ")"


@cache
def made_goes_back(kind: Kind) -> LiteralString:
    """Return the condition that a column of `made_values` goes back."""
    *_, deleted = of_columns(kind)
    return "(" + " OR ".join([unit.goes_back for unit in (*of_source(kind), deleted)]) + ")"


@cache
def staying(kind: Kind) -> LiteralString:
    """Return the array of the names of fields that the changeset changed and that do not go back.

    It leaves out whether the record is deleted.
    """
    *columns, _ = of_columns(kind)
    units = [*columns, *([of_parts(kind)] if kind.parts else [])]
    return "array_remove(ARRAY[" + ", ".join([name for unit in units for name in unit.stays()]) + "], NULL)"


@cache
def changed_since(kind: Kind) -> LiteralString:
    """Return the array of the names of fields of `r` that are not as in the version `h`."""
    units = [*of_columns(kind), *([of_parts(kind)] if kind.parts else [])]
    names: list[LiteralString] = [
        "CASE WHEN " + _differ([now], [after]) + " THEN '" + name + "' END"
        for unit in units
        for name, now, after in zip(unit.names, unit.now, unit.after, strict=True)
    ]
    return "array_remove(ARRAY[" + ", ".join(names) + "], NULL)"
