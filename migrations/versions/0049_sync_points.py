"""Whether a person's syncs also fetch the points of runs."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD COLUMN sync_points boolean NOT NULL DEFAULT false")
    op.execute("GRANT UPDATE (sync_points) ON users TO fitness_app")


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN sync_points")
