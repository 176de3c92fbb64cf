"""Pages of runs by date that look back go through the versions in this order."""

from alembic import op

from migrations import as_of

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX runs_history_datetime_utc_idx ON runs_history (user_id, datetime_utc)")
    as_of.drop_views()
    as_of.create_views(revision)


def downgrade() -> None:
    op.execute("DROP INDEX runs_history_datetime_utc_idx")
