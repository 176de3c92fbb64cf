"""Plans of statements: a connection keeps them while tables grow."""

from fitness.db.bound import uncounted
from fitness.db.later import execute_later
from fitness.db.prepared import PLAN_ANEW

PLANNED_ANEW = frozenset({2, 8, 32, 128, 512})


def plan_anew(number: int) -> None:
    """Let statements be planned anew with the next message, if this is the second part of a large work, the eighth, ….

    Since they were planned, the tables may have grown much. A plan that was made while a table was empty, and known to
    be, reads all of it for each row.
    """
    if number in PLANNED_ANEW:
        plan_all_anew()


def plan_all_anew() -> None:
    """Let statements, and what the database runs for foreign keys, be planned anew with the next message."""
    with uncounted():
        execute_later(PLAN_ANEW)
