"""Positions in the log of the database: how far a replica must have replayed it to have all that somebody has seen."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import LiteralString

import psycopg

POSITION: LiteralString = "SELECT pg_current_wal_insert_lsn()::text"
"""Asked behind a COMMIT, a position that includes it."""

HAS_REPLAYED: LiteralString = """
    SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %(log)s::pg_lsn
    FROM users AS u
    LEFT JOIN change_counters AS c ON c.user_id = %(user_id)s
    WHERE u.user_id = %(user_id)s AND coalesce(c.epoch, 0) = %(epoch)s AND coalesce(c.position, 0) >= %(writes)s
    """
"""Whether a server is a replica that has what was `Seen`; each later statement of the transaction sees as much.

A server that was a replica, and is none any more, no longer gets what is written.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a read must not miss: the log up to a position, and so many writes of the user in the counter's epoch.

    A client that has written shows the position. The counter is that of the check of the session: an ETag made of it
    must not go with an older answer, whoever wrote.
    """

    log: str
    epoch: int
    writes: int


class Behind(psycopg.errors.ObjectNotInPrerequisiteState):
    """The replica has not replayed enough of the log."""


_noted: ContextVar[str | None] = ContextVar("fitness_position", default=None)


def note_position(position: str | None) -> None:
    """Note the position of the last write in this context; None: nothing was written."""
    _noted.set(position)


def noted_position() -> str | None:
    """Return the position of the last write in this context, if there was one."""
    return _noted.get()
