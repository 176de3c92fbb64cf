"""Planned workouts, their history, selections, and links to what was done."""

from alembic import op

from migrations.tenancy import protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE planned_workouts (
            user_id bigint NOT NULL,
            id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            title text NOT NULL,
            workout_type text NOT NULL,
            description text,
            originally_planned_day date NOT NULL,
            planned_duration_hours double precision,
            planned_distance_meters double precision,
            coach_comments text,
            tss double precision,
            intensity_factor double precision,
            is_custom boolean NOT NULL DEFAULT true,
            external_id text,
            provider_values jsonb,
            conflicts jsonb,
            client_uuid uuid,
            version integer NOT NULL DEFAULT 1,
            last_edited_at timestamptz,
            last_edited_by text,
            deleted_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT planned_workouts_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT planned_workouts_user_id_fkey
                FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT planned_workouts_title_check CHECK (title <> ''),
            CONSTRAINT planned_workouts_workout_type_check CHECK (workout_type <> ''),
            CONSTRAINT planned_workouts_planned_duration_hours_check CHECK (planned_duration_hours BETWEEN 0 AND 1000),
            CONSTRAINT planned_workouts_planned_distance_meters_check
                CHECK (planned_distance_meters BETWEEN 0 AND 1609344),
            CONSTRAINT planned_workouts_tss_check CHECK (tss BETWEEN 0 AND 10000),
            CONSTRAINT planned_workouts_intensity_factor_check CHECK (intensity_factor BETWEEN 0 AND 10),
            CONSTRAINT planned_workouts_version_check CHECK (version >= 1)
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX planned_workouts_external_id_key ON planned_workouts (user_id, external_id)
        WHERE external_id IS NOT NULL
    """)
    op.execute("""
        CREATE UNIQUE INDEX planned_workouts_client_uuid_key ON planned_workouts (user_id, client_uuid)
        WHERE client_uuid IS NOT NULL
    """)
    op.execute("""
        CREATE INDEX planned_workouts_originally_planned_day_idx ON planned_workouts (user_id, originally_planned_day)
    """)
    protect("planned_workouts", "SELECT, INSERT, UPDATE")

    op.execute("""
        CREATE TABLE planned_workouts_history (
            user_id bigint NOT NULL,
            history_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            planned_workout_id bigint NOT NULL,
            version_number integer NOT NULL,
            change_type text NOT NULL,
            title text NOT NULL,
            workout_type text NOT NULL,
            description text,
            originally_planned_day date NOT NULL,
            planned_duration_hours double precision,
            planned_distance_meters double precision,
            coach_comments text,
            tss double precision,
            intensity_factor double precision,
            is_custom boolean NOT NULL,
            changed_at timestamptz NOT NULL DEFAULT now(),
            changed_by text,
            change_reason text,
            changeset_id bigint,
            CONSTRAINT planned_workouts_history_pkey PRIMARY KEY (user_id, history_id),
            CONSTRAINT planned_workouts_history_planned_workout_id_version_number_key
                UNIQUE (user_id, planned_workout_id, version_number),
            CONSTRAINT planned_workouts_history_planned_workout_id_fkey
                FOREIGN KEY (user_id, planned_workout_id) REFERENCES planned_workouts (user_id, id) ON DELETE CASCADE,
            CONSTRAINT planned_workouts_history_changeset_id_fkey
                FOREIGN KEY (user_id, changeset_id) REFERENCES changesets (user_id, changeset_id),
            CONSTRAINT planned_workouts_history_change_type_check
                CHECK (change_type IN ('original', 'edit', 'deletion'))
        )
    """)
    op.execute("""
        CREATE INDEX planned_workouts_history_changeset_id_idx ON planned_workouts_history (user_id, changeset_id)
        WHERE changeset_id IS NOT NULL
    """)
    protect("planned_workouts_history", "SELECT, INSERT")

    # The next migration allows only one row per planned workout, once there are no duplicates.
    op.execute("""
        CREATE TABLE workout_selections (
            user_id bigint NOT NULL,
            id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            workout_id bigint NOT NULL,
            is_selected boolean NOT NULL DEFAULT true,
            current_plan_day date,
            time_of_day text,
            workout_location text,
            user_notes text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT workout_selections_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT workout_selections_workout_id_fkey
                FOREIGN KEY (user_id, workout_id) REFERENCES planned_workouts (user_id, id) ON DELETE CASCADE
        )
    """)
    protect("workout_selections", "SELECT, INSERT, UPDATE, DELETE")

    op.execute("""
        CREATE TABLE plan_links (
            user_id bigint NOT NULL,
            planned_workout_id bigint NOT NULL,
            run_id text,
            workout_id uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT plan_links_pkey PRIMARY KEY (user_id, planned_workout_id),
            CONSTRAINT plan_links_run_id_key UNIQUE (user_id, run_id),
            CONSTRAINT plan_links_workout_id_key UNIQUE (user_id, workout_id),
            CONSTRAINT plan_links_planned_workout_id_fkey
                FOREIGN KEY (user_id, planned_workout_id) REFERENCES planned_workouts (user_id, id) ON DELETE CASCADE,
            CONSTRAINT plan_links_run_id_fkey
                FOREIGN KEY (user_id, run_id) REFERENCES runs (user_id, id) ON DELETE CASCADE,
            CONSTRAINT plan_links_workout_id_fkey
                FOREIGN KEY (user_id, workout_id) REFERENCES workouts (user_id, id) ON DELETE CASCADE,
            CONSTRAINT plan_links_done_check CHECK (num_nonnulls(run_id, workout_id) = 1)
        )
    """)
    protect("plan_links", "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.execute("DROP TABLE plan_links, workout_selections, planned_workouts_history, planned_workouts")
