"""One activity from several sources: its certain names, and what each source says of it.

A key has one owner. What a source says has a row per changeset, so that a revert needs nothing else: rows of reverted
changesets do not count.
"""

from alembic import op

from migrations.ranges import INSTANT
from migrations.tenancy import user_table

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

NOUNS = {"run_id": "runs", "workout_id": "workouts"}


def upgrade() -> None:
    op.execute(f"""
        CREATE TABLE activity_keys (
            user_id bigint NOT NULL,
            key text NOT NULL,
            run_id text,
            workout_id uuid,
            changeset_id bigint NOT NULL,
            reason text,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT activity_keys_pkey PRIMARY KEY (user_id, key),
            {_references("activity_keys")},
            CONSTRAINT activity_keys_reason_range CHECK (char_length(reason) <= 1000)
        )
    """)
    op.execute(f"""
        CREATE TABLE activity_sources (
            user_id bigint NOT NULL,
            key text NOT NULL,
            changeset_id bigint NOT NULL,
            run_id text,
            workout_id uuid,
            source text NOT NULL,
            provider_values jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT activity_sources_pkey PRIMARY KEY (user_id, key, changeset_id),
            {_references("activity_sources")},
            CONSTRAINT activity_sources_source_range CHECK (char_length(source) <= 50)
        )
    """)
    for table in ("activity_keys", "activity_sources"):
        for column in NOUNS:
            op.execute(f"CREATE INDEX {table}_{column}_idx ON {table} (user_id, {column}) WHERE {column} IS NOT NULL")
        op.execute(f"CREATE INDEX {table}_changeset_id_idx ON {table} (user_id, changeset_id)")
    user_table("activity_keys", "SELECT, INSERT, UPDATE")
    user_table("activity_sources", "SELECT, INSERT, UPDATE")
    # A run that a person deleted is recognised by its start as well.
    op.execute("CREATE INDEX runs_deleted_idx ON runs (user_id, datetime_utc) WHERE deleted_at IS NOT NULL")
    op.execute("CREATE INDEX workouts_deleted_idx ON workouts (user_id, start_ts) WHERE deleted_at IS NOT NULL")


def _references(table: str) -> str:
    """Return the constraints of a table whose rows belong to a run or a workout, and to a changeset."""
    records = ", ".join(
        f"CONSTRAINT {table}_{column}_fkey FOREIGN KEY (user_id, {column}) REFERENCES {noun} (user_id, id)"
        " ON DELETE CASCADE"
        for column, noun in NOUNS.items()
    )
    return f"""
        CONSTRAINT {table}_record_check CHECK (num_nonnulls(run_id, workout_id) = 1),
        CONSTRAINT {table}_key_range CHECK (char_length(key) BETWEEN 1 AND 300),
        CONSTRAINT {table}_run_id_range CHECK (char_length(run_id) <= 200),
        CONSTRAINT {table}_created_at_range CHECK ({INSTANT.format("created_at")}),
        CONSTRAINT {table}_changeset_id_fkey FOREIGN KEY (user_id, changeset_id)
            REFERENCES changesets (user_id, changeset_id) ON DELETE CASCADE,
        {records}
    """


def downgrade() -> None:
    op.execute("DROP INDEX workouts_deleted_idx")
    op.execute("DROP INDEX runs_deleted_idx")
    op.execute("DROP TABLE activity_sources")
    op.execute("DROP TABLE activity_keys")
