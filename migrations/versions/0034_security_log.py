"""The security log of an account."""

from alembic import op

from migrations.tenancy import protect

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE security_events (
            user_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            event text NOT NULL,
            detail text,
            device text,
            address text,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT security_events_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT security_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    protect("security_events", "SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.execute("DROP TABLE security_events")
