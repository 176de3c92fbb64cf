"""Database constraints and their domain errors; each module registers those of its tables."""

import re

import psycopg

from fitness.errors import Conflict, FitnessError, Invalid

CONFLICTS: dict[str, str] = {}
"""Constraint → message of the Conflict."""

INVALID: dict[str, tuple[str, str]] = {}
"""Constraint → (invalid field, reason)."""


def conflict(*constraints: str, detail: str) -> None:
    """Turn violations of these constraints into Conflict."""
    CONFLICTS.update(dict.fromkeys(constraints, detail))


def invalid(constraint: str, *, field: str, why: str) -> None:
    """Turn violations of this constraint into Invalid, for one field."""
    INVALID[constraint] = (field, why)


def from_integrity_error(error: psycopg.IntegrityError) -> FitnessError | None:
    """Return the domain error of a known constraint, or None if the violation is a bug in this program.

    Sharded databases append a shard number to the name of a constraint; it is removed before the look-up.
    """
    name = re.sub(r"_\d{4,}$", "", error.diag.constraint_name or "")
    if name in CONFLICTS:
        return Conflict(CONFLICTS[name])
    if name in INVALID:
        field, why = INVALID[name]
        return Invalid(why, errors={field: [why]})
    return None
