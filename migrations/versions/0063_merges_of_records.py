"""What changesets changed in the base of one record is found without reading that of all others.

Revision ID: 0063
Revises: 0062
"""

from alembic import op

revision = "0063"
down_revision = "0062"

KEYS = {"runs_merges": "run_id", "workouts_merges": "workout_id", "planned_workouts_merges": "planned_workout_id"}


def upgrade() -> None:
    for table, key in KEYS.items():
        op.execute(f"CREATE INDEX {table}_{key}_idx ON {table} (user_id, {key})")


def downgrade() -> None:
    for table, key in KEYS.items():
        op.execute(f"DROP INDEX {table}_{key}_idx")
