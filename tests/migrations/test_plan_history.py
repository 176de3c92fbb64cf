"""Selections and links of before migration 0026 become versions of their planned workouts, and rows again."""

import psycopg
import pytest
from alembic.script import ScriptDirectory

from fitness.db import connection, migrate, pool
from fitness.db.history import feed
from fitness.db.planned_workouts import get_planned_workout_by_id

SELECTIONS = "SELECT workout_id, is_selected, current_plan_day::text, user_notes FROM workout_selections ORDER BY 1"
LINKS = "SELECT planned_workout_id, run_id FROM plan_links ORDER BY 1"
BEFORE = str(ScriptDirectory(str(migrate.MIGRATIONS)).get_revision("0026").down_revision)
REASON = "Selection and link of before they had versions"


@pytest.fixture
def before(empty_database_url):
    """A connection to a database with four planned workouts, with a selection, a link, both of them, and neither."""
    migrate.upgrade(empty_database_url, BEFORE)
    with psycopg.connect(empty_database_url, autocommit=True) as owner:
        owner.execute("INSERT INTO users (email, name) VALUES ('ada@example.com', 'Ada')")
        owner.execute("INSERT INTO change_counters (user_id, position) VALUES (1, 7)")
        owner.execute(
            """
            INSERT INTO runs (user_id, id, datetime_utc, type, distance, duration, source)
            SELECT 1, 'manual_' || n, now(), 'Outdoor Run', 5, 2400, 'Manual' FROM generate_series(1, 2) AS n
            """
        )
        owner.execute(
            """
            INSERT INTO planned_workouts (user_id, title, workout_type, originally_planned_day)
            SELECT 1, 'Run', 'Run', '2026-03-01' FROM generate_series(1, 4)
            """
        )
        owner.execute(
            """
            INSERT INTO planned_workouts_history (
                user_id, planned_workout_id, version_number, change_type, title, workout_type, originally_planned_day,
                is_custom
            )
            SELECT user_id, id, 1, 'original', title, workout_type, originally_planned_day, is_custom
            FROM planned_workouts
            ORDER BY id
            """
        )
        owner.execute("UPDATE planned_workouts SET deleted_at = now() WHERE id = 3")
        owner.execute(
            """
            INSERT INTO workout_selections (user_id, workout_id, is_selected, current_plan_day, user_notes)
            VALUES (1, 1, false, '2026-03-02', 'Ill'), (1, 3, true, NULL, 'Own')
            """
        )
        owner.execute(
            "INSERT INTO plan_links (user_id, planned_workout_id, run_id) VALUES (1, 2, 'manual_1'), (1, 3, 'manual_2')"
        )
        yield owner


def test_each_with_a_selection_or_link_gets_a_version_at_the_end_of_the_feed(app, empty_database_url, before):
    migrate.upgrade(empty_database_url)
    pool.open_pool(empty_database_url, size=1, timeout_seconds=5, statement_timeout_seconds=5)

    with connection.transaction(1):
        records = [get_planned_workout_by_id(n, include_deleted=True) for n in (1, 2, 3, 4)]
        changes, _ = feed.list_changes(feed.Place(7, "z", 0), limit=500, with_records=True)

    assert [
        record and (record.version, record.is_selected, record.user_notes, record.run_id) for record in records
    ] == [(2, False, "Ill", None), (2, True, None, "manual_1"), (2, True, "Own", "manual_2"), (1, True, None, None)]
    assert [(one["id"], one["version"], one["change_type"], one["record"]["user_notes"]) for one in changes] == [
        (1, 2, "edit", "Ill"), (2, 2, "edit", None), (3, 2, "deletion", "Own"),
    ]  # fmt: skip
    reasons = before.execute("SELECT change_reason FROM planned_workouts_history ORDER BY history_id").fetchall()
    assert reasons == [(None,)] * 4 + [(REASON,)] * 3


def test_the_way_back_keeps_them_as_rows(empty_database_url, before):
    rows = [before.execute(query).fetchall() for query in (SELECTIONS, LINKS)]
    migrate.upgrade(empty_database_url)
    before.execute("UPDATE planned_workouts SET user_notes = 'Well again' WHERE id = 1")

    migrate.downgrade(empty_database_url, BEFORE)

    selections, links = [before.execute(query).fetchall() for query in (SELECTIONS, LINKS)]
    assert selections == [(1, False, "2026-03-02", "Well again"), rows[0][1]]
    assert links == rows[1]
