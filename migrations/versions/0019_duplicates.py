"""Workouts and planned workouts that are marked as duplicates, or as different ones, as runs are."""

from alembic import op

from migrations.tenancy import protect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_NOUNS = (("workouts", "workout_id", "uuid"), ("planned_workouts", "planned_workout_id", "bigint"))


def upgrade() -> None:
    for table, key, id_type in _NOUNS:
        op.execute(f"""
            ALTER TABLE {table}
            ADD COLUMN duplicate_of {id_type},
            ADD CONSTRAINT {table}_duplicate_of_fkey
                FOREIGN KEY (user_id, duplicate_of) REFERENCES {table} (user_id, id),
            ADD CONSTRAINT {table}_duplicate_of_check CHECK (duplicate_of <> id)
        """)
        op.execute(f"""
            CREATE INDEX {table}_duplicate_of_idx ON {table} (user_id, duplicate_of) WHERE duplicate_of IS NOT NULL
        """)
        op.execute(f"ALTER TABLE {table}_history ADD COLUMN duplicate_of {id_type}")
        op.execute(f"""
            CREATE TABLE distinct_{table} (
                user_id bigint NOT NULL,
                {key} {id_type} NOT NULL,
                other_{key} {id_type} NOT NULL,
                created_at timestamptz NOT NULL DEFAULT now(),
                CONSTRAINT distinct_{table}_pkey PRIMARY KEY (user_id, {key}, other_{key}),
                CONSTRAINT distinct_{table}_{key}_fkey
                    FOREIGN KEY (user_id, {key}) REFERENCES {table} (user_id, id) ON DELETE CASCADE,
                CONSTRAINT distinct_{table}_other_{key}_fkey
                    FOREIGN KEY (user_id, other_{key}) REFERENCES {table} (user_id, id) ON DELETE CASCADE,
                CONSTRAINT distinct_{table}_order_check CHECK ({key} < other_{key})
            )
        """)
        protect(f"distinct_{table}", "SELECT, INSERT, DELETE")
    # Edits of a live workout replace the values of its newest version.
    op.execute("GRANT UPDATE (duplicate_of) ON workouts_history TO fitness_app")


def downgrade() -> None:
    for table, _, _ in reversed(_NOUNS):
        op.execute(f"DROP TABLE distinct_{table}")
        op.execute(f"ALTER TABLE {table}_history DROP COLUMN duplicate_of")
        op.execute(f"ALTER TABLE {table} DROP COLUMN duplicate_of")
