"""Statements that travel with the next message, and work that is done while the database does its own.

A message is that of the next statement, or of the COMMIT: a program far from its database waits once for all in it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from fitness.db.bound import Params, Query, bound_transaction, current
from fitness.db.statements import Call

T = TypeVar("T")


def execute_later(query: Query, **params: Any) -> None:
    """Run a statement whose answer nobody needs, in the next message: that of the next statement, or of the COMMIT.

    An error is raised there. As nobody waits, it counts as a change even if it changes no row.
    """
    bound_transaction().queue(query, params)


def fetch_later(row: type[T], query: Query, **params: Any) -> Callable[[], list[T]]:
    """Let a statement travel with the next message; return what returns its rows, and sends it if nothing else did.

    Several statements that do not need each other's rows wait only once.
    """
    bound = bound_transaction()
    call = bound.queue(query, params)

    def rows() -> list[T]:
        if call.answer is None:
            bound.send()
        return bound.rows(row, call)

    return rows


def ask_first(row: type[T], then: Callable[[list[T]], None], query: Query, **params: Any) -> None:
    """Let a statement travel with the next one; `then` gets its rows before anybody has an answer, and runs none.

    If `then` raises an error, that is the one of the next statement, whatever became of it. What was asked before, and
    is not answered yet, comes first.
    """
    bound = bound_transaction()
    call, before = bound.queue(query, params), bound.opening

    def look() -> None:
        if before:
            before()
        if call.has_succeeded:
            then(bound.rows(row, call))

    bound.opening = look


def begin() -> None:
    """Send what opens the transaction, if that is still to be sent, and what is queued."""
    bound = bound_transaction()
    if not bound.has_begun:
        bound.send()


def start() -> None:
    """Let the database work on what is queued while the program goes on; the next statement raises its errors."""
    bound = bound_transaction()
    if bound.has_begun:
        bound.wire.start()


@contextmanager
def meanwhile(work: Callable[[], bool]) -> Iterator[None]:
    """Let `work` be done while the block waits for the database: a short part with each call, until it returns False.

    It runs no statement. Inside such a block, another one's work comes first.
    """
    bound = bound_transaction()
    before = bound.meanwhile

    def go_on_with_it() -> bool:
        token = current.set(None)
        try:
            return work() or (before is not None and before())
        finally:
            current.reset(token)

    bound.meanwhile = go_on_with_it
    try:
        yield
    finally:
        bound.meanwhile = before


def pack(query: Query, params: Params) -> Call:
    """Return a statement as it is sent, for `fetch_packed`. Many values take time that the database can use."""
    return bound_transaction().pack(query, params)


def fetch_packed(row: type[T], call: Call) -> list[T]:
    """Return all rows of a statement that was packed before, see `fetch_all`."""
    bound = bound_transaction()
    bound.queue_packed(call)
    bound.send()
    return bound.rows(row, call)
