"""All that belongs to an account: what an archive of it holds, row by row, and what goes when its owner leaves.

In an archive, what the database counts itself (changesets, plans, versions) is counted from 1 on, as another database
would not give the same numbers: rows are in their order, and what refers to one of them says which one it is.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg import sql

from fitness.db.connection import execute, fetch_all, fetch_one, stream
from fitness.db.users import PROFILE


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an archive. `key` is its primary key behind the user; `numbered`: the database counts it.

    `numbers` are the columns that hold such a number, and the table that it is counted in. `later` are those that refer
    to rows of the same table, which can be filled in only when all of these are there.
    """

    name: LiteralString
    key: tuple[LiteralString, ...] = ("id",)
    numbered: bool = False
    numbers: Mapping[LiteralString, LiteralString] = field(default_factory=dict)
    later: tuple[LiteralString, ...] = ()

    def generated(self) -> set[str]:
        """Return the columns that the database fills in when a row is added."""
        return {"user_id", *(self.key if self.numbered else ())}


_NO_NUMBERS: Mapping[LiteralString, LiteralString] = {}


def _history(name: LiteralString, numbers: Mapping[LiteralString, LiteralString] = _NO_NUMBERS) -> Table:
    return Table(name, ("history_id",), numbered=True, numbers={"changeset_id": "changesets", **numbers})


TABLES = (
    Table(
        "changesets",
        ("changeset_id",),
        numbered=True,
        numbers=dict.fromkeys(("changeset_id", "reverts", "reverted_by"), "changesets"),
        later=("reverts", "reverted_by"),
    ),
    Table("shoes", later=("merged_into",)),
    _history("shoes_history"),
    Table("runs", later=("duplicate_of",)),
    _history("runs_history"),
    Table("distinct_runs", ("run_id", "other_run_id")),
    Table("synced_runs", numbered=True),
    Table("exercises"),
    _history("exercises_history"),
    Table("workouts"),
    _history("workouts_history"),
    Table("synced_workouts", numbered=True),
    Table("exercise_executions", ("workout_id", "exercise_id")),
    Table("strength_sets"),
    Table("cardio_sessions"),
    Table("rep_sessions"),
    Table("planned_workouts", numbered=True, numbers={"id": "planned_workouts"}),
    _history("planned_workouts_history", {"planned_workout_id": "planned_workouts"}),
    Table("workout_selections", numbered=True, numbers={"workout_id": "planned_workouts"}),
    Table("plan_links", ("planned_workout_id",), numbers={"planned_workout_id": "planned_workouts"}),
)
"""What an archive holds beside the profile: each table behind those that it refers to."""
_TABLES = {table.name: table for table in TABLES}
COUNTERS = {counter for table in TABLES for counter in table.numbers.values()}
"""The tables whose numbers others hold."""
LEFT_OUT = {
    "users": "The profile goes along; what makes the account is the new account's own.",
    "refresh_tokens": "Sessions are secret, and end with the account.",
    "api_tokens": "Tokens are secret, and end with the account.",
    "oauth_credentials": "Secret: whoever moves connects anew.",
    "oauth_states": "Secret, and good for minutes.",
    "sync_metadata": "What a connection remembers: the first sync after connecting anew reads everything again.",
    "provider_events": "What a connection has yet to do.",
}
"""The other tables with rows of users, and why an archive does not hold them."""

CARRIED = tuple(column for column in PROFILE if column != "username")
"""The columns of a profile that an archive holds; a username may be taken where it goes to."""


def read_consistently() -> None:
    """Let the bound transaction see one moment throughout; to be said before anything is read."""
    execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def stream_profile() -> Generator[str]:
    """Yield the profile of the transaction's user as a line of JSON."""
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
            key=sql.Identifier(_TABLES[counter].key[0]),
            counter=sql.Identifier(counter),
            alias=sql.Identifier(f"of_{column}"),
            column=sql.Identifier(column),
        )
        for column, counter in table.numbers.items()
    ]
    numbers = [sql.SQL("{}, {}.number").format(column, sql.Identifier(f"of_{column}")) for column in table.numbers]
    return stream(
        str,
        sql.SQL(
            """
            SELECT (to_jsonb(t) - %(generated)s::text[] || jsonb_build_object({numbers}))::text
            FROM {table} AS t
            {references}
            WHERE t.user_id = %(user_id)s
            ORDER BY {order}
            """
        ).format(
            table=sql.Identifier(table.name),
            numbers=sql.SQL(", ").join(numbers),
            references=sql.SQL(" ").join(references),
            order=sql.SQL(", ").join(_order(table, column) for column in table.key),
        ),
        generated=sorted(table.generated()),
    )


def _order(table: Table, column: LiteralString) -> sql.Composed:
    """Return what rows are ordered by: by nothing that another database would have otherwise."""
    written: LiteralString = "t.{}" if table.numbered or column in table.numbers else 't.{}::text COLLATE "C"'
    return sql.SQL(written).format(sql.Identifier(column))


def has_rows() -> bool:
    """Tell whether the user has any row that an archive would hold, the profile aside."""
    found = [
        sql.SQL("EXISTS (SELECT FROM {} WHERE user_id = %(user_id)s)").format(sql.Identifier(table.name))
        for table in TABLES
    ]
    return bool(fetch_one(bool, sql.SQL("SELECT {}").format(sql.SQL(" OR ").join(found))))


def list_columns() -> dict[str, set[str]]:
    """Return the columns of each table that an archive may tell."""
    rows: list[dict[str, Any]] = fetch_all(
        dict,
        """
        SELECT c.relname AS name, array_agg(a.attname::text) AS columns
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.oid = ANY (%(tables)s::regclass[])
        GROUP BY c.relname
        """,
        tables=[table.name for table in TABLES],
    )
    columns = {row["name"]: set(row["columns"]) for row in rows}
    return {table.name: columns[table.name] - table.generated() | set(table.numbers) for table in TABLES}


def list_numbers(table: Table) -> list[int]:
    """Return the numbers of the user's rows here, in the order of those in the archive."""
    (key,) = table.key
    return fetch_all(
        int,
        sql.SQL("SELECT {key} FROM {table} WHERE user_id = %(user_id)s ORDER BY {key}").format(
            key=sql.Identifier(key), table=sql.Identifier(table.name)
        ),
    )


def add_rows(table: Table, columns: Sequence[str], rows: str, numbers: Mapping[str, Sequence[int]]) -> int:
    """Add rows, a JSON array of such as `stream_rows` yields, with the given of their columns; return how many.

    `numbers` are, by table, the numbers here that those of the array mean.
    """
    added = [column for column in columns if column not in {*table.generated(), *table.later}]
    return execute(
        sql.SQL(
            """
            INSERT INTO {table} (user_id, {columns})
            SELECT %(user_id)s, {values}
            FROM {rows}
            ORDER BY l.place
            """
        ).format(
            table=sql.Identifier(table.name),
            columns=_identifiers(added),
            values=_identifiers(added, "r"),
            rows=_rows(table),
        ),
        rows=rows,
        **_numbers(numbers),
    )


def set_references(table: Table, rows: str, numbers: Mapping[str, Sequence[int]]) -> None:
    """Fill in what rows that are there by now say of rows of their own table; the arguments are those of `add_rows`."""
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
    """Return the source `r` of a table's rows as the parameter `rows` tells them, numbered by `l.place`."""
    ids = [
        sql.SQL("{0}, ({1}::bigint[])[(l.said ->> {0})::integer]").format(column, sql.Placeholder(counter))
        for column, counter in table.numbers.items()
    ]
    return sql.SQL(
        """
        jsonb_array_elements(%(rows)s::jsonb) WITH ORDINALITY AS l (said, place)
        CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, l.said || jsonb_build_object({ids})) AS r
        """
    ).format(table=sql.Identifier(table.name), ids=sql.SQL(", ").join(ids))


def _numbers(numbers: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """Return the parameters that `_rows` takes; of what is not there yet, nothing has a number."""
    return {counter: list(numbers.get(counter, ())) for counter in COUNTERS}


def _identifiers(columns: Sequence[str], of: LiteralString | None = None) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(*([of] if of else []), column) for column in columns)


def delete_account(user_id: int) -> None:
    """Delete an account with all that is its, for good, in a system transaction.

    What refers to other rows goes before these, as not everything may be gone before what it refers to.
    """
    # Whoever is about to add a row of this user has done so by now, or finds that there is no such user.
    fetch_one(int, "SELECT user_id FROM users WHERE user_id = %(user_id)s FOR UPDATE", user_id=user_id)
    for table in reversed(TABLES):
        execute(
            sql.SQL("DELETE FROM {} WHERE user_id = %(user_id)s").format(sql.Identifier(table.name)), user_id=user_id
        )
    execute("DELETE FROM users WHERE user_id = %(user_id)s", user_id=user_id)


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """What a person may want to open in a spreadsheet: its first line, and a statement that selects the others."""

    name: str
    headings: str
    query: LiteralString


SPREADSHEETS = (
    Spreadsheet(
        "runs",
        "id,datetime_utc,type,distance_miles,duration_seconds,avg_heart_rate,shoe,source,name,notes",
        """
        SELECT r.id, r.datetime_utc, r.type, r.distance, r.duration, r.avg_heart_rate, s.name, r.source, r.name, r.notes
        FROM runs AS r
        LEFT JOIN shoes AS s ON s.user_id = %(user_id)s AND s.id = r.shoe_id
        WHERE r.user_id = %(user_id)s
          AND r.deleted_at IS NULL
        ORDER BY r.datetime_utc, r.id
        """,
    ),
    Spreadsheet(
        "shoes",
        "id,name,retired_at,retirement_notes,notes,runs,miles",
        """
        SELECT s.id, s.name, s.retired_at, s.retirement_notes, s.notes, count(r.id), coalesce(sum(r.distance), 0)
        FROM shoes AS s
        LEFT JOIN runs AS r ON r.user_id = %(user_id)s AND r.shoe_id = s.id AND r.deleted_at IS NULL
        WHERE s.user_id = %(user_id)s
          AND s.deleted_at IS NULL
        GROUP BY s.user_id, s.id
        ORDER BY s.name
        """,
    ),
    Spreadsheet(
        "workouts",
        "id,workout_type,title,start_ts,end_ts,finished_at,calories_burned,source,notes,"
        "distance_miles,duration_seconds,avg_heart_rate,rep_exercise,reps_count",
        """
        SELECT w.id, w.workout_type, w.title, w.start_ts, w.end_ts, w.finished_at, w.calories_burned, w.source, w.notes,
          c.distance_miles, coalesce(c.duration_seconds, p.duration_seconds), c.avg_heart_rate, p.exercise_type,
          p.reps_count
        FROM workouts AS w
        LEFT JOIN cardio_sessions AS c ON c.user_id = %(user_id)s AND c.workout_id = w.id
        LEFT JOIN rep_sessions AS p ON p.user_id = %(user_id)s AND p.workout_id = w.id
        WHERE w.user_id = %(user_id)s
          AND w.deleted_at IS NULL
        ORDER BY w.start_ts, w.id
        """,
    ),
    Spreadsheet(
        "sets",
        "workout_id,start_ts,exercise,set_index,set_type,weight,weight_unit,reps,forced_reps,rpe,"
        "duration_seconds,distance_miles,note",
        """
        SELECT w.id, w.start_ts, e.name, s.set_index, s.set_type, s.weight, s.weight_unit, s.reps, s.forced_reps, s.rpe,
          s.duration_seconds, s.distance_miles, s.note
        FROM workouts AS w
        JOIN strength_sets AS s ON s.user_id = %(user_id)s AND s.workout_id = w.id
        JOIN exercises AS e ON e.user_id = %(user_id)s AND e.id = s.exercise_id
        WHERE w.user_id = %(user_id)s
          AND w.deleted_at IS NULL
        ORDER BY w.start_ts, w.id, s.position
        """,
    ),
)


def stream_spreadsheet(spreadsheet: Spreadsheet) -> Generator[tuple[Any, ...]]:
    """Yield the rows of a spreadsheet, deleted records left out."""
    return stream(tuple, spreadsheet.query)
