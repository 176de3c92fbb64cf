"""The pool, the transaction bound to the current context, and the three ways to run a statement in it.

Nothing else in the program opens, commits or rolls back. A query function takes neither a connection nor a user:
it uses the transaction that `transaction(user_id)` bound, and raises RuntimeError when there is none.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, LiteralString, TypeAlias, TypeVar, cast

import orjson
import psycopg
from psycopg import Connection, sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import BaseRowFactory, class_row, dict_row, scalar_row, tuple_row
from psycopg_pool import ConnectionPool

from fitness.db.constraints import from_integrity_error

Query: TypeAlias = LiteralString | sql.SQL | sql.Composed
Params: TypeAlias = dict[str, Any]
T = TypeVar("T")


@dataclass(slots=True)
class Bound:
    """A connection inside an open transaction, whose it is (None: the system's), and how it is to end."""

    connection: Connection
    user_id: int | None
    end: LiteralString = "COMMIT"


_bound: ContextVar[Bound | None] = ContextVar("fitness_transaction", default=None)
_pool: ConnectionPool | None = None


def open_pool(
    database_url: str,
    *,
    size: int,
    timeout_seconds: float,
    statement_timeout_seconds: float,
) -> None:
    """Open this process's pool, closing an earlier one; connections are made when first needed.

    Raises PoolTimeout from `transaction` when no connection is free within `timeout_seconds`.
    """
    global _pool
    close_pool()

    def configure(connection: Connection) -> None:
        # Plans for any user: for one of whom it knows no numbers yet, the planner would expect a single row, and
        # take whatever index begins with the user, even where a hundred thousand rows have just been imported.
        connection.execute(
            sql.SQL(
                """
                SET TimeZone = 'UTC';
                SET DateStyle = 'ISO, YMD';
                SET plan_cache_mode = force_generic_plan;
                SET statement_timeout = {}
                """
            ).format(int(statement_timeout_seconds * 1000))
        )

    _pool = ConnectionPool(
        database_url,
        min_size=0,
        max_size=size,
        timeout=timeout_seconds,
        # Pauses between attempts to connect double. Forgotten this soon, they do not outlast the server's absence.
        reconnect_timeout=timeout_seconds,
        kwargs={"autocommit": True},
        configure=configure,
        open=True,
        name="fitness",
    )


def close_pool() -> None:
    """Close this process's pool, if it is open."""
    global _pool
    if _pool is not None:
        _pool.close()
        _pool = None


@contextmanager
def transaction(user_id: int) -> Iterator[None]:
    """Run the block as one transaction of one user: committed at its end, rolled back on any error.

    The role `fitness_app` and the user id, both set for this transaction alone, switch row-level security on.
    Raises Conflict or Invalid for a violated constraint that stands for one.
    """
    begin = f"BEGIN; SET LOCAL ROLE fitness_app; SET LOCAL fitness.user_id = '{int(user_id)}'"
    with _open(begin, user_id):
        yield


@contextmanager
def system_transaction(*, durable: bool = True) -> Iterator[None]:
    """Run the block as one transaction of the owner's role, which sees every row.

    For statements that have no user (sign-up, login, the catalog) and for the operator's commands, nothing else.
    One that is not durable does not wait for the disk: should the server die the moment after, it never was.
    """
    with _open("BEGIN" if durable else "BEGIN; SET LOCAL synchronous_commit = off", None):
        yield


@contextmanager
def _open(begin: str, user_id: int | None) -> Iterator[None]:
    if _bound.get() is not None:
        raise RuntimeError("a transaction is already open in this context")
    pool = _require_pool()
    connection = _begin(pool, begin)
    bound = Bound(connection, user_id)
    token = _bound.set(bound)
    try:
        yield
        _end(bound)
    except psycopg.IntegrityError as error:
        _roll_back(connection)
        if known := from_integrity_error(error):
            raise known from error
        raise
    except BaseException:
        _roll_back(connection)
        raise
    finally:
        _bound.reset(token)
        pool.putconn(connection)


def _begin(pool: ConnectionPool, begin: str) -> Connection:
    """Take a connection and open a transaction on it; pooled connections that died meanwhile are replaced.

    Asking each connection whether it lives would cost a round trip per request. Opening is that question
    already, and nothing is lost by asking it again on the next connection.
    """
    for attempts_left in range(pool.max_size, -1, -1):
        connection = pool.getconn()
        try:
            _command(connection, begin)
        except BaseException as error:
            broken = connection.broken
            pool.putconn(connection)
            if not (broken and attempts_left and isinstance(error, psycopg.OperationalError)):
                raise
        else:
            return connection
    raise AssertionError("the last attempt returns or raises")


def _command(connection: Connection, command: str) -> PGresult:
    """Run a command without parameters or rows, past the cursor: a third of the time, three times a request."""
    result = connection.pgconn.exec_(command.encode())
    if result.status != ExecStatus.COMMAND_OK:
        error = error_from_result(result)
        # A server that goes without a word leaves no SQLSTATE to tell the class of the error.
        raise psycopg.OperationalError(str(error)) if connection.broken and not error.sqlstate else error
    return result


def _end(bound: Bound) -> None:
    """End the transaction; a COMMIT that PostgreSQL turned into a ROLLBACK, after an error that was caught, raises."""
    result = _command(bound.connection, bound.end)
    if result.command_status != bound.end.encode():
        raise psycopg.errors.InFailedSqlTransaction("nothing was committed: a statement before had failed")


def _roll_back(connection: Connection) -> None:
    if not connection.broken:
        _command(connection, "ROLLBACK")


def discard() -> None:
    """Let the bound transaction end in a rollback although nothing failed: a dry run."""
    _require_bound().end = "ROLLBACK"


def _require_pool() -> ConnectionPool:
    if _pool is None:
        raise RuntimeError("the pool is not open")
    return _pool


def _require_bound() -> Bound:
    bound = _bound.get()
    if bound is None:
        raise RuntimeError("no transaction is open: query functions run inside transaction(user_id)")
    return bound


def columns(row: type, alias: LiteralString) -> LiteralString:
    """Return the columns that a dataclass is made of, in the order of its fields: `r.id, r.name, …`.

    Literal as far as SQL injection goes: the names are those of a class statement in this program.
    """
    return cast("LiteralString", ", ".join(f"{alias}.{field.name}" for field in fields(row)))


@cache
def _row_factory(row: type) -> BaseRowFactory[Any]:
    if row is dict:
        return dict_row
    if row is tuple:
        return tuple_row
    if is_dataclass(row):
        return class_row(row)
    return scalar_row


STREAMED_ROWS = 200
"""How many rows of a stream there are at a time."""


def _with_user(bound: Bound, params: Params) -> Params:
    if bound.user_id is not None:
        params["user_id"] = bound.user_id
    return params


def _run(row: type[T], query: Query, params: Params) -> psycopg.Cursor[T]:
    bound = _require_bound()
    _with_user(bound, params)
    cursor = bound.connection.cursor(binary=True, row_factory=_row_factory(row))
    return cursor.execute(query, params)


def fetch_one(row: type[T], query: Query, **params: Any) -> T | None:
    """Return the first row as `row` (a dataclass, dict, or a scalar type for one column), or None.

    `user_id` is added to the named parameters by itself.
    """
    return _run(row, query, params).fetchone()


def fetch_all(row: type[T], query: Query, **params: Any) -> list[T]:
    """Return all rows, each as `row`; see `fetch_one`."""
    return _run(row, query, params).fetchall()


def fetch_json(query: Query, **params: Any) -> orjson.Fragment:
    """Return the JSON text that the query's one row is: thousands of rows that need not become objects here first."""
    text = _run(str, query, params).fetchone()
    assert text is not None
    return orjson.Fragment(text)


def fetch_page(row: type[T], query: Query, *, limit: int, **params: Any) -> tuple[list[T], str | None]:
    """Return up to `limit` rows, each as the dataclass `row`, and the last one's sort key if more rows follow.

    The query selects the fields of `row` in their order and the sort key as text behind them, and ends in
    `LIMIT %(limit)s`; one row more than asked for tells whether there is a next page.
    """
    rows = _run(tuple, query, {**params, "limit": limit + 1}).fetchall()
    more = len(rows) > limit
    items = [row(*values[:-1]) for values in rows[:limit]]
    return items, rows[limit - 1][-1] if more else None


def stream(row: type[T], query: Query, **params: Any) -> Generator[T]:
    """Yield all rows, each as `row`, however many, holding few at a time; one stream after the other.

    Whoever may not read to the end closes it, within the transaction.
    """
    bound = _require_bound()
    with bound.connection.cursor("stream", row_factory=_row_factory(row)) as cursor:
        cursor.itersize = STREAMED_ROWS
        yield from cursor.execute(query, _with_user(bound, params), binary=True)


def execute(query: Query, **params: Any) -> int:
    """Run a statement and return how many rows it changed."""
    return _run(dict, query, params).rowcount
