"""The queries of rows as they were at an instant, for `as_of`.

A record that has not changed since the instant is the row of its table, so that the indexes of the table serve; any
other one is its latest version at the instant. Columns without versions, such as conflicts, are those of today.

`runs_by_date`, `workouts_by_date`, `runs_by_id` and `workout_by_id` have the same rows as `runs` and `workouts`. The
first two are for a page by date, or for some days: they read only so many versions as the records of these have. The
others are for one run, which is looked up, and for one workout and its parts. Duplicates, which a statement with
`runs_by_date` names `runs`, are looked up, too. `workouts_with_exercise` are those of `workouts_by_date` with one
exercise, and `sets_of_exercise` their sets: only versions that contain its id are parsed.

`working_sets` and `working_sets_of_exercise` are the sets without warm-ups, with the columns of which versions have
arrays; only versions without arrays are parsed. `all_workouts` is for many workouts and their sessions: the versions of
those that have changed are looked up once for all of them.

`runs` is for all else: the runs that have changed since are looked up, or if they are many, there is one walk back
through the versions before the instant, see `walks`. A walk takes less than as many look-ups.
"""

import re
from collections.abc import Mapping, Set
from typing import Any

from fitness.db.history.instants import (
    ALL_WORKOUTS,
    BY_ID,
    INSTANT,
    RUNS_BY_DATE,
    SETS_OF_EXERCISE,
    WORKING_SETS,
    WORKING_SETS_OF_EXERCISE,
    WORKOUT_BY_ID,
    WORKOUTS_BY_DATE,
    WORKOUTS_WITH_EXERCISE,
)
from fitness.db.history.versioned import Versioned
from fitness.db.history.walks import Walk
from fitness.db.nouns import NOUNS
from fitness.db.workout_parts import WORKING_SETS as ARRAYS

Kind = Versioned[Any, Any]

_USER = "%(user_id)s"
_CHANGED_AT = "coalesce({record}.last_edited_at, {record}.created_at)"
"""When the latest version of a record was made."""
_PARTS_CHANGED_AT = "coalesce({record}.parts_changed_at, {record}.last_edited_at, {record}.created_at)"
"""When the parts of a record were last written: reading them from a version takes much longer than from their table."""

Columns = dict[str, dict[str, str]]
"""Table → its columns, in order → their types."""

KINDS: dict[str, Kind] = {kind.table: kind for kind in NOUNS}
# The version of a workout in progress grows: it begins with its first change, `changed_at` is its last.
_BEGINS = {"workouts": "coalesce({version}.begun_at, {version}.changed_at)"}
"""When a version begins, if that is not `changed_at`."""
_WALKED = {"runs"}
"""The nouns whose changed records are found by a walk, which needs an index of the history by time.

That is for lists of many records, of which few have changed; looking up single ones again and again would be slower.
"""
_IS_EDITED = "(h.version_number > 1 OR h.changed_at > r.created_at)"
_DERIVED = {
    "user_id": "r.user_id",
    "version": "h.version_number",
    "live_edits": f"CASE WHEN h.version_number = r.version AND h.changed_at <= {INSTANT} THEN r.live_edits ELSE 0 END",
    "name_key": "lower(h.name)",
    "last_edited_at": f"CASE WHEN {_IS_EDITED} THEN h.changed_at END",
    "last_edited_by": f"CASE WHEN {_IS_EDITED} THEN h.changed_by END",
    # A deleted record can have more versions; the first one since it was last there is the deletion.
    "deleted_at": """
        CASE WHEN h.change_type = 'deletion' THEN (
            SELECT d.changed_at
            FROM public.{history} AS d
            WHERE d.user_id = %(user_id)s AND d.{key} = h.{key} AND d.version_number = 1 + (
                SELECT max(l.version_number)
                FROM public.{history} AS l
                WHERE l.user_id = %(user_id)s AND l.{key} = h.{key} AND l.version_number < h.version_number
                  AND l.change_type <> 'deletion'
            )
        ) END
    """,
    "updated_at": "h.changed_at",
}
"""Column of a record `r` → what it was, from the version `h`."""
_UNDATED = {"deleted_at": "CASE WHEN h.change_type = 'deletion' THEN h.changed_at END"}
"""The same for a statement that only asks whether a record was deleted: it is planned in less time."""

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

_JSON_OF = {
    "exercise_executions": "exercise_executions",
    "strength_sets": "exercise_executions",
    "cardio_sessions": "cardio_session",
    "rep_sessions": "rep_session",
}
"""Table with parts of workouts → the column of a version with its rows."""

_BY_DATE = {RUNS_BY_DATE: "runs", WORKOUTS_BY_DATE: "workouts", WORKOUTS_WITH_EXERCISE: "workouts"}
_WORKING = dict.fromkeys((WORKING_SETS, WORKING_SETS_OF_EXERCISE), "strength_sets")
OTHER_NAMES = {
    **_BY_DATE,
    BY_ID: "runs",
    WORKOUT_BY_ID: "workouts",
    ALL_WORKOUTS: "workouts",
    SETS_OF_EXERCISE: "strength_sets",
    **_WORKING,
}
"""Names of tables in statements that read them otherwise → the table."""
NAMES = (*KINDS, *OTHER_NAMES, *PARTS)
"""All names of tables that have queries."""
_OF_VERSION = re.compile(r"\bh\.(\w+)")


class RowsThen:
    """The queries of the rows that there were, for a statement with these names, and with these columns of tables.

    Without `dates_deletions`, a `deleted_at` is only right in whether it is null.
    """

    def __init__(self, columns: Columns, named: Set[str], *, dates_deletions: bool) -> None:
        self._columns = columns
        self._names = named
        walked = _WALKED & named - {table for name, table in _BY_DATE.items() if name in named}
        self._walks = {table: Walk(KINDS[table]) for table in walked}
        self._derived = _DERIVED if dates_deletions else _DERIVED | _UNDATED
        at_once = ALL_WORKOUTS in named
        self._changed_parts = _CHANGED_PARTS if at_once else _changed(KINDS["workouts"], _PARTS_CHANGED_AT)

    def first(self) -> list[str]:
        """Return the common table expressions that several queries read."""
        first = [query for walk in self._walks.values() for query in walk.first()]
        if self._names & (PARTS.keys() | {SETS_OF_EXERCISE, WORKOUTS_WITH_EXERCISE} | _WORKING.keys()):
            of_one = WORKOUT_BY_ID in self._names
            first.append(f"{_OTHER_PARTS} AS MATERIALIZED ({_other_parts(of_one=of_one)})")
        if ALL_WORKOUTS in self._names:
            first.append(f"{_CHANGED_WORKOUTS} AS MATERIALIZED ({self._changed_workouts()})")
        return first

    def query(self, name: str) -> str:
        """Return the query of the rows `shown`.

        The query below has no WHERE above its tables: PostgreSQL then looks up rows, and reads them in order, by the
        indexes of the tables.
        """
        columns = list(self._columns[OTHER_NAMES.get(name, name)])
        if name in PARTS:
            query = self._of_parts(name)
        elif name in _WORKING:
            columns = [column for column in columns if column in {"user_id", "workout_id", *ARRAYS.values()}]
            query = self._of_working_sets(columns, of_exercise=name == WORKING_SETS_OF_EXERCISE)
        elif name == SETS_OF_EXERCISE:
            query = self._of_parts("strength_sets", f"AND {_MAY_HAVE_EXERCISE}")
        elif name == ALL_WORKOUTS:
            query = self._at_once(columns)
        elif name in _BY_DATE:
            of_versions = f"AND {_WITH_EXERCISE}" if name == WORKOUTS_WITH_EXERCISE else ""
            query = self._by_date(KINDS[_BY_DATE[name]], of_versions)
        elif name in self._walks:
            query = self._by_walk(KINDS[name], self._walks[name])
        else:
            query = self._by_id(KINDS[OTHER_NAMES.get(name, name)])
        return f"SELECT {', '.join(columns)} FROM ({query}) AS t WHERE shown"

    def _by_id(self, kind: Kind) -> str:
        return f"""
            SELECT {_listed(self._of_record(kind))}, {_CHANGED_AT.format(record="r")} <= {INSTANT} AS shown
            FROM public.{kind.table} AS r
            WHERE r.user_id = {_USER}
            UNION ALL
            SELECT {_listed(self._of_version(kind))}, true
            FROM {_changed(kind)}
            WHERE r.user_id = {_USER}
        """

    def _at_once(self, columns: list[str]) -> str:
        return f"""
            SELECT {_listed(self._of_record(KINDS["workouts"]))},
                {_CHANGED_AT.format(record="r")} <= {INSTANT} AS shown
            FROM public.workouts AS r
            WHERE r.user_id = {_USER}
            UNION ALL
            SELECT {", ".join(columns)}, true
            FROM {_CHANGED_WORKOUTS}
        """

    def _changed_workouts(self) -> str:
        """Return the query of the workouts that have changed, as they were, with what the named tables need of them."""
        kind = KINDS["workouts"]
        held: dict[str, str] = {"id": "r.id", "other_parts": f"{_PARTS_CHANGED_AT.format(record='r')} > {INSTANT}"}
        held |= {column: f"h.{column}" for table, column in _JSON_OF.items() if table in self._names}
        return f"""
            SELECT {_listed(self._of_version(kind) | held | {"changed_at": "h.changed_at"})}
            FROM {_changed(kind)}
            WHERE r.user_id = {_USER}
        """

    def _by_walk(self, kind: Kind, walk: Walk) -> str:
        """Return the query of the records that the walk does not meet, and of the latest version of those that it does.

        Of a version, the record is an outer join, which is left out where only columns with versions are asked for. The
        OFFSET keeps the planner from the index of the versions, whose order would be that of DISTINCT: it has all.
        """
        then = _listed(self._of_version(kind) | self._named(kind, {"user_id": "h.user_id", "id": f"h.{kind.key}"}))
        return f"""
            SELECT {_listed(self._of_record(kind))}, {_CHANGED_AT.format(record="r")} <= {INSTANT}
                AND {walk.leaves_some} AND r.id NOT IN ({walk.records()}) AS shown
            FROM public.{kind.table} AS r
            WHERE r.user_id = {_USER}
            UNION ALL
            SELECT {_listed(self._of_version(kind))}, true
            FROM {_changed(kind)} AND {walk.leaves_some} AND r.id = ANY (ARRAY({walk.not_met()}))
            WHERE r.user_id = {_USER}
            UNION ALL
            SELECT {then}, true
            FROM (
                SELECT DISTINCT ON (w.{kind.key}) *
                FROM ({walk.versions(*_OF_VERSION.findall(then))} OFFSET 0) AS w
                ORDER BY w.{kind.key}, w.version_number DESC
            ) AS h
            LEFT JOIN public.{kind.table} AS r
              ON r.user_id = {_USER} AND r.id = h.{kind.key}
            WHERE {walk.is_taken}
        """

    def _of_record(self, kind: Kind) -> dict[str, str]:
        """Return what the columns of a record `r` are that has not changed."""
        changed_at = _CHANGED_AT.format(record="r")
        return {name: f"r.{name}" for name in self._columns[kind.table]} | self._named(kind, {"updated_at": changed_at})

    def _named(self, kind: Kind, values: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in values.items() if name in self._columns[kind.table]}

    def _of_version(self, kind: Kind) -> dict[str, str]:
        """Return what the columns of a record `r` were in its version `h`."""
        columns, held = self._columns[kind.table], self._columns[kind.history]
        return {name: f"h.{name}" if name in held else f"r.{name}" for name in columns} | self._named(
            kind, {name: value.format(history=kind.history, key=kind.key) for name, value in self._derived.items()}
        )

    def _by_date(self, kind: Kind, of_versions: str = "") -> str:
        """Return the query that goes through the versions `h`, and looks up for each whether it was the latest.

        The index of runs has the times of change: versions since the instant are passed over without being read, and
        before the first version nothing is gone through. The planner cannot put off a LATERAL subquery with a LIMIT: it
        looks up one row after the other. The order of `later` leads to the index of the versions.
        """
        then = _listed(self._of_version(kind) | self._named(kind, {"user_id": "h.user_id", "id": f"h.{kind.key}"}))
        return f"""
            SELECT {then}, {_begins(kind, "h")} <= {INSTANT} AND later.found IS NULL {of_versions} AS shown
            FROM public.{kind.history} AS h
            LEFT JOIN LATERAL (
                SELECT true AS found
                FROM public.{kind.history} AS l
                WHERE l.user_id = {_USER} AND l.{kind.key} = h.{kind.key} AND l.version_number > h.version_number
                  AND {_begins(kind, "l")} <= {INSTANT}
                ORDER BY l.version_number
                LIMIT 1
            ) AS later
              ON true
            JOIN LATERAL (
                SELECT *
                FROM public.{kind.table} AS o
                WHERE o.user_id = {_USER} AND o.id = h.{kind.key}
                LIMIT 1
            ) AS r
              ON true
            WHERE h.user_id = {_USER} {f"AND {_had_versions(kind)}" if kind.table in _WALKED else ""}
        """

    def _of_parts(self, table: str, of_versions: str = "") -> str:
        columns = self._columns[table]
        outer = {
            "user_id": "r.user_id",
            "workout_id": "r.id",
            "created_at": "h.changed_at",
            "updated_at": "h.changed_at",
        } | ({"exercise_id": "e.exercise_id"} if table == "strength_sets" else {})
        own = {name: type_name for name, type_name in columns.items() if name not in outer} or {"note": "text"}
        then = {name: outer.get(name, f"p.{name}") for name in columns}
        given = PARTS[table].format(columns=", ".join(f"{name} {type_name}" for name, type_name in own.items()))
        return f"""
            SELECT {_listed({name: f"p.{name}" for name in columns})}, p.workout_id NOT IN (
                SELECT o.id
                FROM {_OTHER_PARTS} AS o
            ) AS shown
            FROM public.{table} AS p
            WHERE p.user_id = {_USER}
            UNION ALL
            SELECT {_listed(then)}, true
            FROM {self._changed_parts}
            CROSS JOIN LATERAL {given}
            WHERE r.user_id = {_USER} {of_versions}
        """

    def _of_working_sets(self, columns: list[str], *, of_exercise: bool) -> str:
        """Return the query of the sets that are not warm-ups, with these columns.

        Those of a version are in its arrays, unless it has grown, or has none.
        """
        types = self._columns["strength_sets"]
        arrays = {name: array for array, name in ARRAYS.items() if name in columns}
        then = {"user_id": "r.user_id", "workout_id": "r.id"} | {name: f"p.{name}" for name in arrays}
        has_it = (f"AND {_DID_EXERCISE}", f"AND {_MAY_HAVE_EXERCISE}") if of_exercise else ("", "")
        own = {**{name: types[name] for name in arrays if name != "exercise_id"}, "set_type": "text"}
        return f"""
            SELECT {_listed({name: f"p.{name}" for name in columns})}, p.set_type <> 'warmup' AND p.workout_id NOT IN (
                SELECT o.id
                FROM {_OTHER_PARTS} AS o
            ) AS shown
            FROM public.strength_sets AS p
            WHERE p.user_id = {_USER}
            UNION ALL
            SELECT {_listed({name: then[name] for name in columns})}, true
            FROM {_changed(KINDS["workouts"], _PARTS_CHANGED_AT)}
            CROSS JOIN LATERAL (
                SELECT {", ".join(arrays)}
                FROM unnest({", ".join(f"h.{array}" for array in arrays.values())}) AS a ({", ".join(arrays)})
                WHERE NOT {_HAS_NO_ARRAYS} {has_it[0]}
                UNION ALL
                SELECT {", ".join(arrays)}
                FROM {PARTS["strength_sets"].format(columns=", ".join(map(" ".join, own.items())))}
                WHERE p.set_type <> 'warmup' AND {_HAS_NO_ARRAYS} {has_it[1]}
            ) AS p
            WHERE r.user_id = {_USER}
        """


_OTHER_PARTS = "with_other_parts"
"""The query of the workouts whose parts were written since the instant; it runs once for all tables of parts."""
_CHANGED_WORKOUTS = "changed_workouts"
"""The query of the workouts that have changed since, as they were, and of their parts."""
_CHANGED_PARTS = f"{_CHANGED_WORKOUTS} AS h JOIN LATERAL (SELECT h.id, h.user_id) AS r ON h.other_parts"
"""The records `r` in it with parts that were written since, each with what it has of the version `h`."""
_HAS_NO_ARRAYS = "(h.begun_at IS NOT NULL OR h.working_exercise_id IS NULL)"
"""Whether the sets of a version are parsed: it has grown, or has only warm-ups, or an earlier release stored it."""
_DID_EXERCISE = "%(exercise_id)s = ANY(h.working_exercise_id)"
"""Whether the arrays of a version have a set of the exercise; it may have the exercise also if they do not."""
_MAY_HAVE_EXERCISE = "strpos(h.exercise_executions::text, %(exercise_id)s::text) > 0"
"""Keeps JSON without the exercise from being parsed."""
_WITH_EXERCISE = f"""
    CASE
        WHEN h.workout_id NOT IN (SELECT o.id FROM {_OTHER_PARTS} AS o) THEN h.workout_id IN (
            SELECT p.workout_id
            FROM public.exercise_executions AS p
            WHERE p.user_id = {_USER} AND p.exercise_id = %(exercise_id)s
        )
        WHEN {_DID_EXERCISE} AND NOT {_HAS_NO_ARRAYS} THEN true
        WHEN {_MAY_HAVE_EXERCISE} THEN EXISTS (
            SELECT
            FROM json_to_recordset(h.exercise_executions) AS e (exercise_id uuid)
            WHERE e.exercise_id = %(exercise_id)s
        )
        ELSE false
    END
"""
"""Whether the version of a workout then has the exercise; where the parts are the same now, that is in an index."""


def _other_parts(*, of_one: bool) -> str:
    return f"""
        SELECT w.id
        FROM public.workouts AS w
        WHERE w.user_id = {_USER} AND {_PARTS_CHANGED_AT.format(record="w")} > {INSTANT}
          {"AND w.id = %(workout_id)s" if of_one else ""}
    """


def _changed(kind: Kind, at: str = _CHANGED_AT) -> str:
    """Return the records `r` that were there and have changed since the instant, each with its version `h` then.

    The second limit of the last change, which is always met, lets the planner expect that few have changed. No version
    is looked up of a record that was made later. `at` is when a record was changed.
    """
    changed_at = at.format(record="r")
    return f"""
        public.{kind.table} AS r
        JOIN LATERAL (
            SELECT *
            FROM public.{kind.history} AS v
            WHERE v.user_id = {_USER} AND v.{kind.key} = r.id AND {_begins(kind, "v")} <= {INSTANT}
            ORDER BY v.version_number DESC
            LIMIT 1
        ) AS h
          ON r.created_at <= {INSTANT} AND {changed_at} > {INSTANT} AND {changed_at} < 'infinity'
    """


def _had_versions(kind: Kind) -> str:
    """Return the condition that there were any versions, which an index of the history by time finds out at once."""
    return f"""
        EXISTS (
            SELECT
            FROM public.{kind.history} AS e
            WHERE e.user_id = {_USER} AND e.changed_at <= {INSTANT}
        )
    """


def _begins(kind: Kind, version: str) -> str:
    """Return when a version begins."""
    return _BEGINS.get(kind.table, "{version}.changed_at").format(version=version)


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{value} AS {name}" for name, value in columns.items())
