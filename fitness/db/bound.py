"""The transaction bound to the current context: how its statements travel, and what it has written so far.

`fitness.db.connection` opens and ends it, and runs statements in it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString, TypeAlias, TypeVar

import psycopg
from psycopg import sql
from psycopg_pool import PoolTimeout

from fitness.db import pool
from fitness.db.statements import Call, maker_of
from fitness.db.wire import Wire
from fitness.db.writes import Late, Written, counts
from fitness.deadline import go_on

Query: TypeAlias = LiteralString | sql.SQL | sql.Composed
Params: TypeAlias = dict[str, Any]
T = TypeVar("T")


@dataclass(slots=True)
class Bound:
    """A connection with an open transaction, its user (None: system transaction), and whether to roll it back.

    `as_of` is the instant that it looks back at, and `then` what makes its statements do so, see
    `fitness.db.history.as_of`. `operators_reason` is why the operator acts for the user; None if the user does it.
    `queued` are the statements of query functions that nobody has waited for yet, `is_counted` whether what they change
    is a change, and `afterwards` what takes note of their answers. `has_begun`: its first message was sent; `reads`: it
    surely changes nothing. `meanwhile` is called while the database is waited for. `opening` looks at the answer to
    what was asked first, see `fitness.db.later.ask_first`, until that is done.
    """

    wire: Wire
    user_id: int | None
    operators_reason: str | None
    written: Written
    end: LiteralString = "COMMIT"
    as_of: datetime | None = None
    then: Callable[[str], str] | None = None
    queued: list[Call] = field(default_factory=list)
    is_counted: bool = True
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    has_begun: bool = False
    reads: bool = True
    durable: bool = True
    meanwhile: Callable[[], bool] | None = None
    opening: Callable[[], None] | None = None

    def queue(self, query: Query, params: Params) -> Call:
        """Let a statement of a query function travel with the next message."""
        go_on()
        text = self.text(query)
        return self._note_queued(self.wire.queue(text, self.with_user(params)))

    def pack(self, query: Query, params: Params) -> Call:
        """Return a statement of a query function as it is sent, for `queue_packed`."""
        return self.wire.pack(self.text(query), self.with_user(params))

    def queue_packed(self, call: Call) -> None:
        """Let a statement that was packed before travel with the next message."""
        go_on()
        self.wire.queued.append(self._note_queued(call))

    def _note_queued(self, call: Call) -> Call:
        call.is_counted = self.is_counted
        self.queued.append(call)
        self.reads = self.reads and call.statement.reads
        return call

    def text(self, query: Query) -> str:
        """Return the text of a statement that is about to run.

        One that looks back has its own text: its plan is kept beside that of the present.
        """
        text = query if isinstance(query, str) else query.as_string(self.wire.connection)
        text = f"{self.then(text)} /* as of */" if self.then else text
        on_statement(text)
        return text

    def with_user(self, params: Params) -> Params:
        """Add to the parameters of a statement what each one may name: the user, and the instant looked back at."""
        if self.user_id is not None:
            params["user_id"] = self.user_id
        if self.as_of is not None:
            params["as_of"] = self.as_of
        return params

    def send(self) -> None:
        """Send what is queued, and wait for the answers; raises the first error among them."""
        if not self.wire.is_waiting:
            return
        sent, self.queued = self.queued, []
        self.run()
        for call in sent:
            if call.rows and not call.status.startswith(b"SELECT"):
                self.note_change(call)
        notes, self.afterwards = self.afterwards, []
        for note in notes:
            note()

    def run(self) -> None:
        """Send what is queued, wait for the answers, and let `opening` look at its own; raises its or the first error.

        Takes no note of the answers.
        """
        opening, self.opening = self.opening, None
        try:
            self._exchange()
        finally:
            if opening:
                opening()

    def _exchange(self) -> None:
        """Send what is queued, and wait for the answers.

        If this opens the transaction, changes nothing, and the connection was lost, it is sent again on another one.
        """
        can_repeat, self.has_begun = self.reads and not self.has_begun, True
        wire, began = self.wire, time.monotonic()
        message, patience = wire.queued, wire.patience
        try:
            wire.run(self.meanwhile)
        except psycopg.Error as error:
            if not (can_repeat and wire.closed) or patience is None or isinstance(error, PoolTimeout):
                raise
            pool.give_back(wire)
            self.wire = pool.take(patience - (time.monotonic() - began), of_replica=wire.is_of_replica)
            self.wire.queued = message
            self.wire.run()

    def note_change(self, call: Call) -> None:
        """Note that a statement has changed something, or may do so."""
        if not self.written.anything:
            self.written.anything = call.is_counted and not call.statement.reads and counts(call.text)

    def rows(self, row: type[T], call: Call, most: int | None = None) -> list[T]:
        """Return the rows of an answer, at most so many, each as `row`."""
        assert call.answer is not None
        names = tuple([call.answer.fname(number) or b"" for number in range(call.answer.nfields)])
        return self.wire.load(call, maker_of(row, names), most)


def on_statement(text: str) -> None:
    """Do nothing with a statement that is about to run; tests put a check in the place of this function."""


current: ContextVar[Bound | None] = ContextVar("fitness_transaction", default=None)


def is_open() -> bool:
    """Return whether a transaction is open in this context."""
    return current.get() is not None


def bound_transaction() -> Bound:
    """Return the bound transaction; raises RuntimeError if there is none."""
    found = current.get()
    if found is None:
        raise RuntimeError("no transaction is open: query functions run inside transaction(user_id)")
    return found


def write_id() -> int:
    """Return the number that versions stored by the bound transaction carry."""
    return bound_transaction().written.begin_versions()


def store_versions(query: Query, noun: str, *, amended: bool = False, **params: Any) -> None:
    """Store versions by a statement of the next message, which returns a `writes.Version` each.

    They get a place in the feed of changes, and are counted.
    """
    transaction = bound_transaction()
    call = transaction.queue(query, params)
    afterwards(lambda: transaction.written.add_versions(noun, transaction.rows(tuple, call), amended=amended))


def store_late(query: Query, version: Late, **params: Any) -> None:
    """Store a version by a statement that nobody waits for, and give it a place in the feed of changes; see `Late`."""
    transaction = bound_transaction()
    transaction.queue(query, params)
    transaction.written.add_late(version)


def note_growth(versions: int, size: int, *, grows: bool = True) -> None:
    """Count versions that the bound transaction has stored otherwise, and bytes beside versions.

    What only removes something does not grow: it is allowed above a quota.
    """
    if versions or size:
        bound_transaction().written.add(versions, size, grows=grows)


def afterwards(note: Callable[[], None]) -> None:
    """Call a function once what is queued has its answers; it runs no statement."""
    bound_transaction().afterwards.append(note)


@contextmanager
def uncounted() -> Iterator[None]:
    """Let what the block writes alone be no change: an ETag of before stays."""
    transaction = bound_transaction()
    before, transaction.is_counted = transaction.is_counted, False
    try:
        yield
    finally:
        transaction.is_counted = before


def with_operators_reason(reason: str | None) -> str | None:
    """Return the reason of a change, after the operator's if the operator makes it."""
    return ": ".join(filter(None, (bound_transaction().operators_reason, reason))) or None
