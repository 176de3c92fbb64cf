"""Whether there is a pooler such as PgBouncer between this program and PostgreSQL, and what it allows.

A pooler lends a connection of the server for one transaction: the next one may run on another, and others get this one.
So nothing is set on such a connection. Each transaction sets what it needs for itself, and statements are prepared only
if the pooler keeps track of them.
"""

import logging
from functools import cache
from uuid import uuid4

from psycopg import Connection, sql

logger = logging.getLogger(__name__)


def is_pooled(connection: Connection, pooler: str) -> bool:
    """Return whether a connection leads to a pooler, by the setting DATABASE_POOLER or, with `auto`, by looking."""
    return meets_a_pooler(connection) if pooler == "auto" else pooler != "none"


def meets_a_pooler(connection: Connection) -> bool:
    """Return whether another process than the one that greeted this connection runs its statements.

    A pooler greets its clients itself, with a process id that it makes up.
    """
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    return row is None or row[0] != connection.info.backend_pid


def may_prepare(connection: Connection, pooler: str) -> bool:
    """Return whether statements may be prepared on a connection that leads to a pooler; the log says once if not."""
    if pooler == "auto":
        _warn_once(
            "There is a pooler before the database: statements are not prepared. Set DATABASE_POOLER=prepared if it "
            "keeps track of prepared statements, as PgBouncer does from 1.21 on; DATABASE_POOLER=unprepared if not."
        )
    if pooler != "prepared":
        return False
    may = not meets_a_pooler(connection) or _keeps_track(connection)
    if not may:
        _warn_once(
            "DATABASE_POOLER is prepared, but the pooler does not keep track of prepared statements, as PgBouncer does "
            "if its max_prepared_statements is above 0: statements are not prepared."
        )
    return may


def _keeps_track(connection: Connection) -> bool:
    """Return whether a pooler keeps track of prepared statements: then they have names of its own on the server.

    With another pooler, who gets the connection next meets the names, and would run a statement of somebody else.
    """
    name = f"fitness_{uuid4().hex}"
    with connection.transaction():
        connection.pgconn.prepare(name.encode(), b"SELECT 1")
        query = "SELECT count(*) FROM pg_prepared_statements WHERE name = %s"
        row = connection.execute(query, [name], prepare=False).fetchone()
        is_there = row is not None and row[0] > 0
        if is_there:
            connection.execute(sql.SQL("DEALLOCATE {}").format(sql.Identifier(name)))
    return not is_there


@cache
def _warn_once(text: str) -> None:
    logger.warning(text)
