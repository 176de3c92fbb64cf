"""The keys of names, and what names lead to, from rows of before migration 0016."""

import psycopg
import pytest

from fitness.db import migrate

USERS = "INSERT INTO users (email, name) VALUES ('ada@example.com', 'Ada'), ('bob@example.com', 'Bob')"
A, B, C, D = (f"00000000-0000-4000-8000-00000000000{n}" for n in "abcd")


@pytest.fixture
def before(empty_database_url):
    """A connection to a database as it was before, with names that are the same now."""
    migrate.upgrade(empty_database_url, "0013")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(USERS)
        connection.cursor().executemany(
            """
            INSERT INTO exercises (user_id, id, name, created_at, deleted_at)
            VALUES (%s, %s, %s, %s::timestamptz, %s::timestamptz)
            """,
            [
                (1, A, "Stra\u00dfe", "2025-01-01", "2025-02-01"),
                (1, B, "STRASSE", "2025-01-02", None),
                (1, C, "Pull Up (Assisted)", "2025-01-03", None),
                (2, D, "Cafe\u0301", "2025-01-01", None),
            ],
        )
        connection.cursor().executemany(
            """
            INSERT INTO exercises_history (user_id, exercise_id, version_number, change_type, name)
            VALUES (%s, %s, %s, %s, %s)
            """,
            [
                (1, A, 1, "original", "Stra\u00dfe"),
                (1, B, 1, "original", "Street"),
                (1, B, 2, "edit", "STRASSE"),
                (2, D, 1, "original", "Bar"),
                (2, D, 2, "edit", "Cafe\u0301"),
            ],
        )
        connection.execute(
            """
            INSERT INTO shoes (user_id, id, name, created_at)
            VALUES (1, 'ghost', 'Ghost', '2025-01-01'), (1, 'boo', 'GHOST', '2025-01-02'),
                (2, 'ghost', 'Ghost', '2025-01-01')
            """
        )
        yield connection


def test_names_get_keys_and_the_second_of_two_equal_ones_stays_beside_the_first(empty_database_url, before):
    migrate.upgrade(empty_database_url)

    assert before.execute("SELECT id::text, name_key FROM exercises ORDER BY id").fetchall() == [
        (A, f"strasse {A}"), (B, "strasse"), (C, "pull up (assisted)"), (D, "cafe\u0301"),
    ]  # fmt: skip
    assert before.execute("SELECT user_id, id, name_key FROM shoes ORDER BY user_id, id").fetchall() == [
        (1, "boo", "ghost boo"), (1, "ghost", "ghost"), (2, "ghost", "ghost"),
    ]  # fmt: skip
    with pytest.raises(psycopg.errors.UniqueViolation):
        before.execute("INSERT INTO shoes (user_id, id, name, name_key) VALUES (1, 'x', 'x', 'ghost')")


def test_the_names_that_an_exercise_had_lead_to_it(empty_database_url, before):
    migrate.upgrade(empty_database_url)

    names = before.execute("SELECT user_id, name_key, exercise_id::text FROM exercise_names ORDER BY 1, 2").fetchall()
    assert [name for name in names if A not in name[1]] == [
        (1, "pull up (assisted)", C), (1, "strasse", B), (1, "street", B), (2, "bar", D), (2, "cafe\u0301", D),
    ]  # fmt: skip


def test_an_exercise_whose_name_says_so_is_assisted(empty_database_url, before):
    migrate.upgrade(empty_database_url)

    assert before.execute("SELECT id::text FROM exercises WHERE is_assisted").fetchall() == [(C,)]


def test_the_names_of_before_are_back_after_a_downgrade(empty_database_url, before):
    names = before.execute("SELECT user_id, name FROM exercises ORDER BY id").fetchall()
    migrate.upgrade(empty_database_url)

    migrate.downgrade(empty_database_url, "0013")

    assert before.execute("SELECT user_id, name FROM exercises ORDER BY id").fetchall() == names
