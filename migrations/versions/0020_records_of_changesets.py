"""The changeset index of each history has the records and versions too.

So the records of a changeset are read page by page in the order of their ids; without it, each page would read and sort
the whole changeset.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

HISTORIES = {
    "shoes_history": "shoe_id",
    "runs_history": "run_id",
    "exercises_history": "exercise_id",
    "workouts_history": "workout_id",
    "planned_workouts_history": "planned_workout_id",
}


def upgrade() -> None:
    for table, key in HISTORIES.items():
        _index(table, f"user_id, changeset_id, {key}, version_number")


def downgrade() -> None:
    for table in HISTORIES:
        _index(table, "user_id, changeset_id")


def _index(table: str, columns: str) -> None:
    op.execute(f"DROP INDEX {table}_changeset_id_idx")
    op.execute(f"CREATE INDEX {table}_changeset_id_idx ON {table} ({columns}) WHERE changeset_id IS NOT NULL")
