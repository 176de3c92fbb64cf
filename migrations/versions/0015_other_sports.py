"""The sport of a cardio session, whether a user imports other sports, and users' own applications at providers."""

from alembic import op

from migrations.tenancy import protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE cardio_sessions
        ADD COLUMN sport text,
        ADD CONSTRAINT cardio_sessions_sport_check CHECK (char_length(sport) BETWEEN 1 AND 200)
    """)
    op.execute("""
        ALTER TABLE workouts
        DROP CONSTRAINT workouts_source_check,
        ADD CONSTRAINT workouts_source_check CHECK (source IN ('Manual', 'Hevy', 'Strava', 'MapMyFitness'))
    """)
    # A provider can change the type of a workout; versions of workouts in progress are amended.
    op.execute("GRANT UPDATE (workout_type) ON workouts_history TO fitness_app")
    op.execute("ALTER TABLE users ADD COLUMN import_other_sports boolean NOT NULL DEFAULT true")
    op.execute("GRANT UPDATE (import_other_sports) ON users TO fitness_app")

    op.execute("""
        CREATE TABLE oauth_applications (
            user_id bigint NOT NULL,
            provider text NOT NULL,
            client_id text NOT NULL,
            client_secret text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT oauth_applications_pkey PRIMARY KEY (user_id, provider),
            CONSTRAINT oauth_applications_user_id_fkey
                FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    protect("oauth_applications", "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (workout_type) ON workouts_history FROM fitness_app")
    # Fails, and changes nothing, while there are workouts from Strava or MapMyFitness: they would be lost.
    op.execute("""
        ALTER TABLE workouts
        DROP CONSTRAINT workouts_source_check,
        ADD CONSTRAINT workouts_source_check CHECK (source IN ('Manual', 'Hevy'))
    """)
    op.execute("DROP TABLE oauth_applications")
    op.execute("ALTER TABLE users DROP COLUMN import_other_sports")
    op.execute("ALTER TABLE cardio_sessions DROP COLUMN sport")
