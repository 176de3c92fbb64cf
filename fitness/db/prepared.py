"""Statements that each connection prepares once, and that run in one round trip together.

psycopg prepares statements as well, but sends them one by one.
"""

import select
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
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


Call: TypeAlias = tuple[Prepared, Sequence[bytes | None]]
"""A statement with its parameters as text; None is NULL."""

_known: WeakKeyDictionary[Connection, set[bytes]] = WeakKeyDictionary()
"""The names of the statements that a connection has prepared."""


def run_together(connection: Connection, statements: Sequence[Call]) -> list[PGresult]:
    """Run statements with parameters as text in one round trip; return their results, in binary form.

    If one fails, those behind it do not run, and the connection is closed; not if a constraint refuses what was stored.
    """
    pgconn = connection.pgconn
    try:
        _prepare(connection, [statement for statement, _ in statements])
        pgconn.enter_pipeline_mode()
        for statement, params in statements:
            pgconn.send_query_prepared(statement.name, params, result_format=1)
        pgconn.pipeline_sync()
        while pgconn.flush():
            _wait(pgconn.socket, select.POLLOUT)
        results = [_next_result(connection) for _ in statements]
        pgconn.get_result()  # of the synchronization
        pgconn.exit_pipeline_mode()
        return [checked(result) for result in results]
    except psycopg.IntegrityError:
        raise
    except BaseException:
        connection.close()
        raise


def _wait(socket: int, events: int) -> None:
    poll = select.poll()
    poll.register(socket, events)
    poll.poll()


def _prepare(connection: Connection, statements: Sequence[Prepared]) -> None:
    known = _known.setdefault(connection, set())
    for statement in statements:
        if statement.name not in known:
            checked(connection.pgconn.prepare(statement.name, statement.query))
            known.add(statement.name)


def _next_result(connection: Connection) -> PGresult:
    pgconn = connection.pgconn
    while pgconn.is_busy():  # get_result() would wait, too, but let no other thread of the process run meanwhile
        _wait(pgconn.socket, select.POLLIN)
        pgconn.consume_input()
    result = pgconn.get_result()
    if result is None:
        raise psycopg.OperationalError("the connection was lost")
    pgconn.get_result()  # None: the statement has no more results
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
