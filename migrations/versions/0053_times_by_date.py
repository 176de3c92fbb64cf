"""Pages of runs by date that look back pass over the versions since the instant in the index, without reading them."""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index("user_id, datetime_utc, changed_at")


def downgrade() -> None:
    _index("user_id, datetime_utc")


def _index(columns: str) -> None:
    op.execute("DROP INDEX runs_history_datetime_utc_idx")
    op.execute(f"CREATE INDEX runs_history_datetime_utc_idx ON runs_history ({columns})")
