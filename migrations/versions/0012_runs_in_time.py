"""The time index of runs leaves out deleted runs.

Without statistics in a new database, the planner used the time index to look up each run by id, and read all the user's
runs each time. It cannot use a partial index for that.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX runs_datetime_utc_idx")
    op.execute("CREATE INDEX runs_datetime_utc_idx ON runs (user_id, datetime_utc) WHERE deleted_at IS NULL")


def downgrade() -> None:
    op.execute("DROP INDEX runs_datetime_utc_idx")
    op.execute("CREATE INDEX runs_datetime_utc_idx ON runs (user_id, datetime_utc)")
