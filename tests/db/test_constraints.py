"""Errors of a cluster, which names constraints in messages alone, are recognised like those of one server."""

import psycopg
import pytest
from psycopg import sql

from fitness.db import runs, shoes  # they register their constraints
from fitness.db.constraints import from_integrity_error, name_of, why_refused
from fitness.db.quotas import is_exceeded
from fitness.errors import Conflict, Invalid, Unauthorized

assert runs
assert shoes


@pytest.fixture
def refusal(admin):
    """Make PostgreSQL raise an error with a message, but without fields that name anything."""

    def refusal(code: str, message: str) -> psycopg.IntegrityError:
        raising = sql.SQL("RAISE EXCEPTION USING ERRCODE = {}, MESSAGE = {}").format(code, message).as_string(admin)
        with pytest.raises(psycopg.IntegrityError) as raised:
            admin.execute(sql.SQL("DO {}").format(sql.Literal(f"BEGIN {raising}; END")))
        assert raised.value.diag.constraint_name is None
        return raised.value

    return refusal


UNIQUE, FOREIGN, CHECK, NOT_NULL = "23505", "23503", "23514", "23502"


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (UNIQUE, 'duplicate key value violates unique constraint "shoes_name_key_key_102041"', Conflict),
        (
            FOREIGN,
            'insert or update on table "runs_102049" violates foreign key constraint "runs_shoe_id_fkey_102049"',
            Invalid,
        ),
        (
            FOREIGN,
            'insert or update on table "runs_102049" violates foreign key constraint "runs_user_id_fkey_102049"',
            Unauthorized,
        ),
        (
            CHECK,
            'new row for relation "runs_102049" violates check constraint "runs_distance_range_102049"',
            Invalid,
        ),
    ],
)
def test_a_constraint_of_a_shard_has_the_error_of_its_table(refusal, code, message, expected):
    assert isinstance(from_integrity_error(refusal(code, message)), expected)


def test_a_quota_is_recognised(refusal):
    message = (
        'new row for relation "change_counters_102010" violates check constraint "change_counters_bytes_quota_102010"'
    )

    assert is_exceeded(refusal(CHECK, message))


@pytest.mark.parametrize(
    ("code", "message", "why"),
    [
        (
            NOT_NULL,
            'null value in column "distance" of relation "runs_102049" violates not-null constraint',
            "distance is missing",
        ),
        (
            CHECK,
            'new row for relation "runs_102049" violates check constraint "runs_distance_range_102049"',
            "distance has a value that is not allowed",
        ),
        (UNIQUE, 'duplicate key value violates unique constraint "runs_pkey_102049"', "the same is there already"),
    ],
)
def test_why_a_row_is_refused_names_its_column(refusal, code, message, why):
    assert why_refused(refusal(code, message)) == why


def test_a_message_without_a_name_has_none(refusal):
    assert name_of(refusal(CHECK, "something is wrong")) == ""
