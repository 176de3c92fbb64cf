"""The way to one selection per planned workout: the migration refuses duplicates, the script merges them."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.util import CommandError

from fitness.config import ROOT
from fitness.db import migrate

SCRIPT = ROOT / "scripts" / "dedupe_workout_selections.py"
ROWS = "SELECT * FROM workout_selections ORDER BY user_id, workout_id, id"
# Of two users: three rows and one (Ada), two rows of one moment and one on its own (Bob).
SELECTIONS = """
    INSERT INTO workout_selections (
        user_id, workout_id, is_selected, current_plan_day, time_of_day, workout_location, user_notes, created_at,
        updated_at
    )
    VALUES (1, 1, true, '2026-03-01', 'morning', 'Track', NULL, '2026-01-01', '2026-01-01'),
        (1, 1, false, '2026-03-02', NULL, NULL, NULL, '2026-01-02', '2026-01-03'),
        (1, 1, true, NULL, 'noon', NULL, NULL, '2026-01-02', '2026-01-02'),
        (1, 2, false, '2026-03-05', NULL, NULL, 'Alone', '2026-01-01', '2026-01-01'),
        (2, 3, true, '2026-03-01', NULL, NULL, NULL, '2026-01-01', '2026-01-01'),
        (2, 3, true, NULL, 'evening', NULL, NULL, '2026-01-01', '2026-01-01'),
        (2, 4, true, NULL, NULL, NULL, NULL, '2026-01-01', '2026-01-01')
"""
FIELDS = """
    SELECT user_id, workout_id, is_selected, current_plan_day::text, time_of_day, workout_location, user_notes
    FROM workout_selections
    ORDER BY user_id, workout_id
"""
MERGED = [
    (1, 1, False, "2026-03-02", "noon", "Track", None),
    (1, 2, False, "2026-03-05", None, None, "Alone"),
    (2, 3, True, "2026-03-01", "evening", None, None),
    (2, 4, True, None, None, None, None),
]


@pytest.fixture
def before(empty_database_url):
    """A connection to a database as it was before the constraint, with duplicates."""
    migrate.upgrade(empty_database_url, "0008")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO users (email, name) VALUES ('ada@example.com', 'Ada'), ('bob@e.com', 'Bob')")
        connection.execute(
            """
            INSERT INTO planned_workouts (user_id, title, workout_type, originally_planned_day)
            VALUES (1, 'A', 'Run', '2026-03-01'), (1, 'B', 'Run', '2026-03-01'), (2, 'C', 'Run', '2026-03-01'),
                (2, 'D', 'Run', '2026-03-01')
            """
        )
        connection.execute(SELECTIONS)
        yield connection


@pytest.fixture
def dedupe(empty_database_url, tmp_path):
    """Run the script on the database, as an operator would."""

    def dedupe(*arguments, given=""):
        return subprocess.run(
            [sys.executable, SCRIPT, *map(str, arguments)],
            env={"DATABASE_URL": empty_database_url, "FITNESS_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return dedupe


def test_the_migration_fails_on_duplicates_succeeds_once_they_are_merged_and_no_field_is_lost(
    empty_database_url, before, dedupe
):
    with pytest.raises(CommandError, match=r"2 planned workouts .* scripts/dedupe_workout_selections\.py"):
        migrate.upgrade(empty_database_url)
    assert before.execute("SELECT version_num FROM alembic_version").fetchone() == ("0008",)

    merged = dedupe("--yes")

    assert (merged.returncode, merged.stderr) == (0, "")
    assert before.execute(FIELDS).fetchall() == MERGED
    migrate.upgrade(empty_database_url)
    migrate.check(empty_database_url)
    with pytest.raises(psycopg.errors.UniqueViolation):
        before.execute(SELECTIONS)


def test_the_command_says_what_stands_in_the_way(empty_database_url, before, tmp_path):
    refused = subprocess.run(
        [sys.executable, "-m", "fitness.cli", "db", "upgrade"],
        env={"DATABASE_URL": empty_database_url, "FITNESS_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert refused.returncode == 1
    assert "scripts/dedupe_workout_selections.py" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(("arguments", "given"), [(["--dry-run"], ""), ([], "n\n"), (["--dry-run", "--yes"], "")])
def test_a_dry_run_and_a_no_change_nothing(before, dedupe, arguments, given):
    rows = before.execute(ROWS).fetchall()

    done = dedupe(*arguments, given=given)

    assert "5 rows for 2 planned workouts" in done.stdout
    assert done.returncode == (1 if given else 0)
    assert before.execute(ROWS).fetchall() == rows


def test_a_backup_holds_the_rows_as_they_were_and_is_never_overwritten(before, dedupe, tmp_path: Path):
    rows = before.execute(ROWS).fetchall()
    file = tmp_path / "duplicates.json"
    file.write_text("precious")

    refused = dedupe("--yes", "--backup", file)

    assert (refused.returncode, file.read_text()) == (1, "precious")
    assert "nothing was changed" in refused.stderr
    assert before.execute(ROWS).fetchall() == rows
    file.unlink()
    assert dedupe("--yes", "--backup", file).returncode == 0
    written = {(row["id"], row["workout_id"], row["time_of_day"]) for row in json.loads(file.read_text())}
    assert written == {(row[1], row[2], row[5]) for row in rows if row[2] in {1, 3}}


def test_a_second_run_finds_nothing_to_do(before, dedupe):
    dedupe("--yes")
    rows = before.execute(ROWS).fetchall()

    again = dedupe("--yes")

    assert (again.returncode, again.stdout) == (0, "There are no duplicates.\n")
    assert before.execute(ROWS).fetchall() == rows
