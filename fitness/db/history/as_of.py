"""Statements that look back: they answer what they would have answered at an instant.

A statement names the tables of versioned nouns, and parts of workouts; `then` puts queries with these names before it
that have the records as they were, see `rows_then`, and the instant in place of `now()`.
"""

import re
from collections.abc import Set
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import LiteralString

from fitness.db.bound import bound_transaction
from fitness.db.connection import fetch_all
from fitness.db.history.instants import INSTANT
from fitness.db.history.past import IN_TIME, refuse_unless_past
from fitness.db.history.rows_then import KINDS, NAMES, OTHER_NAMES, PARTS, Columns, RowsThen
from fitness.db.later import ask_first
from fitness.db.nouns import NOUNS

_TABLES = (*KINDS, *(kind.history for kind in NOUNS), *PARTS)
"""The tables whose columns the queries need."""
_NAMED = re.compile(rf"\b(?:FROM|JOIN)\s+({'|'.join(NAMES)})\b")
_ALIASES = re.compile(rf"\b(?:FROM|JOIN)\s+({'|'.join(NAMES)})\s+AS\s+(\w+)")
_WHOLE_ROWS = re.compile(r"\b(\w+)\.\*|\bSELECT\s+(\*)|jsonb?\((\w+)\)")
_WORD = re.compile(r"\w+")
_DATES_DELETION = re.compile(r"\bdeleted_at\b(?!\s+IS\s+(NOT\s+)?NULL\b)")
"""A column `deleted_at` whose value is asked for, instead of whether it is null."""
_NOW = re.compile(r"\bnow\(\)")
_WITH = re.compile(r"\s*WITH\s+(RECURSIVE\s+)?")


class Past:
    """What makes statements look back, for tables with these columns."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.then = lru_cache(maxsize=512)(self._then)

    def _then(self, text: str) -> str:
        """Return a statement that answers what the given one would have answered at the instant."""
        named = set(_NAMED.findall(text))
        text = _NOW.sub(INSTANT, text)
        if not named:
            return text
        whole = _asked_whole(text)
        dates_deletions = bool(whole) or _DATES_DELETION.search(text) is not None
        then = RowsThen(self._asked(text, whole), named, dates_deletions=dates_deletions)
        shown = [f"{name} AS NOT MATERIALIZED ({then.query(name)})" for name in NAMES if name in named]
        queries = ",\n".join((*then.first(), *shown))
        if found := _WITH.match(text):
            return f"WITH {found[1] or ''}{queries},\n{text[found.end() :]}"
        return f"WITH {queries}\n{text}"

    def _asked(self, text: str, whole: Set[str]) -> Columns:
        """Return the columns of the tables, of nouns and parts only those that a word of the statement may mean.

        PostgreSQL leaves no column out of the parts of a UNION, or of what it sorts; and it reads all from JSON.
        """
        words = {"user_id", *_WORD.findall(text)}
        return self._columns | {
            table: {name: of_type for name, of_type in self._columns[table].items() if name in words}
            for table in {*KINDS, *PARTS} - whole
        }


def _asked_whole(text: str) -> Set[str]:
    """Return the tables whose rows a statement asks for with all their columns."""
    whole = {name for names in _WHOLE_ROWS.findall(text) for name in names}
    if "*" in whole:
        return {*KINDS, *PARTS}
    aliases: list[tuple[str, str]] = _ALIASES.findall(text)
    return {OTHER_NAMES.get(name, name) for name, alias in aliases if alias in whole}


LOOK_BACK: LiteralString = (
    "SELECT "
    + IN_TIME
    + """, set_config('transaction_read_only', 'on', true), set_config('enable_nestloop', 'off', true)
    FROM users AS u
    WHERE u.user_id = %(user_id)s
    """
)
"""Prepares a transaction for statements that look back.

The planner cannot know how many records there were. A hash is right for few and many, a nested loop only for few.
"""


def look_back(instant: datetime, *, field: str) -> None:
    """Let the bound transaction see the versioned records as they were at an instant, and write nothing.

    The next statement raises the errors of `require_past`.
    """
    then = _past().then
    ask_first(dict, partial(refuse_unless_past, field=field), LOOK_BACK, instant=instant)
    bound = bound_transaction()
    bound.as_of, bound.then = instant, then


@cache
def _past() -> Past:
    """Return what makes statements look back; the columns of the tables are read once."""
    found = fetch_all(
        tuple,
        """
        SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod)
        FROM pg_class AS c
        JOIN pg_attribute AS a
          ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace
          AND c.relname = ANY(%(tables)s)
        ORDER BY a.attnum
        """,
        tables=list(_TABLES),
    )
    columns: dict[str, dict[str, str]] = {table: {} for table in _TABLES}
    for table, name, type_name in found:
        columns[table][name] = type_name
    return Past(columns)
