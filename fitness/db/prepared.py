"""Statements that run in one round trip together; each connection prepares them once, unless a pooler forbids it.

psycopg prepares statements as well, but sends them one by one.
"""

import select
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from weakref import WeakKeyDictionary

import psycopg
from psycopg import Connection
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with parameters `$1`, `$2`, …, under a name of its own."""

    name: bytes
    query: bytes


Call: TypeAlias = tuple[Prepared, Sequence[bytes | None]]
"""A statement with its parameters as text; None is NULL."""

_known: WeakKeyDictionary[Connection, set[bytes]] = WeakKeyDictionary()
"""The names of the statements that a connection has prepared."""


def run_together(
    connection: Connection, statements: Sequence[Call], wait: Callable[[], None] | None = None
) -> list[PGresult]:
    """Run statements with parameters as text in one round trip; return their results, in binary form.

    `wait` is called when all is sent: it may wait for the answer to the first statement, which is not held back. If a
    statement fails, those behind it do not run, and the connection is closed; not if a constraint refuses what was
    stored.
    """
    pgconn = connection.pgconn
    known = _known.setdefault(connection, set())
    prepares: list[bytes | None] = []  # for each result to come, the name of the statement that it prepares, if it does
    try:
        pgconn.enter_pipeline_mode()
        for statement, params in statements:
            if connection.prepare_threshold is None:
                pgconn.send_query_params(statement.query, params, result_format=1)
            else:
                if statement.name not in known and statement.name not in prepares:
                    pgconn.send_prepare(statement.name, statement.query)
                    prepares.append(statement.name)
                pgconn.send_query_prepared(statement.name, params, result_format=1)
            if wait is not None and None not in prepares:
                pgconn.send_flush_request()
            prepares.append(None)
        pgconn.pipeline_sync()
        while pgconn.flush():
            is_ready(pgconn, select.POLLOUT)
        if wait is not None:
            wait()
        results = [_next_result(connection) for _ in prepares]
        pgconn.get_result()  # of the synchronization
        pgconn.exit_pipeline_mode()
        known.update(name for name, result in zip(prepares, results, strict=True) if name and _is_good(result))
        answers = [checked(result) for result in results]
        return [answer for name, answer in zip(prepares, answers, strict=True) if name is None]
    except psycopg.IntegrityError:
        raise
    except BaseException:
        connection.close()
        raise


def is_ready(pgconn: PGconn, event: int, seconds: float | None = None) -> bool:
    """Wait for an event of `select` on the socket of a connection, at most so long; return whether it came."""
    poll = select.poll()
    poll.register(pgconn.socket, event)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def _next_result(connection: Connection) -> PGresult:
    pgconn = connection.pgconn
    while pgconn.is_busy():  # get_result() would wait, too, but let no other thread of the process run meanwhile
        is_ready(pgconn, select.POLLIN)
        pgconn.consume_input()
    result = pgconn.get_result()
    if result is None:
        raise psycopg.OperationalError("the connection was lost")
    pgconn.get_result()  # None: the statement has no more results
    return result


def checked(result: PGresult) -> PGresult:
    """Return the result of a statement; raises the error that it is, if it is one."""
    if not _is_good(result):
        error = error_from_result(result)
        raise psycopg.OperationalError(str(error)) if is_lost(error) else error
    return result


def _is_good(result: PGresult) -> bool:
    return result.status in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}


def is_lost(error: psycopg.Error) -> bool:
    """Return whether the connection was lost: without a SQLSTATE, psycopg knows no class for the error."""
    return type(error) is psycopg.DatabaseError and error.sqlstate is None
