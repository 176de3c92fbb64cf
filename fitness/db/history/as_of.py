"""Statements that look back: they answer what they would have answered at an instant.

A statement names the tables of versioned nouns, and parts of workouts; `then` puts queries with these names before it
that have the records as they were, and the instant in place of `now()`.

A record that has not changed since the instant is the row of its table, so that the indexes of the table serve; any
other one is its latest version at the instant. Columns without versions, such as conflicts, are those of today.

`runs_by_date` has the same rows as `runs`. A page by date reads only so many versions in it as it has runs, while
`runs` looks up all runs that have changed since; for all other statements, that is faster.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import LiteralString, NamedTuple

INSTANT = "%(as_of)s::timestamptz"
"""The parameter with the instant; it is added by the transaction, as the user's id is."""
_USER = "%(user_id)s"
_FEW = 1000
"""How many versions since the instant are looked up one by one; for more, all versions are read."""
_CHANGED_AT = "coalesce({record}.last_edited_at, {record}.created_at)"
"""When the latest version of a record was made."""

Columns = Mapping[str, Mapping[str, str]]
"""Table → its columns, in order → their types."""


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
BY_DATE: LiteralString = "runs_by_date"
_IS_EDITED = "(h.version_number > 1 OR h.changed_at > r.created_at)"
_DERIVED = {
    "user_id": "r.user_id",
    "version": "h.version_number",
    "live_edits": "0",
    "name_key": "lower(h.name)",
    "last_edited_at": f"CASE WHEN {_IS_EDITED} THEN h.changed_at END",
    "last_edited_by": f"CASE WHEN {_IS_EDITED} THEN h.changed_by END",
    # A deleted record can have more versions; the first one since it was last there is the deletion.
    "deleted_at": f"""
        CASE WHEN h.change_type = 'deletion' THEN (
            SELECT d.changed_at
            FROM public.{{history}} AS d
            WHERE d.user_id = {_USER} AND d.{{key}} = h.{{key}} AND d.version_number = 1 + (
                SELECT max(l.version_number)
                FROM public.{{history}} AS l
                WHERE l.user_id = {_USER} AND l.{{key}} = h.{{key}} AND l.version_number < h.version_number
                  AND l.change_type <> 'deletion'
            )
        ) END
    """,
    "updated_at": "h.changed_at",
}
"""Column of a record `r` → what it was, from the version `h`."""

PARTS = {
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

TABLES = (*NOUNS, *(noun.history for noun in NOUNS.values()), *PARTS)
"""The tables whose columns the queries need."""
_NAMES = (*NOUNS, BY_DATE, *PARTS)
_NAMED = re.compile(rf"\b(?:FROM|JOIN)\s+({'|'.join(_NAMES)})\b")
_NOW = re.compile(r"\bnow\(\)")
_WITH = re.compile(r"\s*WITH\s+(RECURSIVE\s+)?")


class Past:
    """What makes statements look back, for tables with these columns."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._queries = {name: self._query(name) for name in _NAMES}
        self.then = lru_cache(maxsize=512)(self._then)

    def _then(self, text: str) -> str:
        """Return a statement that answers what the given one would have answered at the instant."""
        named = set(_NAMED.findall(text))
        text = _NOW.sub(INSTANT, text)
        if not named:
            return text
        queries = ",\n".join(f"{name} AS NOT MATERIALIZED ({self._queries[name]})" for name in _NAMES if name in named)
        if found := _WITH.match(text):
            return f"WITH {found[1] or ''}{queries},\n{text[found.end() :]}"
        return f"WITH {queries}\n{text}"

    def _query(self, name: str) -> str:
        """Return the query of the rows `shown`.

        The query below has no WHERE above its tables: PostgreSQL then looks up rows, and reads them in order, by the
        indexes of the tables.
        """
        if name in PARTS:
            query = self._of_parts(name, PARTS[name])
        elif name == BY_DATE:
            query = self._by_date("runs", NOUNS["runs"])
        else:
            query = self._of_noun(name, NOUNS[name])
        columns = ", ".join(self._columns["runs" if name == BY_DATE else name])
        return f"SELECT {columns} FROM ({query}) AS t WHERE shown"

    def _of_noun(self, table: str, noun: _Noun) -> str:
        now = {name: f"r.{name}" for name in self._columns[table]} | {"updated_at": _CHANGED_AT.format(record="r")}
        few = f" AND {_few_changed(noun)}" if noun.by_time else ""
        return f"""
            SELECT {_listed(now)}, {_CHANGED_AT.format(record="r")} <= {INSTANT}{few} AS shown
            FROM public.{table} AS r
            WHERE r.user_id = {_USER}
            UNION ALL
            SELECT {_listed(self._of_version(table, noun))}, true
            FROM {_changed(table, noun)}{few}
            WHERE r.user_id = {_USER}
            {self._all_versions(table, noun) if noun.by_time else ""}
        """

    def _all_versions(self, table: str, noun: _Noun) -> str:
        """Return the part for when many records have changed: one walk through all versions, no look-up per record.

        The record is an outer join, which is left out where only columns with versions are asked for.
        """
        then = self._of_version(table, noun) | {"user_id": "h.user_id", "id": f"h.{noun.key}"}
        return f"""
            UNION ALL
            SELECT {_listed(then)}, true
            FROM (
                SELECT DISTINCT ON (v.user_id, v.{noun.key}) v.*
                FROM public.{noun.history} AS v
                WHERE v.user_id = {_USER} AND {noun.begin} <= {INSTANT}
                ORDER BY v.user_id, v.{noun.key}, v.version_number DESC
            ) AS h
            LEFT JOIN public.{table} AS r
              ON r.user_id = {_USER} AND r.id = h.{noun.key}
            WHERE NOT {_few_changed(noun)}
        """

    def _of_version(self, table: str, noun: _Noun) -> dict[str, str]:
        """Return what the columns of a record `r` were in its version `h`."""
        columns, held = self._columns[table], self._columns[noun.history]
        return {name: f"h.{name}" if name in held else f"r.{name}" for name in columns} | {
            name: value.format(history=noun.history, key=noun.key)
            for name, value in _DERIVED.items()
            if name in columns
        }

    def _by_date(self, table: str, noun: _Noun) -> str:
        """Return the query that goes through the versions `h`, and looks up for each whether it was the latest.

        The planner cannot put off a LATERAL subquery with a LIMIT: it looks up one row after the other. `greatest`
        keeps it from the index of the times of change, and the order of `later` leads to that of the versions.
        """
        then = self._of_version(table, noun) | {"user_id": "h.user_id", "id": f"h.{noun.key}"}
        return f"""
            SELECT {_listed(then)}, greatest(h.changed_at, '-infinity') <= {INSTANT} AND later.found IS NULL AS shown
            FROM public.{noun.history} AS h
            LEFT JOIN LATERAL (
                SELECT true AS found
                FROM public.{noun.history} AS l
                WHERE l.user_id = {_USER} AND l.{noun.key} = h.{noun.key} AND l.version_number > h.version_number
                  AND l.changed_at <= {INSTANT}
                ORDER BY l.version_number
                LIMIT 1
            ) AS later
              ON true
            JOIN LATERAL (
                SELECT *
                FROM public.{table} AS o
                WHERE o.user_id = {_USER} AND o.id = h.{noun.key}
                LIMIT 1
            ) AS r
              ON true
            WHERE h.user_id = {_USER}
        """

    def _of_parts(self, table: str, rows: str) -> str:
        columns = self._columns[table]
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
                WHERE w.user_id = {_USER} AND {_CHANGED_AT.format(record="w")} > {INSTANT}
            ) AS shown
            FROM public.{table} AS p
            WHERE p.user_id = {_USER}
            UNION ALL
            SELECT {_listed(then)}, true
            FROM {_changed("workouts", NOUNS["workouts"])}
            CROSS JOIN LATERAL {given}
            WHERE r.user_id = {_USER}
        """


def _few_changed(noun: _Noun) -> str:
    """Return a condition that is the same for all rows of a statement: PostgreSQL does not run what it rules out."""
    return f"""
        (
            SELECT count(*) <= {_FEW}
            FROM (
                SELECT
                FROM public.{noun.history} AS c
                WHERE c.user_id = {_USER} AND c.changed_at > {INSTANT}
                LIMIT {_FEW + 1}
            ) AS changes
        )
    """


def _changed(table: str, noun: _Noun) -> str:
    """Return the records `r` that were there and have changed since the instant, each with its version `h` then.

    The second limit of the last change, which is always met, lets the planner expect that few have changed. No version
    is looked up of a record that was made later.
    """
    changed_at = _CHANGED_AT.format(record="r")
    found = f"""
        AND r.id = ANY (ARRAY(
            SELECT n.{noun.key}
            FROM public.{noun.history} AS n
            WHERE n.user_id = {_USER} AND n.changed_at > {INSTANT}
        ))
    """
    return f"""
        public.{table} AS r
        JOIN LATERAL (
            SELECT *
            FROM public.{noun.history} AS v
            WHERE v.user_id = {_USER} AND v.{noun.key} = r.id AND {noun.begin} <= {INSTANT}
            ORDER BY v.version_number DESC
            LIMIT 1
        ) AS h
          ON r.created_at <= {INSTANT} AND {changed_at} > {INSTANT} AND {changed_at} < 'infinity'
            {found if noun.by_time else ""}
    """


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{value} AS {name}" for name, value in columns.items())
