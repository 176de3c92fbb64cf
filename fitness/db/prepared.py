"""Statements that run in one round trip together; each connection prepares them once, unless a pooler forbids it.

psycopg prepares statements as well, but sends them one by one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
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


def run_together(
    connection: Connection,
    statements: Sequence[tuple[Prepared, Sequence[bytes]]],
    wait: Callable[[], None] | None = None,
) -> list[PGresult]:
    """Run statements with parameters as text in one round trip; return their results, in binary form.

    `wait` is called when all is sent: it may wait for the answer to the first statement, which is not held back. If
    anything fails, the connection is closed.
    """
    pgconn = connection.pgconn
    try:
        pgconn.enter_pipeline_mode()
        wanted: list[bool] = []
        for statement, params in statements:
            first = not wanted
            wanted += _send(connection, statement, params)
            if first and wait is not None:
                pgconn.send_flush_request()
        pgconn.pipeline_sync()
        if wait is not None:
            wait()
        results = [_next_result(connection) for _ in wanted]
        pgconn.get_result()  # of the synchronization
        pgconn.exit_pipeline_mode()
    except BaseException:
        connection.close()
        raise
    return list(compress(results, wanted))


def _send(connection: Connection, statement: Prepared, params: Sequence[bytes]) -> list[bool]:
    """Send a statement, after what prepares it if needed; return for each result to come whether it is its answer."""
    if connection.prepare_threshold is None:
        connection.pgconn.send_query_params(statement.query, params, result_format=1)
        return [True]
    known = _known.setdefault(connection, set())
    new = statement.name not in known
    if new:
        connection.pgconn.send_prepare(statement.name, statement.query)
        known.add(statement.name)
    connection.pgconn.send_query_prepared(statement.name, params, result_format=1)
    return [False, True] if new else [True]


def _next_result(connection: Connection) -> PGresult:
    result = connection.pgconn.get_result()
    if result is None:
        raise psycopg.OperationalError("the connection was lost")
    checked(result)
    connection.pgconn.get_result()  # None: the statement has no more results
    return result


def checked(result: PGresult) -> PGresult:
    """Return the result of a statement; raises the error that it is, if it is one."""
    if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
        error = error_from_result(result)
        raise psycopg.OperationalError(str(error)) if is_lost(error) else error
    return result


def is_lost(error: psycopg.Error) -> bool:
    """Return whether the connection was lost: without a SQLSTATE, psycopg knows no class for the error."""
    return type(error) is psycopg.DatabaseError and error.sqlstate is None
