"""Statements that travel together: a connection that sends many in one message, by the pipeline mode of libpq.

A program far from its database waits for each answer. So `queue` sends nothing yet; `run` sends all that is queued and
waits for the answers; `start` sends it, and the next `run` waits for its answers, too; `send` waits for none. psycopg's
own pipeline needs as few messages, but more of the processor.
"""

import select
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg import Connection
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg_pool import PoolTimeout

from fitness.db.prepared import PLAN_ANEW, Growth, Prepared
from fitness.db.statements import GOOD, Call, ReadOnly, parsed

T = TypeVar("T")


class Wired(Connection[tuple[Any, ...]]):
    """A connection of the pool, which the program uses through its `wire`."""

    wire: "Wire"


class Wire:
    """What sends statements over a connection; from then on, psycopg's cursors cannot use it."""

    def __init__(self, connection: Wired) -> None:
        self.connection = connection
        self.pgconn = connection.pgconn
        self.queued: list[Call] = []
        self.patience: float | None = None
        """How many seconds `run` waits for the first byte of an answer, the next time; None: any time."""
        self.later_patience: float | None = None
        """The same, for each time after that."""
        self.is_lent = False
        """Whether a transaction has taken it from the pool."""
        self.is_of_replica = False
        """Whether it leads to the replica, and belongs to its pool."""
        self._unread: list[list[Call]] = []
        self._awaited: list[Call] = []
        """What was started: the next `run` raises its errors."""
        self._prepared = Prepared(connection)
        self._growth = Growth()
        self._transformer = Transformer(connection)
        self._readable = select.poll()
        self._readable.register(self.pgconn.socket, select.POLLIN)
        self.pgconn.enter_pipeline_mode()

    @property
    def closed(self) -> bool:
        """Whether the connection is closed or lost."""
        return self.connection.closed

    @property
    def is_waiting(self) -> bool:
        """Whether there is something for `run` to send, or to wait for."""
        return bool(self.queued or self._awaited)

    @property
    def is_unread(self) -> bool:
        """Whether there are answers that are not read yet."""
        return bool(self._unread)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def plan_anew(self) -> None:
        """Let statements be planned anew with the next message, if the connection has filled a table since then."""
        if self._growth.outgrows_plans:
            self.queue(PLAN_ANEW, {})

    def queue(self, text: str, params: Mapping[str, Any]) -> Call:
        """Let a statement travel with the next message, see `pack`."""
        call = self.pack(text, params)
        self.queued.append(call)
        return call

    def pack(self, text: str, params: Mapping[str, Any]) -> Call:
        """Return a statement as it is sent; raises ProgrammingError if a parameter is missing."""
        statement = parsed(text)
        try:
            values = [params[name] for name in statement.names]
        except KeyError as error:
            raise psycopg.ProgrammingError(f"query parameter missing: {error}") from error
        transformer = self._transformer
        dumped = transformer.dump_sequence(values, statement.formats)
        return Call(text, statement, dumped, transformer.formats or (), (statement.query, transformer.types or ()))

    def run(self, meanwhile: Callable[[], bool] | None = None) -> None:
        """Send what is queued, and wait for the answers to that and to what was started; raises the first error.

        While it waits it calls `meanwhile`, until that returns False. Raises PoolTimeout after `patience`: a pooler
        keeps the first statement of a transaction until it has a connection for it.
        """
        until = None if self.patience is None else time.monotonic() + self.patience
        self.start()
        self.patience = self.later_patience
        unread, self._unread = self._unread, []
        awaited, self._awaited = self._awaited, []
        try:
            for message in unread:  # first of all the end of the transaction before: who wanted that has its answer
                self._await(until)
                self._read(message, meanwhile)
        except BaseException:
            self.close()
            if (error := _first_error(awaited)) is None:
                raise
            raise error from None
        if (error := _first_error(awaited)) is not None:
            # A pooler has forgotten it; or another connection may lead to a server that takes changes.
            if isinstance(error, psycopg.errors.InvalidSqlStatementName) or (
                isinstance(error, ReadOnly) and not self.is_of_replica
            ):
                self.close()
            raise error

    def start(self) -> None:
        """Send what is queued: the server works on it until the next `run` waits for its answers."""
        self._awaited += self.queued
        if self.queued:
            self.send()

    def forget(self) -> None:
        """Send nothing of what is queued; wait for what was started, and raise no error of it.

        Until its answers are read, nobody knows which statements are prepared, and who uses the connection next would
        wait. Raises OperationalError if the connection is lost.
        """
        self.queued = []
        if self._awaited:
            self._awaited = []
            self.settle()

    def send(self) -> None:
        """Send what is queued, and wait for no answer: whoever uses the connection next reads them."""
        try:
            for call in self.queued:
                self._send(call)
                if self.patience is not None and call is self.queued[0]:
                    self.pgconn.send_flush_request()  # so that its answer comes although the next statement is slow
            self.pgconn.pipeline_sync()
            self._flush()
        except BaseException:
            self.close()
            raise
        self._unread.append(self.queued)
        self.queued = []

    def settle(self) -> None:
        """Read what is unread."""
        unread, self._unread = self._unread, []
        try:
            for message in unread:
                self._read(message)
        except BaseException:
            self.close()
            raise

    def is_usable(self) -> bool:
        """Return whether a transaction can begin, as far as is known without a message.

        The answer to the last one may still be on its way: what is sent now follows it.
        """
        try:
            if self._readable.poll(0):
                self.settle()
            while not self._unread and self._readable.poll(0):
                self.pgconn.consume_input()  # nothing is expected: why the server closes the connection, then its end
        except psycopg.Error:
            return False
        return not self.closed

    def load(self, call: Call, make: Callable[[Sequence[Any]], T], most: int | None = None) -> list[T]:
        """Return the rows of an answer, at most so many, as `make` makes them of their values."""
        answer = call.answer
        assert answer is not None
        self._transformer.set_pgresult(answer)
        rows = self._transformer.load_rows(0, answer.ntuples if most is None else min(answer.ntuples, most), make)
        self._transformer.set_pgresult(None)
        return rows

    def _send(self, call: Call) -> None:
        name = self._prepared.send(call)
        query, types = call.key
        if name is None:
            self.pgconn.send_query_params(query, call.params, types, call.formats, result_format=1)
        else:
            self.pgconn.send_query_prepared(name, call.params, call.formats, result_format=1)

    def _await(self, until: float | None) -> None:
        """Wait until an answer begins to come; raises PoolTimeout if it does not by that time."""
        if until is None or not self.pgconn.is_busy():
            return
        if not self._readable.poll(max(0.0, until - time.monotonic()) * 1000):
            raise PoolTimeout("the database has not begun a transaction in time")

    def _read(self, message: Sequence[Call], meanwhile: Callable[[], bool] | None = None) -> None:
        """Read the answers to a message. If the connection is lost behind that to a COMMIT, what it did is stored."""
        for call in message:
            before = [self._next_answer(meanwhile).status for _ in range(call.answers_before)]
            if before and before[-1] not in GOOD:
                self._prepared.forget(call)
            call.answer = self._next_answer(meanwhile)
            self._growth.note(call)
        try:
            if self._next_answer().status != ExecStatus.PIPELINE_SYNC:
                raise psycopg.OperationalError("the connection is out of step")
        except psycopg.OperationalError:
            if all(call.status != b"COMMIT" for call in message):
                raise
            self.close()

    def _next_answer(self, meanwhile: Callable[[], bool] | None = None) -> PGresult:
        pgconn = self.pgconn
        while pgconn.is_busy():  # get_result() would wait, too, but let no other thread of the process run meanwhile
            while meanwhile and not self._readable.poll(0) and meanwhile():
                pass
            self._readable.poll()
            pgconn.consume_input()
        answer = pgconn.get_result()
        if answer is None:
            raise psycopg.OperationalError("the connection was lost")
        if answer.status != ExecStatus.PIPELINE_SYNC:
            pgconn.get_result()  # None: the statement has no more answers
        return answer

    def _flush(self) -> None:
        """Send all; what the server answers meanwhile is read, or it would wait, too."""
        while self.pgconn.flush():
            both = select.poll()
            both.register(self.pgconn.socket, select.POLLIN | select.POLLOUT)
            if any(event & select.POLLIN for _, event in both.poll()):
                self.pgconn.consume_input()


def _first_error(calls: Sequence[Call]) -> psycopg.Error | None:
    return next((error for call in calls if (error := call.error)), None)
