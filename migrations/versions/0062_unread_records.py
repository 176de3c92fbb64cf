"""Records of providers that could not be read wait beside the events, to be asked for again by their ids.

Revision ID: 0062
Revises: 0061
"""

from alembic import op

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    op.execute("ALTER TABLE provider_events ADD COLUMN problem text")
    op.execute("ALTER TABLE provider_events ADD COLUMN tries integer NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("DELETE FROM provider_events WHERE problem IS NOT NULL")
    op.execute("ALTER TABLE provider_events DROP COLUMN tries")
    op.execute("ALTER TABLE provider_events DROP COLUMN problem")
