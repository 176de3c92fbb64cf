"""Codes that are sent by mail: to verify an e-mail address, and to set another password."""

from alembic import op

from migrations.ranges import INSTANT
from migrations.tenancy import protect

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(f"""
        ALTER TABLE users
        ADD COLUMN email_verified_at timestamptz,
        ADD CONSTRAINT users_email_verified_at_range CHECK ({INSTANT.format("email_verified_at")})
    """)
    op.execute("""
        CREATE TABLE mail_codes (
            user_id bigint NOT NULL,
            code_hash text NOT NULL,
            purpose text NOT NULL,
            email text NOT NULL,
            expires_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT mail_codes_pkey PRIMARY KEY (user_id, code_hash),
            CONSTRAINT mail_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT mail_codes_purpose_check CHECK (purpose IN ('verify', 'reset'))
        )
    """)
    op.execute("CREATE INDEX mail_codes_code_hash_idx ON mail_codes (code_hash)")
    # Codes are made and used by system transactions alone.
    protect("mail_codes", "SELECT")


def downgrade() -> None:
    op.execute("DROP TABLE mail_codes")
    op.execute("ALTER TABLE users DROP COLUMN email_verified_at")
