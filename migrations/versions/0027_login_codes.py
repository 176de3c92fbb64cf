"""Codes with which the page that a Google login ends on gets its session."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Like login_states, not user data: only the owner's role can access them.
    op.execute("""
        CREATE TABLE login_codes (
            code_hash text NOT NULL,
            browser_hash text NOT NULL,
            google_id text NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT login_codes_pkey PRIMARY KEY (code_hash)
        )
    """)
    op.execute("CREATE INDEX login_codes_expires_at_idx ON login_codes (expires_at)")


def downgrade() -> None:
    op.execute("DROP TABLE login_codes")
