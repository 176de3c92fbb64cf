"""Statements as PostgreSQL takes them, with `$1`, `$2`, … for parameters, and their rows as Python objects."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import PyFormat
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

Key: TypeAlias = tuple[bytes, tuple[int, ...]]
"""A statement, and the types of its parameters: with others, it may mean something else."""

GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})
"""What answers are that are no errors."""


class ReadOnly(psycopg.OperationalError):
    """The server takes no changes: it is a replica, recovers, or was set so, as hosted ones are with a full disk."""

    sqlstate = psycopg.errors.ReadOnlySqlTransaction.sqlstate


_ENDED = (psycopg.errors.IdleInTransactionSessionTimeout, psycopg.errors.TransactionTimeout)
"""The server has ended the connection, as for too long nothing came. psycopg takes both for errors of the program."""

_PARAMETER = re.compile(r"%(?:\((\w+)\)s|%)")
_READS = re.compile(r"\s*(?:SELECT|WITH|BEGIN|DECLARE|FETCH|CLOSE)\b(?!.*\b(?:INSERT|UPDATE|DELETE)\b)", re.DOTALL)
_INSERTS = re.compile(r"\bINSERT INTO (\w+)")
_PREPARABLE = re.compile(r"\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE|BEGIN|COMMIT)\b")


class Statement(NamedTuple):
    """A statement with `$1`, `$2`, … for its named parameters; `reads`: it surely changes nothing.

    `table` is the one that it inserts rows into, if it does.
    """

    query: bytes
    names: tuple[str, ...]
    formats: tuple[PyFormat, ...]
    reads: bool
    may_be_prepared: bool
    table: str | None


@lru_cache(maxsize=1024)
def parsed(text: str) -> Statement:
    """Return a statement, from its text with parameters such as `%(user_id)s`; `%%` is a percent sign."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return "%" if found[1] is None else f"${numbers.setdefault(found[1], len(numbers) + 1)}"

    query = _PARAMETER.sub(number, text).encode()
    formats = (PyFormat.AUTO,) * len(numbers)
    inserts = _INSERTS.search(text)
    return Statement(
        query,
        tuple(numbers),
        formats,
        bool(_READS.match(text)),
        bool(_PREPARABLE.match(text)),
        inserts and inserts[1],
    )


@dataclass(slots=True, eq=False)
class Call:
    """A statement with the values of its parameters, and its answer, once there is one.

    `answers_before`: how many answers come before, to what prepares it. `is_counted`: what it changes is a change.
    """

    text: str
    statement: Statement
    params: Sequence[Buffer | None]
    formats: Sequence[int]
    key: Key
    answers_before: int = 0
    is_counted: bool = True
    answer: PGresult | None = None

    @property
    def has_succeeded(self) -> bool:
        """Whether there is an answer, and no error."""
        return self.answer is not None and self.answer.status in GOOD

    @property
    def error(self) -> psycopg.Error | None:
        """The error that the answer is, if it is one."""
        if self.answer is None or self.has_succeeded:
            return None
        error = error_from_result(self.answer)
        if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
            return ReadOnly(str(error))
        # Without a SQLSTATE, psycopg knows no class for the error: the connection was lost.
        lost = type(error) is psycopg.DatabaseError and error.sqlstate is None
        return psycopg.OperationalError(str(error)) if lost or isinstance(error, _ENDED) else error

    @property
    def rows(self) -> int:
        """The number of rows that the statement has returned or changed."""
        return 0 if self.answer is None else self.answer.command_tuples or 0

    @property
    def status(self) -> bytes:
        """What PostgreSQL calls the work, such as `UPDATE 1`."""
        return b"" if self.answer is None else self.answer.command_status or b""


@lru_cache(maxsize=2048)
def maker_of(row: type, names: tuple[bytes, ...]) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a row of the values of these columns."""
    keys = [name.decode() for name in names]
    if row is tuple:
        return tuple
    if row is dict:
        return lambda values: dict(zip(keys, values, strict=True))
    if not is_dataclass(row):
        return itemgetter(0)
    if keys == [field.name for field in fields(row) if field.init and not field.kw_only]:
        return lambda values: row(*values)
    return lambda values: row(**dict(zip(keys, values, strict=True)))
