"""The catalog of common exercises, and users' own exercises with their history."""

from alembic import op

from migrations.exercise_catalog import EXERCISES
from migrations.tenancy import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE exercise_catalog (
            id uuid NOT NULL,
            name text NOT NULL,
            body_part text NOT NULL,
            modality text NOT NULL,
            CONSTRAINT exercise_catalog_pkey PRIMARY KEY (id),
            CONSTRAINT exercise_catalog_modality_check
                CHECK (modality IN ('BARBELL', 'DUMBBELL', 'CABLE', 'MACHINE', 'BODYWEIGHT'))
        )
    """)
    op.execute("CREATE UNIQUE INDEX exercise_catalog_name_lower_key ON exercise_catalog (lower(name))")
    op.execute("GRANT SELECT ON exercise_catalog TO fitness_app")
    # Ids are made from the names, so they are the same in every database.
    rows = ",\n".join(
        f"('{exercise.id}', '{exercise.name}', '{exercise.body_part}', '{exercise.modality}')" for exercise in EXERCISES
    )
    op.execute(f"INSERT INTO exercise_catalog (id, name, body_part, modality) VALUES {rows}")

    op.execute("""
        CREATE TABLE exercises (
            user_id bigint NOT NULL,
            id uuid NOT NULL DEFAULT gen_random_uuid(),
            catalog_id uuid,
            name text NOT NULL,
            body_part text,
            modality text,
            notes text,
            version integer NOT NULL DEFAULT 1,
            last_edited_at timestamptz,
            last_edited_by text,
            deleted_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT exercises_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT exercises_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT exercises_name_check CHECK (name <> '' AND name = btrim(name)),
            CONSTRAINT exercises_modality_check
                CHECK (modality IN ('BARBELL', 'DUMBBELL', 'CABLE', 'MACHINE', 'BODYWEIGHT')),
            CONSTRAINT exercises_version_check CHECK (version >= 1)
        )
    """)
    op.execute("CREATE UNIQUE INDEX uq_exercises_user_name_lower ON exercises (user_id, lower(name))")
    op.execute("""
        CREATE UNIQUE INDEX exercises_catalog_id_key ON exercises (user_id, catalog_id)
        WHERE catalog_id IS NOT NULL
    """)
    protect("exercises", "SELECT, INSERT, UPDATE")

    op.execute("""
        CREATE TABLE exercises_history (
            user_id bigint NOT NULL,
            history_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            exercise_id uuid NOT NULL,
            version_number integer NOT NULL,
            change_type text NOT NULL,
            name text NOT NULL,
            body_part text,
            modality text,
            notes text,
            changed_at timestamptz NOT NULL DEFAULT now(),
            changed_by text,
            change_reason text,
            changeset_id bigint,
            CONSTRAINT exercises_history_pkey PRIMARY KEY (user_id, history_id),
            CONSTRAINT exercises_history_exercise_id_version_number_key UNIQUE (user_id, exercise_id, version_number),
            CONSTRAINT exercises_history_exercise_id_fkey
                FOREIGN KEY (user_id, exercise_id) REFERENCES exercises (user_id, id) ON DELETE CASCADE,
            CONSTRAINT exercises_history_changeset_id_fkey
                FOREIGN KEY (user_id, changeset_id) REFERENCES changesets (user_id, changeset_id),
            CONSTRAINT exercises_history_change_type_check CHECK (change_type IN ('original', 'edit', 'deletion'))
        )
    """)
    op.execute("""
        CREATE INDEX exercises_history_changeset_id_idx ON exercises_history (user_id, changeset_id)
        WHERE changeset_id IS NOT NULL
    """)
    protect("exercises_history", "SELECT, INSERT")


def downgrade() -> None:
    op.execute("DROP TABLE exercises_history, exercises, exercise_catalog")
