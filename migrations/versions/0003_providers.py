"""Data for syncs with outside services: calendar state, watermarks, credentials."""

from alembic import op

from migrations.tenancy import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE synced_runs (
            user_id bigint NOT NULL,
            id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            run_id text NOT NULL,
            run_version integer NOT NULL,
            google_event_id text,
            synced_at timestamptz,
            sync_status text NOT NULL,
            error_message text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT synced_runs_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT synced_runs_user_id_run_id_key UNIQUE (user_id, run_id),
            CONSTRAINT synced_runs_run_id_fkey
                FOREIGN KEY (user_id, run_id) REFERENCES runs (user_id, id) ON DELETE CASCADE,
            CONSTRAINT synced_runs_sync_status_check CHECK (sync_status IN ('synced', 'failed', 'pending'))
        )
    """)
    protect("synced_runs", "SELECT, INSERT, UPDATE, DELETE")

    op.execute("""
        CREATE TABLE sync_metadata (
            user_id bigint NOT NULL,
            provider text NOT NULL,
            last_synced_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT sync_metadata_pkey PRIMARY KEY (user_id, provider),
            CONSTRAINT sync_metadata_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    protect("sync_metadata", "SELECT, INSERT, UPDATE, DELETE")

    op.execute("""
        CREATE TABLE oauth_credentials (
            user_id bigint NOT NULL,
            id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            provider text NOT NULL,
            client_id text NOT NULL,
            client_secret text NOT NULL,
            access_token text NOT NULL,
            refresh_token text NOT NULL,
            expires_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT oauth_credentials_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT oauth_credentials_user_id_provider_key UNIQUE (user_id, provider),
            CONSTRAINT oauth_credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    protect("oauth_credentials", "SELECT, INSERT, UPDATE, DELETE")
    # The only table with a trigger for updated_at, as documented.
    op.execute("""
        CREATE FUNCTION oauth_credentials_set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at = now();
            RETURN NEW;
        END
        $$
    """)
    op.execute("""
        CREATE TRIGGER oauth_credentials_updated_at BEFORE UPDATE ON oauth_credentials
        FOR EACH ROW EXECUTE FUNCTION oauth_credentials_set_updated_at()
    """)


def downgrade() -> None:
    op.execute("DROP TABLE oauth_credentials, sync_metadata, synced_runs")
    op.execute("DROP FUNCTION oauth_credentials_set_updated_at")
