"""Connections with providers, state of their syncs, duplicate runs, and conflicts of workouts."""

from alembic import op

from migrations.tenancy import protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A pasted API key has neither an application nor a refresh token.
    op.execute("""
        ALTER TABLE oauth_credentials
        ALTER COLUMN client_id DROP NOT NULL,
        ALTER COLUMN client_secret DROP NOT NULL,
        ALTER COLUMN refresh_token DROP NOT NULL,
        ADD COLUMN scope text,
        ADD COLUMN account_id text,
        ADD COLUMN refused_at timestamptz
    """)
    # Webhook events have the account id, not the user id.
    op.execute("CREATE INDEX oauth_credentials_account_id_idx ON oauth_credentials (provider, account_id)")

    op.execute("""
        CREATE TABLE oauth_states (
            user_id bigint NOT NULL,
            state_hash text NOT NULL,
            provider text NOT NULL,
            code_verifier text,
            expires_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT oauth_states_pkey PRIMARY KEY (user_id, state_hash),
            CONSTRAINT oauth_states_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    protect("oauth_states", "SELECT, INSERT, DELETE")

    op.execute("""
        ALTER TABLE sync_metadata
        ADD COLUMN last_error text,
        ADD COLUMN last_error_at timestamptz,
        ADD COLUMN retry_at timestamptz,
        ADD COLUMN resume_at timestamptz,
        ADD COLUMN lease_id uuid,
        ADD COLUMN lease_until timestamptz,
        ADD COLUMN found integer NOT NULL DEFAULT 0
    """)

    op.execute("""
        CREATE TABLE provider_events (
            user_id bigint NOT NULL,
            provider text NOT NULL,
            object_id text NOT NULL,
            received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT provider_events_pkey PRIMARY KEY (user_id, provider, object_id),
            CONSTRAINT provider_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    protect("provider_events", "SELECT, INSERT, UPDATE, DELETE")

    # Belongs to the application, not to a user.
    op.execute("""
        CREATE TABLE webhook_subscriptions (
            provider text NOT NULL,
            subscription_id bigint NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT webhook_subscriptions_pkey PRIMARY KEY (provider)
        )
    """)

    op.execute("""
        ALTER TABLE runs
        ADD COLUMN duplicate_of text,
        ADD CONSTRAINT runs_duplicate_of_fkey FOREIGN KEY (user_id, duplicate_of) REFERENCES runs (user_id, id),
        ADD CONSTRAINT runs_duplicate_of_check CHECK (duplicate_of <> id)
    """)
    op.execute("CREATE INDEX runs_duplicate_of_idx ON runs (user_id, duplicate_of) WHERE duplicate_of IS NOT NULL")
    op.execute("ALTER TABLE runs_history ADD COLUMN duplicate_of text")
    op.execute("""
        CREATE TABLE distinct_runs (
            user_id bigint NOT NULL,
            run_id text NOT NULL,
            other_run_id text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT distinct_runs_pkey PRIMARY KEY (user_id, run_id, other_run_id),
            CONSTRAINT distinct_runs_run_id_fkey
                FOREIGN KEY (user_id, run_id) REFERENCES runs (user_id, id) ON DELETE CASCADE,
            CONSTRAINT distinct_runs_other_run_id_fkey
                FOREIGN KEY (user_id, other_run_id) REFERENCES runs (user_id, id) ON DELETE CASCADE,
            CONSTRAINT distinct_runs_order_check CHECK (run_id < other_run_id)
        )
    """)
    protect("distinct_runs", "SELECT, INSERT, DELETE")

    op.execute("ALTER TABLE exercises ADD COLUMN external_id text")
    op.execute("""
        CREATE UNIQUE INDEX exercises_external_id_key ON exercises (user_id, external_id)
        WHERE external_id IS NOT NULL
    """)
    op.execute("ALTER TABLE workouts ADD COLUMN conflicts jsonb")
    # The first version of an imported workout has the provider's values.
    op.execute("""
        UPDATE workouts AS r
        SET provider_values = jsonb_build_object(
            'title', h.title, 'start_ts', h.start_ts, 'end_ts', h.end_ts, 'notes', h.notes,
            'exercise_executions', h.exercise_executions
        )
        FROM workouts_history AS h
        WHERE h.user_id = r.user_id
          AND h.workout_id = r.id
          AND h.version_number = 1
          AND r.source <> 'Manual'
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE workouts DROP COLUMN conflicts")
    op.execute("UPDATE workouts SET provider_values = NULL WHERE provider_values IS NOT NULL")
    op.execute("ALTER TABLE exercises DROP COLUMN external_id")
    op.execute("DROP TABLE distinct_runs")
    op.execute("ALTER TABLE runs_history DROP COLUMN duplicate_of")
    op.execute("ALTER TABLE runs DROP COLUMN duplicate_of")
    op.execute("DROP TABLE webhook_subscriptions, provider_events, oauth_states")
    op.execute("""
        ALTER TABLE sync_metadata
        DROP COLUMN last_error, DROP COLUMN last_error_at, DROP COLUMN retry_at, DROP COLUMN resume_at,
        DROP COLUMN lease_id, DROP COLUMN lease_until, DROP COLUMN found
    """)
    op.execute("DROP INDEX oauth_credentials_account_id_idx")
    op.execute("DELETE FROM oauth_credentials WHERE client_id IS NULL OR refresh_token IS NULL")
    op.execute("""
        ALTER TABLE oauth_credentials
        DROP COLUMN scope, DROP COLUMN account_id, DROP COLUMN refused_at,
        ALTER COLUMN client_id SET NOT NULL,
        ALTER COLUMN client_secret SET NOT NULL,
        ALTER COLUMN refresh_token SET NOT NULL
    """)
