"""What reverts need: the kinds `merge` and `rewind`, what a revert kept, the base of merges, and bookmarks.

`reverted_by` becomes the newest revert that stands: a revert that is itself reverted does not count.
"""

from alembic import op

from migrations.tenancy import protect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MERGED = {
    "runs": ("run_id", "text"),
    "workouts": ("workout_id", "uuid"),
    "planned_workouts": ("planned_workout_id", "bigint"),
}


def upgrade() -> None:
    op.execute("ALTER TABLE changesets DROP CONSTRAINT changesets_kind_check")
    op.execute("""
        ALTER TABLE changesets
        ADD COLUMN kept jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN synced_before timestamptz,
        ADD COLUMN back_to timestamptz,
        ADD CONSTRAINT changesets_kind_check
            CHECK (kind IN ('import', 'sync', 'bulk_edit', 'merge', 'revert', 'rewind'))
    """)
    op.execute("CREATE INDEX changesets_rewinds_idx ON changesets (user_id, created_at) WHERE kind = 'rewind'")
    op.execute("CREATE INDEX changesets_reverts_idx ON changesets (user_id, reverts) WHERE reverts IS NOT NULL")
    # Until now, a merge of shoes was the only bulk edit.
    op.execute("UPDATE changesets SET kind = 'merge' WHERE kind = 'bulk_edit'")
    op.execute("""
        DO $$
        DECLARE
            one record;
        BEGIN
            FOR one IN
                SELECT user_id, changeset_id FROM changesets WHERE reverted_by IS NOT NULL ORDER BY changeset_id DESC
            LOOP
                UPDATE changesets AS c
                SET reverted_by = (
                    SELECT max(r.changeset_id)
                    FROM changesets AS r
                    WHERE r.user_id = one.user_id AND r.reverts = one.changeset_id AND r.reverted_by IS NULL
                )
                WHERE c.user_id = one.user_id AND c.changeset_id = one.changeset_id;
            END LOOP;
        END
        $$
    """)
    for noun, (key, key_type) in MERGED.items():
        op.execute(f"""
            CREATE TABLE {noun}_merges (
                user_id bigint NOT NULL,
                changeset_id bigint NOT NULL,
                {key} {key_type} NOT NULL,
                fields text[] NOT NULL,
                values_before jsonb NOT NULL,
                values_after jsonb NOT NULL DEFAULT '{{}}',
                conflicts_before jsonb NOT NULL,
                conflicts_after jsonb NOT NULL DEFAULT '{{}}',
                created_at timestamptz NOT NULL DEFAULT now(),
                CONSTRAINT {noun}_merges_pkey PRIMARY KEY (user_id, changeset_id, {key}),
                CONSTRAINT {noun}_merges_changeset_id_fkey
                    FOREIGN KEY (user_id, changeset_id) REFERENCES changesets (user_id, changeset_id) ON DELETE CASCADE,
                CONSTRAINT {noun}_merges_{key}_fkey
                    FOREIGN KEY (user_id, {key}) REFERENCES {noun} (user_id, id) ON DELETE CASCADE
            )
        """)
        protect(f"{noun}_merges", "SELECT, INSERT, UPDATE, DELETE")
    op.execute("""
        CREATE TABLE bookmarks (
            user_id bigint NOT NULL,
            id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            name text NOT NULL,
            instant timestamptz NOT NULL DEFAULT now(),
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT bookmarks_pkey PRIMARY KEY (user_id, id),
            CONSTRAINT bookmarks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT bookmarks_user_id_name_key UNIQUE (user_id, name),
            CONSTRAINT bookmarks_name_check CHECK (name <> '')
        )
    """)
    protect("bookmarks", "SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.execute("DROP TABLE bookmarks")
    for noun in reversed(MERGED):
        op.execute(f"DROP TABLE {noun}_merges")
    op.execute("DROP INDEX changesets_reverts_idx")
    op.execute("DROP INDEX changesets_rewinds_idx")
    op.execute("ALTER TABLE changesets DROP CONSTRAINT changesets_kind_check")
    op.execute("UPDATE changesets SET kind = 'bulk_edit' WHERE kind IN ('merge', 'rewind')")
    op.execute("""
        ALTER TABLE changesets
        DROP COLUMN kept,
        DROP COLUMN synced_before,
        DROP COLUMN back_to,
        ADD CONSTRAINT changesets_kind_check CHECK (kind IN ('import', 'sync', 'bulk_edit', 'revert'))
    """)
