"""A second factor for logins: a time-based code (TOTP), and recovery codes."""

from alembic import op

from migrations.tenancy import protect

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE second_factors (
            user_id bigint NOT NULL,
            secret text NOT NULL,
            confirmed_at timestamptz,
            last_step bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT second_factors_pkey PRIMARY KEY (user_id),
            CONSTRAINT second_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    op.execute("""
        CREATE TABLE recovery_codes (
            user_id bigint NOT NULL,
            code_hash text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
            CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    for table in ("second_factors", "recovery_codes"):
        protect(table, "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.execute("DROP TABLE recovery_codes, second_factors")
