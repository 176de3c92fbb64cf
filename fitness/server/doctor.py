"""Checks of an installation. What they say can be shown to anybody: no value of a setting, no name of a person."""

import os
import platform
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import class_row

from fitness.config import SECRETS, VARIABLES, ConfigError, Settings, given_settings, load_settings
from fitness.db import distribution, migrate
from fitness.db.pooler import meets_a_pooler
from fitness.db.server_state import REPLICA_STATE, WRITTEN, ReplicaState
from fitness.providers.client import trusted
from fitness.server.postgres import cluster, database
from fitness.server.service_user import ServerError

OK, WARNING, FAILED = "ok", "warning", "failed"
OLD_DAYS = 365
"""After these days, a secret should be changed."""
REACH_SECONDS = 3
"""How long to wait for the database, and for each provider."""
OF_PROVIDER = re.compile(r"(STRAVA|HEVY|GOOGLE)_\w+_URL")
"""Names of the settings with addresses of providers."""
LITTLE_SPACE = 0.1
"""Share of a disk that should be free."""
LATE_SECONDS = 60
"""Age of the last transaction that a replica has replayed, if there is one after it."""
LARGEST_CLOCK_SECONDS = 2
"""Difference between the clocks of this machine and of the database; their round trip is part of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: `state` is ok, warning or failed."""

    name: str
    state: str
    detail: str


def examine() -> list[Finding]:
    """Return the findings of all checks; those that need what has failed before are left out."""
    found = [Finding("program", OK, f"fitness {version('fitness')}, Python {platform.python_version()}, {_system()}")]
    try:
        settings = load_settings()
    except ConfigError as error:
        names = [problem.partition(" ")[0] for problem in error.problems]
        return [*found, Finding("settings", FAILED, f"not valid: {', '.join(names)}; fitness serve says why")]
    given = given_settings()
    found += [_settings(settings, given), _files(settings, given), _secrets(settings, given), _disk(settings)]
    try:
        with database(settings) as url:
            found += _database(settings, url)
    except (ServerError, OSError) as error:
        found.append(
            Finding(
                "database",
                FAILED,
                type(error).__name__ + ": the embedded PostgreSQL does not start; fitness db url says why",
            )
        )
    found += _addresses(settings)
    return [Finding(one.name, one.state, _without_secrets(settings, one.detail)) for one in found]


def _system() -> str:
    return f"{platform.system()} {platform.release()}, {os.cpu_count()} cores"


def _settings(settings: Settings, given: dict[str, Path | None]) -> Finding:
    return Finding("settings", OK, f"{settings.env}; set: {', '.join(sorted(given)) or 'none'}; the rest by default")


def _files(settings: Settings, given: dict[str, Path | None]) -> Finding:
    """Check that other users of this machine cannot read secrets and data."""
    places = {
        f"the file of {variable.name}": given.get(variable.name)
        for variable in VARIABLES
        if variable.attribute in SECRETS
    }
    places |= {"secrets in FITNESS_DATA_DIR": settings.data_dir / "secrets", "the database's files": cluster(settings)}
    open_to_all = [
        name for name, place in places.items() if place and place.exists() and place.stat().st_mode & stat.S_IROTH
    ]
    if open_to_all:
        return Finding("files", WARNING, f"other users can read {', '.join(open_to_all)}")
    return Finding("files", OK, "only their owner can read secrets and data")


def _secrets(settings: Settings, given: dict[str, Path | None]) -> Finding:
    ages = dict(_ages(settings, given))
    old = [name for name, days in ages.items() if days > OLD_DAYS]
    said = ", ".join(f"{name} {days} days" for name, days in ages.items())
    keys = f"; {len(settings.encryption_keys)} ENCRYPTION_KEYS" if len(settings.encryption_keys) > 1 else ""
    return Finding("secrets", WARNING if old else OK, f"age: {said or 'unknown, as they are in the environment'}{keys}")


def _ages(settings: Settings, given: dict[str, Path | None]) -> Iterator[tuple[str, int]]:
    """Yield the secrets with their ages in days: those of the files that hold them."""
    for variable in VARIABLES:
        if variable.make:
            place = given.get(variable.name, settings.data_dir / "secrets" / variable.attribute)
            if place and place.exists():
                yield variable.name, int((time.time() - place.stat().st_mtime) // 86_400)


def _disk(settings: Settings) -> Finding:
    places = {"temporary files": Path(tempfile.gettempdir())}
    if not settings.database_url:
        places["FITNESS_DATA_DIR"] = settings.data_dir
    free = {name: shutil.disk_usage(place) for name, place in places.items() if place.exists()}
    little = any(usage.free < LITTLE_SPACE * usage.total for usage in free.values())
    said = ", ".join(f"{name} {usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB" for name, usage in free.items())
    return Finding("disk", WARNING if little else OK, f"free for {said}")


def _database(settings: Settings, url: str) -> Iterator[Finding]:
    kind = "your own" if settings.database_url else "embedded"
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=REACH_SECONDS) as connection:
            for check in _OF_DATABASE:
                yield check(connection, kind)
            yield _sharding(connection, settings)
            if settings.database_admin_url:
                yield _admin(connection, settings.database_admin_url)
            if settings.database_replica_url:
                yield _replica(connection, settings.database_replica_url)
    except psycopg.Error as error:
        yield Finding("database", FAILED, f"{kind}: {_why(url, error)}")


def _server(connection: psycopg.Connection, kind: str) -> Finding:
    started = time.perf_counter()
    size = _value(connection, "SELECT pg_database_size(current_database())")
    milliseconds = (time.perf_counter() - started) * 1000
    major, minor = divmod(connection.info.server_version, 10_000)
    what = f"{kind}, PostgreSQL {major}.{minor}"
    encrypted = ", encrypted" if connection.pgconn.ssl_in_use else ""
    return Finding("database", OK, f"{what}, {size / 1e6:.0f} MB, {milliseconds:.0f} ms away{encrypted}")


def _schema(connection: psycopg.Connection, _: str) -> Finding:
    has = _value(connection, "SELECT to_regclass('alembic_version') IS NOT NULL")
    current = _value(connection, "SELECT version_num FROM alembic_version") if has else None
    if current != migrate.head():
        return Finding("schema", FAILED, migrate.advice(current))
    return Finding("schema", OK, f"at {current}, the newest")


def _pooler(connection: psycopg.Connection, _: str) -> Finding:
    return Finding("pooler", OK, "there is one, such as PgBouncer" if meets_a_pooler(connection) else "none")


def _replicas(connection: psycopg.Connection, _: str) -> Finding:
    """Say how far replicas are behind; a role without `pg_monitor` sees that they are there."""
    row = connection.execute(
        "SELECT count(*), extract(epoch FROM max(replay_lag))::float8 FROM pg_stat_replication"
    ).fetchone()
    assert row is not None
    number, seconds = row
    lag = "" if seconds is None else f", the last one {seconds:.1f} s behind"
    return Finding("replicas", OK, f"{number or 'none'}{lag}")


def _sharding(connection: psycopg.Connection, settings: Settings) -> Finding:
    """Check that the program knows of a distributed database: only then the servers of a cluster learn who asks."""
    distributed = distribution.is_distributed(connection)
    if distributed != settings.is_sharded:
        said, there = ("citus", "is not") if settings.is_sharded else ("none", "is")
        return Finding("sharding", FAILED, f"DATABASE_SHARDING is {said}, but the database {there} distributed")
    return Finding("sharding", OK, "distributed by user" if distributed else "none")


_SERVER = "SELECT (SELECT oid FROM pg_database WHERE datname = current_database()), pg_postmaster_start_time()"
"""Which database this is, of which server: a copy, such as a replica that was promoted, started at another time."""


def _admin(connection: psycopg.Connection, url: str) -> Finding:
    """Check that migrations and backups reach the database that requests run on, and without a pooler."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=REACH_SECONDS) as admin:
            if meets_a_pooler(admin):
                return Finding("admin", FAILED, "DATABASE_ADMIN_URL leads to a pooler")
            if admin.execute(_SERVER).fetchone() != connection.execute(_SERVER).fetchone():
                return Finding("admin", FAILED, "DATABASE_ADMIN_URL leads to another database than DATABASE_URL")
    except psycopg.Error as error:
        return Finding("admin", FAILED, f"DATABASE_ADMIN_URL: {_why(url, error)}")
    return Finding("admin", OK, "DATABASE_ADMIN_URL leads to the same database, without a pooler")


_UNUSED = ": all is read from the database itself"


def _replica(primary: psycopg.Connection, url: str) -> Finding:
    """Say how much of the log the replica that reads run on has not replayed yet."""
    written = _value(primary, WRITTEN)
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=REACH_SECONDS) as replica:
            cursor = replica.cursor(row_factory=class_row(ReplicaState))
            state = cursor.execute(REPLICA_STATE, {"log": written}).fetchone()
    except psycopg.Error as error:
        return Finding("replica", WARNING, f"{_why(url, error)}{_UNUSED}")
    assert state is not None
    if not state.replays:
        return Finding("replica", WARNING, f"DATABASE_REPLICA_URL leads to no replica{_UNUSED}")
    behind = f"{(state.bytes_behind or 0) / 1e6:.1f} MB of the log behind"
    if (seconds := state.seconds_behind or 0) > LATE_SECONDS:
        return Finding("replica", WARNING, f"{behind}, its last transaction {seconds:.0f} s ago{_UNUSED}")
    return Finding("replica", OK, behind)


def _clock(connection: psycopg.Connection, _: str) -> Finding:
    there = _value(connection, "SELECT clock_timestamp()")
    seconds = abs((datetime.now(UTC) - there).total_seconds())
    state = OK if seconds < LARGEST_CLOCK_SECONDS else WARNING
    return Finding("clock", state, f"{seconds:.1f} s between this machine and the database")


_OF_DATABASE: tuple[Callable[[psycopg.Connection, str], Finding], ...] = (_server, _schema, _pooler, _replicas, _clock)


def _value(connection: psycopg.Connection, query: Any) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def _why(url: str, error: psycopg.Error) -> str:
    """Return the first line of an error without what the URL says."""
    text = (str(error).splitlines() or [type(error).__name__])[0]
    for value in conninfo_to_dict(url).values():
        text = text.replace(str(value), "…")
    return text


def _addresses(settings: Settings) -> list[Finding]:
    """Ask each provider, all at once; any answer is one."""
    named = {one.name: getattr(settings, one.attribute) for one in VARIABLES if OF_PROVIDER.fullmatch(one.name)}
    with httpx.Client(timeout=REACH_SECONDS, verify=trusted()) as client, ThreadPoolExecutor(len(named)) as pool:

        def ask(address: str) -> str:
            with suppress(httpx.HTTPError):
                client.head(str(httpx.URL(address).copy_with(path="/", query=None, userinfo=b"")))
                return ""
            return "silent"

        silent = [name for name, answer in zip(named, pool.map(ask, named.values()), strict=True) if answer]
    if silent:
        return [Finding("providers", WARNING, f"no answer from {', '.join(silent)}")]
    return [Finding("providers", OK, f"all {len(named)} addresses answer")]


def _without_secrets(settings: Settings, detail: str) -> str:
    """Remove what is secret, should a message of the system quote it."""
    for name in SECRETS:
        value = getattr(settings, name) or ()
        for text in (value,) if isinstance(value, str) else value:
            detail = detail.replace(text, "…")
    return detail
