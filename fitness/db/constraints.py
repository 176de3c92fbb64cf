"""Database constraints and their domain errors; each module registers those of its tables."""

import re

import psycopg

from fitness.errors import Conflict, FitnessError, Invalid, Unauthorized

CONFLICTS: dict[str, str] = {}
"""Constraint → message of the Conflict."""

RANGE = "_range"
"""How the names of constraints end that check the range of one column, see `migrations/ranges.py`."""

OF_USER = "_user_id_fkey"
"""How the names of the foreign keys to accounts end."""

INVALID: dict[str, tuple[str, str]] = {}
"""Constraint → (invalid field, reason)."""


def conflict(*constraints: str, detail: str) -> None:
    """Turn violations of these constraints into Conflict."""
    CONFLICTS.update(dict.fromkeys(constraints, detail))


def invalid(constraint: str, *, field: str, why: str) -> None:
    """Turn violations of this constraint into Invalid, for one field."""
    INVALID[constraint] = (field, why)


def why_refused(error: psycopg.IntegrityError | psycopg.DataError) -> str:
    """Return what is wrong with a row that the database refuses, for who sent the row."""
    table, column, name = error.diag.table_name or "", error.diag.column_name, error.diag.constraint_name or ""
    if isinstance(error, psycopg.errors.NotNullViolation) and column:
        return f"{column} is missing"
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        return f"{name.removesuffix('_fkey').removeprefix(f'{table}_')} refers to something that does not exist"
    if isinstance(error, psycopg.errors.UniqueViolation):
        return "the same is there already"
    if name:
        column = name.removesuffix("_check").removesuffix(RANGE).removeprefix(f"{table}_")
        return f"{column} has a value that is not allowed"
    return error.diag.message_primary or "a value is not valid"


def from_integrity_error(error: psycopg.IntegrityError) -> FitnessError | None:
    """Return the domain error of a known constraint, or None if the violation is a bug in this program.

    Sharded databases append a shard number to the name of a constraint; it is removed before the look-up.
    """
    name = re.sub(r"_\d{4,}$", "", error.diag.constraint_name or "")
    if isinstance(error, psycopg.errors.ForeignKeyViolation) and name.endswith(OF_USER):
        return Unauthorized("The account was deleted")
    if name in CONFLICTS:
        return Conflict(CONFLICTS[name])
    if name in INVALID:
        field, why = INVALID[name]
        return Invalid(why, errors={field: [why]})
    if name.endswith(RANGE):
        # Schemas and readers check ranges first; versions in an archive were not written through them.
        return Invalid(f"A value is out of its range: {name.removesuffix(RANGE)}", errors={})
    return None
