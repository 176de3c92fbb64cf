"""Versions of workouts repeat their sets, except warm-ups, as arrays: looking back reads these instead of parsing JSON.

Versions that are there keep null, and are parsed: filling them would write the whole table.
"""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

COLUMNS = {
    "working_exercise_id": "uuid[]",
    "working_set_index": "integer[]",
    "working_weight": "double precision[]",
    "working_weight_unit": "text[]",
    "working_reps": "integer[]",
    "working_distance_miles": "double precision[]",
}


def upgrade() -> None:
    op.execute(f"""
        ALTER TABLE workouts_history
        {", ".join(f"ADD COLUMN {name} {of_type}" for name, of_type in COLUMNS.items())}
    """)


def downgrade() -> None:
    op.execute(f"""
        ALTER TABLE workouts_history
        {", ".join(f"DROP COLUMN {name}" for name in COLUMNS)}
    """)
