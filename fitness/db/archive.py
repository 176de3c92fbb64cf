"""Export the rows of an account for an archive, and add them to an empty account.

Numbers that are generated (planned workouts, versions) start at 1 in an archive, as another
database would generate other numbers: rows are in the order of their numbers, and references use these numbers.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, LiteralString

from psycopg import sql

from fitness.db.account_tables import COUNTERS, LOADED, TABLES
from fitness.db.connection import STREAMED_ROWS, execute, fetch_all, fetch_one, stream
from fitness.db.tables import Table
from fitness.db.users import PROFILE

STREAMED_FILES = 20
"""How many rows with a file or points are in memory."""
_KEYS = {table.name: table.key[0] for table in TABLES}

CARRIED = tuple(column for column in PROFILE if column != "username")
"""The profile columns in an archive; without the username, which may be taken on the other server."""


def stream_profile() -> Generator[str]:
    """Yield the profile of the transaction's user as one line of JSON."""
    return stream(
        str,
        sql.SQL("SELECT to_jsonb(p)::text FROM (SELECT {} FROM users WHERE user_id = %(user_id)s) AS p").format(
            _identifiers(CARRIED)
        ),
    )


def stream_rows(table: Table) -> Generator[str]:
    """Yield the user's rows of a table, each as a line of JSON, in an order that does not depend on the database."""
    references = [
        sql.SQL(
            """
            LEFT JOIN (
                SELECT c.{key}, row_number() OVER (ORDER BY c.{key}) AS number
                FROM {counter} AS c
                WHERE c.user_id = %(user_id)s
            ) AS {alias} ON {alias}.{key} = t.{column}
            """
        ).format(
            key=sql.Identifier(_KEYS[counter]),
            counter=sql.Identifier(counter),
            alias=sql.Identifier(f"of_{column}"),
            column=sql.Identifier(column),
        )
        for column, counter in table.numbers.items()
    ]
    numbers = [sql.SQL("{}, {}.number").format(column, sql.Identifier(f"of_{column}")) for column in table.numbers]
    # encode() breaks its lines.
    binary = [
        sql.SQL("{}, translate(encode(t.{}, 'base64'), %(line_end)s, '')").format(column, sql.Identifier(column))
        for column in table.binary
    ]
    return stream(
        str,
        sql.SQL(
            """
            SELECT (to_jsonb(t) - %(generated)s::text[] || jsonb_build_object({values}))::text
            FROM {table} AS t
            {references}
            WHERE t.user_id = %(user_id)s
            ORDER BY {order}
            """
        ).format(
            table=sql.Identifier(table.name),
            values=sql.SQL(", ").join([*numbers, *binary]),
            references=sql.SQL(" ").join(references),
            order=sql.SQL(", ").join(_order(table, column) for column in table.key),
        ),
        fetched=STREAMED_FILES if table.binary else STREAMED_ROWS,
        generated=sorted(table.generated()),
        **({"line_end": "\n"} if table.binary else {}),
    )


def _order(table: Table, column: LiteralString) -> sql.Composed:
    """Return the ORDER BY expression of a column, which gives the same order in every database."""
    written: LiteralString = "t.{}" if table.numbered or column in table.numbers else 't.{}::text COLLATE "C"'
    return sql.SQL(written).format(sql.Identifier(column))


def has_rows() -> bool:
    """Return whether the user has any row that an archive would include, except the profile."""
    found = [
        sql.SQL("EXISTS (SELECT FROM {} WHERE user_id = %(user_id)s)").format(sql.Identifier(table.name))
        for table in TABLES
    ]
    return bool(fetch_one(bool, sql.SQL("SELECT {}").format(sql.SQL(" OR ").join(found))))


def list_columns() -> dict[str, set[str]]:
    """Return the columns of each table that an archive may have."""
    rows: list[dict[str, Any]] = fetch_all(
        dict,
        """
        SELECT c.relname AS name, array_agg(a.attname::text) AS columns
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.oid = ANY (%(tables)s::regclass[])
        GROUP BY c.relname
        """,
        tables=[table.name for table in LOADED],
    )
    columns = {row["name"]: set(row["columns"]) for row in rows}
    return {table.name: columns[table.name] - table.generated() | set(table.numbers) for table in LOADED}


def list_numbers(table: Table) -> list[int]:
    """Return the numbers of the user's rows in this database, in the order of the archive."""
    (key,) = table.key
    return fetch_all(
        int,
        sql.SQL("SELECT {key} FROM {table} WHERE user_id = %(user_id)s ORDER BY {key}").format(
            key=sql.Identifier(key), table=sql.Identifier(table.name)
        ),
    )


def add_rows(table: Table, columns: Sequence[str], rows: str, numbers: Mapping[str, Sequence[int]]) -> int:
    """Add rows, a JSON array of lines from `stream_rows`, with the given columns; return their number.

    `numbers` maps each table's numbers in the archive to those in this database: {table: [number, …]}.
    """
    added = [column for column in columns if column not in {*table.generated(), *table.later}]
    return execute(
        sql.SQL(
            """
            INSERT INTO {table} (user_id, {columns})
            SELECT %(user_id)s, {values}
            FROM {rows}
            ORDER BY l.place
            RETURNING 1
            """
        ).format(
            table=sql.Identifier(table.name),
            columns=_identifiers([*(table.key if table.per_user else ()), *added]),
            values=sql.SQL(", ").join([*_next_numbers(table), _identifiers(added, "r")]),
            rows=_rows(table),
        ),
        rows=rows,
        **_numbers(numbers),
    )


def _next_numbers(table: Table) -> list[sql.Composed]:
    """Return the SQL of the keys of rows, if they are numbered for each user: those after the last number."""
    if not table.per_user:
        return []
    return [
        sql.SQL("(SELECT coalesce(max(c.{}), 0) FROM {} AS c WHERE c.user_id = %(user_id)s) + l.place").format(
            sql.Identifier(*table.key), sql.Identifier(table.name)
        )
    ]


def set_references(table: Table, rows: str, numbers: Mapping[str, Sequence[int]]) -> None:
    """Fill in the references of rows to rows of their own table, all added by now; for the arguments see `add_rows`."""
    execute(
        sql.SQL(
            """
            UPDATE {table} AS t
            SET {assignments}
            FROM {rows}
            WHERE t.user_id = %(user_id)s
              AND ({key}) = ({keys})
            """
        ).format(
            table=sql.Identifier(table.name),
            assignments=sql.SQL(", ").join(
                sql.SQL("{0} = r.{0}").format(sql.Identifier(column)) for column in table.later
            ),
            rows=_rows(table),
            key=_identifiers(table.key, "t"),
            keys=_identifiers(table.key, "r"),
        ),
        rows=rows,
        **_numbers(numbers),
    )


def _rows(table: Table) -> sql.Composed:
    """Return the SQL source `r` of the rows in the parameter `rows`, numbered by `l.place`."""
    ids = [
        sql.SQL("{0}, ({1}::bigint[])[(l.sent ->> {0})::integer]").format(column, sql.Placeholder(counter))
        for column, counter in table.numbers.items()
    ]
    binary = [sql.SQL("{0}, decode(l.sent ->> {0}, 'base64')").format(column) for column in table.binary]
    return sql.SQL(
        """
        jsonb_array_elements(%(rows)s::jsonb) WITH ORDINALITY AS l (sent, place)
        CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, l.sent || jsonb_build_object({values})) AS r
        """
    ).format(table=sql.Identifier(table.name), values=sql.SQL(", ").join([*ids, *binary]))


def _numbers(numbers: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """Return the parameters of `_rows`; tables that are not loaded yet have no numbers."""
    return {counter: list(numbers.get(counter, ())) for counter in COUNTERS}


def _identifiers(columns: Sequence[str], of: LiteralString | None = None) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(*([of] if of else []), column) for column in columns)
