"""The transaction bound to the current context, and functions to run statements in it.

Only this module opens, commits and rolls back transactions, on connections of `pool`. Query functions take neither a
connection nor a user: they use the transaction bound by `transaction(user_id)`, and raise RuntimeError if there is
none.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, LiteralString, TypeAlias, TypeVar, cast

import orjson
import psycopg
from psycopg import Connection, sql
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGresult
from psycopg.rows import BaseRowFactory, class_row, dict_row, scalar_row, tuple_row

from fitness.db import pool
from fitness.db.constraints import from_integrity_error
from fitness.db.prepared import Prepared, checked, is_lost, run_together
from fitness.db.quotas import GET_USAGE, UNLIMITED, Usage, exceeded, is_exceeded
from fitness.db.writes import Version, Written, counts
from fitness.deadline import go_on

Query: TypeAlias = LiteralString | sql.SQL | sql.Composed
Params: TypeAlias = dict[str, Any]
T = TypeVar("T")


@dataclass(slots=True)
class Bound:
    """A connection with an open transaction, its user (None: system transaction), and whether to roll it back.

    `as_of` is the instant that it looks back at, see `fitness.db.history.instants`. `operators_reason` is why the
    operator acts for the user; None if the user does it.
    """

    connection: Connection
    user_id: int | None
    operators_reason: str | None
    written: Written
    end: LiteralString = "COMMIT"
    as_of: datetime | None = None


_bound: ContextVar[Bound | None] = ContextVar("fitness_transaction", default=None)


@contextmanager
def transaction(user_id: int, *, operators_reason: str | None = None) -> Iterator[None]:
    """Run the block in one transaction of one user: commit at the end, roll back on any error.

    If the operator acts for the user, all versions and changesets of the transaction carry the `operators_reason`.
    Row-level security is enabled by the role `fitness_app` and the user id, both set only for this transaction. Raises
    Conflict or Invalid if a known constraint is violated, QuotaExceeded if the user has no room for what was stored.
    """
    written = Written()
    try:
        with _open([pool.assume_user(user_id)], user_id, operators_reason, written):
            yield
    except psycopg.errors.CheckViolation as error:
        if not is_exceeded(error):
            raise
        used = look_up(Usage, user_id, GET_USAGE) or Usage()
        raise exceeded(error, pool.quota(), used, written.added) from error


@contextmanager
def system_transaction(*, durable: bool = True) -> Iterator[None]:
    """Run the block in one transaction of the owner's role, which sees all rows.

    Only for statements without a user (sign-up, login, the catalog) and the operator's commands. With `durable=False`
    the commit does not wait for the disk, and is lost if the database server crashes at that moment.
    """
    with _open([] if durable else ["SET LOCAL synchronous_commit = off"], None):
        yield


@contextmanager
def _open(
    commands: list[str], user_id: int | None, operators_reason: str | None = None, written: Written | None = None
) -> Iterator[None]:
    if _bound.get() is not None:
        raise RuntimeError("a transaction is already open in this context")
    connection = pool.begin(*commands)
    bound = Bound(connection, user_id, operators_reason, written or Written())
    token = _bound.set(bound)
    try:
        yield
        _end(bound)
    except psycopg.IntegrityError as error:
        _roll_back(connection)
        if known := from_integrity_error(error):
            raise known from error
        raise
    except psycopg.DatabaseError as error:
        _roll_back(connection)
        if is_lost(error):
            raise psycopg.OperationalError(str(error)) from error
        raise
    except BaseException:
        _roll_back(connection)
        raise
    finally:
        _bound.reset(token)
        pool.give_back(connection)


def _command(connection: Connection, command: str) -> PGresult:
    """Run what ends a transaction, without a cursor: a third of the time."""
    return checked(connection.pgconn.exec_(command.encode()))


def _end(bound: Bound) -> None:
    """End the transaction; raises if PostgreSQL turned the COMMIT into a ROLLBACK, after an error that was caught.

    What a user's transaction has changed gets its position in the same message, see `writes`. A dry run does, too, so
    that it fails like the run itself if it exceeds a quota; the operator, who sets the quotas, has none.
    """
    quota = pool.quota() if bound.operators_reason is None else UNLIMITED
    placing = bound.written.placing(bound.user_id, quota) if bound.user_id is not None else []
    if placing:
        *_, result = run_together(bound.connection, [*placing, (_ENDS[bound.end], [])])
    else:
        result = _command(bound.connection, bound.end)
    if result.command_status != bound.end.encode():
        raise psycopg.errors.InFailedSqlTransaction("nothing was committed: an earlier statement failed")


_ENDS = {"COMMIT": Prepared(b"commit", b"COMMIT"), "ROLLBACK": Prepared(b"rollback", b"ROLLBACK")}


def _roll_back(connection: Connection) -> None:
    """Roll back; if the connection is lost, the server does it, and the error that led here is the one to raise."""
    if not connection.closed:
        try:
            _command(connection, "ROLLBACK")
        except psycopg.OperationalError:
            connection.close()


def look_up(row: type[T], user_id: int, statement: Prepared, *params: bytes) -> T | None:
    """Return the first row of a statement as `row`, a dataclass, or None.

    It runs in a transaction of its own, in one round trip. Its parameters are the user id and `params`, as text.
    """
    connection, result = pool.ask(user_id, statement, *params)
    try:
        transformer = Transformer(connection)
        transformer.set_pgresult(result)
        rows = transformer.load_rows(0, result.ntuples, tuple)
    finally:
        pool.give_back(connection)
    return row(*rows[0]) if rows else None


@contextmanager
def savepoint() -> Iterator[None]:
    """Run the block as a part of the bound transaction that is rolled back alone if it fails."""
    with bound_transaction().connection.transaction():
        yield


def is_open() -> bool:
    """Return whether a transaction is open in this context."""
    return _bound.get() is not None


def discard() -> None:
    """Roll back the bound transaction at its end, although nothing failed, for a dry run."""
    bound_transaction().end = "ROLLBACK"


def write_id() -> int:
    """Return the number that versions stored by the bound transaction carry."""
    return bound_transaction().written.begin_versions()


def note_versions(noun: str, versions: Sequence[Version], *, amended: bool = False) -> None:
    """Give versions that the bound transaction has stored a place in the feed of changes, and count them."""
    bound_transaction().written.add_versions(noun, versions, amended=amended)


def note_growth(versions: int, size: int) -> None:
    """Count versions that the bound transaction has stored otherwise, and bytes beside versions."""
    bound_transaction().written.add(versions, size)


@contextmanager
def uncounted() -> Iterator[None]:
    """Let what the block writes alone be no change: an ETag of before stays."""
    written = bound_transaction().written
    before = written.anything
    yield
    written.anything = before


def with_operators_reason(reason: str | None) -> str | None:
    """Return the reason of a change, after the operator's if the operator makes it."""
    return ": ".join(filter(None, (bound_transaction().operators_reason, reason))) or None


def bound_transaction() -> Bound:
    """Return the bound transaction; raises RuntimeError if there is none."""
    bound = _bound.get()
    if bound is None:
        raise RuntimeError("no transaction is open: query functions run inside transaction(user_id)")
    return bound


def columns(row: type, alias: LiteralString) -> LiteralString:
    """Return the columns of a dataclass, in the order of its fields: `r.id, r.name, …`.

    Safe from SQL injection, as the names come from a class in this program.
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
"""Number of rows that a stream fetches at a time, unless it says so."""


def _with_user(bound: Bound, params: Params) -> Params:
    if bound.user_id is not None:
        params["user_id"] = bound.user_id
    return params


def on_statement(query: Query) -> None:
    """Do nothing with a statement that is about to run; tests put a check in the place of this function."""


def _run(row: type[T], query: Query, params: Params) -> psycopg.Cursor[T]:
    go_on()
    on_statement(query)
    bound = bound_transaction()
    _with_user(bound, params)
    cursor = bound.connection.cursor(binary=True, row_factory=_row_factory(row))
    cursor.execute(_marked(query) if bound.as_of else query, params)
    if not bound.written.anything and cursor.rowcount > 0 and not (cursor.statusmessage or "").startswith("SELECT"):
        bound.written.anything = counts(query if isinstance(query, str) else query.as_string(bound.connection))
    return cursor


def _marked(query: Query) -> Query:
    """Return a statement that looks back with a text of its own: its plan is kept beside that of the present."""
    return query + " /* as of */" if isinstance(query, str) else query + sql.SQL(" /* as of */")


def fetch_one(row: type[T], query: Query, **params: Any) -> T | None:
    """Return the first row as `row` (a dataclass, dict, or a scalar type for one column), or None.

    `user_id` is added to the named parameters.
    """
    return _run(row, query, params).fetchone()


def fetch_all(row: type[T], query: Query, **params: Any) -> list[T]:
    """Return all rows, each as `row`; see `fetch_one`."""
    return _run(row, query, params).fetchall()


def fetch_json(query: Query, **params: Any) -> orjson.Fragment:
    """Return the JSON text in the query's single row, without converting it to Python objects."""
    text = _run(str, query, params).fetchone()
    assert text is not None
    return orjson.Fragment(text)


def stream(row: type[T], query: Query, *, fetched: int = STREAMED_ROWS, **params: Any) -> Generator[T]:
    """Yield all rows, each as `row`, with only `fetched` of them in memory; one stream at a time.

    A caller that may stop early must close it inside the transaction.
    """
    on_statement(query)
    bound = bound_transaction()
    with bound.connection.cursor("stream", row_factory=_row_factory(row)) as cursor:
        cursor.itersize = fetched
        for one in cursor.execute(query, _with_user(bound, params), binary=True):
            go_on()
            yield one


def execute(query: Query, **params: Any) -> int:
    """Run a statement and return the number of changed rows."""
    return _run(dict, query, params).rowcount
