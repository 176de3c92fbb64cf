"""Column lists made from the fields of a noun's dataclass, the only place that names, types and orders its columns.

They are safe from SQL injection, as the names come from a class in this program.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, LiteralString, cast, get_origin, get_type_hints
from uuid import UUID

import orjson

SQL_TYPES: dict[type, LiteralString] = {
    str: "text",
    int: "bigint",
    float: "float8",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
    UUID: "uuid",
    dict: "jsonb",
    list: "jsonb",
    bytes: "bytea",
}


MANY = 100
"""From how many rows on a statement for just the columns that they have saves more than it costs."""
OTHER_BYTES: LiteralString = "100"
"""What the numbers, times and ids of a row take, roughly."""


@cache
def names_of(row: type, *, without: tuple[str, ...] = ()) -> tuple[LiteralString, ...]:
    """Return the names of a dataclass's fields, in order."""
    return tuple(cast("LiteralString", field.name) for field in fields(row) if field.name not in without)


def listed(names: Iterable[LiteralString], written: LiteralString = "{}") -> LiteralString:
    """Return the names separated by commas, each formatted with `written`, such as `"new.{}"` or `"%({0})s"`."""
    return ", ".join([written.format(name) for name in names])


@cache
def columns(row: type, alias: LiteralString) -> LiteralString:
    """Return the columns of a dataclass, in the order of its fields: `r.id, r.name, …`."""
    return listed(names_of(row), alias + ".{}")


@cache
def _python_types(row: type) -> Mapping[str, type]:
    """Return the type of each field, without `None` and type arguments."""
    return {name: _plain(hint) for name, hint in get_type_hints(row).items()}


def _plain(hint: Any) -> type:
    if isinstance(hint, UnionType):
        (hint,) = (kind for kind in hint.__args__ if kind is not NoneType)
    return get_origin(hint) or hint


def from_json(row: type, name: str, value: Any) -> Any:
    """Return a value of a dataclass's field that was stored as JSON, which has no instants and days."""
    of_type = _python_types(row).get(name)
    if value is None or of_type is None or not issubclass(of_type, date):
        return value
    return of_type.fromisoformat(value)


@cache
def size(row: type, alias: LiteralString) -> LiteralString:
    """Return the SQL of the bytes of a row: OTHER_BYTES, and those of its columns with text, JSON, as text, or bytes.

    The text of a whole row depends on settings of the session: a sharded database does not return its size from the
    statement that writes it.
    """
    types = _python_types(row)
    casts: dict[LiteralString, LiteralString] = {"text": "::text", "jsonb": "::text", "bytea": ""}
    texts: list[LiteralString] = [
        "coalesce(octet_length(" + alias + "." + name + casts[SQL_TYPES[types[name]]] + "), 0)"
        for name in names_of(row)
        if SQL_TYPES[types[name]] in casts
    ]
    return "(" + " + ".join([OTHER_BYTES, *texts]) + ")"


def typed(row: type, names: Iterable[LiteralString]) -> LiteralString:
    """Return columns with their SQL types, for `json_to_recordset`: `id uuid, name text, …`."""
    return ", ".join([name + " " + SQL_TYPES[_python_types(row)[name]] for name in names])


def unnested(
    row: type, names: Sequence[LiteralString], alias: LiteralString = "new", *, placed: bool = False
) -> LiteralString:
    """Return the SQL of rows `alias` with one array parameter per column, see `arrays`.

    If they are `placed`, their last column is `place`, which counts from 1.
    """
    types = _python_types(row)
    parameters = ", ".join(["%(" + name + ")s::" + SQL_TYPES[types[name]] + "[]" for name in names])
    if placed:
        return "unnest(" + parameters + ") WITH ORDINALITY AS " + alias + " (" + listed((*names, "place")) + ")"
    return "unnest(" + parameters + ") AS " + alias + " (" + listed(names) + ")"


def arrays(row: type, names: Sequence[LiteralString], records: Sequence[Any]) -> dict[LiteralString, list[Any]]:
    """Return the parameters of `unnested`: for each field, its values in all records, see `of_columns`."""
    return of_columns(row, names, {name: map(attrgetter(name), records) for name in names})


def of_columns(
    row: type, names: Sequence[LiteralString], columns: Mapping[str, Iterable[Any]]
) -> dict[LiteralString, list[Any]]:
    """Return the parameters of `unnested`, from the values of each field.

    One array per column is much faster than one parameter per value. psycopg rejects arrays that mix integers and
    floats, which providers send, so they are converted.
    """
    types = _python_types(row)
    values: dict[LiteralString, list[Any]] = {name: list(columns[name]) for name in names}
    for name in names:
        if values[name].count(None) == len(values[name]):
            continue
        if types[name] is float:
            values[name] = [None if value is None else float(value) for value in values[name]]
        elif SQL_TYPES[types[name]] == "jsonb":
            values[name] = [None if value is None else orjson.dumps(value).decode() for value in values[name]]
    return values


def filled(values: Mapping[LiteralString, list[Any]]) -> dict[LiteralString, list[Any]]:
    """Return the arrays in which not all values are None; all of them if they have less than MANY rows.

    A statement without empty columns costs less for each row. But few rows have others missing each time, and only a
    statement that stays the same is prepared.
    """
    return {name: those for name, those in values.items() if len(those) < MANY or those.count(None) < len(those)}
