"""A noun's columns as the fields of its dataclass: they are named, typed and ordered there, and nowhere else.

Lists of columns and the arrays of bulk statements follow from it. They are literal as far as SQL injection
goes: the names are those of a class statement in this program.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import cache
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
}


@cache
def names_of(row: type, *, without: tuple[str, ...] = ()) -> tuple[LiteralString, ...]:
    """Return the names of a dataclass's fields, in their order."""
    return tuple(cast("LiteralString", field.name) for field in fields(row) if field.name not in without)


def listed(names: Iterable[LiteralString], written: LiteralString = "{}") -> LiteralString:
    """Return the names separated by commas, each `written` in place of `{}`: `"new.{}"`, `"%({0})s"`."""
    return ", ".join([written.format(name) for name in names])


@cache
def _python_types(row: type) -> Mapping[str, type]:
    """Return the type of each field, without `None` and type arguments."""
    return {name: _plain(hint) for name, hint in get_type_hints(row).items()}


def _plain(hint: Any) -> type:
    if isinstance(hint, UnionType):
        (hint,) = (kind for kind in hint.__args__ if kind is not NoneType)
    return get_origin(hint) or hint


def typed(row: type, names: Iterable[LiteralString]) -> LiteralString:
    """Return columns with their SQL types, as `json_to_recordset` asks for them: `id uuid, name text, …`."""
    return ", ".join([name + " " + SQL_TYPES[_python_types(row)[name]] for name in names])


def unnested(row: type, names: Sequence[LiteralString], alias: LiteralString = "new") -> LiteralString:
    """Return the SQL of rows `alias` whose columns come as one array parameter each, as `arrays` returns them."""
    types = _python_types(row)
    parameters = ", ".join(["%(" + name + ")s::" + SQL_TYPES[types[name]] + "[]" for name in names])
    return "unnest(" + parameters + ") AS " + alias + " (" + listed(names) + ")"


def arrays(row: type, names: Sequence[LiteralString], records: Sequence[Any]) -> dict[str, list[Any]]:
    """Return the parameters of `unnested`: for each field, its values in all records.

    Arrays, a parameter a column, take a fraction of the time that a parameter a value takes. psycopg refuses an array
    that mixes whole numbers with others, as a provider's JSON does.
    """
    types = _python_types(row)
    values = {name: [getattr(record, name) for record in records] for name in names}
    for name in names:
        if types[name] is float:
            values[name] = [None if value is None else float(value) for value in values[name]]
        elif SQL_TYPES[types[name]] == "jsonb":
            values[name] = [orjson.dumps(value).decode() for value in values[name]]
    return values
