"""Passkeys; and one table for what a browser sends back during a login: states, codes, challenges."""

from alembic import op

from migrations.ranges import INSTANT
from migrations.tenancy import protect

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # How authenticators know an account: it says nothing about the person, and is never used again.
    op.execute("ALTER TABLE users ADD COLUMN passkey_handle uuid NOT NULL DEFAULT gen_random_uuid()")
    op.execute("CREATE UNIQUE INDEX users_passkey_handle_key ON users (passkey_handle)")
    op.execute(f"""
        CREATE TABLE passkeys (
            user_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            credential_id bytea NOT NULL,
            public_key bytea NOT NULL,
            sign_count bigint NOT NULL,
            name text NOT NULL,
            last_used_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT passkeys_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT passkeys_user_id_credential_id_key UNIQUE (user_id, credential_id),
            CONSTRAINT passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT passkeys_credential_id_range CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
            CONSTRAINT passkeys_public_key_range CHECK (octet_length(public_key) BETWEEN 1 AND 2000),
            CONSTRAINT passkeys_sign_count_range CHECK (sign_count BETWEEN 0 AND 4294967295),
            CONSTRAINT passkeys_name_range CHECK (char_length(name) BETWEEN 1 AND 100),
            CONSTRAINT passkeys_last_used_at_range CHECK ({INSTANT.format("last_used_at")})
        )
    """)
    protect("passkeys", "SELECT, INSERT, DELETE, UPDATE (name, sign_count, last_used_at, updated_at)")

    # Not user data, as the user is known only after the login: only the owner's role can access them. Logins that are
    # under way begin again.
    op.execute("DROP TABLE login_states, login_codes")
    op.execute("""
        CREATE TABLE login_steps (
            step_hash text NOT NULL,
            browser_hash text NOT NULL,
            purpose text NOT NULL,
            content jsonb NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT login_steps_pkey PRIMARY KEY (step_hash),
            CONSTRAINT login_steps_purpose_check CHECK (purpose IN (
                'google_state', 'google_code', 'passkey_login', 'passkey_confirmation', 'new_passkey'
            ))
        )
    """)
    op.execute("CREATE INDEX login_steps_expires_at_idx ON login_steps (expires_at)")


def downgrade() -> None:
    op.execute("DROP TABLE login_steps")
    op.execute("""
        CREATE TABLE login_states (
            state_hash text NOT NULL,
            browser_hash text NOT NULL,
            nonce text NOT NULL,
            code_verifier text NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT login_states_pkey PRIMARY KEY (state_hash)
        )
    """)
    op.execute("CREATE INDEX login_states_expires_at_idx ON login_states (expires_at)")
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
    op.execute("DROP TABLE passkeys")
    op.execute("ALTER TABLE users DROP COLUMN passkey_handle")
