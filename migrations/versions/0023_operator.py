"""Tokens of the operator, each with its reason; the column `is_admin`, which nothing used, goes."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_scopes_check")
    op.execute("""
        ALTER TABLE api_tokens
        ADD COLUMN reason text,
        ADD CONSTRAINT api_tokens_scopes_check CHECK (
            (scopes <@ ARRAY['read', 'write', 'import'] AND scopes <> '{}') OR scopes = ARRAY['operator']
        ),
        ADD CONSTRAINT api_tokens_reason_check CHECK (
            (reason IS NOT NULL) = (scopes = ARRAY['operator']) AND reason <> ''
        ),
        ADD CONSTRAINT api_tokens_operator_check CHECK (scopes <> ARRAY['operator'] OR expires_at IS NOT NULL)
    """)
    op.execute("ALTER TABLE users DROP COLUMN is_admin")


def downgrade() -> None:
    op.execute("ALTER TABLE users ADD COLUMN is_admin boolean NOT NULL DEFAULT false")
    op.execute("DELETE FROM api_tokens WHERE scopes = ARRAY['operator']")
    op.execute("ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_operator_check")
    op.execute("ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_scopes_check")
    op.execute("""
        ALTER TABLE api_tokens
        DROP COLUMN reason,
        ADD CONSTRAINT api_tokens_scopes_check CHECK (scopes <@ ARRAY['read', 'write', 'import'] AND scopes <> '{}')
    """)
