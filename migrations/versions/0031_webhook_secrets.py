"""The address of a webhook ends with a secret, of which the digest is stored."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Subscriptions that were made before have none: their address has no secret.
    op.execute("ALTER TABLE webhook_subscriptions ADD COLUMN secret_hash text")


def downgrade() -> None:
    op.execute("ALTER TABLE webhook_subscriptions DROP COLUMN secret_hash")
