"""The state of a connection that begins at a provider belongs to a browser."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # States that were made before have none: their users confirm the connection.
    op.execute("ALTER TABLE oauth_states ADD COLUMN browser_hash text")


def downgrade() -> None:
    op.execute("ALTER TABLE oauth_states DROP COLUMN browser_hash")
