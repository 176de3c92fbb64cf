"""Lists are sent as binary arrays: what comes back is what was sent, whatever is in it."""

from datetime import UTC, date, datetime
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest

from fitness.db.connection import fetch_one, transaction

QUOTED = '{"title": "\\"easy\\" {finish}, NULL", "note": "back\\\\slash\\n☂"}'


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("SELECT %(values)s::text[]", ["a", "", "NULL", '"', "\\", "{,}", "ü☂", None]),
        ("SELECT %(values)s::text[]", []),
        ("SELECT %(values)s::text[]", [None, None]),
        ("SELECT %(values)s::uuid[]", []),
        ("SELECT %(values)s::uuid[]", [None, UUID(int=7)]),
        ("SELECT %(values)s::bigint[]", [1, -(2**62), None, 40_000]),
        ("SELECT %(values)s::integer[]", [1, 2]),
        ("SELECT %(values)s::float8[]", [1.5, None, -0.1, 1e300]),
        ("SELECT %(values)s::boolean[]", [True, None, False]),
        ("SELECT %(values)s::date[]", [date(2025, 11, 2), None]),
        ("SELECT %(values)s::timestamptz[]", [datetime(2025, 11, 2, 12, 5, 31, 250, tzinfo=UTC), None]),
        ("SELECT %(values)s::json[]::text[]", [QUOTED, "[]"]),
    ],
)
def test_a_list_arrives_as_it_was_sent(alice, query: LiteralString, values):
    with transaction(alice.user_id):
        assert fetch_one(list, query, values=values) == values


def test_a_list_of_json_is_read_as_json(alice):
    with transaction(alice.user_id):
        found = fetch_one(list, "SELECT %(values)s::jsonb[]", values=[QUOTED, "{}"])

    assert found == [{"title": '"easy" {finish}, NULL', "note": "back\\slash\n☂"}, {}]


def test_a_null_byte_in_a_list_is_refused(alice):
    with pytest.raises(psycopg.DataError), transaction(alice.user_id):
        fetch_one(list, "SELECT %(values)s::text[]", values=["a\0b"])
