"""Personal access tokens, and the units of users."""

from alembic import op

from migrations.tenancy import protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE api_tokens (
            user_id bigint NOT NULL,
            id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            token_hash text NOT NULL,
            name text NOT NULL,
            scopes text[] NOT NULL,
            expires_at timestamptz,
            last_used_at timestamptz,
            revoked_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT api_tokens_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT api_tokens_name_check CHECK (name <> ''),
            CONSTRAINT api_tokens_scopes_check CHECK (scopes <@ ARRAY['read', 'write', 'import'] AND scopes <> '{}')
        )
    """)
    # The user of a token is looked up by its hash.
    op.execute("CREATE INDEX api_tokens_token_hash_idx ON api_tokens (token_hash)")
    protect("api_tokens", "SELECT, INSERT, UPDATE (revoked_at, updated_at)")

    op.execute("""
        ALTER TABLE users
        ADD COLUMN units text NOT NULL DEFAULT 'miles',
        ADD CONSTRAINT users_units_check CHECK (units IN ('miles', 'kilometres'))
    """)
    op.execute("GRANT UPDATE (units) ON users TO fitness_app")


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN units")
    op.execute("DROP TABLE api_tokens")
