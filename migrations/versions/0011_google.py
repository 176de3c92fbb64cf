"""Workouts in the calendar, and login with Google."""

from alembic import op

from migrations.tenancy import protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Number of the latest call to the calendar, so that two calls at once do not store each other's result.
    op.execute("ALTER TABLE synced_runs ADD COLUMN attempt integer NOT NULL DEFAULT 1")
    op.execute("""
        CREATE TABLE synced_workouts (
            user_id bigint NOT NULL,
            id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            workout_id uuid NOT NULL,
            workout_version integer NOT NULL,
            google_event_id text,
            synced_at timestamptz,
            sync_status text NOT NULL,
            error_message text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            attempt integer NOT NULL DEFAULT 1,
            CONSTRAINT synced_workouts_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT synced_workouts_user_id_workout_id_key UNIQUE (user_id, workout_id),
            CONSTRAINT synced_workouts_workout_id_fkey
                FOREIGN KEY (user_id, workout_id) REFERENCES workouts (user_id, id) ON DELETE CASCADE,
            CONSTRAINT synced_workouts_sync_status_check CHECK (sync_status IN ('synced', 'failed', 'pending'))
        )
    """)
    protect("synced_workouts", "SELECT, INSERT, UPDATE, DELETE")

    # Not user data yet, as the user is known only after the login: only the owner's role can access them.
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


def downgrade() -> None:
    op.execute("DROP TABLE login_states, synced_workouts")
    op.execute("ALTER TABLE synced_runs DROP COLUMN attempt")
