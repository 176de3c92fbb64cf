"""Sessions have a row of their own: device, address, use, when their owner confirmed to be there, and a last day."""

from alembic import op

from migrations.tenancy import protect

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE sessions (
            user_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            family_id uuid NOT NULL,
            device text,
            address text,
            last_used_at timestamptz NOT NULL DEFAULT now(),
            confirmed_at timestamptz NOT NULL DEFAULT now(),
            ends_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT sessions_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT sessions_family_id_key UNIQUE (user_id, family_id),
            CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    protect("sessions", "SELECT, INSERT, UPDATE, DELETE")
    # SESSION_DAYS of sessions that began before is its default.
    op.execute("""
        INSERT INTO sessions (user_id, family_id, last_used_at, confirmed_at, created_at, ends_at)
        SELECT user_id, family_id, max(created_at), min(created_at), min(created_at),
            min(created_at) + interval '365 days'
        FROM refresh_tokens
        GROUP BY user_id, family_id
        ORDER BY min(created_at)
    """)
    op.execute("""
        ALTER TABLE refresh_tokens
        ADD CONSTRAINT refresh_tokens_family_id_fkey
        FOREIGN KEY (user_id, family_id) REFERENCES sessions (user_id, family_id) ON DELETE CASCADE
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE refresh_tokens DROP CONSTRAINT refresh_tokens_family_id_fkey")
    op.execute("DROP TABLE sessions")
