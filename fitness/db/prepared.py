"""Statements that each connection prepares once, and that run in one round trip together.

psycopg prepares statements as well, but sends them one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import psycopg
from psycopg import Connection
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with parameters `$1`, `$2`, …, under a name of its own."""

    name: bytes
    query: bytes


_known: WeakKeyDictionary[Connection, set[bytes]] = WeakKeyDictionary()
"""The names of the statements that a connection has prepared."""


def run_together(connection: Connection, statements: Sequence[tuple[Prepared, Sequence[bytes]]]) -> list[PGresult]:
    """Run statements with parameters as text in one round trip; return their results, in binary form.

    If one fails, the connection is closed.
    """
    pgconn = connection.pgconn
    try:
        _prepare(connection, [statement for statement, _ in statements])
        pgconn.enter_pipeline_mode()
        for statement, params in statements:
            pgconn.send_query_prepared(statement.name, params, result_format=1)
        pgconn.pipeline_sync()
        results = [_next_result(connection) for _ in statements]
        pgconn.get_result()  # of the synchronization
        pgconn.exit_pipeline_mode()
    except BaseException:
        if not connection.closed:
            connection.close()
        raise
    return results


def _prepare(connection: Connection, statements: Sequence[Prepared]) -> None:
    known = _known.setdefault(connection, set())
    for statement in statements:
        if statement.name not in known:
            checked(connection, connection.pgconn.prepare(statement.name, statement.query))
            known.add(statement.name)


def _next_result(connection: Connection) -> PGresult:
    result = connection.pgconn.get_result()
    if result is None:
        raise psycopg.OperationalError("the connection was lost")
    checked(connection, result)
    connection.pgconn.get_result()  # None: the statement has no more results
    return result


def checked(connection: Connection, result: PGresult) -> PGresult:
    """Return the result of a statement; raises the error that it is, if it is one."""
    if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
        error = error_from_result(result)
        # If the server disappears, there is no SQLSTATE for the class of the error.
        raise psycopg.OperationalError(str(error)) if connection.broken and not error.sqlstate else error
    return result
