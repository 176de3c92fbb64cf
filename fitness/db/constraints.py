"""Database constraints and their domain errors; each module registers those of its tables."""

import re

import psycopg

from fitness.errors import ACCOUNT_DELETED, Conflict, FitnessError, Invalid, Unauthorized

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


def name_of(error: psycopg.Error) -> str:
    """Return the name of the constraint that an error is about; empty if it is about none."""
    return _without_shard(error.diag.constraint_name or _in_message(error, "constraint"))


def _in_message(error: psycopg.Error, kind: str) -> str:
    """Return the name after a word in the message of an error; empty if there is none.

    In a cluster, errors come from the tables of the shards: names stand in the message alone, with the shard's number.
    """
    named = re.search(f'{kind} "([^"]+)"', error.diag.message_primary or "")
    return _without_shard(named[1]) if named else ""


def _without_shard(name: str) -> str:
    return re.sub("_[0-9]{4,}$", "", name)


def why_refused(error: psycopg.IntegrityError | psycopg.DataError) -> str:
    """Return what is wrong with a row that the database refuses, for who sent the row."""
    table = error.diag.table_name or _in_message(error, "(?:relation|table)")
    column = error.diag.column_name or _in_message(error, "column")
    name = name_of(error)
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
    """Return the domain error of a known constraint, or None if the violation is a bug in this program."""
    name = name_of(error)
    if isinstance(error, psycopg.errors.ForeignKeyViolation) and name.endswith(OF_USER):
        return Unauthorized(ACCOUNT_DELETED)
    if name in CONFLICTS:
        return Conflict(CONFLICTS[name])
    if name in INVALID:
        field, why = INVALID[name]
        return Invalid(why, errors={field: [why]})
    if name.endswith(RANGE):
        # Schemas and readers check ranges first; versions in an archive were not written through them.
        return Invalid(f"A value is out of its range: {name.removesuffix(RANGE)}", errors={})
    return None
