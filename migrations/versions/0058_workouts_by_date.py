"""Pages of workouts by date that look back read the versions of the page, in the order of their start."""

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE INDEX workouts_history_start_ts_idx
        ON workouts_history (user_id, start_ts, coalesce(begun_at, changed_at))
    """)


def downgrade() -> None:
    op.execute("DROP INDEX workouts_history_start_ts_idx")
