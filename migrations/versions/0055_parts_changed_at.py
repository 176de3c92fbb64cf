"""A workout has since when its sets and sessions are as they are, so that looking back reads them from their tables."""

from alembic import op

from migrations.ranges import INSTANT

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE workouts ADD COLUMN parts_changed_at timestamptz")
    in_range = INSTANT.format("parts_changed_at")
    op.execute(f"ALTER TABLE workouts ADD CONSTRAINT workouts_parts_changed_at_range CHECK ({in_range})")


def downgrade() -> None:
    op.execute("ALTER TABLE workouts DROP COLUMN parts_changed_at")
