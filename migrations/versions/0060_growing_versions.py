"""The version of a workout in progress grows without new entries in its indexes: none has the time of its change."""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX workouts_history_start_ts_idx")
    op.execute("CREATE INDEX workouts_history_start_ts_idx ON workouts_history (user_id, start_ts)")


def downgrade() -> None:
    op.execute("DROP INDEX workouts_history_start_ts_idx")
    op.execute("""
        CREATE INDEX workouts_history_start_ts_idx
        ON workouts_history (user_id, start_ts, coalesce(begun_at, changed_at))
    """)
