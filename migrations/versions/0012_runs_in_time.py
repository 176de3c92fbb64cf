"""The order of runs in time holds those that are not deleted.

Of a new database the planner knows no numbers. The first session that added versions looked each run up by the time
index, reading all of the user's runs for each; by an index that some runs are not in, none can be looked up.
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
