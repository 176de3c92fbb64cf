"""Shoes, runs, their histories, and changesets, which group the changes of an import or revert."""

from alembic import op

from migrations.tenancy import protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE changesets (
            user_id bigint NOT NULL,
            changeset_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            kind text NOT NULL,
            source text,
            actor text,
            reason text,
            counts jsonb NOT NULL DEFAULT '{}',
            reverts bigint,
            reverted_by bigint,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT changesets_pkey PRIMARY KEY (user_id, changeset_id),
            CONSTRAINT changesets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT changesets_reverts_fkey
                FOREIGN KEY (user_id, reverts) REFERENCES changesets (user_id, changeset_id),
            CONSTRAINT changesets_reverted_by_fkey
                FOREIGN KEY (user_id, reverted_by) REFERENCES changesets (user_id, changeset_id),
            CONSTRAINT changesets_kind_check CHECK (kind IN ('import', 'sync', 'bulk_edit', 'revert'))
        )
    """)
    protect("changesets", "SELECT, INSERT, UPDATE, DELETE")

    op.execute("""
        CREATE TABLE shoes (
            user_id bigint NOT NULL,
            id text NOT NULL,
            name text NOT NULL,
            retired_at date,
            notes text,
            retirement_notes text,
            merged_into text,
            version integer NOT NULL DEFAULT 1,
            last_edited_at timestamptz,
            last_edited_by text,
            deleted_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT shoes_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT shoes_user_id_name_key UNIQUE (user_id, name),
            CONSTRAINT shoes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT shoes_merged_into_fkey FOREIGN KEY (user_id, merged_into) REFERENCES shoes (user_id, id),
            CONSTRAINT shoes_name_check CHECK (name <> ''),
            CONSTRAINT shoes_version_check CHECK (version >= 1)
        )
    """)
    protect("shoes", "SELECT, INSERT, UPDATE")

    op.execute("""
        CREATE TABLE shoes_history (
            user_id bigint NOT NULL,
            history_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            shoe_id text NOT NULL,
            version_number integer NOT NULL,
            change_type text NOT NULL,
            name text NOT NULL,
            retired_at date,
            notes text,
            retirement_notes text,
            merged_into text,
            changed_at timestamptz NOT NULL DEFAULT now(),
            changed_by text,
            change_reason text,
            changeset_id bigint,
            CONSTRAINT shoes_history_pkey PRIMARY KEY (user_id, history_id),
            CONSTRAINT shoes_history_shoe_id_version_number_key UNIQUE (user_id, shoe_id, version_number),
            CONSTRAINT shoes_history_shoe_id_fkey
                FOREIGN KEY (user_id, shoe_id) REFERENCES shoes (user_id, id) ON DELETE CASCADE,
            CONSTRAINT shoes_history_changeset_id_fkey
                FOREIGN KEY (user_id, changeset_id) REFERENCES changesets (user_id, changeset_id),
            CONSTRAINT shoes_history_change_type_check CHECK (change_type IN ('original', 'edit', 'deletion'))
        )
    """)
    op.execute("""
        CREATE INDEX shoes_history_changeset_id_idx ON shoes_history (user_id, changeset_id)
        WHERE changeset_id IS NOT NULL
    """)
    # History is append-only, so the role of requests cannot change or delete it.
    protect("shoes_history", "SELECT, INSERT")

    op.execute("""
        CREATE TABLE runs (
            user_id bigint NOT NULL,
            id text NOT NULL,
            datetime_utc timestamptz NOT NULL,
            type text NOT NULL,
            distance double precision NOT NULL,
            duration double precision NOT NULL,
            source text NOT NULL,
            avg_heart_rate double precision,
            shoe_id text,
            name text,
            notes text,
            client_uuid uuid,
            provider_values jsonb,
            version integer NOT NULL DEFAULT 1,
            last_edited_at timestamptz,
            last_edited_by text,
            deleted_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT runs_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT runs_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT runs_shoe_id_fkey FOREIGN KEY (user_id, shoe_id) REFERENCES shoes (user_id, id),
            CONSTRAINT runs_type_check CHECK (type IN ('Outdoor Run', 'Treadmill Run')),
            CONSTRAINT runs_source_check CHECK (source IN ('MapMyFitness', 'Strava', 'Manual')),
            CONSTRAINT runs_distance_check CHECK (distance BETWEEN 0 AND 1000),
            CONSTRAINT runs_duration_check CHECK (duration BETWEEN 0 AND 3600000),
            CONSTRAINT runs_avg_heart_rate_check CHECK (avg_heart_rate BETWEEN 20 AND 300),
            CONSTRAINT runs_version_check CHECK (version >= 1)
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX runs_user_id_client_uuid_key ON runs (user_id, client_uuid)
        WHERE client_uuid IS NOT NULL
    """)
    # Without the id at its end, although lists sort by it too: without statistics for a new user, the planner could
    # prefer this index over the primary key to look up a run, and read all the user's entries.
    op.execute("CREATE INDEX runs_datetime_utc_idx ON runs (user_id, datetime_utc)")
    op.execute("CREATE INDEX runs_shoe_id_idx ON runs (user_id, shoe_id) WHERE shoe_id IS NOT NULL")
    protect("runs", "SELECT, INSERT, UPDATE")

    op.execute("""
        CREATE TABLE runs_history (
            user_id bigint NOT NULL,
            history_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            run_id text NOT NULL,
            version_number integer NOT NULL,
            change_type text NOT NULL,
            datetime_utc timestamptz NOT NULL,
            type text NOT NULL,
            distance double precision NOT NULL,
            duration double precision NOT NULL,
            source text NOT NULL,
            avg_heart_rate double precision,
            shoe_id text,
            name text,
            notes text,
            changed_at timestamptz NOT NULL DEFAULT now(),
            changed_by text,
            change_reason text,
            changeset_id bigint,
            CONSTRAINT runs_history_pkey PRIMARY KEY (user_id, history_id),
            CONSTRAINT runs_history_run_id_version_number_key UNIQUE (user_id, run_id, version_number),
            CONSTRAINT runs_history_run_id_fkey
                FOREIGN KEY (user_id, run_id) REFERENCES runs (user_id, id) ON DELETE CASCADE,
            CONSTRAINT runs_history_changeset_id_fkey
                FOREIGN KEY (user_id, changeset_id) REFERENCES changesets (user_id, changeset_id),
            CONSTRAINT runs_history_change_type_check CHECK (change_type IN ('original', 'edit', 'deletion'))
        )
    """)
    op.execute("""
        CREATE INDEX runs_history_changeset_id_idx ON runs_history (user_id, changeset_id)
        WHERE changeset_id IS NOT NULL
    """)
    protect("runs_history", "SELECT, INSERT")


def downgrade() -> None:
    op.execute("DROP TABLE runs_history, runs, shoes_history, shoes, changesets")
