"""Sources that a person has taken out of a record, which have one of their own then; and what else grew with it.

A separation says which source of which record is in which other record. A key says which source has brought it, once
several have joined. Workouts of which their provider has no points are not asked for again. Of remembered answers it is
known when each was used last.
"""

from alembic import op

from migrations.ranges import INSTANT
from migrations.tenancy import user_table

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

KINDS = "'import', 'sync', 'bulk_edit', 'merge', 'revert', 'rewind'"
NOUNS = {"run_id": "runs", "workout_id": "workouts"}
RECORDS = {column: noun for name, noun in NOUNS.items() for column in (name, f"new_{name}")}


def upgrade() -> None:
    _limit_kinds(f"{KINDS}, 'separation'")
    op.execute("ALTER TABLE activity_keys ADD COLUMN source_key text")
    op.execute("""
        ALTER TABLE activity_keys
        ADD CONSTRAINT activity_keys_source_key_range CHECK (char_length(source_key) BETWEEN 1 AND 300)
    """)
    _assign_keys()
    references = ", ".join(
        f"CONSTRAINT separations_{column}_fkey FOREIGN KEY (user_id, {column}) REFERENCES {noun} (user_id, id)"
        " ON DELETE CASCADE"
        for column, noun in RECORDS.items()
    )
    op.execute(f"""
        CREATE TABLE separations (
            user_id bigint NOT NULL,
            changeset_id bigint NOT NULL,
            key text NOT NULL,
            run_id text,
            workout_id uuid,
            new_run_id text,
            new_workout_id uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT separations_pkey PRIMARY KEY (user_id, changeset_id, key),
            CONSTRAINT separations_changeset_id_fkey FOREIGN KEY (user_id, changeset_id)
                REFERENCES changesets (user_id, changeset_id) ON DELETE CASCADE,
            {references},
            CONSTRAINT separations_record_check CHECK (
                num_nonnulls(run_id, new_run_id) IN (0, 2) AND num_nonnulls(workout_id, new_workout_id) IN (0, 2)
                AND num_nonnulls(run_id, workout_id) = 1
            ),
            CONSTRAINT separations_key_range CHECK (char_length(key) BETWEEN 1 AND 300),
            CONSTRAINT separations_run_id_range CHECK (char_length(run_id) <= 200),
            CONSTRAINT separations_new_run_id_range CHECK (char_length(new_run_id) <= 200),
            CONSTRAINT separations_created_at_range CHECK ({INSTANT.format("created_at")})
        )
    """)
    user_table("separations", "SELECT, INSERT")
    op.execute(f"""
        CREATE TABLE workouts_without_points (
            user_id bigint NOT NULL,
            workout_id uuid NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT workouts_without_points_pkey PRIMARY KEY (user_id, workout_id),
            CONSTRAINT workouts_without_points_workout_id_fkey
                FOREIGN KEY (user_id, workout_id) REFERENCES workouts (user_id, id) ON DELETE CASCADE,
            CONSTRAINT workouts_without_points_created_at_range CHECK ({INSTANT.format("created_at")})
        )
    """)
    user_table("workouts_without_points", "SELECT, INSERT, DELETE")
    op.execute("ALTER TABLE import_answers ADD COLUMN used jsonb NOT NULL DEFAULT '{}'")


def _limit_kinds(kinds: str) -> None:
    op.execute("ALTER TABLE changesets DROP CONSTRAINT changesets_kind_check")
    op.execute(f"ALTER TABLE changesets ADD CONSTRAINT changesets_kind_check CHECK (kind IN ({kinds}))")


def _assign_keys() -> None:
    """Store which source has brought the keys of records that several have, where only one can have done so."""
    for column in NOUNS:
        op.execute(f"""
            UPDATE activity_keys AS k
            SET source_key = one.key
            FROM (
                SELECT user_id, changeset_id, {column}, min(key) AS key
                FROM activity_sources
                WHERE {column} IS NOT NULL
                GROUP BY user_id, changeset_id, {column}
                HAVING count(*) = 1
            ) AS one
            WHERE one.user_id = k.user_id
              AND one.changeset_id = k.changeset_id
              AND one.{column} = k.{column}
        """)


def downgrade() -> None:
    op.execute("ALTER TABLE import_answers DROP COLUMN used")
    op.execute("DROP TABLE workouts_without_points")
    op.execute("DROP TABLE separations")
    op.execute("ALTER TABLE activity_keys DROP COLUMN source_key")
    # Their records stay apart: to a version before, they are two records that were imported.
    op.execute("UPDATE changesets SET kind = 'bulk_edit' WHERE kind = 'separation'")
    _limit_kinds(KINDS)
