"""Workouts with their lifts, cardio and rep sessions, and their history."""

from alembic import op

from migrations.tenancy import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE workouts (
            user_id bigint NOT NULL,
            id uuid NOT NULL DEFAULT gen_random_uuid(),
            workout_type text NOT NULL,
            title text,
            start_ts timestamptz NOT NULL,
            end_ts timestamptz,
            finished_at timestamptz,
            calories_burned double precision,
            notes text,
            source text NOT NULL DEFAULT 'Manual',
            external_id text,
            provider_values jsonb,
            client_uuid uuid,
            client_request text,
            version integer NOT NULL DEFAULT 1,
            live_edits integer NOT NULL DEFAULT 0,
            last_edited_at timestamptz,
            last_edited_by text,
            deleted_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT workouts_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT workouts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT workouts_workout_type_check CHECK (workout_type IN ('STRENGTH', 'CARDIO', 'REPS')),
            CONSTRAINT workouts_title_check CHECK (title <> ''),
            CONSTRAINT workouts_end_ts_check CHECK (end_ts >= start_ts),
            CONSTRAINT workouts_calories_burned_check CHECK (calories_burned BETWEEN 0 AND 100000),
            CONSTRAINT workouts_source_check CHECK (source IN ('Manual', 'Hevy')),
            CONSTRAINT workouts_version_check CHECK (version >= 1)
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX uq_workouts_user_client_uuid_not_null ON workouts (user_id, client_uuid)
        WHERE client_uuid IS NOT NULL
    """)
    op.execute("""
        CREATE UNIQUE INDEX workouts_external_id_key ON workouts (user_id, source, external_id)
        WHERE external_id IS NOT NULL
    """)
    # Includes the columns that statistics need, so that they do not read the tables, where rows of all users mix.
    op.execute("""
        CREATE INDEX workouts_user_time ON workouts (user_id, start_ts DESC)
        INCLUDE (id, workout_type, end_ts, finished_at, calories_burned, deleted_at)
    """)
    protect("workouts", "SELECT, INSERT, UPDATE")

    op.execute("""
        CREATE TABLE workouts_history (
            user_id bigint NOT NULL,
            history_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            workout_id uuid NOT NULL,
            version_number integer NOT NULL,
            change_type text NOT NULL,
            workout_type text NOT NULL,
            title text,
            start_ts timestamptz NOT NULL,
            end_ts timestamptz,
            finished_at timestamptz,
            calories_burned double precision,
            notes text,
            source text NOT NULL,
            exercise_executions json NOT NULL,
            cardio_session json,
            rep_session json,
            changed_at timestamptz NOT NULL DEFAULT now(),
            changed_by text,
            change_reason text,
            changeset_id bigint,
            CONSTRAINT workouts_history_pkey PRIMARY KEY (user_id, history_id),
            CONSTRAINT workouts_history_workout_id_version_number_key UNIQUE (user_id, workout_id, version_number),
            CONSTRAINT workouts_history_workout_id_fkey
                FOREIGN KEY (user_id, workout_id) REFERENCES workouts (user_id, id) ON DELETE CASCADE,
            CONSTRAINT workouts_history_changeset_id_fkey
                FOREIGN KEY (user_id, changeset_id) REFERENCES changesets (user_id, changeset_id),
            CONSTRAINT workouts_history_change_type_check CHECK (change_type IN ('original', 'edit', 'deletion'))
        )
    """)
    op.execute("""
        CREATE INDEX workouts_history_changeset_id_idx ON workouts_history (user_id, changeset_id)
        WHERE changeset_id IS NOT NULL
    """)
    # The changes of a workout in progress form one version, which is updated until the workout is finished.
    protect(
        "workouts_history",
        """
        SELECT, INSERT, UPDATE (
            title, start_ts, end_ts, finished_at, calories_burned, notes, exercise_executions, cardio_session,
            rep_session, changed_at
        )
        """,
    )

    op.execute("""
        CREATE TABLE exercise_executions (
            user_id bigint NOT NULL,
            workout_id uuid NOT NULL,
            exercise_id uuid NOT NULL,
            execution_order integer NOT NULL,
            note text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT exercise_executions_pkey PRIMARY KEY (user_id, workout_id, exercise_id),
            CONSTRAINT exercise_executions_workout_id_fkey
                FOREIGN KEY (user_id, workout_id) REFERENCES workouts (user_id, id) ON DELETE CASCADE,
            CONSTRAINT exercise_executions_exercise_id_fkey
                FOREIGN KEY (user_id, exercise_id) REFERENCES exercises (user_id, id),
            CONSTRAINT exercise_executions_execution_order_check CHECK (execution_order >= 1)
        )
    """)
    op.execute("CREATE INDEX exercise_executions_exercise_id_idx ON exercise_executions (user_id, exercise_id)")
    protect("exercise_executions", "SELECT, INSERT, UPDATE, DELETE")

    op.execute("""
        CREATE TABLE strength_sets (
            user_id bigint NOT NULL,
            id uuid NOT NULL DEFAULT gen_random_uuid(),
            workout_id uuid NOT NULL,
            exercise_id uuid NOT NULL,
            position integer NOT NULL,
            set_index integer NOT NULL,
            set_type text NOT NULL DEFAULT 'normal',
            weight double precision,
            weight_unit text NOT NULL DEFAULT 'lb',
            reps integer,
            forced_reps integer,
            rpe double precision,
            duration_seconds double precision,
            distance_miles double precision,
            superset_id integer,
            note text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT strength_sets_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT strength_sets_set_index_key UNIQUE (user_id, workout_id, exercise_id, set_index)
                INCLUDE (set_type, weight, weight_unit, reps, distance_miles),
            CONSTRAINT strength_sets_exercise_execution_fkey
                FOREIGN KEY (user_id, workout_id, exercise_id)
                REFERENCES exercise_executions (user_id, workout_id, exercise_id) ON DELETE CASCADE,
            CONSTRAINT strength_sets_set_index_check CHECK (set_index >= 0),
            CONSTRAINT strength_sets_set_type_check CHECK (set_type IN ('normal', 'warmup', 'failure', 'dropset')),
            CONSTRAINT strength_sets_weight_check CHECK (weight BETWEEN -5000 AND 5000),
            CONSTRAINT strength_sets_weight_unit_check CHECK (weight_unit IN ('lb', 'kg')),
            CONSTRAINT strength_sets_reps_check CHECK (reps BETWEEN 0 AND 100000),
            CONSTRAINT strength_sets_forced_reps_check CHECK (forced_reps BETWEEN 0 AND 100000),
            CONSTRAINT strength_sets_rpe_check CHECK (rpe BETWEEN 0 AND 10),
            CONSTRAINT strength_sets_duration_seconds_check CHECK (duration_seconds BETWEEN 0 AND 3600000),
            CONSTRAINT strength_sets_distance_miles_check CHECK (distance_miles BETWEEN 0 AND 1000)
        )
    """)
    op.execute("CREATE INDEX strength_sets_workout_order ON strength_sets (user_id, workout_id, set_index)")
    protect("strength_sets", "SELECT, INSERT, UPDATE, DELETE")

    op.execute("""
        CREATE TABLE cardio_sessions (
            user_id bigint NOT NULL,
            id uuid NOT NULL DEFAULT gen_random_uuid(),
            workout_id uuid NOT NULL,
            distance_miles double precision,
            duration_seconds double precision,
            speed_mph double precision,
            incline_percent double precision,
            avg_heart_rate double precision,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT cardio_sessions_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT cardio_sessions_workout_id_key UNIQUE (user_id, workout_id),
            CONSTRAINT cardio_sessions_workout_id_fkey
                FOREIGN KEY (user_id, workout_id) REFERENCES workouts (user_id, id) ON DELETE CASCADE,
            CONSTRAINT cardio_sessions_distance_miles_check CHECK (distance_miles BETWEEN 0 AND 1000),
            CONSTRAINT cardio_sessions_duration_seconds_check CHECK (duration_seconds BETWEEN 0 AND 3600000),
            CONSTRAINT cardio_sessions_speed_mph_check CHECK (speed_mph BETWEEN 0 AND 200),
            CONSTRAINT cardio_sessions_incline_percent_check CHECK (incline_percent BETWEEN -100 AND 100),
            CONSTRAINT cardio_sessions_avg_heart_rate_check CHECK (avg_heart_rate BETWEEN 20 AND 300)
        )
    """)
    protect("cardio_sessions", "SELECT, INSERT, UPDATE, DELETE")

    op.execute("""
        CREATE TABLE rep_sessions (
            user_id bigint NOT NULL,
            id uuid NOT NULL DEFAULT gen_random_uuid(),
            workout_id uuid NOT NULL,
            exercise_type text NOT NULL,
            reps_count integer NOT NULL,
            duration_seconds integer NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT rep_sessions_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT rep_sessions_workout_id_key UNIQUE (user_id, workout_id),
            CONSTRAINT rep_sessions_workout_id_fkey
                FOREIGN KEY (user_id, workout_id) REFERENCES workouts (user_id, id) ON DELETE CASCADE,
            CONSTRAINT rep_sessions_exercise_type_check CHECK (exercise_type IN ('push-up', 'jump-rope')),
            CONSTRAINT rep_sessions_reps_count_check CHECK (reps_count BETWEEN 0 AND 1000000),
            CONSTRAINT rep_sessions_duration_seconds_check CHECK (duration_seconds BETWEEN 0 AND 3600000)
        )
    """)
    protect("rep_sessions", "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.execute("""
        DROP TABLE rep_sessions, cardio_sessions, strength_sets, exercise_executions, workouts_history, workouts
    """)
