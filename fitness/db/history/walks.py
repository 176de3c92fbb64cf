"""A walk back through the versions of a noun from an instant, for a statement that reads all its records as of then.

The versions of all records, newest first, are read until there are about as many as records: the walk *meets* a record
if it has one of these versions, and the newest of them is what the record was. It *leaves* those records that it does
not meet; they are looked up one by one. So it does not matter how many older versions there are.

Where few records have changed since the instant, or there are few versions before it, something else takes less time:
then there is no walk, or it goes through all versions. Which of these it is, the statement itself finds out.
"""

from typing import Any, LiteralString

from fitness.db.history.instants import INSTANT
from fitness.db.history.versioned import Versioned

_FEW: LiteralString = "1000"
"""How many versions since the instant are few: their records are looked up; and how many before it: all are read."""
_NOWHERE, _EVERYWHERE = "timestamptz 'infinity'", "timestamptz '-infinity'"
"""Where a walk ends that meets no versions, and one that meets all."""


class Walk:
    """Parts of the SQL of a statement with a walk through the versions of a noun.

    All of them need the common table expressions `first`. Conditions are the same for all rows: PostgreSQL does not run
    what they rule out.
    """

    def __init__(self, kind: Versioned[Any, Any]) -> None:
        self._kind = kind
        self._end, self._left = f"walk_of_{kind.table}", f"left_by_walk_of_{kind.table}"
        ended_at = f"(SELECT w.after FROM {self._end} AS w)"
        self._ended_at = ended_at
        self.is_taken = f"{ended_at} < {_NOWHERE}"
        """The condition that there is a walk."""
        self.leaves_some = f"(NOT {self.is_taken} OR EXISTS (SELECT o.id FROM {self._left} AS o))"
        """The condition that it leaves some records; if there is no walk, it leaves all."""

    def first(self) -> list[str]:
        """Return the common table expressions: the instant after which the walk is, and the records that it leaves."""
        return [
            f"{self._end} AS MATERIALIZED ({self._find_end()})",
            f"{self._left} AS MATERIALIZED ({self._find_left()})",
        ]

    def versions(self, *columns: str) -> str:
        """Return the query of the versions that are met: the key of the record, the version's number, and columns."""
        return self._met({self._kind.key, "version_number", *columns})

    def records(self) -> str:
        """Return the query of the keys of the records that are met, each as often as versions of it are."""
        return self._met({self._kind.key})

    def not_met(self) -> str:
        """Return the query of the records to look up if they have changed: those left, or with versions since."""
        return f"""
            SELECT n.{self._kind.key}
            FROM public.{self._kind.history} AS n
            WHERE n.user_id = %(user_id)s AND n.changed_at > {INSTANT} AND NOT {self.is_taken}
            UNION ALL
            SELECT o.id
            FROM {self._left} AS o
        """

    def _met(self, columns: set[str]) -> str:
        return f"""
            SELECT {", ".join(f"v.{name}" for name in sorted(columns))}
            FROM public.{self._kind.history} AS v
            WHERE v.user_id = %(user_id)s AND v.changed_at > {self._ended_at} AND v.changed_at <= {INSTANT}
        """

    def _find_left(self) -> str:
        """Return the query of the records that the walk leaves, if it ends; it reads only indexes.

        Those made since the instant are among them.
        """
        return f"""
            SELECT o.id
            FROM public.{self._kind.table} AS o
            WHERE o.user_id = %(user_id)s AND {self.is_taken} AND {self._ended_at} > {_EVERYWHERE}
              AND o.id NOT IN ({self.records()})
        """

    def _find_end(self) -> str:
        """Return the query of the instant at which the walk ends: it goes through the versions after that one.

        It has as many versions as there are records, and all others of the instant of the last one. That serves imports
        and bulk edits, whose versions have one instant: a walk through the last one meets all its records.
        """
        end = self._kind.sql(
            """
            SELECT p.changed_at
            FROM public.{history} AS p
            WHERE p.user_id = %(user_id)s AND p.changed_at < (
                SELECT l.changed_at
                FROM public.{history} AS l
                WHERE l.user_id = %(user_id)s AND l.changed_at <= {instant}
                ORDER BY l.changed_at DESC
                OFFSET (SELECT greatest(count(*) - 1, 0) FROM public.{table} AS a WHERE a.user_id = %(user_id)s)
                LIMIT 1
            )
            ORDER BY p.changed_at DESC
            LIMIT 1
            """,
            instant=INSTANT,
        )
        return f"""
            SELECT CASE
                WHEN {self._few_versions(">")} THEN {_NOWHERE}
                WHEN {self._few_versions("<=")} THEN {_EVERYWHERE}
                ELSE coalesce(({end}), {_EVERYWHERE})
            END AS after
        """

    def _few_versions(self, which: LiteralString) -> str:
        """Return the condition that there are few versions since the instant (`>`), or before it (`<=`)."""
        return self._kind.sql(
            """
            (
                SELECT count(*) <= {few}
                FROM (
                    SELECT
                    FROM public.{history} AS c
                    WHERE c.user_id = %(user_id)s AND c.changed_at {which} {instant}
                    LIMIT {few} + 1
                ) AS changes
            )
            """,
            few=_FEW,
            instant=INSTANT,
            which=which,
        )
