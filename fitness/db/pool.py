"""The connections of this process, directly to PostgreSQL or through a pooler, see `fitness.db.pooler`."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import TypeAlias

import orjson
import psycopg
from psycopg.types.array import ListBinaryDumper
from psycopg.types.json import JsonbDumper, set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

from fitness.db.pooler import is_pooled, may_prepare
from fitness.db.quotas import UNLIMITED, Quota
from fitness.db.temporary_files import SET_LIMIT
from fitness.db.wire import Wire, Wired

REPLICA_SECONDS = 0.5
"""How long opening a transaction on the replica may take; then the primary is asked."""
REST_SECONDS = 5
"""How long a replica that was out of reach is not asked again."""
IDLE_SECONDS = 60
"""How long a transaction may wait for its next statement; bodies are read, and providers asked, outside of one."""
LOCK_SHARE = 0.9
"""How much of the time of a statement it may wait for a lock, so that the errors differ.

Who waited for somebody else may try again; what takes too long by itself would take as long again.
"""

Settings: TypeAlias = tuple[tuple[str, str], ...]
"""Names of settings, each with its value as SQL; safe in a statement, as all come from this program."""
USER = "%(user_id)s::bigint::text"
"""The value of a setting: the user of the transaction."""


@dataclass(frozen=True)
class _Pool:
    """The connections, how long opening a transaction may take and waiting for a lock, what it sets, and the quota.

    `parked` connections were sent the end of a transaction and have not read the answer: the next transaction does it.
    While somebody is `waiting` for a connection, none is parked. Both change under the `lock`.
    """

    connections: ConnectionPool[Wired]
    timeout_seconds: float
    lock_seconds: float
    settings: Settings
    quota: Quota
    sharded: bool
    parked: list[Wire] = field(default_factory=list)
    waiting: list[None] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)


_pool: _Pool | None = None
_replica: _Pool | None = None
_replica_rests_until = 0.0


def open_pool(
    database_url: str,
    *,
    size: int,
    timeout_seconds: float,
    statement_timeout_seconds: float,
    pooler: str = "auto",
    sharded: bool = False,
    quota: Quota = UNLIMITED,
    replica_url: str | None = None,
) -> None:
    """Open this process's pool, and close an earlier one; connections are opened on demand.

    `take` raises PoolTimeout if no connection is free within `timeout_seconds`, and the first answer to the transaction
    has to come within what is left of it, whatever lies between this process and the server. `pooler` is the setting
    DATABASE_POOLER, `sharded` that of DATABASE_SHARDING, `quota` that of each account. With `replica_url`, there is a
    second pool of the same size.
    """
    global _pool, _replica, _replica_rests_until
    close_pool()
    lock_seconds = LOCK_SHARE * statement_timeout_seconds
    settings = _settings_of_a_transaction(statement_timeout_seconds, lock_seconds, sharded=sharded)
    connections = _connections(
        database_url, "fitness", size, timeout_seconds, configure=lambda wired: _configure(wired, pooler)
    )
    _pool = _Pool(connections, timeout_seconds, lock_seconds, settings, quota, sharded)
    if replica_url:
        _replica_rests_until = 0.0
        connections = _connections(
            replica_url,
            "replica",
            size,
            REPLICA_SECONDS,
            configure=lambda wired: _configure_replica(wired, statement_timeout_seconds),
            connect_timeout=REST_SECONDS,
        )
        _replica = _Pool(connections, REPLICA_SECONDS, lock_seconds, settings, quota, sharded)


def _connections(
    url: str, name: str, size: int, timeout_seconds: float, configure: Callable[[Wired], None], **options: int
) -> ConnectionPool[Wired]:
    return ConnectionPool(
        url,
        connection_class=Wired,
        min_size=0,
        max_size=size,
        timeout=timeout_seconds,
        # The pause between connection attempts doubles each time. This short limit resets it soon after an outage.
        reconnect_timeout=timeout_seconds,
        kwargs={"autocommit": True, **options},
        configure=configure,
        open=True,
        name=name,
    )


def _settings_of_a_transaction(statement_timeout_seconds: float, lock_seconds: float, *, sharded: bool) -> Settings:
    """Return what each transaction sets; safe in a statement, as only numbers are written into it."""
    return (
        ("TimeZone", "'UTC'"),
        ("DateStyle", "'ISO'"),
        # For a user without statistics, the planner would expect a single row and use any index that begins with the
        # user id, even if a hundred thousand rows have just been imported. In a cluster, a plan for any parameter
        # cannot say which server has the rows.
        ("plan_cache_mode", "'auto'" if sharded else "'force_generic_plan'"),
        ("idle_in_transaction_session_timeout", f"'{IDLE_SECONDS}s'"),
        ("statement_timeout", f"'{int(statement_timeout_seconds * 1000)}ms'"),
        ("lock_timeout", f"'{int(lock_seconds * 1000)}ms'"),
    )


def _configure(connection: Wired, pooler: str) -> None:
    # As text, psycopg's default, an array of JSON documents costs a Python call for every quotation mark.
    connection.adapters.register_dumper(list, ListBinaryDumper)
    connection.adapters.register_dumper(dict, JsonbDumper)
    set_json_loads(orjson.loads, connection)
    pooled = is_pooled(connection, pooler)
    if pooled and not may_prepare(connection, pooler):
        connection.prepare_threshold = None
    if not pooled:
        connection.execute(SET_LIMIT)
    connection.wire = Wire(connection)


def _configure_replica(connection: Wired, statement_timeout_seconds: float) -> None:
    _configure(connection, "auto")
    connection.wire.is_of_replica = True
    # A living server would have ended the statement.
    connection.wire.later_patience = statement_timeout_seconds + REPLICA_SECONDS


def close_pool() -> None:
    """Close this process's pool and that of the replica, if they are open."""
    global _pool, _replica
    for pool in (_pool, _replica):
        if pool is not None:
            pool.connections.close()
            for wire in pool.parked:
                wire.close()
    _pool = _replica = None


def has_replica() -> bool:
    """Return whether the database has a replica that reads run on."""
    return _replica is not None


def asks_replica() -> bool:
    """Return whether reads run on a replica now: there is one, and it does not rest."""
    return _replica is not None and time.monotonic() >= _replica_rests_until


def rest_replica() -> None:
    """Do not ask the replica again for some seconds."""
    global _replica_rests_until
    _replica_rests_until = time.monotonic() + REST_SECONDS


def quota() -> Quota:
    """Return the quota of each account."""
    return _require_pool().quota


def lock_seconds() -> float:
    """Return how long a statement may wait for a lock."""
    return _require_pool().lock_seconds


def setting_up(own: Settings, user_id: int | None) -> list[str]:
    """Return the statements that set a transaction up: what it sets for itself, and what each one does.

    The servers of a cluster learn only from SET what is set.
    """
    pool = _require_pool()
    settings = (*own, *pool.settings)
    if not pool.sharded:
        return [_set_config(settings)]
    if user_id is None:
        settings += _OF_ALL_USERS
    literal = f"'{user_id}'"
    return [f"SET LOCAL {name} = {value.replace(USER, literal)}" for name, value in settings]


_OF_ALL_USERS: Settings = (("citus.multi_shard_modify_mode", "'sequential'"),)
"""In a cluster, whoever has asked several servers at once cannot change a table of each server in that transaction."""


@cache
def _set_config(settings: Settings) -> str:
    return "SELECT " + ", ".join([f"set_config('{name}', {value}, true)" for name, value in settings])


def take(seconds: float | None = None, *, of_replica: bool = False) -> Wire:
    """Take a connection for a transaction; `give_back` ends its loan. Dead ones are replaced.

    Raises PoolTimeout if none is free within so many seconds; default: `timeout_seconds`. Asking the server whether a
    connection lives would cost a round trip.
    """
    pool = _require_pool(of_replica=of_replica)
    until = time.monotonic() + (pool.timeout_seconds if seconds is None else seconds)
    for _ in range(2 * pool.connections.max_size + 1):
        wire = _unpark(pool, until)
        if wire.is_usable():
            wire.patience, wire.is_lent = max(0.0, until - time.monotonic()), True
            return wire
        wire.close()
        pool.connections.putconn(wire.connection)
    raise psycopg.OperationalError("all connections to the database were lost")


def _unpark(pool: _Pool, until: float) -> Wire:
    with pool.lock:
        if pool.parked:
            return pool.parked.pop()
        pool.waiting.append(None)
    try:
        return pool.connections.getconn(timeout=max(0.0, until - time.monotonic())).wire
    finally:
        with pool.lock:
            pool.waiting.pop()


def give_back(wire: Wire) -> None:
    """Return a connection to the pool, once; what it has not read stays unread until it is used again."""
    pool = _require_pool(of_replica=wire.is_of_replica)
    if not wire.is_lent:
        return
    wire.is_lent = False
    if wire.is_unread:
        with pool.lock:
            if not pool.waiting:
                pool.parked.append(wire)
                return
        with suppress(psycopg.Error):
            wire.settle()
    pool.connections.putconn(wire.connection)


def pool_stats(*, of_replica: bool = False) -> dict[str, int]:
    """Return what psycopg counts of this process's pool, such as `pool_size` and `requests_waiting`."""
    pool = _require_pool(of_replica=of_replica)
    stats = pool.connections.get_stats()
    # psycopg also counts who has given up, until it has a connection again.
    stats["requests_waiting"] = min(stats["requests_waiting"], len(pool.waiting))
    return stats


def is_reachable() -> bool:
    """Return whether the database answers, and a connection is free, within a second."""
    try:
        wire = take(seconds=1)
    except (psycopg.OperationalError, PoolTimeout):
        return False
    try:
        wire.queue("SELECT 1", {})
        wire.run()
    except (psycopg.OperationalError, PoolTimeout):
        return False
    finally:
        give_back(wire)
    return True


def _require_pool(*, of_replica: bool = False) -> _Pool:
    pool = _replica if of_replica else _pool
    if pool is None:
        raise RuntimeError("the pool is not open")
    return pool
