"""The transaction bound to the current context, and functions to run statements in it.

Only this module opens, commits and rolls back transactions, on connections of `pool`. Query functions take neither a
connection nor a user: they use the transaction bound by `transaction(user_id)`, and raise RuntimeError if there is
none.

Opening a transaction sends nothing: what opens it travels with its first statement, and others may travel with the next
one, see `fitness.db.later`. A transaction that only reads does not wait for its COMMIT.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from typing import Any, LiteralString, TypeVar

import orjson
import psycopg
from psycopg import Rollback
from psycopg.pq import TransactionStatus

from fitness.db import pool
from fitness.db.bound import Bound, Params, Query, bound_transaction, current
from fitness.db.constraints import from_integrity_error
from fitness.db.positions import POSITION, note_position
from fitness.db.quotas import GET_USAGE, UNLIMITED, Usage, exceeded, is_exceeded
from fitness.db.statements import Call
from fitness.db.writes import Written
from fitness.deadline import go_on

T = TypeVar("T")


@contextmanager
def transaction(user_id: int, *, operators_reason: str | None = None, consistent: bool = False) -> Iterator[None]:
    """Run the block in one transaction of one user: commit at the end, roll back on any error.

    If the operator acts for the user, all versions and changesets of the transaction carry the `operators_reason`. A
    `consistent` one sees one state of the database from its begin to its end, and cannot change it. Row-level security
    is enabled by the role `fitness_app` and the user id, both set only for this transaction. Raises Conflict or Invalid
    if a known constraint is violated, QuotaExceeded if the user has no room for what was stored.
    """
    written = Written()
    try:
        with opened(ASSUME_USER, user_id, operators_reason, written, _CONSISTENT if consistent else "BEGIN"):
            yield
    except psycopg.errors.CheckViolation as error:
        if not is_exceeded(error):
            raise
        with opened(ASSUME_USER, user_id):
            used = fetch_one(Usage, GET_USAGE) or Usage()
        raise exceeded(error, pool.quota(), used, written.in_all()) from error


ASSUME_USER: pool.Settings = (("role", "'fitness_app'"), ("fitness.user_id", pool.USER))
"""What a transaction of one user sets: row-level security shows it the rows of that user alone."""
_CONSISTENT: LiteralString = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_NOT_DURABLE: pool.Settings = (("synchronous_commit", "'off'"),)


@contextmanager
def system_transaction(*, durable: bool = True) -> Iterator[None]:
    """Run the block in one transaction of the owner's role, which sees all rows.

    Only for statements without a user (sign-up, login, the catalog) and the operator's commands. With `durable=False`
    nothing waits for the commit: it is lost if the database server crashes, or the connection, at that moment.
    """
    with opened(() if durable else _NOT_DURABLE, None):
        bound_transaction().durable = durable
        yield


@contextmanager
def opened(
    settings: pool.Settings,
    user_id: int | None,
    operators_reason: str | None = None,
    written: Written | None = None,
    begin: LiteralString = "BEGIN",
    of_replica: bool = False,
) -> Iterator[None]:
    """Run the block in a transaction with these settings, begun by `begin`: commit at the end, roll back on any error.

    Raises Conflict or Invalid if a known constraint is violated.
    """
    if current.get() is not None:
        raise RuntimeError("a transaction is already open in this context")
    bound = Bound(pool.take(of_replica=of_replica), user_id, operators_reason, written or Written())
    token = current.set(bound)
    try:
        bound.wire.queue(begin, {})
        for query in pool.setting_up(settings, user_id):
            bound.wire.queue(query, {"user_id": user_id})
        bound.wire.plan_anew()
        yield
        _end(bound)
    except psycopg.IntegrityError as error:
        _roll_back(bound)
        if known := from_integrity_error(error):
            raise known from error
        raise
    except BaseException:
        _roll_back(bound)
        raise
    finally:
        current.reset(token)
        pool.give_back(bound.wire)


def _end(bound: Bound) -> None:
    """End the transaction; raises if PostgreSQL turned the COMMIT into a ROLLBACK, after an error that was caught.

    What a user's transaction has changed gets its position in the same message, see `writes`. A dry run does, too, so
    that it fails like the run itself if it exceeds a quota; the operator, who sets the quotas, has none.
    """
    wire = bound.wire
    if not (bound.has_begun or bound.queued):
        wire.queued = []
        return
    if bound.afterwards:
        bound.send()
    if bound.written.late and not bound.written.has_single_version:
        _find_late(bound)
    for call in bound.queued:
        bound.note_change(call)
    if bound.user_id is not None:
        quota = pool.quota() if bound.operators_reason is None else UNLIMITED
        for query, params in bound.written.placing(bound.user_id, quota):
            wire.queue(query, params)
    ending = wire.queue(bound.end, {})
    lasts = bound.durable and not bound.reads
    position = wire.queue(POSITION, {}) if lasts and pool.has_replica() else None
    is_awaited = bound.queued or lasts
    if not is_awaited and wire.pgconn.transaction_status == TransactionStatus.INTRANS:
        wire.send()
        return
    bound.run()
    if ending.status != bound.end.encode():
        raise psycopg.errors.InFailedSqlTransaction("nothing was committed: an earlier statement failed")
    if position is not None:
        note_position(bound.rows(str, position)[0])


def _find_late(bound: Bound) -> None:
    """Wait for the numbers of late versions, as they stand beside others."""
    written = bound.written
    found = [(late, bound.wire.queue(late.statements()[2], bound.with_user(late.where()))) for late in written.late]
    bound.send()
    for late, call in found:
        written.add_versions(late.noun, bound.rows(tuple, call), amended=False)
    written.late.clear()


def _roll_back(bound: Bound) -> None:
    """Send a ROLLBACK; if the connection is lost, the server does it, and the error that led here is the one to raise.

    Nothing waits for the answer: the connection reads it before it is used again.
    """
    wire = bound.wire
    with suppress(psycopg.OperationalError):
        wire.forget()
        if bound.has_begun and not wire.closed:
            wire.queue("ROLLBACK", {})
            wire.send()


@contextmanager
def savepoint() -> Iterator[None]:
    """Run the block as a part of the bound transaction that is rolled back alone if it fails.

    If the block raises psycopg's `Rollback`, that ends here.
    """
    bound = bound_transaction()
    if bound.queued:
        bound.send()  # an error of what comes before is not one of the part
    begin = bound.wire.queue("SAVEPOINT part", {})
    before = deepcopy(bound.written)
    try:
        yield
        bound.send()
    except BaseException as error:
        if not bound.wire.closed:
            queued = bound.wire.queued
            bound.wire.forget()
            bound.queued, bound.afterwards = [], []
            if begin in queued:
                bound.wire.queued = queued[: queued.index(begin)]
            else:
                bound.wire.queue("ROLLBACK TO part", {})
                bound.wire.queue("RELEASE part", {})
            bound.written.go_back(before)
        if not isinstance(error, Rollback):
            raise
    else:
        bound.wire.queue("RELEASE part", {})


def discard() -> None:
    """Roll back the bound transaction at its end, although nothing failed, for a dry run."""
    bound_transaction().end = "ROLLBACK"


_OPEN = (TransactionStatus.INTRANS, TransactionStatus.ACTIVE)
STREAMED_ROWS = 200
"""Number of rows that a stream fetches at a time, unless it says so."""


def _ask(query: Query, params: Params) -> Call:
    bound = bound_transaction()
    call = bound.queue(query, params)
    bound.send()
    return call


def fetch_one(row: type[T], query: Query, **params: Any) -> T | None:
    """Return the first row as `row` (a dataclass, dict, or a scalar type for one column), or None.

    `user_id` is added to the named parameters.
    """
    rows = bound_transaction().rows(row, _ask(query, params), most=1)
    return rows[0] if rows else None


def fetch_all(row: type[T], query: Query, **params: Any) -> list[T]:
    """Return all rows, each as `row`; see `fetch_one`."""
    return bound_transaction().rows(row, _ask(query, params))


def fetch_json(query: Query, **params: Any) -> orjson.Fragment:
    """Return the JSON text in the query's single row, without converting it to Python objects."""
    text = fetch_one(str, query, **params)
    assert text is not None
    return orjson.Fragment(text)


def stream(row: type[T], query: Query, *, fetched: int = STREAMED_ROWS, **params: Any) -> Generator[T]:
    """Yield all rows, each as `row`, with only `fetched` of them in memory; one stream at a time.

    A caller that may stop early must close it inside the transaction.
    """
    bound = bound_transaction()
    bound.wire.queue(f"DECLARE stream CURSOR FOR {bound.text(query)}", bound.with_user(params))
    try:
        rows: list[T] | None = None
        while rows is None or len(rows) == fetched:
            call = bound.wire.queue(f"FETCH {fetched} FROM stream", {})
            bound.send()
            rows = bound.rows(row, call)
            for one in rows:
                go_on()
                yield one
    finally:
        if current.get() is bound and bound.wire.pgconn.transaction_status in _OPEN:
            bound.wire.queue("CLOSE stream", {})


def execute(query: Query, **params: Any) -> int:
    """Run a statement and return the number of changed rows."""
    return _ask(query, params).rows
