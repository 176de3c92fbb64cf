"""A unique constraint: one selection per planned workout; fails while there are duplicates."""

from alembic import op
from alembic.util import CommandError

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No duplicate may be added between the count and the constraint.
    op.execute("LOCK TABLE workout_selections IN ACCESS EXCLUSIVE MODE")
    duplicates = op.get_bind().exec_driver_sql("""
        SELECT count(*)
        FROM (
            SELECT
            FROM workout_selections
            GROUP BY user_id, workout_id
            HAVING count(*) > 1
        ) AS duplicated
    """)
    if count := duplicates.scalar_one():
        raise CommandError(
            f"{count} planned workouts have more than one row in workout_selections. Merge them, then migrate again: "
            ".venv/bin/python scripts/dedupe_workout_selections.py --backup duplicates.json"
        )
    op.execute("""
        ALTER TABLE workout_selections
        ADD CONSTRAINT uq_workout_selections_workout_id UNIQUE (user_id, workout_id)
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE workout_selections DROP CONSTRAINT uq_workout_selections_workout_id")
