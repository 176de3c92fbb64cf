"""The schema `as_of`: the log as it was at the instant in the setting `fitness.as_of`.

Its views have the names and columns of the tables of versioned nouns, and its `now()` is the instant. With
`search_path = as_of, pg_catalog, public`, a statement answers what it would have answered then.

A record that has not changed since the instant is the row of its table, so that the indexes of the table serve; any
other one is its latest version at the instant. Columns without versions, such as conflicts, are those of today.

The view `runs_by_date` has the same rows as `runs`. A page by date reads only so many versions in it as it has runs,
while `runs` looks up all runs that have changed since; for all other statements, that is faster.

The columns come from the catalog. A migration that removes a column of a noun calls `drop_views` before and
`create_views`, with its own revision, after.

The views serve servers that still run the release before, and a later migration drops them: the program has its own
queries, in `fitness.db.history.as_of`, as a cluster needs the user in each of them.
"""

from typing import NamedTuple

from alembic import op
from sqlalchemy import text

_INSTANT = "(SELECT as_of.now())"
"""As a subquery, the setting is read once per statement, not once per row."""
_USER = "nullif(current_setting('fitness.user_id', true), '')::bigint"
_FEW = 1000
"""How many versions since the instant are looked up one by one; for more, all versions are read."""
_CHANGED_AT = "coalesce({record}.last_edited_at, {record}.created_at)"
"""When the latest version of a record was made."""


class _Noun(NamedTuple):
    """The history table of a noun, its column with the record's id, and when a version `v` begins.

    `by_time`: the changed records are found by an index of the history. That is for lists of many records, of which few
    have changed; looking up single ones again and again would be slower.
    """

    history: str
    key: str
    begin: str = "v.changed_at"
    by_time: bool = False


NOUNS = {
    "shoes": _Noun("shoes_history", "shoe_id"),
    "runs": _Noun("runs_history", "run_id", by_time=True),
    "exercises": _Noun("exercises_history", "exercise_id"),
    # The version of a workout in progress grows: it begins with its first change, `changed_at` is its last.
    "workouts": _Noun("workouts_history", "workout_id", "coalesce(v.begun_at, v.changed_at)"),
    "planned_workouts": _Noun("planned_workouts_history", "planned_workout_id"),
}

_IS_EDITED = "(h.version_number > 1 OR h.changed_at > r.created_at)"
_DERIVED = {
    "user_id": "r.user_id",
    "version": "h.version_number",
    "live_edits": "0",
    "name_key": "lower(h.name)",
    "last_edited_at": f"CASE WHEN {_IS_EDITED} THEN h.changed_at END",
    "last_edited_by": f"CASE WHEN {_IS_EDITED} THEN h.changed_by END",
    # A deleted record can have more versions; the first one since it was last there is the deletion.
    "deleted_at": """
        CASE WHEN h.change_type = 'deletion' THEN (
            SELECT d.changed_at
            FROM public.{history} AS d
            WHERE d.user_id = h.user_id AND d.{key} = h.{key} AND d.version_number = 1 + (
                SELECT max(l.version_number)
                FROM public.{history} AS l
                WHERE l.user_id = h.user_id AND l.{key} = h.{key} AND l.version_number < h.version_number
                  AND l.change_type <> 'deletion'
            )
        ) END
    """,
    "updated_at": "h.changed_at",
}
"""Column of a record `r` → what it was, from the version `h`."""

_PARTS = {
    "exercise_executions": "json_to_recordset(h.exercise_executions) AS p ({columns})",
    "strength_sets": """
        json_to_recordset(h.exercise_executions) AS e (exercise_id uuid, sets json)
        CROSS JOIN LATERAL json_to_recordset(e.sets) AS p ({columns})
    """,
    "cardio_sessions": """
        (SELECT h.cardio_session AS session WHERE h.cardio_session IS NOT NULL) AS s
        CROSS JOIN LATERAL json_to_record(s.session) AS p ({columns})
    """,
    "rep_sessions": """
        (SELECT h.rep_session AS session WHERE h.rep_session IS NOT NULL) AS s
        CROSS JOIN LATERAL json_to_record(s.session) AS p ({columns})
    """,
}
"""Table with parts of workouts → its rows `p` in a version `h` of a workout."""


def create_views(revision: str) -> None:
    """Create the views of the tables that are there, with their columns, as they are at a revision.

    Before 0037, versions are looked up also of records that were made after the instant; before 0041, all of the
    versions are never read.
    """
    made = f"r.created_at <= {_INSTANT} AND" if revision >= "0037" else ""
    for table, noun in NOUNS.items():
        if _columns_of(table):
            _create_view(table, _of_noun(table, noun, made, reads_all=noun.by_time and revision >= "0041"))
    _create_view("runs_by_date", _by_date("runs", NOUNS["runs"]), of="runs")
    for table, rows in _PARTS.items():
        _create_view(table, _of_parts(table, rows, made))
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA as_of TO fitness_app")


def drop_views() -> None:
    """Drop the views."""
    for view in (*_PARTS, "runs_by_date", *NOUNS):
        op.execute(f"DROP VIEW IF EXISTS as_of.{view}")


def _create_view(view: str, query: str, of: str | None = None) -> None:
    """Create a view with the columns of the table of the same name, or `of` another, of the rows `shown` of a query.

    The query itself has no WHERE above its tables: PostgreSQL then looks up rows, and reads them in order, by the
    indexes of the tables.
    """
    columns = ", ".join(_columns_of(of or view))
    op.execute(f"""
        CREATE VIEW as_of.{view} WITH (security_invoker = true) AS
        SELECT {columns}
        FROM ({query}) AS t
        WHERE shown
    """)


def _columns_of(table: str) -> dict[str, str]:
    """Return the columns of a table and their types, in order; none if a later migration makes the table."""
    rows = op.get_bind().execute(
        text(
            """
            SELECT attname, format_type(atttypid, atttypmod) AS type_name
            FROM pg_attribute
            WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped
            ORDER BY attnum
            """
        ),
        {"name": f"public.{table}"},
    )
    return {row.attname: row.type_name for row in rows}


def _of_noun(table: str, noun: _Noun, made: str, *, reads_all: bool) -> str:
    now = {name: f"r.{name}" for name in _columns_of(table)} | {"updated_at": _CHANGED_AT.format(record="r")}
    few = f" AND {_few_changed(noun)}" if reads_all else ""
    return f"""
        SELECT {_listed(now)}, {_CHANGED_AT.format(record="r")} <= {_INSTANT}{few} AS shown
        FROM public.{table} AS r
        UNION ALL
        SELECT {_listed(_then(table, noun))}, true
        FROM {_changed(table, noun, made)}{few}
        {_all_versions(table, noun) if reads_all else ""}
    """


def _few_changed(noun: _Noun) -> str:
    """Return a condition that is the same for all rows of a statement: PostgreSQL does not run what it rules out."""
    return f"""
        (
            SELECT count(*) <= {_FEW}
            FROM (
                SELECT
                FROM public.{noun.history} AS c
                WHERE c.user_id = {_USER} AND c.changed_at > {_INSTANT}
                LIMIT {_FEW + 1}
            ) AS changes
        )
    """


def _all_versions(table: str, noun: _Noun) -> str:
    """Return the part for when many records have changed: one walk through all versions, no look-up per record.

    The record is an outer join, which is left out where only columns with versions are asked for.
    """
    then = _then(table, noun) | {"user_id": "h.user_id", "id": f"h.{noun.key}"}
    return f"""
        UNION ALL
        SELECT {_listed(then)}, true
        FROM (
            SELECT DISTINCT ON (v.user_id, v.{noun.key}) v.*
            FROM public.{noun.history} AS v
            WHERE {noun.begin} <= {_INSTANT}
            ORDER BY v.user_id, v.{noun.key}, v.version_number DESC
        ) AS h
        LEFT JOIN public.{table} AS r
          ON r.user_id = h.user_id AND r.id = h.{noun.key}
        WHERE NOT {_few_changed(noun)}
    """


def _then(table: str, noun: _Noun) -> dict[str, str]:
    """Return what the columns of a record `r` were in its version `h`."""
    columns, held = _columns_of(table), _columns_of(noun.history)
    return {name: f"h.{name}" if name in held else f"r.{name}" for name in columns} | {
        name: value.format(history=noun.history, key=noun.key) for name, value in _DERIVED.items() if name in columns
    }


def _by_date(table: str, noun: _Noun) -> str:
    """Return the query that goes through the versions `h`, and looks up for each whether it was the latest.

    The planner cannot put off a LATERAL subquery with a LIMIT: it looks up one row after the other. `greatest` keeps it
    from the index of the times of change, and the order of `later` leads to that of the versions.
    """
    then = _then(table, noun) | {"user_id": "h.user_id", "id": f"h.{noun.key}"}
    return f"""
        SELECT {_listed(then)}, greatest(h.changed_at, '-infinity') <= {_INSTANT} AND later.found IS NULL AS shown
        FROM public.{noun.history} AS h
        LEFT JOIN LATERAL (
            SELECT true AS found
            FROM public.{noun.history} AS l
            WHERE l.user_id = h.user_id AND l.{noun.key} = h.{noun.key} AND l.version_number > h.version_number
              AND l.changed_at <= {_INSTANT}
            ORDER BY l.version_number
            LIMIT 1
        ) AS later
          ON true
        JOIN LATERAL (
            SELECT *
            FROM public.{table} AS o
            WHERE o.user_id = h.user_id AND o.id = h.{noun.key}
            LIMIT 1
        ) AS r
          ON true
    """


def _changed(table: str, noun: _Noun, made: str) -> str:
    """Return the records `r` that were there and have changed since the instant, each with its version `h` then.

    The second limit of the last change, which is always met, lets the planner expect that few have changed. No version
    is looked up of a record that was made later.
    """
    changed_at = _CHANGED_AT.format(record="r")
    found = f"""
        AND r.id = ANY (ARRAY(
            SELECT n.{noun.key}
            FROM public.{noun.history} AS n
            WHERE n.user_id = {_USER} AND n.changed_at > {_INSTANT}
        ))
    """
    return f"""
        public.{table} AS r
        JOIN LATERAL (
            SELECT *
            FROM public.{noun.history} AS v
            WHERE v.user_id = r.user_id AND v.{noun.key} = r.id AND {noun.begin} <= {_INSTANT}
            ORDER BY v.version_number DESC
            LIMIT 1
        ) AS h
          ON {made} {changed_at} > {_INSTANT} AND {changed_at} < 'infinity'
            {found if noun.by_time else ""}
    """


def _of_parts(table: str, rows: str, made: str) -> str:
    columns = _columns_of(table)
    outer = {
        "user_id": "r.user_id",
        "workout_id": "r.id",
        "created_at": "h.changed_at",
        "updated_at": "h.changed_at",
    } | ({"exercise_id": "e.exercise_id"} if table == "strength_sets" else {})
    own = {name: type_name for name, type_name in columns.items() if name not in outer}
    then = {name: outer.get(name, f"p.{name}") for name in columns}
    given = rows.format(columns=", ".join(f"{name} {type_name}" for name, type_name in own.items()))
    return f"""
        SELECT {_listed({name: f"p.{name}" for name in columns})}, p.workout_id NOT IN (
            SELECT w.id
            FROM public.workouts AS w
            WHERE w.user_id = {_USER} AND {_CHANGED_AT.format(record="w")} > {_INSTANT}
        ) AS shown
        FROM public.{table} AS p
        UNION ALL
        SELECT {_listed(then)}, true
        FROM {_changed("workouts", NOUNS["workouts"], made)}
        CROSS JOIN LATERAL {given}
    """


def _listed(columns: dict[str, str]) -> str:
    return ", ".join(f"{value} AS {name}" for name, value in columns.items())
