"""The connections of this process, directly to PostgreSQL or through a pooler such as PgBouncer.

A pooler lends a connection of the server for one transaction: the next one may run on another, and others get this one.
So nothing is set on such a connection. Each transaction sets what it needs for itself, and statements are prepared only
if the pooler keeps track of them.
"""

import dataclasses
import logging
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import psycopg
from psycopg import Connection
from psycopg.pq.abc import PGconn, PGresult
from psycopg.types.array import ListBinaryDumper
from psycopg_pool import ConnectionPool, PoolTimeout

from fitness.db.prepared import Call, Prepared, checked, is_ready, run_together
from fitness.db.quotas import UNLIMITED, Quota
from fitness.db.temporary_files import SET_LIMIT

logger = logging.getLogger(__name__)
T = TypeVar("T")

IDLE_SECONDS = 60
"""How long a transaction may wait for its next statement; bodies are read, and providers asked, outside of one."""


@dataclass(frozen=True)
class _Pool:
    """The connections, how long opening a transaction may take, what it then sets, in two forms, and the quota."""

    connections: ConnectionPool[Connection]
    timeout_seconds: float
    set_local: str
    assume_user: Prepared
    quota: Quota
    sharded: bool


_pool: _Pool | None = None


def open_pool(
    database_url: str,
    *,
    size: int,
    timeout_seconds: float,
    statement_timeout_seconds: float,
    pooler: str = "auto",
    sharded: bool = False,
    quota: Quota = UNLIMITED,
) -> None:
    """Open this process's pool, and close an earlier one; connections are opened on demand.

    `begin` and `ask` raise PoolTimeout if no connection is free and answers within `timeout_seconds`, whatever lies
    between this process and the server. `pooler` is the setting DATABASE_POOLER, `sharded` that of DATABASE_SHARDING,
    `quota` that of each account.
    """
    global _pool
    close_pool()
    settings = _settings_of_a_transaction(statement_timeout_seconds)
    if sharded:
        # A plan for any parameter cannot say which server has the rows.
        settings["plan_cache_mode"] = "auto"
    connections: ConnectionPool[Connection] = ConnectionPool(
        database_url,
        min_size=0,
        max_size=size,
        timeout=timeout_seconds,
        # The pause between connection attempts doubles each time. This short limit resets it soon after an outage.
        reconnect_timeout=timeout_seconds,
        kwargs={"autocommit": True},
        configure=lambda connection: _configure(connection, pooler),
        open=True,
        name="fitness",
    )
    _pool = _Pool(
        connections,
        timeout_seconds,
        "".join([f"; SET LOCAL {name} = '{value}'" for name, value in settings.items()]),
        Prepared(
            b"assume_user",
            b"SELECT set_config('role', 'fitness_app', true), set_config('fitness.user_id', $1, true)"
            + "".join([f", set_config('{name}', '{value}', true)" for name, value in settings.items()]).encode(),
        ),
        quota,
        sharded,
    )


def _settings_of_a_transaction(statement_timeout_seconds: float) -> dict[str, str]:
    return {
        "TimeZone": "UTC",
        "DateStyle": "ISO",
        # For a user without statistics, the planner would expect a single row and use any index that begins with the
        # user id, even if a hundred thousand rows have just been imported.
        "plan_cache_mode": "force_generic_plan",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        "statement_timeout": f"{int(statement_timeout_seconds * 1000)}ms",
    }


def _configure(connection: Connection, pooler: str) -> None:
    # As text, psycopg's default, an array of JSON documents costs a Python call for every quotation mark.
    connection.adapters.register_dumper(list, ListBinaryDumper)
    found = pooler == "auto" and meets_a_pooler(connection)
    if found:
        logger.warning(
            "There is a pooler before the database: statements are not prepared. Set DATABASE_POOLER=prepared if it "
            "keeps track of prepared statements, as PgBouncer does from 1.21 on; DATABASE_POOLER=unprepared if not."
        )
    if found or pooler == "unprepared":
        connection.prepare_threshold = None
    if not found and pooler in {"auto", "none"}:
        connection.execute(SET_LIMIT)


def meets_a_pooler(connection: Connection) -> bool:
    """Return whether another process than the one that greeted this connection runs its statements.

    A pooler greets its clients itself, with a process id that it makes up.
    """
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    return row is None or row[0] != connection.info.backend_pid


def close_pool() -> None:
    """Close this process's pool, if it is open."""
    global _pool
    if _pool is not None:
        _pool.connections.close()
        _pool = None


def quota() -> Quota:
    """Return the quota of each account."""
    return _require_pool().quota


def assume_user(user_id: int) -> str:
    """Return the commands that limit a transaction to the rows of a user, by row-level security."""
    return f"SET LOCAL ROLE fitness_app; SET LOCAL fitness.user_id = '{int(user_id)}'"


def begin(*commands: str) -> Connection:
    """Take a connection and begin a transaction on it, with commands such as SET LOCAL; `give_back` ends its loan."""
    pool = _require_pool()
    opening = _opening(pool, *commands)
    connection, _ = _first(pool, lambda connection, until: _open(connection.pgconn, opening, until))
    return connection


def _opening(pool: _Pool, *commands: str) -> str:
    return "; ".join(["BEGIN", *commands]) + pool.set_local


def ask(user_id: int, statement: Prepared, *params: bytes) -> tuple[Connection, PGresult]:
    """Take a connection and run one statement of a user, in a transaction of its own and one round trip.

    In a cluster it takes two, as the servers learn only from SET what is set. Return both; `give_back` ends the loan of
    the connection. Parameters are the user id and `params`, as text.
    """
    pool = _require_pool()
    user = b"%d" % user_id
    together: list[Call] = [(pool.assume_user, [user]), (statement, [user, *params])]

    def run(connection: Connection, until: float) -> PGresult:
        if not pool.sharded:
            return run_together(connection, together, lambda: _await(connection.pgconn, until))[1]
        _open(connection.pgconn, _opening(pool, assume_user(user_id)), until)
        return run_together(connection, [together[1], (_COMMIT, [])])[0]

    return _first(pool, run)


_COMMIT = Prepared(b"commit", b"COMMIT")


def give_back(connection: Connection) -> None:
    """Return a connection to the pool."""
    _require_pool().connections.putconn(connection)


def pool_stats() -> dict[str, int]:
    """Return what psycopg counts of this process's pool, such as `pool_size` and `requests_waiting`."""
    return _require_pool().connections.get_stats()


def is_reachable() -> bool:
    """Return whether the database answers, and a connection is free, within a second."""
    pool = dataclasses.replace(_require_pool(), timeout_seconds=1)
    try:
        connection, _ = _first(pool, lambda connection, until: _open(connection.pgconn, "BEGIN; ROLLBACK", until))
    except (psycopg.OperationalError, PoolTimeout):
        return False
    give_back(connection)
    return True


def _first(pool: _Pool, run: Callable[[Connection, float], T]) -> tuple[Connection, T]:
    """Take a connection, and run on it what can safely be repeated; dead pooled connections are replaced.

    Checking each connection first would cost a round trip per request. All attempts end at one time, which is passed
    to `run`.
    """
    until = time.monotonic() + pool.timeout_seconds
    for attempts_left in range(pool.connections.max_size, -1, -1):
        connection = pool.connections.getconn(timeout=max(0.0, until - time.monotonic()))
        try:
            return connection, run(connection, until)
        except BaseException as error:
            connection.close()
            pool.connections.putconn(connection)
            if not (attempts_left and _may_work_elsewhere(error)):
                raise
    raise AssertionError("the last attempt returns or raises")


def _may_work_elsewhere(error: BaseException) -> bool:
    """Say whether a statement may succeed on another connection: this one was lost, or forgot what it had prepared.

    One that took too long would do so again.
    """
    lost = isinstance(error, psycopg.OperationalError) and not isinstance(
        error, psycopg.errors.QueryCanceled | PoolTimeout
    )
    return lost or isinstance(error, psycopg.errors.InvalidSqlStatementName)


def _open(pgconn: PGconn, commands: str, until: float) -> None:
    """Run commands without parameters or rows, without a cursor: a third of the time."""
    pgconn.send_query(commands.encode())
    _await(pgconn, until)
    while (result := pgconn.get_result()) is not None:
        checked(result)


def _await(pgconn: PGconn, until: float) -> None:
    """Wait for the first byte of an answer; raises PoolTimeout if there is none at that time.

    A pooler keeps the first statement of a transaction until it has a connection for it.
    """
    if not is_ready(pgconn, select.POLLIN, max(0.0, until - time.monotonic())):
        raise PoolTimeout("the database has not begun a transaction in time")


def _require_pool() -> _Pool:
    if _pool is None:
        raise RuntimeError("the pool is not open")
    return _pool
