"""Distribute the tables of a Citus cluster by user: what it takes, in which order, and whether it is so.

Rows of one user are on one server, together, as the tables are colocated: `DISTRIBUTED` in `Tables`. Small tables that
statements of all users join are on every server: reference tables. All others stay on the coordinator.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

REFERENCE: tuple[LiteralString, ...] = ("users", "exercise_catalog")
"""The tables that every server has."""

FIRST = "changesets"
"""The table that the others are colocated with."""


@dataclass(frozen=True, slots=True)
class Key:
    """A foreign key, and the two tables that it joins."""

    name: str
    table: str
    target: str
    definition: str


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a database, each in one class; `distributed` has those that others refer to first.

    `done` has those that are as they shall be, `keys` the foreign keys of the database. `numbered`: `fitness_app` may
    take numbers from all sequences.
    """

    reference: list[str]
    distributed: list[str]
    local: list[str]
    done: Collection[str]
    keys: list[Key]
    numbered: bool


def read_tables(connection: psycopg.Connection) -> Tables:
    """Return the tables of a migrated database, whether it is a Citus cluster or not."""
    has_user = dict(
        connection.execute(
            """
            SELECT c.relname::text, EXISTS (
                SELECT FROM pg_attribute AS a
                WHERE a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped
            )
            FROM pg_class AS c
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
            ORDER BY c.relname
            """
        ).fetchall()
    )
    keys = [
        Key(*row)
        for row in connection.execute(
            """
            SELECT k.conname, t.relname, f.relname, pg_get_constraintdef(k.oid)
            FROM pg_constraint AS k
            JOIN pg_class AS t ON t.oid = k.conrelid
            JOIN pg_class AS f ON f.oid = k.confrelid
            WHERE k.contype = 'f' AND t.relnamespace = 'public'::regnamespace
            ORDER BY t.relname, k.conname
            """
        )
    ]
    of_users = [name for name, named in has_user.items() if named and name not in REFERENCE]
    return Tables(
        reference=[name for name in REFERENCE if name in has_user],
        distributed=_in_order(of_users, keys),
        local=[name for name, named in has_user.items() if not named and name not in REFERENCE],
        done=_done(connection),
        keys=keys,
        numbered=connection.execute(
            """
            SELECT
            FROM pg_sequence AS s
            JOIN pg_class AS c ON c.oid = s.seqrelid AND c.relnamespace = 'public'::regnamespace
            WHERE NOT has_sequence_privilege('fitness_app', s.seqrelid, 'USAGE')
            """
        ).rowcount
        == 0,
    )


def _in_order(names: Iterable[str], keys: Collection[Key]) -> list[str]:
    """Return tables with those that others refer to first, the first of all FIRST."""
    targets: Mapping[str, set[str]] = {name: set() for name in names}
    for key in keys:
        if key.table in targets and key.target in targets and key.table != key.target:
            targets[key.table].add(key.target)
    ordered: list[str] = []

    def add(name: str) -> None:
        for target in sorted(targets[name]):
            if target not in ordered:
                add(target)
        if name not in ordered:
            ordered.append(name)

    for name in sorted(targets, key=lambda name: (name != FIRST, name)):
        add(name)
    return ordered


def is_cluster(connection: psycopg.Connection) -> bool:
    """Return whether the database has the extension Citus."""
    return connection.execute("SELECT FROM pg_extension WHERE extname = 'citus'").rowcount > 0


def _done(connection: psycopg.Connection) -> set[str]:
    """Return the tables that are distributed by user, together with FIRST, and the reference tables."""
    if not is_cluster(connection):
        return set()
    rows = connection.execute(
        """
        SELECT p.logicalrelid::regclass::text, p.partmethod::text, p.colocationid = (
                SELECT f.colocationid FROM pg_dist_partition AS f WHERE f.logicalrelid = to_regclass(%s)
            ),
            column_to_column_name(p.logicalrelid, p.partkey)
        FROM pg_dist_partition AS p
        """,
        [FIRST],
    ).fetchall()
    return {
        name
        for name, method, together, column in rows
        if (method == "n" and name in REFERENCE) or (method == "h" and together and column == "user_id")
    }


def is_distributed(connection: psycopg.Connection) -> bool:
    """Return whether the tables of user data are distributed."""
    return FIRST in _done(connection)


def missing_keys(tables: Tables) -> list[Key]:
    """Return the foreign keys to reference tables that the schema has and the database lacks.

    They are put aside while tables are distributed; an attempt that failed has left them so.
    """
    from fitness.db.schema import metadata

    there = {(key.table, key.name) for key in tables.keys}
    return [
        Key(str(key.name), table.name, key.referred_table.name, _definition(key.ondelete))
        for table in metadata.sorted_tables
        for key in table.foreign_key_constraints
        if key.referred_table.name in REFERENCE and (table.name, key.name) not in there
    ]


def _definition(on_delete: str | None) -> str:
    return "FOREIGN KEY (user_id) REFERENCES users(user_id)" + (f" ON DELETE {on_delete}" if on_delete else "")


def plan(tables: Tables) -> list[sql.Composed]:
    """Return the statements that are left to do, in order; each may be run in a transaction of its own."""
    left = [name for name in (*tables.reference, *tables.distributed) if name not in tables.done]
    aside = [key for key in tables.keys if key.target in REFERENCE and key.table in left]
    aside += [key for key in tables.keys if key.target in left and key.target in REFERENCE and key not in aside]
    again = [*aside, *missing_keys(tables)]
    return [
        *(_altered(key.table, sql.SQL("DROP CONSTRAINT {}").format(sql.Identifier(key.name))) for key in aside),
        *(
            sql.SQL("SELECT create_reference_table({})").format(sql.Literal(name))
            for name in tables.reference
            if name in left
        ),
        *(_distributed(name) for name in tables.distributed if name in left),
        *(
            _altered(
                key.table,
                sql.SQL("ADD CONSTRAINT {} {}").format(sql.Identifier(key.name), sql.SQL(key.definition)),  # type: ignore
            )
            for key in sorted(again, key=lambda key: key.table)
        ),
        # The coordinator takes the numbers of identity columns itself, as the role of the transaction.
        *([] if tables.numbered else [sql.Composed([_GRANT])]),
    ]


_GRANT = sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO fitness_app")


def _altered(table: str, change: sql.Composed) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(table), change)


def _distributed(table: str) -> sql.Composed:
    together = "default" if table == FIRST else FIRST
    return sql.SQL("SELECT create_distributed_table({}, 'user_id', colocate_with => {})").format(
        sql.Literal(table), sql.Literal(together)
    )


MISSING: tuple[tuple[LiteralString, str], ...] = (
    (
        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')",
        "The extension Citus is missing: CREATE EXTENSION citus in this database on each server, as a superuser.",
    ),
    (
        "SELECT EXISTS (SELECT FROM pg_dist_local_group WHERE groupid = 0)",
        "This server is a worker: connect to the coordinator.",
    ),
    (
        "SELECT EXISTS (SELECT FROM pg_dist_node WHERE isactive AND shouldhaveshards)",
        "The cluster has no server for shards: SELECT citus_add_node('worker', 5432) for each worker.",
    ),
    (
        "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'fitness_app'",
        "The coordinator connects to the workers as fitness_app: ALTER ROLE fitness_app LOGIN.",
    ),
    (
        "SELECT pg_has_role(current_user, 'fitness_app', 'MEMBER')",
        "The owner of the database is not granted fitness_app: GRANT fitness_app TO it.",
    ),
    (
        "SELECT current_setting('citus.propagate_set_commands', true) IS NOT DISTINCT FROM 'local'",
        "The workers do not learn whose rows a transaction sees: ALTER DATABASE … SET citus.propagate_set_commands ="
        " 'local'.",
    ),
)
"""What a cluster needs, as a question with one truth value → what to do if it is not so; each needs those before it."""


def find_missing(connection: psycopg.Connection) -> str | None:
    """Return what the database lacks before it can be distributed, and what to do; None if it lacks nothing."""
    for question, missing in MISSING:
        row = connection.execute(question).fetchone()
        if row is None or not row[0]:
            return missing
    return None


def distribute(connection: psycopg.Connection) -> Iterator[str]:
    """Run what is left of the plan, each statement in a transaction of its own; yield each before it runs.

    After an error, or if it was stopped, it goes on where it ended. The connection is in autocommit mode.
    """
    for statement in plan(read_tables(connection)):
        yield statement.as_string(connection)
        connection.execute(statement)


def find_wrong(connection: psycopg.Connection) -> list[str]:
    """Return what is not as the plan promises, one sentence each; empty if all is."""
    tables = read_tables(connection)
    wrong = [
        f"{name} is not {'on every server' if name in REFERENCE else 'distributed by user'}."
        for name in (*tables.reference, *tables.distributed)
        if name not in tables.done
    ]
    wrong += [f"{key.table} lacks the foreign key {key.name}." for key in missing_keys(tables)]
    return wrong or _unreadable(connection, tables)


def _unreadable(connection: psycopg.Connection, tables: Tables) -> list[str]:
    """Return the tables of which the workers show a user other rows than the owner of the database sees.

    The user is the one who wrote most, so that there are rows.
    """
    row = connection.execute("SELECT user_id FROM change_counters ORDER BY position DESC LIMIT 1").fetchone()
    if row is None:
        return []
    counts = {name: sql.SQL("SELECT count(*) FROM {} WHERE user_id = %s").format(sql.Identifier(name))
              for name in tables.distributed}  # fmt: skip
    owners = {name: connection.execute(query, row).fetchone() for name, query in counts.items()}
    with connection.transaction():
        connection.execute("SET LOCAL ROLE fitness_app")
        connection.execute(sql.SQL("SET LOCAL fitness.user_id = {}").format(sql.Literal(str(row[0]))))
        users = {name: connection.execute(query, row).fetchone() for name, query in counts.items()}
    return [f"A user cannot read their rows of {name}." for name in counts if users[name] != owners[name]]
