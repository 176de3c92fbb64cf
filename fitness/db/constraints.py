"""Constraints of the database that stand for a domain error; each module names those of its tables."""

import re

import psycopg

from fitness.errors import Conflict, FitnessError, Invalid

CONFLICTS: dict[str, str] = {}
"""Constraint → the sentence of the Conflict."""

INVALID: dict[str, tuple[str, str]] = {}
"""Constraint → the field that is invalid, and why."""


def conflict(*constraints: str, detail: str) -> None:
    """Let a violation of these constraints be a Conflict."""
    CONFLICTS.update(dict.fromkeys(constraints, detail))


def invalid(constraint: str, *, field: str, why: str) -> None:
    """Let a violation of this constraint be Invalid, because of one field."""
    INVALID[constraint] = (field, why)


def from_integrity_error(error: psycopg.IntegrityError) -> FitnessError | None:
    """Return the domain error that a known constraint stands for, or None when the violation is a bug of ours.

    Sharded databases append a shard number to the constraint's name; it is stripped before the look-up.
    """
    name = re.sub(r"_\d{4,}$", "", error.diag.constraint_name or "")
    if name in CONFLICTS:
        return Conflict(CONFLICTS[name])
    if name in INVALID:
        field, why = INVALID[name]
        return Invalid(why, errors={field: [why]})
    return None
